"""`mmscn fmt`: texts in their canonical layout, in place, as a filter or only looked at."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from mmscn.plain_text import printable
from mmscn.replace import replace_file
from mmscn.show.paint import say, write_diff

OK, CHANGED, REJECTED, NOTHING = 0, 1, 2, 4
STDIN = "-"
FILES_MAX = 10_000


@click.command("fmt")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--check", is_flag=True, help="List the files that would change; write nothing.")
@click.option("--diff", is_flag=True, help="Print what would change as a diff; write nothing.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True
)
def command(paths: tuple[str, ...], check: bool, diff: bool, color: str) -> int:
    """Lay scenarios and modules out canonically.

    PATHS are files, or folders with .mmscn files below; by default the current
    folder. `-` formats stdin to stdout. Words, comments and meaning stay; a
    text with syntax errors is left alone.

    Exit codes: 0 all are formatted, 1 with --check: some would change, 2 wrong
    usage, or a text that cannot be read, 4 there was nothing to format.
    """
    if STDIN in paths and len(paths) > 1:
        raise click.UsageError("`-` is stdin, and goes with no other path")
    codes = []
    for path in texts(paths or (".",)):
        code = one(path, check=check, diff=diff, color=color)
        codes.append(code if check or code != CHANGED else OK)
    if not codes:
        say("mmscn: there was nothing to format", sys.stderr)
    return max(codes, default=NOTHING)


def texts(paths: Sequence[str]) -> Iterator[str]:
    """The files that the paths stand for, each once. Raises UsageError."""
    seen: dict[str, None] = {}
    for word in paths:
        path = Path(word)
        if path.is_dir():
            seen.update(dict.fromkeys(str(p) for p in below(path)))
        elif word != STDIN and not path.exists():
            raise click.UsageError(printable(f"there is no file `{word}`"))
        else:
            seen[word] = None
    if len(seen) > FILES_MAX:
        raise click.UsageError(f"these are more than {FILES_MAX} files; name fewer folders")
    return iter(seen)


def below(folder: Path) -> Iterator[Path]:
    """The .mmscn files of a folder in order of their paths; what is hidden is left out."""
    for path in sorted(folder.rglob("*.mmscn")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") for part in parts):
            yield path


def one(path: str, *, check: bool, diff: bool, color: str) -> int:
    """Format one text and say so; gives CHANGED where it was not formatted."""
    from mmscn.diagnostics import Rejected
    from mmscn.judge.shipped import bounded, decoded
    from mmscn.judge.targets import no_document
    from mmscn.show.messages import messages
    from mmscn.show.paint import write
    from mmscn.source import Source
    from mmscn.syntax.format import formatted

    name = "<stdin>" if path == STDIN else path
    try:
        before = bounded(sys.stdin.buffer) if path == STDIN else content(Path(path))
        source = decoded(Source(name, ""), before)
        no_document(source, path, "only files with one scenario or module are laid out")
        after = formatted(source).encode("utf-8")
        if diff:
            write_diff(difference(name, before, after), color)
        elif path == STDIN and not check:
            click.echo(after.decode("utf-8"), nl=False)
        elif check and before != after:
            say(name)
        elif before != after:
            replace_file(Path(path), after)
            say(f"{name}: formatted")
    except Rejected as problem:
        sys.stdout.flush()
        write(messages(problem.diagnostics), color, "message", sys.stderr)
        return REJECTED
    except BrokenPipeError:
        raise
    except OSError as problem:
        reason = problem.strerror or str(problem)
        say(f"mmscn: cannot format {name}: {reason}", sys.stderr)
        return REJECTED
    return OK if before == after else CHANGED


def content(path: Path) -> bytes:
    """As much of a file as a text may have, and a bit more."""
    from mmscn.judge.shipped import bounded

    with path.open("rb") as file:
        return bounded(file)


def difference(name: str, before: bytes, after: bytes) -> str:
    """A unified diff, empty where there is none."""
    from mmscn.documents.compare import unified

    old, new = (data.decode("utf-8", "replace") for data in (before, after))
    return unified(old, new, before=name, after=name)
