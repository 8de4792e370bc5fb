"""Queues in drawings: one thing each, `(1, 2)` or `none`, of the families that it is kept in."""

from __future__ import annotations

from mmscn.check.core import Checked, Family
from mmscn.check.values import Value, show

LENGTH, SLOT = "length", "slot"


def in_queue(
    checked: Checked, family: Family, index: tuple[Value, ...], base: str, member: str
) -> tuple[tuple[Value, ...], str]:
    """The index of the variable that a queue's cell belongs to, and the cell's name in it."""
    assert family.queue is not None
    outer = len(checked.families[f"{family.queue}.{LENGTH}"].indices)
    if len(index) == outer:
        return index, member
    inside = index[outer + 1 :]
    path = family.queue.removeprefix(base).lstrip(".")
    dot = "." if path else ""
    rest = member.removeprefix(f"{path}{dot}{SLOT}")
    brackets = f"[{', '.join(map(show, inside))}]" if inside else ""
    return index[:outer], f"{path}{dot}{SLOT}[{show(index[outer])}]{rest}{brackets}"
