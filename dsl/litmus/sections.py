"""A litmus test taken apart: its first lines, the initial state, the program, what is asked.

Comments are `(* … *)`, one in another; in C's code they are C's, for `(*` is mostly none there.
What is taken out leaves blanks, so that every position stays what it is in the text.
"""

from __future__ import annotations

import re

from attrs import frozen

from mmscn.diagnostics import one
from mmscn.litmus.architectures import ARCHITECTURES
from mmscn.plain_text import counted
from mmscn.source import Source, Span

CHARS_MAX = 200_000
CELLS_MAX = 4000
KNOWN = (*ARCHITECTURES, "LISA", "ARM", "PPC", "RISCV", "MIPS", "BPF", "ASL", "JAVA")
ASKED = re.compile(
    r"(?m)^[ \t]*(?:exists|~[ \t]*exists|not[ \t]+exists|forall|locations|filter|final|observed)\b"
)
C_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
COLUMN = re.compile(r"P(\d+)(\.F)?(:\w+)?$")
FIRST = re.compile(r"\s*(\S+)[ \t]+(\S[^\n]*?)?[ \t]*(?=\n|$)")


@frozen(kw_only=True)
class Sections:
    """Offsets into `text`, which is the source's with its comments taken out.

    init: between the braces. program: behind them. asked: behind that.
    """

    text: str
    arch: str
    name: str
    keys: dict[str, str]
    init: tuple[int, int]
    program: tuple[int, int]
    asked: tuple[int, int]


def sections(source: Source) -> Sections:
    """Raises Rejected where it is no litmus test."""
    if len(source.text) > CHARS_MAX:
        raise one("MM805", f"the test has more than {CHARS_MAX} characters", Span(source, 0, 1))
    text = without_comments(source, 0, len(source.text)) if not is_c(source.text) else source.text
    first = FIRST.match(text)
    if first is None or first[1] not in KNOWN or not first[2]:
        word = Span(source, *(first.span(1) if first else (0, min(1, len(text)))))
        names = ", ".join(ARCHITECTURES)
        hint = f"it begins with an architecture and a name; there are {names}"
        raise one("MM801", "this is no litmus test", word, hint)
    arch = first[1]
    if arch not in ARCHITECTURES:
        hint = f"there are {', '.join(ARCHITECTURES)}"
        raise one(
            "MM804", f"the architecture {arch} is not supported", Span(source, *first.span(1)), hint
        )
    begin, end = braces(source, text, first.end())
    if arch == "C":
        text = without_comments(source, first.end(), end)
        text = without_c_comments(source, text, end)
    found = ASKED.search(text, end)
    at = found.start() if found else len(text)
    if found and arch == "C":
        text = text[:at] + without_comments(source, at, len(text))[at:]
    return Sections(
        text=text,
        arch=arch,
        name=first[2].partition('"')[0].strip() or first[2].strip(),
        keys=keys(text[first.end() : begin]),
        init=(begin + 1, end - 1),
        program=(end, at),
        asked=(at, len(text)),
    )


def is_c(text: str) -> bool:
    return re.match(r"\s*C\s", text) is not None


def braces(source: Source, text: str, at: int) -> tuple[int, int]:
    """From the brace that opens the initial state to behind the one that closes it."""
    plain = re.sub(r'"[^"\n]*"', lambda m: " " * len(m[0]), text)
    begin = plain.find("{", at)
    if begin < 0:
        end = max(len(text.rstrip()), 1)
        hint = "expected `{` and the initial state"
        raise one("MM803", "the test ends too early", Span(source, end - 1, end), hint)
    depth = 0
    for n in range(begin, len(plain)):
        depth += (plain[n] == "{") - (plain[n] == "}")
        if depth == 0:
            return begin, n + 1
    hint = "expected `}` behind the initial state"
    raise one("MM803", "this brace is not closed", Span(source, begin, begin + 1), hint)


