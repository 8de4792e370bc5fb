"""Straight-line programs by their seeds: what the search finds, and what the oracle does.

    python tests/support/straight/compared.py FIRST LAST

compares a range of seeds and prints each disagreement with its text.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.agreement.agreement import programs_of
from support.straight.cycles import cycle
from support.straight.outcomes import Outcomes, outcomes
from support.straight.programs import Program, program

from mmscn.diagnostics import Rejected
from mmscn.judge.finals import listed_values
from mmscn.lower.compile import compile
from mmscn.runtime.explore.executors import chosen
from mmscn.runtime.result import Limits
from mmscn.source import Source

ORDERS = ("sc", "tso", "arm")
NAMES = ("python", "native")
STATES_MAX = 20_000


def program_of(seed: int) -> Program:
    """Three of four are made to tell an order, the others as it comes."""
    return cycle(seed) if seed % 4 else program(seed)


def found(made: Program) -> dict[str, dict[str, Outcomes]]:
    """The final values, by executor, under each order; none where there are many states.

    Raises Rejected.
    """
    every: dict[str, dict[str, Outcomes]] = {name: {} for name in NAMES}
    checked = programs_of(Source("straight.mmscn", made.text(ORDERS)))
    for order, (_, one) in zip(ORDERS, checked, strict=True):
        compiled = compile(one)
        lists = [n for n, number in enumerate(compiled.checks) if one.checks[number].listed]
        for name in NAMES:
            finals = listed_values(compiled, lists, Limits(states=STATES_MAX), chosen(name))
            if finals.complete and not finals.more:
                every[name][order] = frozenset(
                    tuple(int(value) for _, value in state.values) for state in finals.states
                )
    return every


def disagreements(seed: int, counts: Counter[str]) -> list[str]:
    """What is not as it is to be of a program."""
    made = program_of(seed)
    wanted = {order: outcomes(made, order) for order in ORDERS}
    said = []
    try:
        by = found(made)
    except Rejected as problem:
        counts[f"rejected {problem.diagnostics[0].code}"] += 1
        return []
    for executor, every in by.items():
        for order in ORDERS:
            if order not in every:
                counts["large"] += 1
            elif every[order] != wanted[order]:
                more, less = every[order] - wanted[order], wanted[order] - every[order]
                said.append(f"seed {seed}, {order}, {executor}: too many {sorted(more)}, "
                            f"missing {sorted(less)}\n{made.text(ORDERS)}")  # fmt: skip
    # An acquiring load waits for a releasing store under `arm` alone.
    laws = [("sc", "tso"), ("sc", "arm"), *([] if made.says_orders() else [("tso", "arm")])]
    for few, many in laws:
        for name, every in (("the oracle", wanted), *by.items()):
            if few in every and many in every and not every[few] <= every[many]:
                text = made.text(ORDERS)
                said.append(f"seed {seed}, {name}: {few} has what {many} has not\n{text}")
    counts["compared"] += 1
    counts["arm has more than sc"] += wanted["sc"] < wanted["arm"]
    counts["arm has more than tso"] += wanted["tso"] < wanted["arm"]
    counts["tso has more than sc"] += wanted["sc"] < wanted["tso"]
    return said


def several(seeds: range) -> tuple[Counter[str], list[str]]:
    counts: Counter[str] = Counter()
    said = [line for seed in seeds for line in disagreements(seed, counts)]
    return counts, said


if __name__ == "__main__":
    counts: Counter[str] = Counter()
    for seed in range(int(sys.argv[1]), int(sys.argv[2])):
        for line in disagreements(seed, counts):
            print(line, flush=True)
    print(dict(counts))
