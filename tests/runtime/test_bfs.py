"""The Python explorer: exact numbers by hand, and the naive explorer on random programs."""

from __future__ import annotations

from typing import Any

import pytest
from support.runtime import naive
from support.runtime.programs import (
    Line,
    layout,
    match,
    plain,
    put,
    random_program,
    state,
    straight,
    twins,
)

from mmscn.runtime.bytecode import (
    Check,
    CheckId,
    CheckKind,
    FieldId,
    Op,
    Permutation,
    Process,
    ProcessKind,
    Program,
    Rule,
    RuleId,
    VersionGroup,
)
from mmscn.runtime.explore.bfs import LimitReached, final_states, search
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.explore.executors import ExecutorMissing, available
from mmscn.runtime.interpreter import VersionOverflow
from mmscn.runtime.result import Limit, Limits, Result, Verdict
from mmscn.runtime.verify import verify

NO_LIMITS = Limits(states=None, memory_mb=None)
SKIP: Line = ((), ())


def _numbers(result: Result) -> tuple[int, int, int, int]:
    return result.states, result.transitions, result.depth, result.quiescent


def _search(program: Program, **limits: Any) -> Result:
    verify(program)
    return search(program, limits=NO_LIMITS._replace(**limits))


def _verdicts(program: Program, **limits: Any) -> list[tuple[str, int | None]]:
    return [(c.verdict.value, c.depth) for c in _search(program, **limits).checks]


def _with_checks(program: Program, *checks: Check) -> Program:
    return program._replace(checks=checks)


def _with_rule(program: Program, rule: int, **changes: Any) -> Program:
    rules = list(program.rules)
    rules[rule] = rules[rule]._replace(**changes)
    return program._replace(rules=tuple(rules))


DEADLOCK = Check(kind=CheckKind.DEADLOCK)


# Two threads of three steps that do not meet.
APART = straight(layout(2, 2), [[SKIP] * 3, [SKIP] * 3])

# f2 is a counter; each thread loads it into its own register and stores one more.
REGISTERS = layout(2, 2, 2, 2, 2)
LOST_UPDATE = straight(
    REGISTERS,
    [
        [((), ((Op.COPY, 3, 2),)), ((), ((Op.MAP, 2, 0, 3),))],
        [((), ((Op.COPY, 4, 2),)), ((), ((Op.MAP, 2, 0, 4),))],
    ],
)._replace(
    tables=((1, 2, 3, 0),),
)

# f2 is a lock that both threads take and release.
LOCKED = layout(2, 2, 1)
TAKE: Line = ((match(LOCKED[2], 0),), (put(LOCKED[2], 1),))
RELEASE: Line = ((), (put(LOCKED[2], 0),))
LOCK = straight(LOCKED, [[TAKE, RELEASE], [TAKE, RELEASE]])

# f2 and f3 are locks that the threads take in opposite order.
LOCKS = layout(2, 2, 1, 1)
TAKE_A: Line = ((match(LOCKS[2], 0),), (put(LOCKS[2], 1),))
TAKE_B: Line = ((match(LOCKS[3], 0),), (put(LOCKS[3], 1),))
RELEASE_BOTH: Line = ((), (put(LOCKS[2], 0), put(LOCKS[3], 0)))
ABBA = straight(LOCKS, [[TAKE_A, TAKE_B, RELEASE_BOTH], [TAKE_B, TAKE_A, RELEASE_BOTH]])


def test_steps_apart_interleave_in_every_way() -> None:
    assert _numbers(_search(APART)) == (16, 24, 6, 1)


def test_a_lock_keeps_the_threads_apart() -> None:
    both = Check(kind=CheckKind.ALWAYS, bad=((match(LOCKED[0], 1), match(LOCKED[1], 1)),))
    program = _with_checks(LOCK, both, DEADLOCK)
    assert _numbers(_search(program)) == (8, 8, 4, 1)
    assert _verdicts(program) == [("holds", None), ("holds", None)]


def test_an_update_is_lost() -> None:
    two = Check(kind=CheckKind.FINALLY, bad=((match(REGISTERS[2], 2, Op.MISMATCH),),))
    assert _verdicts(_with_checks(LOST_UPDATE, two)) == [("violated", 4)]
    assert {s[0] >> REGISTERS[2].shift & 3 for s in final_states(LOST_UPDATE, limits=Limits())} == {
        1,
        2,
    }


