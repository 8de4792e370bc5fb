"""The executions of a result as sequence diagrams that PlantUML draws."""

from __future__ import annotations

from mmscn.plain_text import printable
from mmscn.show.json_values import Json
from mmscn.show.sequence import GOES_ROUND, RESTS, Sequence, sequences

PLAIN = frozenset(" ,.:()")
"""Characters, besides letters and digits, that PlantUML never reads as its own."""


def text(document: Json) -> str:
    """A diagram for each execution, an empty line between two."""
    return "\n".join(map(diagram, sequences(document)))


def diagram(found: Sequence) -> str:
    """Each step over the line of its CPU or device; each change as a note beside it."""
    lines = ["@startuml", f"title {said(found.title)}"]
    lines += [f'participant "{said(str(c))}" as P{n}' for n, c in enumerate(found.columns)]
    for n, arrow in enumerate(found.arrows):
        if n == found.loop:
            lines.append(f"loop {said(GOES_ROUND)}")
        at = f"P{arrow.column}"
        lines.append(f"{at} -> {at} : {said(arrow.text)}")
        if arrow.notes:
            lines.append(f"note over {at} : " + "\\n".join(map(said, arrow.notes)))
    if found.rests and found.columns:
        lines.append(f"note over P0, P{len(found.columns) - 1} : {said(RESTS)}")
    elif found.loop is not None and not found.rests:
        lines.append("end")
    return "".join(f"{line}\n" for line in [*lines, "@enduml"])


def said(value: str) -> str:
    """A text in which nothing is a part of the diagram's language: what might be is written as
    the number of its character.
    """
    return "".join(
        c if (c.isascii() and c.isalnum()) or c in PLAIN else f"<U+{ord(c):04X}>"
        for c in printable(value)
    )
