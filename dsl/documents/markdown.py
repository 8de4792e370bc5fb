"""The blocks of a Markdown document, by markdown-it-py (CommonMark and tables)."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from mmscn.documents.fences import (
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
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

BRACES = re.compile(r"\{([A-Za-z][\w:-]*)\}$")
CLASS = re.compile(r"\{\s*\.(mmscn[\w-]*)(?:\s+([^}]*))?\}$")
"""The form of attribute lists, as Pandoc and Python-Markdown have it: `{.mmscn name=x}`."""
COLONS = re.compile(r":{3,}\s*\{(mmscn[\w-]*)\}")
CONTAINERS = frozenset(
    "admonition attention caution danger error hint important note seealso tip warning topic"  # noqa: SIM905 (words)
    " sidebar versionadded versionchanged deprecated dropdown card tab-set tab-item grid grid-item"
    " grid-item-card container div epigraph details only".split()
)
"""MyST directives whose content is Markdown again."""
DEPTH_MAX = 10


@cache
def parser() -> MarkdownIt:
    """Raises ModuleNotFoundError where markdown-it-py is not installed."""
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def blocks(text: str) -> ScannedBlocks:
    """Raises ModuleNotFoundError where markdown-it-py is not installed."""
    text = text.removeprefix("\ufeff")
    whole = document_lines(text)
    fences: list[Fence] = []
    problems: list[Problem] = []
    collect(text, 0, whole, fences, problems, 0)
    return ScannedBlocks(tuple(fences), tuple(problems))


def collect(
    text: str,
    above: int,
    whole: list[str],
    fences: list[Fence],
    problems: list[Problem],
    depth: int,
) -> None:
    """Add the blocks of a part of the document. above: how many lines come before it."""
    for token in parser().parse(text):
        if token.map is None:
            continue
        line = token.map[0] + above + 1
        if token.type == "inline" and (colons := COLONS.match(token.content)):
            hint = f"write ```{{{colons[1]}}}, which is one"
            problems.append(Problem(line, f"`:::{{{colons[1]}}}` is no fence", hint))
        if token.type != "fence":
            continue
        info = token.info.strip()
        if (classed := CLASS.match(info)) is not None:
            info = f"{classed[1]} {classed[2] or ''}"
        kind, _, behind = info.partition(" ")
        braces = BRACES.match(kind)
        kind = braces[1] if braces else kind
        if is_ours(kind):
            fences.append(fence_of_token(token, kind, behind, line, whole))
        elif looks_like_ours(kind):
            problems.append(unknown_kind(kind, line))
        elif braces and kind in CONTAINERS and depth < DEPTH_MAX:
            collect(token.content, line, whole, fences, problems, depth + 1)
        elif braces and kind == "eval-rst":
            embedded(token, line, whole, fences, problems)


def fence_of_token(token: Token, kind: str, behind: str, line: int, whole: list[str]) -> Fence:
    texts = token.content.split("\n")[:-1] if token.content.endswith("\n") else []
    if token.content and not texts:
        texts = token.content.split("\n")
    lines = [Line(line + 1 + i, text) for i, text in enumerate(texts)]
    opening = without_end(whole[line - 1])
    at = opening.find(token.markup)
    slot = None
    if at >= 0 and closed(token, line, whole):
        # A list's bullet stands on the first line only; below it are blanks.
        prefix = re.sub(r"[^\s>]", " ", opening[:at])
        slot = Slot(first=line + 1, end=line + 1 + len(lines), prefix=prefix)
        slot = sound(slot, lines, whole)
    return fence(kind, line, behind, lines, slot, trim=False)


def closed(token: Token, line: int, whole: list[str]) -> bool:
    """Whether the fence has an end; one without goes on to the end of what it stands in."""
    assert token.map is not None
    last = line + token.map[1] - token.map[0] - 1
    return last > line and without_end(whole[last - 1]).rstrip().endswith(token.markup)


def embedded(
    token: Token, line: int, whole: list[str], fences: list[Fence], problems: list[Problem]
) -> None:
    """The blocks of reStructuredText within Markdown."""
    from mmscn.documents import rst

    found = rst.blocks_below(token.content, line, whole)
    fences.extend(found.fences)
    problems.extend(found.problems)
