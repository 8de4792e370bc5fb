"""The colours of a terminal: readable on white and on black alike.

Each is one of the 256 that terminals have in common, and its contrast with white and with black is
at least 4.5 to 1 (`tests/show/test_style.py`); so nobody has to say what the background is.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.style import Style
from pygments.token import (
    Comment,
    Error,
    Generic,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    Token,
)

GRAY, RED, GREEN, BLUE, MAGENTA = "#767676", "#af5f5f", "#00875f", "#5f5fff", "#d700af"


class MmscnStyle(Style):
    """Pygments' names for what a table, a drawing, a message and a source consist of."""

    name = "mmscn"
    styles: ClassVar = {
        Token: "",
        Comment: GRAY,
        Error: RED,
        Generic.Error: f"bold {RED}",
        Generic.Deleted: f"bold {MAGENTA}",
        Generic.Inserted: GREEN,
        Generic.Heading: "bold",
        Generic.Strong: "bold",
        Generic.Subheading: f"bold {BLUE}",
        Keyword: BLUE,
        Keyword.Type: GREEN,
        Keyword.Constant: MAGENTA,
        Name.Class: "bold",
        Name.Function: GREEN,
        Name.Label: MAGENTA,
        Name.Builtin.Pseudo: MAGENTA,
        Number: MAGENTA,
        Operator.Word: BLUE,
        String: GREEN,
    }