def test_locks_in_opposite_order_deadlock() -> None:
    program = _with_checks(ABBA, DEADLOCK)
    assert _verdicts(program) == [("violated", 2)]
    assert _numbers(_search(program)) == (13, 14, 6, 1)


# f0 is the program counter of a thread that waits for f1.
WAITING = layout(1, 1, 1)
WAITS: list[Line] = [((match(WAITING[1], 1),), ())]


def _agent(field: int, value: int) -> Line:
    return (match(WAITING[field], 1 - value),), (put(WAITING[field], value),)


@pytest.mark.parametrize(
    ("agents", "verdict"),
    [
        pytest.param([], ("violated", 0), id="nothing comes"),
        pytest.param([_agent(1, 1)], ("holds", None), id="an agent brings it"),
        pytest.param([_agent(2, 1)], ("violated", 0), id="an agent brings something else"),
        pytest.param([_agent(2, 1), _agent(2, 0)], ("violated", 0), id="agents live on for ever"),
        pytest.param(
            [((match(WAITING[2], 1),), (put(WAITING[1], 1),)), _agent(2, 1)],
            ("holds", None),
            id="an agent enables another",
        ),
    ],
)
def test_agents_may_end_a_wait(agents: list[Line], verdict: tuple[str, int | None]) -> None:
    program = _with_checks(straight(WAITING, [WAITS], agents=agents), DEADLOCK)
    assert _verdicts(program) == [verdict]


def _with_daemon(effects: Line) -> Program:
    """The thread that waits for f1, and a daemon in its one place with f2 for a program counter."""
    program = straight(WAITING, [WAITS])
    daemon = Process(
        kind=ProcessKind.DAEMON, pc=FieldId(2), dispatch=((RuleId(1),),), rest=(0,), column=1
    )
    rule = Rule(process=1, tests=effects[0], effects=effects[1])
    return program._replace(
        processes=(*program.processes, daemon),
        rules=(*program.rules, rule),
        checks=(DEADLOCK,),
    )


def test_a_daemon_that_repeats_its_state_does_not_move_on() -> None:
    assert _verdicts(_with_daemon(((), (put(WAITING[2], 0),)))) == [("violated", 0)]
    assert _verdicts(_with_daemon(((), ()))) == [("violated", 0)]


def test_a_daemon_that_ends_the_wait_moves_on() -> None:
    assert _verdicts(_with_daemon(((), (put(WAITING[1], 1),)))) == [("holds", None)]


def test_a_thread_at_rest_is_not_deadlocked_and_no_thread_is_vacuous() -> None:
    assert _verdicts(_with_checks(APART, DEADLOCK)) == [("holds", None)]
    agent = Process(kind=ProcessKind.AGENT, pc=None, dispatch=((),))
    only = APART._replace(processes=(agent,), rules=(), checks=(DEADLOCK,))
    assert _verdicts(only) == [("vacuous", None)]


def test_a_halting_rule_is_checked_and_not_continued() -> None:
    program = _with_checks(
        _with_rule(APART, 1, halts=True),
        Check(kind=CheckKind.ALWAYS, bad=((match(layout(2, 2)[0], 2),),)),
        Check(kind=CheckKind.ALWAYS, bad=((match(layout(2, 2)[0], 3),),)),
    )
    # Thread 0 stands at 0, 1 or, halted, at 2: none of those is continued.
    assert _numbers(_search(program)) == (12, 14, 5, 0)
    assert _verdicts(program) == [("violated", 2), ("holds", None)]


def test_a_halted_state_is_continued_when_another_rule_leads_to_it() -> None:
    fields = layout(2, 1)
    program = straight(fields, [[SKIP, SKIP, SKIP]], agents=[SKIP])
    halting = program._replace(
        rules=(
            *program.rules[:3],
            Rule(
                process=1,
                tests=(match(fields[0], 0),),
                effects=(put(fields[0], 2),),
                halts=True,
            ),
        ),
    )
    assert _numbers(_search(halting)) == (4, 4, 3, 1)


