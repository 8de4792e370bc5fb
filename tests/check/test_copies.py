"""A value is a value: what is bound, passed, returned or assigned is what was there then."""

from __future__ import annotations

import pytest
from support.check.walked import HOLDS, VIOLATED, walked

STATE = """
struct Call { mask: set of cpu; seq: 0..3 }
machine x86 { cpus 2; frames 2 }
each frame { var users: set of cpu; spinlock guard; var next: frame; var n: 0..3 }
var s: set of cpu
var t: set of cpu
var a[0..1]: 0..3
var m[cpu, 0..1]: 0..3
var r: Call
var rs[0..1]: Call
var v[0..1]: version
var i: 0..3
var f: frame = frame 0
var x: bool
var n: 0..8
"""

COPIES = [
    # a set, an array, a struct with a set, one of several structs, versions
    "let c = s; s[cpu 0] = true; assert not c[cpu 0] and s[cpu 0] 'c'",
    "let c = a; a[0] = 2; assert c[0] == 0 and c[1] == 0 'c'",
    "let c = m; m[cpu 1, 0] = 2; assert c[cpu 1, 0] == 0 'c'; assert c == c 'same'",
    "let c = m[cpu 1]; m[cpu 1, 0] = 2; assert c[0] == 0 and c[1] == 0 'c'",
    "let c = r; r.mask[cpu 1] = true; r.seq = 2; assert not c.mask[cpu 1] and c.seq == 0 'c'",
    "let c = rs; rs[1].mask[cpu 1] = true; assert not c[1].mask[cpu 1] 'c'; assert c != rs 'rs'",
    "let c = v; v[0] = fresh; assert c[0] == 0 and v[0] != c[0] and c[1] == v[1] 'c'",
    # of an element, known or not
    "let c = frame(f).users; f.users[cpu 0] = true; f = frame 1; assert not c[cpu 0] 'c'",
    "let c = f.users; frame 0.users[cpu 0] = true; f = frame 1; assert not c[cpu 0] 'c'",
    # in one step with what changes it
    "atomic { let c = s; s[cpu 0] = true; assert not c[cpu 0] 'c' }",
    "atomic { var c = a; a[1] = 2; c[0] = 1; assert c[1] == 0 and a[0] == 0 and c[0] == 1 'c' }",
    # arguments and results
    "call takes(s)",
    "call takes_struct(r)",
    "let c = call gives(); s[cpu 0] = true; assert not c[cpu 0] 'c'",
    "x = true; let c = call gives_either(); s[cpu 0] = true; assert not c[cpu 0] 'c'",
    # assigned as a whole, and what is no name for the other after that
    "s[cpu 0] = true; t = s; s[cpu 0] = false; assert t[cpu 0] and not t[cpu 1] 'c'",
    "a[1] = 3; m[cpu 1] = a; a[1] = 0; assert m[cpu 1, 1] == 3 and m[cpu 0, 1] == 0 'c'",
    "r.mask[cpu 1] = true; rs[1] = r; r = none; assert rs[1].mask[cpu 1] and r == none 'c'",
    "r.mask = s; s[cpu 0] = true; assert not r.mask[cpu 0] 'c'",
    "s[cpu 0] = true; let c = s; s = none; assert c[cpu 0] and s == none and c != none 'c'",
    "s[cpu 0] = true; let was = xchg s, t; assert was[cpu 0] and s == t 'c'",
    "s[cpu 0] = true; let was = cmpxchg s, t, none; assert was[cpu 0] and s != t 'c'",
    "x = true; let c = if x then s else t; s[cpu 0] = true; assert not c[cpu 0] 'c'",
    # a local of its own, by an index that only the state knows
    "i = 1; var c = a; c[i] = 2; c[i] += 1; assert c[1] == 3 and c[0] == 0 and a[1] == 0 'c'",
    "i = 1; var c = m; c[cpu 1, i] = 2; assert c[cpu 1, 1] == 2 and c[cpu 0, 1] == 0 'c'",
    "i = 1; a[1] = 3; let c = a; assert c[i] == 3 'c'; i = 0; assert c[i] == 0 'd'",
    "i = 1; var c = rs; c[i].mask[cpu 1] = true; assert c[1].mask[cpu 1] and c[0] == none 'c'",
    "i = 1; var c = rs; c[i] = r; rs[i].seq = 2; assert c[i].seq == 0 'c'",
    "i = 1; var c = v; c[i] = fresh; assert c[1] != v[1] and c[0] == v[0] 'c'",
    "i = 1; var c = a; let was = xchg c[i], 2; assert was == 0 and c[1] == 2 and c[0] == 0 'c'",
    "var c: set of cpu = none; c[this_cpu] = true; s = c; assert s[cpu 0] and not s[cpu 1] 'c'",
    "let c = s; s[cpu 1] = true; n = count p in cpu: c[p]; assert n == 0 'c'",
    # locks and lists are what they are, of the element that was there
    "let l = f.guard; f = frame 1; lock l { assert frame 0.guard.held 'c' }",
    "call locks(f.guard)",
    "let only = f; f = frame 1; for p in only { p.n += 1 }; assert frame 0.n == 1 'c'",
]

