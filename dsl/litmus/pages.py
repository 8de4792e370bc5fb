"""The page tables of a litmus test: descriptors as numbers, and which pages need a walk.

A page whose descriptor is never changed, and lets everything through to a frame of its own, is
accessed without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import evolve, frozen

from mmscn.litmus import tree as t
from mmscn.litmus.ops import unsupported

FIELDS = ("valid", "af", "db", "dbm", "el0")
FIRST = {"valid": 1, "af": 1, "db": 1, "dbm": 0, "el0": 1}
BITS = {"valid": 1 << 0, "db": 1 << 7, "af": 1 << 10, "dbm": 1 << 51}
"""Where a descriptor has them; of `db` the bit says that it is not so (AP[2], read only)."""
INVERTED = "db"
KNOWN_MAX = 63
TABLES = ("PTE", "TTD")
ENTRY = re.compile(r"PTE\((\w+)\)$")


@frozen
class Descriptor:
    """page: the variable whose frame it is of. el0: whether user code may use it."""

    page: str
    valid: int = 1
    af: int = 1
    db: int = 1
    dbm: int = 0
    el0: int = 1

    @property
    def name(self) -> str:
        """What a scenario calls it."""
        words = [f"to_{self.page}"]
        words += [f"{f}{getattr(self, f)}" for f in FIELDS if getattr(self, f) != FIRST[f]]
        return "_".join(words).replace("valid0", "invalid").replace("el00", "not_el0")

    @property
    def herd(self) -> str:
        fields = [f"{f}:{getattr(self, f)}" for f in FIELDS if getattr(self, f) != FIRST[f]]
        return f"({', '.join([f'oa:PA({self.page})', *fields])})"


def changed(d: Descriptor, sets: int, clears: int) -> Descriptor:
    """A descriptor with some bits set and others cleared. Raises ValueError for unknown ones."""
    if (sets | clears) & ~sum(BITS.values()):
        raise ValueError
    fields = {field: getattr(d, field) for field in FIELDS}
    for field, bit in BITS.items():
        if (sets | clears) & bit:
            fields[field] = int(bool(sets & bit) is not (field == INVERTED))
    return Descriptor(d.page, **fields)


NOTHING = Descriptor("", 0, 0, 0, 0)
"""Number 0, which is invalid whatever else it is."""


def entry_of(place: str) -> str | None:
    """The page whose entry a place is; None where it is none."""
    found = ENTRY.match(place)
    return found[1] if found else None


def place_of(place: t.Of) -> str:
    """The place of a page-table entry. Raises Rejected for another kind."""
    if place.what not in TABLES:
        raise unsupported(f"{place.what}( )", place.span)
    return f"PTE({place.name})"


def described(entry: t.Entry, page: str | None) -> Descriptor:
    """page: whose entry it is, if it does not say. Raises Rejected for fields of other kinds."""
    fields: dict[str, int] = {}
    for name, value in entry.fields:
        match name, value:
            case "oa", t.Of(what="PA", name=of):
                page = of
            case name, t.Number(value=0 | 1 as number) if name in FIELDS:
                fields[name] = number
            case _:
                raise unsupported(f"the field {name} of a page-table entry", entry.span)
    if entry.tag not in ("", "pteval_t"):
        raise unsupported("a value of this kind", entry.span)
    if page is None:
        raise unsupported("a page-table entry of no page", entry.span)
    return Descriptor(page, **fields)


class Pages:
    """known: the descriptors, by number, from 1. first: of each page, what its own begins as.

    af, dirty: the threads whose hardware sets the access flag, and the dirty bit. el0: those that
    are user code.
    """

    def __init__(self, litmus: t.Litmus) -> None:
        self.known = [NOTHING]
        self.first: dict[str, Descriptor] = {}
        self.frames: list[str] = []
        numbers = [thread.number for thread in litmus.threads]
        self.af = {n for n in numbers if enabled(litmus, "HA", n) or enabled(litmus, "HD", n)}
        self.dirty = {n for n in numbers if enabled(litmus, "HD", n)}
        self.el0 = {n for n in numbers if at_el0(litmus, n)}
        for setting in litmus.settings:
            if isinstance(setting.place, t.Of) and place_of(setting.place):
                name = setting.place.name
                if not isinstance(setting.value, t.Entry):
                    raise unsupported("a page-table entry of this kind", setting.span)
                self.first[name] = self.add(described(setting.value, name))
        self.there = bool(self.first) or any(
            isinstance(s.value, t.Of | t.Entry) for s in litmus.settings
        )

    def refuses_el0(self) -> bool:
        """Whether user code is refused what others may use."""
        return bool(self.el0) and any(not d.el0 for d in self.known[1:])

    def add(self, d: Descriptor) -> Descriptor:
        if d not in self.known:
            self.known.append(d)
            self.frame(d.page)
            if self.af and d.valid and not d.af:
                self.add(evolve(d, af=1))
            if self.dirty and d.valid and d.dbm and not d.db:
                self.add(evolve(d, db=1))
        return d

    def closed(self, changes: Iterable[tuple[int, int]]) -> None:
        """Know what becomes of all that are known. Raises ValueError for bits that nobody knows,
        and where there are too many.
        """
        changes = tuple(changes)
        for sets, clears in changes:
            changed(NOTHING, sets, clears)
        for d in self.known:  # grows
            for sets, clears in changes if d is not NOTHING else ():
                self.add(changed(d, sets, clears))
            if len(self.known) > KNOWN_MAX:
                raise ValueError

    def mapped(self, name: str, sets: int, clears: int) -> str:
        """What a descriptor in a variable becomes."""
        found = name
        for d in self.known[1:]:
            new = changed(d, sets, clears)
            if new != d:
                found = f"if {name} == {d.name} then {new.name} else {found}"
        return found if found == name else f"({found})"

    def number(self, entry: t.Entry, page: str | None = None) -> int:
        return self.known.index(self.add(described(entry, page)))

    def frame(self, page: str) -> int:
        if page not in self.frames:
            self.frames.append(page)
        return self.frames.index(page)

    def begins(self, page: str) -> Descriptor:
        return self.first.get(page) or self.add(Descriptor(page))

    def walked(self, changed: Iterable[str]) -> set[str]:
        """The pages whose accesses need a walk. changed: those whose descriptor is written to."""
        odd = {page for page, d in self.first.items() if d != Descriptor(page)}
        return odd | set(changed)

    def those(self, what: str) -> Iterator[int]:
        """The numbers of the descriptors that have a field."""
        return (n for n, d in enumerate(self.known) if getattr(d, what))


def at_el0(litmus: t.Litmus, thread: int) -> bool:
    """Whether a thread is user code."""
    return f"P{thread}" in litmus.keys.get("el0", "").upper().replace(",", " ").split()


def enabled(litmus: t.Litmus, what: str, thread: int) -> bool:
    """Whether TTHM says that the hardware of a thread's CPU sees to something."""
    words = litmus.keys.get("tthm", "").replace(",", " ").split()
    return what in words or f"P{thread}:{what}" in words


def variants(litmus: t.Litmus) -> set[str]:
    return {word.strip().lower() for word in litmus.keys.get("variant", "").split(",")}
