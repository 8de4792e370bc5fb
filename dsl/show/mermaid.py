"""The executions of a result as sequence diagrams that Mermaid draws."""

from __future__ import annotations

from mmscn.plain_text import printable
from mmscn.show.json_values import Json
from mmscn.show.sequence import GOES_ROUND, RESTS, Sequence, sequences

ENTITIES = {"#": "#35;", ";": "#59;", "<": "#lt;", ">": "#gt;", "%": "#37;"}


def text(document: Json) -> str:
    """A diagram for each execution, an empty line between two."""
    return "\n".join(map(diagram, sequences(document)))


def diagram(found: Sequence) -> str:
    """Each step over the line of its CPU or device; each change as a note beside it."""
    lines = ["sequenceDiagram", f"  title {said(found.title)}"]
    lines += [f"  participant P{n} as {said(str(c))}" for n, c in enumerate(found.columns)]
    for n, arrow in enumerate(found.arrows):
        if n == found.loop:
            lines.append(f"  loop {GOES_ROUND}")
        at = f"P{arrow.column}"
        lines.append(f"  {at}->>{at}: {said(arrow.text)}")
        if arrow.notes:
            lines.append(f"  Note over {at}: {'<br/>'.join(map(said, arrow.notes))}")
    if found.rests and found.columns:
        lines.append(f"  Note over P0,P{len(found.columns) - 1}: {RESTS}")
    elif found.loop is not None and not found.rests:
        lines.append("  end")
    return "".join(f"{line}\n" for line in lines)


def said(value: str) -> str:
    """A text in which nothing is a part of the diagram's language."""
    return "".join(ENTITIES.get(c, c) for c in printable(value))
