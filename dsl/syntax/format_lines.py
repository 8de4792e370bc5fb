"""Lines that are laid out: do they fit, where do they break, and where would a word begin one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from mmscn.syntax.comments import Comment, Word
from mmscn.syntax.format_columns import Line, in_a_row
from mmscn.syntax.format_words import CLAUSE, CLAUSES, CLOSING, OPENING, REGIONS
from mmscn.syntax.newlines import ENDERS

WIDTH = 100
INDENT = 2
DEEPER = 4
BASE_MAX, BRACKET_MAX = 40, 60
"""Further lines of what begins behind these columns are indented as if nothing began there."""


@frozen
class Run:
    """Lines, and for each of their words: its column, its line, and its margin.

    margins: the column that a word would have as the first of a line.
    """

    lines: tuple[Line, ...]
    columns: Mapping[int, int]
    line_of: Mapping[int, int]
    margins: Mapping[int, int]

    def fits(self) -> bool:
        return not any(too_long(line) for line in self.lines)

    def is_one_line(self) -> bool:
        return is_one_line(self.lines) and self.fits()


def too_long(line: Line) -> bool:
    """Lines with a comment of several lines in them are left as they are."""
    return len(line.text) > WIDTH and "\n" not in line.text


def is_one_line(lines: tuple[Line, ...] | list[Line]) -> bool:
    return len(lines) == 1 and "\n" not in lines[0].text


def own(comments: tuple[Comment, ...], column: int) -> str:
    return " " * column + in_a_row(comments, column)


def clauses_of(breaks: set[int], allowed: Mapping[int, int]) -> set[int]:
    return {i for i in breaks if allowed[i] == CLAUSE}


def best_break(run: Run, allowed: Mapping[int, int], ends: Mapping[int, int]) -> int | None:
    """Where the first line that is too long is broken best; None where nothing can be done.

    A clause gets a line of its own if it fits on it, or if it begins far to the
    right. Else the outermost operator counts, and of several the last that fits.
    """
    for number, line in enumerate(run.lines):
        if not too_long(line):
            continue
        possible = [
            i
            for i in allowed
            if run.line_of[i] == run.line_of[i - 1] == number and run.margins[i] < run.columns[i]
        ]
        shift = {i: run.columns[i] - run.margins[i] for i in possible}
        pool = [
            i
            for i in possible
            if allowed[i] != CLAUSE
            or len(line.text) - shift[i] <= WIDTH
            or run.columns[i] > BASE_MAX
        ] or possible
        pool = [i for i in pool if allowed[i] == min(allowed[j] for j in pool)]
        if pool:
            return max((i for i in pool if ends[i - 1] <= WIDTH), default=pool[0])
    return None


class Margins:
    """Where the words of a run would stand if a line began with them.

    Inside brackets: behind the bracket. A clause (`when`, a title): a bit to
    the right of the statement, and of a block that follows. `|`: under the
    `=`. Else under what its region begins with, such as the first word of a
    condition.

    owner: the kind of statement that the first word is in.
    """

    def __init__(
        self, words: Sequence[Word], owner: str | None, a: int, b: int, level: int
    ) -> None:
        self.words = words
        self.first = a
        self.indent = level * INDENT
        self.block = max((i for i in range(a, b + 1) if self.words[i].kind == "LBRACE"), default=-1)
        self.base = self.indent + (0 if owner == "ENUM" else DEEPER)
        self.begins = False
        self.equal: int | None = None
        self.brackets: list[int] = []
        self.of: dict[int, int] = {}

    def before(self, i: int) -> None:
        self.of[i] = self.margin(i)

    def margin(self, i: int) -> int:
        if i == self.first:
            return self.indent
        before, here = self.words[i - 1].kind, self.words[i].kind
        if before == "RBRACE" and here in ("ELSE", "OR"):
            return self.indent
        if self.brackets:
            return self.brackets[-1] if self.brackets[-1] <= BRACKET_MAX else self.base
        if here in CLAUSES or (here == "STRING" and before in ENDERS):
            return self.indent + (DEEPER if i < self.block else INDENT)
        if here == "VBAR" and self.equal is not None:
            return self.equal
        return self.base

    def behind(self, i: int, column: int) -> None:
        """Word i stands at a column."""
        kind = self.words[i].kind
        if self.begins and column <= BASE_MAX:
            self.base = column
        self.begins = False
        if kind in OPENING:
            self.brackets.append(column + 1)
        elif kind in CLOSING:
            self.brackets.pop()
        elif not self.brackets and (kind in REGIONS or self.begins_condition(i)):
            self.begins = True
            if kind != "IMPLIES":
                self.base = self.indent + DEEPER
            if kind == "EQUAL":
                self.equal = column

    def begins_condition(self, i: int) -> bool:
        """Is this the `if` of a statement, not that of an expression?"""
        before = self.words[i - 1].kind if i > self.first else "RBRACE"
        before_it = self.words[i - 2].kind if i > self.first + 1 else ""
        return self.words[i].kind == "IF" and (
            before == "RBRACE" or (before == "ELSE" and before_it == "RBRACE")
        )
