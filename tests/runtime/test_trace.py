"""Traces: shortest, least delayed, then fewest switches, and the same in every run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from support.runtime import naive
from support.runtime.programs import (
    Line,
    layout,
    match,
    plain,
    put,
    random_program,
    straight,
    twins,
)

from mmscn.runtime.bytecode import (
    Check,
    CheckId,
    CheckKind,
    Op,
    ProcessKind,
    Program,
    RuleId,
    State,
)
from mmscn.runtime.explore.engine import find_trace
from mmscn.runtime.explore.trace import ReplayError, counterexample
from mmscn.runtime.interpreter import VersionOverflow, matches, matches_any
from mmscn.runtime.result import Limits

DEPTH_MAX = 5
"""Of the paths that are enumerated."""

FIELDS = layout(2, 2, 2)
SKIP: Line = ((), ())


def _two_threads(check: Check) -> Program:
    """Two threads of three steps; f2 counts thread 0's."""
    counts: list[Line] = [((), (put(FIELDS[2], n + 1),)) for n in range(3)]
    return straight(FIELDS, [counts, [SKIP] * 3], checks=(check,))


def test_a_trace_switches_once_when_that_is_enough() -> None:
    both = Check(kind=CheckKind.ALWAYS, bad=((match(FIELDS[2], 2), match(FIELDS[1], 2)),))
    trace = find_trace(_two_threads(both), CheckId(0))
    assert trace is not None
    assert (trace.rules, trace.switches, trace.shortest) == ((0, 1, 3, 4), 1, True)
    assert len(trace.states) == 5


def test_no_violation_has_no_trace() -> None:
    program = _two_threads(Check(kind=CheckKind.ALWAYS, bad=()))
    assert find_trace(program, CheckId(0)) is None


def test_an_initial_state_that_fails_has_no_steps() -> None:
    trace = find_trace(_two_threads(Check(kind=CheckKind.ALWAYS, bad=((),))), CheckId(0))
    assert trace is not None
    assert (trace.rules, trace.switches, len(trace.states)) == ((), 0, 1)


def test_a_witness_is_a_trace() -> None:
    wanted = Check(kind=CheckKind.REACHABLE, bad=((match(FIELDS[2], 3),),))
    trace = find_trace(_two_threads(wanted), CheckId(0))
    assert trace is not None
    assert trace.rules == (0, 1, 2)


def test_a_rule_that_violates_is_the_last() -> None:
    program = _two_threads(Check(kind=CheckKind.STEP))
    rules = tuple(
        rule._replace(violates=(CheckId(0),) if r == 4 else (), halts=r == 4)
        for r, rule in enumerate(program.rules)
    )
    trace = find_trace(program._replace(rules=rules), CheckId(0))
    assert trace is not None
    assert trace.rules == (3, 4)


def test_agents_step_as_little_as_switches_allow() -> None:
    # The agent of column 1 and thread 1 each set f2; both take one switch.
    sets: Line = ((match(FIELDS[2], 0),), (put(FIELDS[2], 1),))
    both = ((match(FIELDS[0], 1), match(FIELDS[2], 1)),)
    program = straight(
        FIELDS, [[SKIP], [sets]], agents=[sets], checks=(Check(kind=CheckKind.ALWAYS, bad=both),)
    )
    trace = find_trace(program, CheckId(0))
    assert trace is not None
    assert trace.rules == (0, 1)


def test_a_trace_that_no_prompt_agent_would_have_cut_short_goes_before_fewer_switches() -> None:
    # Thread 1 clears, sends, and waits until thread 0's CPU has taken it; thread 0 steps between.
    line = FIELDS[2]
    clear: Line = ((match(line, 0),), (put(line, 1),))
    send: Line = ((match(line, 1),), (put(line, 2),))
    take: Line = ((match(line, 2),), (put(line, 3),))
    taken: Line = ((match(line, 3),), ())
    stale: Line = ((match(line, 0, Op.MISMATCH), match(line, 3, Op.MISMATCH)), ())
    both = ((match(FIELDS[0], 2), match(FIELDS[1], 3)),)
    program = straight(
        FIELDS,
        [[stale, stale], [clear, send, taken]],
        agents=[take],
        prompt={0: 0},
        checks=(Check(kind=CheckKind.ALWAYS, bad=both),),
    )
    trace = find_trace(program, CheckId(0))
    assert trace is not None
    assert (trace.rules, trace.delayed, trace.switches) == ((2, 0, 1, 3, 5, 4), 0, 4)
    slow = tuple(process._replace(prompt=False) for process in program.processes)
    trace = find_trace(program._replace(processes=slow), CheckId(0))
    assert trace is not None
    assert (trace.rules, trace.delayed, trace.switches) == ((2, 3, 0, 1, 5, 4), 0, 2)


