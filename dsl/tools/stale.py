"""Whether an access went through a TLB entry that the page table does not grant."""

from __future__ import annotations

from collections.abc import Set

from mmscn.check.values import Value
from mmscn.lower.retrace import CellKey, Cells

TLB, PTE = "cpu.tlb", "va.pte"
"""What hw.mmu calls the two places of a translation."""


def remark(reads: Set[CellKey], writes: Set[CellKey], cells: Cells) -> str | None:
    """`through the stale TLB0 entry`. cells: before the step."""
    both = reads | writes
    entries = {i for f, i in reads if f.startswith(f"{TLB}.") and len(i) == 2}
    memory = any(f.startswith("frame.") for f, _ in both)
    for index in sorted(entries, key=str):
        cpu, va = index
        walked = any(f.startswith(f"{PTE}.") and i == (va,) for f, i in both)
        if not memory or walked or cells.get((f"{TLB}.page", index)) is None:
            continue
        store = any(f.startswith("frame.") for f, _ in writes)
        if not granted(cells, index, (va,), store=store):
            return f"through the stale TLB{getattr(cpu, 'number', '')} entry"
    return None


def granted(
    cells: Cells, entry: tuple[Value, ...], page: tuple[Value, ...], *, store: bool
) -> bool:
    """Whether the page table has what the entry has; a bit that nothing keeps counts as set."""

    def tlb(member: str) -> Value:
        return cells.get((f"{TLB}.{member}", entry), True)

    def pte(member: str) -> Value:
        return cells.get((f"{PTE}.{member}", page), True)

    if not pte("present") or pte("page") != tlb("page"):
        return False
    return not store or bool(pte("write") and (pte("dirty") or not tlb("dirty")))
