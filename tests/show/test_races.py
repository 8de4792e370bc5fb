"""`mmscn run --all-traces`: the races of a scenario, and each way they happen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.command import Command


def test_combinations_are_grouped_by_race(mmscn: Command) -> None:
    out = mmscn("run", "flush_before_clear", "--all-traces").out
    assert "\n2 of 4 combinations break, by 1 race:\n" in out
    first = "  1  no_stale_translation, at pte(A) = none\n       order=flush_first spec_fill=on\n"
    assert first in out
    assert "race 1: 3 executions of 6 steps" in out
    assert re.findall(r"race 1, execution (\d) of 3", out) == ["1", "2", "3"]
    tokens = re.findall(r"^token (\S+)$", out, re.M)
    assert len(set(tokens)) == 3
    for token in tokens:
        assert mmscn("replay", token).code == 0


@pytest.mark.slow
def test_the_nine_cells_of_racewrite_are_two_races(mmscn: Command) -> None:
    out = mmscn("run", "racewrite", "--all-traces").out
    assert "\n9 of 14 combinations break, by 2 races:\n" in out


def test_two_races_of_one_scenario_are_told_apart(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "two.mmscn"
    path.write_text(
        "scenario two\nparam wrong = first | second | neither\nvar x: 0..3\n"
        "thread t on cpu 0 {\n"
        "  if wrong == first { x = 1 }\n  if wrong == second { x = 2 }\n  x = 0\n}\n"
        'always "x == 0" x == 0\nexpect violated "x == 0" when wrong != neither\n'
    )
    out = mmscn("run", str(path), "--all-traces").out
    assert "2 of 3 combinations break, by 2 races:" in out
    assert '  1  "x == 0", at x = 1\n       wrong=first\n  2  "x == 0", at x = 2\n' in out
    assert "race 2: 1 execution of 1 step, " in out


def test_what_holds_has_no_races(mmscn: Command) -> None:
    plain = mmscn("run", "holds.mmscn")
    assert mmscn("run", "holds.mmscn", "--all-traces") == plain


def test_what_goes_on_for_ever_is_a_race_of_one_execution(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "spin.mmscn"
    path.write_text(
        "scenario spin\nvar flag: bool\nvar seen: bool\nconcurrent {\n"
        "  daemon thread d on cpu 0 { await not flag; flag = true; flag = false }\n"
        "  thread t on cpu 1 { await flag; seen = true }\n}\n"
        'eventually "seen" seen\nexpect violated "seen"\n'
    )
    out = mmscn("run", str(path), "--all-traces").out
    assert "race 1: an execution that goes on for ever; there may be others" in out
    document = json.loads(mmscn("run", str(path), "--all-traces", "--json").out)
    (race,) = document["scenarios"][0]["races"]
    assert (len(race["executions"]), race["complete"]) == (1, False)


@pytest.mark.parametrize(
    "args",
    [["matrix.mmscn", "--json=1"], ["matrix.mmscn", "--output-format", "dot"]],
    ids=" ".join,
)
def test_it_is_refused_where_it_has_no_place(args: list[str], mmscn: Command) -> None:
    ended = mmscn("run", *args, "--all-traces")
    assert (ended.code, ended.out) == (2, "")
    assert "is about the text and the JSON" in ended.err
