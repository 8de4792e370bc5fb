"""The thread's fixes for any number of writers, zappers and cleaners: what holds is proved."""

from __future__ import annotations

import pytest

from mmscn.check.values import Value
from mmscn.judge.api import load
from mmscn.prove.fixpoint import fixpoint
from mmscn.prove.proof import combinations, made, names_proved
from mmscn.runtime.result import Limits

LIMITS = Limits(states=500_000, time_s=300)
MANY = {
    "fix_any_writers": "writer",
    "fix_any_zappers": "zapper",
    "fix_any_cleaners": "cleaning",
}
NOT_PROVED = {("fix_any_zappers", "dirty_in_gather", "flusher")}
"""It holds with one, two and three; but that another has the D bit in hand no two tell."""


def every(name: str) -> list[dict[str, Value]]:
    scenario = load(name)
    return combinations(scenario, MANY[name], scenario.combinations())


def agrees(name: str, values: dict[str, Value]) -> bool:
    """Whether what is asked is proved where it is expected to hold, and only there."""
    scenario = load(name)
    one, few = made(scenario, MANY[name], values)
    found = fixpoint(few, LIMITS, keep=False)
    assert found.limit is None
    (run,) = scenario.runs([values])
    broken = {p.name for p in run.violated()}
    asked = {p.name for p in run.properties if p.asked}
    if (name, str(values["zap"]), str(values["cleaner"])) in NOT_PROVED:
        return not broken and not asked <= names_proved(one, found)
    return asked - names_proved(one, found) == broken


def test_a_repair_is_proved_for_any_number_of_writers() -> None:
    assert agrees("fix_any_writers", every("fix_any_writers")[-3])


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_of_the_repairs_what_holds_is_proved(name: str) -> None:
    assert [values for values in every(name)[::5] if not agrees(name, values)] == []
