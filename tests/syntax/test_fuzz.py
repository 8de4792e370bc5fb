"""Texts that are almost scenarios: each is checked or rejected, and nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mmscn.diagnostics import Rejected
from mmscn.judge.api import loads
from mmscn.judge.shipped import decoded, shipped
from mmscn.show.messages import messages
from mmscn.source import Source
from mmscn.syntax.lr_parse import parse_plain
from mmscn.syntax.parse import parse
from mmscn.syntax.tree_bytes import dump

TEXTS = [s.file.read_text("utf-8") for s in shipped() if len(s.file.read_bytes()) < 6_000]
PIECES = [
    "{", "}", "(", ")", "[", "]", '"', "\n", ";", "/*", "*/", "//", "=", "==", ":", ".", "..", "|",
    "->", "+=", " ", "\t", "\0", "\x1b", "\u00e9", "\u65e5", "0", "99999999999999999999", "not ",
    "if ", "else ", "thread ", "all ", "when ", "expect ", "none", "proc f() ", "call ", "atomic {",
    "a.b", "fresh", "cpu ", "version", "import ", "param p = a | b\n",
]  # fmt: skip
FUZZ = settings(
    max_examples=60,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@st.composite
def almost(draw: st.DrawFn) -> str:
    """A shipped text with a few pieces cut out, moved, doubled or put in."""
    text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 60)))
        match draw(st.sampled_from(["cut", "end", "double", "insert", "replace"])):
            case "cut":
                text = text[:at] + text[end:]
            case "end":
                text = text[:at]
            case "double":
                text = text[:end] + text[at:]
            case "insert":
                text = text[:at] + draw(st.sampled_from(PIECES)) + text[at:]
            case _:
                text = text[:at] + draw(st.sampled_from(PIECES)) + text[end:]
    return text


def taken(text: str) -> None:
    """Check a text as `mmscn check` does; what is wrong with it must be told in full."""
    try:
        scenario = loads(text)
        for values in scenario.combinations()[:2]:
            scenario.checked(values)
    except Rejected as problem:
        found = problem.diagnostics
    else:
        return
    told = messages(found)
    assert found
    assert all(d.code in told for d in found)


@FUZZ
@given(almost())
def test_almost_scenarios(text: str) -> None:
    taken(text)


@FUZZ
@given(almost())
def test_what_is_read_without_lark_is_read_alike(text: str) -> None:
    plain = parse_plain(Source("f", text))
    tree, found = parse(Source("f", text))
    assert (plain is None) is any(d.code != "MM107" for d in found)
    if plain is not None:
        assert (dump(plain[0]), plain[1]) == (dump(tree), found)


@FUZZ
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    tree, found = parse(Source("f", text))
    messages(found)
    assert found or tree.span.end == len(text)


@FUZZ
@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_pieces(pieces: list[str]) -> None:
    _, found = parse(Source("f", "scenario s\n" + "".join(pieces)))
    messages(found)


@FUZZ
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    try:
        _, found = parse(decoded(Source("f", ""), data))
    except Rejected as problem:
        found = problem.diagnostics
    messages(found)


@pytest.mark.parametrize("text", TEXTS[:12], ids=range(min(12, len(TEXTS))))
def test_every_beginning_of_a_text(text: str) -> None:
    for end in range(0, len(text), max(1, len(text) // 12)):
        messages(parse(Source("f", text[:end]))[1])
