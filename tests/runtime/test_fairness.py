"""Lassos that are none: each way in which one can be wrong is refused."""

from __future__ import annotations

from support.agreement.agreement import programs_of

from mmscn.lower.compile import compile
from mmscn.runtime.bytecode import CheckId, CheckKind, Program
from mmscn.runtime.explore.liveness import search
from mmscn.runtime.fairness import breaks, closes, unfair
from mmscn.runtime.interpreter import replay
from mmscn.runtime.result import Lasso, Limits
from mmscn.source import Source

TEXT = """scenario s
machine x86 { cpus 3 }
mutex m
var x: bool
var n: 0..1
daemon thread d on cpu 0 { lock m { x = not x } }
thread t on cpu 1 { await n == 1; lock m { } }
daemon thread e on cpu 2 { n = 1; n = 0 }
agent hw { may step s when x { n = n } }
check no_livelock
"""


def livelock() -> tuple[Program, CheckId, Lasso]:
    _, checked = programs_of(Source("text", TEXT))[0]
    program = compile(checked).program
    check = next(
        CheckId(c) for c, k in enumerate(program.checks) if k.kind is CheckKind.LIVELOCK
    )
    return program, check, search(program, limits=Limits()).lassos[check]


def test_the_lasso_that_is_found_breaks_the_check() -> None:
    program, check, (rules, loop) = livelock()
    states = replay(program, rules)
    assert breaks(program, check, rules, states, loop)
    assert closes(program, states, loop)
    assert unfair(program, rules, states, loop) is None


def test_a_circle_that_does_not_come_back_is_refused() -> None:
    program, check, (rules, loop) = livelock()
    states = replay(program, rules)
    ends = range(loop + 1, len(rules))
    assert ends, "the circle has more than one step"
    short = [n for n in ends if breaks(program, check, rules[:n], states[: n + 1], loop)]
    assert short == []


def test_one_in_which_somebody_never_steps_who_could_is_refused() -> None:
    """Nothing is over where it begins, so to stay there is not fair."""
    program, check, _ = livelock()
    states = replay(program, ())
    assert closes(program, states, 0)
    assert unfair(program, (), states, 0) == 0
    assert not breaks(program, check, (), states, 0)


def test_one_in_which_nothing_is_owed_any_more_is_refused() -> None:
    text = TEXT.replace("check no_livelock", 'always "l" n == 1 leads to n == 0')
    _, checked = programs_of(Source("text", text))[0]
    program = compile(checked).program
    leads = next(CheckId(c) for c, k in enumerate(program.checks) if k.kind is CheckKind.LEADS)
    assert search(program, limits=Limits()).lassos == {}
    other, _, (rules, loop) = livelock()
    assert other.rules == program.rules
    states = replay(program, rules)
    assert unfair(program, rules, states, loop) is None
    assert not breaks(program, leads, rules, states, loop)


def test_who_could_be_granted_a_lock_on_the_circle_has_to_step() -> None:
    text = """scenario s
mutex m
var x: bool
daemon thread d on cpu 0 { lock m { x = not x } }
thread t on cpu 1 { lock m { } }
check no_livelock
"""
    _, checked = programs_of(Source("text", text))[0]
    program = compile(checked).program
    free = program._replace(rules=tuple(r._replace(granted=False) for r in program.rules))
    (check, (rules, loop)), = search(free, limits=Limits()).lassos.items()
    states = replay(program, rules)
    assert breaks(free, check, rules, states, loop)
    assert not breaks(program, check, rules, states, loop)
    assert search(program, limits=Limits()).lassos == {}
