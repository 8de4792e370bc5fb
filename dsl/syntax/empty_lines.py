"""Lines without words: what the lexer goes through more than once."""

from __future__ import annotations

import re

LOOKED_THROUGH_MAX = 20_000_000
BLOCK_COMMENT = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
EMPTY = re.compile(rf"\n(?>(?:\s+|//[^\n]*|{BLOCK_COMMENT.pattern})+)")


def empty_region(text: str) -> tuple[int, int] | None:
    """A run of line ends and comments that the lexer would look through too many times, or None.

    At every line end it looks for what the next line with words begins with.
    """
    for match in EMPTY.finditer(text):
        lines = BLOCK_COMMENT.sub("", match[0]).count("\n")
        if lines * len(match[0]) > LOOKED_THROUGH_MAX:
            return match.start(), match.start() + 1
    return None
