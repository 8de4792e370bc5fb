"""How far a long search is: of which combination, and how much of which limit."""

from __future__ import annotations

from io import StringIO

import pytest

from mmscn.cli import progress
from mmscn.cli.progress import Meter, Tally
from mmscn.runtime.result import Limits


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SILENT_S", "BETWEEN_S", "LINES_BETWEEN_S"):
        monkeypatch.setattr(progress, name, 0.0)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(states=400), " (25% of --states), "),
        (Limits(states=400, depth=20), " (35% of --depth), "),
        (Limits(states=400, time_s=1e-9), "% of --time), "),
        (Limits(states=None), "100 states, "),
    ],
)
def test_a_line_says_how_near_the_nearest_limit_is(limits: Limits, said: str) -> None:
    out = StringIO()
    meter = Meter(on=True, limits=limits, terminal=False, stream=out)
    meter.begin("race 2/3")
    meter(100, 300, 7, 50)
    line = out.getvalue()
    assert line.startswith("mmscn: race 2/3: 100 states")
    assert said in line
    assert ", depth 7, frontier 50, " in line
    assert line.endswith(" MB\n")


def test_a_terminal_has_one_line_that_fits_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = StringIO()
    meter = Meter(on=True, limits=Limits(), stream=out)
    meter.begin("race")
    meter(100, 300, 7, 50)
    meter.end()
    shown = out.getvalue().split("\r")
    assert [len(part) for part in shown] == [0, 59, 59, 0]
    assert shown[2].strip() == ""
    assert "\n" not in out.getvalue()


def test_nothing_is_shown_that_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    for on, silent in ((False, 0.0), (True, 1000.0)):
        monkeypatch.setattr(progress, "SILENT_S", silent)
        meter = Meter(on=on, limits=Limits(), terminal=False, stream=out)
        meter.begin("race")
        meter(100, 300, 7, 50)
        meter.end()
    assert out.getvalue() == ""


def test_a_tally_says_how_many_are_done() -> None:
    out = StringIO()
    tally = Tally("race without", 3, out)
    tally("lock a")
    tally("flush b")
    tally.end()
    assert out.getvalue() == (
        "mmscn: race without: 1 of 3, lock a\nmmscn: race without: 2 of 3, flush b\n"
    )
