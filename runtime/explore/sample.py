"""Some of the states of a program that has too many: all that are near to where random walks went.

What lies together shows what multiplies: of states that are far from each other, any two differ in
everything. The same states every time.
"""

from __future__ import annotations

from mmscn.runtime.bytecode import Program
from mmscn.runtime.explore.bfs import Visit
from mmscn.runtime.explore.packed import Layout
from mmscn.runtime.explore.walks import Numbers, Walker
from mmscn.runtime.result import Limits

REGIONS = 8
"""Places that walks end at, after STEPS_MAX steps at most; the first is where all begins."""
STEPS_MAX = 256
STATES = 4_000
"""Of each region."""


def sample(program: Program) -> tuple[Layout, frozenset[int]]:
    """The layout of the states, and the states."""
    concrete = program._replace(symmetry=())
    limits = Limits(states=STATES, memory_mb=None)
    walker = Walker(concrete, limits, 0, lambda: 0.0)
    found: set[int] = set()
    for number in range(REGIONS):
        start = walker.layout.split(reached(walker, number))
        visit = Visit(concrete._replace(initial=(start,)))
        visit.run(limits, None, lambda: 0.0)
        found |= visit.visited
    return walker.layout, frozenset(found)


def reached(walker: Walker, number: int) -> int:
    """Where a walk is after as many steps as its number says."""
    numbers = Numbers(0, number)
    state = walker.starts[0]
    for _ in range(numbers.below(STEPS_MAX) if number else 0):
        movers, agents = walker.enabled(state)
        taken = walker.take(state, movers, agents, numbers)
        if taken is None or walker.program.rules[taken[0]].halts:
            break
        state = taken[1]
    return state
