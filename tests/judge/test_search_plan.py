"""Searches with and without counters: which decides, and what the report says."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from support.lower.counting_texts import counting_text

import mmscn
from mmscn import Limits, Verdict
from mmscn.judge import search_plan
from mmscn.judge.case import Case
from mmscn.judge.report import Run
from mmscn.lower.compile import REDUCTIONS
from mmscn.runtime.bytecode import Program
from mmscn.runtime.explore import bfs
from mmscn.runtime.explore.executors import EXECUTORS, Turns, chosen
from mmscn.runtime.explore.verdicts import proved
from mmscn.runtime.result import Limit, Result

NOTE = "rounds are not counted: this holds under any higher bounds on n"

ROUNDS = """scenario rounds
var n: 0..2
var x: 0..3
var f: bool
var g: bool
concurrent {
  daemon thread a { atomic { await n < 2; if x < 3 { x += 1 } }; f = true; f = false; n += 1 }
  daemon thread b { g = true; g = false }
}
agent device[bit in 0..1] {
  var on: bool
  busy when on
  step change when f or g { on = not on }
}
reachable f and g
"""
FLAGS = ROUNDS.replace("if x < 3 { x += 1 }", "x = 1")


HOLDS = FLAGS + "always not (g and x == 2)\n"
"""40 states reduced, 16 without its counter."""

COUNTING = frozenset(REDUCTIONS) - {"counters"}


@pytest.fixture(autouse=True)
def early(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns that programs of a few dozen states take."""
    turns(monkeypatch, 12, ((12, 1_000), (30, 1_000), (None, None)))


def turns(monkeypatch: pytest.MonkeyPatch, small: int, further: Turns) -> None:
    """The same for all executors."""
    for executor in EXECUTORS:
        monkeypatch.setattr(executor, "small", small)
        monkeypatch.setattr(executor, "beside", None)
        monkeypatch.setattr(executor, "turns", further)


near_and_far = partial(search_plan.search_case, small=True, turns=True, executor=chosen("auto"))


def run(text: str, **options: Any) -> Run:
    (found,) = mmscn.loads(text).check(**options).runs
    return found


def case(text: str) -> Case:
    scenario = mmscn.loads(text)
    return scenario.case(scenario.combinations()[0], True)()


def test_what_holds_without_counters_holds_for_any_number_of_rounds() -> None:
    found = run(HOLDS)
    assert found.verdict is Verdict.HOLDS
    assert found.notes == (NOTE,)
    wider = case(HOLDS).uncounted
    assert wider is not None
    assert found.result.states == bfs.search(wider.program, limits=Limits()).states


def test_what_may_be_for_any_number_of_rounds_is_not_answered_for_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for executor in EXECUTORS:
        monkeypatch.setattr(executor, "beside", 1_000)
    assert run(HOLDS).notes == (NOTE,)


def test_the_reduction_has_its_switch() -> None:
    found = run(HOLDS, reduce=COUNTING)
    assert found.verdict is Verdict.HOLDS
    assert found.notes == ()
    assert found.result.states > run(HOLDS).result.states
    assert run(HOLDS, reduce=frozenset(("counters", "private"))).notes == (NOTE,)


def test_what_only_breaks_without_counters_holds() -> None:
    text = ROUNDS + "always x != 3\n"
    assert bfs_verdict(text) is Verdict.VIOLATED
    found = run(text)
    assert found.verdict is Verdict.HOLDS
    assert found.notes == ()


def bfs_verdict(text: str) -> Verdict:
    """Of the last check, in the program without counters."""
    wider = case(text).uncounted
    assert wider is not None
    return bfs.search(wider.program, limits=Limits()).checks[-1].verdict


def test_what_breaks_has_its_shortest_counterexample() -> None:
    text = ROUNDS + 'always "few" x != 2\n'
    found, plain = run(text), run(text, reduce=False)
    assert found.verdict is plain.verdict is Verdict.VIOLATED
    example, other = found.counterexample("few"), plain.counterexample("few")
    assert example is not None
    assert other is not None
    assert example.trace == other.trace
    assert example.trace.shortest


def test_what_is_only_put_to_the_test_without_counters_is_vacuous() -> None:
    text = ROUNDS.replace("g = true;", 'g = true; if x == 3 { assert g "set" };')
    assert bfs_verdict(text) is Verdict.HOLDS
    found = run(text)
    assert found.property("set").verdict is Verdict.VACUOUS
    assert found.notes == ()


