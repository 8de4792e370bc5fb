"""A search that remembers bits of states: what it finds is there, and what it missed is told."""

from __future__ import annotations

from typing import Any

import pytest
from support.native.bits import Bits
from support.native.large import large
from support.native.native_programs import counters, random_program, symmetric_program

from mmscn.judge.api import load
from mmscn.runtime.bytecode import Check, CheckId, CheckKind, Program
from mmscn.runtime.explore.executors import ExecutorMissing, chosen
from mmscn.runtime.interpreter import VersionOverflow, canonical_versions, replay
from mmscn.runtime.judged import fails
from mmscn.runtime.result import Limit, Limits, Verdict

native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")
_engine = pytest.importorskip("mmscn.runtime.native._engine", reason="the extension is not built")
EVERYTHING = (1 << 64) - 1
FREE = Limits(states=None, memory_mb=None)


def engine(program: Program, table_bytes: int, states: int = EVERYTHING) -> tuple[Any, ...]:
    """What the engine says with a table that is smaller than any that can be asked for."""
    from mmscn.runtime.native.encode import encode

    found: tuple[Any, ...] = _engine.search(
        encode(program), bytes(32), states, EVERYTHING, 1e9, EVERYTHING, 1, 0, None, None,
        1.0, None, None, 0, None, table_bytes,
    )  # fmt: skip
    return found


def way(program: Program, check: int, table_bytes: int) -> Any:
    from mmscn.runtime.native.encode import encode

    return _engine.find_way(
        encode(program), check, EVERYTHING, EVERYTHING, 1e9, EVERYTHING, table_bytes
    )


def programs(first: int, last: int) -> list[Program]:
    """`random_program` has symmetries that are none, and no way goes through those."""
    plain = [random_program(seed)._replace(symmetry=()) for seed in range(first, last)]
    return [*plain, *map(symmetric_program, range(first // 8, last // 8))]


@pytest.mark.parametrize("table_bytes", [8, 16, 64])
def test_the_states_that_are_taken_for_others_are_those_of_the_definition(table_bytes: int) -> None:
    """So the hash, the order and the count are what they are said to be."""
    taken = 0
    for program in programs(0, 16):
        ended, states, transitions, depth, quiescent, checks, *_, filled, expected = engine(
            program, table_bytes
        )
        try:
            defined = Bits(program, 8 * table_bytes).search()
        except VersionOverflow:
            assert ended == _engine.VERSIONS
            continue
        assert ended == _engine.RUNNING
        numbers = (states, transitions, depth, quiescent, filled)
        assert numbers == (
            defined.states, defined.transitions, defined.depth, defined.quiescent, defined.filled
        )  # fmt: skip
        assert expected == pytest.approx(defined.expected)
        assert {c: first for c, (first, _) in enumerate(checks) if first >= 0} == defined.depths
        taken += len(defined.taken)
    assert taken > 0


def test_a_table_with_room_for_all_finds_what_a_search_of_the_states_finds() -> None:
    for program in programs(40, 80):
        whole = native.search(program, limits=FREE)
        found = native.search(program, limits=FREE._replace(bits_mb=1))
        assert found[1:5] == whole[1:5]
        if whole.limit is None:
            assert found.limit is Limit.BITSTATE
            assert found.bitstate is not None
            assert found.bitstate.taken < 1e-3
        for seen, known in zip(found.checks, whole.checks, strict=True):
            assert (seen.depth, seen.covered) == (known.depth, known.covered)
            assert seen.verdict in (known.verdict, Verdict.UNDECIDED)


@pytest.mark.parametrize("words", [1, 2, 3])
def test_nothing_is_said_to_hold_and_what_is_found_stays_found(words: int) -> None:
    program = counters(6, 3, words)
    end = Check(kind=CheckKind.REACHABLE, bad=program.quiescent)
    program = program._replace(checks=(*large(words).checks, end))
    whole = native.search(program, limits=FREE)
    found = native.search(program, limits=FREE._replace(bits_mb=1))
    assert found.states < whole.states
    assert found.limit is Limit.BITSTATE
    for seen, check in zip(found.checks, program.checks, strict=True):
        there = seen.depth is not None
        decided = Verdict.HOLDS if check.kind is CheckKind.REACHABLE else Verdict.VIOLATED
        assert seen.verdict is (decided if there else Verdict.UNDECIDED)
    assert {c.verdict for c in found.checks} == {*Verdict} - {Verdict.VACUOUS}


@pytest.mark.parametrize("bits", [4, 8])
def test_how_many_are_taken_for_others_is_told_within_a_fifth(bits: int) -> None:
    """Of a scenario with 4045 states: 181 are, where 172 are said to be, and 33 where 34 are."""
    size = {"NW": 2, "NP": 1, "K": 2, "Z": 2, "VAR": 2}
    tlb = load("tlb")
    program = tlb.case(tlb.combinations(size)[0], True)().reduction.program
    table_bytes = 4045 * bits // 8
    defined = Bits(program, table_bytes // 8 * 64).search()
    _, states, *_, told = engine(program, table_bytes)
    assert states == defined.states
    assert len(defined.taken) == pytest.approx(told, rel=0.2)
    assert len(defined.taken) < 4045 - states < 3 * told


@pytest.mark.parametrize("table_bytes", [16, 1 << 16])
def test_a_way_to_what_was_found_is_walked_and_ends_there(table_bytes: int) -> None:
    """Also where states were missed, so that it may not be the shortest."""
    walked = set()
    for program in programs(0, 48):
        *_, checks, _, _, _, _ = engine(program, table_bytes)
        for number, (depth, _) in enumerate(checks):
            found = way(program, number, table_bytes)
            if depth < 0:
                assert found is None
                continue
            rules, states, _, _ = found
            assert len(rules) == depth
            initial = [canonical_versions(program, state) for state in program.initial]
            assert replay(program, rules, initial.index(states[0])) == tuple(states)
            assert fails(program, CheckId(number), rules, states[-1])
            walked.add(program.checks[number].kind)
    assert walked == set(CheckKind) - {CheckKind.EVENTUALLY, CheckKind.LEADS, CheckKind.LIVELOCK}


def test_limits_end_it() -> None:
    program = counters(6, 2)
    assert engine(program, 1 << 16, states=1000)[:2] == (_engine.STATES, 1000)
    limits = FREE._replace(bits_mb=1)
    assert native.search(program, limits=limits._replace(depth=3)).limit is Limit.DEPTH
    assert native.search(large(3), limits=limits._replace(memory_mb=2)).limit is Limit.MEMORY
    assert native.search(large(), limits=limits._replace(time_s=1e-3)).limit is Limit.TIME


def test_its_final_states_are_among_all() -> None:
    program = random_program(3)
    fields = tuple(range(len(program.fields)))
    every, _ = native.final_values(program, fields, limits=FREE)
    some, limit = native.final_values(program, fields, limits=FREE._replace(bits_mb=1))
    assert some == every
    assert limit is Limit.BITSTATE


@pytest.mark.parametrize("more", [{"jobs": 2}, {"checkpoint": "f"}, {"resume": "f"}])
def test_what_does_not_go_with_it_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="bits of states are remembered by one job"):
        native.search(counters(2, 2), limits=FREE._replace(bits_mb=1), **more)


def test_a_table_that_leaves_no_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="a table of 8 MB leaves nothing of 8 MB"):
        native.search(counters(2, 2), limits=Limits(bits_mb=8, memory_mb=8))


def test_another_executor_has_it_not() -> None:
    with pytest.raises(ExecutorMissing, match="bits of states are remembered by the native"):
        chosen("python", bits=True)
