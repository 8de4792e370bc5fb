"""What is judged is written as conditions of the text's own size."""

from __future__ import annotations

import pytest
from support.agreement.agreement import programs_of

from mmscn.judge.api import loads
from mmscn.lower.ir import Condition
from mmscn.lower.rule_builder import build
from mmscn.runtime.result import Verdict
from mmscn.source import Source

LOCKS = """
scenario locks
machine x86 { cpus 3 }
spinlock a
mutex b
concurrent {
  thread t[n in 0..2] { lock a { }; lock b { } }
}
always not (a.held and b.held)
"""


def bad(name: str) -> tuple[Condition, ...]:
    ((_, checked),) = programs_of(Source("locks", LOCKS))
    ir, _ = build(checked)
    return tuple(b for c in ir.checks if checked.checks[c.info].name == name for b in c.bad)


def test_a_lock_that_is_held_at_the_end_is_a_condition_for_each_thread() -> None:
    found = bad("lock_rules")
    assert len(found) == 3 * 2
    assert all(sorted(map(len, c.guard.values())) == [1, 1] and not c.literals for c in found)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("not (slot.count == 0)", False),
        ("not (slot.count == 0 or y)", False),
        ("not (y or slot.count == 0)", False),
        ("not not (slot.count == 0)", False),
        ("not (slot == none or slot.count == 0)", False),
        ("not (slot != none and slot.count == 0)", True),
        ("not (y or slot != none)", True),
        ("not (y and slot.count == 0)", True),
    ],
)
def test_what_has_no_value_does_not_hold_whatever_stands_around_it(
    condition: str, holds: bool
) -> None:
    report = loads(
        "scenario valueless\nmachine x86 { cpus 1; frames 1 }\neach frame { var count: 0..1 }\n"
        "var slot: frame\nvar y: bool\nvar x: bool\nthread t { x = true }\n"
        f'finally "it" {condition}\n'
    ).check()
    ((found,),) = ([p.verdict for p in r.properties if p.name == "it"] for r in report.runs)
    assert (found is Verdict.HOLDS) is holds
