"""One combination of a scenario's params, compiled: what it takes to search and to judge it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from attrs import define, field, frozen

from mmscn.check.values import Value
from mmscn.lower.compiled import Compiled, Reduced
from mmscn.runtime.bytecode import Program
from mmscn.runtime.result import Limits
from mmscn.source import Span


@frozen(kw_only=True)
class Expectation:
    """An `expect` that applies. text: as it is written. violated: the names it announces."""

    text: str
    violated: tuple[str, ...]
    at: str | None


@frozen(kw_only=True)
class Asked:
    """One thing that is judged: name, kind and span as in `check.core.CheckInfo`."""

    name: str
    kind: str
    span: Span | None


@frozen(kw_only=True)
class Bounds:
    """What a verdict holds under.

    repeats: the counts of the scenario's own `repeat` loops. knobs: those that
    differ from their defaults and are no params.
    """

    cpus: int
    threads: int
    frames: int
    pages: int
    repeats: tuple[int, ...]
    knobs: tuple[tuple[str, Value], ...]
    limits: Limits = Limits()  # noqa: RUF009 (frozen)


@frozen(kw_only=True)
class Facts:
    """What a verdict needs: plain data, without the text's tree.

    program: every step of its own. checks: for each check of the program, its
    index in `asked`.
    """

    params: tuple[tuple[str, Value], ...]
    expects: tuple[Expectation, ...]
    asked: tuple[Asked, ...]
    checks: tuple[int, ...]
    bounds: Bounds
    program: Program


@define(frozen=True, slots=False, kw_only=True, eq=False)
class Case:
    """The facts; and, made when they are first asked for, what only a large search needs
    (`reduction`) and what only a drawing needs (`compiled`, the way back to the text)."""

    facts: Facts
    reducer: Callable[[], Reduced] = field(repr=False)
    compiler: Callable[[], Compiled] = field(repr=False)

    @property
    def program(self) -> Program:
        return self.facts.program

    @cached_property
    def reduction(self) -> Reduced:
        return self.reducer()

    @cached_property
    def compiled(self) -> Compiled:
        return self.compiler()
