"""Small programs by hand: exact numbers, every limit, progress and interruption."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest
from support.native.native_programs import Layout, counters, ring

from mmscn.runtime.bytecode import (
    Check,
    CheckKind,
    Field,
    FieldId,
    Op,
    Process,
    ProcessKind,
    Program,
    Rule,
    RuleId,
    VersionGroup,
)
from mmscn.runtime.result import Limit, Limits, Verdict
from mmscn.runtime.verify import verify

native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")
NO_LIMITS = Limits(states=None, memory_mb=None)


def test_a_program_without_rules_has_its_initial_state() -> None:
    program = Program(words=1, fields=(), initial=((0,),), processes=(), rules=())
    result = native.search(program, limits=NO_LIMITS)
    assert (result.states, result.transitions, result.depth) == (1, 0, 0)
    assert (result.limit, result.executor, result.quiescent) == (None, "native", 0)


@pytest.mark.parametrize("words", [1, 2, 3, 5])
def test_a_ring_has_as_many_states_as_its_counter(words: int) -> None:
    result = native.search(ring(words=words, bits=5), limits=NO_LIMITS)
    assert (result.states, result.transitions, result.depth) == (32, 32, 31)


def test_counters_make_the_product_of_their_ranges() -> None:
    # 4 counters of 0 to 7: 8^4 states, each step raises one of them.
    result = native.search(counters(4, 3), limits=NO_LIMITS)
    assert (result.states, result.transitions, result.depth) == (8**4, 4 * 7 * 8**3, 28)
    assert result.quiescent == 1


def test_a_self_loop_and_a_repeat_are_transitions() -> None:
    field = Field(word=0, shift=0, width=1)
    put = (Op.PUT, 0, 1, 1)
    program = Program(
        words=1,
        fields=(field,),
        initial=((0,),),
        processes=(Process(kind=ProcessKind.AGENT, pc=None, dispatch=((RuleId(0), RuleId(1)),)),),
        rules=(Rule(process=0, tests=(), effects=(put,)), Rule(process=0, tests=(), effects=())),
    )
    result = native.search(program, limits=NO_LIMITS)
    assert (result.states, result.transitions, result.depth) == (2, 4, 1)


def test_initial_states_count_once_each() -> None:
    program = ring(words=1, bits=2)._replace(initial=((0,), (1,), (1,)))
    result = native.search(program, limits=NO_LIMITS)
    assert (result.states, result.transitions, result.depth) == (4, 4, 2)


def test_a_halting_rule_ends_the_path() -> None:
    program = ring(words=1, bits=3)
    bug = program.rules[0]._replace(halts=True, violates=(0,))
    program = program._replace(rules=(bug, program.rules[1]), checks=(Check(kind=CheckKind.STEP),))
    result = native.search(program, limits=NO_LIMITS)
    assert (result.states, result.transitions, result.depth) == (2, 1, 1)
    assert (result.checks[0].verdict, result.checks[0].depth) == (Verdict.VIOLATED, 1)


def test_a_halted_state_goes_on_when_another_rule_leads_to_it() -> None:
    layout = Layout(1)
    f = layout.add(2)
    goes = Rule(process=0, tests=(layout.match(f, 0),), effects=(layout.put(f, 1),))
    rules = (
        goes._replace(halts=True),
        Rule(process=0, tests=(layout.match(f, 0),), effects=(layout.put(f, 2),)),
        Rule(process=0, tests=(layout.match(f, 2),), effects=(layout.put(f, 1),)),
        Rule(process=0, tests=(layout.match(f, 1),), effects=(layout.put(f, 3),)),
    )
    everything = tuple(RuleId(r) for r in range(4))
    program = Program(
        words=1,
        fields=tuple(layout.fields),
        initial=((0,),),
        processes=(Process(kind=ProcessKind.AGENT, pc=None, dispatch=(everything,)),),
        rules=rules,
    )
    result = native.search(program, limits=NO_LIMITS)
    assert (result.states, result.transitions, result.depth) == (4, 4, 3)


def deadlocking(agent: bool) -> Program:
    """A thread waits for a flag that an agent sets, or nobody."""
    layout = Layout(1)
    pc, flag = layout.add(1), layout.add(1)
    rules = (
        Rule(process=0, tests=(layout.match(flag, 1),), effects=(layout.put(pc, 1),)),
        Rule(process=1, tests=(layout.match(flag, 0),), effects=(layout.put(flag, int(agent)),)),
    )
    return Program(
        words=1,
        fields=tuple(layout.fields),
        initial=((0,),),
        processes=(
            Process(kind=ProcessKind.THREAD, pc=pc, dispatch=((RuleId(0),), ()), rest=(1,)),
            Process(kind=ProcessKind.AGENT, pc=None, dispatch=((RuleId(1),),)),
        ),
        rules=rules,
        checks=(Check(kind=CheckKind.DEADLOCK),),
        quiescent=((layout.match(pc, 1),),),
    )


def test_a_thread_that_an_agent_lets_go_on_is_no_deadlock() -> None:
    result = native.search(deadlocking(agent=True), limits=NO_LIMITS)
    assert result.checks[0].verdict is Verdict.HOLDS
    assert (result.states, result.quiescent) == (3, 1)


def test_a_thread_that_waits_for_ever_is_a_deadlock() -> None:
    result = native.search(deadlocking(agent=False), limits=NO_LIMITS)
    assert (result.checks[0].verdict, result.checks[0].depth) == (Verdict.VIOLATED, 0)


def storing(bits: int, canonical: bool) -> Program:
    """Content is made fresh and copied to disk, for ever."""
    layout = Layout(1)
    content, disk = layout.add(bits), layout.add(bits)
    rules = (
        Rule(process=0, tests=(), effects=((Op.FRESH, content, 0),)),
        Rule(process=0, tests=(), effects=((Op.COPY, disk, content),)),
    )
    return Program(
        words=1,
        fields=tuple(layout.fields),
        initial=((0,),),
        processes=(Process(kind=ProcessKind.AGENT, pc=None, dispatch=((RuleId(0), RuleId(1)),)),),
        rules=rules,
        versions=(VersionGroup(fields=(content, disk), named=1, canonical=canonical),),
    )


def test_canonical_versions_make_any_number_of_stores_finite() -> None:
    # (content, disk): 00, 10, 11, 12.
    result = native.search(storing(2, canonical=True), limits=NO_LIMITS)
    assert (result.limit, result.states, result.transitions) == (None, 4, 8)


def test_versions_that_do_not_fit_their_field_are_a_limit() -> None:
    result = native.search(storing(3, canonical=False), limits=NO_LIMITS)
    assert result.limit is Limit.VERSIONS


def asked(kind: CheckKind, program: Program) -> Program:
    """The program with one check that no state fails and no state covers."""
    never = ((Op.MATCH, 0, 1, 1), (Op.MATCH, 0, 1, 0))
    return program._replace(checks=(Check(kind=kind, bad=(never,), covered=(never,)),))


@pytest.mark.parametrize("kind", [CheckKind.ALWAYS, CheckKind.FINALLY])
def test_a_check_without_a_chance_to_fail_is_vacuous(kind: CheckKind) -> None:
    result = native.search(asked(kind, counters(2, 2)), limits=NO_LIMITS)
    assert (result.checks[0].verdict, result.checks[0].covered) == (Verdict.VACUOUS, False)


def test_what_is_not_reachable_is_violated() -> None:
    result = native.search(asked(CheckKind.REACHABLE, counters(2, 2)), limits=NO_LIMITS)
    assert (result.checks[0].verdict, result.checks[0].depth) == (Verdict.VIOLATED, None)


def test_the_limit_on_states_stops_at_it() -> None:
    program = asked(CheckKind.ALWAYS, counters(4, 3))
    result = native.search(program, limits=Limits(states=1000))
    assert (result.limit, result.states) == (Limit.STATES, 1000)
    assert result.checks[0].verdict is Verdict.UNDECIDED


def test_as_many_states_as_the_limit_are_no_limit() -> None:
    assert native.search(counters(4, 3), limits=Limits(states=8**4)).limit is None


def test_the_last_level_of_a_depth_limit_is_not_expanded() -> None:
    result = native.search(ring(words=1, bits=5), limits=Limits(depth=4))
    assert (result.limit, result.states, result.transitions) == (Limit.DEPTH, 5, 4)


def test_the_time_limit_ends_a_long_search() -> None:
    started = time.perf_counter()
    result = native.search(counters(8, 4), limits=Limits(states=None, time_s=0.1))
    assert result.limit is Limit.TIME
    assert time.perf_counter() - started < 5


def test_the_memory_limit_is_kept() -> None:
    result = native.search(counters(8, 4), limits=Limits(states=None, memory_mb=8))
    assert result.limit is Limit.MEMORY
    assert result.states > 100_000
    assert result.bytes_per_state * result.states <= 8 << 20


def test_a_violation_found_before_a_limit_stands() -> None:
    program = counters(4, 3)
    early = Check(kind=CheckKind.ALWAYS, bad=(((Op.MATCH, 0, 7, 1),),))
    seen = Check(kind=CheckKind.REACHABLE, bad=(((Op.MATCH, 0, 7, 1),),))
    result = native.search(program._replace(checks=(early, seen)), limits=Limits(states=100))
    assert [c.verdict for c in result.checks] == [Verdict.VIOLATED, Verdict.HOLDS]
    assert [c.depth for c in result.checks] == [1, 1]


def test_progress_is_reported_and_its_exceptions_come_out() -> None:
    seen: list[tuple[int, int, int, int]] = []

    def progress(states: int, transitions: int, depth: int, frontier: int) -> None:
        seen.append((states, transitions, depth, frontier))
        if len(seen) == 2:
            raise LookupError("enough")

    with pytest.raises(LookupError, match="enough"):
        native.search(counters(8, 4), limits=NO_LIMITS, progress=progress)
    assert seen[0][0] < seen[1][0]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """As in the foreground: a shell lets what it starts in the background ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_ends_the_search_with_what_it_has() -> None:
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    timer.start()
    result = native.search(counters(8, 4), limits=Limits(states=None, time_s=60))
    timer.join()
    assert result.limit is Limit.INTERRUPT
    assert result.states > 1000


