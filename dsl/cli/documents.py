"""`mmscn docs`: run the scenarios in documents."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import define, field

from mmscn.judge.targets import DOCUMENTS
from mmscn.plain_text import counted, printable
from mmscn.show.paint import say, write, write_diff

if TYPE_CHECKING:
    from mmscn.diagnostics import Diagnostic
    from mmscn.documents.document import Document
    from mmscn.documents.outcome import Difference

FILES_MAX = 10_000
NEVER_BELOW = ("_build", "node_modules", "__pycache__")


@click.group("docs")
def command() -> None:
    """Scenarios as examples in documents."""


@command.command("test")
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--update", is_flag=True, help="Write what is found into the output blocks.")
@click.option("--force", is_flag=True, help="With --update: also where CI is set.")
@click.option("--check", is_flag=True, help="Print what --update would change, as a diff.")
@click.option("--strict", is_flag=True, help="What nothing uses is an error, too.")
@click.option("-v", "--verbose", is_flag=True, help="A line for each block.")
def test(
    paths: tuple[str, ...], update: bool, force: bool, check: bool, strict: bool, verbose: bool
) -> int:
    """Run the scenarios in Markdown and reStructuredText documents.

    PATHS are documents, or folders of them; by default the current folder.
    Exit codes: 0 all as it should be, 1 not as expected or another output, 2
    wrong usage or a block that cannot be read, 3 undecided, 4 nothing to run.
    """
    if update and check:
        raise click.UsageError("--update writes, --check does not: say one of them")
    if update and in_ci() and not force:
        raise click.UsageError("CI is set, and --update changes documents: say --force to do it")
    files = list(documents(paths or (".",)))
    session = Session(update=update, check=check, strict=strict, verbose=verbose)
    for path in files:
        session.file(path)
    return session.end(len(files))


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def documents(paths: Sequence[str]) -> Iterator[Path]:
    """The documents that the paths stand for, each once. Raises UsageError."""
    seen: dict[Path, None] = {}
    for word in paths:
        path = Path(word)
        if path.is_dir():
            seen.update(dict.fromkeys(below(path)))
        elif not path.exists():
            raise click.UsageError(printable(f"there is no file `{word}`"))
        elif path.suffix.lower() not in DOCUMENTS:
            raise click.UsageError(printable(f"`{word}` is none of {', '.join(DOCUMENTS)}"))
        else:
            seen[path] = None
    return iter(list(seen)[:FILES_MAX])


def below(folder: Path) -> Iterator[Path]:
    """The documents of a folder in order; hidden folders, builds and environments are left out."""
    for entry in sorted(folder.iterdir(), key=lambda p: p.name):
        if entry.name.startswith(".") or entry.name in NEVER_BELOW:
            continue
        if entry.is_dir():
            if not entry.is_symlink() and not (entry / "pyvenv.cfg").exists():
                yield from below(entry)
        elif entry.suffix.lower() in DOCUMENTS:
            yield entry


@define
class Session:
    """What was found so far; prints as it goes."""

    update: bool
    check: bool
    strict: bool
    verbose: bool
    codes: list[int] = field(factory=list)
    documents: int = 0
    met: int = 0
    wrong: int = 0
    skipped: int = 0
    written: int = 0
    same: int = 0
    other: int = 0
    warnings: int = 0

    def file(self, path: Path) -> None:
        """Run the blocks of one document. Raises UsageError where it cannot be read."""
        from mmscn.documents.document import MissingExtra, NotADocument, read

        try:
            document = read(path)
        except (MissingExtra, NotADocument) as problem:
            raise click.UsageError(printable(str(problem))) from problem
        except OSError as problem:
            said = printable(f"cannot read {path}: {problem.strerror}")
            raise click.UsageError(said) from problem
        if document.blocks or document.problems or document.outputs:
            self.documents += 1
            self.run(document, path)

    def run(self, document: Document, path: Path) -> None:
        from mmscn.documents.outcome import Runner
        from mmscn.judge import exits

        for problem in document.problems:
            self.failed(problem.text(document.path), exits.USAGE)
        runner = Runner(document, strict=self.strict)
        for block in document.blocks:
            where = f"{document.path}:{block.line}: {block.label}"
            if block.skip is not None:
                self.skipped += 1
                self.tell(f"{where} skipped: {block.skip}")
            elif document.runs(block):
                found = runner.of(block)
                if found.wrong is not None:
                    self.failed(found.wrong, found.code)
                else:
                    self.met += 1
                    self.tell(f"{where} ok")
                    self.warn(found.warnings)
        different: list[Difference] = []
        for output in document.outputs:
            if not output.compared or output.block is None or output.block.skip is not None:
                continue
            if runner.of(output.block).wrong is not None:
                continue  # told with the block; its output is not the news
            difference = runner.output(output)
            if difference is None:
                self.same += 1
            else:
                different.append(difference)
        if different:
            self.differ(document, path, different)

    def differ(self, document: Document, path: Path, different: list[Difference]) -> None:
        from mmscn.documents.compare import unified
        from mmscn.documents.update import NotWritten, read_text, updated
        from mmscn.judge import exits
        from mmscn.replace import replace_file

        if not (self.update or self.check):
            self.other += len(different)
            for difference in different:
                self.failed(difference.text(), exits.REFUTED, block=False)
            return
        before = read_text(path)
        try:
            after = updated(before, different)
        except NotWritten as problem:
            self.other += len(different)
            self.failed(f"{problem}\n", exits.USAGE, block=False)
            return
        if self.update:
            replace_file(path, after.encode("utf-8"))
            self.written += len(different)
            say(f"{document.path}: wrote {counted(len(different), 'output')}")
        else:
            self.other += len(different)
            name = path.as_posix()
            write_diff(unified(before, after, before=f"a/{name}", after=f"b/{name}"), "never")
            self.codes.append(exits.REFUTED)

    def failed(self, text: str, code: int, *, block: bool = True) -> None:
        write(text.rstrip("\n") + "\n\n", "never", "message", sys.stderr)
        self.codes.append(code)
        self.wrong += block

    def warn(self, warnings: tuple[Diagnostic, ...]) -> None:
        from mmscn.show.messages import messages

        if warnings:
            sys.stdout.flush()
            write(messages(warnings) + "\n", "never", "message", sys.stderr)
            self.warnings += len(warnings)

    def tell(self, line: str) -> None:
        if self.verbose:
            say(line)

    def end(self, files: int) -> int:
        """Print the summary; gives the exit code."""
        from mmscn.judge import exits

        parts = [
            f"{self.met} as expected",
            f"{self.wrong} not" if self.wrong else "",
            f"{self.skipped} skipped" if self.skipped else "",
            counted(self.warnings, "warning") if self.warnings else "",
        ]
        outputs = [
            f"{counted(self.same, 'output')} as written" if self.same else "",
            f"{counted(self.other, 'output')} not as written" if self.other else "",
            f"{counted(self.written, 'output')} rewritten" if self.written else "",
        ]
        blocks = self.met + self.wrong + self.skipped
        if not blocks:
            say(f"no scenarios in {counted(files, 'document')}", sys.stderr)
            return exits.worst([*self.codes, exits.VACUOUS])
        text = f"{counted(blocks, 'block')} of {counted(self.documents, 'document')}: "
        text += ", ".join(part for part in parts if part)
        told = ", ".join(part for part in outputs if part)
        say(f"{text}; {told}" if told else text, sys.stderr if self.check else None)
        return exits.worst(self.codes)
