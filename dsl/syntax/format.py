"""The canonical layout of a text: same words, same comments, other blanks and line ends.

- Two blanks a level, one statement a line, at most one empty line in a row.
- A block that its author wrote on one line stays there while it fits. So do
  the blocks of one `if` or `choose`, all or none; where each begins a line of
  its own their braces are aligned.
- A line end inside a statement stays where the language makes it a natural
  one. Where that leaves a line longer than WIDTH, the statement is broken anew,
  at its outermost operators.
- Comments stay where they are, and those at line ends are aligned with their
  neighbours, as are the columns that an author aligned (format_columns.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import evolve

from mmscn.diagnostics import Rejected
from mmscn.source import Source
from mmscn.syntax.comments import Gap, Words, comments, words_of
from mmscn.syntax.format_columns import COLUMNS, Line, author_gap, end_column, marked, rendered
from mmscn.syntax.format_lines import (
    DEEPER,
    INDENT,
    WIDTH,
    Margins,
    Run,
    best_break,
    clauses_of,
    is_one_line,
    own,
    too_long,
)
from mmscn.syntax.format_words import CLOSING, LEADING, OPENING, levels, owners, partners, tight
from mmscn.syntax.newlines import CONTINUES
from mmscn.syntax.parse import parse

SAME = {
    "GHOST": "VAR",
    "QUIET": "VAR",
    "HARDWARE": "VAR",
    "DAEMON": "THREAD",
    "OVERRIDE": "PROC",
    "PROMPT": "STEP",
    "MAY": "STEP",
}
"""The kind of statement that begins with a word, where it is not that of the word."""


def formatted(source: Source) -> str:
    """The text of a source in canonical layout, empty or with a line end at its end.

    Raises Rejected where the text has syntax errors.
    """
    _, found = parse(source)
    if found:
        raise Rejected(found)
    words = words_of(source)
    text = rendered(Layout(words).text(), WIDTH)
    assert words_of(Source(source.name, text)).meaning() == words.meaning()
    return text


class Layout:
    """Decides for each word of a text whether a line begins with it, and at which column."""

    def __init__(self, words: Words) -> None:
        self.all = words
        self.words = words.words
        self.gaps = words.gaps
        self.partner = partners(self.words)
        self.owner = owners(self.words, self.gaps)
        self.pads: dict[int, int] = {}
        self.columns: dict[int, int] = {}

    def text(self) -> list[Line]:
        return self.sequence(0, len(self.words), 0)

    # ---- statements, one below the other ------------------------------------

    def sequence(self, first: int, end: int, level: int) -> list[Line]:
        """The lines of the statements from one word up to the `}` of their block, or to the end."""
        lines: list[Line] = []
        for a, b, group in self.statements(first, end, level):
            gap, behind = self.gaps[a], self.gaps[b + 1]
            lines += self.own_lines(gap, level, bool(lines))
            blank = gap.blank and bool(lines) and not gap.before
            lines += [evolve(group[0], blank=blank), *group[1:]]
            if behind.ends and b + 1 < end and CONTINUES.match(self.words[b + 1].text):
                lines[-1] = evolve(lines[-1], text=lines[-1].text + ";")
            lines[-1] = lines[-1].with_comments(behind.after)
        lines += self.own_lines(self.gaps[end], level, bool(lines))
        return lines

    def own_lines(self, gap: Gap, level: int, begun: bool) -> list[Line]:
        """The comments before a statement, or before the end of a block.

        Also those on the same line: where a line begins with a comment, the
        grammar's look at the next word goes past it.
        """
        indent = level * INDENT
        lines = list(self.rows(gap, indent, level, begun))
        if gap.before:
            blank = gap.blank and (begun or bool(lines))
            lines.append(Line(own(gap.before, indent), level, blank=blank, own=True))
        return lines

    def rows(self, gap: Gap, indent: int, level: int, begun: bool) -> Iterator[Line]:
        """The comments of a gap that have lines of their own. begun: may an empty line be first?"""
        for row in gap.rows:
            if row.hangs:
                yield Line("", level, row.comments, hangs=True)
            else:
                blank = row.blank and begun
                yield Line(own(row.comments, indent), level, blank=blank, own=True)
            begun = True

    def statements(self, first: int, end: int, level: int) -> Iterator[tuple[int, int, list[Line]]]:
        """The first word, the last word and the lines of each statement."""
        spans = list(self.spans(first, end))
        found = [self.statement(a, b, level) for a, b in spans]
        begin = 0
        for i in range(1, len(spans) + 1):
            if i == len(spans) or not self.in_columns(spans, found, i):
                if self.align(spans[begin:i], level):
                    found[begin:i] = [self.statement(a, b, level) for a, b in spans[begin:i]]
                begin = i
        for (a, b), lines in zip(spans, found, strict=True):
            yield a, b, lines

    def spans(self, first: int, end: int) -> Iterator[tuple[int, int]]:
        begin = i = first
        while i < end:
            i = self.partner.get(i, i) + 1
            if i == end or self.gaps[i].ends:
                yield begin, i - 1
                begin = i

    # ---- one statement ------------------------------------------------------

    def statement(self, a: int, b: int, level: int) -> list[Line]:
        blocks = self.blocks(a, b)
        if all(self.is_empty(*block) for block in blocks):
            return list(self.run(a, b, level).lines)
        if all(self.on_one_line(*block) for block in blocks):
            joints = [self.gaps[c + 1] for _, c in blocks if c < b]
            tail = b > blocks[-1][1]
            if tail or not any(gap.newline for gap in joints):
                # What follows the last block may be broken off, what is before it may not.
                run = self.run(a, b, level, wrap_after=blocks[-1][1] if tail else b)
                if run.fits():
                    return list(run.lines)
            lines = self.arms(a, b, blocks, level)
            if lines is not None:
                return lines
        lines = []
        begin = a
        for open_, close in blocks:
            lines += self.run(begin, open_, level).lines
            lines[-1] = lines[-1].with_comments(self.gaps[open_ + 1].after)
            lines += self.sequence(open_ + 1, close, level + 1)
            begin = close
        lines += self.run(begin, b, level).lines
        return lines

    def blocks(self, a: int, b: int) -> list[tuple[int, int]]:
        found = []
        i = a
        while i <= b:
            if i in self.partner:
                found.append((i, self.partner[i]))
            i = self.partner.get(i, i) + 1
        return found

    def is_empty(self, open_: int, close: int) -> bool:
        return close == open_ + 1 and not comments(self.gaps[close])

    def on_one_line(self, open_: int, close: int) -> bool:
        """Did the author write it on one line? An empty block may as well be."""
        if self.is_empty(open_, close):
            return True
        return all(self.gaps[i].one_line for i in range(open_ + 1, close + 1))

    def arms(self, a: int, b: int, blocks: list[tuple[int, int]], level: int) -> list[Line] | None:
        """The blocks of an `if` or `choose`, each on a line of its own; None where they do not fit.

        choose { call pick(c, 0) }
            or { call pick(c, 1) }
        """
        kind = self.words[a].kind
        if kind not in ("IF", "CHOOSE") or len(blocks) < 2 or blocks[-1][1] != b:
            return None
        starts = [a, *(close + 1 for _, close in blocks[:-1])]
        leads = [0] + [DEEPER if kind == "CHOOSE" else 0] * (len(blocks) - 1)

        def laid_out(pads: list[int]) -> list[Run]:
            self.pads.update({o: pad for (o, _), pad in zip(blocks, pads, strict=True)})
            return [
                self.run(s, c, level, lead=lead, wrap_after=c)
                for s, (_, c), lead in zip(starts, blocks, leads, strict=True)
            ]

        runs = laid_out([0] * len(blocks))
        if not all(run.is_one_line() for run in runs):
            return None
        columns = [run.columns[o] for (o, _), run in zip(blocks, runs, strict=True)]
        padded = laid_out([max(columns) - column for column in columns])
        if not all(run.fits() for run in padded):
            padded = laid_out([0] * len(blocks))
        lines: list[Line] = []
        for start, run, lead in zip(starts, padded, leads, strict=True):
            if start > a:
                gap = self.gaps[start]
                lines[-1] = lines[-1].with_comments(gap.after)
                lines += self.rows(gap, level * INDENT + lead, level, begun=False)
            lines += run.lines
        return lines

    # ---- words, one behind the other ----------------------------------------

    def run(self, a: int, b: int, level: int, *, lead: int = 0, wrap_after: int = -1) -> Run:
        """Words that go on one line, except where the author, a comment or WIDTH break it.

        Where WIDTH does it, the clauses that the author put on their own lines
        stay there. wrap_after: nothing up to this word is broken because of WIDTH.
        """
        allowed = levels(self.words, a, b)
        breaks = self.author_breaks(a, b, allowed)
        run = self.laid_out(a, b, level, lead, breaks)
        possible = {i: n for i, n in allowed.items() if i > wrap_after}
        clauses: set[int] | None = None
        while possible and not run.fits() and clauses != clauses_of(breaks, allowed):
            clauses = clauses_of(breaks, allowed)
            breaks = set(clauses)
            run = self.laid_out(a, b, level, lead, breaks)
            while (more := best_break(run, possible, self.ends_at(run))) is not None:
                breaks.add(more)
                run = self.laid_out(a, b, level, lead, breaks)
        self.columns.update(run.columns)
        return run

    def author_breaks(self, a: int, b: int, allowed: Mapping[int, int]) -> set[int]:
        found = set()
        for i in range(a + 1, b + 1):
            if self.gaps[i].newline and not self.gaps[i].forced:
                if i in allowed:
                    found.add(i)
                elif i - 1 in allowed and self.words[i - 1].kind in LEADING:
                    # The operator was the last of its line; it becomes the first of the next.
                    found.add(i - 1)
        return found

    def ends_at(self, run: Run) -> Mapping[int, int]:
        return {i: column + len(self.words[i].text) for i, column in run.columns.items()}

    def laid_out(self, a: int, b: int, level: int, lead: int, breaks: set[int]) -> Run:
        margins = Margins(self.words, self.owner[a], a, b, level)
        lines: list[Line] = []
        columns, line_of = {}, {}
        text = " " * (level * INDENT + lead)
        for i in range(a, b + 1):
            gap = self.gaps[i]
            margins.before(i)
            if i == a and self.words[i].kind in ("ELSE", "OR"):
                for comment in gap.before:
                    text += comment.at(end_column(text)) + " "
            elif i == a:
                pass  # The comments before a statement, or a `}`, have lines of their own.
            elif gap.forced or i in breaks:
                margin = margins.of[i]
                lines.append(Line(text, level, gap.after))
                lines += self.rows(gap, margin, level, begun=False)
                text = " " * margin
                for comment in gap.before:
                    text += comment.at(end_column(text)) + " "
            else:
                text += self.between(i, end_column(text))
            columns[i], line_of[i] = end_column(text), len(lines)
            margins.behind(i, columns[i])
            text += self.words[i].text
        return Run((*lines, Line(text, level)), columns, line_of, margins.of)

    def between(self, i: int, column: int) -> str:
        """What is between a word and the one before it on the same line."""
        gap = self.gaps[i]
        before, here = self.words[i - 1].kind, self.words[i].kind
        end = ";" if gap.ends else ""
        if not gap.after and not gap.before:
            blank = "" if tight(self.words, self.owner, i) else " "
            return end + blank + " " * self.pads.get(i, 0)
        text = ""
        for comment in gap.after:
            text += "" if before in OPENING and not text else " "
            text += comment.at(end_column(text) + (0 if "\n" in text else column))
        text += end
        for comment in gap.before:
            text += "" if before in OPENING and not text else " "
            text += comment.at(end_column(text) + (0 if "\n" in text else column))
        tight_here = here in CLOSING or here in ("COMMA", "FIELD_COMMA", "DOT", "COLON")
        return text + ("" if tight_here else " ")

    # ---- columns ------------------------------------------------------------

    def in_columns(self, spans: list[tuple[int, int]], found: list[list[Line]], i: int) -> bool:
        """May statement i be in a column with the one before it?"""
        gap = self.gaps[spans[i][0]]
        kinds = [self.words[a].kind for a, _ in spans[i - 1 : i + 1]]
        same = SAME.get(kinds[0], kinds[0]) == SAME.get(kinds[1], kinds[1])
        return (
            same
            and not gap.blank
            and not gap.rows
            and is_one_line(found[i - 1])
            and is_one_line(found[i])
        )

    def align(self, spans: list[tuple[int, int]], level: int) -> bool:
        """Pad the columns that the author aligned in these one-line statements. Are there any?"""
        if len(spans) < 2:
            return False
        found = False
        for kinds in COLUMNS:
            marks = [(a, b, marked(self.all, a, b, kinds)) for a, b in spans]
            known = [(a, b, i) for a, b, i in marks if i is not None]
            gap = author_gap(self.all, [(a, i) for a, _, i in known])
            if gap is None:
                continue
            found = True
            edge = max(self.columns[i] for _, _, i in known) + gap - 1
            for _, _, i in known:
                self.pads[i] = edge - self.columns[i]
            if not all(
                is_one_line(lines) and not too_long(lines[0])
                for lines in [self.statement(a, b, level) for a, b, _ in known]
            ):
                for a, b, i in known:
                    self.pads[i] = 0
                    self.statement(a, b, level)
        return found
