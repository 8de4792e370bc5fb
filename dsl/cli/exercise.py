"""`mmscn exercise`: races to repair, with questions, hints and solutions."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mmscn import told
from mmscn.cli.commands import color_option
from mmscn.diagnostics import Rejected
from mmscn.documents import exercises
from mmscn.documents.exercises import Exercise, exercise_of
from mmscn.judge import exits
from mmscn.judge.report import Report
from mmscn.judge.shipped import read
from mmscn.plain_text import counted
from mmscn.show.counterexamples import WIDTH
from mmscn.show.messages import messages
from mmscn.show.paint import say, write


@click.command("exercise")
@click.argument("word", required=False, metavar="[EXERCISE]")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--hint", is_flag=True, help="Say what to look at.")
@click.option("--check", is_flag=True, help="Say whether FILE is a solution.")
@click.option("--solution", is_flag=True, help="Show a solution, and say why it is one.")
@click.option("--html", type=click.Path(path_type=Path), help="Write all as one page of HTML.")
@click.option("--notebook", type=click.Path(path_type=Path), help="Write all for Jupyter.")
@color_option
def command(
    word: str | None,
    file: Path | None,
    hint: bool,
    check: bool,
    solution: bool,
    html: Path | None,
    notebook: Path | None,
    color: str,
) -> int:
    """Races to repair: list them, or write one, by number or name, to FILE.

    FILE is the exercise's name in this folder where it is not said. Exit code of --check: 0 for a
    solution, 1 for none.
    """
    if sum([hint, check, solution, html is not None, notebook is not None]) > 1:
        raise click.UsageError("--hint, --check, --solution, --html and --notebook: one at a time")
    if html is not None or notebook is not None:
        if word is not None:
            raise click.UsageError("--html and --notebook are of all exercises")
        return page(html, notebook)
    if word is None:
        if hint or check or solution:
            raise click.UsageError("say which exercise: its number or its name")
        return listing()
    exercise = exercise_of(word)
    if exercise is None:
        raise click.UsageError(f"there is no exercise `{word}`; `mmscn exercise` lists them")
    if hint:
        say(exercise.hint)
        return exits.OK
    if solution:
        write(exercise.solution, color, "source")
        write(f"\n{exercise.why}\n", "never", "message")
        return exits.OK
    file = Path(exercise.file) if file is None else file
    return checked(exercise, file, color) if check else handed_out(exercise, file)


def listing() -> int:
    for exercise in exercises.exercises():
        say(f"{exercise.number:>3}  {exercise.name:<20}  {exercise.title}")
    say("")
    say("mmscn exercise 1 writes the first; --hint, --check and --solution help.")
    return exits.OK


def page(html: Path | None, notebook: Path | None) -> int:
    from mmscn.documents import exercise_pages

    file = html or notebook
    assert file is not None
    if not file.absolute().parent.is_dir():
        raise click.UsageError(f"{file}: there is no such folder")
    try:
        text = exercise_pages.notebook() if html is None else exercise_pages.page()
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise click.UsageError(f"{file}: {problem.strerror}") from problem
    say(f"{file}: {counted(len(exercises.exercises()), 'exercise')}")
    return exits.OK


def handed_out(exercise: Exercise, file: Path) -> int:
    """Write the file, and say what is asked. What is there is kept."""
    try:
        with file.open("x", encoding="utf-8", newline="\n") as out:
            out.write(exercise.handout)
    except FileExistsError as problem:
        raise click.UsageError(f"{file} is there already, and stays as it is") from problem
    except OSError as problem:
        raise click.UsageError(f"{file}: {problem.strerror}") from problem
    write(f"{exercise.number}. {exercise.title}\n\n{exercise.question}\n\n", "never", "message")
    say(f"  mmscn run {file}    shows what goes wrong")
    say(f"Change what stands between the lines `{exercises.BEGIN.partition(':')[0]}`; then")
    say(f"  mmscn exercise {exercise.number} --check {file}")
    return exits.OK


def checked(exercise: Exercise, file: Path, color: str) -> int:
    """Run the file, and say whether it is a solution."""
    try:
        text = read(file).text
    except OSError as problem:
        raise click.UsageError(f"cannot read {file}: {problem.strerror}") from problem
    except Rejected as problem:
        write(messages(problem.diagnostics), color, "message", sys.stderr)
        return exits.USAGE
    other = exercises.written_over(exercise, text)
    if other is not None:
        say(f"this is not between the lines that are yours, and was another: {other.strip()}")
        return exits.REFUTED

    def tell(report: Report) -> None:
        write(told.text(report, width=WIDTH), color, "trace")

    try:
        solved = exercises.check(text, str(file), tell)
    except Rejected as problem:
        write(messages(problem.diagnostics), color, "message", sys.stderr)
        return exits.USAGE
    if not solved:
        say("")
        say(f"Not solved. mmscn exercise {exercise.number} --hint says what to look at.")
        return exits.REFUTED
    write(f"\nSolved. {exercise.why}\n", "never", "message")
    return exits.OK
