"""The exercises: scenarios in which something is wrong, each with a question and a solution.

A stretch of an exercise's text is the reader's: what stands between the lines BEGIN and END. The
solution is the text with other stretches; everything around them is as it was.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from functools import cache
from importlib.resources import files

from attrs import frozen

from mmscn.judge.api import loads
from mmscn.judge.report import Report
from mmscn.judge.shipped import SUFFIX, header

BEGIN = "// yours: from here"
END = "// yours: up to here"
STRETCH = re.compile(rf"^([ \t]*){BEGIN}[ \t]*\n((?:.*\n)*?)[ \t]*{END}[ \t]*$", re.MULTILINE)
TITLE = re.compile(r'^scenario \w+\s+"(.*)"', re.MULTILINE)


@frozen(kw_only=True)
class Exercise:
    """number: from 1. text: the scenario as it is given. answers: one for each of its stretches.

    question, hint, why: Markdown.
    """

    number: int
    name: str
    question: str
    hint: str
    answers: tuple[str, ...]
    why: str
    text: str

    @property
    def title(self) -> str:
        found = TITLE.search(self.text)
        assert found is not None
        return found[1]

    @property
    def file(self) -> str:
        return f"{self.name}{SUFFIX}"

    @property
    def solution(self) -> str:
        """The text with the answers in it."""
        answers = iter(self.answers)

        def answered(match: re.Match[str]) -> str:
            lines = next(answers).splitlines()
            return "\n".join(f"{match[1]}{line}" for line in (BEGIN, *lines, END))

        return STRETCH.sub(answered, self.text)

    @property
    def handout(self) -> str:
        """The text with the question above it, as a file to be written in."""
        asked = "\n".join(f"   {line}".rstrip() for line in self.question.splitlines())
        return f"/* Exercise {self.number}.\n\n{asked} */\n{self.text}"


@cache
def exercises() -> tuple[Exercise, ...]:
    """All, in their order."""
    folder = files("mmscn.exercises")
    listed = tomllib.loads(folder.joinpath("exercises.toml").read_text("utf-8"))["exercise"]
    return tuple(
        Exercise(
            number=number,
            name=entry["name"],
            question=entry["question"].strip(),
            hint=entry["hint"].strip(),
            answers=tuple(answer.strip("\n") for answer in entry["answer"]),
            why=entry["why"].strip(),
            text=folder.joinpath(f"{entry['name']}{SUFFIX}").read_text("utf-8"),
        )
        for number, entry in enumerate(listed, start=1)
    )


def exercise_of(word: str) -> Exercise | None:
    """The exercise of a number or a name."""
    return next((e for e in exercises() if word in (str(e.number), e.name)), None)


def written_over(exercise: Exercise, text: str) -> str | None:
    """The first line that is not the reader's and another one than it was; None where all are.

    Comments above the scenario are the reader's, and blanks at the ends of lines are nobody's.
    """
    given, found = (around(t) for t in (exercise.text, text))
    for ours, theirs in zip(given, found, strict=False):
        if ours != theirs:
            return theirs or ours
    longer = max(given, found, key=len)[min(len(given), len(found)) :]
    return next((line for line in longer if line), None)


def around(text: str) -> list[str]:
    """The lines around the stretches, each of which is one line here."""
    named = header(text)
    start = text.find(f"{named[0]} {named[1]}") if named else 0
    bare = STRETCH.sub(f"{BEGIN} {END}", text[max(start, 0) :])
    return [line.rstrip() for line in bare.splitlines()]


def check(text: str, name: str, tell: Callable[[Report], None]) -> bool:
    """Whether a text is as its `expect` says, after its report was told. Raises Rejected."""
    report = loads(text, name=name).check()
    tell(report)
    return report.met and not report.interrupted
