"""Names of a litmus test as a scenario has them."""

from __future__ import annotations

import re

from mmscn.check.clashes import RESERVED as RESERVED_NAMES
from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.litmus.modelled import words
from mmscn.litmus.ops import Code


def natural(name: str) -> tuple[tuple[str, int], ...]:
    """To order names so that X2 comes before X10."""
    return tuple((word, int(digits or 0)) for word, digits in re.findall(r"(\D+)(\d*)", name))


def free(name: str, taken: set[str]) -> str:
    """A name that the language has no other use for, and is not taken."""
    found = re.sub(r"\W", "_", name, flags=re.ASCII)
    while found in VOCABULARY or found in RESERVED or found in words() or found in taken:
        found += "_"
    taken.add(found)
    return found


def identifier(name: str) -> str:
    found = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_") or "litmus"
    return found if found[0].isalpha() or found[0] == "_" else f"t_{found}"


def litmus_name(code: Code) -> str:
    """The name of a test; one that the report has another use for is a text of more words."""
    name = code.litmus.name
    return f"test {name}" if name in (*RESERVED_NAMES, "store_buffer") else name


def plain(text: str) -> str:
    """A text on one line, of characters that can be seen."""
    return "".join(c if c.isprintable() else " " for c in text)[:200]


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


RESERVED = (
    "current",
    "this_cpu",
    "this_mm",
    "frame",
    "thread",
    "va",
    "mm",
    "file",
    "vma",
    "memory",
)
"""Words that are no keywords and mean something everywhere."""
