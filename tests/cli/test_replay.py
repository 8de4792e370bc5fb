"""`mmscn replay`."""

from __future__ import annotations

import re

import pytest
from support.command import Command

ARGS = ["matrix.mmscn", "-D", "how=two_steps", "-D", "start=0"]


@pytest.fixture
def token(mmscn: Command) -> str:
    found = re.findall(r"^token (\S+)$", mmscn("run", *ARGS, "--diagrams", "first").out, re.M)
    assert len(found) == 1
    return str(found[0])


def test_a_token_draws_what_the_run_drew(token: str, mmscn: Command) -> None:
    drawn = mmscn("run", *ARGS, "--diagrams", "first").out
    again = mmscn("replay", token, "matrix.mmscn")
    assert (again.code, again.err) == (0, "")
    head, said, _, *lines = again.out.splitlines()
    assert head == 'VIOLATED "both are counted"  matrix how=two_steps start=0'
    assert said == f"token {token}"
    assert "\n".join(lines) in drawn
    assert mmscn("replay", *ARGS).out == again.out


def test_any_step_shows_its_whole_state(token: str, mmscn: Command) -> None:
    first, *_, last = (
        mmscn("replay", token, "matrix.mmscn", "--at", str(n)).out for n in range(6)
    )
    assert "state 0 of 5, before the first step" in first
    assert re.search(r"^  counter +0$", first, re.M)
    assert "state 5 of 5, behind: " in last
    assert "CPU0 a  ended" in last
    assert "nobody" in last
    middle = mmscn("replay", token, "matrix.mmscn", "--at", "3").out
    assert re.search(r"^\* counter +1  \(was 0\)$", middle, re.M)
    assert re.search(r"locals:\n  a\.seen = 0\n  b\.seen = 0\n", middle)
    beyond = mmscn("replay", token, "matrix.mmscn", "--at", "6")
    assert (beyond.code, "has 5 steps, and no state 6" in beyond.err) == (2, True)


def test_an_expression_is_watched_where_it_changes(token: str, mmscn: Command) -> None:
    out = mmscn("replay", token, "matrix.mmscn", "--watch", "counter", "--watch", "counter > 0").out
    rows = [line.split()[:3] for line in out.splitlines()[4:]]
    assert rows == [["0", "0", "0"], ["3", "1", "1"], ["5", "1", "1"]]


def test_elements_are_watched_by_the_names_that_they_are_shown_by(mmscn: Command) -> None:
    args = ["racewrite", "-D", "zap=rc2", "-D", "mapped_exit=locked"]
    out = mmscn("replay", *args, "--watch", "p0.mapcount", "--watch", "pte(buf)").out
    assert re.search(r"^12 +1 +present=0 page=none write=0 dirty=0 young=0  CPU1 zapper", out, re.M)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["matrix.mmscn", "--watch", "counted"], "nothing is named `counted`"),
        (["matrix.mmscn", "--watch", "counter\nfinally counter"], "one expression is watched"),
        (["matrix.mmscn", "--watch", "counter ="], "MM1"),
        (["holds.mmscn"], "has no execution to show"),
        (["undeclared.mmscn"], "MM101"),
        ([], "are replayed"),
        (["mm1:nowhere::123456:AA"], "name its file behind the token"),
        (["mm1:matrix:how=two_steps:123456:AA", "matrix.mmscn"], "with params that this one"),
        (["mm1:other:how=two_steps,start=0:123456:AA", "matrix.mmscn"], "is of other"),
        (["mm1:matrix:how=two_steps,start=0:123456:AA", "matrix.mmscn"], "has changed since"),
        (["mm1:matrix:how=two_steps,start=0:12:AA", "matrix.mmscn"], "no replay token"),
        (["mm1:matrix::123456:AA", "matrix.mmscn", "-D", "how=one_step"], "nothing to choose"),
    ],
)
def test_what_cannot_be_replayed_is_told_so(args: list[str], said: str, mmscn: Command) -> None:
    ended = mmscn("replay", *args)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
