"""Whether an access went through a TLB entry that the page table does not grant."""

from __future__ import annotations

from collections.abc import Set

from mmscn.check.core import Checked
from mmscn.check.values import Elem, Value
from mmscn.lower.retrace import CellKey, Cells
from mmscn.records import frozen


@frozen(kw_only=True)
class Translations:
    """The two places of a translation: what each CPU has of each page, and what each page has.

    Known by their shape: a struct with the member `page`. tlb, pte: where their families' names
    begin. word: what an entry of a CPU is called.
    """

    tlb: str
    pte: str
    word: str


def translations(checked: Checked) -> tuple[Translations, ...]:
    """All pairs of them, whatever a machine calls them."""
    places: dict[tuple[str | None, int], list[str]] = {}
    for key, family in checked.families.items():
        if key.endswith(".page"):
            shape = family.sort, len(family.indices)
            places.setdefault(shape, []).append(key.removesuffix(".page"))
    tables = places.get(("va", 1), [])
    found = []
    for tlb in places.get(("cpu", 2), []):
        page = checked.families[f"{tlb}.page"].indices[1]
        if all(isinstance(v, Elem) and v.sort == "va" for v in page):
            word = checked.families[f"{tlb}.page"].text or tlb.rpartition(".")[2]
            found += [Translations(tlb=tlb, pte=pte, word=word) for pte in tables]
    return tuple(found)


def remark(
    known: tuple[Translations, ...], reads: Set[CellKey], writes: Set[CellKey], cells: Cells
) -> str | None:
    """`through the stale TLB0 entry`. cells: before the step."""
    both = reads | writes
    memory = any(f.startswith("frame.") for f, _ in both)
    store = any(f.startswith("frame.") for f, _ in writes)
    for place in known if memory else ():
        entries = {i for f, i in reads if f.startswith(f"{place.tlb}.") and len(i) == 2}
        for index in sorted(entries, key=str):
            cpu, va = index
            walked = any(f.startswith(f"{place.pte}.") and i == (va,) for f, i in both)
            if walked or cells.get((f"{place.tlb}.page", index)) is None:
                continue
            if not granted(place, cells, index, (va,), store=store):
                return f"through the stale {place.word}{getattr(cpu, 'number', '')} entry"
    return None


def granted(
    place: Translations,
    cells: Cells,
    entry: tuple[Value, ...],
    page: tuple[Value, ...],
    *,
    store: bool,
) -> bool:
    """Whether the page table has what the entry has; a bit that there is not counts as set."""

    def tlb(member: str) -> Value:
        return cells.get((f"{place.tlb}.{member}", entry), True)

    def pte(member: str) -> Value:
        return cells.get((f"{place.pte}.{member}", page), True)

    if not pte("present") or pte("page") != tlb("page"):
        return False
    return not store or bool(pte("write") and (pte("dirty") or not tlb("dirty")))
