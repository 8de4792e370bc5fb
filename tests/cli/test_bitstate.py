"""`mmscn run --bitstate`: what is printed, and what does not go with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import Command
from support.schemas import printed

pytest.importorskip("mmscn.runtime.native", reason="bits are the native executor's")

TEXT = """scenario small
var n: 0..7
concurrent { thread a { n += 1; n += 1 }; thread b { n = 0 } }
always "below three" n < 3
always "below two" n < 2
"""
LITMUS = """X86 one
{ x=0; }
 P0          ;
 MOV [x],$1  ;
exists (x=1)
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    (tmp_path / "small.mmscn").write_text(TEXT)
    return str(tmp_path / "small.mmscn")


def test_what_is_not_violated_is_undecided_and_how_full_the_table_is(
    small: str, mmscn: Command
) -> None:
    ended = mmscn("run", small, "--bitstate", "1")
    assert ended.code == 1
    assert "the rest is undecided, `--bitstate` came by " in ended.out
    told = "bitstate: 1 MB, 0.0003 % of the bits set; less than one state is expected to have been"
    assert told in " ".join(ended.out.split())
    assert 'VIOLATED "below two"' in ended.out
    assert "holds" not in ended.out


def test_nothing_else_than_undecided_is_no_success(small: str, mmscn: Command) -> None:
    Path(small).write_text(TEXT.replace("n < 2", "n < 4"))
    assert mmscn("run", small).code == 0
    ended = mmscn("run", small, "--bitstate", "1", "--quiet")
    assert ended.code == 3
    assert "bitstate: 1 MB" in ended.out


def test_both_schemas_have_it_and_parts_keep_it(
    small: str, mmscn: Command, tmp_path: Path
) -> None:
    words = ("run", small, "--bitstate", "1")
    (run,) = printed("result", mmscn(*words, "--json").out)["scenarios"][0]["runs"]
    assert run["stats"]["limit"] == "bitstate"
    found = run["stats"]["bitstate"]
    assert found["mb"] == 1
    assert found["filled"] == pytest.approx(3 * run["stats"]["states"] / (1 << 23), rel=0.01)
    assert found["chance"] == found["filled"] ** 3
    assert 0 <= found["taken"] < 1e-9
    older = printed("result_1", mmscn(*words, "--json=1").out)
    assert "bitstate" not in older["scenarios"][0]["runs"][0]["stats"]
    part = tmp_path / "part.json"
    part.write_text(mmscn(*words, "--shard", "1/1", "--json").out)
    assert "bitstate: 1 MB, 0.0003 %" in " ".join(mmscn("merge", str(part)).out.split())
    assert json.loads(part.read_text())["scenarios"][0]["runs"][0]["stats"]["bitstate"] == found


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--jobs", "2"], "--bitstate is of one thread"),
        (["--executor", "python"], "bits of states are remembered by the native executor"),
        (["--memory", "1"], "--bitstate 1 leaves nothing of the memory, 1 MB"),
        (["--disk", "."], "--disk keeps the states themselves"),
        (["--checkpoint", "f"], "--checkpoint keeps the states themselves"),
        (["--resume", "f"], "--resume keeps the states themselves"),
        (["--deepen"], "--deepen decides what is small"),
        (["--simulate", "9"], "--bitstate is about a search"),
        (["--all-traces"], "--all-traces looks for all that there are"),
        (["--cluster", "local"], "--cluster searches on others"),
        (["--cluster", "local", "--partition", "2"], "--cluster searches on others"),
        (["--partition", "2"], "--partition is of a cluster's workers"),
        (["--bitstate", "0"], "0 is not in the range"),
    ],
)
def test_what_does_not_go_with_it_is_said(
    small: str, mmscn: Command, more: list[str], said: str
) -> None:
    ended = mmscn("run", small, "--bitstate", "1", *more)
    assert ended.code == 2
    assert said in ended.err


def test_a_litmus_test_needs_all(tmp_path: Path, mmscn: Command) -> None:
    (tmp_path / "one.litmus").write_text(LITMUS)
    ended = mmscn("run", str(tmp_path / "one.litmus"), "--bitstate", "1")
    assert ended.code == 2
    assert "--bitstate is of scenarios" in ended.err


def test_one_job_is_what_it_has(small: str, mmscn: Command) -> None:
    assert mmscn("run", small, "--bitstate", "1", "--jobs", "1").code == 1
