"""`mmscn drift`: the procedures whose functions are not what they were written from."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mmscn.cli.selection import Broken
from mmscn.cli.writing import write_to
from mmscn.diagnostics import Rejected
from mmscn.documents.drift import (
    Found,
    Kept,
    Key,
    Place,
    State,
    Wrong,
    compared,
    functions,
    read_record,
    record_text,
    recorded,
    shipped_record,
    unreadable,
)
from mmscn.documents.kernel_text import Tree
from mmscn.judge import exits
from mmscn.judge.exits import Usage
from mmscn.judge.shipped import read, shipped, texts
from mmscn.plain_text import counted, printable
from mmscn.show.paint import say
from mmscn.source import Source
from mmscn.syntax.tree_cache import parse_cached

SCHEMA = "mmscn.drift/1"


@click.command("drift")
@click.argument("words", nargs=-1, metavar="[TARGETS]...")
@click.option("--kernel", required=True, metavar="DIR", help="The root of a kernel's sources.")
@click.option(
    "--record",
    metavar="FILE",
    help="Write the hashes of what was read in this kernel to FILE, beside those that it has.",
)
@click.option(
    "--against",
    multiple=True,
    metavar="FILE",
    help="Compare with the hashes of FILE, too; the library's own are there in any case.",
)
@click.option(
    "--at",
    metavar="VERSION",
    help="With --record: which version DIR is, as notes say it; else what its Makefile says.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(
    words: Sequence[str],
    kernel: str,
    record: str | None,
    against: Sequence[str],
    at: str | None,
    as_json: bool,
) -> int:
    """List the procedures whose functions have changed since they were written.

    The `source` notes of TARGETS (files, folders, names of shipped scenarios and modules; without
    any, the whole library) name functions of a kernel. A function is to be looked at again if its
    text in DIR is not as recorded, but for comments and white space: it has changed, moved to
    another file or gone, or nothing was recorded for the version that the note names. Exit codes:
    0 all are as recorded, 1 some are not, 2 wrong usage, 4 no note names a function.
    """
    try:
        tree = Tree(Path(kernel))
        if not tree.root.is_dir():
            raise Usage(f"there is no folder {kernel}")
        if at is not None and record is None:
            raise Usage("--at is for --record")
        sources = sources_of(words)
        wanted = functions(sources)
        wrong = unreadable(sources)
        for place in wrong:
            say(printable(f"mmscn: {place.path}:{place.line}: {place.what}"), sys.stderr)
        if not wanted:
            say("mmscn: no note names a function", sys.stderr)
            return exits.USAGE if wrong else exits.VACUOUS
        if record is not None:
            return write_record(tree, wanted, Path(record), at)
        found = compared(tree, wanted, kept(against))
    except (Usage, Wrong) as problem:
        say(printable(f"mmscn: {problem}"), sys.stderr)
        return exits.USAGE
    except OSError as problem:
        say(printable(f"mmscn: {problem.filename}: {problem.strerror or problem}"), sys.stderr)
        return exits.USAGE
    except Rejected as problem:
        Broken("auto").tell(problem.diagnostics)
        return exits.USAGE
    if as_json:
        click.echo(json.dumps(document(found, kernel, tree.version(), wrong), indent=2))
    else:
        tell(found)
    again = any(f.state is not State.SAME for f in found) or bool(wrong)
    return exits.REFUTED if again else exits.OK


def sources_of(words: Sequence[str]) -> list[Source]:
    """The texts that are meant, each once. Raises Usage, OSError and Rejected."""
    paths: dict[Path, str] = {}
    for word in words:
        at = Path(word)
        named = [s for s in shipped() if s.name == word]
        if at.is_dir():
            paths |= {file: str(file) for file in texts(at)}
        elif at.is_file() or not named:
            paths[at] = word
        else:
            paths |= {s.file: s.path for s in named}
    if not words:
        paths = {s.file: s.path for s in shipped() if not s.benchmark}
    found = [read(path, name) for path, name in paths.items()]
    wrong = [d for source in found for d in parse_cached(source)[1]]
    if wrong:
        raise Rejected(tuple(wrong))
    return found


def kept(against: Sequence[str]) -> dict[Key, Kept]:
    """What the library has recorded, and what some files have. Raises OSError and Wrong."""
    found = read_record(shipped_record())
    for name in against:
        found |= read_record(Path(name))
    return found


# ---- recording ------------------------------------------------------------------


def write_record(tree: Tree, wanted: dict[Any, list[Place]], path: Path, at: str | None) -> int:
    """Adds what was read in this kernel. Raises Usage, OSError and Wrong."""
    kernel = at or tree.version()
    if kernel is None:
        raise Usage(f"{tree.root} does not say which kernel it is: say it with --at VERSION")
    before = read_record(path) if path.exists() else {}
    found = recorded(tree, kernel, wanted)
    if not found:
        say(f"mmscn: no function was read in {kernel}, or none is there", sys.stderr)
        return exits.VACUOUS
    write_to(str(path), record_text(before | found))
    changed = sum(1 for key, one in found.items() if key in before and before[key] != one)
    again = f", {changed} of them in place of another" if changed else ""
    say(printable(f"{path}: {counted(len(found), 'function')} of {kernel}{again}"))
    return exits.OK


# ---- what is said -----------------------------------------------------------------


def tell(found: Sequence[Found]) -> None:
    """The procedures to look at, by text and line, and how many functions are in which state."""
    again: dict[Place, list[Found]] = {}
    for one in found:
        if one.state is not State.SAME:
            for place in one.places:
                again.setdefault(place, []).append(one)
    for place in sorted(again):
        say(printable(str(place)))
        for one in again[place]:
            where = f", see {', '.join(one.where)}" if one.where else ""
            say(printable(f"  {one.state.value}: {one.function}{where}"))
    if again:
        say("")
    states = counts(found)
    said = ", ".join(f"{number} {state}" for state, number in states.items() if number)
    to_do = f"{counted(len(again), 'place')} to look at again"
    say(f"{counted(len(found), 'function')}: {said}; {to_do}")


def counts(found: Sequence[Found]) -> dict[str, int]:
    return {s.value: sum(1 for f in found if f.state is s) for s in State}


def document(
    found: Sequence[Found], kernel: str, version: str | None, wrong: Sequence[Place]
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "kernel": kernel,
        "version": version,
        "counts": counts(found),
        "unreadable": [{"path": p.path, "line": p.line, "message": p.what} for p in wrong],
        "functions": [
            {
                "file": f.function.file,
                "function": f.function.name,
                "at": list(f.function.versions),
                "state": f.state.value,
                "where": list(f.where),
                "places": [{"path": p.path, "line": p.line, "in": p.what} for p in f.places],
            }
            for f in found
        ],
    }
