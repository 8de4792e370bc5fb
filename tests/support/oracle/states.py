"""What the oracle walks: states, the run that a step is of one, and where threads stand in it."""

from __future__ import annotations

from typing import TypeAlias

from attrs import define

from mmscn.check import core
from mmscn.check.values import Value

Place: TypeAlias = tuple[tuple[core.Block, int], ...]
"""Where a thread stands: (block, next statement) from the outermost in; () is the end."""
Key: TypeAlias = tuple[str, tuple[Value, ...]]
"""A cell: family and index."""
State: TypeAlias = tuple[tuple[Value, ...], tuple[Value, ...], tuple[Place, ...]]
"""The values of the cells and of the locals, and the places of the threads."""

END: Place = ()
WAITING: Place = ((core.Block(statements=()), -1),)
"""Not begun: the way to the first step is gone together with that step."""

SILENT_MAX = 5_000


class Unbounded(Exception):
    """There are more states than was allowed, or a loop does not come to a step."""


class ModelError(Exception):
    """`none` has no state, or a value is outside its target's domain."""


@define
class Run:
    """A state that a step is changing. breaks, covers: checks, by the way so far.

    versions: how many the step has made.
    """

    cells: dict[Key, Value]
    locals: dict[int, Value]
    places: list[Place]
    breaks: frozenset[int] = frozenset()
    covers: frozenset[int] = frozenset()
    halted: bool = False
    versions: int = 0

    def copy(self) -> Run:
        state = dict(self.cells), dict(self.locals), list(self.places)
        return Run(*state, self.breaks, self.covers, self.halted, self.versions)


def advance(run: Run, n: int) -> None:
    block, i = run.places[n][-1]
    run.places[n] = (*run.places[n][:-1], (block, i + 1))


def enter(run: Run, n: int, block: core.Block) -> None:
    """Go into a block that belongs to the statement that the thread stands before."""
    advance(run, n)
    run.places[n] = (*run.places[n], (block, 0))


def jump(run: Run, n: int, label: int) -> None:
    """To a label of the innermost block around that has it."""
    place = run.places[n]
    while place:
        block, _ = place[-1]
        for i, s in enumerate(block.statements):
            if isinstance(s, core.Label) and s.number == label:
                run.places[n] = (*place[:-1], (block, i + 1))
                return
        place = place[:-1]
    raise AssertionError(f"no label {label} around the goto")