def test_other_threads_run_while_it_searches() -> None:
    ticks: list[float] = []

    def tick() -> None:
        while len(ticks) < 3:
            ticks.append(time.perf_counter())
            time.sleep(0.01)

    thread = threading.Thread(target=tick)
    thread.start()
    native.search(counters(8, 4), limits=Limits(states=None, time_s=1.0))
    assert len(ticks) == 3
    thread.join()


@pytest.mark.parametrize("cut", [0, 1, 7, 8, 80])
def test_words_that_are_no_program_are_refused(cut: int) -> None:
    from mmscn.runtime.native import _engine
    from mmscn.runtime.native.encode import encode

    encoded = encode(counters(2, 2))[:cut]
    with pytest.raises(ValueError, match="malformed"):
        _engine.search(
            encoded, bytes(32), 1, 1, 1.0, 1 << 20, 1, 0, None, None, 1.0, None, None, 0, None, 0
        )


def test_the_programs_of_these_tests_are_well_formed() -> None:
    for program in (ring(words=3, bits=5), counters(4, 3), deadlocking(True), storing(3, False)):
        verify(program)
    assert FieldId(0) == 0


def test_a_program_is_encoded_once_for_its_search_and_its_traces() -> None:
    from mmscn.runtime.native.encode import encode

    one, other = counters(2, 2), counters(2, 3)
    words = encode(one)
    assert encode(one) is words
    assert encode(other) != words
    assert encode(counters(2, 2)) == words
