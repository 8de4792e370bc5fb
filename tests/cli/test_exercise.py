"""`mmscn exercise`: what a reader does with one."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command

from mmscn.documents.exercises import Exercise, exercises

FIRST = exercises()[0]


@pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.name)
def test_the_texts_are_laid_out(exercise: Exercise, mmscn: Command, tmp_path: Path) -> None:
    (tmp_path / "given.mmscn").write_text(exercise.text)
    (tmp_path / "solved.mmscn").write_text(exercise.solution)
    assert mmscn("fmt", "--check", str(tmp_path)).code == 0


def test_the_way_through_an_exercise(mmscn: Command, tmp_path: Path) -> None:
    listed = mmscn("exercise").out.splitlines()
    assert listed[0].split()[:2] == ["1", FIRST.name]
    file = tmp_path / "mine.mmscn"
    given = mmscn("exercise", "1", str(file))
    assert given.code == 0
    assert FIRST.question in given.out
    assert mmscn("run", str(file)).code == 1
    assert mmscn("exercise", "1", str(file)).code == 2
    wrong = mmscn("exercise", FIRST.name, str(file), "--check")
    assert (wrong.code, wrong.out.splitlines()[-1][:11]) == (1, "Not solved.")
    assert "VIOLATED" in wrong.out
    assert mmscn("exercise", "1", "--hint").out == f"{FIRST.hint}\n"
    shown = mmscn("exercise", "1", "--solution").out
    assert shown == f"{FIRST.solution}\n{FIRST.why}\n"
    file.write_text(file.read_text().replace(FIRST.text, FIRST.solution))
    solved = mmscn("exercise", "1", "--check", str(file))
    assert (solved.code, FIRST.why in solved.out) == (0, True)


def test_what_was_made_easier_is_no_solution(mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "mine.mmscn"
    file.write_text(FIRST.text.replace("counter == 2", "counter == 1 or counter == 2"))
    found = mmscn("exercise", "1", "--check", str(file))
    assert found.code == 1
    assert "counter == 1 or counter == 2" in found.out
    file.write_text(FIRST.text.replace("counter = seen + 1", "counter = sen + 1"))
    found = mmscn("exercise", "1", "--check", str(file))
    assert found.code == 2
    assert "MM207" in found.err


@pytest.mark.parametrize(
    "words",
    [
        ["13"],
        ["--check"],
        ["1", "--hint", "--solution"],
        ["1", "--html", "x"],
        ["1", "nowhere/x.mmscn"],
        ["1", "nowhere/x.mmscn", "--check"],
        ["--html", "nowhere/x.html"],
    ],
)
def test_what_makes_no_sense_is_said(mmscn: Command, words: list[str]) -> None:
    found = mmscn("exercise", *words)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith("Usage: ")
