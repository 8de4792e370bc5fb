"""`mmscn merge`: the results of all parts of a run as the result that one run of all has."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from mmscn.cli.commands import color_option, wrong
from mmscn.cli.output import Output
from mmscn.judge import exits
from mmscn.judge.exits import Usage
from mmscn.plain_text import printable
from mmscn.show import kept_report, table
from mmscn.show.formats import FORMATS
from mmscn.show.json_values import Json
from mmscn.show.paint import say, write
from mmscn.show.result_json import SCHEMA

TEXT = "text"


@click.command("merge")
@click.argument("files", nargs=-1, metavar="FILE...", required=True)
@click.option(
    "--output-format",
    "form",
    type=click.Choice([TEXT, *FORMATS]),
    default=TEXT,
    show_default=True,
    help="What to print.",
)
@click.option("--json", "as_json", is_flag=True, help="As --output-format json.")
@color_option
def command(files: tuple[str, ...], form: str, as_json: bool, color: str) -> int:
    """Put the JSON results of `mmscn run --shard 1/N --json` to `N/N` together.

    What is printed, and the exit status, are those of one run of everything.
    """
    try:
        document, reports = kept_report.merged([read(file) for file in files])
    except kept_report.Mismatch as problem:
        return wrong(command, Usage(f"these are not the parts of one result: {problem}"))
    except Usage as problem:
        return wrong(command, problem)
    form = "json" if as_json else form
    if form == TEXT:
        output = Output(False, lambda text: write(text, color, "trace"))
        for report in reports:
            output.pieces([table.text(report)])
        reasons = [table.reason(run) for report in reports for run in report.runs]
        output.summary(reasons, len(reports), len(document["rejected"]))
        for unread in document["unread"]:
            said = f"mmscn: {unread['path']}: {unread['text']}"
            say(printable(said), sys.stderr)
    else:
        sys.stdout.write(FORMATS[form](document))
    codes = [exits.exit_code(report) for report in reports]
    codes += [exits.USAGE for _ in document["rejected"]]
    codes += [exits.UNDECIDED if u["limit"] else exits.USAGE for u in document["unread"]]
    return exits.worst(codes)


def read(file: str) -> Json:
    """Raises Usage."""
    try:
        found: Any = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as problem:
        raise Usage(f"cannot read {file}: {problem.strerror or problem}") from problem
    except ValueError as problem:
        raise Usage(f"{file} is no JSON: {problem}") from problem
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise Usage(f"{file} is no result of schema {SCHEMA}")
    return found
