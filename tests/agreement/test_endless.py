"""Generated scenarios: the oracle and the search say the same of what goes on for ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.agreement.agreement import programs_of
from support.agreement.endless_agreement import differing, through_the_facade
from support.oracle.endless_texts import endless_text
from support.oracle.states import Unbounded
from support.strategies import scenario_text

from mmscn.diagnostics import Rejected
from mmscn.lower.compile import compile
from mmscn.runtime.bytecode import Program
from mmscn.runtime.explore.liveness import search
from mmscn.runtime.result import Limits
from mmscn.source import Source

QUICK, SLOW = range(40), range(100, 700)
WIDE, WIDER = range(20), range(100, 300)


@pytest.mark.parametrize("lot", range(4))
def test_generated_loops_go_on_for_ever_as_the_oracle_says(lot: int) -> None:
    assert not agreed(QUICK[lot::4])


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(20))
def test_more_generated_loops_go_on_for_ever_as_the_oracle_says(lot: int) -> None:
    assert not agreed(SLOW[lot::20])


def agreed(seeds: range) -> list[str]:
    found = []
    for seed in seeds:
        text = endless_text(seed)
        try:
            found += [f"{problem}\n{text}" for problem in differing(text)]
        except Unbounded:
            continue
    return found


def test_scenarios_about_all_of_the_language_go_on_for_ever_as_the_oracle_says() -> None:
    assert compared_widely(WIDE) > 5


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(10))
def test_more_scenarios_about_all_of_the_language_do(lot: int) -> None:
    assert compared_widely(WIDER[lot::10]) > 5


def compared_widely(seeds: range) -> int:
    """How many scenarios were compared: some are rejected, some too large."""
    count = 0
    for seed in seeds:
        text = scenario_text(seed) + "check no_livelock\n"
        try:
            assert not list(differing(text)), text
            count += 1
        except (Rejected, Unbounded):
            continue
    return count


@pytest.mark.parametrize("seed", range(4))
def test_reductions_and_executors_make_no_difference(seed: int) -> None:
    assert list(through_the_facade(endless_text(seed))) == []


def unfair(program: Program) -> Program:
    return program._replace(processes=tuple(p._replace(fair=False) for p in program.processes))


def ungranted(program: Program) -> Program:
    return program._replace(rules=tuple(r._replace(granted=False) for r in program.rules))


def owed_hardware(program: Program) -> Program:
    return program._replace(processes=tuple(p._replace(fair=True) for p in program.processes))


@pytest.mark.parametrize(("changed", "first"), [(unfair, 0), (ungranted, 50), (owed_hardware, 10)])
def test_the_sample_depends_on_each_kind_of_fairness(
    changed: Callable[[Program], Program], first: int
) -> None:
    """first: a seed from which on one is near whose verdicts do."""
    for seed in range(first, 120):
        _, checked = programs_of(Source("text", endless_text(seed)))[0]
        program = compile(checked).program
        before, after = (search(p, limits=Limits()) for p in (program, changed(program)))
        if before.results != after.results:
            return
    raise AssertionError("no verdict depends on it")
