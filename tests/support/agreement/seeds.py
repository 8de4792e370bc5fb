"""Generated scenarios by their seeds: which comparisons a seed gets, and what came of many.

    python tests/support/agreement/seeds.py FIRST LAST [PROCESSES]

compares the scenarios of a range of seeds and prints each disagreement with its text.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from multiprocessing import Pool
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.agreement.agreement import EVERYTHING, NOTHING, ONE_OFF
from support.agreement.walked_agreement import Asked, Rejected, TooLarge, Unwalkable, disagreements
from support.oracle.generator import CROWDED, scenario_text
from support.oracle.generator_order import ordered_text

from mmscn.lower import ways
from mmscn.lower.compile import REDUCTIONS

STATES_MAX = 3_000
WAYS_MAX = ways.WAYS_MAX
FORKS_FEW = (0, 2, 6)
"""Beyond which ways are joined in three quarters of the scenarios that decide much at once."""

FINE = {
    "MM207": "a mark that stands where it is never written out",
    "MM210": "an agent that calls what exits",
    "MM301": "a version that is compared with what is one constant or another",
    "MM302": "a value that is never one of the type's",
    "MM303": "an index that is never one of the array's",
    "MM304": "an attribute of `none`, as an argument",
    "MM403": "an agent that calls what takes a lock",
    "MM408": "a loop without a step",
    "MM504": "an atomic of more ways than are written out",
    "MM505": "a condition on more than a table has room for",
    "MM506": "two versions in one step",
}
"""What a generated scenario may be rejected for."""


def asked_of(seed: int) -> Asked:
    """The comparisons of a seed: the default always, all else in turns."""
    one_off = ONE_OFF[seed % len(ONE_OFF)]
    extra = EVERYTHING if seed % 3 == 0 else one_off
    facade: bool | frozenset[str] | None = None
    if seed % 4 == 0:
        turns = [True, False, *(frozenset(REDUCTIONS) - {name} for name in REDUCTIONS)]
        facade = turns[seed // 4 % len(turns)]
    return Asked(
        STATES_MAX,
        without=(NOTHING, extra),
        checked_too=seed % 2 == 0,
        python=seed % 3 == 1,
        facade=facade,
    )


def compared(seed: int, order: str | None = None) -> tuple[str, str]:
    """What came of a seed: `agreed`, `large`, `rejected` or `differs`, and what to say of it.

    order: the memory order that its scenario is put under.
    """
    text = scenario_text(seed) if order is None else ordered_text(seed, order)
    crowded = seed >= CROWDED and seed % 4 != 3 and order is None
    ways.WAYS_MAX = FORKS_FEW[seed % 4] if crowded else WAYS_MAX
    try:
        found = list(disagreements(text, asked_of(seed)))
    except TooLarge:
        return "large", ""
    except Unwalkable as problem:
        found = [f"not walked: {problem}"]
    except Rejected as rejected:
        fine = [d.code for d in rejected.diagnostics if d.code in FINE]
        if fine:
            return "rejected", fine[0]  # what else is said follows from it
        found = [f"{d.span}: {d.code} {d.message}" for d in rejected.diagnostics]
    except Exception as problem:
        found = [f"{type(problem).__name__}: {problem}"]
    finally:
        ways.WAYS_MAX = WAYS_MAX
    if not found:
        return "agreed", ""
    return "differs", "\n".join([f"seed {seed}", *dict.fromkeys(found), text])


def several(seeds: Iterable[int]) -> tuple[Counter[str], list[str]]:
    """How often each came of some seeds, and what differed."""
    counts: Counter[str] = Counter()
    said = []
    for seed in seeds:
        what, more = compared(seed)
        counts[what] += 1
        if what == "differs":
            said.append(more)
    return counts, said


def several_in_order(seeds: Iterable[int], order: str) -> tuple[Counter[str], list[str]]:
    """The same under a memory order."""
    found = [compared(seed, order) for seed in seeds]
    return Counter(what for what, _ in found), [more for what, more in found if what == "differs"]


def main(first: int, last: int, processes: int) -> int:
    counts: Counter[str] = Counter()
    with Pool(processes) as pool:
        for what, more in pool.imap_unordered(compared, range(first, last), chunksize=25):
            counts[what] += 1
            if what == "differs":
                print(more, flush=True)
            if counts.total() % 5_000 == 0:
                print(f"# {dict(counts)}", flush=True)
    print(f"# seeds {first} to {last - 1}: {dict(counts)}")
    return 1 if counts["differs"] else 0


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:]]
    sys.exit(main(numbers[0], numbers[1], numbers[2] if len(numbers) > 2 else 2))
