"""The library with one lock, flush, barrier, exchange or reference less: does a scenario notice?

    python tests/scenarios/mutations.py [WORD]      of the mutants whose names have the word in them

The mutants are those of `mmscn.explain.mutants`, of these KINDS.

What runs are the combinations of all shipped scenarios that come by the changed statement, but for
those with an UNREPAIRED zap; the ones that are expected to hold come first, and without such a one
the statement is not part of a repair. A mutant is noticed when one of them is not as expected.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import zip_longest
from pathlib import Path

from attrs import evolve, frozen

import mmscn
from mmscn.check.elaborate import elaborate
from mmscn.check.values import Value, show
from mmscn.explain.mutants import Mutant, Place, mutants, mutated
from mmscn.judge.applying import applying
from mmscn.judge.shipped import shipped_scenarios
from mmscn.runtime.result import Limits, Verdict

UNREPAIRED = (
    "rc2",
    "preparatory",
    "tagged_pointers",
    "untagged_pointers",
    "dirty_in_gather",
    "dirty_in_gather_lock",
    "no_dirty",
    "no_dirty_in_gather",
    "late_rmap",
    "late_rmap_only",
)
"""Values of a param `zap` that are no repair."""

KINDS = ("lock", "flush", "fence", "exchange", "reference")

REFERENCE = re.compile(r": (call )?((get|put)_page\(|.*\.refcount [+-]= )")
"""What of the references is one to a page."""

RUNS_MAX = 100
"""Combinations that a mutant is tried on, spread over the scenarios."""

LIMITS = Limits(states=3_000_000)


@frozen
class Case:
    """A combination that a mutant is tried on. holds: what is expected of it."""

    scenario: str
    params: tuple[tuple[str, Value], ...]
    holds: bool

    def __str__(self) -> str:
        return " ".join([self.scenario, *(f"{name}={show(value)}" for name, value in self.params)])


@frozen
class Noticed:
    """case: the first that is not as expected, None where all are. tried: how many ran."""

    mutant: Mutant
    case: Case | None
    why: str
    tried: int
    of: int


# ---- trying it --------------------------------------------------------------


@cache
def loaded(name: str) -> mmscn.Scenario:
    return mmscn.load(name)


def cases_of(name: str) -> list[tuple[Case, frozenset[Place]]]:
    """The combinations of a scenario that are tried, with the statements they come by."""
    scenario = loaded(name)
    found = []
    for params in scenario.combinations():
        if str(params.get("zap")) in UNREPAIRED:
            continue
        holds = not any(e.violated for e in applying(scenario.unit, params))
        places = set()
        for origin in elaborate(scenario.unit, params).origins:
            for span in (origin.span, *(call.span for call in origin.path)):
                places.add((span.source.name, span.start))
        found.append((Case(name, tuple(params.items()), holds), frozenset(places)))
    return found


def unmet(case: Case, mutant: Mutant) -> str:
    """What is not as expected; empty where all is, and where a limit is reached."""
    original = loaded(case.scenario)
    scenario = mmscn.Scenario.of(mutated(original.unit, mutant), original.path)
    try:
        (run,) = scenario.runs([dict(case.params)], limits=LIMITS, reduce=False)
    except mmscn.Rejected as problem:
        return f"rejected: {problem}"
    return "; ".join(u.text for u in run.unmet if u.because is not Verdict.UNDECIDED)


def noticed(work: tuple[Mutant, list[Case]]) -> Noticed:
    mutant, cases = work
    for number, case in enumerate(cases[:RUNS_MAX], 1):
        why = unmet(case, mutant)
        if why:
            return Noticed(mutant, case, why, number, len(cases))
    return Noticed(mutant, None, "", min(len(cases), RUNS_MAX), len(cases))


def spread(cases: Iterable[Case]) -> list[Case]:
    """Those that hold first: one of each scenario, then another of each, and so on."""
    by_scenario: dict[tuple[bool, str], list[Case]] = {}
    for case in cases:
        by_scenario.setdefault((not case.holds, case.scenario), []).append(case)
    found = []
    for broken in (False, True):
        turns = zip_longest(*(some for key, some in by_scenario.items() if key[0] == broken))
        found += [case for turn in turns for case in turn if case is not None]
    return found


def all_noticed(
    wanted: Callable[[Mutant], bool] = lambda _: True,
    tell: Callable[[Noticed], None] = lambda _: None,
    first: Mapping[str, str] | None = None,
    known: Mapping[str, Noticed] | None = None,
) -> list[Noticed]:
    """Every mutant that some combination comes by which is expected to hold; by name.

    first: the combination that has noticed a mutant before, which is tried first.
    known: what an earlier run has found, which is not tried again.
    """
    first = first or {}
    known = known or {}
    names = [s.name for s in shipped_scenarios() if not s.benchmark]
    found = {m.name: m for m in whole(names) if wanted(m)}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        tried = [one for some in pool.map(cases_of, names) for one in some]
        work = []
        for mutant in found.values():
            cases = spread(case for case, places in tried if mutant.places & places)
            cases.sort(key=lambda case: str(case) != first.get(mutant.name))
            if any(case.holds for case in cases) and mutant.name not in known:
                work.append((mutant, cases))
        results = [known[name] for name in found if name in known]
        for result in pool.map(noticed, work):
            tell(result)
            results.append(result)
    return sorted(results, key=lambda r: r.mutant.name)


def whole(names: Iterable[str]) -> list[Mutant]:
    """The mutants of several scenarios, each of all procedures that one of them has.

    What is a part of another is left out: of those that hand a lock to each other, what a scenario
    has that imports a few of them.
    """
    found: dict[str, Mutant] = {}
    for name in names:
        for m in mutants(loaded(name).unit):
            if counted(m):
                found[m.name] = evolve(m, places=m.places | found.get(m.name, m).places)
    locks = [m.places for m in found.values() if m.kind == "lock"]
    return [m for m in found.values() if not any(m.places < places for places in locks)]


def counted(mutant: Mutant) -> bool:
    """Whether a mutant is one of those that docs/redundant.md is about."""
    reference = mutant.kind != "reference" or REFERENCE.search(mutant.name) is not None
    return mutant.kind in KINDS and reference


def read_results(path: Path) -> dict[str, Noticed]:
    """What `add_result()` has written to a file, by name, but for a line that was cut."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            name, kind, places, case, why, tried, of = json.loads(line)
        except ValueError:
            continue
        mutant = Mutant(name, kind, frozenset((source, start) for source, start in places))
        found[name] = Noticed(mutant, Case(case, (), True) if case else None, why, tried, of)
    return found


def add_result(path: Path, r: Noticed) -> None:
    """Add a line for `read_results()`."""
    m = r.mutant
    case = str(r.case) if r.case is not None else ""
    line = json.dumps([m.name, m.kind, sorted(m.places), case, r.why, r.tried, r.of])
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def worded(r: Noticed) -> str:
    found = f"{r.case}: {r.why}" if r.case is not None else "NOT NOTICED"
    return f"{r.mutant.name}\n    {found} ({r.tried} of {r.of})"


if __name__ == "__main__":
    words = sys.argv[1:]
    all_noticed(
        lambda mutant: all(word in mutant.name for word in words),
        lambda result: print(worded(result), flush=True),
    )
