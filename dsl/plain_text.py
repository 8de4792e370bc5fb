"""Text as a terminal can show it: what it would obey is written as escapes; columns are counted.

Everything that is printed passes `printable` or `printable_lines`, whoever wrote
it: a scenario, the name of a file, a word of the command line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

ZERO_WIDTH = ("Mn", "Me", "Cf")
"""Categories of characters that stand over others, or are not seen."""

JOINING = range(0x1160, 0x1200)
"""Vowels and finals of Hangul, that stand in the column of the letter before them."""


def printable(text: str) -> str:
    """One line: what a terminal would obey, or cannot show, is written as escapes.

    Control characters, among them the ends of lines; characters that turn the direction of
    text or have no shape; all blanks but the usual one; halves of surrogate pairs.

    >>> print(printable("a" + chr(27) + "[2J" + chr(10) + chr(0x202e)))
    a\\x1b[2J\\n\\u202e
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def printable_lines(text: str) -> str:
    """Lines, each as `printable` has it; tabs stay, too."""
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or c.isprintable() else repr(c)[1:-1] for c in text)


def counted(number: int, word: str, words: str = "") -> str:
    """So many of what a word says; words: several of it, where that is more than an `s`.

    >>> counted(1, "state"), counted(0, "state"), counted(2, "index", "indices")
    ('1 state', '0 states', '2 indices')
    """
    return f"{number} {word if number == 1 else words or word + 's'}"


def either(numbers: Iterable[int], word: str) -> str:
    """So many, or so many, of what a word says.

    >>> either([2, 1, 2], "time"), either([1], "time")
    ('1 or 2 times', '1 time')
    """
    *others, last = sorted(set(numbers))
    return " or ".join([*map(str, others), counted(last, word)])


def width(text: str) -> int:
    """The columns that a text takes in a terminal."""
    return len(text) if text.isascii() else sum(map(columns_of, text))


def columns_of(character: str) -> int:
    """0 for what stands over the character before it, 2 for wide East Asian characters."""
    if unicodedata.category(character) in ZERO_WIDTH or ord(character) in JOINING:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def left(text: str, columns: int) -> str:
    """A text with blanks behind it, up to a width."""
    return text + " " * (columns - width(text))


def right(text: str, columns: int) -> str:
    """A text with blanks before it, up to a width."""
    return " " * (columns - width(text)) + text


def first_columns(text: str, columns: int) -> str:
    """As much of the beginning of a text as has room."""
    return text[: fitting(text, columns)]


def last_columns(text: str, columns: int) -> str:
    """As much of the end of a text as has room."""
    return text[len(text) - fitting(text[::-1], columns) :]


def fitting(text: str, columns: int) -> int:
    """How many characters of the beginning of a text have room."""
    if text.isascii():
        return max(0, min(len(text), columns))
    taken = 0
    for n, character in enumerate(text):
        taken += columns_of(character)
        if taken > columns:
            return n
    return len(text)
