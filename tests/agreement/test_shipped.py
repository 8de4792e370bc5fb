"""Shipped scenarios: what the oracle can walk, it agrees with."""

from __future__ import annotations

import pytest
from agreement import EVERYTHING, NOTHING, ONE_OFF, Without, differences, programs_of
from oracle import Unbounded

from mmscn.source import Source
from mmscn.tools.shipped import shipped_scenarios

SHIPPED = {s.name: s for s in shipped_scenarios()}

QUICK_STATES, SLOW_STATES = 300, 20_000
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
    walked, too_large = compared(name, SLOW_STATES, (NOTHING, EVERYTHING, *ONE_OFF))
    if not walked:
        pytest.skip(f"each of {too_large} combinations has more than {SLOW_STATES} states")


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
