"""Diagnostics as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mmscn.diagnostics import Diagnostic, Label
from mmscn.show.messages import message, messages
from mmscn.source import Source, Span

TEXT = (
    "scenario s\n"
    "\tif zapp == rc2 {\n"
    'source "\u65e5\u672c" zapp \x1b[31m\x00\n' + "y" * 300 + " zapp " + "w" * 300 + "\n"
    "last zapp"
)


def diagnostic(which: int, **more: Any) -> Diagnostic:
    source = Source("race.mmscn", TEXT)
    at = -1
    for _ in range(which):
        at = TEXT.index("zapp", at + 1)
    span = Span(source, at, at + 4)
    return Diagnostic(code="MM207", message="nothing is named `zapp`", span=span, **more)


def test_messages(golden: Callable[[str, str], None]) -> None:
    source = Source("race.mmscn", TEXT)
    other = Source("linux.zap", "module linux.zap\nproc zap() { }\n")
    label = Label(span=Span(source, 0, 8), text="begins here")
    far = Label(span=Span(other, 17, 27), text="declared here")
    whole = Diagnostic(code="MM201", message="of the whole text", span=Span(source, 0, 0))
    long = Diagnostic(code="MM104", message="of a long part", span=Span(source, 60, 600))
    golden(
        "show/messages.txt",
        messages(
            [
                diagnostic(1, hint="did you mean `zap`?"),
                diagnostic(2, labels=(label, far)),
                diagnostic(3),
                diagnostic(4),
                whole,
                long,
            ]
        ),
    )


def test_nothing_in_a_message_moves_the_cursor() -> None:
    assert "\x1b" not in message(diagnostic(2))
    assert "\x00" not in message(diagnostic(2))


def test_a_line_of_a_message_is_never_long() -> None:
    assert max(map(len, message(diagnostic(3)).splitlines())) < 120


def test_the_caret_stands_under_the_word() -> None:
    lines = message(diagnostic(1)).splitlines()
    assert lines[4].index("^") == lines[3].index("zapp")
