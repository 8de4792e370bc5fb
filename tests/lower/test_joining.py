"""Ways that are joined where they are too many: the same verdicts, with fewer rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.agreement.agreement import programs_of
from support.lower.built import ir_of, rules_of
from support.strategies import scenario_text

from mmscn.check.core import Checked
from mmscn.diagnostics import Rejected
from mmscn.draw.step_list import list_steps
from mmscn.judge.api import loads
from mmscn.lower import ways
from mmscn.lower.compile import compile
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.result import Result, Verdict
from mmscn.source import Source

MANY = """scenario many
var f[0..19]: bool
var x[0..19]: 0..2
var sum: 0..20
thread a on cpu 0 { atomic { for i in 0..19 { if f[i] { x[i] = 1 } else { x[i] = 2 } } } }
thread b on cpu 1 { f[3] = true; f[7] = true }
always "one or two" x[3] == 0 or x[3] == 1 or x[3] == 2
always "never one" x[3] != 1
reachable "both are seen" x[3] == 1 and x[7] == 1 and x[0] == 2
reachable "one of them" x[3] == 1 and x[7] == 2
"""

TEXTS = {
    "nested": """var f: bool; var g: bool; var x: 0..3; var y: 0..3
thread a { atomic { if f { if g { x = 1 } else { x = 2; y = 1 } } else { y = x } } }
thread b { f = true; x = 3; g = true }
reachable x == 2 and y == 1
always x != 1 or f""",
    "left in the middle": """var f: bool; var g: bool; var x: 0..3
thread a { atomic { if f { if g { goto out } ; x = 1 } ; x += 1 } ; x = 0
out:
f = false }
thread b { f = true; g = true }
always x < 3""",
    "an await in a branch": """var f: bool; var g: bool; var x: 0..3
thread a { atomic { if f { await g ; x = 1 } ; if not f { x = 2 } } }
thread b { f = true; g = true }
always x < 3
reachable x == 1""",
    "an assertion in a branch": """var f: bool; var g: bool; var x: 0..3
thread a { atomic { if f { assert not g "no g" ; x = 1 } ; x += 1 } }
thread b { f = true; g = true }
always x < 3""",
    "out of range": """var f: bool; var x: 0..1
thread a { atomic { if f { x = 1 } ; x += 1 } }
thread b { f = true }
always x < 3""",
    "contents": """var f: bool; var v: version; var w: version
thread a { atomic { if f { v = fresh } else { w = v } ; if v == w { f = false } } }
thread b { f = true; v = 1 }
always v != w or not f or f""",
    "an index": """var f: bool; var i: 0..2; var x[0..2]: 0..2
thread a { atomic { if f { i = 1 } ; x[i] = 2 ; if x[1] == 2 { f = false } } }
thread b { f = true; x[1] = 1 }
always x[0] != 1
reachable x[1] == 2""",
    "a loop": """var f: bool; var i: 0..3; var x: 0..3
