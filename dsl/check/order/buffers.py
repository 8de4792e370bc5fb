"""The store buffers of the CPUs as families: what an entry is, how it is put in, read, taken out.

An entry says what it stores to (`store_buffer.what`: which cells) and what (`store_buffer.0.0`
and so on: one family for each domain of the cells, as often as one entry needs it). Places that
nothing waits in are as at the start, so that equal buffers are equal states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

from attrs import Factory, define, field

from mmscn.check import core
from mmscn.check.core import STORED_TO, STORES_WAITING, Apply, Cell, Const, Expr
from mmscn.check.order.cells import Place, key_of, name_of
from mmscn.check.values import Atom, Domain, Elem, Value

BOUND = "store_buffer"
ENTRIES_MAX = 512
"""Different things that a program's entries store to."""

Entry = tuple[Place, ...]
"""What one statement stores to: cells, in its order."""


@define(eq=False, repr=False)
class Buffers:
    """families: of the program. cpus: those with a buffer. places: of each, how many entries fit.

    entries: of each, what they may be. numbers: of each entry, its value in `store_buffer.what`.
    """

    families: Mapping[str, core.Family]
    cpus: tuple[Elem, ...]
    places: dict[Elem, int]
    entries: dict[Elem, list[Entry]]
    numbers: dict[Entry, Atom] = field(
        init=False, default=Factory(lambda b: numbered(b.entries), takes_self=True)
    )
    kinds: list[object] = field(
        init=False, default=Factory(lambda b: list(b.all_kinds()), takes_self=True)
    )

    @property
    def places_max(self) -> int:
        return max(self.places.values(), default=0)

    # ---- the families ---------------------------------------------------------

    def made(self, cpus: Sequence[Elem]) -> dict[str, core.Family]:
        """The families of the buffers; the length is there for every CPU."""
        lengths = tuple(range(self.places_max + 1))
        found = {STORES_WAITING: family(STORES_WAITING, (tuple(cpus),), lengths, 0)}
        if not self.cpus:
            return found
        found[STORED_TO] = self.slots(STORED_TO, (None, *self.numbers.values()), None)
        for entry in self.numbers:
            for place, name in zip(entry, self.values(entry), strict=True):
                stored = self.families[place[0]]
                if name not in found:
                    first = 0 if stored.version else first_of(stored.domain)
                    found[name] = self.slots(name, stored.domain, first, stored.version)
        return found

    def slots(self, name: str, domain: Domain, first: Value, version: bool = False) -> core.Family:
        return family(name, (self.cpus, tuple(range(self.places_max))), domain, first, version)

    def values(self, entry: Entry) -> tuple[str, ...]:
        """The families that the values of an entry are in."""
        used: dict[object, int] = {}
        found = []
        for place in entry:
            kind = kind_of(self.families[place[0]])
            n = used[kind] = used.get(kind, -1) + 1
            found.append(f"store_buffer.{self.kinds.index(kind)}.{n}")
        return tuple(found)

    def stored(self) -> tuple[core.Stored, ...]:
        return tuple(
            core.Stored(what=what, cells=entry, values=self.values(entry))
            for entry, what in self.numbers.items()
        )

    def all_kinds(self) -> dict[object, None]:
        """The kinds of domains that entries have values of."""
        places = (place for entry in self.numbers for place in entry)
        return {kind_of(self.families[family]): None for family, _ in places}

    # ---- expressions ------------------------------------------------------------

    def length(self, cpu: Elem) -> Cell:
        return Cell(STORES_WAITING, (Const(cpu),))

    def empty(self, cpu: Elem) -> Expr:
        return Apply("==", (self.length(cpu), Const(0)))

    def slot(self, name: str, cpu: Elem, at: Expr) -> Cell:
        return Cell(name, (Const(cpu), at))

    def seen(self, cpu: Elem, cell: Cell, memory: Expr) -> Expr:
        """What a thread of a CPU reads where memory has `memory`."""
        if not any(place[0] == cell.family for e in self.entries[cpu] for place in e):
            return memory
        if all(isinstance(i, Const) for i in cell.index):
            return self.newest(cpu, key_of(cell), memory)
        found = memory
        for index in product(*self.families[cell.family].indices):
            newest = self.newest(cpu, (cell.family, index), memory)
            if newest is not memory:
                found = Apply("ite", (is_index(cell, index), newest, found))
        return found

    def newest(self, cpu: Elem, place: Place, memory: Expr) -> Expr:
        """The value of a cell in the newest entry that has it, `memory` where none has."""
        found = memory
        for at in range(self.places[cpu]):
            for entry in self.entries[cpu]:
                if place in entry:
                    name = self.values(entry)[entry.index(place)]
                    here = Apply("==", (self.slot(STORED_TO, cpu, Const(at)), self.number(entry)))
                    value = self.slot(name, cpu, Const(at))
                    found = Apply("ite", (here, value, found))
        return found

    def number(self, entry: Entry) -> Const:
        return Const(self.numbers[entry])

    # ---- statements -----------------------------------------------------------

    def put_in(
        self,
        cpu: Elem,
        entries: Sequence[tuple[Expr | None, Entry]],
        values: Sequence[Expr],
        others: Sequence[tuple[core.Cell | core.Local, Expr]],
        bound: int | None,
        origin: int,
    ) -> core.Block:
        """One entry behind the others, and other assignments with it, in one step.

        entries: those that it may be, each with the condition under which it is; the last one has
        none. bound: the check that breaks where no place is left, None where one always is.
        """
        length = self.length(cpu)
        what: Expr = core.Undefined()
        for condition, entry in reversed(entries):
            number = self.number(entry)
            what = number if condition is None else Apply("ite", (condition, number, what))
        names = self.values(entries[0][1])
        pairs = [
            *others,
            (self.slot(STORED_TO, cpu, length), what),
            *((self.slot(n, cpu, length), v) for n, v in zip(names, values, strict=True)),
            (length, Apply("+", (length, Const(1)))),
        ]
        store = core.Assign(
            targets=tuple(target for target, _ in pairs),
            values=tuple(value for _, value in pairs),
            origin=origin,
        )
        if bound is None:
            return core.Block(statements=(store,))
        full = core.If(
            condition=Apply("==", (length, Const(self.places[cpu]))),
            then=core.Block(statements=(core.Bug(check=bound, origin=origin),)),
            otherwise=core.Block(statements=()),
            origin=origin,
        )
        return core.Block(statements=(full, store))

    def taken_out(self, cpu: Elem, entry: Entry, origin: int) -> core.Block:
        """The oldest entry is written to memory, where it is this one."""
        first = Const(0)
        found = Apply("==", (self.slot(STORED_TO, cpu, first), self.number(entry)))
        pairs: list[tuple[Cell, Expr]] = [
            (cell_of(place), self.slot(name, cpu, first))
            for place, name in zip(entry, self.values(entry), strict=True)
        ]
        made = self.made(())
        for name in made:
            if name == STORES_WAITING:
                continue
            for at in range(self.places[cpu]):
                behind: Expr = Const(made[name].initial[0])
                if at + 1 < self.places[cpu]:
                    behind = self.slot(name, cpu, Const(at + 1))
                pairs.append((self.slot(name, cpu, Const(at)), behind))
        pairs.append((self.length(cpu), Apply("-", (self.length(cpu), Const(1)))))
        write = core.Assign(
            targets=tuple(target for target, _ in pairs),
            values=tuple(value for _, value in pairs),
            origin=origin,
        )
        return core.Block(statements=(core.Await(condition=found, origin=origin), write))


