"""Colour, through Pygments: on a terminal, and never the only carrier of meaning."""

from __future__ import annotations

import os
import sys
from typing import TextIO

TEXT_MAX = 200_000


def painted(text: str, color: str, kind: str, stream: TextIO | None = None) -> str:
    """The text with terminal colours, or as it is.

    color: `auto` (on a terminal that wants it), `always` or `never`.
    kind: `trace` (tables and diagrams), `message` (diagnostics) or `source`.
    """
    stream = sys.stdout if stream is None else stream
    if color == "never" or (color == "auto" and not wants_color(stream)) or len(text) > TEXT_MAX:
        return text
    from pygments import highlight
    from pygments.formatters import TerminalFormatter

    from mmscn.tools.lexer import MmscnLexer, MmscnTraceLexer

    lexer = MmscnLexer if kind == "source" else MmscnTraceLexer
    result: str = highlight(text, lexer(stripnl=False, ensurenl=False), TerminalFormatter())
    return result


def write(text: str, color: str, kind: str, stream: TextIO | None = None) -> None:
    """Write a text, painted, to stdout or another stream."""
    stream = sys.stdout if stream is None else stream
    stream.write(painted(text, color, kind, stream))


def wants_color(stream: TextIO) -> bool:
    """A terminal, unless NO_COLOR is set (to anything but nothing) or TERM is `dumb`."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(stream.isatty())
