"""What a text says about its own diagnostics: `// error: MM301 "part of the message"`.

The comment stands at the end of the line that the diagnostic hits; there may
be several in one.
"""

from __future__ import annotations

import re

from attrs import frozen

from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.diagnostics import Rejected
from mmscn.judge.shipped import finder
from mmscn.lower.compile import compile
from mmscn.source import Source

COMMENT = re.compile(r'error: (MM\d{3}) "((?:\\.|[^"\\])*)"')


@frozen(order=True)
class Hit:
    """A diagnostic: the line from 1, and the code."""

    line: int
    code: str


def expected(text: str) -> list[tuple[Hit, str]]:
    """The diagnostics that a text announces, each with a part of its message."""
    return [
        (Hit(number, code), part.replace('\\"', '"'))
        for number, line in enumerate(text.split("\n"), 1)
        for code, part in COMMENT.findall(line)
    ]


def diagnostics_of(text: str, modules: dict[str, str] | None = None) -> list[tuple[Hit, str]]:
    """The diagnostics of a text, by line, each with its whole message."""
    known = modules or {}
    shipped = finder(None)

    def find(name: str) -> Source | None:
        return Source(name, known[name]) if name in known else shipped(name)

    source = Source("text", text)
    try:
        unit = gather(source, find)
        for params in matrix(unit):
            compile(elaborate(unit, params))
    except Rejected as rejected:
        return sorted((Hit(d.span.line, d.code), d.message) for d in rejected.diagnostics)
    return []


def mismatches(text: str, modules: dict[str, str] | None = None) -> list[str]:
    """What is announced and does not come, and what is unannounced."""
    wanted = sorted(expected(text))
    left = diagnostics_of(text, modules)
    wrong = []
    for hit, part in wanted:
        match = next((one for one in left if one[0] == hit and part in one[1]), None)
        if match is None:
            wrong.append(f"line {hit.line}: no {hit.code} with {part!r}")
        else:
            left.remove(match)
    extra = [f"line {hit.line}: {hit.code} {message!r} is unannounced" for hit, message in left]
    return wrong + extra
