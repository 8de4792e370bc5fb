"""`explain` searches no more states than `run` does, and sees the code of fault handlers."""

from __future__ import annotations

import pytest

import mmscn as library
from mmscn.explain.coverage import covered
from mmscn.explain.explanation import explained
from mmscn.runtime.result import Limits

FEW = (
    ("free_before_flush", {}),
    ("huge_page", {}),
    ("hmm_range_fault", {}),
    ("who_starves", {}),
    ("read_fault", {"ad": "recheck"}),
)
MORE = (
    ("racewrite", {}),
    ("fix_matrix", {"zap": "delayed_rmap", "caller": "madvise", "cleaner": "fadvise"}),
    ("tlb", {"NW": 2, "NP": 1, "K": 2, "VAR": 2}),
    ("madv_free_dio", {}),
    ("accessed_page", {}),
    ("gup_fast_against_collapse", {}),
    ("iova_flush_queue", {}),
    ("two_faults", {}),
    ("batching", {}),
    ("goto_again", {}),
    ("userfaultfd_wp", {}),
    ("swap_back", {}),
)


def costs_as_much(name: str, params: dict[str, object]) -> None:
    scenario = library.load(name)
    combinations = scenario.combinations(params)
    runs = list(scenario.runs(combinations, limits=Limits()))
    told = explained(scenario, combinations, Limits()).report.runs
    assert [run.result.states for run in told] == [run.result.states for run in runs]
    assert [run.word for run in told] == [run.word for run in runs]


@pytest.mark.parametrize(("name", "params"), FEW)
def test_explaining_takes_as_many_states_as_running(name: str, params: dict[str, object]) -> None:
    costs_as_much(name, params)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "params"), MORE)
def test_explaining_takes_as_many_states_in_more(name: str, params: dict[str, object]) -> None:
    costs_as_much(name, params)


def test_what_a_fault_handler_does_is_seen() -> None:
    scenario = library.load("two_faults")
    _, coverage = covered(scenario, scenario.combinations({"first": "load"})[0], Limits())
    assert coverage is not None
    fired = {source for (source, _, _), _, _ in coverage.fired}
    assert {"linux.fault", "linux.rmap"} <= fired
    assert "hw.mmu" not in fired


def test_a_step_of_an_own_agent_that_is_never_taken_is_told() -> None:
    text = """scenario s
var x: 0..3
thread a on cpu 0 { x = 1 }
agent device {
  step never when x == 2 { x = 0 }
  step late when x == 1 { x = 3 }
}
always x < 4
"""
    scenario = library.loads(text)
    found = explained(scenario, scenario.combinations(), Limits()).silent
    assert found is not None
    assert [(s.span.line, s.what, s.why) for s in found] == [(5, "step never", "is never done")]
