"""Random walks: what they meet a search meets too, and a seed makes the same walks."""

from __future__ import annotations

from support.runtime.programs import random_program

from mmscn.runtime.bytecode import CheckKind, Program
from mmscn.runtime.explore import bfs
from mmscn.runtime.explore.walks import Walked, shortened, walk
from mmscn.runtime.interpreter import NotEnabled, VersionOverflow, replay
from mmscn.runtime.judged import fails
from mmscn.runtime.result import Limit, Limits, Verdict

NO_LIMITS = Limits(states=None, memory_mb=None)
SHORT = NO_LIMITS._replace(depth=24)
SEEDS = range(20)


def walked(program: Program, walks: int = 25, seed: int = 0, limits: Limits = SHORT) -> Walked:
    return walk(program, walks=walks, seed=seed, limits=limits)


def test_what_walks_meet_a_search_meets_and_nothing_holds_by_them() -> None:
    violated = witnessed = 0
    for program in map(random_program, SEEDS):
        whole = bfs.search(program, limits=NO_LIMITS)
        if whole.limit is not None:
            continue
        found = walked(program)
        assert found.result.limit is Limit.WALKS
        assert found.result.states <= whole.states
        assert found.result.quiescent <= whole.quiescent
        for check, met, all_ in zip(
            program.checks, found.result.checks, whole.checks, strict=True
        ):
            wanted = check.kind is CheckKind.REACHABLE
            assert met.verdict in (all_.verdict, Verdict.UNDECIDED)
            assert met.verdict is not Verdict.HOLDS or wanted
            assert not met.covered or all_.covered
            assert met.depth is None or (all_.depth is not None and met.depth >= all_.depth)
            violated += met.verdict is Verdict.VIOLATED
            witnessed += met.verdict is Verdict.HOLDS
    assert violated > 5
    assert witnessed > 2


def test_a_path_ends_in_what_it_is_said_to_break_and_shortened_does_so_too() -> None:
    shorter = 0
    for program in map(random_program, SEEDS):
        for check, path in walked(program).paths.items():
            states = replay(program, path.rules, path.start)
            assert fails(program, check, path.rules, states[-1])
            less = shortened(
                program, path, lambda s, rules, p=program, c=check: fails(p, c, rules, s)
            )
            states = replay(program, less.rules, less.start)
            assert fails(program, check, less.rules, states[-1])
            assert len(less.rules) <= len(path.rules)
            shorter += len(less.rules) < len(path.rules)
    assert shorter > 5


def test_no_single_step_of_a_shortened_path_can_be_left_out() -> None:
    program = random_program(3)
    tried = 0
    for check, path in walked(program).paths.items():
        less = shortened(program, path, lambda s, rules, c=check: fails(program, c, rules, s))
        for n in range(len(less.rules)):
            fewer = less.rules[:n] + less.rules[n + 1 :]
            try:
                last = replay(program, fewer, less.start)[-1]
            except (NotEnabled, VersionOverflow):
                continue
            assert not fails(program, check, fewer, last)
            tried += 1
    assert tried


def test_a_seed_makes_the_same_walks_and_another_makes_others() -> None:
    different = 0
    for program in map(random_program, SEEDS):
        one, same, other = (walked(program, walks=2, seed=s) for s in (7, 7, 8))
        assert one.paths == same.paths
        assert one.result._replace(seconds=0) == same.result._replace(seconds=0)
        different += one.result._replace(seconds=0) != other.result._replace(seconds=0)
    assert different > 5


def test_a_walk_does_not_depend_on_those_before_it() -> None:
    program = random_program(5)
    few, many = walked(program, walks=3), walked(program, walks=6)
    assert few.result.transitions < many.result.transitions
    again = walked(program, walks=6)
    assert again.result._replace(seconds=0) == many.result._replace(seconds=0)


def test_a_limit_ends_the_walks() -> None:
    program = next(p for p in map(random_program, SEEDS) if walked(p).result.transitions > 300)
    found = walked(program, walks=10**9, limits=NO_LIMITS._replace(states=2))
    assert found.result.limit is Limit.STATES
    assert found.walks < 10**9
    found = walked(program, walks=10**9, limits=NO_LIMITS._replace(time_s=0.05))
    assert found.result.limit is Limit.TIME
    assert walked(program, limits=NO_LIMITS._replace(depth=2)).result.depth == 2
