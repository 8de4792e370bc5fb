"""Rows to text: where the columns stand, and how a long line is broken.

Only one CPU acts on a line, so a line may run on through the columns to its
right; it is broken at the width.
"""

from __future__ import annotations

from mmscn.tools.diagram_rows import Row

MARGIN = 2
SPREAD_MIN = {2: 26, 3: 17, 4: 12}
"""From one column to the next, by the number of columns."""
ROOM_MIN = 12
"""Characters that a line which is gone on with has at least."""
GAP = 3
"""Between a text and its remark."""


def layout(heads: tuple[tuple[str, str], ...], rows: list[Row], width: int) -> list[str]:
    """The lines of a drawing. heads: (`CPU0`, names of who runs there) for each column."""
    starts = places(heads, rows, width)
    lines = heading(heads, starts, width)
    for row in rows:
        lines += line(row, starts[row.column], width)
    return [text.rstrip() for text in lines]


def places(heads: tuple[tuple[str, str], ...], rows: list[Row], width: int) -> list[int]:
    """Where each column begins: wide apart, and closer where the last one needs more room."""
    if len(heads) == 1:
        return [MARGIN]
    last = len(heads) - 1
    longest = max((r.indent + len(r.text) for r in rows if r.column == last), default=0)
    spread = min((width - longest - MARGIN) // last, width // len(heads))
    spread = max(spread, min(SPREAD_MIN.get(len(heads), 8), width // 2 // last))
    return [MARGIN + spread * n for n in range(len(heads))]


def heading(heads: tuple[tuple[str, str], ...], starts: list[int], width: int) -> list[str]:
    """`CPU0: writer`, on two lines where the columns are narrow, and the dashes."""
    rooms = [b - a - 1 for a, b in zip(starts, [*starts[1:], width + 1], strict=True)]
    titles = [f"{name}: {runs}" if runs else name for name, runs in heads]
    if all(len(t) <= room for t, room in zip(titles, rooms, strict=True)):
        return [across(titles, starts), across(["-" * len(t) for t in titles], starts)]
    names = [name for name, _ in heads]
    runs = [runs for _, runs in heads]
    if all(len(t) <= room for t, room in zip([*names, *runs], rooms * 2, strict=True)):
        longest = [max(len(a), len(b)) for a, b in heads]
        lines = [across(names, starts), across(runs, starts)]
        return [*lines, across(["-" * n for n in longest], starts)]
    lines = []
    for title in titles:
        lines += broken(title, MARGIN, MARGIN + 4, width)
    if not all(len(t) <= room for t, room in zip(names, rooms, strict=True)):
        names = [name[: max(room, 1)] for name, room in zip(names, rooms, strict=True)]
    return [*lines, "", across(names, starts), across(["-" * len(n) for n in names], starts)]


def across(texts: list[str], starts: list[int]) -> str:
    text = ""
    for piece, start in zip(texts, starts, strict=True):
        text = text.ljust(start) + piece
    return text


def line(row: Row, start: int, width: int) -> list[str]:
    """A row at its place, its remark and its mark behind it or on lines of their own."""
    at = start + row.indent
    lines = broken(row.text, at, at + row.hang, width)
    if row.remark is not None:
        lines = behind(lines, row.remark, at + 2, width)
    if row.mark is not None:
        if len(lines[-1]) + GAP + len(row.mark) <= width:
            lines[-1] = lines[-1] + row.mark.rjust(width - len(lines[-1]))
        else:
            lines += [m.rjust(width) for m in broken(row.mark, 0, 5, width)]
    return lines


def behind(lines: list[str], text: str, indent: int, width: int) -> list[str]:
    if len(lines[-1]) + GAP + len(text) <= width:
        return [*lines[:-1], lines[-1] + " " * GAP + text]
    return [*lines, *broken(text, indent, indent, width)]


def broken(text: str, first: int, following: int, width: int) -> list[str]:
    """A text from column `first` on, broken between words where it is too long."""
    lines: list[str] = []
    indent = first
    while len(text) > width - indent:
        room = max(width - indent, 8)
        cut = text.rfind(" ", 1, room + 1)
        if cut <= 0:
            cut = min(room, len(text))
        if cut >= len(text):
            break
        lines.append(" " * indent + text[:cut].rstrip())
        text = text[cut:].lstrip()
        indent = following if width - following >= ROOM_MIN else first
    return [*lines, " " * indent + text]


def notes_in_a_row(what: str, notes: list[str], width: int) -> list[str]:
    """`initially [PTE buf: p0 RW] [...]`, broken between the notes."""
    lines = [" " * MARGIN + what]
    for note in notes:
        if len(lines[-1]) + 1 + len(note) <= width:
            lines[-1] += f" {note}"
        else:
            lines += broken(note, MARGIN + len(what) + 1, MARGIN + len(what) + 5, width)
    return lines
