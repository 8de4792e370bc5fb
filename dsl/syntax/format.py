"""The canonical layout of a text: same words, same comments, other blanks and line ends.

- Two blanks a level, one statement a line, at most one empty line in a row.
- A block that its author wrote on one line stays there while it fits. So do
  the blocks of one `if` or `choose`, all or none; where each began a line of
  its own their braces are aligned.
- A line end inside a statement stays where the language makes it a natural
  one; longer lines than WIDTH get more of them. Nothing is filled up.
- Comments stay where they are, and those at line ends are aligned with their
  neighbours, as are the columns that an author aligned (format_columns.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, frozen
from lark import UnexpectedInput
from mmscn.diagnostics import Rejected
from mmscn.source import Source
from mmscn.syntax.comments import Comment, Gap, Words, words_of
from mmscn.syntax.format_columns import Line, aligned, rendered, width
from mmscn.syntax.format_words import (
    CLAUSE,
    CLAUSES,
    CLOSING,
    CONTINUES,
    LEADING,
    OPENING,
    REGIONS,
    levels,
    owners,
    partners,
    tight,
)
from mmscn.syntax.newlines import TooDeep
from mmscn.syntax.parse import parse

WIDTH = 100
INDENT = 2
BASE_MAX = 60
"""Further lines of something that begins behind this column are indented as if nothing began."""


def formatted(source: Source) -> str:
    """The text of a source in canonical layout, empty or with a line end at its end.

    Raises Rejected where the text has syntax errors.
    """
    try:
        words = words_of(source)
    except (UnexpectedInput, TooDeep) as problem:
        _, found = parse(source)
        raise Rejected(found) from problem
    text = rendered(Layout(words).text(), WIDTH)
    assert words_of(Source(source.name, text)).meaning() == words.meaning()
    return text


@frozen
class Run:
    """Lines, and the column of each of their words. The last line is not ended."""

    lines: tuple[Line, ...]
    columns: Mapping[int, int]
    line_of: Mapping[int, int]
    margins: Mapping[int, int]
    """For each word: the column it would have as the first of a line."""

    def fits(self) -> bool:
        return all(width(line.text) <= WIDTH for line in self.lines)


class Layout:
    """Decides for each word of a text whether a line begins with it, and at which column."""

    def __init__(self, words: Words) -> None:
        self.source = words.source
        self.words = words.words
        self.gaps = words.gaps
        self.partner = partners(self.words)
        self.owner = owners(self.words, self.gaps)

    def text(self) -> list[Line]:
        return self.sequence(0, len(self.words), 0)

    # ---- statements, one below the other ------------------------------------

    def sequence(self, first: int, end: int, level: int) -> list[Line]:
        """The statements from one word up to the `}` of their block, or to the end."""
        lines: list[Line] = []
        for a, b, group in self.groups(first, end):
            gap = self.gaps[a]
            lines += self.rows(gap, level, lines)
            group[0] = evolve(group[0], blank=gap.blank and bool(lines))
            lines += group
            behind = self.gaps[b + 1]
            if behind.ends and CONTINUES.match(self.words[b + 1].text):
                lines[-1] = evolve(lines[-1], text=lines[-1].text + ";")
            lines[-1] = lines[-1].with_comments(behind.after)
        lines += self.rows(self.gaps[end], level, lines)
        for comment in self.gaps[end].before:
            lines.append(own_line((comment,), level * INDENT, level))
        return lines

    def groups(self, first: int, end: int) -> Iterator[tuple[int, int, list[Line]]]:
        """Each statement with its lines; in runs of similar lines the columns are aligned."""
        spans = list(self.statements(first, end))
        level = self.level_at(first)
        runs = [self.statement(a, b, level) for a, b in spans]
        similar: list[int] = []
        for i in range(len(spans) + 1):
            if similar and (i == len(spans) or not self.follows(spans, runs, i)):
                self.align(spans, runs, similar, level)
                similar = []
            if i < len(spans):
                similar.append(i)
        for (a, b), lines in zip(spans, runs, strict=True):
            yield a, b, lines
