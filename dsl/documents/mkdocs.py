"""A custom fence of SuperFences, for MkDocs: scenarios that are run as the pages are built.

    markdown_extensions:
      - mmscn.documents.mkdocs
      - pymdownx.superfences:
          custom_fences:
            - name: mmscn
              class: mmscn
              format: !!python/name:mmscn.documents.mkdocs.fence
              validator: !!python/name:mmscn.documents.mkdocs.validate

SuperFences passes over a fence whose keys have no quotes; the first line gives them some. What is
not as it should be is a warning of MkDocs, which `mkdocs build --strict` ends with. Each
fence is by itself: `setup`, `continues` and output blocks are for `mmscn docs test`.
"""

from __future__ import annotations

import logging
import re
from html import escape
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from mmscn.documents.document import parsed
from mmscn.documents.options import words
from mmscn.documents.outcome import Runner, text_of
from mmscn.plain_text import printable_lines

logger = logging.getLogger("mkdocs.plugins.mmscn")
"""MkDocs counts the warnings of loggers below its own."""

PAGE = "page.md"


OPENING = re.compile(r"^([ \t]*(?:`{3,}|~{3,})[ \t]*)mmscn([ \t]+[^`{}]+)$")
BEFORE_FENCES = 28
"""The priority of a preprocessor that comes before those that read fences."""


def makeExtension(**configs: Any) -> Extension:
    return Quoting(**configs)


class Quoting(Extension):
    """Puts the values of keys in quotes, where they have none."""

    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.register(Quotes(md), "mmscn", BEFORE_FENCES)


class Quotes(Preprocessor):
    def run(self, lines: list[str]) -> list[str]:
        return [quotes(line) for line in lines]


def quotes(line: str) -> str:
    """The opening of a fence as SuperFences reads it; any other line as it is."""
    match = OPENING.match(line)
    if match is None:
        return line
    settings, problems = words(match[2], 1)
    if problems:
        return line
    said = [f"{s.key}={quoted('' if s.value is None else s.value)}" for s in settings]
    return f"{match[1]}mmscn {' '.join(said)}"


def validate(
    language: str, inputs: dict[str, str], options: dict[str, Any], attrs: Any, md: Any
) -> bool:
    """All keys are taken: those that there are not are told by `fence`."""
    options.update(inputs)
    return True


def fence(
    source: str, language: str, css_class: str, options: dict[str, Any], md: Any, **others: Any
) -> str:
    """The HTML of a scenario: its text, and what `show` asks for."""
    keys = " ".join(f"{name}={quoted(value)}" for name, value in options.items())
    marks = "`" * max(3, longest(source) + 1)
    document = parsed(f"{marks}mmscn {keys}\n{source}\n{marks}\n", PAGE, Path())
    wrong = [problem.text(PAGE) for problem in document.problems]
    shown: list[str] = []
    for block in document.blocks:
        found = Runner(document).of(block)
        wrong += [found.wrong] if found.wrong is not None else []
        if found.report is None:
            shown.append(box(source, css_class))
            continue
        shown += [
            box(source if show == "source" else text_of(found, show), css_class)
            for show in block.show
            if show != "none"
        ]
    for text in wrong:
        logger.warning("%s", printable_lines(text.rstrip()))
        shown.append(box(text, f"{css_class} mmscn-failed"))
    return "\n".join(shown or [box(source, css_class)])


def box(text: str, css_class: str) -> str:
    shown = escape(printable_lines(text.rstrip()))
    return f'<pre class="{escape(css_class)}"><code>{shown}</code></pre>'


def quoted(value: Any) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def longest(source: str) -> int:
    """Of the runs of backquotes in a text."""
    return max(map(len, re.findall("`+", source)), default=0)
