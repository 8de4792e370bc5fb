"""`mmscn diff` and near misses: an execution of one program driven on another."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command
from support.schemas import printed

import mmscn as library
from mmscn.explain.drive import driven
from mmscn.explain.near_miss import near_miss
from mmscn.runtime.interpreter import replay
from mmscn.runtime.result import Limits

SCENARIO = """scenario s "Two adders"
param locked = yes | no
spinlock m
var x: 0..4
proc add() when locked == yes { lock m; let old = x; x = old + 1; unlock m }
proc add() when locked == no { let old = x; x = old + 1 }
thread a on cpu 0 { call add() }
thread b on cpu 1 { call add() }
finally "both were counted" x == 2
expect violated "both were counted" when locked == no
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "s.mmscn"
    found.write_text(SCENARIO)
    return found


def test_settings_are_compared_and_the_lock_is_where_they_part(path: Path, mmscn: Command) -> None:
    ended = mmscn("diff", str(path), "-D", "locked=no", "-D", "locked=yes")
    assert ended.code == 0, ended.err
    verdicts = next(line for line in ended.out.splitlines() if "both were counted" in line)
    assert verdicts.split()[-3:] == ["violated", "holds", "<---"]
    assert "here the other goes on with  b: let old = x" in ended.out
    assert "waits at `lock m in add()`, held by a" in ended.out
    assert "<--- they part" in ended.out
    assert "Only locked=yes does:\n  s.mmscn:5  lock m" in ended.out


def test_json_says_who_breaks_and_what_stops_the_other(path: Path, mmscn: Command) -> None:
    ended = mmscn("diff", str(path), "-D", "locked=no", "-D", "locked=yes", "--json")
    found = printed("diff", ended.out)
    (pair,) = found["pairs"]
    assert {"title": '"both were counted"', "verdicts": ["violated", "holds"]} in pair["properties"]
    (parted,) = pair["parted"]
    assert (parted["breaks_on"], parted["driven"]["wanted"]) == (0, "b: let old = x")
    assert "held by a" in parted["driven"]["stops"]
    assert pair["only"] == [[], ["s.mmscn:5  lock m", "s.mmscn:5  unlock m"]]


def test_two_files_are_compared(path: Path, tmp_path: Path, mmscn: Command) -> None:
    other = tmp_path / "t.mmscn"
    other.write_text(
        SCENARIO.replace("scenario s", "scenario t").replace(
            "when locked == no { let old = x; x = old + 1 }",
            "when locked == no { atomic { x = x + 1 } }",
        )
    )
    out = mmscn("diff", str(path), str(other), "-D", "locked=no").out
    assert '"both were counted"  violated  holds  <---' in out
    assert "t.mmscn:6  atomic {" in out


def test_what_is_the_same_is_said_to_be(path: Path, mmscn: Command) -> None:
    out = mmscn("diff", str(path), str(path)).out
    assert "<---" not in out
    assert "Only" not in out


def test_one_scenario_wants_two_values(path: Path, mmscn: Command) -> None:
    ended = mmscn("diff", str(path), "-D", "locked=no")
    assert ended.code == 2
    assert "-D NAME=ONE -D NAME=OTHER" in ended.err


def test_a_near_miss_replays_on_the_intact_program() -> None:
    scenario = library.loads(SCENARIO)
    (run,) = scenario.check({"locked": "yes"}).runs
    near = near_miss(scenario, run, Limits())
    assert near is not None
    assert near.mutant.kind == "lock"
    found = near.found
    assert 0 < found.followed < found.of
    program = found.compiled.program
    assert replay(program, found.trace.rules, 0) == found.trace.states
    assert "held by" in found.stops


def test_a_near_miss_is_drawn(path: Path, mmscn: Command) -> None:
    out = mmscn("explain", "--near-miss", "-D", "locked=yes", str(path)).out
    assert "Near miss of locked=yes: without" in out
    assert "<--- saves it" in out


FLUSHED = """scenario s "The flush is taken out between two steps that are one then"
map A -> frame 0
thread kernel on cpu 0 { set pte(A) = none; flush A on all; mark unmapped }
thread user on cpu 1 { store A = 1 }
check no_stale_translation(A) after unmapped
"""


def test_a_step_that_is_two_in_the_intact_program_is_followed(tmp_path: Path) -> None:
    scenario = library.loads(FLUSHED)
    (run,) = scenario.check().runs
    near = near_miss(scenario, run, Limits())
    assert near is not None
    assert (near.mutant.kind, near.title) == ("flush", "no_stale_translation")
    assert (near.found.followed, near.found.wanted) == (near.found.of, "")
    assert near.found.own == ("kernel: flush A on all",)


def test_what_goes_to_the_end_on_itself_does_so() -> None:
    scenario = library.loads(SCENARIO)
    (run,) = scenario.check({"locked": "no"}).runs
    example = run.counterexample("both were counted")
    assert example is not None
    found = driven(example, run.case.compiled)
    assert (found.followed, found.wanted, found.own) == (found.of, "", ())