thread a { atomic { while i != 3 { if f { x = i } ; i += 1 } } }
thread b { f = true; i = 1 }
reachable x == 2""",
}


def searched(checked: Checked) -> tuple[object, ...]:
    compiled = compile(checked)
    reduced = explore(compiled.reduced)
    return outcome(explore(compiled.program)), [(c.verdict, c.covered) for c in reduced.checks]


def outcome(result: Result) -> list[tuple[object, ...]]:
    """Not the states: what decides only between equals is not kept when they are one."""
    return [(c.verdict, c.depth, c.covered) for c in result.checks]


def checked_of(text: str) -> Iterator[Checked]:
    for _, checked in programs_of(Source("text", text)):
        yield checked


ONE_RULE = {
    "values": "for i in 0..19 { x[i] = if f[i] then 1 else 2 }",
    "places": "for i in 0..9 { y[i, p[i]] = 1 }",
    "two variables": "for i in 0..9 { if p[i] == q[i] { x[i] = 1 } }",
    "two that have many values": "for i in 0..9 { if n[i] == m[i] { x[i] = 1 } }",
    "parts of a condition": "for i in 0..9 { if f[i] and p[i] > 1 { x[i] = 1 }"
    " else if p[i] == 0 { x[i] = 2 } }",
    "a loop": "var k: 0..20 = 0\nwhile k < 20 { if f[k] { x[k] = 1 }\nk += 1 }",
}
DECLARED = """var f[0..19]: bool
var x[0..19]: 0..2
var y[0..9, 0..3]: 0..2
var p[0..9]: 0..3
var q[0..9]: 0..3
var n[0..9]: 0..15
var m[0..9]: 0..15
"""


@pytest.mark.parametrize("name", ONE_RULE)
def test_what_decides_apart_from_each_other_is_one_rule(name: str) -> None:
    ir = ir_of(f"{DECLARED}thread t {{ atomic {{ {ONE_RULE[name]} }} }}\n")
    assert len(rules_of(ir, "t")) == 1


def test_what_takes_no_time_is_joined_too() -> None:
    decisions = "\n".join(f"if l{i} {{ g[{i}] = 1 }}" for i in range(20))
    first = "\n".join(f"let l{i} = f[{i}]" for i in range(20))
    body = f"{first}\n{decisions}\nx[0] = 1"
    ir = ir_of(f"{DECLARED}ghost var g[0..19]: 0..2\nthread t {{ {body} }}\n")
    assert len(rules_of(ir, "t")) == 21


def test_a_program_has_many_such_steps() -> None:
    threads = "\n".join(
        f"thread t{k} on cpu 0 {{ atomic {{ x[{k}] = 0\n"
        "for i in 0..19 { if f[i] { x[i] = 1 } else { x[i] = 2 } } } }"
        for k in range(10)
    )
    assert len(ir_of(f"{DECLARED}{threads}\n").rules) == 10


@pytest.mark.parametrize(
    ("at", "met"), [("two(0)", True), ("one(3)", True), ("one(0)", False), ("two(3)", False)]
)
def test_an_operation_of_a_branch_that_was_not_taken_is_not_where_it_breaks(
    at: str, met: bool
) -> None:
    text = f"""scenario many
var f[0..19]: bool
var x[0..19]: 0..2
proc one(i) {{ x[i] = 1 }}
proc two(i) {{ x[i] = 2 }}
thread a on cpu 0 {{
  atomic {{ for i in 0..19 {{ if f[i] {{ call one(i) }} else {{ call two(i) }} }} }}
}}
thread b on cpu 1 {{ f[3] = true }}
always "never one" x[3] != 1
expect violated "never one" at "{at}"
"""
    assert loads(text).check().met is met


def test_one_if_for_each_of_many_is_one_way() -> None:
    (run,) = loads(MANY).check().runs
    verdicts = {p.name: p.verdict for p in run.properties}
    assert verdicts["one or two"] is Verdict.HOLDS
    assert verdicts["never one"] is Verdict.VIOLATED
    assert verdicts["both are seen"] is Verdict.HOLDS
    assert verdicts["one of them"] is Verdict.HOLDS
    assert len(run.case.program.rules) == 3
    example = run.counterexample("never one")
    assert example is not None
    drawn = list_steps(example.compiled, example.trace)
    assert "x[3]: 0 -> 1" in drawn
    assert "x[7]: 0 -> 2" in drawn


@pytest.mark.parametrize("name", TEXTS)
def test_joined_ways_come_to_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "scenario s\n" + TEXTS[name].replace("; ", "\n")
    (checked,) = checked_of(text)
    before = searched(checked)
    monkeypatch.setattr(ways, "WAYS_MAX", 0)
    assert searched(checked) == before


@pytest.mark.parametrize("first", [0, 20, 40, pytest.param(60, marks=pytest.mark.slow)])
def test_joined_ways_of_generated_scenarios_come_to_the_same(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = []
    for seed in range(first, first + 20):
        try:
            programs += [(seed, c, searched(c)) for c in checked_of(scenario_text(seed))]
        except Rejected:
            continue
    monkeypatch.setattr(ways, "WAYS_MAX", 0)
    for seed, checked, before in programs:
        assert (seed, searched(checked)) == (seed, before)