def test_a_step_check_is_its_rules_matter() -> None:
    step = Check(kind=CheckKind.STEP)
    program = _with_checks(APART, step, step, step)
    program = _with_rule(program, 4, violates=(CheckId(0),), covers=(CheckId(1),))
    assert _verdicts(program) == [("violated", 2), ("holds", None), ("vacuous", None)]
    assert [c.covered for c in _search(program).checks] == [True, True, False]


VERDICTS: list[tuple[Check, tuple[str, int | None]]] = [
    (Check(kind=CheckKind.ALWAYS, bad=((match(APART.fields[0], 3),),)), ("violated", 3)),
    (Check(kind=CheckKind.ALWAYS, bad=()), ("holds", None)),
    (Check(kind=CheckKind.ALWAYS, bad=(), covered=()), ("vacuous", None)),
    (Check(kind=CheckKind.ALWAYS, bad=((),), covered=()), ("violated", 0)),
    (
        Check(kind=CheckKind.ALWAYS, bad=(), covered=(((Op.SAME, 0, 1),),)),
        ("holds", None),
    ),
    (Check(kind=CheckKind.FINALLY, bad=((match(APART.fields[0], 2),),)), ("holds", None)),
    (Check(kind=CheckKind.FINALLY, bad=((),)), ("violated", 6)),
    (
        Check(kind=CheckKind.FINALLY, bad=(), covered=((match(APART.fields[0], 2),),)),
        ("vacuous", None),
    ),
    (Check(kind=CheckKind.REACHABLE, bad=(((Op.DIFFER, 0, 1),),)), ("holds", 1)),
    (
        Check(
            kind=CheckKind.REACHABLE,
            bad=((match(APART.fields[0], 1), match(APART.fields[0], 2)),),
        ),
        ("violated", None),
    ),
]


@pytest.mark.parametrize(("check", "verdict"), VERDICTS)
def test_the_verdict_of_a_check(check: Check, verdict: tuple[str, int | None]) -> None:
    assert _verdicts(_with_checks(APART, check)) == [verdict]


def test_no_quiescent_state_leaves_finally_vacuous() -> None:
    program = _with_checks(APART._replace(quiescent=()), Check(kind=CheckKind.FINALLY, bad=((),)))
    assert _verdicts(program) == [("vacuous", None)]


LIMITED: list[tuple[dict[str, float], Limit]] = [
    ({"states": 9}, Limit.STATES),
    ({"depth": 3}, Limit.DEPTH),
    ({"time_s": -1.0}, Limit.TIME),
    ({"memory_mb": 0}, Limit.MEMORY),
]


@pytest.mark.parametrize(("limits", "limit"), LIMITED)
def test_a_limit_leaves_undecided_what_is_not_violated(
    limits: dict[str, float], limit: Limit
) -> None:
    program = _with_checks(
        APART,
        Check(kind=CheckKind.ALWAYS, bad=((),)),
        Check(kind=CheckKind.ALWAYS),
        Check(kind=CheckKind.REACHABLE, bad=()),
        Check(kind=CheckKind.REACHABLE, bad=((),)),
        Check(kind=CheckKind.STEP),
        DEADLOCK,
    )
    result = _search(program, **limits)
    assert result.limit is limit
    assert [c.verdict.value for c in result.checks] == [
        "violated",
        "undecided",
        "undecided",
        "holds",
        "undecided",
        "undecided",
    ]


def test_a_limit_that_is_just_enough_is_not_reached() -> None:
    assert _search(APART, states=16, depth=7).limit is None
    assert _search(APART, states=15).limit is Limit.STATES
    with pytest.raises(LimitReached):
        final_states(APART, limits=Limits(states=15))


def test_an_interrupt_keeps_what_was_found() -> None:
    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    program = straight(layout(6, 6, 6, words=1), [[SKIP] * 60] * 3)
    result = search(program, limits=NO_LIMITS, progress=interrupt)
    assert result.limit is Limit.INTERRUPT
    assert 20_000 <= result.states < 61**3


def test_progress_counts_up() -> None:
    calls: list[tuple[int, ...]] = []
    program = straight(layout(6, 6, 6, words=1), [[SKIP] * 40] * 3)
    result = search(program, limits=NO_LIMITS, progress=lambda *numbers: calls.append(numbers))
    assert _numbers(result) == (41**3, 3 * 40 * 41**2, 120, 1)
    assert len(calls) == 41**3 // 20_000
    assert calls == sorted(calls)


