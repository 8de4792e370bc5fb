"""East Asian characters take two columns; a drawing and its heading stay within theirs."""

from __future__ import annotations

import pytest

from mmscn.judge.api import loads
from mmscn.plain_text import width
from mmscn.show.counterexamples import drawn, picture

WIDE = "検査漢字仮名"


@pytest.mark.parametrize("columns", [40, 72, 100])
@pytest.mark.parametrize("length", [1, 3, 9])
@pytest.mark.parametrize(
    "asked",
    [
        'thread t on cpu 0 {{ n = 1; let seen = n; assert seen == 0 "{text}" }}',
        'thread t on cpu 0 {{ n = 1; n = 0; BUG "{text}" }}',
        'thread t on cpu 0 {{ n = 1 }}\nalways "{text}" n == 0',
        'thread t on cpu 0 {{ n = 1 }}\nfinally "{text}" n == 0',
        'thread t on cpu 0 {{ n = 1 }}\nreachable "{text}" n == 1',
    ],
)
def test_no_line_is_wider_than_the_drawing(asked: str, length: int, columns: int) -> None:
    name = " ".join([WIDE] * length)
    text = f"scenario wide\nvar n: 0..1\n{asked.format(text=name)}\n"
    report = loads(text).check()
    (shown,) = (picture(report, *one, width=columns) for one in drawn(report))
    heading, _, drawing = shown.partition("\n")
    assert WIDE in heading
    lines = drawing.splitlines()
    assert max(map(width, lines)) <= columns
    assert max(map(width, lines)) > columns - 10 or length == 1
