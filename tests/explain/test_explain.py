"""`mmscn explain FILE`."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command
from support.schemas import printed

import mmscn as library
from mmscn.explain.explanation import explained
from mmscn.explain.words import text
from mmscn.runtime.result import Limits

SCENARIO = """scenario s "A scenario"
param fast = yes | no
var x: 0..3
var y: 0..3
proc step() when fast == yes { x = 1 }
proc step() when fast == no { x = 2 }
/* These are two variants. */
thread a on cpu 0 {
  call step()
  if x == 3 {
    y = 1
    y = 2
  } else {
    y = 0
  }
  if x > 0 { y = 1 }
  choose { await x == 1; y = 2 } or { y = 3 }
  choose { await x == 3; y = 2 } or { y = 3 }
  await y == 0
  y = 1
  x = 0
}
thread b on cpu 1 {
  if fast == no { y = 0 }
}
always "x is small" x < 3
always "z" x == 3 implies y == 3
expect vacuous "z"
expect violated no_deadlock
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "s.mmscn"
    found.write_text(SCENARIO)
    return found


def silent(text: str, **params: object) -> dict[tuple[int, int], str]:
    """Why, by the lines."""
    scenario = library.loads(text)
    found = explained(scenario, scenario.combinations(params), Limits())
    assert found.silent is not None
    return {(s.span.line, s.last): s.why for s in found.silent if s.span.source.name == "<text>"}


def test_over_all_combinations_it_is_what_none_of_them_does() -> None:
    assert silent(SCENARIO) == {
        (10, 10): "is never true",
        (16, 16): "is never false",
        (18, 18): "is never taken",
    }


def test_in_one_combination_what_another_does_never_fires_as_well() -> None:
    assert silent(SCENARIO, fast="yes") == {
        (6, 6): "applies in no combination",
        (10, 10): "is never true",
        (16, 16): "is never false",
        (18, 18): "is never taken",
        (19, 21): "is never done",
    }


def test_an_explanation_tells_what_was_asked_and_what_is_assumed(
    path: Path, mmscn: Command
) -> None:
    ended = mmscn("explain", str(path))
    assert ended.code == 0, ended.err
    for words in (
        '"x is small"  line 26',
        "fast=yes: VIOLATED no_deadlock",
        's.mmscn:10  `x == 3` is never true',
        "fast=yes: 1 place",
        "there are 2 CPUs, 2 threads, 0 pages",
        "all CPUs see them in one order",
    ):
        assert words in ended.out
    assert "s.mmscn:19-21" not in ended.out
    assert "s.mmscn:19-21" in mmscn("explain", "-v", str(path)).out


def test_the_order_of_memory_is_told(tmp_path: Path, mmscn: Command) -> None:
    text = "scenario s\nmachine arm64 { cpus 1; memory = arm }\nvar x: bool\n"
    (tmp_path / "s.mmscn").write_text(text + "thread t on cpu 0 { x = true }\nfinally x\n")
    told = mmscn("explain", str(tmp_path / "s.mmscn")).out
    assert "accesses are done in any order that Arm allows" in " ".join(told.split())


def test_the_json_has_the_same(path: Path, mmscn: Command) -> None:
    ended = mmscn("explain", "--json", "-D", "fast=yes", str(path))
    (found,) = printed("explain", ended.out)["scenarios"]
    assert [p["name"] for p in found["asked"]] == ["x is small", "z"]
    assert found["whole"] is True
    assert {n["where"]["line"] for n in found["never"]} >= {10, 16, 18, 19}
    (combination,) = found["combinations"]
    assert combination["vacuous"] == ["z"]
    assert combination["knobs"]["memory"] == "sc"


def test_a_search_that_a_limit_ends_says_that_it_has_not_seen_all(
    path: Path, mmscn: Command
) -> None:
    ended = mmscn("explain", "--states", "3", str(path))
    assert ended.code == 3
    assert "Not seen to fire, in as much as was searched" in ended.out
    assert "Never fires" not in ended.out


def test_a_shipped_scenario_is_explained_the_same_every_time() -> None:
    scenario = library.load("free_before_flush")
    combinations = scenario.combinations()
    texts = {text(explained(scenario, combinations, Limits()), verbose=True) for _ in range(2)}
    assert len(texts) == 1


def test_a_word_is_a_code_only_if_it_looks_like_one(mmscn: Command) -> None:
    assert "MM207: nothing has this name" in mmscn("explain", "207").out
    ended = mmscn("explain", "free_befor_flush")
    assert ended.code == 2
    assert "did you mean" in ended.err