def test_where_something_has_to_be_delayed_it_is_as_little_as_possible() -> None:
    # Thread 0's second step has to come while the message is under way; its first may come before.
    line = FIELDS[2]
    send: Line = ((match(line, 0),), (put(line, 1),))
    lost: Line = ((match(line, 1),), ())
    take: Line = ((match(line, 1),), (put(line, 2),))
    program = straight(
        FIELDS,
        [[SKIP, lost], [send]],
        agents=[take],
        prompt={0: 0},
        checks=(Check(kind=CheckKind.ALWAYS, bad=((match(FIELDS[0], 2),),)),),
    )
    trace = find_trace(program, CheckId(0))
    assert trace is not None
    assert (trace.rules, trace.delayed, trace.switches) == ((0, 2, 1), 1, 2)


def test_a_limit_ends_the_hunt() -> None:
    late = Check(kind=CheckKind.ALWAYS, bad=((match(FIELDS[2], 3), match(FIELDS[1], 3)),))
    program = _two_threads(late)
    assert counterexample(program, CheckId(0), limits=Limits(depth=5)) is None
    assert counterexample(program, CheckId(0), limits=Limits(states=5)) is None
    assert counterexample(program, CheckId(0), limits=Limits(time_s=-1.0)) is None
    assert counterexample(program, CheckId(0), limits=Limits(depth=6)) is not None


@pytest.mark.parametrize("depth", [5, 7])
def test_another_depth_than_the_search_found_is_a_fault_of_ours(depth: int) -> None:
    late = Check(kind=CheckKind.ALWAYS, bad=((match(FIELDS[2], 3), match(FIELDS[1], 3)),))
    with pytest.raises(ReplayError):
        counterexample(_two_threads(late), CheckId(0), limits=Limits(), expect_depth=depth)


def _waits(program: Program, state: State, rule: RuleId) -> bool:
    """Whether a rule is of a thread, and a prompt agent can step."""
    process = program.processes[program.rules[rule].process]
    if process.kind is ProcessKind.AGENT:
        return False
    agents = (agent for agent in program.processes if agent.prompt)
    ready = (r for agent in agents for r in agent.dispatch[0])
    return any(matches(program, program.rules[r].tests, state) for r in ready)


def _cost(
    program: Program, rules: Sequence[RuleId], states: Sequence[State]
) -> tuple[int, int, int]:
    processes = [program.processes[program.rules[r].process] for r in rules]
    return (
        sum(_waits(program, state, rule) for rule, state in zip(rules, states, strict=False)),
        sum(a.column != b.column for a, b in pairwise(processes)),
        sum(p.kind is ProcessKind.AGENT for p in processes),
    )


def _fails(program: Program, check: CheckId, rules: tuple[RuleId, ...], last: State) -> bool:
    if rules and check in program.rules[rules[-1]].violates:
        return True
    match program.checks[check].kind:
        case CheckKind.STEP:
            return False
        case CheckKind.DEADLOCK:
            halted = bool(rules) and program.rules[rules[-1]].halts
            return not halted and naive.is_deadlock(program, last)
        case CheckKind.FINALLY if not matches_any(program, program.quiescent, last):
            return False
        case _:
            return matches_any(program, program.checks[check].bad, last)


def _is_best(program: Program) -> None:
    try:
        found = naive.search(program)
    except VersionOverflow:
        return
    for c, (_, depth, _) in enumerate(found.checks):
        check = CheckId(c)
        trace = counterexample(program, check, limits=Limits(), expect_depth=depth)
        if depth is None:
            assert trace is None
            continue
        assert trace is not None
        assert len(trace.rules) == depth
        assert _fails(program, check, trace.rules, trace.states[-1])
        if depth > DEPTH_MAX:
            continue
        best = min(
            (*_cost(program, rules, states), program.initial.index(states[0]), rules)
            for rules, states in naive.paths(program, depth)
            if _fails(program, check, rules, states[-1])
        )
        assert best == (
            *_cost(program, trace.rules, trace.states),
            program.initial.index(trace.states[0]),
            trace.rules,
        )
        assert (trace.delayed, trace.switches) == best[:2]


@pytest.mark.parametrize(
    "seeds", [range(0, 80), pytest.param(range(80, 200), marks=pytest.mark.slow)], ids=str
)
def test_no_path_is_better(seeds: range) -> None:
    for seed in seeds:
        _is_best(random_program(seed))


@pytest.mark.parametrize(
    "seeds", [range(0, 40), pytest.param(range(40, 100), marks=pytest.mark.slow)], ids=str
)
def test_no_concrete_path_is_better_with_symmetry(seeds: range) -> None:
    for seed in seeds:
        program = twins(seed)
        _is_best(program)
        for c in range(len(program.checks)):
            with_, without = (
                counterexample(p, CheckId(c), limits=Limits()) for p in (program, plain(program))
            )
            assert with_ == without