def keys(text: str) -> dict[str, str]:
    """`Variant=vmsa`, by name in small letters; what stands in quotes is under the empty name."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if line.strip().startswith('"'):
            found.setdefault("", line.strip().strip('"'))
        elif equals:
            known = found.get(name.strip().lower())
            found[name.strip().lower()] = f"{known},{value}" if known else value.strip()
    return found


def without_comments(source: Source, start: int, end: int) -> str:
    """The text with the comments of a part of it blanked. Raises Rejected for one without end."""
    pieces, at, depth, opened = [source.text[:start]], start, 0, start
    for mark in re.finditer(r"\(\*|\*\)", source.text[start:end]):
        place = start + mark.start()
        if place < at:
            continue
        if mark[0] == "(*":
            if depth == 0:
                pieces.append(source.text[at:place])
                at = opened = place
            depth += 1
        elif depth > 0:
            depth -= 1
            if depth == 0:
                pieces.append(blank(source.text[at : place + 2]))
                at = place + 2
    if depth:
        raise one("MM803", "this comment has no end", Span(source, opened, opened + 2))
    return "".join([*pieces, source.text[at:]])


def without_c_comments(source: Source, text: str, start: int) -> str:
    """Those of C, and behind a line's beginning those of litmus tests, for no code begins so."""
    text = text[:start] + C_COMMENT.sub(lambda m: blank(m[0]), text[start:])
    at = start
    for begin in re.finditer(r"(?m)^\(\*", text):
        if begin.start() >= at:
            at = closed(source, text, begin.start())
            text = text[: begin.start()] + blank(text[begin.start() : at]) + text[at:]
    return text


def closed(source: Source, text: str, start: int) -> int:
    """Behind the end of the comment that begins at `start`. Raises Rejected."""
    depth = 0
    for mark in re.compile(r"\(\*|\*\)").finditer(text, start):
        depth += 1 if mark[0] == "(*" else -1
        if depth == 0:
            return mark.end()
    raise one("MM803", "this comment has no end", Span(source, start, start + 2))


def blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


@frozen(kw_only=True)
class Column:
    """A thread's cells, from the top: offset and text of each."""

    number: int
    handler: bool
    span: tuple[int, int]
    cells: tuple[tuple[int, str], ...]


def columns(source: Source, parts: Sections) -> list[Column]:
    """The program of an assembler's test, column by column. Raises Rejected."""
    rows = table(parts.text, *parts.program)
    if not rows:
        at = max(parts.program[0] - 1, 0)
        raise one("MM803", "there is no program", Span(source, at, at + 1), "expected ` P0 ;`")
    if sum(map(len, rows)) > CELLS_MAX:
        raise one(
            "MM805",
            f"the program has more than {CELLS_MAX} cells",
            Span(source, rows[0][0][0], rows[0][0][0] + 1),
        )
    heads = []
    for at, cell in rows[0]:
        word = cell.strip()
        match = COLUMN.match(word)
        start = at + len(cell) - len(cell.lstrip())
        span = Span(source, start, max(start + len(word), start + 1))
        if match is None or len(match[1]) > 3:
            hint = "the program's first line has the threads: ` P0 | P1 ;`"
            if not word:
                bar = Span(source, max(at - 1, 0), max(at, 1))
                raise one("MM802", "there is no thread above this column", bar, hint)
            raise one("MM802", f"`{word[:40]}` is no thread", span, hint)
        heads.append((int(match[1]), bool(match[2]), (span.start, span.end)))
    for row in rows[1:]:
        if len(row) > len(heads):
            at, cell = row[len(heads)]
            if len(row) > len(heads) + 1 or cell.strip():
                hint = f"the first line has {counted(len(heads), 'thread')}"
                raise one(
                    "MM802",
                    "this cell belongs to no thread",
                    Span(source, at, at + max(len(cell), 1)),
                    hint,
                )
    return [
        Column(
            number=number,
            handler=handler,
            span=span,
            cells=tuple(row[n] for row in rows[1:] if n < len(row) and row[n][1].strip()),
        )
        for n, (number, handler, span) in enumerate(heads)
    ]


def table(text: str, start: int, end: int) -> list[list[tuple[int, str]]]:
    """Rows end at `;`, cells at `|`; each cell with its offset."""
    rows = []
    at = start
    for line in text[start:end].split(";"):
        row, place = [], at
        for cell in line.split("|"):
            row.append((place, cell))
            place += len(cell) + 1
        if line.strip():
            rows.append(row)
        at += len(line) + 1
    return rows
