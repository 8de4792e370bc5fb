"""All exercises on one page: HTML, with hints and solutions to open, or a notebook of Jupyter."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter

from mmscn.documents.exercises import Exercise, exercises
from mmscn.judge.api import loads
from mmscn.show.lexer import MmscnLexer

CODE = re.compile(r"`([^`]+)`")
INTRODUCTION = (
    "Twelve races, from a counter to the page tables of Linux. In each scenario something is "
    "wrong, and the drawing shows an order of steps in which it goes wrong. Change what stands "
    "between the lines `// yours`, until the verdict is HOLDS."
)
STYLE = """
:root { color-scheme: light dark; --rule: color-mix(in srgb, currentcolor 25%, transparent); }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 50rem; margin: 0 auto; padding: 1rem; }
pre { overflow-x: auto; padding: .75rem; border: 1px solid var(--rule); border-radius: .4rem;
  font-size: .85rem; line-height: 1.35; }
details { margin: .6rem 0; }
summary { cursor: pointer; }
section { border-top: 2px solid var(--rule); margin-top: 2rem; }
nav ol { columns: 18rem; column-gap: 3rem; }
"""
HOW = "In a terminal: `mmscn exercise 1` writes the first as a file."


def page() -> str:
    """A page that needs no network and no other file. Runs all exercises and solutions."""
    contents = "".join(f'<li><a href="#{e.name}">{html(e.title)}</a></li>' for e in exercises())
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>mmscn: exercises</title>\n<style>{STYLE}{colors('github-light-high-contrast')}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"{colors('github-dark-high-contrast')}\n}}</style>\n</head>\n<body>\n"
        f"<h1>Exercises</h1>\n<p>{html(INTRODUCTION)} {html(HOW)}</p>\n"
        f"<nav><ol>{contents}</ol></nav>\n"
        + "\n".join(map(section, exercises()))
        + "\n</body>\n</html>\n"
    )


def colors(style: str) -> str:
    """The rules of a style of Pygments'."""
    made: Callable[[str], str] = HtmlFormatter(style=style, nobackground=True).get_style_defs
    return made(".highlight")


def section(exercise: Exercise) -> str:
    """One exercise: the question, the text, what a run finds; to be opened, the rest."""
    found = loads(exercise.text, name=exercise.file).check()
    solved = loads(exercise.solution, name=exercise.file).check()
    return "\n".join(
        [
            f'<section id="{exercise.name}">',
            f"<h2>{exercise.number}. {html(exercise.title)}</h2>",
            f"<p>{html(exercise.question)}</p>",
            source(exercise.text),
            found._repr_html_(),
            f"<details><summary>Hint</summary><p>{html(exercise.hint)}</p></details>",
            "<details><summary>Solution</summary>",
            source(exercise.solution),
            solved._repr_html_(),
            f"<p>{html(exercise.why)}</p>",
            "</details>",
            "</section>",
        ]
    )


def html(text: str) -> str:
    """Markdown of which there is nothing but code spans."""
    return CODE.sub(r"<code>\1</code>", escape(text))


def source(text: str) -> str:
    shown: str = highlight(text, MmscnLexer(), HtmlFormatter())
    return shown


def notebook() -> str:
    """A notebook in which each exercise is a cell to be changed and run."""
    cells = list(cells_of_all())
    made = [
        {"id": f"cell-{n}", "metadata": {}, "source": text.splitlines(keepends=True), **kind(code)}
        for n, (code, text) in enumerate(cells)
    ]
    about = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    document = {"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def kind(code: bool) -> dict[str, object]:
    if code:
        return {"cell_type": "code", "execution_count": None, "outputs": []}
    return {"cell_type": "markdown"}


def cells_of_all() -> Iterator[tuple[bool, str]]:
    """Whether it is code, and the text of each cell."""
    yield False, f"# Exercises\n\n{INTRODUCTION} A cell is run with Shift and Enter."
    yield True, "%load_ext mmscn"
    for e in exercises():
        yield False, f"## {e.number}. {e.title}\n\n{e.question}"
        yield True, f"%%mmscn\n{e.text}".rstrip()
        yield False, opened("Hint", e.hint)
        yield False, opened("Solution", f"```text\n{e.solution}```\n\n{e.why}")


def opened(name: str, text: str) -> str:
    return f"<details><summary>{name}</summary>\n\n{text}\n\n</details>"
