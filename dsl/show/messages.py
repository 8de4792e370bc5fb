"""Diagnostics as text: the message, the place, the line with a caret under it, what to do."""

from __future__ import annotations

from collections.abc import Iterable

from mmscn.diagnostics import Diagnostic, Label, hint_of
from mmscn.plain_text import first_columns, last_columns, printable, width
from mmscn.source import Span

TAB = 4
LINE_MAX = 100
CUT = "..."


def messages(diagnostics: Iterable[Diagnostic]) -> str:
    """All of them, with an empty line between two."""
    return "\n".join(message(d) for d in diagnostics)


def message(d: Diagnostic) -> str:
    """One diagnostic, every line of it ended.

    error MM207: nothing is named `zapp`
      --> race.mmscn:12:8
       |
    12 |   if zapp == rc2 {
       |      ^^^^
    hint: did you mean `zap`?
    """
    lines = [f"{d.severity} {d.code}: {d.message}"]
    if d.span.start == d.span.end == 0:
        lines.append(f"  --> {d.span.source.name}")
    else:
        spans = [d.span, *(label.span for label in d.labels)]
        margin = max(len(str(span.line)) for span in spans)
        lines.append(f"{' ' * margin} --> {d.span}")
        lines.extend(excerpt(d.span, "", margin))
        for label in d.labels:
            lines.extend(labelled(d, label, margin))
    hint = hint_of(d)
    if hint is not None:
        lines.append(f"hint: {hint}")
    return "".join(f"{printable(line.rstrip())}\n" for line in lines)


def labelled(d: Diagnostic, label: Label, margin: int) -> list[str]:
    lines = []
    if label.span.source is not d.span.source:
        lines.append(f"{' ' * margin} ::: {label.span}")
    return lines + excerpt(label.span, label.text, margin, mark="-")


def excerpt(span: Span, text: str, margin: int, *, mark: str = "^") -> list[str]:
    """The first line of a span and the marks under it, cut to LINE_MAX columns around them."""
    number, column = span.source.position(span.start)
    line = span.source.line(number)
    start = column - 1
    end = max(start + 1, min(start + span.end - span.start, len(line)))
    before = printable_part(line[max(0, start - LINE_MAX) : start])
    here = printable_part(line[start : min(end, start + LINE_MAX)], width(before))
    after = printable_part(line[end : end + LINE_MAX], width(before) + width(here))
    cut = start > LINE_MAX
    if width(before) + width(here) > LINE_MAX:
        short = first_columns(here, LINE_MAX // 2)
        if short != here:
            here, after = short, CUT
        if width(before) + width(here) > LINE_MAX:
            before, cut = last_columns(before, LINE_MAX // 2), True
    if cut:
        before = CUT + before
    drawn = before + here
    room = LINE_MAX - width(drawn)
    if room < width(after):
        after = first_columns(after, max(0, room - len(CUT))) + CUT
    blank = " " * margin
    marks = mark * max(1, width(here))
    return [
        f"{blank} |",
        f"{number:>{margin}} | {drawn}{after}",
        f"{blank} | {' ' * width(before)}{marks} {text}",
    ]


def printable_part(text: str, column: int = 0) -> str:
    """A part of a line as a terminal can show it: tabs as blanks, no control characters."""
    out = []
    for c in text:
        if c == "\t":
            blanks = TAB - column % TAB
            out.append(" " * blanks)
            column += blanks
        else:
            out.append(printable(c))
            column += width(out[-1])
    return "".join(out)
