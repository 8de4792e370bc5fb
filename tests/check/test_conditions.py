"""Conditions: what the text knows decides before the run, what names state is looked at."""

from __future__ import annotations

import pytest
from support.check.walked import walked

ELEMENTS = """
machine x86 { cpus 2; frames 2 }
file data on ext4 { pages 2 }
mm racer { map buf = data[0..1] shared rw }
each frame { var n: 0..2 }
var f: frame
var p: filepage
var a[0..1]: 0..2
var i: 0..3 = 3
var x: 0..2
var done: bool
"""

WITHOUT_VALUE = [
    "f.n >= 0",
    "f.n <= 2",
    "f.n < 0",
    "f.n == 7",
    "f.n in [7, 8]",
    "f.n != 7",
    "f.number >= 0",
    "p.file == data",
    "p.file.number == 0",
    "p.file.fs == ext4",
    "a[i] >= 0",
    "a[i + 1] >= 0",
    "f.n >= 0 or true",
    "f.n >= 0 and false",
    "f.n >= 0 implies true",
    "not (f.n >= 0 and false)",
    "x == 0 and f.n >= 0",
    "x == 0 implies a[i] >= 0",
    "(if f.n >= 0 then 1 else 1) == 1",
    "(if a[i] >= 0 then done else done)",
    "all c in cpu: f.n >= 0",
    "any c in cpu: f.n >= 0",
    "(count c in cpu: f.n >= 0) >= 0",
    "all v in p.vas: true",
    "any v in p.vas: false",
    "(count v in p.vas: true) <= 2",
]
"""Each looks at an attribute of `none`, or out of an array; types would decide most of them."""

STATEMENTS = ["assert C 'c'", "if C { done = true }", "while C { done = true; await false }",
              "await C", "atomic { if C { } }", "choose { await C } or { await false }",
              "x = if C then 1 else 1"]  # fmt: skip


@pytest.mark.parametrize("condition", WITHOUT_VALUE)
def test_types_hide_no_model_error(condition: str) -> None:
    found = walked(f"{ELEMENTS}thread t {{ assert {condition} \"c\" }}")
    assert "in_range" in found.broken()


@pytest.mark.parametrize("condition", ["f.n >= 0", "p.file == data", "a[i] >= 0"])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_types_hide_no_model_error_of_a_statement(statement: str, condition: str) -> None:
    body = statement.replace("C", condition).replace("'", '"')
    found = walked(f"{ELEMENTS}thread t {{ {body} }}")
    assert "in_range" in found.broken()


@pytest.mark.parametrize("condition", WITHOUT_VALUE)
def test_a_check_without_a_value_does_not_hold(condition: str) -> None:
    found = walked(f'{ELEMENTS}thread t {{ x = 1; x = 0 }}\nalways "c" {condition}')
    assert found.broken() == {"c"}


@pytest.mark.parametrize("list_", ["p.vas", "p.file.pages"])
def test_a_list_of_none_is_a_model_error(list_: str) -> None:
    found = walked(f"{ELEMENTS}thread t {{ for v in {list_} {{ x = 1 }} }}")
    assert found.broken() == {"in_range"}


def test_none_itself_is_an_empty_list() -> None:
    found = walked(f"{ELEMENTS}thread t {{ for g in f {{ x = 1 }} }}\nfinally \"c\" x == 0")
    assert found.broken() == set()


@pytest.mark.parametrize(
    "condition",
    ["f != none and f.n >= 0", "f == none or a[i - 2] >= 0", "f != none implies p.file == data"],
)
def test_a_left_side_that_decides_keeps_the_right_one_from_being_looked_at(condition: str) -> None:
    found = walked(f"{ELEMENTS}thread t {{ if {condition} {{ x = 1 }} }}")
    assert found.broken() == set()


@pytest.mark.parametrize("known", ["false and C", "which == on and C", "not (true or C)"])
def test_what_the_text_knows_switches_the_rest_off(known: str) -> None:
    text = f"param which = off\nenum Word {{ on }}\n{ELEMENTS}"
    found = walked(f"{text}thread t {{ if {known.replace('C', 'f.n >= 0')} {{ x = 1 }} }}")
    assert found.broken() == set()
    assert found.states == 1


@pytest.mark.parametrize(
    "condition", ["x >= 0", "x < 3", "x == x", "x >= 0 and x < 2", "x != 7", "x in [0, 1, 2]"]
)
def test_a_condition_on_state_is_a_step_whatever_its_types(condition: str) -> None:
    found = walked(f"""
        var x: 0..2
        var go: bool
        var done: bool
        thread t {{ choose {{ if {condition} {{ await go }} }} or {{ done = true }} }}
    """)
    assert found.broken() == {"no_deadlock"}
    assert found.states == 3


@pytest.mark.parametrize("statement", ["if x >= 0 { }", "assert x <= 2 'c'", "while x > 2 { }"])
def test_it_takes_one_step(statement: str) -> None:
    found = walked(f"var x: 0..2\nthread t {{ {statement} }}".replace("'", '"'))
    assert (found.states, found.transitions) == (2, 1)


def test_a_condition_on_locals_takes_no_time_and_is_decided_all_the_same() -> None:
    found = walked("""
        var x: 0..2
        thread t { let n = x; if n >= 0 { }; assert n <= 2 "c"; x = n }
    """)
    assert found.broken() == set()
    assert found.states == 3


def test_an_agent_that_waits_for_what_never_is_does_nothing() -> None:
    found = walked("""
        var x: 0..2
        agent device { step never when x > 2 { x = 0 } }
        thread t { x = 1 }
    """)
    assert (found.states, found.transitions) == (2, 1)


def test_an_agent_that_looks_at_an_attribute_of_none_is_a_model_error() -> None:
    agent = "agent device { step odd when f.n > 2 { x = 1 } }"
    found = walked(f"{ELEMENTS}{agent}\nthread t {{ x = 2 }}")
    assert found.broken() == {"in_range"}
