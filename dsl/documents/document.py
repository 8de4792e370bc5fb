"""A document with its blocks linked to each other: which text each one runs, and which are run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from attrs import define, evolve, field, frozen

from mmscn.documents import markdown, rst
from mmscn.documents.fences import LINE_END, Fence, ScannedBlocks
from mmscn.documents.options import FOUND, Problem, Values, values
from mmscn.judge.shipped import COMMENT_OR_STRING, blank, header
from mmscn.source import Source, Span

READERS: dict[str, Callable[[str], ScannedBlocks]] = {
    ".md": markdown.blocks,
    ".markdown": markdown.blocks,
    ".rst": rst.blocks,
}
"""How the blocks of a document are found, by the end of its file's name."""
DOCUMENT_BYTES_MAX = 10_000_000
SAYS_EXPECT = re.compile(r"^[ \t]*expect\b", re.MULTILINE)


class MissingExtra(Exception):
    """A package of an extra is not installed; the argument is what to do."""


class NotADocument(Exception):
    """A file of another kind, too large, or no text; the argument says which."""


@frozen(kw_only=True, eq=False)
class Block:
    """A scenario, a module or a part of one.

    label: its name, or where it stands. before: the blocks whose texts come
    before its own, in order. part: another builds on it.
    """

    fence: Fence
    label: str
    values: Values
    before: tuple[Block, ...] = ()
    part: bool = False

    @property
    def line(self) -> int:
        return self.fence.line

    @property
    def name(self) -> str | None:
        name = self.values.get("name")
        return name if isinstance(name, str) else None

    @property
    def skip(self) -> str | None:
        reason = self.values.get("skip")
        return reason if isinstance(reason, str) else None

    @property
    def show(self) -> tuple[str, ...]:
        """What a page shows: of the text itself and of what is found."""
        said = self.values.get("show")
        shown = said if isinstance(said, tuple) else default_show(self.fence.kind)
        hidden = bool(self.values.get("hidden"))
        return tuple(s for s in shown if not (hidden and s == "source"))

    @property
    def module(self) -> str | None:
        """The name of the module that the text is."""
        found = header(self.fence.text) if not self.before else None
        return found[1] if found and found[0] == "module" else None

    @property
    def parts(self) -> tuple[Block, ...]:
        return (*self.before, self)


def default_show(kind: str) -> tuple[str, ...]:
    return ("source",) if kind == "mmscn" else ("table",)


@frozen(kw_only=True, eq=False)
class Output:
    """What a block should have found, or a matrix of it. block: None where its `of` names none."""

    fence: Fence
    values: Values
    block: Block | None

    @property
    def compared(self) -> bool:
        """Whether its text is to be what the block finds."""
        return self.fence.kind == "mmscn-output" and self.block is not None

    @property
    def show(self) -> str:
        said = self.values.get("show")
        if self.fence.kind == "mmscn-matrix":
            return "table"
        if isinstance(said, tuple):
            return str(said[0])
        shown = self.block.show if self.block is not None else ()
        return next((s for s in shown if s in FOUND), "verdict")


@frozen(kw_only=True, eq=False)
class Document:
    """path: as messages name it. folder: where its scenarios look for modules and files.

    blocks: those that can be run, in order. outputs: all. problems: what is
    wrong with others, and with the links between them.
    """

    path: str
    folder: Path
    source: Source
    blocks: tuple[Block, ...]
    outputs: tuple[Output, ...]
    problems: tuple[Problem, ...]

    def runs(self, block: Block) -> bool:
        """Whether a block is run by itself.

        A part is not, unless it says what it expects or something of it is shown.
        """
        if not block.part or block.module is not None:
            return True
        asked = any(o.block is block for o in self.outputs) or any(s in FOUND for s in block.show)
        return asked or "expect" in block.values or says_expect(block.fence.text)

    def modules(self) -> dict[str, Source]:
        """The modules that are blocks of the document, by name."""
        found: dict[str, Source] = {}
        for block in self.blocks:
            if block.module is not None:
                found.setdefault(block.module, Source(block.module, block.fence.text))
        return found


