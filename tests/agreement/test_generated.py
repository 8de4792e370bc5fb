"""Generated scenarios: the oracle, the bytecode and each pass on and off say the same."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest
from support.agreement.agreement import EVERYTHING, NOTHING, ONE_OFF, differences, programs_of
from support.oracle.states import Unbounded
from support.strategies import scenario_text

from mmscn.diagnostics import Rejected
from mmscn.source import Source

FINE = {
    "MM302": "a value that is never one of the type's",
    "MM207": "an agent that calls what wants a thread",
    "MM210": "an agent that calls what exits",
    "MM403": "an agent that takes a lock",
    "MM408": "a loop without a step",
    "MM506": "two versions in one step",
}
"""What a generated scenario may be rejected for."""

QUICK, SLOW = range(40), range(1_000, 1_200)
STATES_MAX = 2_000


@pytest.mark.parametrize("lot", range(4))
def test_generated_scenarios_mean_to_the_bytecode_what_they_mean_to_the_oracle(lot: int) -> None:
    seeds = QUICK[lot::4]
    one_off = cycle(ONE_OFF[lot:] + ONE_OFF[:lot])
    compared = [compared_at(seed, (NOTHING, EVERYTHING, next(one_off)), 600) for seed in seeds]
    assert sum(compared) > 0.8 * len(seeds), "most are neither rejected nor too large"


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(20))
def test_every_pass_left_out_alone_changes_nothing(lot: int) -> None:
    for seed in SLOW[lot::20]:
        compared_at(seed, (NOTHING, EVERYTHING, *ONE_OFF), STATES_MAX)


def compared_at(seed: int, without: tuple[frozenset[str], ...], states_max: int) -> bool:
    """Whether a scenario was compared; fails with its text where there is a difference."""
    text = scenario_text(seed)
    try:
        found = list(differing(text, seed, without, states_max))
        compared = True
    except Unbounded:
        return False
    except Rejected as rejected:
        compared = False
        found = [f"{d.span}: {d.code}" for d in rejected.diagnostics if d.code not in FINE]
    assert not found, "\n".join([*found, text])
    return compared


def differing(
    text: str, seed: int, without: tuple[frozenset[str], ...], states_max: int
) -> Iterator[str]:
    for name, checked in programs_of(Source(f"generated {seed}", text)):
        for found in differences(checked, states_max=states_max, without=without):
            yield f"{name}: {found}"


def test_generated_texts_are_the_same_in_every_run() -> None:
    assert [scenario_text(s) for s in range(5)] == [scenario_text(s) for s in range(5)]


def test_generated_texts_use_the_whole_language() -> None:
    text = "\n".join(map(scenario_text, range(200)))
    words = (
        "while repeat for choose atomic await lock unlock trylock xchg cmpxchg mark goto break "
        "continue return exit assert BUG agent busy daemon ordered ghost store load flush always "
        "finally reachable property outcomes init spinlock mutex rwsem bitlock fresh call proc "
        "enum struct each param spec_fill evict count all any implies"
    )
    missing = [word for word in words.split() if word not in text]
    assert not missing
