"""The native executor, the Python one and the definitions find the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from support.native.large import large
from support.native.native_programs import counters, random_program, shared, symmetric_program
from support.runtime import naive

from mmscn.runtime.bytecode import Check, CheckId, CheckKind, Op, Program
from mmscn.runtime.explore import bfs
from mmscn.runtime.explore.trace import counterexample
from mmscn.runtime.interpreter import VersionOverflow
from mmscn.runtime.result import Limit, Limits, Trace
from mmscn.runtime.verify import verify

native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")
encoding = pytest.importorskip("mmscn.runtime.native.encode")
LOT = 25


SYMMETRIC = (0, 1, 6, 8, 13, 15, 16, 17, 20, 37)
"""Seeds of symmetric programs that have some states, and not too many for the definitions."""
Made = Callable[[int], Program]


@cache
def by_definition(made: Made, seed: int) -> naive.NaiveResult | None:
    """None where a version overflows. What is searched natively in two ways is asked for twice."""
    try:
        return naive.search(made(seed))
    except VersionOverflow:
        return None


def agrees(made: Made, seed: int) -> None:
    agree(made(seed), by_definition(made, seed))


def agree(program: Program, defined: naive.NaiveResult | None) -> None:
    verify(program)
    found = native.search(program, limits=Limits(), jobs=1)
    if defined is None:
        assert found.limit is Limit.VERSIONS
        return
    assert found.limit is None
    numbers = (found.states, found.transitions, found.depth, found.quiescent)
    assert numbers == (defined.states, defined.transitions, defined.depth, defined.quiescent)
    assert tuple((c.verdict, c.depth, c.covered) for c in found.checks) == defined.checks


@pytest.mark.parametrize("first", range(0, 200, LOT))
def test_random_programs_agree_with_the_definitions(first: int) -> None:
    for seed in range(first, first + LOT):
        agrees(random_program, seed)


@pytest.mark.parametrize("first", range(0, 200, LOT))
def test_so_do_those_whose_rules_are_in_a_list_for_each_counter(
    first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "JOINED_MAX", 0)
    for seed in range(first, first + LOT):
        agrees(random_program, seed)
    agrees(symmetric_program, SYMMETRIC[first // LOT])


@pytest.mark.parametrize("joined_max", [0, 2])
def test_a_rule_that_is_at_two_counters_is_tested_at_both(
    joined_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoding, "JOINED_MAX", joined_max)
    agree(shared(), naive.search(shared()))


@pytest.mark.parametrize("seed", SYMMETRIC)
def test_symmetric_programs_agree_with_the_definitions(seed: int) -> None:
    agrees(symmetric_program, seed)


@pytest.mark.slow
def test_more_symmetric_programs_agree_with_the_definitions() -> None:
    for seed in range(50):
        agrees(symmetric_program, seed)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(200, 1000, LOT))
def test_many_random_programs_agree_with_the_definitions(first: int) -> None:
    for seed in range(first, first + LOT):
        agrees(random_program, seed)
        agrees(symmetric_program, seed)


@pytest.mark.parametrize("words", [1, 2, 3])
@pytest.mark.parametrize("jobs", [2, 3])
def test_threads_find_what_one_finds(words: int, jobs: int) -> None:
    program = counters(6, 3, words)
    alone = native.search(program, limits=Limits())
    together = native.search(program, limits=Limits(), jobs=jobs)
    assert (together.states, together.transitions, together.depth, together.quiescent) == (
        8**6,
        6 * 7 * 8**5,
        42,
        1,
    )
    assert together.checks == alone.checks


@pytest.mark.parametrize("words", [1, 2, 3])
@pytest.mark.parametrize("states", [60_000, 130_000, 200_000, 261_000])
def test_threads_are_at_the_limit_where_one_is(words: int, states: int) -> None:
    program = counters(6, 3, words)
    alone = native.search(program, limits=Limits(states=states))
    for jobs in (2, 5):
        together = native.search(program, limits=Limits(states=states), jobs=jobs)
        assert (together.limit, together.states) == (Limit.STATES, states)
        assert (together.transitions, together.depth) == (alone.transitions, alone.depth)


def test_the_threads_that_nobody_asked_for_find_the_same() -> None:
    program = large(2)
    alone = native.search(program, limits=Limits(), jobs=1)
    together = native.search(program, limits=Limits(), jobs=None)
    assert together.states == alone.states == 8**7 > 2 * native.THREADS_FROM
    numbers = (together.checks, together.transitions, together.depth, together.quiescent)
    assert numbers == (alone.checks, alone.transitions, alone.depth, alone.quiescent)


def test_a_trace_is_the_same_with_threads() -> None:
    program = counters(6, 3, 2)
    late = (((Op.MATCH, 0, 0b111_111, 0b111_111), (Op.MATCH, 1, 0b111_111, 0b110_111)),)
    program = program._replace(checks=(Check(kind=CheckKind.ALWAYS, bad=late),))
    alone = native.find_trace(program, CheckId(0), limits=Limits(), jobs=1)
    assert alone is not None
    assert len(alone.rules) > 20
    assert native.find_trace(program, CheckId(0), limits=Limits(), jobs=3) == alone
    few = Limits(states=native.search(program, limits=Limits()).states - 1)
    assert native.find_trace(program, CheckId(0), limits=few, jobs=3) == alone


def same_as_python(program: Program, jobs: int) -> None:
    """`random_program` has symmetries that are none, for which results depend on the order."""
    ours = native.search(program, limits=Limits(), jobs=jobs)
    theirs = bfs.search(program, limits=Limits())
    if ours.limit is Limit.VERSIONS:
        assert theirs.limit is Limit.VERSIONS
        return
    assert ours.checks == theirs.checks
    assert (ours.states, ours.transitions, ours.depth, ours.quiescent, ours.limit) == (
        theirs.states,
        theirs.transitions,
        theirs.depth,
        theirs.quiescent,
        theirs.limit,
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_both_executors_find_the_same(jobs: int) -> None:
    for seed in range(2000, 2040):
        same_as_python(random_program(seed)._replace(symmetry=()), jobs)
        same_as_python(symmetric_program(seed), jobs)


def test_symmetry_finds_the_verdicts_of_the_whole() -> None:
    for seed in range(40):
        program = symmetric_program(seed)
        reduced = native.search(program, limits=Limits())
        whole = native.search(program._replace(symmetry=()), limits=Limits())
        assert reduced.checks == whole.checks
        assert reduced.states <= whole.states <= 6 * reduced.states


def test_traces_are_those_of_the_python_executor() -> None:
    assert traces_alike(range(60)) > 50


def test_so_are_those_with_a_list_for_each_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "JOINED_MAX", 0)
    assert traces_alike(range(40)) > 30


@pytest.mark.slow
def test_more_traces_are_those_of_the_python_executor() -> None:
    assert traces_alike(range(60, 300)) > 200


def traces_alike(seeds: range) -> int:
    """How many traces there are of some programs; both executors have the same."""
    traces = 0
    for seed in seeds:
        program, theirs = traced_by_python(seed)
        ours = [native.find_trace(program, c, limits=Limits()) for c in range(len(program.checks))]
        assert ours == theirs
        traces += sum(trace is not None for trace in ours)
    return traces


@cache
def traced_by_python(seed: int) -> tuple[Program, list[Trace | None]]:
    program = random_program(seed)
    if program.symmetry:
        program = symmetric_program(seed)
    checks = map(CheckId, range(len(program.checks)))
    return program, [counterexample(program, check, limits=Limits()) for check in checks]
