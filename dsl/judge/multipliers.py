"""What multiplies the states of a combination: by how many there would be fewer without it.

Of a sample of states of the unreduced program: how many there are, over how many are left when
what belongs to one thread, or to one variable, is not looked at. So the factors are about those
states; all of them together say more than their product where two things go together.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import NamedTuple

from mmscn.check.values import Elem
from mmscn.lower.compiled import Compiled, Place
from mmscn.runtime.explore.sample import sample

MOST = 5
FACTOR_MIN = 1.2


class Multiplier(NamedTuple):
    """what: `thread writer`, `tlb of cpu 0`, `refcount`. values: how many it has in the sample."""

    what: str
    factor: float
    values: int


class Multipliers(NamedTuple):
    """states: of the sample. largest: the largest factors, the largest first."""

    states: int
    largest: tuple[Multiplier, ...]

    def __str__(self) -> str:
        told = (f"{m.what} {m.factor:.1f} times ({m.values} values)" for m in self.largest)
        return f"what multiplies them, in a sample of {self.states}: {', '.join(told)}"


def multipliers(compiled: Compiled) -> Multipliers | None:
    """None where nothing stands out."""
    layout, states = sample(compiled.program)
    found = []
    for what, fields in things(compiled).items():
        bits = reduce(or_, (layout.place(f).bits for f in fields), 0)
        left = len({state & ~bits for state in states})
        values = len({state & bits for state in states})
        found.append(Multiplier(what, round(len(states) / left, 2), values))
    large = [m for m in found if m.factor >= FACTOR_MIN]
    largest = tuple(sorted(large, key=lambda m: (-m.factor, m.what))[:MOST])
    return Multipliers(len(states), largest) if largest else None


def things(compiled: Compiled) -> dict[str, list[int]]:
    """The fields that belong to each thread, and to each variable."""
    found: dict[str, list[int]] = {}
    for what, field in (*positions(compiled), *cells(compiled)):
        found.setdefault(what, []).append(field)
    return found


def positions(compiled: Compiled) -> Iterator[tuple[str, int]]:
    """Where threads stand; agents have no place in code."""
    pcs = [p.pc for p in compiled.program.processes if p.pc is not None]
    for thread, pc in zip(compiled.checked.threads, pcs, strict=True):
        yield f"thread {thread.name}", pc


def cells(compiled: Compiled) -> Iterator[tuple[str, int]]:
    for place in compiled.places:
        if place.field is not None:
            yield name_of(compiled, place), place.field


def name_of(compiled: Compiled, place: Place) -> str:
    if place.family is None:
        threads = compiled.checked.threads
        if place.thread is None or not 0 <= place.thread < len(threads):
            return "hardware in between"
        return f"thread {threads[place.thread].name}"
    variable = compiled.checked.families[place.family].name.partition(".")[0]
    first = place.indices[0] if place.indices else None
    owned = isinstance(first, Elem) and first.sort == "cpu"
    return f"{variable} of {first}" if owned else variable
