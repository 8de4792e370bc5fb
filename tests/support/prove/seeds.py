"""Whether proofs are right on generated programs: `python tests/support/prove/seeds.py FIRST LAST`.

A proof is wrong where the search of some number of the threads breaks what it proves. Prints each
program of which that is so, and at the end how many proofs there were.
"""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from support.prove.generated import program

from mmscn.diagnostics import Rejected
from mmscn.judge.api import loads
from mmscn.prove.fixpoint import fixpoint
from mmscn.prove.proof import SIZE, made, model_errors, names_proved
from mmscn.prove.refused import Refused
from mmscn.runtime.result import Limits, Verdict

NUMBERS = (SIZE, SIZE + 1, SIZE + 2)
LIMITS = Limits(states=60_000, time_s=60)
LOT = 50
"""Programs between two collections of what is left behind: looking for that is a third of the time
otherwise."""


class Compared(NamedTuple):
    """ends: `proved`, `not proved`, `undecided`, `rejected`, or why it was refused.

    wrong: what is proved and broken with some number of the threads.
    """

    ends: str
    wrong: tuple[str, ...] = ()


def compared(seed: int, numbers: tuple[int, ...] = NUMBERS) -> Compared:
    """What becomes of one program."""
    try:
        scenario = loads(program(seed))
        values = scenario.combinations()[0]
        one, few = made(scenario, "many", values)
    except Rejected:
        return Compared("rejected")
    except Refused as problem:
        return Compared(problem.reason)
    found = fixpoint(few, LIMITS)
    if found.limit is not None:
        return Compared("undecided")
    proved = names_proved(one, found) if not found.broken & model_errors(one) else frozenset()
    wrong = []
    for number in numbers if proved else ():
        for run in scenario.runs([{**values, "N": number}], limits=LIMITS):
            wrong += [
                f"{p.name} with {number}"
                for p in run.properties
                if p.verdict is Verdict.VIOLATED and p.name in proved
            ]
    asked = proved - {"in_range", "lock_rules", "no_deadlock"}
    return Compared("proved" if asked else "not proved", tuple(wrong))


def all_compared(seeds: range) -> Iterator[tuple[int, Compared]]:
    for seed in seeds:
        yield seed, compared(seed)


def main(first: int, last: int) -> int:
    os.environ["MMSCN_CACHE"] = ""  # each program is made once
    gc.disable()
    ends: Counter[str] = Counter()
    wrong = 0
    for seed, found in all_compared(range(first, last)):
        ends[found.ends] += 1
        if seed % LOT == 0:
            gc.collect()
        if found.wrong:
            wrong += 1
            print(f"seed {seed}: {', '.join(found.wrong)}\n{program(seed)}")
    for end, many in ends.most_common():
        print(f"{many:6} {end}")
    print(f"{wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
