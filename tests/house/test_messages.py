"""Messages say `1 step` and `2 steps`: what is counted in one goes through `counted`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from support.house import modules

NOUNS = re.compile(r" (?:\w+ )?[a-z]+s\b")
NOT_NOUNS = re.compile(r" (?:are|as|is|has|was|this)\b")
DUMPS = {"mmscn.lower.ir"}
"""What only we read."""
DIGITS = {"len(significant)", "len(text)"}
"""How many digits a number has that is too large: more than one."""


def uncounted(text: str) -> Iterator[str]:
    """The formatted strings of a module that have a length before a plural."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.JoinedStr):
            continue
        for value, behind in zip(node.values, node.values[1:], strict=False):
            if not isinstance(value, ast.FormattedValue) or not isinstance(behind, ast.Constant):
                continue
            said = str(behind.value)
            number = ast.unparse(value.value)
            length = re.search(r"\blen\(", number) and "counted" not in number
            if length and number not in DIGITS and NOUNS.match(said) and not NOT_NOUNS.match(said):
                yield f"{number}{said}"


def test_a_length_before_a_plural_is_counted() -> None:
    found = [
        f"{name}: {wrong}"
        for name, path in modules()
        if name.startswith("mmscn.") and ".runtime." not in name and name not in DUMPS
        if "{len(" in (text := path.read_text())
        for wrong in uncounted(text)
    ]
    assert found == ["mmscn.check.expressions: len(indices) indices are too many"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('f"{len(a)} arguments"', ["len(a) arguments"]),
        ('f"the list has {len(a) - 1} more members"', ["len(a) - 1 more members"]),
        ('f"{len(a)} has no index"', []),
        ('f"{counted(len(a), \'argument\')} of them"', []),
    ],
)
def test_the_walk_finds_them(text: str, wrong: list[str]) -> None:
    assert list(uncounted(text)) == wrong
