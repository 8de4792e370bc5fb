"""Comparing a text with what a document says it is: byte for byte, but for what is elided.

`[..]` stands for any text within a line; a line that is just `...`, from its
first column on, for any lines. (The `...` of a race diagram is indented.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import unified_diff
from typing import TypeVar

ANY_TEXT = "[..]"
ANY_LINES = "..."

T = TypeVar("T")
U = TypeVar("U")


def matches(expected: str, actual: str) -> bool:
    """Whether a text is what is expected.

    >>> matches("a [..] c\\n...\\n", "a b c\\nd\\ne\\n")
    True
    """
    if expected == actual:
        return True
    patterns = expected.split("\n")
    return between(patterns, actual.split("\n"), lambda p: p == ANY_LINES, line_matches)


def line_matches(expected: str, actual: str) -> bool:
    if ANY_TEXT not in expected:
        return expected == actual
    parts: list[str] = []
    for i, piece in enumerate(expected.split(ANY_TEXT)):
        parts += [ANY_TEXT] if i else []
        parts += list(piece)
    return between(parts, list(actual), lambda p: p == ANY_TEXT, lambda p, a: p == a)


def between(
    patterns: Sequence[T], texts: Sequence[U], is_gap: Callable[[T], bool],
    same: Callable[[T, U], bool],
) -> bool:  # fmt: skip
    """Whether the patterns between the gaps stand in the texts, in order, without overlap.

    The earliest place for each part is the best one, so there is no search over places.
    """
    parts: list[list[T]] = [[]]
    for p in patterns:
        if is_gap(p):
            parts.append([])
        else:
            parts[-1].append(p)

    def stands(part: list[T], at: int) -> bool:
        here = texts[at : at + len(part)]
        return len(here) == len(part) and all(map(same, part, here))

    first, *middle = parts
    if not middle:
        return len(first) == len(texts) and stands(first, 0)
    *middle, last = middle
    if not stands(first, 0) or not stands(last, len(texts) - len(last)):
        return False
    at, end = len(first), len(texts) - len(last)
    for part in middle:
        while at + len(part) <= end and not stands(part, at):
            at += 1
        if at + len(part) > end:
            return False
        at += len(part)
    return at <= end


def unified(expected: str, actual: str, *, before: str = "written", after: str = "found") -> str:
    """A unified diff, each line ended, also where the texts have no last line end."""
    lines = unified_diff(ended(expected), ended(actual), before, after)
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def ended(text: str) -> list[str]:
    """The lines of a text with their ends; only a line feed ends one.

    >>> ended("a\\x0c\\nb")
    ['a\\x0c\\n', 'b']
    """
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])
