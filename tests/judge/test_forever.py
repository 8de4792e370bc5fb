"""Verdicts about what goes on for ever do not depend on reductions, nor on the executor, and the
report says which of them searched."""

from __future__ import annotations

import pytest
from support.oracle.endless_texts import endless_text

import mmscn as library
from mmscn.judge.api import Scenario
from mmscn.lower.compile import REDUCTIONS
from mmscn.runtime.explore.executors import EXECUTORS

SEEDS = range(200, 206)
MANY = range(206, 240)
SAID = "the native executor has searched the states; what goes on for ever is searched in Python"


def verdicts(scenario: Scenario, **how: object) -> list[dict[str, str]]:
    runs = scenario.runs(scenario.combinations(), **how)  # type: ignore[arg-type] # (by name)
    return [{p.name: p.verdict.value for p in run.properties} for run in runs]


def agree(scenario: Scenario) -> None:
    expected = verdicts(scenario, reduce=False, executor="python")
    ways = [None, True, *map(frozenset, ([name] for name in REDUCTIONS))]
    for executor in [e.name for e in EXECUTORS if e.missing() is None]:
        for reduce in ways:
            found = verdicts(scenario, reduce=reduce or False, executor=executor)
            assert found == expected, (reduce, executor)


@pytest.mark.parametrize("seed", SEEDS)
def test_reductions_and_executors_make_no_difference(seed: int) -> None:
    agree(library.loads(endless_text(seed)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_reductions_and_executors_make_no_difference_to_more(seed: int) -> None:
    agree(library.loads(endless_text(seed)))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["goto_again", "hmm_range_fault", "ipi_irqs_off", "who_starves"])
def test_nor_to_what_is_shipped(name: str) -> None:
    agree(library.load(name))


def test_an_executor_that_does_not_search_for_it_is_named() -> None:
    scenario = library.load("goto_again")
    for executor, said in (("native", True), ("python", False), ("auto", False)):
        (run, _) = scenario.runs(scenario.combinations(), executor=executor)
        assert any(SAID in note for note in run.notes) is said
