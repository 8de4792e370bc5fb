"""Which threads are alike, found before fusion, so that it treats them alike.

Before:  thread w[0]: 1, 2, 3      thread w[1]: 1, 2, 3
After:   the same, and the exchange of w[0] with w[1], 1 with 1, 2 with 2, ...

Fusion is greedy: what it does to one thread decides what it may do to the next, and two
threads that were the same come out different. With the exchanges it takes a counter
of one and its images together or not at all. The exchanges are proved on this
program and only guide `fuse` and `joint`; what the search uses is proved once more on
the assembled program (`symmetry`). Changes nothing: preserves everything.
"""

from __future__ import annotations

from mmscn.diagnostics import Rejected
from mmscn.lower.assemble import Assembler
from mmscn.lower.ir import Exchange, Ir
from mmscn.lower.passes.facts import Place
from mmscn.lower.passes.symmetry import ProvedSymmetry, symmetries
from mmscn.lower.passes.symmetry_candidates import of_threads
from mmscn.source import Source, Span


def alike(ir: Ir) -> Ir:
    """The program with the exchanges of threads that map it onto itself."""
    if not any(of_threads(ir)):
        return ir
    try:
        assembler = Assembler(ir, Span(Source("", ""), 0, 0), canonical=True)
        program, _ = assembler.program()
    except Rejected:
        return ir  # fusion may yet make it fit
    found, _ = symmetries(program, assembler, threads=True)
    return ir.having(exchanges=tuple(exchange(assembler, one) for one in found))


def exchange(assembler: Assembler, found: ProvedSymmetry) -> Exchange:
    """A mapping of fields as one of variables."""
    at = {int(f): v for v, f in assembler.layout.field_of.items()}
    images = {v: at[found.mapping[f][0]] for v, f in assembler.layout.field_of.items()}
    counters = []
    for process in assembler.ir.processes:
        names: tuple[int, ...] = ()
        if process.pc is not None:
            _, names = found.mapping[assembler.layout.field_of[process.pc]]
        counters.append(dict(enumerate(names)))
    return Exchange(
        vars={v: u for v, u in images.items() if v != u},
        processes=found.processes,
        counters=tuple(counters),
    )


def orbits(ir: Ir) -> dict[Place, list[Place]]:
    """By place: all that the exchanges bring it to, if any; in order."""
    found: dict[Place, list[Place]] = {}
    for exchange in ir.exchanges:
        for process, counters in enumerate(exchange.counters):
            for pc, image in counters.items():
                one = found.setdefault((process, pc), [(process, pc)])
                place = (exchange.processes[process], image)
                other = found.setdefault(place, [place])
                if one is not other:
                    both = sorted(one + other)
                    found.update(dict.fromkeys(both, both))
    return found
