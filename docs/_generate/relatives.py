"""Write docs/relatives.md: races of the same family, as the heads of their scenarios tell them.

    python docs/_generate/relatives.py [--check]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

from library_outcomes import marked_up, write

from mmscn.judge.api import load
from mmscn.shipped_texts import library

COMMENT = re.compile(r"\A/\*(.*?)\*/", re.DOTALL)
HEAD = """# Relatives

Other races in which somebody goes on with what another has changed: translations, references,
tables of pages, and whoever has a copy of them. Each is a scenario of the library, with what the
code was written from; `mmscn run NAME` runs it, and draws what goes wrong.
"""


def page() -> Iterator[str]:
    yield HEAD
    for file in sorted((library() / "relatives").glob("*.mmscn")):
        yield from section(file)


def section(file: Path) -> Iterator[str]:
    scenario = load(file)
    yield f"## {scenario.title}\n"
    found = COMMENT.match(file.read_text(encoding="utf-8"))
    if found is not None:
        told = found[1].strip("\n")
        first, _, rest = told.partition("\n")
        lines = f"{first.strip()}\n{dedent(rest)}".strip().splitlines()
        yield "".join(f"{marked_up(line)}\n" for line in lines)
    yield f"`{scenario.name}`; {'; '.join(scenario.sources)}\n"


if __name__ == "__main__":
    write("relatives.md", "\n".join(page()))
