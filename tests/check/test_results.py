"""Several results of a call, and `choose x in list`."""

from __future__ import annotations

import pytest
from support.check.forms import same
from support.check.walked import walked

STATE = """
machine x86 { cpus 2; frames 2 }
enum Colour { RED, GREEN, BLUE }
each frame { var used: 0..3 }
var s: set of cpu
var x: 0..3
var y: 0..3
var c: Colour
var f: frame
var b: bool
mutex l
"""
PROCS = """
proc both() { return x, y }
proc fixed(v) { x = v; return v, true, RED }
proc either() { if b { return x, frame 1 }; y = 1; return 3, f }
proc swapped(p, q) { return q, p }
proc pair() { let p, q = call both(); return q, p }
proc guard() { let got = trylock l; return got, l }
"""
SAME = [
    ("let p, q = both(); x = q; y = p",
     "var p: 0..3 = 0; var q: 0..3 = 0; atomic { p = x; q = y }; x = q; y = p"),
    ("let p, q, r = call fixed(2); if q { y = p; c = r }", "x = 2; y = 2; c = RED"),
    ("let p, q = either(); f = q; x = p",
     "var p: 0..3 = 0; var q: frame = none; if b { atomic { p = x; q = frame 1 } } "
     "else { y = 1; atomic { p = 3; q = f } }; f = q; x = p"),
    ("let p, q = swapped(1, 2); x = p; y = q", "x = 2; y = 1"),
    ("let p, q = pair(); x = p", "let p, r = both(); x = r"),
    ("let _, q = both(); x = q", "let q = y; x = q"),
    ("choose i in 1..2 { x = i; y = i }", "choose { x = 1; y = 1 } or { x = 2; y = 2 }"),
    ("choose h in Colour { c = h }", "choose { c = RED } or { c = GREEN } or { c = BLUE }"),
    ("choose i in 0..1; y = i; x = i", "choose { y = 0; x = 0 } or { y = 1; x = 1 }"),
    ("choose p in frame; p.used = 1; f = p",
     "choose { frame 0.used = 1; f = frame 0 } or { frame 1.used = 1; f = frame 1 }"),
    ("choose i in 1..2 { await x == i; y = 3 }",
     "choose { await x == 1; y = 3 } or { await x == 2; y = 3 }"),
    ("atomic { choose i in 1..2; await x != i; y = i }",
     "choose { atomic { await x != 1; y = 1 } } or { atomic { await x != 2; y = 2 } }"),
    ("choose d in cpu { s[d] = true; choose e in cpu { s[e] = true } }",
     "choose { s[cpu 0] = true; choose { s[cpu 0] = true } or { s[cpu 1] = true } } "
     "or { s[cpu 1] = true; choose { s[cpu 0] = true } or { s[cpu 1] = true } }"),
    ("repeat 2 { choose j in 1..2 { if j == 1 { break }; x = j } }; y = 3",
     "choose { y = 3 } or { x = 2; choose { y = 3 } or { x = 2; y = 3 } }"),
    ("f = frame 1; choose p in f { p.used = 2 }",
     "f = frame 1; choose { await f == frame 0; frame 0.used = 2 } or "
     "{ await f == frame 1; frame 1.used = 2 }"),
]  # fmt: skip
OTHER = """
thread t on cpu 0 { BODY }
thread u on cpu 1 { x = 1; b = true; y = 2 }
finally "sum" x + y <= 3
finally "frames" all p in frame: p.used <= 1
reachable "colour" c == BLUE
"""
CELLS = "x", "y", "c", "f", "b"


def text_of(body: str) -> str:
    wanted = {n for n in ("both", "fixed", "either", "swapped", "pair", "guard") if f"{n}(" in body}
    wanted |= {"both"} if "pair" in wanted else set()
    procs = [p for p in PROCS.splitlines() if p[5:].split("(")[0] in wanted]
    return STATE + "\n".join(procs) + OTHER.replace("BODY", body)


@pytest.mark.parametrize(("one", "two"), SAME)
def test_it_says_what_longer_text_says(one: str, two: str) -> None:
    left, right = same(text_of(one), text_of(two), *CELLS)
    assert left.finals == right.finals
    assert left.verdicts == right.verdicts


def test_a_lock_may_be_one_of_the_results() -> None:
    body = "let got, m = guard(); if got { x = 3; unlock m }"
    found = walked(text_of(body), "x")
    assert found.broken() == {"sum"} or found.broken() == {"sum", "colour"}
    assert {(1,), (3,)} <= found.finals


def test_what_several_results_are_is_seen_in_one_step() -> None:
    found = walked("""
        var x: 0..1
        var y: 0..1
        proc both() { return x, y }
        thread t { let p, q = both(); assert p == q "together" }
        thread u { atomic { x = 1; y = 1 } }
    """)
    assert found.broken() == set()


def test_none_is_chosen_of_no_element() -> None:
    found = walked("""
        machine x86 { cpus 2; frames 2 }
        var f: frame
        thread t { choose p in f { } }
    """)
    assert found.broken() == {"no_deadlock"}
