"""`mmscn explain CODE`: what a diagnostic's code means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from textwrap import fill, indent

from mmscn.codes import CODES, Code
from mmscn.plain_text import first_columns, printable, width

COLUMNS = 76
EXAMPLE_LINES = 20


class NoSuchCode(Exception):
    """The text says which code there is not."""


def is_code(words: Sequence[str]) -> bool:
    """Whether a command line asks for a code: one word like `MM207` or `207`, and no such file."""
    code = len(words) == 1 and re.fullmatch(r"(?i:MM)?\d+", words[0])
    return bool(code) and not Path(words[0]).exists()


def explanation(code: str | None) -> str:
    """Title, explanation and example of a code; without a code all titles. Raises NoSuchCode."""
    if code is None:
        return "".join(f"{name}  {about.title}\n" for name, about in CODES.items())
    name = code.upper() if code.upper().startswith("MM") else f"MM{code}"
    if name not in CODES:
        near = get_close_matches(name, CODES, n=1)
        hint = f"did you mean {near[0]}?" if near else "`mmscn explain` lists them"
        raise NoSuchCode(f"there is no code `{code}`; {hint}")
    about = CODES[name]
    paragraphs = [f"{name}: {about.title}", fill(about.explanation, COLUMNS), *example(about)]
    return "\n\n".join(paragraphs) + "\n"


def example(about: Code) -> list[str]:
    """The example's text, and that of the modules beside it."""
    lines = about.example.rstrip("\n").split("\n")[:EXAMPLE_LINES]
    if about.repeated > 1:
        lines.append(f"... {about.repeated} times")
    define = " ".join(f"-D {name}={value}" for name, value in about.define)
    title = f"For example, run with {define}:" if define else "For example:"
    shown = [title, indent("\n".join(cut(line) for line in lines), "    ")]
    for name, text in about.files:
        shown += [f"and {name}.mmscn beside it:", indent(text.rstrip("\n"), "    ")]
    return shown


def cut(line: str) -> str:
    text = printable(line)
    return text if width(text) <= COLUMNS else f"{first_columns(text, COLUMNS - 3)}..."
