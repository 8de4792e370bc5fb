"""How few states merging could leave: the stored states of a reduced program, and those bisimilar.

    python benchmarks/quotient.py ["scale 2,1,1" ...]

Two states are bisimilar where checks of states and of rest say the same of both, and where each
step of one leads to a state that is bisimilar to one that a step of the other leads to, and breaks
the same checks. Prints the stored states; how many combinations of program counters they have, up
to symmetry; the classes of bisimilar states that agree in those; and the classes of all. No pass
that gives values another name or forgets them leaves fewer than the classes of each combination.
What fewer steps leave is another matter. `covered` is not looked at. A program of three writers
takes minutes and 2 GB.
"""

from __future__ import annotations

import sys
from functools import reduce
from operator import or_

from reductions import named

from mmscn.check.elaborate import elaborate
from mmscn.lower.compile import compile
from mmscn.runtime.bytecode import CheckKind, Program
from mmscn.runtime.explore.deadlock import Deadlocks
from mmscn.runtime.explore.images import Images
from mmscn.runtime.explore.packed import Layout, some, step
from mmscn.runtime.explore.state_graph import Lot
from mmscn.runtime.interpreter import canonical_versions

Edges = list[tuple[tuple[tuple[int, ...], int], ...]]
"""Of each state: what a step breaks, and the number of the state that it leads to."""


def main() -> int:
    for name in sys.argv[1:] or ["scale 1,1,1", "scale 2,1,1"]:
        program = compile(elaborate(*named(name))).reduced
        layout = Layout(program)
        states, edges = graph(program, layout)
        asked = answers(program, layout, states)
        where = places(program, layout, states)
        same = classes([*zip(asked, where, strict=True)], edges)
        print(
            f"{name}: {len(states)} states, {len(set(where))} combinations of program counters, "
            f"{same} classes of bisimilar states in them, {classes(asked, edges)} in all",
            flush=True,
        )
    return 0


def graph(program: Program, layout: Layout) -> tuple[list[int], Edges]:
    """The stored states, packed, and the steps between them; what halts leads nowhere."""
    least = Images(layout).least
    steps = [step(layout, rule) for rule in program.rules]
    lots = [[Lot(program, rules, steps) for rules in p.dispatch] for p in program.processes]
    pcs = [None if p.pc is None else layout.place(p.pc) for p in program.processes]
    states = [least(layout.join(canonical_versions(program, s))) for s in program.initial]
    number = {state: n for n, state in enumerate(states)}
    edges: Edges = []
    for state in states:  # it grows
        out = set()
        for at, own in zip(pcs, lots, strict=True):
            pc = 0 if at is None else state >> at.shift & at.mask
            for rule, flip in own[pc].look(state).steps if pc < len(own) else ():
                new = least(state ^ flip)
                if new not in number:
                    number[new] = len(states)
                    states.append(new)
                out.add((program.rules[rule].violates, number[new]))
        edges.append(tuple(out))
    return states, edges


def answers(program: Program, layout: Layout, states: list[int]) -> list[object]:
    """What checks say of each state."""
    always = [some(layout, c.bad) for c in program.checks if c.kind in ASKED]
    late = [some(layout, c.bad) for c in program.checks if c.kind is CheckKind.FINALLY]
    rest = some(layout, program.quiescent)
    dead = Deadlocks(layout).is_dead
    found: list[object] = []
    for state in states:
        asked = [*always, *late] if rest.holds(state) else always
        found.append((rest.holds(state), dead(state), *(a.holds(state) for a in asked)))
    return found


ASKED = (CheckKind.ALWAYS, CheckKind.REACHABLE)


def places(program: Program, layout: Layout, states: list[int]) -> list[int]:
    """The program counters of each state, those of an image for all images."""
    mask = reduce(or_, (layout.place(p.pc).bits for p in program.processes if p.pc is not None))
    least = Images(layout).least
    known: dict[int, int] = {}
    for state in states:
        if state & mask not in known:
            known[state & mask] = least(state & mask) & mask
    return [known[state & mask] for state in states]


def classes(first: list[object], edges: Edges) -> int:
    """How many classes of bisimilar states there are."""
    names: dict[object, int] = {}
    now = [names.setdefault(answer, len(names)) for answer in first]
    size = 0
    while len(names) > size:
        size, names = len(names), {}
        now = [
            names.setdefault((c, frozenset([(b, now[to]) for b, to in out])), len(names))
            for c, out in zip(now, edges, strict=True)
        ]
    return size


if __name__ == "__main__":
    raise SystemExit(main())