def family(
    name: str, indices: tuple[Domain, ...], domain: Domain, first: Value, version: bool = False
) -> core.Family:
    size = 1
    for values in indices:
        size *= len(values)
    return core.Family(
        name=name,
        sort=None,
        indices=indices,
        domain=domain,
        initial=(first,) * size,
        version=version,
        quiet=True,
        hardware=True,
    )


def numbered(entries: Mapping[Elem, Sequence[Entry]]) -> dict[Entry, Atom]:
    """A word for each entry: the name of what is stored to."""
    found: dict[Entry, Atom] = {}
    taken: set[str] = set()
    for entry in (e for those in entries.values() for e in those):
        if entry not in found:
            name = name_of(entry)
            while name in taken:
                name += "'"
            taken.add(name)
            found[entry] = Atom(name)
    return found


def kind_of(stored: core.Family) -> object:
    """The same for families whose values one family can hold."""
    return stored.version, tuple((type(v), v) for v in stored.domain)


def first_of(domain: Domain) -> Value:
    return None if None in domain else domain[0]


def cell_of(place: Place) -> Cell:
    return Cell(place[0], tuple(map(Const, place[1])))


def is_index(cell: Cell, index: tuple[Value, ...]) -> Expr:
    """Whether the cell is the one with these indices."""
    found: Expr | None = None
    for expr, value in zip(cell.index, index, strict=True):
        if isinstance(expr, Const):
            if (type(expr.value), expr.value) != (type(value), value):
                return Const(False)
            continue
        here = Apply("==", (expr, Const(value)))
        found = here if found is None else Apply("and", (found, here))
    return Const(True) if found is None else found
