"""Store buffers as the tree walker has them: `check.core`, "Memory order", and nothing of its code.

All buffers are one variable: for each CPU the entries that wait, the oldest first; an entry is
what one statement stores, as (variable, way into it, value) each.
"""

from __future__ import annotations

from attrs import frozen
from support.oracle.tree_types import ModelError, Place, Term, Value, replaced

PLACES = 4


class Full(Exception):
    """There is no place for one more entry."""


@frozen(eq=False)
class Buffers:
    """slot: the variable. memory: the variables that stores wait for. places: of each buffer."""

    slot: int
    memory: frozenset[int]
    places: int

    def waits(self, place: Place) -> bool:
        return place.slot in self.memory

    def seen(self, values: list[Value], cpu: int) -> list[Value]:
        """The variables as a thread of a CPU reads them."""
        found = list(values)
        for entry in values[self.slot][cpu]:
            for slot, keys, value in entry:
                found[slot] = replaced(found[slot], list(keys), value)
        return found

    def put(self, values: list[Value], cpu: int, entry: tuple[Value, ...]) -> None:
        mine = values[self.slot][cpu]
        every = list(values[self.slot])
        every[cpu] = Waiting((*mine, entry))
        values[self.slot] = Waiting(every)

    def room(self, values: list[Value], cpu: int) -> None:
        if len(values[self.slot][cpu]) >= self.places:
            raise Full

    def write(self, values: list[Value], cpu: int) -> None:
        """The oldest entry reaches memory."""
        first, *rest = values[self.slot][cpu]
        for slot, keys, value in first:
            values[slot] = replaced(values[slot], list(keys), value)
        every = list(values[self.slot])
        every[cpu] = Waiting(rest)
        values[self.slot] = Waiting(every)

    def empty(self, values: list[Value], cpu: Value) -> bool:
        if cpu is None:
            raise ModelError("drained")
        return not values[self.slot][cpu[1]]


@frozen(eq=False)
class Through:
    """How a thread of a CPU reads and writes memory. bound: the check of full buffers."""

    buffers: Buffers
    cpu: int
    bound: int

    def seen(self, values: list[Value]) -> list[Value]:
        return self.buffers.seen(values, self.cpu)

    def assign(self, values: list[Value], pairs: list[tuple[Place, Term]]) -> None:
        """What goes to memory is one entry, the rest is done at once."""
        stores = [self.buffers.waits(place) for place, _ in pairs]
        if any(stores):
            self.buffers.room(values, self.cpu)
        seen = self.seen(values)
        found = [term.get(seen) for _, term in pairs]
        ways = [place.keys(seen) for place, _ in pairs]
        values[-1] = seen[-1]
        for (place, _), way in zip(pairs, ways, strict=True):
            place.exists(values, way)
        entry = []
        for (place, _), way, value, store in zip(pairs, ways, found, stores, strict=True):
            if store:
                fits = value if place.type is None else place.type.fit(value, ghost=False)
                entry.append((place.slot, tuple(way), fits))
            else:
                place.write(values, way, value)
        if entry:
            self.buffers.put(values, self.cpu, tuple(entry))


class Waiting(tuple[Value, ...]):
    """Entries, where other tuples are values."""

    __slots__ = ()
