"""Shipped scenarios: the oracle, both executors and all reductions agree on them."""

from __future__ import annotations

import pytest
from support.agreement.agreement import (
    ENDLESS,
    EVERYTHING,
    NOTHING,
    ONE_OFF,
    UNBOUNDED,
    Without,
    differences,
    programs_of,
)
from support.oracle.states import Unbounded

from mmscn.judge.shipped import shipped_scenarios
from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled
from mmscn.runtime.explore import bfs
from mmscn.runtime.result import Limits, Result, Verdict
from mmscn.source import Source

SHIPPED = {s.name: s for s in shipped_scenarios()}

QUICK_STATES, SLOW_STATES = 300, 1_500
"""How far the oracle walks by default and in the long form."""

QUICK_TOPICS = ("hardware", "bounds")


def test_the_oracle_agrees_with_the_shipped_scenarios_that_it_can_walk() -> None:
    walked, too_large = 0, 0
    for name in [n for n, s in SHIPPED.items() if s.path.split("/")[-2] in QUICK_TOPICS]:
        done, left = compared(name, QUICK_STATES, (NOTHING, EVERYTHING), combinations=3)
        walked += done
        too_large += left
    assert walked >= 15, f"{too_large} combinations have more than {QUICK_STATES} states"


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_the_oracle_agrees_with_a_shipped_scenario(name: str) -> None:
    walked, too_large = compared(name, SLOW_STATES, (NOTHING, EVERYTHING), combinations=2)
    if not walked:
        pytest.skip(f"each of {too_large} combinations has more than {SLOW_STATES} states")


COMBINATIONS_MAX = 2
"""Of one scenario, spread over all."""

WHOLE_STATES, PYTHON_STATES = 500_000, 4_000
"""How large a program is searched without reductions, and by the Python executor."""


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_reductions_and_executors_agree_on_a_shipped_scenario(name: str) -> None:
    """With all reductions, with one of them left out in turn, without; native and Python.

    The one is another from scenario to scenario, too: each is left out of twenty.
    """
    native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")
    shipped = SHIPPED[name]
    source = Source(shipped.path, shipped.file.read_text(encoding="utf-8"))
    decided = 0
    first = list(SHIPPED).index(name) * COMBINATIONS_MAX
    for number, (combination, checked) in enumerate(programs_of(source, COMBINATIONS_MAX), first):
        compiled = compile(checked)
        whole = native.search(compiled.program, limits=Limits(states=WHOLE_STATES))
        reduced = native.search(compiled.reduced, limits=UNBOUNDED)
        assert reduced.limit is None, combination
        one_off = compile(checked, without=ONE_OFF[number % len(ONE_OFF)]).reduced
        others = [native.search(one_off, limits=Limits(states=WHOLE_STATES)), whole]
        for other in others:
            if other.limit is None:
                decided += 1
                assert verdicts(other, compiled) == verdicts(reduced, compiled), combination
        for program, found in ((compiled.reduced, reduced), (compiled.program, whole)):
            if found.limit is None and found.states <= PYTHON_STATES:
                assert counts(bfs.search(program, limits=UNBOUNDED)) == counts(found), combination
    assert decided


def verdicts(result: Result, compiled: Compiled) -> list[Verdict]:
    """Of the checks of states and steps."""
    kinds = [compiled.checked.checks[n].kind for n in compiled.checks]
    return [c.verdict for c in result.checks if kinds[c.check] not in ENDLESS]


def counts(result: Result) -> tuple[object, ...]:
    return result.checks, result.states, result.transitions, result.depth, result.quiescent


def compared(
    name: str, states_max: int, without: Without, *, combinations: int | None = None
) -> tuple[int, int]:
    """How many combinations of the params were compared, and how many are too large.

    combinations: how many to look at, some of all.
    """
    shipped = SHIPPED[name]
    source = Source(shipped.path, shipped.file.read_text(encoding="utf-8"))
    walked = too_large = 0
    for combination, checked in programs_of(source, combinations):
        try:
            found = differences(checked, states_max=states_max, without=without)
        except Unbounded:
            too_large += 1
            continue
        walked += 1
        assert not found, "\n".join([combination, *found])
    return walked, too_large
