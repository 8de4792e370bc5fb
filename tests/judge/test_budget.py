"""Limits of time and memory hold in every phase; what was found before one is reached stays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import mmscn
from mmscn import Limits, Verdict, budget
from mmscn.budget import Budget, Exceeded, left_s, part, phase, poll, within_part
from mmscn.cli.cli import main
from mmscn.judge import api
from mmscn.judge.report import Run
from mmscn.lower.compile import REDUCTIONS
from mmscn.runtime.explore.executors import EXECUTORS
from mmscn.runtime.result import Limit

ENOUGH = Limits(time_s=1000)

TEXT = """scenario rounds
param high = 2 | 3
spinlock guard
var n: 0..4
var x[cpu]: 0..3
concurrent {
  daemon thread w[c in 0..1] on cpu c {
    await n < high
    let seen = n
    lock guard { n += 1 }
    while x[this_cpu] != 2 { x[this_cpu] += 1 }
    if seen > 0 { x[this_cpu] = 0 }
  }
}
always "it is bounded" n <= high + 1
reachable x[cpu 0] == 2
"""

RACE = """scenario race
var x: 0..3
thread a on cpu 0 { let seen = x; x = seen + 1 }
thread b on cpu 1 { let seen = x; x = seen + 1 }
finally "both count" x == 2
"""


class Clock:
    """Stands still, but where a budget is in one phase: there, its `nth` look takes long."""

    def __init__(self, slow: str, seconds: float, nth: int = 1) -> None:
        self.slow = slow
        self.seconds = seconds
        self.nth = nth
        self.now = 0.0

    def __call__(self) -> float:
        current = budget.CURRENT.get()
        if current is not None and current.phase == self.slow:
            self.nth -= 1
            if self.nth == 0:
                self.now += self.seconds
        return self.now


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Reductions are made for small programs, and nothing was kept before."""
    small(monkeypatch, 12)
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path / "cache"))


def small(monkeypatch: pytest.MonkeyPatch, states: int) -> None:
    for executor in EXECUTORS:
        monkeypatch.setattr(executor, "small", states)
        monkeypatch.setattr(executor, "beside", None)


def first(text: str) -> Run:
    params = {"high": 2} if "high" in text else {}
    (run,) = mmscn.loads(text).check(params, limits=ENOUGH).runs
    return run


# ---- the budget ---------------------------------------------------------------


def test_time_is_counted_only_while_it_is_spent() -> None:
    now = [0.0]
    spent = Budget(10, clock=lambda: now[0])
    with spent.spending("one"):
        now[0] += 6
    now[0] += 100
    with spent.spending("two"):
        now[0] += 3
        poll()
        assert left_s() == 1
        now[0] += 2
        with pytest.raises(Exceeded) as found:
            poll()
    assert (found.value.limit, found.value.phase, spent.reached) == (Limit.TIME, "two", "two")
    with pytest.raises(Exceeded), spent.spending("three"):
        raise AssertionError("there was nothing left")


def test_what_takes_more_than_its_part_is_left_out_and_the_rest_goes_on() -> None:
    now = [0.0]

    def slow() -> str:
        now[0] += 4
        poll()
        return "made"

    spent = Budget(10, clock=lambda: now[0])
    with spent.spending("all"):
        assert within_part("a pass", 0.5, slow) == "made"
        assert within_part("a pass", 0.5, slow) is None
        assert (spent.phase, spent.reached) == ("all", "")
        with part(0.5):
            assert left_s() == 1
        with phase("the rest"):
            assert left_s() == 2


def test_memory_is_what_is_added_since_the_beginning() -> None:
    now, size = [0.0], [5 << 30]
    spent = Budget(None, 300, clock=lambda: now[0], resident=lambda: size[0])
    with spent.spending("one"):
        now[0] += 1
        size[0] += 299 << 20
        poll()
        now[0] += 1
        size[0] += 2 << 20
        with pytest.raises(Exceeded) as found:
            poll()
    assert found.value.limit is Limit.MEMORY


def test_without_a_budget_nothing_is_bounded() -> None:
    poll()
    assert left_s() is None
    assert within_part("a pass", 0.0, lambda: 1) == 1


def test_the_memory_of_this_process_is_known() -> None:
    assert budget.resident_bytes() > 1 << 20


# ---- phases that a verdict needs ----------------------------------------------------


