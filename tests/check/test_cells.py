"""A parameter may be a cell: what the procedure reads and writes is the caller's."""

from __future__ import annotations

import pytest
from support.agreement.seeds import EVERYTHING, NOTHING
from support.agreement.walked_agreement import Asked, disagreements
from support.check.walked import HOLDS, walked

STATE = """
machine x86 { cpus 2; frames 2 }
struct Flags { dirty: bool; young: bool; n: 0..3 }
each frame { var flags: Flags; mutex guard }
var a[0..1]: 0..3
var m[cpu, 0..1]: bool
var s: set of cpu
var w: version
var i: 0..3
var f: frame = frame 0
var x: 0..3
var b: bool
ghost var g: 0..3
"""
PROCS = """
proc set_bit(var c) { let old = xchg c, true; return old }
proc twice(var c) { c += 1; c += 1 }
proc move(var from, var to) { to = from; from = 0 }
proc clean(var flags) { flags.dirty = false; flags.n += 1 }
proc fill(var members) { members[cpu 1] = true }
proc is_set(var c) { return c }
proc through(var c) { call twice(c) }
proc later(var c) { i = 1; f = frame 1; c = 2 }
proc renew(var c) { let old = c; c = fresh; return old }
proc try(var l) { let got = trylock l; if got { unlock l }; return got }
proc keep(v) { x = 3; return v }
proc either(var c) when P == 0 { c = 1 }
proc either(var c) when P == 1 { c = 2 }
"""
SAME = [
    # a variable, an entry, a member, a struct, a set, a member of an element that the state knows
    ("let o = set_bit(b)", "let o = xchg b, true"),
    ("call twice(a[1])", "a[1] += 1; a[1] += 1"),
    ("let o = set_bit(m[cpu 1, 0])", "let o = xchg m[cpu 1, 0], true"),
    ("call twice(frame 1.flags.n)", "frame 1.flags.n += 1; frame 1.flags.n += 1"),
    ("call clean(frame 1.flags)", "frame 1.flags.dirty = false; frame 1.flags.n += 1"),
    ("call fill(s)", "s[cpu 1] = true"),
    ("call through(x)", "x += 1; x += 1"),
    ("let o = renew(w)", "let o = w; w = fresh"),
    ("call twice(g)", "g += 1; g += 1"),
    # the index is looked at once, in front of the call
    ("call twice(a[i])", "let j = i; a[j] += 1; a[j] += 1"),
    ("call later(a[i])", "let j = i; i = 1; f = frame 1; a[j] = 2"),
    ("call later(f.flags.n)", "let p = f; i = 1; f = frame 1; p.flags.n = 2"),
    ("call clean(f.flags)", "let p = f; p.flags.dirty = false; p.flags.n += 1"),
    ("call later(a[i - 1 + 1])", "let j = i - 1 + 1; i = 1; f = frame 1; a[j] = 2"),
    # two parameters may be one cell; an argument of the plain sort is a copy
    ("call move(x, x)", "x = x; x = 0"),
    ("call move(a[0], x)", "x = a[0]; a[0] = 0"),
    ("let o = keep(x)", "let o = x; x = 3"),
    # a local that changes, in a condition, a lock, a variant
    ("var y: 0..3 = 1; call twice(y); x = y", "x = 3"),
    ("if is_set(b) { x = 1 }", "if b { x = 1 }"),
    ("if set_bit(b) { x = 1 }", "let o = xchg b, true; if o { x = 1 }"),
    ("let o = try(f.guard)", "let p = f; let o = trylock p.guard; if o { unlock p.guard }"),
    ("call either(x)", "x = 1"),
]
CELLS = "x", "b", "a[0]"
OTHER = """
thread t on cpu 0 { BODY }
thread u on cpu 1 { f = frame 1; i = 1; x = 1; b = true }
always "in reach" x <= 3 and not (b and x == 3 and g == 1)
finally "a" a[0] + a[1] + x <= 3 and (g == 0 or g == 2)
finally "flags" all p in frame: not p.flags.dirty and p.flags.n <= 1
"""


def text_of(body: str, extra: str = OTHER) -> str:
    names = {line.partition("(")[0].removeprefix("proc ") for line in PROCS.splitlines() if line}
    wanted = {name for name in names if f"{name}(" in body}
    wanted |= {"twice"} if "through" in wanted else set()
    lines = PROCS.splitlines()
    found = [line for line in lines if line.partition("(")[0].removeprefix("proc ") in wanted]
    params = "param P = 0 | 1\n" if "either" in wanted else ""
    return params + STATE + "\n".join(found) + "\n" + extra.replace("BODY", body)


@pytest.mark.parametrize(("one", "two"), SAME)
def test_a_cell_is_read_and_written_as_if_it_stood_there(one: str, two: str) -> None:
    left, right = (walked(text_of(body), "x", "b", "g") for body in (one, two))
    assert left.finals == right.finals
    assert left.verdicts == right.verdicts
    if not one.startswith("var"):
        assert (left.states, left.transitions) == (right.states, right.transitions)


@pytest.mark.parametrize("one", [one for one, _ in SAME])
def test_the_walker_of_the_text_says_the_same(one: str) -> None:
    asked = Asked(20_000, (NOTHING, EVERYTHING))
    assert list(disagreements("scenario s\n" + text_of(one), asked)) == []


@pytest.mark.parametrize(
    "body", ["call twice(a[i])", "i = 2; call twice(a[i])", "f = none; call clean(f.flags)"]
)
def test_a_cell_that_there_is_not_is_met_where_it_is_used(body: str) -> None:
    missing = "in_range" if "=" in body else None
    text = text_of(body, "thread t on cpu 0 { BODY }")
    assert walked(text).broken() == ({missing} if missing else set())


def test_nothing_is_missed_where_the_procedure_does_not_use_the_cell() -> None:
    found = walked(text_of("f = none; call never(f.flags.n)", """
        proc never(var c) { if b { c = 1 } }
        thread t on cpu 0 { BODY }
        finally "went on" f == none
    """))  # fmt: skip
    assert found.verdicts["went on"] is HOLDS
    assert found.broken() == set()
