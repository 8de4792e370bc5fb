"""A search that ends when enough is violated: behind a whole level, the same for all executors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.runtime.programs import random_program

from mmscn.runtime.bytecode import CheckKind, Program
from mmscn.runtime.explore import bfs
from mmscn.runtime.explore.executors import EXECUTORS, Asked, Executor
from mmscn.runtime.result import CheckResult, Limit, Limits, Result, Stop, Verdict

NO_LIMITS = Limits(states=None, memory_mb=None)
SEEDS = range(50)


def searched(program: Program, stop: Stop | None, limits: Limits = NO_LIMITS) -> list[Result]:
    """By all executors, those with threads with one and with three."""
    able = [e for e in EXECUTORS if e.missing() is None]
    return [e.search(program, Asked(limits, jobs, stop=stop)) for e in able for jobs in jobs_of(e)]


def jobs_of(executor: Executor) -> tuple[int, ...]:
    return (1, 3) if executor.name == "native" else (1,)


def told(result: Result) -> tuple[object, ...]:
    met = [(c.verdict, c.depth) for c in result.checks]
    return met, result.states, result.transitions, result.depth, result.quiescent, result.limit


def levels(program: Program, checks: tuple[CheckResult, ...]) -> Iterator[tuple[int, int]]:
    """By number, each check that is violated, and the level whose expansion shows it."""
    for number, (check, met) in enumerate(zip(program.checks, checks, strict=True)):
        if met.depth is not None and check.kind is not CheckKind.REACHABLE:
            yield number, met.depth if check.kind is CheckKind.DEADLOCK else met.depth - 1


def breaks_deadlock(program: Program) -> bool:
    """Whether a rule says it is a deadlock: then the depth does not tell the level."""
    checks = program.checks
    broken = (c for rule in program.rules for c in rule.violates)
    return any(checks[c].kind is CheckKind.DEADLOCK for c in broken)


def test_what_is_found_by_the_end_of_the_level_is_violated_and_nothing_else_is() -> None:
    ended = 0
    for seed in SEEDS:
        program = random_program(seed)
        whole = bfs.search(program, limits=NO_LIMITS)
        if whole.limit is not None or breaks_deadlock(program):
            continue
        found = dict(levels(program, whole.checks))
        for most in (1, 2):
            results = searched(program, Stop(tuple(range(len(program.checks))), most))
            assert all(told(r) == told(results[0]) for r in results), seed
            if results[0].limit is None:
                assert told(results[0]) == told(whole), seed
                continue
            ended += 1
            assert results[0].limit is Limit.STOP
            last = sorted(found.values())[most - 1]
            violated = {n for n, _ in levels(program, results[0].checks)}
            assert violated == {n for n, level in found.items() if level <= last}, seed
            assert all(
                c.verdict in (Verdict.VIOLATED, Verdict.UNDECIDED)
                for c, check in zip(results[0].checks, program.checks, strict=True)
                if check.kind is not CheckKind.REACHABLE
            )
    assert ended > 10


def test_checks_of_one_group_count_once_and_those_of_none_do_not() -> None:
    grouped = 0
    for seed in SEEDS:
        program = random_program(seed)
        whole = bfs.search(program, limits=NO_LIMITS)
        if whole.limit is not None:
            continue  # how far one came depends on who searched
        count = len(program.checks)
        for groups, most in (((0,) * count, 2), ((-1,) * count, 1)):
            for result in searched(program, Stop(groups, most)):
                assert told(result) == told(whole), seed
        grouped += len(list(levels(program, whole.checks))) > 1
    assert grouped > 10


def test_a_limit_that_is_met_in_the_same_level_is_told_before() -> None:
    program, stop = next(
        (p, s)
        for p in map(random_program, SEEDS)
        for s in [Stop(tuple(range(len(p.checks))))]
        if bfs.search(p, limits=NO_LIMITS, stop=s).limit is Limit.STOP
    )
    states = bfs.search(program, limits=NO_LIMITS, stop=stop).states
    for room, limit in ((0, Limit.STOP), (-1, Limit.STATES)):
        for result in searched(program, stop, NO_LIMITS._replace(states=states + room)):
            assert result.limit is limit


def test_a_group_for_each_check_is_wanted() -> None:
    native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")
    with pytest.raises(ValueError, match="a group for each check"):
        native.search(random_program(0), stop=Stop((0,) * 77))
