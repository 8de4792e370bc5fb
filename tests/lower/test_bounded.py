"""What an `atomic` computes is written out once, however often it computes it; the rest is said."""

from __future__ import annotations

import pytest
from support.agreement.agreement import programs_of
from support.lower.built import ir_of, rules_of

from mmscn.diagnostics import Rejected
from mmscn.lower.decision import weight
from mmscn.lower.rule_builder import build
from mmscn.source import Source

WEIGHT_MAX = 1_000

GROWING = {
    "booleans": "var b: bool; var c: bool\n@atomic { repeat 30 {"
    " b = (b and c) or (c and not b) } }",
    "a cycle of numbers": "var b: 0..3\n@atomic { repeat 40 { b = if b == 3 then 0 else b + 1 } }",
    "two that need each other": "var b: bool; var c: bool; var d: bool\n@atomic { repeat 40 {"
    " b = (b and c) or (c and not b) or d; c = (b or d) and not (c and d); d = b != c } }",
    "choices that come to the same": "var b: bool\n@atomic { repeat 40 {"
    " choose { b = true } or { b = false } } }",
    "choices that do nothing": "var b: bool\n@repeat 40 { choose { } or { } }\nb = true",
    "ifs that come to the same": "var b: bool; var c: bool\n@atomic { repeat 40 {"
    " if c { b = true } else { b = false } } }",
    "arithmetic": "var b: 0..7; var c: 0..7\n@atomic { repeat 40 {"
    " b = if b + c > 7 then b + c - 8 else b + c } }",
    "versions": "var v: version; var w: version; var b: bool\n@atomic { repeat 40 {"
    " v = if b then w else v; w = if b then v else w } }",
    "a ghost": "ghost var n: 0..7; var b: 0..7\n@atomic { repeat 40 { n = n + b } }",
    "a long body": "var b: 0..3\n@atomic { repeat 60 { repeat 40 {"
    " b = if b == 3 then 0 else b } } }",
}


@pytest.mark.parametrize("name", GROWING)
def test_what_is_computed_again_and_again_stays_small(name: str) -> None:
    ir = ir_of(thread_of(GROWING[name]))
    assert 0 < len(rules_of(ir, "t")) <= 256
    for rule in ir.rules:
        for term in (*rule.assigns.values(), *rule.literals):
            assert weight(term, WEIGHT_MAX) < WEIGHT_MAX


ENDLESS = {
    "goto": "var b: bool\n@atomic { again:\nb = b or b or b; goto again }",
    "while": "var b: bool; var n: 0..2\n@atomic { while n < 2 { b = b or b } }",
    "a local that grows and begins again": "var b: bool\n@atomic { var i: 0..3 = 0;"
    " while true { i = if i == 3 then 0 else i + 1 } }",
    "a choose": "var b: bool\n@atomic { again:\n"
    "choose { b = not b } or { b = false }; goto again }",
    "outside of atomic": "var b: bool\n@while true { }",
    "choices of nothing": "var b: bool\n@again:\nchoose { } or { }; goto again",
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_loop_that_never_ends_is_rejected(name: str) -> None:
    with pytest.raises(Rejected) as caught:
        ir_of(thread_of(ENDLESS[name]))
    assert [d.code for d in caught.value.diagnostics] == ["MM408"]


MANY = {
    "choices and locals": "var b: bool; var c: bool\n@atomic { repeat 30 {"
    " choose { let x = b; c = x } or { let y = c; b = y } } }",
    "a choice for each of many": "var x[0..40]: bool\n@atomic { for i in 0..40 {"
    " choose { x[i] = false } or { x[i] = true } } }",
    "indices": "var x[0..15]: 0..15\n@atomic { repeat 20 { x[x[x[0]]] = x[x[x[1]]] } }",
    "a condition": "var x[0..40]: bool; var y[0..40]: bool\n"
    "@await all i in 0..40: x[i] == y[i]",
    "a property": "var x[0..40]: bool; var y[0..40]: bool\nfinally all i in 0..40: "
    "(x[i] and y[i]) or (not x[i] and not y[i])\nreachable all i in 0..40: "
    "(x[i] and y[i]) or (not x[i] and not y[i])\n@x[0] = true",
}


@pytest.mark.parametrize("name", MANY)
def test_ways_that_are_too_many_are_rejected(name: str) -> None:
    with pytest.raises(Rejected) as caught:
        ir_of(thread_of(MANY[name]))
    assert [d.code for d in caught.value.diagnostics] in (["MM504"], ["MM505"])


def test_the_code_that_is_too_many_ways_is_named_where_it_stands() -> None:
    text = thread_of(MANY["a choice for each of many"])
    (_, checked), *_ = programs_of(Source("text", "scenario s\n" + text))
    with pytest.raises(Rejected) as caught:
        build(checked)
    assert "atomic" in caught.value.diagnostics[0].span.text


def thread_of(text: str) -> str:
    """State, and behind an @ the body of a thread."""
    state, body = text.split("@")
    return "\n".join(state.split("; ")) + f"\nthread t {{ {body} }}\n"
