"""Generated scenarios: the tool says what a walk through the tree does, whatever is reduced."""

from __future__ import annotations

import pytest
from support.agreement.seeds import asked_of, several
from support.oracle.generator import FEATURES, FORMS, scenario_text

QUICK, MORE, SLOW = range(60), range(60, 300), range(1_000, 11_000)
FORMS_QUICK = 12
LOTS = 6


@pytest.mark.parametrize("lot", range(LOTS))
def test_generated_scenarios_are_judged_as_their_text_says(lot: int) -> None:
    agrees(QUICK[lot::LOTS])


@pytest.mark.parametrize("lot", range(2))
def test_forms_that_are_made_of_others_are_judged_as_their_text_says(lot: int) -> None:
    agrees(range(FORMS + lot, FORMS + FORMS_QUICK, 2))


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(10))
def test_a_thousand_scenarios_with_such_forms(lot: int) -> None:
    agrees(range(FORMS + FORMS_QUICK + lot, FORMS + 1_036, 10))


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(LOTS))
def test_more_scenarios_are_judged_as_their_text_says(lot: int) -> None:
    agrees(MORE[lot::LOTS])


LONG = pytest.mark.long
TEN_THOUSAND = [pytest.param(lot, marks=LONG if lot >= 40 else ()) for lot in range(100)]


@pytest.mark.slow
@pytest.mark.parametrize("lot", TEN_THOUSAND)
def test_ten_thousand_scenarios_are_judged_as_their_text_says(lot: int) -> None:
    """Two fifths of them in each submission."""
    agrees(SLOW[lot::100])


def agrees(seeds: range) -> None:
    counts, said = several(seeds)
    assert not said, "\n".join(said[:5])
    assert counts["agreed"] > 0.9 * len(seeds), f"most are neither rejected nor too large: {counts}"


def test_each_pass_is_left_out_of_some_comparison() -> None:
    left_out = {name for seed in QUICK for names in asked_of(seed).without for name in names}
    assert left_out > {"dead", "fold", "live", "fuse", "versions", "symmetry", "split"}


def test_a_seed_gives_the_same_text_in_every_run() -> None:
    assert [scenario_text(s) for s in range(5)] == [scenario_text(s) for s in range(5)]


def test_generated_scenarios_use_the_whole_language() -> None:
    text = "\n".join(map(scenario_text, range(600)))
    words = (
        "while repeat for choose atomic await lock unlock trylock xchg cmpxchg mark after goto "
        "break continue return exit assert BUG agent busy daemon ordered ghost always finally "
        "reachable property check outcomes init spinlock mutex rwsem bitlock fresh call proc when "
        "prompt enum struct each param count all any implies hook on set owner held number copy"
    )
    assert not [word for word in words.split() if word not in text]
    assert "choose {\n" in text
    text = "\n".join(scenario_text(FORMS + seed) for seed in range(60))
    forms = ("call flip(", "= raise(", "= both(", "= Pair(", " with ", "choose i", " in frame\n")
    assert not [form for form in forms if form not in text]
    assert len(FEATURES) > 15
