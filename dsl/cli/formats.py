"""`--output-format`: the result in other formats, on stdout or in files."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmscn.cli.output import Output
from mmscn.cli.run import Done, Options
from mmscn.cli.writing import write_to
from mmscn.judge.exits import Usage
from mmscn.judge.report import Report
from mmscn.plain_text import printable_lines
from mmscn.show.formats import FORMATS, HTML, NAMES, OF_REPORTS, TEXT, Refused, of_page
from mmscn.show.json_values import Json

NOTHING: Mapping[str, str] = {}


def check_formats(options: Options) -> None:
    """Raises Usage, before anything is run, for what cannot be done."""
    files: list[Path] = []
    for wanted in options.formats:
        name, equals, file = wanted.partition("=")
        if name not in NAMES:
            raise Usage(f"there is no format `{name}`; there are {', '.join(NAMES)}")
        if equals and not file:
            raise Usage(f"`{wanted}` names no file")
        if file and not Path(file).absolute().parent.is_dir():
            raise Usage(f"{file} cannot be written: there is no such folder")
        if file and Path(file).resolve() in files:
            raise Usage(f"{file} is to have two formats")
        files += [Path(file).resolve()] if file else []
    printed = [wanted for wanted in options.formats if "=" not in wanted]
    if len(printed) + bool(options.as_json) > 1:
        raise Usage(f"one format is printed; say where the others go, as in {printed[0]}=FILE")


def parts(report: Report, options: Options, known: Mapping[str, str] = NOTHING) -> dict[str, str]:
    """A scenario's part of the formats that are made of each by itself. Raises Usage.

    known: those that are there.
    """
    asked = [name for name in OF_REPORTS if options.asks_for(name)]
    try:
        return {n: known[n] if n in known else OF_REPORTS[n](report) for n in asked}
    except Refused as problem:
        raise Usage(str(problem)) from problem


def write(options: Options, done: Sequence[Done], document: Json) -> None:
    """Each format that was asked for, from the one result; nothing where one is refused.

    Raises Usage.
    """
    made: list[tuple[str, str]] = []
    for wanted in options.formats:
        name, _, file = wanted.partition("=")
        if name == TEXT and not file:
            continue  # printed as it came
        try:
            made.append((file, format_of(name, document, options, done)))
        except Refused as problem:
            raise Usage(str(problem)) from problem
    for file, text in made:
        write_to(file or None, text)


def format_of(name: str, document: Json, options: Options, done: Sequence[Done]) -> str:
    """Raises Refused."""
    if name == TEXT:
        return text_of(options, done, len(document["rejected"]))
    if name == HTML:
        return of_page(document, command_of(options))
    if name in OF_REPORTS:
        return "\n".join(one.parts[name] for one in done)
    return FORMATS[name](document)


def text_of(options: Options, done: Sequence[Done], rejected: int) -> str:
    """What is printed where no other format is."""
    found: list[str] = []
    output = Output(options.quiet, found.append)
    for one in done:
        output.pieces(one.text)
    reasons = [reason for one in done for reason in one.reasons]
    output.summary(reasons, len(done) if reasons else 0, rejected)
    return printable_lines("".join(found))


def command_of(options: Options) -> str:
    """The command that finds the same."""
    defines = [part for pair in options.define for part in ("-D", pair)]
    return shlex.join(["mmscn", "run", *options.words, *defines])
