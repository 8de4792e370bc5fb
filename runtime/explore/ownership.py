"""Which bits of a state say who owns it, where several processes share a space.

A hash of all bits sends nearly every successor to another process. Few steps change a page table,
most change where a thread stands: a hash of bits that few steps change leaves most successors where
they are found. They have to have many values among them, or some process would own little. Looked
at is a sample, the same each time; what is chosen decides how fast a search is, and nothing else.
"""

from __future__ import annotations

import struct
from collections import Counter

from mmscn.runtime.bytecode import Program
from mmscn.runtime.explore.sample import sample
from mmscn.runtime.explore.successors import Plans

STEPS = 4_000
"""States of the sample whose steps are looked at."""

VALUES = 8
"""For each process, as many values, as if all were as frequent."""


def mask(program: Program, count: int) -> bytes:
    """The bits, as the words of a state. count: of processes."""
    layout, states = sample(program)
    some = sorted(states)
    some = some[:: max(1, len(some) // STEPS)]
    plans = Plans(layout, lambda rule: None, skip_overflow=True)
    places = [layout.place(f).bits for f in range(len(program.fields))]
    changed: Counter[int] = Counter()
    for state in some:
        for _, successor in plans.edges(state):
            different = state ^ successor
            changed.update(f for f, bits in enumerate(places) if different & bits)
    chosen = 0
    for f in sorted(range(len(places)), key=lambda f: (changed[f], f)):
        if spread(states, chosen) >= VALUES * count:
            break
        if len({state & places[f] for state in states}) > 1:
            chosen |= places[f]
    words = layout.split(chosen) if chosen else (0,) * program.words
    return struct.pack(f"={program.words}Q", *words)


def spread(states: frozenset[int], bits: int) -> float:
    """How many values the bits have, those that are rare counted for less."""
    counts = Counter(state & bits for state in states)
    return len(states) ** 2 / sum(n * n for n in counts.values())