def test_what_no_bound_puts_to_the_test_is_vacuous() -> None:
    found = run(FLAGS + "always x == 2 implies f\nalways x != 3\n")
    assert found.property("x == 2 implies f").verdict is Verdict.VACUOUS
    assert found.notes == (NOTE,)


@pytest.mark.parametrize(
    ("wanted", "verdict", "notes"),
    [
        ("x == 3", Verdict.VIOLATED, ()),
        ("x == 2", Verdict.HOLDS, ()),
        ("x == 1 and g", Verdict.HOLDS, (NOTE,)),
    ],
)
def test_what_is_reached_is_reached_with_counters(
    wanted: str, verdict: Verdict, notes: tuple[str, ...]
) -> None:
    text = (FLAGS if notes else ROUNDS) + f"reachable {wanted}\n"
    found = run(text)
    assert found.verdict is verdict
    if notes:
        assert found.notes == notes


def test_coverage_that_comes_late_is_waited_for() -> None:
    """The first turn has not seen the second round; the second one has."""
    found = run(ROUNDS + "always x == 2 implies f or not f\n", executor="python")
    assert found.verdict is Verdict.HOLDS
    assert found.notes == (NOTE,)


@pytest.mark.parametrize("states", [3, 7, 13])
def test_a_limit_leaves_it_undecided(states: int) -> None:
    found = run(HOLDS, limits=Limits(states=states))
    assert found.verdict is Verdict.UNDECIDED
    assert found.notes == ()


def test_a_proof_within_the_limit_is_one() -> None:
    found = run(HOLDS, limits=Limits(states=25))
    assert found.verdict is Verdict.HOLDS
    assert found.notes == (NOTE,)
    alone = run(HOLDS, limits=Limits(states=25), reduce=COUNTING)
    assert alone.verdict is Verdict.UNDECIDED


def test_a_depth_that_is_reached_is_no_proof() -> None:
    for depth in (2, 3, 4):
        found = run(HOLDS, limits=Limits(depth=depth))
        assert found.verdict is Verdict.UNDECIDED


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_interrupt_ends_the_run(at: int) -> None:
    """Also in the program without counters, whose violations are none."""
    rounds = case(ROUNDS + "always x != 3\n")
    asked: list[Program] = []

    def search(program: Program, *, limits: Limits) -> Result:
        asked.append(program)
        found = bfs.search(program, limits=limits)
        stopped = len(asked) == at + 1
        return stop(found) if stopped else found

    result, _ = near_and_far(rounds, Limits(), search)
    assert len(asked) == at + 1
    assert result.limit is Limit.INTERRUPT
    assert {check.verdict for check in result.checks} <= {Verdict.UNDECIDED, Verdict.HOLDS}
    assert result.checks[-1].verdict is Verdict.UNDECIDED


def stop(found: Result) -> Result:
    return found._replace(limit=Limit.INTERRUPT)


def test_all_searches_share_the_time() -> None:
    rounds = case(ROUNDS + "always x != 3\n")
    given: list[float | None] = []

    def search(program: Program, *, limits: Limits) -> Result:
        given.append(limits.time_s)
        return bfs.search(program, limits=limits._replace(time_s=None))._replace(seconds=1.0)

    near_and_far(rounds, Limits(time_s=9), search)
    assert given == [9, 8, 3.5, 6]


def judged(text: str, reduce: bool) -> list[tuple[str, Verdict]]:
    found = run(text, executor="python", reduce=reduce)
    return [(p.name, p.verdict) for p in found.properties]


def proofs(seeds: range, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many programs are judged without their counters; all as they are with them."""
    turns(monkeypatch, 15, ((2, 1_000), (3, 1_000), (None, None)))
    found: list[bool] = []
    monkeypatch.setattr(search_plan, "proved", lambda *a: noted(found, proved(*a)))
    for seed in seeds:
        text = counting_text(seed)
        assert judged(text, True) == judged(text, False), seed
    return sum(found)


def noted(found: list[bool], proof: Result | None) -> Result | None:
    found.append(proof is not None)
    return proof


def test_generated_programs_are_judged_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proofs(range(20), monkeypatch) > 5


@pytest.mark.slow
def test_more_generated_programs_are_judged_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proofs(range(20, 60), monkeypatch) > 10


@pytest.mark.slow
def test_many_generated_programs_are_judged_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proofs(range(1_000, 4_000), monkeypatch) > 500
