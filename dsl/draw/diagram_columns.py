"""Rows to text: where the columns stand, and how a long line is broken.

Only one CPU acts on a line, so a line may run on through the columns to its
right; it is broken where the width ends.
"""

from __future__ import annotations

from mmscn.draw.diagram_rows import CALL, Row
from mmscn.plain_text import first_columns, fitting, left, right, width

MARGIN = 2
SPREAD_MIN = {2: 26, 3: 17, 4: 12}
"""From one column to the next, by the number of columns."""
ROOM_MIN = 12
"""Characters that a line which is gone on with has at least."""
GAP = 3
"""Between a text and its remark."""


def layout(heads: tuple[tuple[str, str], ...], rows: list[Row], columns: int) -> list[str]:
    """The lines of a drawing. heads: (`CPU0`, names of who runs there) for each column."""
    starts = places(heads, rows, columns)
    lines = heading(heads, starts, columns)
    for row in rows:
        lines += line(row, starts[row.column], columns)
    return [text.rstrip() for text in lines]


def places(heads: tuple[tuple[str, str], ...], rows: list[Row], columns: int) -> list[int]:
    """Where each column begins: wide apart, and closer where the last one needs more room."""
    if len(heads) == 1:
        return [MARGIN]
    last = len(heads) - 1
    of_last = [r for r in rows if r.column == last and not r.across]
    longest = max((r.indent + width(r.text) for r in of_last), default=0)
    spread = min((columns - longest - MARGIN) // last, columns // len(heads))
    spread = max(spread, min(SPREAD_MIN.get(len(heads), 8), columns // 2 // last))
    return [MARGIN + spread * n for n in range(len(heads))]


def heading(heads: tuple[tuple[str, str], ...], starts: list[int], columns: int) -> list[str]:
    """`CPU0: writer`, on two lines where the columns are narrow, and the dashes."""
    rooms = [b - a - 1 for a, b in zip(starts, [*starts[1:], columns + 1], strict=True)]
    titles = [f"{name}: {runs}" if runs else name for name, runs in heads]
    if all(width(t) <= room for t, room in zip(titles, rooms, strict=True)):
        return [across(titles, starts), across(["-" * width(t) for t in titles], starts)]
    names = [name for name, _ in heads]
    runs = [runs for _, runs in heads]
    if all(width(t) <= room for t, room in zip([*names, *runs], rooms * 2, strict=True)):
        longest = [max(width(a), width(b)) for a, b in heads]
        lines = [across(names, starts), across(runs, starts)]
        return [*lines, across(["-" * n for n in longest], starts)]
    lines = []
    for title in titles:
        lines += broken(title, MARGIN, MARGIN + 4, columns)
    if not all(width(t) <= room for t, room in zip(names, rooms, strict=True)):
        names = [first_columns(name, max(room, 1)) for name, room in zip(names, rooms, strict=True)]
    return [*lines, "", across(names, starts), across(["-" * width(n) for n in names], starts)]


def across(texts: list[str], starts: list[int]) -> str:
    text = ""
    for piece, start in zip(texts, starts, strict=True):
        text = left(text, start) + piece
    return text


def line(row: Row, start: int, columns: int) -> list[str]:
    """A row at its place, its remark and its mark behind it or on lines of their own."""
    if row.across:
        return broken(row.text, MARGIN, MARGIN, columns)
    at = start + row.indent
    lines = broken(row.text, at, at + row.hang, columns)
    if row.remark is not None:
        lines = behind(lines, row.remark, at + 2, columns)
    if row.mark is not None:
        if width(lines[-1]) + GAP + width(row.mark) <= columns:
            lines[-1] = lines[-1] + right(row.mark, columns - width(lines[-1]))
        else:
            lines += [right(m, columns) for m in broken(row.mark, 0, 5, columns)]
    return lines


def behind(lines: list[str], text: str, indent: int, columns: int) -> list[str]:
    if width(lines[-1]) + GAP + width(text) <= columns:
        return [*lines[:-1], lines[-1] + " " * GAP + text]
    return [*lines, *broken(text, indent, indent, columns)]


def broken(text: str, first: int, following: int, columns: int) -> list[str]:
    """A text from column `first` on, broken between words where it is too long.

    A call that has no room even so is broken in front of its arguments.
    """
    lines: list[str] = []
    indent = first
    while width(text) > columns - indent:
        room = fitting(text, max(columns - indent, 8))
        begin = len(CALL) if text.startswith(CALL) else 1
        cut = text.rfind(" ", begin, room + 1)
        if cut <= 0:
            cut = text.rfind("(", begin + 1, room + 1)
        if cut <= 0:
            cut = min(max(room, 1), len(text))
        if cut >= len(text):
            break
        lines.append(" " * indent + text[:cut].rstrip())
        text = text[cut:].lstrip()
        indent = following if columns - following >= ROOM_MIN else first
    return [*lines, " " * indent + text]


def notes_in_a_row(what: str, notes: list[str], columns: int) -> list[str]:
    """`initially [PTE buf: p0 RW] [...]`, broken between the notes."""
    lines = [" " * MARGIN + what]
    for note in notes:
        if width(lines[-1]) + 1 + width(note) <= columns:
            lines[-1] += f" {note}"
        else:
            lines += broken(note, MARGIN + len(what) + 1, MARGIN + len(what) + 5, columns)
    return lines
