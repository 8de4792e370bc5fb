"""A lightly reduced program is searched before and while the other reductions are made; which of
the two answers is no accident."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import mmscn
from mmscn import Limits, Verdict
from mmscn.budget import Budget, poll, unless
from mmscn.judge.case import Case, Ends
from mmscn.judge.replays import expanded
from mmscn.judge.search_plan import search_case
from mmscn.lower import compile as lowering
from mmscn.lower.compiled import Reduced
from mmscn.lower.ir import Ir
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.explore.executors import EXECUTORS, chosen
from mmscn.runtime.judged import fails
from mmscn.runtime.result import Result

pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")

TEXT = """scenario apart
machine x86 { cpus 3 }
var x: 0..3
var y: 0..3
var z: 0..3
concurrent {
  thread a { x = 1; x = 2; x = 3 }
  thread b { y = 1; y = 2; y = 3 }
  thread c { z = 1; z = 2; z = 3 }
}
always "never" x + y + z < 9
"""
CACHED = """scenario cached
machine x86 { cpus 3 }
var entry: 0..2 = 1
var tlb[0..2]: 0..2
var got: 0..2
agent walker {
  may step fill when tlb[0] == 0 and entry > 0 { tlb[0] = entry }
  may step fill_1 when tlb[1] == 0 and entry > 0 { tlb[1] = entry }
  may step drop when tlb[0] > 0 { tlb[0] = 0 }
  may step drop_1 when tlb[1] > 0 { tlb[1] = 0 }
}
concurrent {
  thread reader[i in 0..1] { atomic { if tlb[i] > 0 { got = tlb[i] } else { got = entry } } }
  thread writer { entry = 2; entry = 0 }
}
finally "nothing is got" got == 0
"""
WHOLE = 64
"""States, where no step is taken together with another."""
NEVER = 60.0
"""Seconds, in which the test is over."""


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is known of the text."""
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path / "cache"))


def sizes(monkeypatch: pytest.MonkeyPatch, small: int, beside: int | None) -> None:
    for executor in EXECUTORS:
        monkeypatch.setattr(executor, "small", small)
        monkeypatch.setattr(executor, "beside", beside)


def case(text: str = TEXT) -> Case:
    scenario = mmscn.loads(text)
    return scenario.case(scenario.combinations()[0], True)()


def search(found: Case, limits: Limits = Limits()) -> Result:  # noqa: B008 (frozen)
    with Budget(limits.time_s).spending("the test"):
        return search_case(
            found, limits, explore, small=True, turns=True, executor=chosen("native")
        )[0]


def slow() -> Reduced:
    """Reductions that are not made in time, unless nobody wants them any more."""
    begun = time.monotonic()
    while time.monotonic() < begun + NEVER:
        poll()
    raise AssertionError("they were not abandoned")


def reduced_states() -> int:
    return explore(case().reduction.program).states


def test_the_texts_have_what_they_are_to_have() -> None:
    assert explore(case().program).states == WHOLE
    assert reduced_states() < WHOLE


@pytest.mark.parametrize("ready", [False, True])
def test_what_ends_answers_whatever_is_ready_first(
    ready: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes(monkeypatch, 10, WHOLE + 1)
    found = case()
    if ready:
        assert found.reduction
    else:
        found.reducer = slow
    result = search(found)
    assert (result.states, result.limit) == (WHOLE, None)
    assert "reduction" not in found.__dict__
    assert Verdict.VIOLATED in [check.verdict for check in result.checks]


@pytest.mark.parametrize("ready", [False, True])
def test_what_does_not_end_leaves_it_to_the_reduced_program(
    ready: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = reduced_states()
    sizes(monkeypatch, 10, WHOLE // 2)
    found = case()
    if ready:
        assert found.reduction
    assert search(found).states == expected


def test_the_light_program_is_smaller_and_its_counterexample_replays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = explore(mmscn.loads(CACHED).case({}, False)().program).states
    light = explore(mmscn.loads(CACHED).case({}, True)().light.program).states
    assert light < whole
    sizes(monkeypatch, 10, light + 1)
    (run,) = mmscn.loads(CACHED).check(executor="native").runs
    assert (run.result.states, run.case.reduced) == (light, run.case.light)
    found = run.counterexample("nothing is got")
    assert found is not None
    assert "reduction" not in vars(run.case)
    short = expanded(run.case, found.trace.check, Limits())
    assert short is not None
    assert fails(run.case.program, short.check, short.rules, short.states[-1])


def test_no_passes_that_take_long_are_in_the_light_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def fuse(_: Ir) -> Ir:
        raise AssertionError("it takes long")

    monkeypatch.setitem(lowering.REDUCTIONS, "fuse", (fuse, ""))
    assert case().light


def test_what_is_known_of_it_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = reduced_states()
    sizes(monkeypatch, 10, WHOLE // 2)
    assert search(case()).states == expected
    assert case().ends.get() == (False,)
    sizes(monkeypatch, 10, WHOLE + 1)
    assert search(case()).states == expected


def test_what_is_known_to_end_needs_no_reductions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes(monkeypatch, 10, WHOLE + 1)
    assert search(case()).states == WHOLE
    again = case()
    again.reducer = slow
    assert again.ends.get() == (True,)
    assert search(again).states == WHOLE


@pytest.mark.parametrize("ends", [False, True])
def test_it_is_known_of_an_edited_text_with_that_program(
    ends: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes(monkeypatch, 10, WHOLE + 1 if ends else WHOLE // 2)
    states = search(case()).states
    edited = case(f"// said before\n{TEXT}")
    if ends:
        edited.reducer = slow
    else:
        edited.lighter = slow
    assert edited.ends.get() == (ends,)
    assert search(edited).states == states
    assert case(TEXT.replace("z = 3", "z = 2")).ends.get() is None


def test_a_limit_of_ones_own_says_nothing_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes(monkeypatch, 10, WHOLE + 1)
    kept: list[tuple[bool]] = []
    found = case()
    found.ends = Ends(lambda: None, kept.append)
    search(found, Limits(states=12))
    assert kept == []


def test_no_time_for_reductions_is_no_loss_where_the_other_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes(monkeypatch, 10, WHOLE + 1)
    found = case()

    def exceeds() -> Reduced:
        budget = Budget(0.0)
        with budget.spending("reducing"):
            raise AssertionError("there is time")

    found.reducer = exceeds
    assert search(found).states == WHOLE


def test_without_a_budget_nothing_is_abandoned() -> None:
    assert unless(lambda: True, lambda: "made") == "made"


def test_a_part_that_is_abandoned_is_not_taken_for_one_without_time() -> None:
    budget = Budget(NEVER)
    with budget.spending("here"):
        assert unless(lambda: True, lambda: poll()) is None
        assert budget.reached == ""
        poll()
