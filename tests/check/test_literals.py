"""Struct literals, `with`, and constants."""

from __future__ import annotations

import pytest
from support.check.forms import same

STATE = """
machine x86 { cpus LAST + 1; frames 2 }
const LAST = 1
const TOP = LAST + 2
const BOOT = cpu 0
const KEPT = frame 1
const BOTH = 0..LAST
const FIRST = if P == 1 then RED else GREEN
param P = 1
enum Colour { RED, GREEN }
struct Entry { on: bool; level: 0..TOP; at: frame; seen: version; hue: Colour }
var e: Entry
var o: Entry
var a[0..1]: Entry
var i: 0..1
var n: 0..TOP = TOP
var f: frame
proc made(p, v) { return Entry(at = p, level = v) }
proc turned(x) { n = 0; return x with on = not x.on }
"""
SAME = [
    ("e = Entry(level = 2)", "atomic { e = none; e.level = 2 }"),
    ("e = Entry(level = n, on = true, at = KEPT)",
     "atomic { e = none; e.level = n; e.on = true; e.at = frame 1 }"),
    ("e = e with on = true", "e.on = true"),
    ("e = o with level = n - 1, on = o.level == 0",
     "atomic { let s = o; e = s; e.level = n - 1; e.on = s.level == 0 }"),
    ("a[i] = a[1] with level = 1", "atomic { let s = a[1]; let j = i; a[j] = s; a[j].level = 1 }"),
    ("e = e with seen = fresh", "e.seen = fresh"),
    ("e = (o with on = true) with on = false, level = 1",
     "atomic { let s = o; e = s; e.on = false; e.level = 1 }"),
    ("let x = o with on = true; e = x", "var x: Entry = o; x.on = true; e = x"),
    ("if e == Entry(level = 0) { n = 1 }", "if e == none { n = 1 }"),
    ("if (e with on = true).on { n = 1 }", "n = 1"),
    ("let old = cmpxchg e, none, Entry(on = true); n = if old.on then 0 else 1",
     "atomic { let old = e; if old == none { e.on = true } }; n = 1"),
    ("e = made(KEPT, 2)", "atomic { e = none; e.at = frame 1; e.level = 2 }"),
    ("e = turned(o)", "let x = o; n = 0; var y: Entry = x; y.on = not x.on; e = y"),
    ("e = if n == TOP then Entry(on = true) else o with level = 2",
     "atomic { if n == 3 { e = none; e.on = true } else { e = o; e.level = 2 } }"),
    ("e = Entry(level = 3 - 1 + n)", "e = Entry(level = 2 + n)"),
    ("for j in BOTH { a[j] = a[j] with level = j }", "a[0].level = 0; a[1].level = 1"),
    ("n = LAST; e.hue = FIRST; f = KEPT", "n = 1; e.hue = RED; f = frame 1"),
    ("assert TOP == 3 and BOOT == cpu 0 and FIRST != GREEN 'c'; n = 1", "n = 1"),
]  # fmt: skip
OTHER = """
thread t on cpu BOOT { BODY }
thread u on cpu LAST { o.level = 1; i = 1; o.on = true; n = 2 }
finally "e" e.level <= 2 and (e.on or e.at == KEPT or n == 1)
finally "seen" e.seen == o.seen
always "a" all j in BOTH: a[j].level <= j
"""
CELLS = "n", "e.on", "e.level", "e.at", "o.on", "e.hue"


@pytest.mark.parametrize(("one", "two"), SAME)
def test_a_struct_that_is_written_out_is_put_there_in_one_step(one: str, two: str) -> None:
    names = [name for name in ("made", "turned") if f"{name}(" in one]
    lines = STATE.splitlines()
    lines = [x for x in lines if not x.startswith("proc") or x[5:].split("(")[0] in names]
    text = "\n".join(lines) + OTHER
    left, right = same(*(text.replace("BODY", b).replace("'", '"') for b in (one, two)), *CELLS)
    assert left.finals == right.finals
    left.verdicts.pop("c", None)
    assert left.verdicts == right.verdicts
