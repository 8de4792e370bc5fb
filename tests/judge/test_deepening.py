"""Round by round, with more states each: the verdicts are those of one search each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from support.command import Command

from mmscn import Limits, loads
from mmscn.judge import deepening
from mmscn.judge.deepening import bounds, deepened
from mmscn.judge.report import Report, Run
from mmscn.runtime.result import Limit, Result

TEXT = """scenario sizes
param n = 12 | 4 | 8
var x: 0..63
var y: 0..63
concurrent {
  thread a { repeat n { x += 1 } }
  thread b { repeat n { y += 1 } }
}
always "small" x < 12 or y < 12
expect violated "small" when n == 12
expect holds otherwise
"""


@pytest.fixture
def small_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deepening, "FIRST", 30)
    monkeypatch.setattr(deepening, "TIMES", 3)


def verdicts(report: Report) -> list[tuple[object, ...]]:
    return [(run.params, run.met, [p.verdict for p in run.properties]) for run in report.runs]


def test_bounds_grow_up_to_the_limit() -> None:
    assert list(bounds(3_000_000)) == [20_000, 200_000, 2_000_000, 3_000_000]
    assert list(bounds(20_000)) == [20_000]
    assert list(bounds(7)) == [7]


@pytest.mark.parametrize("states", [1_000, 100])
def test_the_verdicts_are_those_of_one_search_each(states: int, small_rounds: None) -> None:
    limits = Limits(states=states)
    plain = loads(TEXT).check(limits=limits, reduce=False)
    deep = loads(TEXT).check(limits=limits, reduce=False, deepen=True)
    assert verdicts(deep) == verdicts(plain)
    assert [run.result.limit for run in deep.runs] == [run.result.limit for run in plain.runs]
    assert (states == 1_000) is all(run.result.limit is None for run in deep.runs)


def test_what_is_small_is_decided_before_what_is_large_is_gone_on_with(
    small_rounds: None,
) -> None:
    scenario = loads(TEXT)
    told: list[tuple[int, list[object]]] = []

    def behind(states: int, decided: Sequence[Run]) -> None:
        told.append((states, [dict(run.params)["n"] for run in decided]))

    combinations = scenario.combinations()
    limits = Limits(states=1_000)
    runs = list(deepened(scenario, combinations, limits=limits, reduce=False, told=behind))
    assert told == [(30, [4]), (90, [4, 8])]
    assert [dict(run.params)["n"] for run in runs] == [12, 4, 8]


def test_an_interrupt_keeps_what_is_known(
    small_rounds: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = loads(TEXT)
    searched = 0
    whole = scenario.runs

    def runs(*args: object, **how: object) -> object:
        nonlocal searched
        searched += 1
        for run in whole(*args, **how):  # type: ignore[arg-type]
            result: Result = run.result._replace(limit=Limit.INTERRUPT)
            yield run if searched < 5 else run._replace(result=result)

    monkeypatch.setattr(scenario, "runs", runs)
    report = scenario.check(limits=Limits(states=1_000), reduce=False, deepen=True)
    assert report.interrupted
    assert len(report.runs) == 3


def test_the_command_tells_each_round(
    tmp_path: Path, mmscn: Command, small_rounds: None
) -> None:
    file = tmp_path / "sizes.mmscn"
    file.write_text(TEXT)
    words = ["run", str(file), "--states", "1000", "--no-reduce"]
    plain, deep = mmscn(*words), mmscn(*words, "--deepen")
    assert deep.out == plain.out
    assert deep.code == plain.code
    assert "mmscn: sizes: 1 of 3 runs decided within 30 states, 0 not as expected" in deep.err
    assert mmscn(*words, "--deepen", "--quiet").err == ""


@pytest.mark.parametrize("more", [["--checkpoint", "x"], ["--simulate", "4"]])
def test_what_is_of_one_search_is_refused(more: list[str], mmscn: Command) -> None:
    assert mmscn("run", "matrix.mmscn", "--deepen", *more).code == 2
