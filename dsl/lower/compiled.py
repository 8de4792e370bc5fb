"""A compiled scenario: what the executors need, and the way back to the text."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mmscn.check.values import Domain, Value
from mmscn.runtime.bytecode import FieldId, Program

if TYPE_CHECKING:
    from mmscn.check.core import Checked


class Place(NamedTuple):
    """A cell of the state: `family[indices]`, a local, or a program counter.

    family: the key in `Checked.families`; None for a local or program counter.
    name: of a local. field: where it is kept, None where it has only the value
    `constant` in every reachable state. domain: the value of each number; for
    versions, and where a number has no entry, the number itself.
    """

    family: str | None
    indices: tuple[Value, ...]
    name: str
    thread: int | None
    field: FieldId | None
    domain: Domain
    version: bool
    constant: Value = None

    def value(self, number: int) -> Value:
        return number if self.version or number >= len(self.domain) else self.domain[number]


class Line(NamedTuple):
    """What a rule is to the author: an entry of the line table, by `Rule.origin`.

    thread: which thread took the step, None for hardware. agent: its index in
    `Checked.agents`, None for a thread. cpu: the column, None for a device.
    origins: indices into `Checked.origins`, of everything the step ran, in
    order; the first is the statement that the step is known by.
    """

    thread: int | None
    agent: int | None
    cpu: int | None
    origins: tuple[int, ...]


class Reduced(NamedTuple):
    """program: what is searched; its rules have `parts`. places: as in `Compiled`.

    notes: what the reductions did, for the report (`holds for any number of stores`).
    refused: which threads of one declaration are not interchangeable, and by which rule.
    skipped: reductions that took more than their part of a time or memory.
    """

    program: Program
    places: tuple[Place, ...]
    notes: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class Known(NamedTuple):
    """Of `Compiled`, what follows from the content of what was checked, but for reductions."""

    program: Program
    places: tuple[Place, ...]
    lines: tuple[Line, ...]
    checks: tuple[int, ...]


class Compiled:
    """program: every step of its own. reduced: what is searched; its rules have `parts`.

    checks: for each check of the programs, its index in `Checked.checks`.
    kept_as: the name of what is kept of it between runs, None where nothing is.
    notes: of the reductions. The reduced program is made when it is first asked for;
    reduce: None where it is not to be had from here. light, lighten: the same with those reductions
    alone that take little time. uncounted: a program with the same
    checks that does more, or None (`passes.counters`); uncount: None where there is none.
    """

    def __init__(
        self,
        *,
        checked: "Checked",
        program: Program,
        places: tuple[Place, ...],
        lines: tuple[Line, ...],
        checks: tuple[int, ...],
        reduce: Callable[[], Reduced] | None,
        uncount: Callable[[], Reduced | None] | None,
        lighten: Callable[[], Reduced] | None = None,
        kept_as: str | None = None,
    ) -> None:
        self.checked = checked
        self.program = program
        self.places = places
        self.lines = lines
        self.checks = checks
        self.reduce = reduce
        self.uncount = uncount
        self.lighten = lighten
        self.kept_as = kept_as

    @cached_property
    def reduction(self) -> Reduced:
        assert self.reduce is not None
        return self.reduce()

    @cached_property
    def light(self) -> Reduced:
        assert self.lighten is not None
        return self.lighten()

    @cached_property
    def uncounted(self) -> Reduced | None:
        return self.uncount() if self.uncount is not None else None

    @property
    def reduced(self) -> Program:
        return self.reduction.program

    @property
    def notes(self) -> tuple[str, ...]:
        return self.reduction.notes

    @property
    def reduced_places(self) -> tuple[Place, ...]:
        """As `places`, for the reduced program."""
        return self.reduction.places
