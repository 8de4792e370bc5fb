"""`mmscn touched`: the scenarios that were written from what a patch changes."""

from __future__ import annotations

import sys

import click

from mmscn.cli.selection import Broken
from mmscn.cli.verifying import text_of
from mmscn.diagnostics import Rejected
from mmscn.documents.sources import Function, changed_by, written_from
from mmscn.judge import exits
from mmscn.judge.api import load
from mmscn.judge.shipped import shipped_scenarios
from mmscn.judge.targets import STDIN
from mmscn.plain_text import printable
from mmscn.show.paint import say


@click.command("touched")
@click.argument("path", default=STDIN, metavar="[FILE]")
@click.option("--names", is_flag=True, help="Only the names of the scenarios, one a line.")
def command(path: str, names: bool) -> int:
    """List the shipped scenarios that were written from what a patch changes.

    FILE is a unified diff, or a mail or commit with one; without it the standard input is read.
    `mmscn run $(mmscn touched --names < FILE)` runs what is found. Exit code 4: nothing was.
    """
    try:
        changed = changed_by(text_of(path).text)
    except OSError as problem:
        say(f"mmscn: cannot read {path}: {problem.strerror or problem}", sys.stderr)
        return exits.USAGE
    except Rejected as problem:
        Broken("auto").tell(problem.diagnostics)
        return exits.USAGE
    found = scenarios_of(changed)
    if names:
        for name in sorted({name for some in found.values() for name in some}):
            say(name)
        return exits.OK if any(found.values()) else exits.VACUOUS
    for function, scenarios in found.items():
        say(printable(str(function)))
        say(f"  {' '.join(scenarios) or 'no scenario was written from it'}")
    if not changed:
        say("mmscn: no function is changed", sys.stderr)
    return exits.OK if any(found.values()) else exits.VACUOUS


def scenarios_of(changed: list[Function]) -> dict[Function, list[str]]:
    """The names of the shipped scenarios that were written from each."""
    found: dict[Function, list[str]] = {function: [] for function in changed}
    for shipped in shipped_scenarios() if changed else ():
        if not shipped.benchmark:
            known = set(written_from(load(shipped.name).unit))
            for function in changed:
                if any(function.is_meant_by(named) for named in known):
                    found[function].append(shipped.name)
    return found
