"""`mmscn run --watch`: run again whenever a file, or a module that it imports, is another one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from mmscn.cli.run import Options, run_all
from mmscn.cli.selection import targets_of
from mmscn.judge import exits
from mmscn.judge.exits import Usage
from mmscn.judge.shipped import FOLDER_FILES_MAX, SUFFIX, files_behind
from mmscn.judge.stopping import UNEXPECTED
from mmscn.judge.targets import STDIN, tests_among
from mmscn.plain_text import counted, printable
from mmscn.show.paint import say

LOOK_MS = 1000
"""How often the files are looked at where nobody tells of a change."""
NAMED = 3
"""So many files that have changed are named."""

Stamps = dict[Path, tuple[int, int, int]]
"""When a file was written, how large it is, and which one it is; a file that is not there has none.
"""
Changes = Callable[[list[Path]], Iterator[object]]
"""Goes on whenever something in these folders may have changed."""


def watch(options: Options) -> int:
    """Run, and again after each change, until Ctrl-C. Raises Usage for words that make no sense.

    What counts is how files are compared with how they were before the last run: what changes
    during one is not missed.
    """
    if STDIN in options.words or options.checkpoint or options.resume:
        raise Usage("--watch is of files, and begins each run anew")
    changes = notifier()
    if changes is None:
        say("mmscn: --watch needs watchfiles: pip install 'mmscn[watch]'", sys.stderr)
        return exits.USAGE
    options = soon(options)
    before = stamps(options)
    code = run_all(options)
    while code != exits.INTERRUPTED:
        sys.stdout.flush()
        say(f"mmscn: watching {counted(len(before), 'file')}; Ctrl-C ends", sys.stderr)
        after = changed(options, before, changes)
        names = sorted(str(p) for p in before | after if before.get(p) != after.get(p))
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        say(printable(f"mmscn: changed: {', '.join(names[:NAMED])}{more}"), sys.stderr)
        before = after
        code = again(options)
    return code


def soon(options: Options) -> Options:
    """With an end at what nobody announces, unless something else is asked for that needs more."""
    whole = options.all_traces or options.kinds or options.simulate or tests_among(options.words)
    return options if options.stop or whole else options._replace(stop=UNEXPECTED)


def notifier() -> Changes | None:
    """What the library tells of folders; None where it is missing."""
    try:
        import watchfiles
    except ModuleNotFoundError as problem:
        if problem.name != "watchfiles":
            raise
        return None

    def changes(folders: list[Path]) -> Iterator[object]:
        return watchfiles.watch(
            *folders,
            recursive=False,
            watch_filter=None,
            rust_timeout=LOOK_MS,
            yield_on_timeout=True,
            ignore_permission_denied=True,
        )

    return changes


def again(options: Options) -> int:
    """A run after a change; a file that is gone may come again."""
    try:
        return run_all(options)
    except Usage as problem:
        say(printable(f"mmscn: {problem}"), sys.stderr)
        return exits.USAGE


def changed(options: Options, before: Stamps, changes: Changes) -> Stamps:
    """The files as they are as soon as they are not as before."""
    while True:
        known = folders(options)
        for _ in changes(known):
            after = stamps(options)
            if after != before:
                return after
            if folders(options) != known:
                break


def stamps(options: Options) -> Stamps:
    """The files that a run reads, as they are."""
    found = {}
    for path in sorted(files(options)):
        try:
            seen = path.stat()
        except OSError:
            continue
        found[path] = (seen.st_mtime_ns, seen.st_size, seen.st_ino)
    return found


def folders(options: Options) -> list[Path]:
    """Where those files are, or, where their folder is not there, where it would be."""
    around = {next(p for p in path.absolute().parents if p.is_dir()) for path in files(options)}
    for word in options.words:
        if Path(word).is_dir():
            below = (p for p in Path(word).rglob("*") if p.is_dir())
            around |= {Path(word), *islice(below, FOLDER_FILES_MAX)}
    return sorted(around)


def files(options: Options) -> set[Path]:
    """The files that were asked for, and where their modules are or could be."""
    tests = tests_among(options.words)
    others = [word for word in options.words if word not in tests]
    try:
        chosen = targets_of(others, every=options.every) if others or options.every else []
    except Usage:
        chosen = []
    asked = {Path(t.path) for t in chosen} | {Path(word) for word in (*tests, *others)}
    found = {path for path in asked if not path.is_dir() and path.suffix != SUFFIX}
    for path in asked:
        if path.suffix == SUFFIX and not path.is_dir():
            found |= files_behind(path)
    return found
