"""What every shipped scenario finds under every combination of its params, as JSON on stdout.

    python tests/scenarios/findings.py [NAME…]

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
from mmscn.check.values import show
from mmscn.judge.report import Run
from mmscn.judge.shipped import shipped_scenarios
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.explore.executors import available
from mmscn.runtime.result import Limits, Verdict

PYTHON_STATES_MAX = 3_000
"""Larger programs are not counted where there is no native executor."""

UNCOUNTED = "not counted"
SHARE = 16
"""How many combinations a process takes at a time."""


class Share(NamedTuple):
    """The combinations of a scenario from `first` on, SHARE of them at most."""

    name: str
    first: int


class Finding(NamedTuple):
    """line: params, verdict and counts. unmet: what is not as expected."""

    line: str
    unmet: list[str]


def findings(names: Iterable[str]) -> dict[str, list[Finding]]:
    """The findings about several scenarios, one for each combination."""
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


def of_run(run: Run) -> Finding:
    params = " ".join(f"{name}={show(value)}" for name, value in run.params) or "-"
    broken = ", ".join(p.title for p in run.violated())
    line = f"  {params}  {run.verdict.name} {broken}".rstrip() + f"  {counts(run)}"
    return Finding(line, [f"{params}: {unmet.text}" for unmet in run.unmet])


def counts(run: Run) -> str:
    """`532 states, 1307 transitions, depth 41`, of the program without reductions."""
    native = available()["native"] == "available"
    limits = Limits() if native else Limits(states=PYTHON_STATES_MAX)
    found = explore(run.case.program, limits=limits)
    if found.limit is not None:
        return UNCOUNTED
    for full, reduced in zip(found.checks, run.result.checks, strict=True):
        verdicts = {full.verdict, reduced.verdict}
        assert len(verdicts - {Verdict.VACUOUS}) <= 1, f"{run.params}: {verdicts}"
    return f"{found.states} states, {found.transitions} transitions, depth {found.depth}"


if __name__ == "__main__":
    shipped = [s.name for s in shipped_scenarios() if not s.benchmark]
    print(json.dumps(findings(sys.argv[1:] or shipped)))
