"""A trace as a list of steps."""

from __future__ import annotations

from collections.abc import Sequence

from mmscn.check.core import Call
from mmscn.draw.diagram_end import mark
from mmscn.draw.diagram_rows import GOES_ROUND, RESTS
from mmscn.draw.reasons import reason
from mmscn.draw.steps import Step, steps_of
from mmscn.draw.traced import Traced, traced
from mmscn.draw.waiting import never_ending, waits
from mmscn.lower.compiled import Compiled
from mmscn.plain_text import printable
from mmscn.runtime.result import Trace


def list_steps(compiled: Compiled, trace: Trace, *, ends: Sequence[str] = ()) -> str:
    """Every step with its number, actor, position, and all that it changes; who waits for what.

    ends: what stands below it instead of how it breaks the check that it is a trace of.
    """
    replayed = traced(compiled, trace)
    found = steps_of(replayed)
    who = max((len(who_of(s)) for s in found), default=0)
    digits = len(str(len(found)))
    lines = []
    open_: tuple[Call, ...] = ()
    for n, s in enumerate(found):
        if trace.loop == n:
            lines.append(GOES_ROUND)
            open_ = ()
        if s.calls and s.calls != open_:
            where = " > ".join(s.called(call) for call in s.calls)
            lines.append(f"{'':{digits}}  {who_of(s):{who}}  in {where}")
        open_ = s.calls
        text = f"{s.number:{digits}}  {who_of(s):{who}}  {s.text}"
        remarks = ", ".join([*s.branches, *([s.remark] if s.remark else [])])
        lines.append(f"{text}{f' ({remarks})' if remarks else ''}  @ {s.place}")
        margin = " " * (digits + who + 6)
        lines += [f"{margin}[{change}]" for change in s.changes if change.before != change.after]
        if s.broken:
            lines.append(f"{margin}{s.broken.text}")
        if s.violates:
            lines.append(f"{margin}<--- VIOLATED {', '.join(s.violates)}")
        if s is found[-1] and not ends and trace.loop is None:
            lines += [f"{margin}{text}" for text in last_words(replayed, s)]
    lines += ends
    if trace.loop is not None and not ends:
        if trace.loop == len(found):
            lines.append(RESTS)
        lines += [mark(replayed.info), *(f"  {w}" for w in never_ending(replayed))]
    if replayed.info.kind == "deadlock" and not ends:
        lines.append("no thread can go on:")
        lines += [f"  {w}" for w in waits(replayed)]
    return "\n".join(printable(line.rstrip()) for line in lines) + "\n"


def last_words(found: Traced, last: Step) -> list[str]:
    """What the trace ends in, where the step itself does not say it, and by what."""
    info, why = found.info, reason(found)
    word = "REACHED" if info.kind == "reachable" else "VIOLATED"
    said = info.name in last.violates or info.kind == "deadlock"
    return [*([] if said else [mark(info, word)]), *([why] if why else [])]


def who_of(s: Step) -> str:
    if s.cpu is None:
        return s.actor
    return f"CPU{s.cpu} {f'({s.actor})' if s.hardware else s.actor}"
