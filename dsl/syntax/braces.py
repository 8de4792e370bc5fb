"""The brace that is open: which `{` has no `}`, by how the text is indented."""

from __future__ import annotations

import re

from attrs import frozen

from mmscn.syntax.recover import Bare

CLOSING = {"(": ")", "[": "]", "{": "}"}
BRACE = re.compile(r"[{}]")


@frozen
class OpenBrace:
    """at: of the `{`. before: the first thing that stands too far left to be in its block, None
    where indentation tells nothing.
    """

    at: int
    before: int | None


def not_closed(seen: Bare) -> OpenBrace | None:
    """The `{` without a `}`; None where there are as many of both.

    Of the braces that are open at the end, one is the fault. It is looked for by the first line
    that is indented no deeper than the line of the innermost brace that is open there: it closes
    that brace, or the brace is not closed.
    """
    text = seen.text
    if text.count("{") <= text.count("}"):
        return None
    opened: list[tuple[int, int, int]] = []  # where, its line, and the indentation of that
    start = 0
    for number, line in enumerate(text.split("\n")):
        body = line.lstrip()
        indent = len(line.expandtabs()) - len(body.expandtabs())
        at = start + len(line) - len(body)
        if opened and body and goes_on(body):
            brace, other, outer = opened[-1]
            left = indent < outer or (indent == outer and not body.startswith(("}", "{")))
            if number > other and left:
                return OpenBrace(brace, at)
        for match in BRACE.finditer(line):
            if match[0] == "{":
                opened.append((start + match.start(), number, indent))
            elif opened:
                opened.pop()
        start += len(line) + 1
    return OpenBrace(opened[-1][0], None) if opened else None


def goes_on(line: str) -> bool:
    """Whether a line begins something, rather than going on with what is above it."""
    return not line.startswith((")", "]", "|", "else", "or", "and", "when", "implies", "then"))
