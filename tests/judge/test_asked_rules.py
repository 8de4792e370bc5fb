"""What is judged anyway, asked for by its name: it counts as asked, and the report lists it."""

from __future__ import annotations

import pytest

from mmscn.judge.api import loads
from mmscn.judge.report import Kind
from mmscn.runtime.result import Verdict

FORKS = """scenario forks
mutex a
mutex b
thread one on cpu 0 { lock a { lock b { } } }
thread two on cpu 1 { lock FIRST { lock SECOND { } } }
"""


@pytest.mark.parametrize(
    ("order", "verdict"), [(("a", "b"), Verdict.HOLDS), (("b", "a"), Verdict.VIOLATED)]
)
def test_a_rule_that_is_asked_for(order: tuple[str, str], verdict: Verdict) -> None:
    text = FORKS.replace("FIRST", order[0]).replace("SECOND", order[1])
    (run,) = loads(text + "check no_deadlock").check().runs
    found = run.property("no_deadlock")
    assert (run.verdict, found.verdict) == (verdict, verdict)
    assert found.span is not None
    assert (found.asked, found.kind) == (True, Kind.PROPERTY)
    assert found.span.line == 6
    others = {p.name: (p.kind, p.asked) for p in run.properties if p is not found}
    assert others == {name: (Kind.IMPLICIT, False) for name in ("in_range", "lock_rules")}


def test_where_nobody_asks_nothing_was_asked() -> None:
    (run,) = loads(FORKS.replace("FIRST", "a").replace("SECOND", "b")).check().runs
    assert run.verdict is Verdict.VACUOUS


def test_asked_for_under_a_condition_and_twice() -> None:
    text = """scenario s
param p = 0 | 1
var x: 0..1
thread t { x = p }
check in_range, lock_rules when p == 1
check in_range
"""
    report = loads(text).check()
    asked = [[p.name for p in run.properties if p.asked] for run in report.runs]
    assert asked == [["in_range"], ["in_range", "lock_rules"]]
