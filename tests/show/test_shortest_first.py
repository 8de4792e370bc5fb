"""The races that `mmscn run` draws: the shortest first, one that nobody announced before all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command import Command

TEXT = """scenario two "Two ways to break"
param wrong = late | soon | announced
var x: 0..7
thread t on cpu 0 {
  if wrong == late { x = 1; x = 2; x = 3; x = 4 }
  if wrong == soon { x = 5 }
  if wrong == announced { x = 6 }
}
always "no four" x != 4
always "no five" x != 5
always "no six" x != 6
"""
EXPECTS = {
    "all": "".join(
        f'expect violated "no {name}" when wrong == {wrong}\n'
        for name, wrong in (("four", "late"), ("five", "soon"), ("six", "announced"))
    ),
    "one": 'expect violated "no six" when wrong == announced\n',
}


def heads(out: str) -> list[str]:
    return re.findall(r'^VIOLATED "no (\w+)"', out, re.M)


@pytest.mark.parametrize(
    ("expects", "order"),
    [("all", ["five", "six", "four"]), ("one", ["five", "four", "six"])],
)
def test_the_shortest_comes_first(
    expects: str, order: list[str], tmp_path: Path, mmscn: Command
) -> None:
    path = tmp_path / "two.mmscn"
    path.write_text(TEXT + EXPECTS[expects])
    assert heads(mmscn("run", str(path)).out) == order
    assert heads(mmscn("run", str(path), "--diagrams", "first").out) == order[:1]


def test_racewrite_begins_with_its_shortest_race(mmscn: Command) -> None:
    out = mmscn("run", "racewrite").out
    assert re.findall(r"^VIOLATED (\S+)", out, re.M)[0] == "dirty_has_buffers"
    screen = out.splitlines()[:40]
    assert any("VIOLATED as expected: an `expect` line of the scenario announces it" in x for x in screen)  # noqa: E501 (one sentence)
