"""`mmscn new`: a first scenario of one's own, from a template that runs at once."""

from __future__ import annotations

import re
from pathlib import Path

import click

import mmscn.scenarios
from mmscn.judge.exits import OK
from mmscn.judge.shipped import SUFFIX
from mmscn.show.paint import say

TEMPLATES = {
    "shootdown": "a page is unmapped while another CPU stores to it",
    "zap-cleaner": "a zap hands the dirty bit on while a cleaner runs",
    "fault-truncate": "a fault maps what a truncation cuts off",
    "walk-free": "a walk without a lock meets a table page that is freed",
    "device-tlb": "a device keeps translations of its own",
    "lock-order": "two locks in two orders",
}
FIRST = "shootdown"
PLACE = "scenario NAME "


def template(kind: str, name: str) -> str:
    """The text of a template, as the scenario of that name."""
    file = f"{kind.replace('-', '_')}{SUFFIX}"
    text = Path(mmscn.scenarios.__path__[0], "templates", file).read_text("utf-8")
    assert PLACE in text
    return text.replace(PLACE, f"scenario {name} ", 1)


def name_of(path: Path) -> str:
    """A scenario's name out of a file's."""
    word = re.sub(r"\W+", "_", path.stem, flags=re.ASCII).strip("_")
    return word if word and not word[0].isdigit() else f"race_{word}".rstrip("_")


@click.command("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--from",
    "kind",
    type=click.Choice(list(TEMPLATES)),
    default=FIRST,
    show_default=True,
    help="What it begins as: " + "; ".join(f"{k}: {about}" for k, about in TEMPLATES.items()) + ".",
)
def command(file: Path, kind: str) -> int:
    """Write a first scenario to FILE: it runs at once, and says where to edit it."""
    if file.suffix != SUFFIX:
        raise click.UsageError(f"the name of a scenario's file ends in {SUFFIX}")
    try:
        with file.open("x", encoding="utf-8", newline="\n") as out:
            out.write(template(kind, name_of(file)))
    except FileExistsError as problem:
        raise click.UsageError(f"{file} is there already, and stays as it is") from problem
    except OSError as problem:
        raise click.UsageError(f"{file}: {problem.strerror}") from problem
    say(f"{file}: {TEMPLATES[kind]}")
    say("Lines with EDIT say what to make your own.")
    say(f"  mmscn run {file}")
    return OK
