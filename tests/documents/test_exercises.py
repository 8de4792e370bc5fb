"""The exercises: each is broken as it is given, and its solution is one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mmscn.exercises
from mmscn import loads
from mmscn.documents import exercise_pages
from mmscn.documents.exercises import BEGIN, END, Exercise, exercises, written_over
from mmscn.runtime.result import Verdict

each = pytest.mark.parametrize("exercise", exercises(), ids=lambda e: e.name)
FIRST = exercises()[0]


def test_there_are_twelve_and_each_file_is_one() -> None:
    folder = Path(mmscn.exercises.__path__[0])
    assert {path.stem for path in folder.glob("*.mmscn")} == {e.name for e in exercises()}
    assert [e.number for e in exercises()] == list(range(1, 13))


@each
def test_what_is_given_is_broken_and_the_solution_holds(exercise: Exercise) -> None:
    given = loads(exercise.text).check()
    assert (given.verdict, given.met) == (Verdict.VIOLATED, False)
    assert len(given.runs) == 1
    solved = loads(exercise.solution)
    assert solved.warnings == ()
    report = solved.check()
    assert (report.verdict, report.met) == (Verdict.HOLDS, True)


@each
def test_there_is_an_answer_for_each_stretch(exercise: Exercise) -> None:
    for text in (exercise.text, exercise.solution):
        assert text.count(BEGIN) == text.count(END) == len(exercise.answers)
    assert exercise.solution != exercise.text
    assert exercise.question
    assert exercise.why
    assert not any(answer in exercise.hint for answer in exercise.answers)


@each
def test_only_a_stretch_of_the_readers_may_be_another(exercise: Exercise) -> None:
    for text in (exercise.text, exercise.handout, exercise.solution):
        assert written_over(exercise, text) is None
        assert written_over(exercise, f"// mine\n{text}".replace("\n", "  \n")) is None
        assert written_over(exercise, f"{text}expect holds\n") == "expect holds"
        lines = text.splitlines()
        assert written_over(exercise, "\n".join(lines[:-1])) == lines[-1]
        assert written_over(exercise, text.replace(BEGIN, "// mine")) is not None
        assert written_over(exercise, text.replace(lines[-2], "var own: bool")) is not None


def test_the_notebook_has_each_exercise_as_a_cell() -> None:
    document = json.loads(exercise_pages.notebook())
    code = ["".join(c["source"]) for c in document["cells"] if c["cell_type"] == "code"]
    assert code == ["%load_ext mmscn", *(f"%%mmscn\n{e.text}".rstrip() for e in exercises())]
    ids = [cell["id"] for cell in document["cells"]]
    assert len({*ids}) == len(ids)


def test_the_page_hides_what_solves() -> None:
    made = exercise_pages.section(FIRST)
    question, rest = made.split("<details><summary>Hint", 1)
    assert "VIOLATED" in question
    assert "none of" not in question
    assert rest.count("HOLDS") >= 1
    assert FIRST.why[:40] in rest
    assert "<script" not in made
    assert "http" not in made
