"""A check by bits of states: what it found is shown, and nothing holds."""

from __future__ import annotations

from typing import Any

import pytest

from mmscn import Limits, Verdict, loads
from mmscn.judge import replays
from mmscn.judge.api import load
from mmscn.judge.report import Report
from mmscn.runtime.explore.executors import ExecutorMissing
from mmscn.runtime.interpreter import replay
from mmscn.runtime.judged import fails
from mmscn.runtime.result import Limit

pytest.importorskip("mmscn.runtime.native", reason="bits are the native executor's")

BITS = Limits(bits_mb=1)
TEXT = """scenario all_kinds
machine x86 { cpus 3 }
var n: 0..7
var done: 0..3
thread a[i in 0..1] on cpu i { repeat 2 { n += 1; assert n < 3 }; done += 1 }
thread b on cpu 2 { n = 0; await n != 2 and done != 1 }
always "below four" n < 4 or n == 7
always "below seven" n < 7
finally "all done" done == 1
reachable "three" n == 3
reachable "seven" n == 7
eventually "done" done == 2
"""


def found(text: str, **how: Any) -> Report:
    return loads(text).check(**how)


def verdicts(report: Report) -> dict[str, Verdict]:
    (run,) = report.runs
    return {p.name: p.verdict for p in run.properties}


@pytest.mark.parametrize("reduce", [True, False])
def test_what_is_found_is_decided_and_the_rest_never(reduce: bool) -> None:
    whole, some = found(TEXT, reduce=reduce), found(TEXT, reduce=reduce, limits=BITS)
    (run,) = some.runs
    assert run.result.limit is Limit.BITSTATE
    assert run.result.bitstate is not None
    assert run.lasting
    known = verdicts(whole)
    assert {*known.values()} == {Verdict.HOLDS, Verdict.VIOLATED}
    for name, verdict in verdicts(some).items():
        assert verdict in (known[name], Verdict.UNDECIDED)
        if known[name] is Verdict.VIOLATED and name not in ("seven", "done"):
            assert verdict is Verdict.VIOLATED
    assert verdicts(some)["three"] is Verdict.HOLDS
    assert verdicts(some)["below seven"] is Verdict.UNDECIDED


@pytest.mark.parametrize("near", [1, replays.NEAR])
@pytest.mark.parametrize("reduce", [True, False])
def test_what_is_found_is_drawn_of_the_unreduced_program(
    reduce: bool, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Near by as a search of states has it, else as the bits have it."""
    monkeypatch.setattr(replays, "NEAR", near)
    (run,) = found(TEXT, reduce=reduce, limits=BITS).runs
    (whole,) = found(TEXT, reduce=reduce).runs
    program = run.case.program
    names = [p.name for p in run.violated()]
    assert {"n < 3", "below four", "all done", "no_deadlock"} <= {*names}
    for name in names:
        example, best = run.counterexample(name), whole.counterexample(name)
        assert example is not None
        assert best is not None
        trace = example.trace
        assert trace.shortest is (near > 1)
        assert len(trace.rules) == len(best.trace.rules) or near == 1
        assert replay(program, trace.rules, program.initial.index(trace.states[0])) == trace.states
        assert fails(program, trace.check, trace.rules, trace.states[-1])
    witness = run.witness("three")
    assert witness is not None
    assert fails(program, witness.trace.check, witness.trace.rules, witness.trace.states[-1])


def test_nothing_is_said_to_be_vacuous() -> None:
    text = """scenario v
var n: 0..3
concurrent { thread a { if n == 2 { assert n == 2 } } }
"""
    assert Verdict.VACUOUS in verdicts(found(text)).values()
    (run,) = found(text, limits=BITS).runs
    assert run.verdict is Verdict.UNDECIDED
    assert {u.because for u in run.unmet} == {Verdict.UNDECIDED}


def test_final_values_are_those_that_were_found() -> None:
    text = """scenario o
var n: 0..3
concurrent { thread a { n = 1 }; thread b { n = 0 } }
outcomes n
"""
    (run,) = found(text, limits=BITS).runs
    listed = run.all_final_states()
    assert listed is not None
    assert [str(state) for state in listed.states] == ["[n: 0]", "[n: 1]"]
    assert not listed.complete


def test_a_limit_ends_it_and_says_so() -> None:
    (run,) = found(TEXT, limits=BITS._replace(states=20)).runs
    assert run.result.limit is Limit.STATES
    assert run.result.bitstate is not None
    assert run.result.states == 20


def test_a_stop_ends_it() -> None:
    (run,) = found(TEXT, limits=BITS, stop="first").runs
    assert run.result.limit is Limit.STOP


def test_another_executor_has_no_bits() -> None:
    with pytest.raises(ExecutorMissing, match="bits of states"):
        found(TEXT, limits=BITS, executor="python")


def test_a_shipped_scenario_breaks_where_it_breaks() -> None:
    params = {"zap": "rc2", "mapped_exit": "lockfree"}
    (run,) = load("racewrite").check(params, limits=BITS).runs
    example = run.counterexample("no_lost_write")
    assert example is not None
    assert example.trace.shortest
