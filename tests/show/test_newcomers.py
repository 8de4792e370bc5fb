"""What people write who are new to the language, and what they are told.

The texts are in newcomers.txt, the messages in the golden file.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from mmscn.diagnostics import Diagnostic, Rejected, hint_of
from mmscn.judge.shipped import finder
from mmscn.judge.targets import scenario_of
from mmscn.show.messages import messages
from mmscn.source import Source
from mmscn.syntax import slips

FILE = Path(__file__).with_name("newcomers.txt")
TEXTS = {
    part[0]: part[1]
    for part in re.findall(r"^=== (.*)\n((?:(?!=== ).*\n)*)", FILE.read_text("utf-8"), re.MULTILINE)
}
STATE = "var n: 0..3\nvar p: frame\nmutex l\n"
"""What a text has that declares nothing: it begins with `...`."""


def text_of(name: str) -> str:
    text = TEXTS[name]
    return "scenario s\n" + (STATE + text[4:] if text.startswith("...\n") else text)


@cache
def told(name: str) -> tuple[Diagnostic, ...]:
    """The errors of a text, in all combinations of its params."""
    try:
        scenario = scenario_of(Source("s.mmscn", text_of(name)), finder(None), None)
        for values in scenario.combinations({}):
            scenario.case(values, True)()
    except Rejected as rejected:
        return rejected.diagnostics
    return ()


def test_what_newcomers_are_told(golden: Callable[[str, str], None]) -> None:
    parts = [f"=== {name}\n{text_of(name)}\n{messages(told(name))}" for name in TEXTS]
    golden("show/newcomers.txt", "\n".join(parts))


ACCEPTED = [name for name in TEXTS if name.startswith("fine: ")]


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_no_mistake(name: str) -> None:
    assert told(name) == ()


@pytest.mark.parametrize("name", [n for n in TEXTS if n not in ACCEPTED])
def test_a_message_points_into_the_own_text_and_says_what_to_do(name: str) -> None:
    found = told(name)
    assert found
    for d in found:
        assert d.span.source.name == "s.mmscn", d
        assert d.span.end > d.span.start, d
        assert hint_of(d), d


def test_each_hint_of_the_tables_is_given_to_somebody() -> None:
    tables = (slips.ANYWHERE, slips.OUTSIDE, slips.MEMBERS, slips.INSIDE, slips.SIGNS)
    hints = {hint for table in tables for _, hint in table} | set(slips.CALLS.values())
    given = {d.hint for name in TEXTS for d in told(name)}
    assert sorted(hints - given) == []
