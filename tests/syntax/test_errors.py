"""What is said about the slips that people make, and how parsing goes on behind them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mmscn.show.messages import messages
from mmscn.source import Source
from mmscn.syntax.parse import parse

SLIPS = {
    "from C": [
        "thread a { foo(x) }",
        "thread a { x++ }",
        "thread a { if x && y { x = 1 } }",
        "thread a { if x || y { } }",
        "thread a { if !x { } }",
        "thread a { if x = 1 { y = 2 } }",
        "thread a {\n  x == 1\n}",
        "thread a { x = y = 1 }",
        "thread a { x = y ? 1 : 2 }",
        "thread a { x = 'c' }",
        "thread a { x = y * 2 }",
        "thread a { x = 3.5 }",
        "var x: 0..0x10",
        "# a comment",
        "if x { }",
        "assert x",
    ],
    "left out": [
        "machine { cpus 2 }",
        "file data { page 0 = 0 }",
        "thread a { lock }",
        "thread a { var x: 0..3 }",
        "thread a { load A }",
        "thread a { xchg x, 1 }",
        "thread a { for i in 0..3 x = 1 }",
        "expect violated",
        "check foo when",
        "var x",
        "thread a { x = 1",
        'thread a { let x = "abc\n }',
        "/* abc",
        "thread a { call f(x }",
        "thread a { x = (1 + 2\n}",
    ],
    "misspelt": [
        "Scenario x",
        "parm order = a | b",
        "thread a onn cpu 0 { }",
        "thread a on cpu0 { }",
        "expect holds whenever x",
        "tread a { x = 1 }",
        "thread a { awiat x }",
    ],
    "in excess": [
        "param a = x, y",
        "check a b",
        "thread a { }\n}",
        "thread a, b { }",
        "struct a { x: bool y: bool }",
        "enum e { a | b }",
        "thread a { x = 1 } thread b { }",
        "thread a { again: goto again }",
        "import a/b",
    ],
}


@pytest.mark.parametrize("kind", SLIPS)
def test_slips(kind: str, golden: Callable[[str, str], None]) -> None:
    texts = []
    for slip in SLIPS[kind]:
        _, found = parse(Source("s.mmscn", f"scenario s\n{slip}\n"))
        texts.append(messages(found))
    golden(f"syntax/{kind.replace(' ', '_')}.txt", "\n".join(texts))


@pytest.mark.parametrize("slip", [s for kind in SLIPS.values() for s in kind])
def test_one_slip_is_one_error(slip: str) -> None:
    _, found = parse(Source("s.mmscn", f"scenario s\n{slip}\n"))
    assert len(found) == 1


CLOSED = [s for kind in SLIPS.values() for s in kind if "/*" not in s and not s.endswith("x = 1")]


@pytest.mark.parametrize("slip", CLOSED)
def test_a_slip_does_not_hide_the_next_one(slip: str) -> None:
    _, found = parse(Source("s.mmscn", f"scenario s\n{slip}\nvar good: bool\nvar bad bool\n"))
    assert len(found) == 2
    assert found[1].span.text == "bool"


def test_what_is_fine_is_in_the_tree() -> None:
    text = "scenario s\nvar a: bool\nvar b bool\nthread t { a = = true }\nvar c: bool\n"
    tree, found = parse(Source("s.mmscn", text))
    assert [d.code for d in found] == ["MM101", "MM101"]
    assert [type(item).__name__ for item in tree.items] == ["Scenario", "Var", "Thread", "Var"]


def test_errors_are_counted_out() -> None:
    _, found = parse(Source("s.mmscn", "scenario s\n" + "var x bool\n" * 100))
    assert len(found) == 10


def test_a_branch_goes_with_its_head() -> None:
    text = (
        "scenario s\nthread t {\n  if x = 1 {\n    y = 1\n  } else {\n    y = 2\n  }\n  z = 1\n}\n"
    )
    _, found = parse(Source("s.mmscn", text))
    assert len(found) == 1


def test_words_are_not_read_out_of_longer_words() -> None:
    _, found = parse(Source("s.mmscn", "scenario s\nalways x andy\n"))
    assert [d.span.text for d in found] == ["andy"]
