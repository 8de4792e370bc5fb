"""What is printed: safe for a terminal, and on one in colour, which never is the only carrier of
meaning. The colours are Pygments'.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from mmscn.plain_text import printable, printable_lines

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
    from pygments.formatters import Terminal256Formatter

    from mmscn.show.lexer import MmscnLexer, MmscnTraceLexer
    from mmscn.show.style import MmscnStyle

    lexer = MmscnLexer if kind == "source" else MmscnTraceLexer
    formatter = Terminal256Formatter(style=MmscnStyle)
    result: str = highlight(text, lexer(stripnl=False, ensurenl=False), formatter)
    return result


def write(text: str, color: str, kind: str, stream: TextIO | None = None) -> None:
    """Write lines, painted, to stdout or another stream."""
    stream = sys.stdout if stream is None else stream
    stream.write(painted(printable_lines(text), color, kind, stream))


def write_diff(text: str, color: str) -> None:
    """Write a diff to stdout: safe on a terminal, exact elsewhere, for `patch` to read."""
    if sys.stdout.isatty():
        write(text, color, "message")
    else:
        sys.stdout.write(painted(text, color, "message"))


def say(line: str, stream: TextIO | None = None) -> None:
    """Write one line, whatever is in it, to stdout or another stream."""
    (sys.stdout if stream is None else stream).write(f"{printable(line)}\n")


def wants_color(stream: TextIO) -> bool:
    """A terminal, unless TERM is `dumb`; NO_COLOR (set to anything but nothing) says no to any,
    then FORCE_COLOR (to anything but 0) yes.
    """
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    if os.environ.get("TERM") == "dumb":
        return False
    return bool(stream.isatty())
