"""Custom fences of SuperFences, for MkDocs: scenarios that are run as the pages are built.

    markdown_extensions:
      - mmscn.documents.mkdocs
      - pymdownx.superfences:
          custom_fences:
            - name: mmscn
              class: mmscn
              format: !!python/name:mmscn.documents.mkdocs.fence
              validator: !!python/name:mmscn.documents.mkdocs.validate
            - name: mmscn-output
              class: mmscn
              format: !!python/name:mmscn.documents.mkdocs.fence
              validator: !!python/name:mmscn.documents.mkdocs.validate

SuperFences passes over a fence whose keys have no quotes; the first line gives them some, and has
the whole page: a fence may build on others of its page (`setup`, `continues`), and outputs are
compared with what is found. What is not as it should be is a warning of MkDocs, which
`mkdocs build --strict` ends with.
"""

from __future__ import annotations

import logging
import re
from html import escape
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from attrs import define, field
from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from mmscn.documents.document import Block, Document, Output, parsed
from mmscn.documents.options import words
from mmscn.documents.outcome import Runner, text_of
from mmscn.plain_text import printable_lines

logger = logging.getLogger("mkdocs.plugins.mmscn")
"""MkDocs counts the warnings of loggers below its own."""

PAGE = "page.md"


OPENING = re.compile(r"^([ \t]*(?:`{3,}|~{3,})[ \t]*)(mmscn|mmscn-output)([ \t]+[^`{}]+)$")
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
        document = parsed("\n".join(lines) + "\n", PAGE, Path())
        PAGES[self.md] = Page(document, Runner(document))
        return [quotes(line) for line in lines]


def quotes(line: str) -> str:
    """The opening of a fence as SuperFences reads it; any other line as it is."""
    match = OPENING.match(line)
    if match is None:
        return line
    settings, problems = words(match[3], 1)
    if problems:
        return line
    said = [f"{s.key}={quoted('' if s.value is None else s.value)}" for s in settings]
    return f"{match[1]}{match[2]} {' '.join(said)}"


@define(eq=False)
class Page:
    """A page that is being made. taken: its fences that were shown."""

    document: Document
    runner: Runner
    taken: set[int] = field(factory=set)

    def take(self, language: str, source: str, options: dict[str, Any]) -> Block | Output | None:
        """The next fence of that text and those keys; None where it is nested, or has a mistake."""
        of_page: list[Block | Output] = [*self.document.blocks, *self.document.outputs]
        for found in of_page:
            fence = found.fence
            said = {s.key: "" if s.value is None else s.value for s in fence.settings}
            alike = (fence.kind, fence.text.strip(), said) == (language, source.strip(), options)
            if alike and id(fence) not in self.taken:
                self.taken.add(id(fence))
                return found
        return None


PAGES: WeakKeyDictionary[Markdown, Page] = WeakKeyDictionary()
"""By what makes them."""


def validate(
    language: str, inputs: dict[str, str], options: dict[str, Any], attrs: Any, md: Any
) -> bool:
    """All keys are taken: those that there are not are told by `fence`."""
    options.update(inputs)
    return True


def fence(
    source: str, language: str, css_class: str, options: dict[str, Any], md: Any, **others: Any
) -> str:
    """The HTML of a scenario: its text, and what `show` asks for; or of an output."""
    page = None if md is None else PAGES.get(md)
    found = None if page is None else page.take(language, source, options)
    if page is not None and found is not None:
        shown, wrong = shown_in(page, found, css_class)
        return told(shown, wrong, source, css_class)
    keys = " ".join(f"{name}={quoted(value)}" for name, value in options.items())
    marks = "`" * max(3, longest(source) + 1)
    document = parsed(f"{marks}{language} {keys}\n{source}\n{marks}\n", PAGE, Path())
    alone = Page(document, Runner(document))
    shown = []
    wrong = [problem.text(PAGE) for problem in document.problems]
    for block in document.blocks:
        more, problems = shown_in(alone, block, css_class)
        shown += more
        wrong += problems
    return told(shown, wrong, source, css_class)


def shown_in(page: Page, found: Block | Output, css_class: str) -> tuple[list[str], list[str]]:
    """The HTML of a fence of a page, and what is not as it should be."""
    source = found.fence.text
    if isinstance(found, Output):
        line = found.fence.line
        wrong = [p.text(PAGE) for p in page.document.problems if p.line == line]
        differs = page.runner.output(found) if found.compared else None
        return [box(source, css_class)], wrong if differs is None else [differs.text()]
    if not page.document.runs(found):
        return [box(source, css_class)] if "source" in found.show else [], []
    outcome = page.runner.of(found)
    wrong = [outcome.wrong] if outcome.wrong is not None else []
    if outcome.report is None:
        return [box(source, css_class)], wrong
    shown = [
        box(source if show == "source" else text_of(outcome, show), css_class)
        for show in found.show
        if show != "none"
    ]
    return shown, wrong


def told(shown: list[str], wrong: list[str], source: str, css_class: str) -> str:
    """What is shown, and the warnings, which go to MkDocs as well."""
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