def says_expect(text: str) -> bool:
    return SAYS_EXPECT.search(COMMENT_OR_STRING.sub(blank, text)) is not None


# ---- from a file --------------------------------------------------------------


def read(path: Path) -> Document:
    """Raises OSError, NotADocument and MissingExtra."""
    data = path.read_bytes()
    if len(data) > DOCUMENT_BYTES_MAX:
        raise NotADocument(f"{path} has more than {DOCUMENT_BYTES_MAX} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise NotADocument(f"{path} is not UTF-8 text") from problem
    return parsed(text, str(path), path.parent)


def parsed(text: str, path: str, folder: Path) -> Document:
    """The document that a text is, as its path ends.

    Raises NotADocument and MissingExtra.
    """
    blocks = READERS.get(Path(path).suffix.lower())
    if blocks is None:
        raise NotADocument(f"{path} is neither Markdown (.md) nor reStructuredText (.rst)")
    try:
        found = blocks(text)
    except ModuleNotFoundError as problem:
        missing = (problem.name or "").partition(".")[0]
        if missing not in ("markdown_it", "docutils"):
            raise
        package = {"markdown_it": "markdown-it-py"}.get(missing, missing)
        hint = f"{path} is read with {package}: pip install 'mmscn[docs]'"
        raise MissingExtra(hint) from problem
    return linked(found, text, path, folder)


# ---- links --------------------------------------------------------------------


def linked(found: ScannedBlocks, text: str, path: str, folder: Path) -> Document:
    """The document of some blocks; what builds on a block that is broken is broken itself."""
    linker = Linker(problems=list(found.problems))
    for fence in found.fences:
        linker.add(fence)
    parts = {id(part) for block in linker.blocks for part in block.before}
    final: dict[int, Block] = {}
    for block in linker.blocks:
        before = tuple(final[id(b)] for b in block.before)
        final[id(block)] = evolve(block, before=before, part=id(block) in parts)
    outputs = tuple(
        evolve(o, block=final[id(o.block)] if o.block is not None else None)
        for o in linker.outputs()
    )
    return Document(
        path=path,
        folder=folder,
        source=Source(path, LINE_END.sub("\n", text.removeprefix("\ufeff"))),
        blocks=tuple(final.values()),
        outputs=outputs,
        problems=tuple(sorted(linker.problems, key=lambda p: p.line)),
    )


@define
class Linker:
    """tail: the last block of the chain that a block belongs to, by the id of its first."""

    problems: list[Problem]
    blocks: list[Block] = field(factory=list)
    names: dict[str, Block | None] = field(factory=dict)
    first: dict[int, Block] = field(factory=dict)
    tail: dict[int, Block] = field(factory=dict)
    waiting: list[tuple[Fence, Values]] = field(factory=list)

    def add(self, fence: Fence) -> None:
        found, wrong = values(fence.kind, fence.settings)
        wrong = [*fence.problems, *wrong] or self.misuse(fence, found)
        if fence.kind == "mmscn-output" or "of" in found:
            self.problems += wrong
            if not wrong:
                self.waiting.append((fence, found))
            return
        before = self.before(fence, found, wrong)
        self.problems += wrong
        name = found.get("name")
        block = None
        if not wrong:
            label = name if isinstance(name, str) else f"line {fence.line}"
            block = Block(fence=fence, label=label, values=found, before=before)
            self.blocks.append(block)
            self.chain(block, found)
        if isinstance(name, str):
            self.names.setdefault(name, block)

    def misuse(self, fence: Fence, found: Values) -> list[Problem]:
        wrong = []
        name = found.get("name")
        if isinstance(name, str) and name in self.names:
            wrong.append(Problem(fence.line, f"there are two blocks named `{name}`"))
        if fence.kind == "mmscn-output" and "of" not in found:
            wrong.append(Problem(fence.line, "`mmscn-output` wants `of=NAME`"))
        if "setup" in found and "continues" in found:
            hint = "`setup` begins anew after the named block, `continues` goes on"
            wrong.append(Problem(fence.line, "`setup` and `continues` exclude each other", hint))
        if "file" in found and ("setup" in found or "continues" in found or fence.text.strip()):
            wrong.append(Problem(fence.line, "a block with `file` has no other text"))
        if fence.kind == "mmscn-matrix":
            if ("of" in found) == ("file" in found):
                hint = "`of=NAME` for a block, `file=PATH` for a file or a shipped scenario"
                message = "`mmscn-matrix` wants one of `of` and `file`"
                wrong.append(Problem(fence.line, message, hint))
            if fence.text.strip():
                wrong.append(Problem(fence.line, "`mmscn-matrix` has no text of its own"))
        return wrong

    def before(self, fence: Fence, found: Values, wrong: list[Problem]) -> tuple[Block, ...]:
        """The blocks whose texts come first; adds a problem where there is no such block."""
        for key in ("setup", "continues"):
            name = found.get(key)
            if not isinstance(name, str):
                continue
            if name not in self.names:
                hint = f"`{key}` names a block further up"
                wrong.append(Problem(fence.line, f"there is no block named `{name}`", hint))
                continue
            block = self.names[name]
            if block is None:
                wrong.append(Problem(fence.line, f"the block `{name}` cannot be used"))
            elif "file" in block.values:
                wrong.append(Problem(fence.line, f"the block `{name}` is a file of its own"))
            elif key == "continues":
                return self.tail[id(self.first[id(block)])].parts
            else:
                return block.parts
        return ()

    def chain(self, block: Block, found: Values) -> None:
        first = self.first[id(block.before[-1])] if "continues" in found else block
        self.first[id(block)] = first
        self.tail[id(first)] = block

    def outputs(self) -> Iterable[Output]:
        for fence, found in self.waiting:
            name = str(found["of"])
            block = self.names.get(name)
            if name not in self.names:
                hint = "`of` names a block by its `name`"
                self.problems.append(Problem(fence.line, f"there is no block named `{name}`", hint))
            yield Output(fence=fence, values=found, block=block)


# ---- texts --------------------------------------------------------------------


@frozen(eq=False)
class Composed:
    """The text that is run. origins: for each of its lines, the block and the line in the block."""

    source: Source
    origins: tuple[tuple[Block, int], ...]

    def in_block(self, span: Span) -> Span:
        """The same place in the text of the block alone, under its name."""
        block, number = self.origin(span)
        source = Source(block.label.replace(" ", "-"), block.fence.text or "\n")
        return moved(span, source, number)

    def in_document(self, span: Span, document: Document) -> Span:
        """The same place in the document."""
        block, number = self.origin(span)
        lines = block.fence.lines
        if not lines or number > len(lines):
            start = document.source.line_starts[block.line - 1]
            end = start + len(document.source.line(block.line))
            return Span(document.source, start, end)
        return moved(span, document.source, lines[number - 1].number, lines[number - 1].text)

    def origin(self, span: Span) -> tuple[Block, int]:
        number = min(span.line, len(self.origins))
        return self.origins[number - 1]


def moved(span: Span, source: Source, number: int, text: str | None = None) -> Span:
    """A span of the same length on another line.

    text: the line without what the markup puts before it, where it is known.
    """
    _, column = span.source.position(span.start)
    number = min(number, len(source.line_starts))
    line = source.line(number)
    margin = len(line) - len(text) if text is not None and line.endswith(text) else 0
    start = min(source.line_starts[number - 1] + margin + column - 1, len(source.text))
    return Span(source, start, min(start + span.end - span.start, len(source.text)))


def composed(block: Block, expects: Iterable[str]) -> Composed:
    """The texts of all parts, and at the end an `expect` for each of `expects`."""
    lines: list[str] = []
    origins: list[tuple[Block, int]] = []
    for part in block.parts:
        for number, line in enumerate(part.fence.lines, 1):
            lines.append(f"{line.text}\n")
            origins.append((part, number))
    for expect in expects:
        lines.append(f"expect {expect}\n")
        origins.append((block, len(block.fence.lines) + 1))
    if not origins:
        origins.append((block, 1))
    return Composed(Source(f"<{block.label}>", "".join(lines)), tuple(origins))
