"""`mmscn step`: driven by a pipe, as by a hand."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from support.command import Command, Ended

ARGS = ["matrix.mmscn", "-D", "how=two_steps", "-D", "start=0"]
HEAD = 4
"""Lines before the first answer: the heading, a hint, and two steps to choose from."""


@pytest.fixture
def step(mmscn: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """step("1\\n2\\n", *args): a session that is told this."""

    def run(told: str, *args: str) -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO(told))
        return mmscn("step", *(args or ARGS))

    return run


def test_the_steps_that_could_be_taken_are_numbered(step: Command) -> None:
    ended = step("")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "matrix how=two_steps start=0",
        "`h` says what can be said.",
        "  1  CPU0 a  let seen = counter  @ matrix.mmscn:13",
        "  2  CPU1 b  let seen = counter  @ matrix.mmscn:17",
    ]


def test_a_step_is_taken_and_taken_back(step: Command) -> None:
    first = step("").out
    lines = step("2\n2\nb\nb\nb\n").out.splitlines()[HEAD:]
    assert lines[1] == "state 1, behind CPU1 b  let seen = counter  @ matrix.mmscn:17"
    assert lines[5] == "state 2, behind CPU1 b  counter = seen + 1  @ matrix.mmscn:17"
    assert lines[6:8] == ["    [counter: 0 -> 1]", "  <--- REACHED one is counted"]
    assert lines[-1] == "this is the first state"
    assert lines[-3:-1] == first.splitlines()[2:]


def test_a_conditional_says_which_way_it_goes_before_it_is_taken(
    tmp_path: Path, step: Command
) -> None:
    path = tmp_path / "asks.mmscn"
    path.write_text(
        "scenario asks\nvar x: 0..1\nvar y: 0..1\n"
        "thread t on cpu 0 { if x == 1 { y = 1 } }\nalways y == 0\n"
    )
    assert "  1  CPU0 t  if x == 1: no  @ asks.mmscn:4" in step("", str(path)).out


def test_a_breakpoint_is_gone_to_by_the_fewest_steps(step: Command, mmscn: Command) -> None:
    out = step("1\nbreak both are counted\ngo\nsave\ngo\nt\n").out
    assert "breakpoints: both are counted\n" in out
    assert "  <--- VIOLATED both are counted  (breakpoint)\n" in out
    assert "it is broken here\n" in out
    (token,) = re.findall(r"^token (\S+)$", out, re.M)
    again = mmscn("replay", token, "matrix.mmscn", "--steps")
    assert again.code == 0
    assert 'VIOLATED "both are counted"' in again.out
    assert re.search(r"^  5  CPU\d \w  ", out, re.M)
    assert not re.search(r"^  6  ", out, re.M)


def test_what_cannot_break_is_not_gone_to(step: Command) -> None:
    out = step("go the counter stays below three\ngo\ngo nowhere\nbreak nowhere\nbreak\n").out
    lines = out.splitlines()[HEAD:]
    assert lines[0].startswith("from here no execution within the limits breaks the counter")
    assert lines[1] == lines[2] == (
        "`go NAME` goes to where a property breaks; `break` says which there are"
    )
    assert lines[3].startswith("nothing is named `nowhere`; there are: no_deadlock")
    assert lines[4].startswith("there are: no_deadlock, in_range")


def test_the_state_and_what_has_changed_are_told(step: Command) -> None:
    out = step("1\n1\nd\ns\nx\n").out
    assert "  counter: 0 -> 1\n" in out
    assert "* counter               1  (was 0)\n" in out
    assert "CPU0 a  can go  assert counter != 3\n" in out
    assert "  counter = seen + 1\n    [counter: 0 -> 1]\n" in out


def test_a_schedule_that_breaks_nothing_is_saved_and_gone_on_with(
    tmp_path: Path, step: Command, mmscn: Command
) -> None:
    path = tmp_path / "schedule"
    step(f"1\n2\nsave {path}\n")
    assert [p.name for p in tmp_path.iterdir()] == ["schedule"]
    token = path.read_text().strip()
    out = step("b\n", token, "matrix.mmscn").out
    assert "state 2, behind CPU1 b  let seen = counter" in out
    assert "state 1, behind CPU0 a  let seen = counter" in out
    replayed = mmscn("replay", token, "matrix.mmscn")
    assert (replayed.code, replayed.out.splitlines()[0][:17]) == (0, "nothing is broken")
    assert replayed.out.splitlines()[-1].strip() == "nothing is broken"


def test_the_end_is_the_end(step: Command) -> None:
    out = step("q\n1\n").out
    assert "state 1" not in out
    ended = step("1\n2\n1\n1\n1\n1\n").out
    assert ended.rstrip().endswith("there is no step 1: there are 0")
    assert "  nobody can go on; `b` goes back\n" in ended


@pytest.mark.parametrize("told", ["foo", "99999999999999999999", "0", "b x", "-1", "\x1b[2J", "h"])
def test_what_makes_no_sense_is_answered(told: str, step: Command) -> None:
    ended = step(f"{told}\n")
    assert ended.code == 0
    assert len(ended.out.splitlines()) > HEAD
    assert "\x1b" not in ended.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["undeclared.mmscn"], "MM101"),
        (["."], "stands for"),
        (["matrix.mmscn", "holds.mmscn"], "one scenario is executed"),
        (["mm1:matrix::123456:AA", "matrix.mmscn"], "with params that this one has not"),
        (["mm1:matrix::123456:AA", "-D", "a=b"], "nothing to choose"),
        (["nothing_like_it"], "nothing_like_it"),
    ],
)
def test_what_cannot_be_begun_is_told(args: list[str], said: str, step: Command) -> None:
    ended = step("", *args)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
