"""The words of a text together with the comments and line ends between them.

The parser drops comments; here they are found again in the gaps between the
words that it took, so a comment is what the grammar says it is. Two of them are
moved, for the layout's sake: `atomic // why` with the `{` on the next line is
read as `atomic { // why`, and `b = c }  // why` with the `{` on an earlier line
as if the `}` were on the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

from attrs import frozen

from mmscn.source import Source
from mmscn.syntax.parse import parser

LINE_END = "_NL"
TAB = 8
BEHIND = frozenset({"COMMA", "FIELD_COMMA", "RPAR", "RSQB", "DOT", "COLON", "RBRACE"})
"""Words that an inline comment before them leans away from: `f(a /* why */, b)`."""


@frozen
class Comment:
    """text: no carriage return, no blanks at line ends. column: where it began, from 0."""

    text: str
    column: int

    @property
    def to_line_end(self) -> bool:
        return self.text.startswith("//")

    def at(self, column: int) -> str:
        """The text with its lines behind the first moved as far as the first is."""
        first, *rest = self.text.split("\n")
        return "\n".join([first, *(moved(line, column - self.column) for line in rest)])


@frozen
class Row:
    """A line that has nothing but comments.

    blank: an empty line is before it. hangs: it continues the comment above it,
    which is at the end of a line.
    """

    comments: tuple[Comment, ...]
    blank: bool
    hangs: bool


@frozen(kw_only=True)
class Gap:
    """What is between two words.

    after: on the line of the word before. rows: on lines of their own.
    before: on the line of the word behind. newline: the two are on different
    lines. blank: an empty line is right above the word behind. ends: a
    statement ends here, and another begins.
    """

    after: tuple[Comment, ...] = ()
    rows: tuple[Row, ...] = ()
    before: tuple[Comment, ...] = ()
    newline: bool = False
    blank: bool = False
    ends: bool = False

    @property
    def forced(self) -> bool:
        """Is a line end needed here, for the sake of a comment?"""
        return bool(self.rows) or any(c.to_line_end for c in self.after)

    @property
    def one_line(self) -> bool:
        return not self.newline and not any("\n" in c.text for c in (*self.after, *self.before))


@frozen
class Word:
    """A token. start, end: its place in the source."""

    kind: str
    text: str
    start: int
    end: int


@frozen(eq=False)
class Words:
    """All words of a text; `gaps[i]` is before `words[i]`, the last gap before the end."""

    source: Source
    words: tuple[Word, ...]
    gaps: tuple[Gap, ...]

    def meaning(self) -> tuple[list[tuple[str, str]], list[str]]:
        """Tokens with the ends of statements, and comments: what formatting must not change."""
        tokens = []
        for word, gap in zip(self.words, self.gaps, strict=False):
            if gap.ends:
                tokens.append((LINE_END, ""))
            tokens.append((word.kind, word.text))
        return tokens, [line for gap in self.gaps for c in comments(gap) for line in bare(c)]


def words_of(source: Source) -> Words:
    """The words of a text without syntax errors."""
    words, ends = tokens_of(source.text)
    places = [0, *(w.end for w in words)]
    starts = [*(w.start for w in words), len(source.text)]
    rows = [rows_of(source, a, b) for a, b in zip(places, starts, strict=True)]
    rows[0].insert(0, Line())
    rows[-1].append(Line())
    move_into_blocks(words, rows)
    kinds = ["LBRACE", *(w.kind for w in words), "RBRACE"]
    gaps = tuple(gap_of(r, i in ends, *kinds[i : i + 2]) for i, r in enumerate(rows))
    return Words(source, tuple(words), gaps)


def tokens_of(text: str) -> tuple[list[Word], frozenset[int]]:
    """The words, and the numbers of those before which a statement ended."""
    parsing = parser().parse_interactive(text)
    words: list[Word] = []
    ends = set()
    for token in parsing.iter_parse():
        if token.type == LINE_END:
            ends.add(len(words))
        else:
            assert token.start_pos is not None
            assert token.end_pos is not None
            # `for read` is one token, with blanks inside.
            plain = " ".join(token.split()) if token.type == "LOCK_MODE" else str(token)
            words.append(Word(token.type, plain, token.start_pos, token.end_pos))
    return words, frozenset(ends)


def move_into_blocks(words: Sequence[Word], rows: list[list[Line]]) -> None:
    """Let comments before a `{`, or behind a `}` that ends a line of the block, be in the block."""
    several_lines = {}
    open_: list[int] = []
    for i, word in enumerate(words):
        if word.kind == "LBRACE":
            open_.append(i)
        elif word.kind == "RBRACE":
            begin = open_.pop() + 1
            several_lines[i] = any(len(rows[j]) > 1 for j in range(begin, i + 1))
    for i, word in enumerate(words):
        if word.kind == "LBRACE" and needs_line_end(rows[i]):
            *before, last = rows[i]
            first, *others = rows[i + 1]
            rows[i + 1] = [*before, Line([*last.comments, *first.comments]), *others]
            rows[i] = [Line()]
    for i in sorted(several_lines, reverse=True):
        if several_lines[i] and len(rows[i]) == 1 < len(rows[i + 1]):
            rows[i] = [Line([*rows[i][0].comments, *rows[i + 1][0].comments]), Line()]
            rows[i + 1][0] = Line()


class Line:
    """The comments on one line of a gap, while it is read.

    semicolon: how many of them are before the first `;`, None where there is none.
    """

    def __init__(self, found: Iterable[Comment] = ()) -> None:
        self.comments = list(found)
        self.semicolon: int | None = None


@cache
def pieces() -> re.Pattern[str]:
    comment = parser().get_terminal("COMMENT").pattern.to_regexp()
    return re.compile(rf"(?P<comment>{comment})|(?P<line_end>\n)|(?P<semicolon>;)")


def rows_of(source: Source, start: int, end: int) -> list[Line]:
    """The lines of a gap, from that of the word before to that of the word behind."""
    lines = [Line()]
    for piece in pieces().finditer(source.text, start, end):
        if piece.lastgroup == "semicolon":
            if lines[-1].semicolon is None:
                lines[-1].semicolon = len(lines[-1].comments)
        elif piece.lastgroup == "line_end":
            lines.append(Line())
        else:
            lines[-1].comments.append(comment_of(source, piece.start(), piece["comment"]))
    return lines


def comment_of(source: Source, start: int, text: str) -> Comment:
    line_start = source.text.rfind("\n", 0, start) + 1
    first, *rest = (line.rstrip() for line in text.split("\n"))
    column = len(source.text[line_start:start].expandtabs(TAB))
    return Comment("\n".join([first, *(untabbed(line) for line in rest)]), column)


def untabbed(line: str) -> str:
    words = line.lstrip()
    return line[: len(line) - len(words)].expandtabs(TAB) + words


def needs_line_end(rows: Sequence[Line]) -> bool:
    return any(c.to_line_end for row in rows for c in row.comments) or any(
        row.comments for row in rows[1:-1]
    )


def gap_of(rows: Sequence[Line], ends: bool, before: str, behind: str) -> Gap:
    """before, behind: the kinds of the words around."""
    first = rows[0]
    ends = ends and behind != "RBRACE"
    if len(rows) == 1:
        leaning = behind in BEHIND
        split = first.semicolon if ends else None
        if split is None:
            split = len(first.comments) if leaning else 0
        return Gap(
            after=tuple(first.comments[:split]), before=tuple(first.comments[split:]), ends=ends
        )
    found: list[Row] = []
    between_statements = ends or before == "LBRACE" or behind == "RBRACE"
    hanging = between_statements and len(first.comments) == 1 and first.comments[0].to_line_end
    for i, row in enumerate(rows[1:-1], 1):
        if not row.comments:
            hanging = False
            continue
        hanging = hanging and row.comments[0].column == first.comments[0].column
        hanging = hanging and row.comments[0].to_line_end
        blank = i > 1 and not rows[i - 1].comments
        found.append(Row(tuple(row.comments), blank, hanging))
    return Gap(
        after=tuple(first.comments),
        rows=tuple(found),
        before=tuple(rows[-1].comments),
        newline=True,
        blank=len(rows) > 2 and not rows[-2].comments,
        ends=ends,
    )


def comments(gap: Gap) -> list[Comment]:
    """All comments of a gap, in order."""
    return [*gap.after, *(c for row in gap.rows for c in row.comments), *gap.before]


def bare(comment: Comment) -> list[str]:
    return [line.strip() for line in comment.text.split("\n")]


def moved(line: str, by: int) -> str:
    """A line with more or fewer blanks before it; there are never fewer than none."""
    words = line.lstrip()
    return " " * max(0, len(line) - len(words) + by) + words if words else ""
