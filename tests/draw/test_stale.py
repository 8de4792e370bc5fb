"""Accesses through stale entries are remarked on where a machine's `stale` says so."""

from __future__ import annotations

import pytest

from mmscn.draw.diagram import draw
from mmscn.draw.steps import steps
from mmscn.show.trace_json import trace_json

MACHINE = """
scenario test
machine x86 {{ cpus 2 }}
struct leaf {{ valid: bool "/invalid"; to: frame; writable: bool "W/R" }}
each va {{ var entry: leaf "LEAF" }}
each cpu {{ var shadow[va]: leaf "SHADOW" }}
each frame {{ var word: 0..2 }}
{stale}
map A -> frame 0
map B -> frame 1
init {{
  A.entry.valid = true
  A.entry.to = frame 0
  A.entry.writable = true
  B.entry.valid = true
  (cpu 0).shadow[A] = A.entry
  (cpu 0).shadow[B] = B.entry
}}
concurrent {{
  thread kernel on cpu 1 {{ {kernel} }}
  thread user on cpu 0 {{ await A.entry != (cpu 0).shadow[A]; {user} }}
}}
var seen: 0..3 = 3
finally "never" seen == 3
"""

DECLARED = """stale c.shadow[v] of v.entry for c in cpu, v in va {
  load when c.shadow[v].valid and v.entry.to != c.shadow[v].to
  store when c.shadow[v].valid and not v.entry.writable
}"""
LOADS = "atomic { let p = (cpu 0).shadow[A].to; seen = p.word }"
STORES = "atomic { let p = (cpu 0).shadow[A].to; p.word = 1 }; seen = 0"
WALKS = "atomic { let p = A.entry.to; (cpu 0).shadow[A] = A.entry; p.word = 1 }; seen = 0"
WALKS_AFTER = (
    "atomic { let p = (cpu 0).shadow[A].to; A.entry.valid = true; p.word = 1 }; seen = 0"
)
NO_MEMORY = "atomic { let p = (cpu 0).shadow[A].to; seen = if p == none then 1 else 0 }"
OTHER_PAGE = "atomic { let w = (cpu 0).shadow[B].valid; (frame 0).word = 1 }; seen = 0"
REMARK = "through the stale SHADOW0 entry"


@pytest.mark.parametrize(
    ("kernel", "user", "remarks"),
    [
        ("A.entry.to = frame 1", LOADS, [REMARK]),
        ("A.entry.writable = false", LOADS, []),
        ("A.entry.writable = false", STORES, [REMARK]),
        ("A.entry.valid = false", STORES, []),
        ("A.entry.writable = false", WALKS, []),
        ("A.entry.writable = false", WALKS_AFTER, []),
        ("A.entry.to = frame 1", NO_MEMORY, []),
        ("A.entry.writable = false", OTHER_PAGE, [REMARK]),
        ("A.entry.writable = false; B.entry.writable = true", OTHER_PAGE, []),
    ],
)
def test_another_machine_says_when_its_entries_are_stale(
    violation_in, kernel, user, remarks
) -> None:
    ordered = user.replace("seen = 0", "await B.entry.writable or true; seen = 0")
    text = MACHINE.format(stale=DECLARED, kernel=kernel, user=ordered)
    if ";" in kernel:
        text = text.replace("await A.entry !=", "await B.entry.writable and A.entry !=")
    found = violation_in(text, "never")
    assert [s.remark for s in steps(*found) if s.remark] == remarks
    assert all(remark in draw(*found) for remark in remarks)


def test_without_a_declaration_nothing_is_remarked(violation_in) -> None:
    text = MACHINE.format(stale="", kernel="A.entry.writable = false", user=STORES)
    assert {s.remark for s in steps(*violation_in(text, "never"))} == {None}


def test_the_declaration_says_which_states_are_translations(violation_in) -> None:
    text = MACHINE.format(stale=DECLARED, kernel="A.entry.to = frame 1", user=LOADS)
    groups = {v["name"]: v["group"] for v in trace_json(*violation_in(text, "never"))["variables"]}
    assert (groups["LEAF A"], groups["SHADOW0 A"], groups["p0 word"]) == (
        "page_table",
        "tlb",
        "page",
    )


def test_an_entry_need_not_be_a_cpus_nor_a_struct(violation_in) -> None:
    text = """
    scenario device
    each va { var bus: frame }
    var iotlb[va]: frame "IOTLB"
    each frame { var word: 0..2 }
    stale iotlb[v] of v.bus for v in va { store when iotlb[v] != none and iotlb[v] != v.bus }
    map A -> frame 0
    init { A.bus = frame 0; iotlb[A] = frame 0 }
    concurrent {
      thread driver { A.bus = none }
      thread device { await A.bus == none; atomic { let p = iotlb[A]; p.word = 1 } }
    }
    finally "never" (frame 0).word == 0
    """
    remarks = [s.remark for s in steps(*violation_in(text, "never"))]
    assert remarks[-1] == "through the stale IOTLB entry"


def test_a_condition_without_a_value_is_no_reason_for_a_remark(violation_in) -> None:
    text = """
    scenario test
    each va { var entry: frame }
    each cpu { var shadow[va]: frame }
    each frame { var word: 0..2; var owner: va }
    stale c.shadow[v] of v.entry for c in cpu, v in va { store when v.entry.owner != v }
    map A -> frame 0
    init { A.entry = frame 0; (cpu 0).shadow[A] = frame 0 }
    concurrent {
      thread kernel on cpu 1 { A.entry = none }
      thread user on cpu 0 {
        await A.entry == none
        atomic { let p = (cpu 0).shadow[A]; p.word = 1 }
      }
    }
    finally "never" (frame 0).word == 0
    """
    assert {s.remark for s in steps(*violation_in(text, "never"))} == {None}
