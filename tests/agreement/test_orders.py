"""Generated scenarios under a memory order: the tree walker has store buffers of its own."""

from __future__ import annotations

import pytest
from support.agreement.seeds import compared, several_in_order
from support.oracle.generator_order import ordered_text
from support.oracle.tree_program import combinations, program_of
from support.oracle.tree_terms import Unwalkable
from support.oracle.tree_walker import Cell, TooLarge, walk

from mmscn.source import Source
from mmscn.syntax.parse import parse

QUICK, MORE, SLOW = range(12), range(12, 40), range(20_000, 20_600)
STATES_MAX = 3_000

Finals = list[frozenset[tuple[Cell, ...]]]


def test_a_few_scenarios_under_tso_are_judged_as_their_text_says() -> None:
    agrees(QUICK)


@pytest.mark.slow
def test_more_scenarios_under_tso_are_judged_as_their_text_says() -> None:
    agrees(MORE)


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(12))
def test_scenarios_under_tso_are_judged_as_their_text_says(lot: int) -> None:
    agrees(SLOW[lot::12])


def agrees(seeds: range) -> None:
    counts, said = several_in_order(seeds, "tso")
    assert not said, "\n".join(said[:5])
    assert counts["agreed"] > 0.8 * len(seeds), f"most are neither rejected nor too large: {counts}"


def test_what_sc_comes_to_tso_comes_to_as_well() -> None:
    _, more = more_under_tso(QUICK)
    assert more > 0


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(12))
def test_what_sc_comes_to_tso_comes_to_in_hundreds(lot: int) -> None:
    both, _ = more_under_tso(SLOW[lot::12])
    assert both > 0


def more_under_tso(seeds: range) -> tuple[int, int]:
    """How many scenarios were walked under both orders, and how many of them end in more ways."""
    both = more = 0
    for seed in seeds:
        try:
            few, many = (finals(ordered_text(seed, o, hardware_too=False)) for o in ("sc", "tso"))
        except (TooLarge, Unwalkable):
            continue
        both += 1
        for sc, tso in zip(few, many, strict=True):
            assert sc <= tso, f"seed {seed} ends so under sc alone: {sorted(sc - tso)[:1]}"
            more += sc != tso
    return both, more


def finals(text: str) -> Finals:
    """The final states of each combination of the params; none where a buffer is full."""
    tree, found = parse(Source("generated", text))
    assert not found
    every: Finals = []
    for params in combinations(tree):
        walked = walk(program_of(tree, params), states_max=STATES_MAX)
        judged = zip(walked.checks, walked.verdicts, strict=True)
        if any(c.kind == "bound" and v == "violated" for c, v in judged):
            raise TooLarge("a full buffer")
        every.append(frozenset(walked.final))
    return every


def test_a_seed_is_compared_under_its_order() -> None:
    assert compared(2, "tso")[0] == "agreed"
