"""What every shipped scenario finds under every combination of its params, as JSON on stdout.

    python tests/support/scenarios/found.py [NAME…]

A program of its own, so that all processors take part: most of the work is
lowering, which is Python.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import mmscn
from mmscn.check.values import Value, show
from mmscn.judge.case import Case
from mmscn.judge.report import Run
from mmscn.judge.shipped import shipped_scenarios
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.explore.executors import available
from mmscn.runtime.result import Limits, Verdict

PYTHON_STATES_MAX = 3_000
PYTHON_LIMITS = Limits(states=PYTHON_STATES_MAX)
"""Larger programs are not counted where there is no native executor."""

UNCOUNTED = "not counted"
SHARE = 16
"""How many combinations a process takes at a time."""


class Share(NamedTuple):
    """Combinations of a scenario: from `first` on, SHARE of them at most."""

    name: str
    first: int


class Finding(NamedTuple):
    """line: params, verdict and counts. unmet: what is not as expected; `mmscn run` ends with 0
    where that is nothing."""

    line: str
    unmet: list[str]


def found_about(names: Iterable[str]) -> dict[str, list[Finding]]:
    """What is found about several scenarios, for each combination."""
    shares = [
        Share(name, first)
        for name in names
        for first in range(0, len(mmscn.load(name).combinations()), SHARE)
    ]
    found: dict[str, list[Finding]] = {share.name: [] for share in shares}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for share, some in zip(shares, pool.map(of_share, shares), strict=True):
            found[share.name] += some
    return found


def of_share(share: Share) -> list[Finding]:
    scenario = mmscn.load(share.name)
    combinations = scenario.combinations()[share.first : share.first + SHARE]
    try:
        return [of_run(run) for run in scenario.runs(combinations)]
    except mmscn.Rejected as problem:
        return [Finding(f"  rejected from combination {share.first} on", [str(problem)])]


def of_run(run: Run, *, counted: bool = True) -> Finding:
    """counted: whether the program with every step is searched for its size."""
    broken = ", ".join(p.title for p in run.violated())
    size = counts(run) if counted else UNCOUNTED
    line = f"  {params(run.params)}  {run.word.upper()} {broken}".rstrip() + f"  {size}"
    return Finding(line, [f"{params(run.params)}: {unmet.text}" for unmet in run.unmet])


def params(chosen: tuple[tuple[str, Value], ...]) -> str:
    return " ".join(f"{name}={show(value)}" for name, value in chosen) or "-"


def counts(run: Run) -> str:
    """`532 states, 1307 transitions, depth 41`, of the program without reductions.

    Where the run has searched another program (reduced, or without counters), what it said of
    each check is what the program with every step says. Else the run's own numbers are those.
    """
    native = available()["native"] == "available"
    found = run.result
    if searched_another(run.case):
        found = explore(run.case.program, limits=Limits() if native else PYTHON_LIMITS)
    if found.limit is not None:
        return UNCOUNTED
    said = {c.check: broken_or_not(c.verdict) for c in run.result.checks}
    full = {c.check: broken_or_not(c.verdict) for c in found.checks}
    assert Verdict.UNDECIDED in said.values() or said == full, f"{run.params}: {said}, {full}"
    return f"{found.states} states, {found.transitions} transitions, depth {found.depth}"


def searched_another(case: Case) -> bool:
    """Whether a search went beyond the program with every step: only then the others are made."""
    return not vars(case).keys().isdisjoint(("light", "reduction", "uncounted"))


def broken_or_not(verdict: Verdict) -> Verdict:
    """Whether a premise was ever met may depend on the reductions; whether it broke may not."""
    return Verdict.HOLDS if verdict is Verdict.VACUOUS else verdict


if __name__ == "__main__":
    shipped = [s.name for s in shipped_scenarios() if not s.benchmark]
    print(json.dumps(found_about(sys.argv[1:] or shipped)))
