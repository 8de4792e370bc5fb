"""The race diagram: a counterexample as the columns that a kernel developer would draw."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from mmscn.check.core import CheckInfo
from mmscn.draw.diagram_choice import Piece, choose
from mmscn.draw.diagram_columns import layout, notes_in_a_row
from mmscn.draw.diagram_end import last_lines, mark
from mmscn.draw.diagram_rows import INDENT, Row, column_of, rows
from mmscn.draw.notes import is_default, value_text
from mmscn.draw.reasons import reason
from mmscn.draw.steps import Step, steps_of
from mmscn.draw.traced import Traced, traced
from mmscn.lower.compiled import Compiled
from mmscn.plain_text import printable
from mmscn.runtime.result import Trace

IN_PLACE = ("assert", "bug", "rule", "always")
"""Kinds of checks that are broken by what the last step does."""

INITIALLY_MAX = 6


def draw(
    compiled: Compiled,
    trace: Trace,
    *,
    title: str | None = None,
    width: int = 72,
    full: bool = False,
    ends: Sequence[str] | None = None,
) -> str:
    """The drawing of a trace of `compiled.program`, for a mail.

    width: in characters, at least 40. full: with every step of the trace. ends: what stands
    below it instead of how it breaks the check that it is a trace of.
    """
    replayed = traced(compiled, trace)
    info = replayed.info
    found = steps_of(replayed)
    locks = info.kind == "deadlock" or trace.loop is not None
    told = choose(
        found,
        full=full,
        locks=locks,
        last=ends is not None or info.kind in IN_PLACE,
        loop=trace.loop,
    )
    drawn = tuple(p for p in told if isinstance(p, Piece))
    columns = tuple(sorted({column_of(p.step) for p in drawn}, key=order))
    lines_ = rows(told, columns, folding=not full, locks=locks, loop=trace.loop)
    if ends is None and info.kind in IN_PLACE and lines_:
        lines_ = marked(lines_, info, reason(replayed))
    lines = [] if title is None else [title, ""]
    lines += initially(replayed, drawn, width)
    if columns:
        heads = tuple(head(compiled, c, found) for c in columns)
        lines += layout(heads, lines_, width)
    last = last_lines(replayed, found, width) if ends is None else ["", *ends]
    lines += last if lines and lines[-1] else last[1:]
    return "\n".join(printable(line.rstrip()) for line in lines) + "\n"


def order(column: tuple[int, str]) -> tuple[bool, int, str]:
    """CPUs by number, then devices by name."""
    cpu, device = column
    return cpu < 0, cpu, device


def head(compiled: Compiled, column: tuple[int, str], found: tuple[Step, ...]) -> tuple[str, str]:
    """The name of a column, and the threads that act in it, or else could."""
    cpu, device = column
    if cpu < 0:
        return device, ""
    names = dict.fromkeys(s.actor for s in found if column_of(s) == column and not s.hardware)
    could = [t.name for t in compiled.checked.threads if t.cpu == cpu]
    return f"CPU{cpu}", ", ".join(names or could)


def marked(lines: list[Row], info: CheckInfo, why: str | None) -> list[Row]:
    """The lines with the violation at the last one that is no note. why: see `reasons`."""
    at = max((i for i, r in enumerate(lines) if not r.text.startswith("[")), default=-1)
    return [
        *lines[:at],
        evolve(lines[at], mark=mark(info, beside=lines[at].text)),
        *lines[at + 1 :],
        *(
            [evolve(lines[at], indent=lines[at].indent + INDENT, text=why, remark=None)]
            if why
            else []
        ),
    ]


def initially(traced: Traced, drawn: tuple[Piece, ...], width: int) -> list[str]:
    """What is not `none` at the start, is used, and is not told by the first note about it."""
    checked, cells = traced.checked, traced.moments[0].cells
    texts = []
    for thing in traced.things:
        if thing.quiet or is_default(checked, thing, cells):
            continue
        keys = {key for _, key in thing.members}
        for p in drawn:
            if any(change.what == thing.name for change in p.notes) or tells(p, thing.name):
                break
            if not thing.entry and (p.notes or p.step.instruction):
                continue
            if any(keys & s.reads for s in p.steps):
                texts.append(f"[{thing.name}: {value_text(checked, thing, cells)}]")
                break
    if not texts:
        return []
    more = ["..."] if len(texts) > INITIALLY_MAX else []
    return [*notes_in_a_row("initially", [*texts[:INITIALLY_MAX], *more], width), ""]


def tells(p: Piece, name: str) -> bool:
    """Whether a piece without changes has a note of what it reads."""
    read = [c.what for c in p.step.read if not c.quiet]
    told = p.step.instruction is not None or len(read) == 1
    return told and name in read and not p.notes and p.step.remark is None and not p.step.hardware
