"""Whether an access went through an entry that the machine's `stale` calls so."""

from __future__ import annotations

from collections.abc import Iterable, Set

from mmscn.check import core
from mmscn.check.core import CachedEntry, Checked
from mmscn.check.values import Elem, Value
from mmscn.lower.retrace import CellKey, Moment, Retracer

MEMORY = "frame"
"""Whose state an access is to: that of a page frame."""


def remark(
    again: Retracer, before: Moment, reads: Set[CellKey], writes: Set[CellKey]
) -> str | None:
    """`through the stale TLB0 entry`. before: the step that reads and writes these."""
    checked = again.checked

    def memory(keys: Iterable[CellKey]) -> bool:
        return any(checked.families[family].sort == MEMORY for family, _ in keys)

    both = reads | writes
    if not memory(both):
        return None
    store = memory(writes)
    for entry in checked.entries:
        through = not reads.isdisjoint(keys(entry.cells))
        walked = not both.isdisjoint(keys(entry.source))
        if through and not walked and again.value(before, entry.store if store else entry.load):
            return f"through the stale {name(checked, entry)} entry"
    return None


def keys(cells: Iterable[core.Cell]) -> Iterable[CellKey]:
    """The keys of cells with fixed indices."""
    return ((cell.family, index(cell)) for cell in cells)


def index(cell: core.Cell) -> tuple[Value, ...]:
    return tuple(i.value for i in cell.index if isinstance(i, core.Const))


def name(checked: Checked, entry: CachedEntry) -> str:
    """What an entry is called: as the array is, with the number of a CPU that it belongs to."""
    first = entry.cells[0]
    family = checked.families[first.family]
    word = family.text or family.name.partition(".")[0]
    owner = next(iter(index(first)), None)
    of_cpu = isinstance(owner, Elem) and owner.sort == "cpu"
    return f"{word}{owner.number}" if isinstance(owner, Elem) and of_cpu else word
