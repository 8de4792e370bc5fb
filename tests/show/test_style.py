"""Colours: readable on white and on black, and none where they are not wanted."""

from __future__ import annotations

import io

import pytest

from mmscn.show.paint import painted, wants_color
from mmscn.show.style import MmscnStyle
from mmscn.told import STYLE

CUBE = (0, 95, 135, 175, 215, 255)
GRAYS = tuple(8 + 10 * n for n in range(24))


def luminance(color: str) -> float:
    """Of a colour in hexadecimal digits, from 0 to 1. Source: WCAG 2.1, relative luminance."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


COLORS = sorted({style["color"] for _, style in MmscnStyle if style["color"]})


@pytest.mark.parametrize("color", [*COLORS, *sorted(c.lstrip("#") for c in {*STYLE.values()})])
def test_a_color_is_readable_on_white_and_on_black(color: str) -> None:
    own = luminance(color)
    assert (1 + 0.05) / (own + 0.05) >= 4.5
    assert (own + 0.05) / 0.05 >= 4.5


@pytest.mark.parametrize("color", COLORS)
def test_a_color_is_one_that_terminals_have(color: str) -> None:
    parts = [int(color[i : i + 2], 16) for i in (0, 2, 4)]
    assert all(p in CUBE for p in parts) or (len(set(parts)) == 1 and parts[0] in GRAYS)


def test_state_notes_are_gray_and_no_lighter() -> None:
    text = painted("  x = 1\n    [x: 0 -> 1]\n", "always", "trace")
    assert "\x1b[38;5;243m[x: 0 -> 1]" in text


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_who_wants_color(
    environment: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_color(io.StringIO()) is wanted
