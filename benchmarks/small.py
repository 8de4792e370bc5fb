"""How many states are searched in the time that the reductions of a scenario take.

    python benchmarks/small.py [ROUNDS]

That many states, and fewer, are worth to be searched without reductions first: the `small` of
an executor. For each shipped scenario, of its first combination of params: the CPU seconds of
the reductions, the states that each executor searches in a second of the program without, and
the product. Rounds are interleaved and the medians taken, so that a busy machine tells on
all alike.
"""

from __future__ import annotations

import sys
from statistics import median
from time import process_time

from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.judge.shipped import finder, shipped_scenarios
from mmscn.lower.compile import compile
from mmscn.runtime.bytecode import Program
from mmscn.runtime.explore.executors import EXECUTORS, Asked, Executor
from mmscn.runtime.result import Limits
from mmscn.source import Source

SCENARIOS = 3
"""Every third shipped scenario."""

LEAST = 300
"""States below which a search is too short to be timed."""


def main(rounds: int) -> None:
    products: dict[str, list[float]] = {}
    for shipped in shipped_scenarios()[::SCENARIOS]:
        unit = gather(Source(shipped.path, shipped.file.read_text(encoding="utf-8")), finder(None))
        checked = elaborate(unit, matrix(unit)[0])
        reduce_s: list[float] = []
        rates: dict[str, list[float]] = {}
        for _ in range(rounds):
            compiled = compile(checked)
            begun = process_time()
            assert compiled.reduction
            reduce_s.append(process_time() - begun)
            for executor in EXECUTORS:
                if executor.missing() is None:
                    rate = states_per_second(executor, compiled.program)
                    if rate:
                        rates.setdefault(executor.name, []).append(rate)
        for name, found in rates.items():
            product = median(reduce_s) * median(found)
            products.setdefault(name, []).append(product)
            print(f"{shipped.name:24} {name:8} {median(reduce_s):6.3f} s "
                  f"{median(found):10.0f} states/s {product:10.0f} states", flush=True)
    for name, all_ in products.items():
        all_.sort()
        n = len(all_)
        print(f"{name}: quartiles {all_[n // 4]:.0f}, {median(all_):.0f}, {all_[3 * n // 4]:.0f} "
              f"states, {n} scenarios")


def states_per_second(executor: Executor, program: Program) -> float | None:
    """Of one search; None where it is too short."""
    begun = process_time()
    result = executor.search(program, Asked(limits=Limits(states=executor.small)))
    taken = process_time() - begun
    return result.states / taken if result.states >= LEAST and taken > 0 else None


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
