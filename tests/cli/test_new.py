"""`mmscn new`: what it writes runs at once, and shows both what is wrong and what is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command

import mmscn.scenarios
from mmscn import load
from mmscn.cli.new import TEMPLATES


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_runs_at_once(kind: str, mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "my-race.mmscn"
    made = mmscn("new", str(file), "--from", kind)
    assert (made.code, made.err) == (0, "")
    assert f"mmscn run {file}" in made.out
    text = file.read_text()
    assert text.startswith("scenario my_race ")
    assert text.count("// EDIT: ") >= 3
    report = load(str(file)).check()
    assert report.met
    verdicts = [run.verdict.name for run in report.runs]
    assert sorted(set(verdicts)) == ["HOLDS", "VIOLATED"]
    assert mmscn("check", "--strict", str(file)).code == 0


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_is_laid_out(kind: str, mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "race.mmscn"
    mmscn("new", str(file), "--from", kind)
    assert mmscn("fmt", "--check", str(file)).code == 0


def test_each_file_is_a_template() -> None:
    files = Path(mmscn.scenarios.__path__[0], "templates").glob("*")
    assert {f.stem.replace("_", "-") for f in files} == set(TEMPLATES)


def test_nothing_is_overwritten(mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "race.mmscn"
    file.write_text("mine")
    ended = mmscn("new", str(file))
    assert ended.code == 2
    assert "is there already" in ended.err
    assert file.read_text() == "mine"


def test_a_file_has_the_suffix(mmscn: Command, tmp_path: Path) -> None:
    assert mmscn("new", str(tmp_path / "race.txt")).code == 2
    assert mmscn("new", str(tmp_path / "nowhere" / "race.mmscn")).code == 2
