"""A built-in rule that is broken is broken by something, and that is said."""

from __future__ import annotations

import pytest

from mmscn.judge.api import loads
from mmscn.show import table
from mmscn.show.counterexamples import picture
from mmscn.show.trace_json import trace_json

HEAD = """scenario ruled
machine x86 { cpus 2; frames 2 }
map A -> frame 0
spinlock s
mutex m
rwsem r
each frame { var count: 1..7; var dirty: bool; mutex lk }
struct pair { left: 0..3, right: bool }
enum colour { red, green }
var both: pair
var slot: frame
var n: 0..7
var a[0..3]: 0..3
var shade: colour
init { for f in frame { f.count = 7 } }
"""
RANGES = {
    # a statement, and what is wrong with it
    "n = 7; n += 2": "n: 7 + 2 is above 0..7 (<text>:12)",
    "n -= 1": "n: 0 - 1 is below 0..7 (<text>:12)",
    "let p = frame 1; p.count += 1": "p1 count: 7 + 1 is above 1..7 (<text>:7)",
    "both.left = 3; both.left += 1": "both.left: 3 + 1 is above 0..3 (<text>:10)",
    "atomic { n = 7; if both.right { n = 1 } else { n += 1 } }": (
        "n: 7 + 1 is above 0..7 (<text>:12)"
    ),
    "n = 3; a[n] = 3; a[n] += 1": "a[3]: 3 + 1 is above 0..3 (<text>:13)",
    "n = 5; a[n] = 1": "there is no a[5]",
    "if a[n] == 0 { n = 4 }; if a[n] == 0 { n = 1 }": "there is no a[4]",
    "let p = slot; p.count = 1": "`none` has no count",
    "let p = slot; await p.dirty": "`none` has no dirty",
    "n = slot.number": "an attribute of `none` is asked for",
    "var k: 0..3 = 3\nk += n + 1": "k: 3 + 1 is above 0..3",
    "let p = slot; choose { await n == 1 } or { p.count = 1 }": "`none` has no count",
}
LOCKS = {
    "lock s { lock m { } }": "t holds the spinlock s where it may sleep",
    "unlock m": "t releases m, which nobody holds",
    "let p = frame 1; unlock p.lk": "t releases p1 lk, which nobody holds",
    "lock m; lock s": "t has ended and holds s and m",
    "lock r for read": "t has ended and holds r",
    "unlock r": "t releases r, which nobody holds",
    "await m.held; unlock m": "t releases m, which u holds",
}
STORED = {
    # a store whose value waits in the store buffer first, and is out of range there
    "n -= 1; let seen = slot": "n: -1 is below 0..7 (<text>:13)",
    "n = 2; a[n] = n + 2; let seen = slot": "a: 4 is above 0..3 (<text>:14)",
}
OTHER = {"await m.held; unlock m": "lock m { n = 1 }"}
CASES = [
    *((body, "in_range", why) for body, why in RANGES.items()),
    *((body, "lock_rules", why) for body, why in LOCKS.items()),
]


@pytest.mark.parametrize("executor", ["native", "python"])
@pytest.mark.parametrize(("body", "rule", "why"), CASES)
def test_what_breaks_a_rule_is_said(body: str, rule: str, why: str, executor: str) -> None:
    other = f"thread u on cpu 1 {{ {OTHER[body]} }}\n" if body in OTHER else ""
    text = f"{HEAD}concurrent {{\nthread t on cpu 0 {{ {body} }}\n{other}}}\nfinally n < 8\n"
    report = loads(text).check(executor=executor)
    (run,) = report.runs
    example = run.counterexample(rule)
    assert example is not None
    assert example.why == why
    assert why in " ".join(table.text(report).split())
    found = run.property(rule)
    assert why in " ".join(picture(report, run, found, example).split())
    assert why in picture(report, run, found, example, steps=True)
    assert trace_json(example.compiled, example.trace)["why"] == why


def test_of_several_runs_the_first_that_breaks_a_rule_is_named() -> None:
    body = "var m: 0..3\ninit { m = by }\nthread t on cpu 0 { n = m }\nfinally n == 1\n"
    text = f"scenario two\nparam by = 1..3\nvar n: 0..1\n{body}"
    shown = table.text(loads(text).check())
    assert "in_range  by=2: n: 2 is above 0..1" in shown


def test_other_violations_have_no_such_reason() -> None:
    text = "scenario one\nvar n: 0..1\nthread t on cpu 0 { n = 1 }\nalways n == 0\n"
    (run,) = loads(text).check().runs
    example = run.counterexample("n == 0")
    assert example is not None
    assert example.why is None


@pytest.mark.parametrize(("body", "why"), STORED.items())
def test_what_is_out_of_range_in_a_store_buffer_is_what_is_stored_to(body: str, why: str) -> None:
    text = (
        f"{HEAD}param memory = tso\nconcurrent {{\nthread t on cpu 0 {{ {body} }}\n"
        "thread u on cpu 1 { let b = n; let c = a[2]; slot = frame 1 }\n}\nfinally n < 8\n"
    ).replace("scenario ruled\n", "scenario ruled\nimport hw.memory\n")
    (run,) = loads(text).check().runs
    example = run.counterexample("in_range")
    assert example is not None
    assert example.why == why
