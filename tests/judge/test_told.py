"""What is kept of a trace is what would be made from it."""

from __future__ import annotations

from pathlib import Path

import pytest

import mmscn
from mmscn import told
from mmscn.draw import diagram
from mmscn.judge import prepare
from mmscn.judge.api import load
from mmscn.judge.evidence import Counterexample
from mmscn.judge.report import Report
from mmscn.judge.shipped import Shipped, shipped_scenarios
from mmscn.show.counterexamples import drawn, picture

TEXT = """scenario s
var x: 0..2
concurrent {
  thread a {
    let r = x
    x = r + 1
  }
  thread b {
    let r = x
    x = r + 1
  }
}
finally "both count" x == 2
always "it is small" x < 2
expect violated "both count"
expect violated "it is small"
"""
RANGE = "scenario s\nvar x: 0..1\nthread a { x = 1\n x += 1 }\nexpect violated in_range\n"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path / "cache"))


def pictures(report: Report, *, width: int = 72, steps: bool = False) -> list[str]:
    return [
        picture(report, run, p, example, width=width, steps=steps) + example.token_text
        for run, p, example in drawn(report, which="all")
    ]


def compared(path: str, params: dict[str, str]) -> None:
    """With what nothing is kept of, with what is kept now, and with what was kept."""
    fresh = load(path)
    fresh.shelf = None
    reports = [scenario.check(params) for scenario in (fresh, load(path), load(path))]
    first, *others = (pictures(report) for report in reports)
    assert all(other == first for other in others)


def test_a_drawing_that_is_kept_is_the_one_that_would_be_made() -> None:
    params = {"zap": "rc2", "mapped_exit": "lockfree"}
    compared("racewrite", params)
    assert len(pictures(load("racewrite").check(params))) == 2


@pytest.mark.slow
@pytest.mark.parametrize("shipped", shipped_scenarios(), ids=lambda s: s.name)
def test_every_drawing_that_is_kept_is_the_one_that_would_be_made(shipped: Shipped) -> None:
    if not shipped.benchmark:
        compared(shipped.path, {})


def test_a_known_trace_is_drawn_without_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    first = pictures(mmscn.loads(TEXT).check())
    assert len(first) == 2
    assert all("\nmm1:s:" in text for text in first)  # their tokens
    for name in ("unit_of", "checked_of", "compiled_of"):
        monkeypatch.setattr(prepare, name, None)
    assert pictures(mmscn.loads(TEXT).check()) == first


@pytest.mark.parametrize(("at", "unmet"), [("x = r + 1", 0), ("let r = x", 1), ("nowhere", 1)])
def test_where_a_known_trace_breaks_is_judged_without_the_text(
    at: str, unmet: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TEXT.replace('violated "it is small"', f'violated "it is small" at "{at}"')
    (run,) = mmscn.loads(text).check().runs
    assert len(run.unmet) == unmet
    if unmet:
        (again,) = mmscn.loads(text).check().runs
        assert [u.text for u in again.unmet] == [u.text for u in run.unmet]
    else:
        for name in ("unit_of", "checked_of", "compiled_of"):
            monkeypatch.setattr(prepare, name, None)
        assert not mmscn.loads(text).check().runs[0].unmet


def test_another_width_and_the_list_of_steps_are_others() -> None:
    every = [
        pictures(mmscn.loads(TEXT).check(), width=width, steps=steps)
        for width, steps in ((72, False), (40, False), (72, True), (40, True)) * 2
    ]
    assert every[:4] == every[4:]
    assert every[0] != every[1]
    assert every[0] != every[2]


def test_another_trace_is_another_drawing() -> None:
    def drawings() -> list[str]:
        (run,) = mmscn.loads(TEXT).check().runs
        found = run.counterexample("it is small")
        assert found is not None
        cut = found.trace._replace(rules=found.trace.rules[:-1], states=found.trace.states[:-1])
        both = [found, Counterexample(run.case, cut)]
        return [e.kept("it", lambda e=e: diagram.draw(e.compiled, e.trace)) for e in both]

    whole, shorter = drawings()
    assert whole != shorter
    assert drawings() == [whole, shorter]


def test_a_drawing_names_the_file_that_its_text_is_in() -> None:
    for name in ("one.mmscn", "other.mmscn", "one.mmscn"):
        report = mmscn.loads(RANGE, name=name).check()
        assert f"({name}:2)" in told.table(report) + "".join(pictures(report))
