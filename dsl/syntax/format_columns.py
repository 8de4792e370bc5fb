"""Lines to text, with comments at line ends in columns; and the columns that an author aligned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import evolve, frozen

from mmscn.syntax.comments import Comment, Words
from mmscn.syntax.newlines import ENDERS

COMMENT_GAP = 2
ALIGNED_GAP_MAX = 2
COLUMNS = (
    frozenset({"EQUAL"}),
    frozenset({"STRING"}),
    frozenset({"WHEN", "AFTER", "OTHERWISE"}),
    frozenset({"LBRACE"}),
)
"""The words that an author may have aligned with those above and below, from left to right."""


@frozen
class Line:
    """text: the words with the blanks before them; inner line ends are those of comments.

    level: how deep the statement is. comments: at the line's end. blank: an
    empty line is before it. own: it has no words, and its text is a comment.
    hangs: it has no words, and its comment continues the one above.
    """

    text: str
    level: int
    comments: tuple[Comment, ...] = ()
    blank: bool = False
    own: bool = False
    hangs: bool = False

    def with_comments(self, more: tuple[Comment, ...]) -> Line:
        return evolve(self, comments=self.comments + more) if more else self


def end_column(text: str) -> int:
    return len(text) - (text.rfind("\n") + 1)


def in_a_row(comments: Sequence[Comment], column: int) -> str:
    """Comments with a blank between, as they read when the first begins at a column."""
    text = ""
    for comment in comments:
        text += " " if text else ""
        at = end_column(text) if "\n" in text else column + len(text)
        text += comment.at(at)
    return text


# ---- comments at line ends --------------------------------------------------


def rendered(lines: Sequence[Line], width_max: int) -> str:
    """The text of lines, with the comments of a run of lines in one column.

    Not where that would push one of them over the right edge.
    """
    columns: dict[int, int] = {}
    for run in runs(lines):
        columns.update(aligned(lines, run, width_max))
    for several in bridged(lines, list(runs(lines))):
        together = aligned(lines, several, width_max)
        if len({together[i] for i in several}) == 1:
            columns.update(together)
    out = []
    for i, line in enumerate(lines):
        text = line.text
        if line.comments:
            text += " " * (columns[i] - end_column(text)) + in_a_row(line.comments, columns[i])
        out.append("\n" * line.blank + text + "\n")
    return "".join(out)


def runs(lines: Sequence[Line]) -> Iterator[list[int]]:
    """Consecutive lines of one level that end with comments."""
    run: list[int] = []
    for i, line in enumerate(lines):
        if run and not (line.comments and belongs(lines, run[0], i)):
            yield run
            run = []
        if line.comments:
            run.append(i)
    if run:
        yield run


def bridged(lines: Sequence[Line], found: Sequence[list[int]]) -> Iterator[list[int]]:
    """Runs with only lines of the same level between, whose comments the author aligned."""
    several: list[int] = []
    for run in found:
        near = several and all(
            belongs(lines, several[0], i) for i in range(several[-1] + 1, run[-1] + 1)
        )
        if near and len({lines[i].comments[0].column for i in several + run}) == 1:
            several = several + run
            continue
        if several:
            yield several
        several = run
    if several:
        yield several


def belongs(lines: Sequence[Line], first: int, i: int) -> bool:
    """Is line i in one paragraph, and on one level, with an earlier one?"""
    line = lines[i]
    return line.hangs or (not line.blank and not line.own and line.level == lines[first].level)


def aligned(lines: Sequence[Line], run: Sequence[int], width_max: int) -> dict[int, int]:
    """The columns of the comments of a run."""
    alone: dict[int, int] = {}
    for n, i in enumerate(run):
        line = lines[i]
        hangs = line.hangs and n > 0
        alone[i] = alone[run[n - 1]] if hangs else end_column(line.text) + COMMENT_GAP
    together = max(alone.values())
    for i, column in alone.items():
        text = in_a_row(lines[i].comments, 0)
        if "\n" not in text and column + len(text) <= width_max < together + len(text):
            return alone
    return dict.fromkeys(run, together)


# ---- columns that the author aligned ----------------------------------------


def marked(words: Words, first: int, last: int, kinds: frozenset[str]) -> int | None:
    """The first word of a statement that is of one of these kinds, brackets and blocks left out."""
    depth = 0
    for i in range(first, last + 1):
        kind = words.words[i].kind
        if kind in kinds and not depth and i > first:
            if kind != "STRING":
                return i
            if words.words[i - 1].kind in ENDERS:
                return i
        depth += (kind in ("LPAR", "LSQB", "LBRACE")) - (kind in ("RPAR", "RSQB", "RBRACE"))
    return None


def author_gap(words: Words, marks: Sequence[tuple[int, int]]) -> int | None:
    """The blanks before words that the author aligned, None where they are not aligned.

    marks: the first word of a statement, and the word that may be in a column.
    """
    text = words.source.text
    offsets = set()
    blanks = []
    for first, i in marks:
        before = text[words.words[first].start : words.words[i].start]
        if "\n" in before or "\t" in before:
            return None
        offsets.add(len(before))
        blanks.append(len(before) - len(before.rstrip(" ")))
    if len(blanks) < 2 or len(offsets) > 1 or max(blanks) < 2:
        return None
    return max(1, min(ALIGNED_GAP_MAX, *blanks))
