"""A block as it stands in a document, whatever the markup: what follows its name, and its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from attrs import frozen

from mmscn.documents.options import KEYS, Problem, Setting, listed, option_line, words

LINE_END = re.compile(r"\r\n|\n|\r")
ELSEWHERE = ("mmscn-library", "mmscn-trace")
"""Directives of the Sphinx extension that run nothing."""


@frozen
class Line:
    """A line of a block.

    number: in the document, from 1. text: without what the markup puts before it.
    """

    number: int
    text: str


@frozen(kw_only=True)
class Slot:
    """Where the text of a block stands, for rewriting it.

    Lines `first` up to, not including, `end` of the document, from 1; each
    begins with `prefix`. apart: an empty line has to come before the text.
    """

    first: int
    end: int
    prefix: str
    apart: bool = False


@frozen(kw_only=True)
class Fence:
    """kind: a key of KEYS. line: of its opening, from 1. slot: None where it cannot be written."""

    kind: str
    line: int
    settings: tuple[Setting, ...]
    problems: tuple[Problem, ...]
    lines: tuple[Line, ...]
    slot: Slot | None

    @property
    def text(self) -> str:
        """Each line ended."""
        return "".join(f"{line.text}\n" for line in self.lines)


@frozen
class ScannedBlocks:
    """The blocks of a document in order, and what looks like a block and is none."""

    fences: tuple[Fence, ...]
    problems: tuple[Problem, ...]


def fence(
    kind: str, line: int, behind: str, lines: Sequence[Line], slot: Slot | None, *, trim: bool
) -> Fence:
    """A block whose first lines may be `:key: value`.

    behind: what follows its name. trim: whether empty lines before the text are markup.
    """
    settings, problems = words(behind, line)
    rest = list(lines)
    said = 0
    while said < len(rest) and (pair := option_line(rest[said].text)) is not None:
        settings.append(Setting(pair[0], pair[1], rest[said].number))
        said += 1
    if not said and rest and rest[0].text.strip() == "---":
        hint = "write `:key: value` on the lines below the opening"
        problems.append(Problem(rest[0].number, "options between `---` are not read", hint))
    rest = rest[said:]
    blank = 0
    while blank < len(rest) and not rest[blank].text.strip() and (trim or (said and blank < 1)):
        blank += 1
    if slot is not None:
        start = slot.first + said + (blank if blank < len(rest) else 0)
        slot = Slot(
            first=min(start, slot.end),
            end=slot.end,
            prefix=slot.prefix,
            apart=trim and not rest[blank:],
        )
    return Fence(
        kind=kind,
        line=line,
        settings=tuple(settings),
        problems=tuple(problems),
        lines=tuple(rest[blank:]),
        slot=slot,
    )


def unknown_kind(kind: str, line: int) -> Problem:
    """What to say of a block that is called nearly as ours are."""
    hint = f"the blocks are called {listed([*KEYS, *ELSEWHERE])}; keys follow behind a blank"
    return Problem(line, f"there are no `{kind}` blocks", hint)


def is_ours(kind: str) -> bool:
    return kind in KEYS


def looks_like_ours(kind: str) -> bool:
    return kind.startswith("mmscn") and kind not in KEYS and kind not in ELSEWHERE


def document_lines(text: str) -> list[str]:
    """The lines of a document, each with its end; empty for an empty document."""
    ends = [m.end() for m in LINE_END.finditer(text)]
    starts = [0, *ends]
    pieces = [text[a:b] for a, b in zip(starts, [*ends, len(text)], strict=True)]
    return pieces if pieces[-1] else pieces[:-1]


def without_end(line: str) -> str:
    return line.rstrip("\r\n")


def sound(slot: Slot | None, lines: Iterable[Line], whole: Sequence[str]) -> Slot | None:
    """The slot, if putting the lines there would give the document as it is."""
    if slot is None:
        return None
    for line in lines:
        there = without_end(whole[line.number - 1])
        if there.rstrip() != (slot.prefix + line.text).rstrip():
            return None
    return slot