PROCS = """
proc takes(m) { s[cpu 0] = true; assert not m[cpu 0] 'c' }
proc takes_struct(c) { r.mask[cpu 1] = true; assert not c.mask[cpu 1] 'c' }
proc gives() { return s }
proc gives_either() { if x { return s }; return t }
proc locks(l) { lock l; f = frame 1; assert frame 0.guard.held 'c'; unlock l }
"""


@pytest.mark.parametrize("body", COPIES)
def test_a_copy_is_what_was_there(body: str) -> None:
    procs = "".join(f"{line}\n" for line in PROCS.splitlines() if name_of(line) in body)
    text = f"{STATE}{procs}thread t on cpu 0 {{ {body} }}".replace("'", '"')
    found = walked(text.replace("frame(f)", "f"))
    assert found.broken() == set()
    assert HOLDS in (found.verdicts.get("c"), found.verdicts.get("d"))


def name_of(line: str) -> str:
    return line.partition("(")[0].removeprefix("proc ") + "(" if line else "-"


@pytest.mark.parametrize("copy", ["let c = s", "let c = call same(s)", "var c = s"])
def test_a_copy_is_one_step(copy: str) -> None:
    text = """
        var s: set of cpu
        proc same(m) { return m }
        thread t on cpu 0 { COPY; if c[cpu 0] == c[cpu 1] { } else { BUG "torn" } }
        thread u on cpu 1 { atomic { s[cpu 0] = true; s[cpu 1] = true } }
    """
    if "call" not in copy:
        text = text.replace("proc same(m) { return m }", "")
    found = walked(text.replace("COPY", copy))
    assert found.broken() == set()
    assert found.states == 5


def test_a_set_is_assigned_in_one_step() -> None:
    found = walked("""
        var s: set of cpu
        var t: set of cpu
        init { s[cpu 0] = true; s[cpu 1] = true }
        thread t on cpu 0 { t = s }
        always "whole" t == s or t == none
        finally "copied" t == s
    """)
    assert found.broken() == set()
    assert found.states == 2


def test_a_snapshot_of_a_mask_is_not_what_the_mask_has_become() -> None:
    found = walked("""
        var mask: set of cpu
        var sent: set of cpu
        init { mask[cpu 1] = true }
        thread flusher on cpu 0 {
          let seen = mask
          for c in cpu { if seen[c] { sent[c] = true } }
        }
        thread lazy on cpu 1 { mask[cpu 1] = false }
        finally "sent to all that it saw" sent[cpu 1] or not mask[cpu 1]
        reachable "sent to one that has left" sent[cpu 1] and not mask[cpu 1]
    """)
    assert found.broken() == set()


def test_the_initial_state_copies_too() -> None:
    found = walked("""
        var s: set of cpu
        var t: set of cpu
        init { s[cpu 0] = true; let c = s; s[cpu 1] = true; t = c }
        thread u { s = none }
        always "c" t[cpu 0] and not t[cpu 1]
    """)
    assert found.broken() == set()


def test_handlers_of_a_hook_get_the_arguments_of_the_call() -> None:
    found = walked("""
        var n: 0..3
        var sum: 0..6
        hook grown(by) { }
        on grown(by) { n += 1; sum += by }
        on grown(by) { n += 1; sum += by }
        thread t { n = 1; call grown(n) }
        finally "sum" sum == 2
    """)
    assert found.broken() == set()


@pytest.mark.parametrize("access", ["c[i] = 1", "let got = c[i]", "let got = xchg c[i], 1"])
def test_an_index_out_of_the_range_of_a_copy_is_a_model_error(access: str) -> None:
    found = walked(f"var a[0..1]: 0..3\nvar i: 0..3 = 3\nthread t {{ var c = a; {access} }}")
    assert found.broken() == {"in_range"}


def test_a_value_too_large_for_an_element_of_a_copy_is_a_model_error() -> None:
    found = walked("var a[0..1]: 0..3\nvar b[0..1]: 0..7\nthread t { b[1] = 5; a = b }")
    assert found.broken() == {"in_range"}


def test_a_lock_block_releases_the_lock_that_it_took() -> None:
    found = walked("""
        machine x86 { cpus 2; frames 2 }
        each frame { spinlock guard }
        var f: frame = frame 0
        thread t { lock f.guard { f = frame 1 } }
        finally "released" not frame 0.guard.held
    """)
    assert found.broken() == set()


def test_the_list_of_an_element_is_that_of_the_copied_element() -> None:
    found = walked("""
        file data on ext4 { pages 2 }
        mm racer { map buf = data[0..1] shared rw }
        var f: filepage
        var n: 0..4
        thread t {
          f = data[0]
          let list = f.vas
          f = data[1]
          for p in list { n += p.index + 1 }
        }
        finally "the first page only" n == 1
    """)
    assert found.broken() == set()


def test_the_elements_of_a_copy_are_judged_one_by_one() -> None:
    found = walked(
        "var s: set of cpu\nthread t on cpu 0 { let c = s; s[cpu 0] = true; assert c == s 'same' }"
        .replace("'", '"')
    )
    assert found.verdicts["same"] is VIOLATED


def test_an_element_of_a_large_copy_is_found_by_an_index_of_the_state() -> None:
    found = walked("""
        var a[0..127]: bool
        var i: 0..127 = 127
        thread t { a[126] = true; var c = a; c[i] = true; i = 126; assert c[i] "c" }
        finally "as it was" not a[127]
    """)
    assert found.broken() == set()
