"""What stands below a drawing: the state that breaks a property, who waits for what."""

from __future__ import annotations

from typing import assert_never

from mmscn.check.core import CheckInfo
from mmscn.draw.diagram_columns import GAP, MARGIN, broken, notes_in_a_row
from mmscn.draw.notes import value_text
from mmscn.draw.steps import Step
from mmscn.draw.traced import Traced
from mmscn.draw.waiting import never_ending, waits
from mmscn.plain_text import right, width

VALUES_MAX = 6


def last_lines(traced: Traced, found: tuple[Step, ...], columns: int) -> list[str]:
    """The lines below the columns; none where the violation is marked in them."""
    info = traced.info
    broken_ = mark(info)
    match info.kind:
        case "deadlock":
            who = [broken(str(w), MARGIN + 2, MARGIN + 6, columns) for w in waits(traced)]
            return [
                "",
                *with_mark("no thread can go on:", [], broken_, columns),
                *(line for lines in who for line in lines),
            ]
        case "finally":
            return ["", *with_mark("in the end", values(traced, found), broken_, columns)]
        case "reachable":
            shown = values(traced, found)
            return ["", *with_mark("reached", shown, mark(info, "REACHED"), columns)]
        case "eventually" | "leads to" | "livelock":
            return ["", *for_ever(traced, found, columns)]
        case "assert" | "bug" | "always" | "rule" | "bound":
            if found:
                return []
            return ["", *with_mark("at the start", values(traced, found), broken_, columns)]
        case _:
            assert_never(info.kind)


def for_ever(traced: Traced, found: tuple[Step, ...], columns: int) -> list[str]:
    """What is owed and never comes, and who never ends, by waiting or by going round."""
    broken_ = mark(traced.info)
    what = "never ends" if traced.info.kind == "livelock" else "for ever"
    lines = with_mark(what, values(traced, found), broken_, columns)
    for w in never_ending(traced):
        lines += broken(str(w), MARGIN + 2, MARGIN + 6, columns)
    return lines


def mark(info: CheckInfo, word: str = "VIOLATED", beside: str = "") -> str:
    """`<--- VIOLATED no_lost_write`; without the name where it stands beside it already."""
    name = info.name if info.name.replace("_", "").isalnum() else f'"{info.name}"'
    return f"<--- {word}" if name in beside else f"<--- {word} {name}"


def with_mark(what: str, shown: list[str], mark: str, columns: int) -> list[str]:
    lines = notes_in_a_row(what, shown, columns)
    if width(lines[-1]) + GAP + width(mark) <= columns:
        return [*lines[:-1], lines[-1] + right(mark, columns - width(lines[-1]))]
    return [*lines, *(right(m, columns) for m in broken(mark, 0, 5, columns))]


def values(traced: Traced, found: tuple[Step, ...]) -> list[str]:
    """The things that a condition of states looks at: those that have changed, or else all.

    What is quiet comes last, but it comes: without it nobody sees why the condition does not hold.
    """
    keys = traced.asked.keys()
    if not keys:
        return []
    changed = {c.what for s in found for c in s.changes}
    looked = [thing for thing in traced.things if any(key in keys for _, key in thing.members)]
    looked.sort(key=lambda thing: thing.quiet)
    shown = [
        f"[{thing.name}: {value_text(traced.checked, thing, traced.last.cells)}]"
        for thing in [thing for thing in looked if thing.name in changed] or looked
    ]
    return shown[:VALUES_MAX] + (["..."] if len(shown) > VALUES_MAX else [])
