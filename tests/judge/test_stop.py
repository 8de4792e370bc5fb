"""A check that ends early: what counts, what stays undecided, and that a trace is the shortest."""

from __future__ import annotations

import pytest

from mmscn import Verdict, loads
from mmscn.judge.report import Report
from mmscn.judge.stopping import stop_of
from mmscn.runtime.explore.executors import EXECUTORS
from mmscn.runtime.result import Limit

TEXT = """scenario early
var n: 0..15
concurrent {
  thread a { repeat 5 { n += 1 } }
  thread b { n = 0; n = 7 }
}
always "below one" n < 1 or n == 7
always "below three" n < 3 or n == 7
always "never seven" n != 7
expect violated "below one", "below three", "never seven"
"""
REACHES = """scenario reaches
var n: 0..15
concurrent { thread a { repeat 5 { n += 1 } } }
reachable "three" n == 3
always "below seven" n < 7
"""


def verdicts(report: Report) -> dict[str, str]:
    (run,) = report.runs
    return {p.name: p.verdict.value for p in run.properties}


def test_the_search_ends_behind_the_first_level_that_breaks_something() -> None:
    whole, early = loads(TEXT).check(), loads(TEXT).check(stop="first")
    (run,) = early.runs
    assert run.result.limit is Limit.STOP
    assert run.result.states < whole.runs[0].result.states
    assert verdicts(early)["below one"] == "violated"
    assert verdicts(early)["below three"] == "undecided"
    assert verdicts(early)["no_deadlock"] == "undecided"
    assert {u.because for u in run.unmet} == {Verdict.UNDECIDED}


def test_a_number_says_how_many_names_are_to_break() -> None:
    counts = []
    for n in (1, 2, 3, 4):
        found = verdicts(loads(TEXT).check(stop=n))
        counts.append(list(found.values()).count("violated"))
    assert counts[0] >= 1
    assert counts == sorted(counts)
    assert counts[2:] == [3, 3]
    assert loads(TEXT).check(stop=4).met  # which are more than there are: it searches all


def test_what_is_announced_does_not_end_a_search_for_what_is_not() -> None:
    assert loads(TEXT).check(stop="unexpected").met
    some = TEXT.replace(', "never seven"\n', "\n").replace('"below one", ', "")
    (run,) = loads(some).check(stop="unexpected").runs
    assert run.result.limit is Limit.STOP
    assert any(u.because is Verdict.VIOLATED for u in run.unmet)


def test_a_counterexample_is_as_short_as_without() -> None:
    whole, early = loads(TEXT).check(), loads(TEXT).check(stop="first")
    for p in early.runs[0].violated():
        one = early.runs[0].counterexample(p.name)
        other = whole.runs[0].counterexample(p.name)
        assert one is not None
        assert other is not None
        assert one.trace == other.trace
        assert one.trace.shortest


def test_a_witness_ends_no_search() -> None:
    (run,) = loads(REACHES).check(stop="first").runs
    assert run.result.limit is None
    assert run.met


def test_a_bound_of_the_model_is_no_violation() -> None:
    case = loads(TEXT).case(loads(TEXT).combinations()[0], True)()
    facts = case.facts
    bound = tuple(a._replace(kind="bound") for a in facts.asked)
    assert set(stop_of(facts._replace(asked=bound), "first").groups) == {-1}
    assert -1 not in stop_of(facts, "first").groups


@pytest.mark.parametrize("stop", ["first", "unexpected", "2"])
def test_what_is_found_does_not_depend_on_the_executor(stop: str) -> None:
    found = []
    for executor in (e for e in EXECUTORS if e.missing() is None):
        report = loads(TEXT).check(stop=stop, executor=executor.name)
        found.append((verdicts(report), report.runs[0].result.states))
    assert all(one == found[0] for one in found)


@pytest.mark.parametrize("stop", ["each", 0, -1, "1.5", ""])
def test_other_words_are_refused(stop: str | int) -> None:
    with pytest.raises(ValueError, match="a search stops at first, unexpected or a number"):
        loads(TEXT).check(stop=stop)
