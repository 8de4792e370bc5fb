"""The blocks of a reStructuredText document, by docutils.

Directives and roles of Sphinx, which docutils has not, are passed over; what
stands inside them is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mmscn.documents.fences import (
    ELSEWHERE,
    Fence,
    Line,
    ScannedBlocks,
    Slot,
    document_lines,
    fence,
    is_ours,
    looks_like_ours,
    sound,
    unknown_kind,
    without_end,
)
from mmscn.documents.options import Problem

if TYPE_CHECKING:
    from docutils.parsers.rst import Directive

PLAIN = frozenset(
    "code code-block sourcecode literalinclude parsed-literal math raw prompt doctest testcode"  # noqa: SIM905 (words)
    " testsetup testoutput testcleanup productionlist graphviz".split()
)
"""Directives whose content is no reStructuredText."""


def blocks(text: str) -> ScannedBlocks:
    """Raises ModuleNotFoundError where docutils is not installed."""
    text = text.removeprefix("\ufeff")
    return blocks_below(text, 0, document_lines(text))


def blocks_below(text: str, above: int, whole: list[str]) -> ScannedBlocks:
    """The blocks of a part of a document. above: how many lines come before it."""
    import docutils.core
    from docutils.parsers.rst import Directive

    fences: list[Fence] = []
    problems: list[Problem] = []

    class Block(Directive):
        has_content = True

        def run(self) -> list[Any]:
            if looks_like_ours(self.name):
                problems.append(unknown_kind(self.name, above + self.lineno))
            else:
                fences.append(fence_of_directive(self, above, whole))
            return []

    class Passed(Directive):
        """A directive that docutils has not: its content is read, from the first empty line on."""

        has_content = True

        def run(self) -> list[Any]:
            if self.name in PLAIN or self.name in ELSEWHERE:
                return []
            from docutils import nodes

            node = nodes.container()
            start = 0
            if self.content and (
                self.content.offset(0) == self.lineno - 1 or self.content[0].startswith(":")
            ):
                texts = enumerate(self.content)
                start = next((i for i, t in texts if not t.strip()), len(self.content))
            self.state.nested_parse(self.content[start:], self.content_offset + start, node)
            return [node]

    with known_directives(Block, Passed):
        docutils.core.publish_doctree(
            text,
            settings_overrides={
                "report_level": 5,
                "halt_level": 5,
                "file_insertion_enabled": False,
                "raw_enabled": False,
                "_disable_config": True,
                "line_length_limit": 1_000_000,
            },
        )
    return ScannedBlocks(tuple(sorted(fences, key=lambda f: f.line)), tuple(problems))


@contextmanager
def known_directives(ours: type[Directive], other: type[Directive]) -> Iterator[None]:
    """For a while, our directives are known, and all names that docutils has not are `other`.

    Replaces the look-up itself, so that a Sphinx in the same process finds its own as before.
    """
    from docutils.parsers.rst import directives

    original = directives.directive

    def look_up(name: str, language: Any, document: Any) -> tuple[Any, list[Any]]:
        if is_ours(name) or looks_like_ours(name):
            return ours, []
        if name in PLAIN:
            return other, []
        found, _ = original(name, language, document)
        return (found or other), []

    replacement: Any = look_up
    directives.directive = replacement
    try:
        yield
    finally:
        directives.directive = original


def fence_of_directive(directive: Directive, above: int, whole: list[str]) -> Fence:
    line = above + directive.lineno
    behind = behind_name(directive.name, directive.block_text)
    content = list(directive.content.items)
    texts = list(directive.content)
    if behind and texts and texts[0].strip() == behind:
        content, texts = content[1:], texts[1:]
    lines = [
        Line(above + offset + 1, text) for (_, offset), text in zip(content, texts, strict=True)
    ]
    slot = sound(slot_of(directive, line, lines, whole), lines, whole)
    return fence(directive.name, line, behind, lines, slot, trim=True)


def behind_name(name: str, block_text: str) -> str:
    """What follows `.. mmscn::` on its line, or ```` ```{mmscn} ````."""
    first = block_text.split("\n", 1)[0]
    match = re.search(rf"{re.escape(name)}(?:::|\}}|(?=\s|$))", first)
    return first[match.end() :].strip() if match else ""


def slot_of(directive: Directive, line: int, lines: list[Line], whole: list[str]) -> Slot | None:
    opening = without_end(whole[line - 1]) if line <= len(whole) else ""
    at = opening.find("..")
    if at < 0 or directive.name not in opening:
        return None
    # In a list item the bullet stands on the first line only; below it are blanks.
    left = re.sub(r"\S", " ", opening[:at])
    if not lines:
        return Slot(first=line + 1, end=line + 1, prefix=f"{left}   ")
    first = without_end(whole[lines[0].number - 1])
    prefix = first[: len(first) - len(lines[0].text)] if first.endswith(lines[0].text) else ""
    return Slot(first=lines[0].number, end=lines[-1].number + 1, prefix=prefix or f"{left}   ")
