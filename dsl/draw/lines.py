"""What a rule is to a reader without an execution: who does it, and the statement's words."""

from __future__ import annotations

from mmscn.draw.steps import actor, opened
from mmscn.lower.compiled import Compiled, Line


def who(compiled: Compiled, line: Line) -> str:
    """`CPU0 writer`; a device by its name."""
    name = actor(compiled.checked, line)
    return name if line.cpu is None else f"CPU{line.cpu} {name}"


def words(compiled: Compiled, line: Line) -> str:
    """The statement that a step is known by; which way it goes is told by where it leads."""
    if not line.origins:
        return "(ends)"
    origin = compiled.checked.origins[line.origins[0]]
    _, instruction = opened(origin.path, origin.span)
    if line.thread is None and origin.path:
        instruction = origin.path[0]
    return str((instruction or origin).text())
