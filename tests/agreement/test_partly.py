"""Searches that end early and random walks, on generated scenarios: what they say, a whole search
says, too, and all executors say the same."""

from __future__ import annotations

import pytest
from support.oracle.generator import scenario_text

from mmscn import Limits, Verdict, loads
from mmscn.diagnostics import Rejected
from mmscn.explain.simulation import Walks, simulated
from mmscn.judge import search_plan, token
from mmscn.judge.api import Scenario
from mmscn.judge.report import Run
from mmscn.runtime.explore.executors import EXECUTORS

LIMITS = Limits(states=4_000)
SEEDS = [10, pytest.param(120, marks=pytest.mark.slow)]


def told(run: Run) -> dict[str, str]:
    return {p.name: p.verdict.value for p in run.properties}


def whole(seed: int) -> tuple[Scenario, Run] | None:
    """None where a seed makes none, or too large a one."""
    try:
        scenario = loads(scenario_text(seed))
        (run,) = scenario.runs(scenario.combinations()[:1], limits=LIMITS)
    except Rejected:
        return None
    return None if run.result.limit is not None else (scenario, run)


@pytest.mark.parametrize("seeds", SEEDS)
def test_a_search_that_stops_finds_a_part_of_all(
    seeds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = 0
    able = [e.name for e in EXECUTORS if e.missing() is None]
    for seed in range(seeds):
        found = whole(seed)
        if found is None:
            continue
        scenario, all_ = found
        # Half of them by the reduced program.
        monkeypatch.setattr(search_plan, "SMALL", 5 if seed % 2 else 20_000)
        stop = ("first", "unexpected", "2")[seed % 3]
        runs = [
            next(scenario.runs([dict(all_.params)], limits=LIMITS, stop=stop, executor=e, jobs=j))
            for e, j in zip([*able, able[0]], (1, 1, 2), strict=False)
        ]
        assert all(told(r) == told(runs[0]) for r in runs), seed
        assert len({(r.result.states, r.result.transitions, r.result.limit) for r in runs}) == 1
        for name, verdict in told(runs[0]).items():
            assert verdict in (told(all_)[name], "undecided"), (seed, name)
        for p in runs[0].violated():
            one, other = runs[0].counterexample(p.name), all_.counterexample(p.name)
            assert (one is None) == (other is None), seed
            assert one is None or other is None or len(one.trace.rules) == len(other.trace.rules)
        stopped += runs[0].result.limit is not None
    assert stopped > seeds // 4


@pytest.mark.parametrize("seed", [338, 1114])
def test_a_check_that_the_last_step_alone_breaks_is_broken_by_that_step(seed: int) -> None:
    """Several steps lead to the same state, and one of them breaks it, or halts."""
    found = whole(seed)
    assert found is not None
    scenario, all_ = found
    one = simulated(scenario, dict(all_.params), Walks(15, seed), LIMITS._replace(depth=200))
    assert one.run.violated()
    for p in one.run.violated():
        assert one.run.counterexample(p.name) is not None


@pytest.mark.parametrize("seeds", SEEDS)
def test_walks_break_what_a_search_breaks(seeds: int) -> None:
    broken = 0
    for seed in range(seeds):
        found = whole(seed)
        if found is None:
            continue
        scenario, all_ = found
        limits = LIMITS._replace(depth=200)
        one = simulated(scenario, dict(all_.params), Walks(15, seed), limits)
        for p in one.run.properties:
            assert p.verdict.value in (told(all_)[p.name], "undecided"), (seed, p.name)
            assert p.verdict is not Verdict.VACUOUS
        for p in one.run.violated():
            example = one.run.counterexample(p.name)
            assert example is not None
            if example.token is not None:
                again = token.replayed(example.token, example.compiled)
                assert again.rules == example.trace.rules
            broken += 1
    assert broken > seeds // 3