@pytest.mark.parametrize(
    "slow", ["checking the text", "lowering", "lowering: fold", "lowering: live", "assembling"]
)
def test_a_limit_that_is_reached_before_the_search_leaves_the_others(
    slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "monotonic", Clock(slow, 2000))
    report = mmscn.loads(TEXT).check(limits=ENOUGH)
    ended, whole = report.runs
    assert (ended.verdict, ended.result.limit, ended.phase) == (
        Verdict.UNDECIDED,
        Limit.TIME,
        slow,
    )
    assert not ended.met
    assert not report.interrupted
    assert (whole.verdict, whole.result.limit, whole.phase) == (Verdict.HOLDS, None, "")
    assert (ended.params, whole.params) == ((("high", 2),), (("high", 3),))


def test_the_command_says_which_phase_took_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rounds.mmscn"
    path.write_text(TEXT)
    monkeypatch.setattr(budget, "monotonic", Clock("lowering", 2000))
    assert main(["run", str(path), "--time", "1000"]) == 3
    said = " ".join(capsys.readouterr().out.split())
    assert "high=2: undecided, the limit of time was reached while lowering, at 0 states" in said
    assert "1 as expected, 1 not decided" in said


def test_the_result_as_json_has_the_phase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rounds.mmscn"
    path.write_text(TEXT)
    monkeypatch.setattr(budget, "monotonic", Clock("lowering", 2000))
    assert main(["run", str(path), "--time", "1000", "--json"]) == 3
    assert '"phase": "lowering"' in capsys.readouterr().out


def test_what_was_found_before_the_reductions_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT + "always never x[cpu 0] == 1\n".replace("never", '"never one" not')
    small(monkeypatch, 40)
    monkeypatch.setattr(budget, "monotonic", Clock("assembling what is reduced", 2000))
    run = first(text)
    assert run.property("never one").verdict is Verdict.VIOLATED
    assert run.property("it is bounded").verdict is Verdict.UNDECIDED
    assert (run.result.limit, run.phase) == (Limit.TIME, "assembling what is reduced")


def test_a_search_has_what_the_phases_have_left(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float | None] = []
    true = api.explore

    def explore(program: object, *, limits: Limits, **options: Any) -> object:
        seen.append(limits.time_s)
        return true(program, limits=limits, **options)

    monkeypatch.setattr(api, "explore", explore)
    monkeypatch.setattr(budget, "monotonic", Clock("lowering", 700))
    assert first(TEXT).verdict is Verdict.HOLDS
    assert seen[0] == 300


# ---- reductions -------------------------------------------------------------------

TOO_LONG = {name: 400 for name, (run, _) in REDUCTIONS.items() if run is not None}
"""The passes have half of the time, and one of them half of that; then one has half of all."""


@pytest.mark.parametrize(
    ("slow", "seconds"), [*TOO_LONG.items(), ("symmetry", 600), ("the note on stores", 600)]
)
def test_a_reduction_that_takes_its_part_is_left_out_and_the_program_is_not_kept(
    slow: str, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = first(TEXT)
    folder = Path(os.environ["MMSCN_CACHE"])
    assert any("reduced-" in p.name for p in folder.rglob("*"))
    for kept in folder.rglob("reduced-*"):
        kept.unlink()
    monkeypatch.setattr(budget, "monotonic", Clock(f"reducing: {slow}", seconds))
    run = first(TEXT)
    assert run.notes == (f"left out, for the time or memory that it took: {slow}",)
    assert (run.verdict, run.result.limit, run.phase) == (wanted.verdict, None, "")
    assert [p.verdict for p in run.properties] == [p.verdict for p in wanted.properties]
    assert not any("reduced-" in p.name for p in folder.rglob("*"))
    assert first(TEXT).notes == ()


@pytest.mark.parametrize(
    "slow", ["split", "alike", "fuse", "joint", "refold", "relive", "symmetry"]
)
def test_a_reduction_looks_at_the_clock_while_it_works(
    slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "monotonic", Clock(f"reducing: {slow}", 600, nth=2))
    (note,) = first(TEXT).notes
    assert slow in note


@pytest.mark.parametrize("slow", ["checking the text", "lowering", "lowering: fold", "assembling"])
def test_what_is_no_reduction_looks_at_the_clock_while_it_works(
    slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "monotonic", Clock(slow, 2000, nth=5))
    assert first(TEXT).phase == slow


# ---- counterexamples ----------------------------------------------------------------


def test_a_counterexample_that_takes_too_long_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert first(RACE).counterexample("both count") is not None
    monkeypatch.setattr(budget, "monotonic", Clock("looking for a counterexample", 2000))
    run = first(RACE)
    assert run.verdict is Verdict.VIOLATED
    assert run.counterexample("both count") is None
