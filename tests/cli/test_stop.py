"""`mmscn run --stop`: what is printed, how it ends, and where it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import Command

pytest.importorskip("mmscn.runtime.native", reason="checkpoints are the native executor's")

TEXT = """scenario early
var n: 0..15
concurrent {
  thread a { repeat 5 { n += 1 } }
  thread b { n = 0; n = 7 }
}
always "below one" n < 1 or n == 7
always "below three" n < 3 or n == 7
"""
LITMUS = """X86 one
{ x=0; }
 P0          ;
 MOV [x],$1  ;
exists (x=1)
"""


def test_the_rest_is_undecided_and_why(tmp_path: Path, mmscn: Command) -> None:
    (tmp_path / "early.mmscn").write_text(TEXT)
    ended = mmscn("run", str(tmp_path / "early.mmscn"), "--stop", "first")
    assert ended.code == 1
    assert "the rest is undecided, `--stop` ended the search at" in ended.out
    assert "VIOLATED" in ended.out
    assert "UNDECIDED" in ended.out
    ended = mmscn("run", str(tmp_path / "early.mmscn"), "--stop", "1", "--json")
    (run,) = json.loads(ended.out)["scenarios"][0]["runs"]
    assert run["stats"]["limit"] == "stop"
    assert {p["name"]: p["verdict"] for p in run["properties"]}["below three"] == "undecided"


def test_a_search_that_was_kept_where_it_stopped_goes_on(tmp_path: Path, mmscn: Command) -> None:
    (tmp_path / "early.mmscn").write_text(TEXT)
    words = ["run", str(tmp_path / "early.mmscn"), "--no-reduce", "--json"]
    kept = str(tmp_path / "kept")
    found = []
    for more in ([], ["--stop", "first", "--checkpoint", kept], ["--resume", kept]):
        (run,) = json.loads(mmscn(*words, *more).out)["scenarios"][0]["runs"]
        found.append((run["stats"]["states"], [p["verdict"] for p in run["properties"]]))
    assert found[1][0] < found[0][0]
    assert found[2] == found[0]


@pytest.mark.parametrize("word", ["0", "each", "-1", "1.5"])
def test_other_words_are_refused(word: str, tmp_path: Path, mmscn: Command) -> None:
    (tmp_path / "early.mmscn").write_text(TEXT)
    ended = mmscn("run", str(tmp_path / "early.mmscn"), "--stop", word)
    assert ended.code == 2
    assert "is not first, unexpected, never or a number from 1" in ended.err


def test_a_litmus_test_needs_all_executions(tmp_path: Path, mmscn: Command) -> None:
    (tmp_path / "one.litmus").write_text(LITMUS)
    ended = mmscn("run", str(tmp_path / "one.litmus"), "--stop", "first")
    assert ended.code == 2
    assert "the verdict of a litmus test needs all executions" in ended.err


def test_never_is_as_if_nothing_was_said(tmp_path: Path, mmscn: Command) -> None:
    (tmp_path / "early.mmscn").write_text(TEXT)
    words = ["run", str(tmp_path / "early.mmscn")]
    assert mmscn(*words, "--stop", "never") == mmscn(*words)