def test_seconds_are_the_clocks() -> None:
    ticks = iter(range(100))
    assert search(APART, limits=NO_LIMITS, clock=lambda: float(next(ticks))).seconds == 1.0


# A daemon stores a fresh version into f1 and copies it to f2, for ever.
STORES = layout(1, 2, 2)


def _stores(*, canonical: bool) -> Program:
    daemon = Process(
        kind=ProcessKind.DAEMON, pc=FieldId(0), dispatch=((RuleId(0),), (RuleId(1),)), rest=(0,)
    )
    group = VersionGroup(fields=(FieldId(1), FieldId(2)), named=1, canonical=canonical)
    return Program(
        words=1,
        fields=STORES,
        initial=((0,),),
        processes=(daemon,),
        rules=(
            Rule(process=0, tests=(), effects=((Op.FRESH, 1, 0), put(STORES[0], 1))),
            Rule(process=0, tests=(), effects=((Op.COPY, 2, 1), put(STORES[0], 0))),
        ),
        checks=(Check(kind=CheckKind.ALWAYS, bad=()),),
        versions=(group,),
    )


def test_canonical_versions_hold_for_any_number_of_stores() -> None:
    result = _search(_stores(canonical=True))
    assert _numbers(result) == (4, 4, 3, 0)
    assert result.checks[0].verdict is Verdict.HOLDS


def test_counted_versions_end_with_their_field() -> None:
    result = _search(_stores(canonical=False))
    assert (result.limit, result.states) == (Limit.VERSIONS, 7)
    assert result.checks[0].verdict is Verdict.UNDECIDED


def test_symmetric_states_are_one() -> None:
    swap = Permutation(moves=((FieldId(0), FieldId(1), -1), (FieldId(1), FieldId(0), -1)))
    assert _numbers(_search(APART._replace(symmetry=(swap,)))) == (10, 15, 6, 1)


def test_initial_states_that_are_one_count_once() -> None:
    fields = layout(2, 2)
    swap = Permutation(moves=((FieldId(0), FieldId(1), -1), (FieldId(1), FieldId(0), -1)))
    initial = (state(fields, (3, 2)), state(fields, (2, 3)), state(fields, (3, 2)))
    assert _numbers(_search(APART._replace(initial=initial))) == (3, 2, 1, 1)
    assert _numbers(_search(APART._replace(initial=initial, symmetry=(swap,)))) == (2, 1, 1, 1)


def _agree(program: Program) -> None:
    verify(program)
    try:
        found = naive.search(program)
    except VersionOverflow:
        assert search(program, limits=NO_LIMITS).limit is Limit.VERSIONS
        return
    result = search(program, limits=NO_LIMITS)
    assert _numbers(result) == found[:4]
    assert tuple((c.verdict, c.depth, c.covered) for c in result.checks) == found.checks
    assert final_states(program, limits=NO_LIMITS) == found.final


@pytest.mark.parametrize(
    "seeds", [range(0, 120), pytest.param(range(120, 300), marks=pytest.mark.slow)], ids=str
)
def test_it_agrees_with_the_naive_explorer(seeds: range) -> None:
    for seed in seeds:
        _agree(random_program(seed))


@pytest.mark.parametrize(
    "seeds", [range(0, 100), pytest.param(range(100, 200), marks=pytest.mark.slow)], ids=str
)
def test_it_agrees_with_the_naive_explorer_on_symmetric_programs(seeds: range) -> None:
    for seed in seeds:
        _agree(twins(seed))


@pytest.mark.parametrize("seed", range(100))
def test_symmetry_keeps_the_verdicts(seed: int) -> None:
    program = twins(seed)
    with_, without = (search(p, limits=NO_LIMITS) for p in (program, plain(program)))
    assert with_.checks == without.checks
    assert with_.depth == without.depth
    assert with_.states <= without.states


def test_the_python_executor_is_always_there() -> None:
    assert explore(APART, executor="python").executor == "python"
    assert available()["python"] == "available"


def test_a_missing_executor_is_missed() -> None:
    if available()["native"] == "available":
        assert explore(APART, executor="native").executor == "native"
    else:
        assert explore(APART).executor == "python"
        with pytest.raises(ExecutorMissing):
            explore(APART, executor="native")
