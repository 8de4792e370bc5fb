"""One combination of a scenario's params, compiled: what it takes to search and to judge it."""

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from mmscn.check.values import Value
from mmscn.lower.compiled import Compiled, Reduced
from mmscn.runtime.bytecode import LIVENESS, CheckId, Program
from mmscn.runtime.result import Lasso, Limits
from mmscn.source import Span


class Expectation(NamedTuple):
    """An `expect` that applies.

    text: as it is written. violated, vacuous: the names it announces. by: the token of an
    execution that violates them. unasked: it announces that nothing is asked.
    """

    text: str
    violated: tuple[str, ...] = ()
    at: str | None = None
    by: str | None = None
    vacuous: tuple[str, ...] = ()
    unasked: bool = False


class Asked(NamedTuple):
    """One thing that is judged: name, kind, span and text as in `check.core.CheckInfo`.

    own: the author asks for it, in the scenario or a module that is not shipped. lists: the final
    values of something are wanted.
    """

    name: str
    kind: str
    span: Span | None
    own: bool
    lists: bool = False
    text: str | None = None


class Bounds(NamedTuple):
    """What a verdict holds under.

    repeats: the counts of the scenario's own `repeat` loops. knobs: those that
    the scenario states and that are no params. model: where the model of the machine ends.
    """

    cpus: int
    threads: int
    frames: int
    pages: int
    repeats: tuple[int, ...]
    knobs: tuple[tuple[str, Value], ...]
    limits: Limits = Limits()
    model: tuple[str, ...] = ()


class CaseFacts(NamedTuple):
    """What a verdict needs: plain data, without the text's tree.

    knobs: all of them, params among them.
    program: every step of its own. checks: for each check of the program, its
    index in `asked`. counts: whether the text has what looks like a counter (`passes.counters`).
    locks: the kinds that threads wait for, and whether who waits gets them.
    """

    params: tuple[tuple[str, Value], ...]
    knobs: tuple[tuple[str, Value], ...]
    expects: tuple[Expectation, ...]
    asked: tuple[Asked, ...]
    checks: tuple[int, ...]
    bounds: Bounds
    program: Program
    counts: bool
    locks: tuple[tuple[str, bool], ...] = ()


class Ends(NamedTuple):
    """Whether the light program ends within `Executor.beside` states, once that is known.

    get: None where it is not. put: keeps it.
    """

    get: Callable[[], tuple[bool] | None]
    put: Callable[[tuple[bool]], None]


UNKNOWN = Ends(lambda: None, lambda _: None)


class Told(NamedTuple):
    """Texts that were made from traces of a case, by all that they depend on besides the case.

    get: None where one is not known. put: keeps it.
    """

    get: Callable[[str], str | None]
    put: Callable[[str, str], None]


NOTHING_TOLD = Told(lambda _: None, lambda _, __: None)


def asks(program: Program) -> bool:
    """Whether something is asked about executions that go on for ever."""
    return any(check.kind in LIVENESS for check in program.checks)


class Case:
    """The facts; and, made when they are first asked for, what only a large search needs
    (`reduction`, `light`, `uncounted`) and what only a drawing needs (`compiled`, the way back to
    the text). light: with those reductions alone that take little time. forget: lets go of what
    the latter is made of.
    """

    def __init__(
        self,
        *,
        facts: CaseFacts,
        reducer: Callable[[], Reduced],
        uncounter: Callable[[], Reduced | None],
        compiler: Callable[[], Compiled],
        lighter: Callable[[], Reduced],
        ends: Ends = UNKNOWN,
        told: Told = NOTHING_TOLD,
        forget: Callable[[], None] = lambda: None,
    ) -> None:
        self.facts = facts
        self.reducer = reducer
        self.uncounter = uncounter
        self.compiler = compiler
        self.lighter = lighter
        self.ends = ends
        self.told = told
        self.forget = forget
        self.lassos: dict[CheckId, Lasso] = {}
        """Of the checks that are broken for ever, when that was searched (`forever`)."""

    @property
    def program(self) -> Program:
        return self.facts.program

    @cached_property
    def reduction(self) -> Reduced:
        return self.reducer()

    @cached_property
    def light(self) -> Reduced:
        return self.lighter()

    @property
    def reduced(self) -> Reduced | None:
        """The reduced program that has answered; None where none has."""
        return self.__dict__.get("light") or self.__dict__.get("reduction")

    @property
    def refused(self) -> tuple[str, ...]:
        """Which threads of one declaration are not interchangeable, if a search has asked."""
        return self.reduced.refused if self.reduced else ()

    @cached_property
    def uncounted(self) -> Reduced | None:
        """The program without counters; None where there are none, or they are to count."""
        return self.uncounter() if self.facts.counts else None

    @cached_property
    def compiled(self) -> Compiled:
        return self.compiler()

    def let_go(self) -> None:
        """What only a drawing needs goes; it is made again where it is asked for."""
        self.__dict__.pop("compiled", None)
        self.forget()
