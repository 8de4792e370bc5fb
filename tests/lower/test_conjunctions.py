"""A conjunction less others, against all states one by one."""

from __future__ import annotations

import random
from itertools import product

from mmscn.lower.conjunctions import Conjunction, outside

VALUES = frozenset(range(3))
FACTS = (("same", 0, 1), ("same", 1, 2))
STATES = list(product(VALUES, repeat=3))


def matches(state: tuple[int, ...], conjunction: Conjunction) -> bool:
    values, facts = conjunction
    return all(state[key] in allowed for key, allowed in values.items()) and all(
        (state[a] == state[b]) is wanted for (_, a, b), wanted in facts.items()
    )


def conjunction(rng: random.Random) -> Conjunction:
    keys = rng.sample(range(3), rng.randint(0, 3))
    values = {key: frozenset(rng.sample(range(3), rng.randint(1, 3))) for key in keys}
    facts = {fact: rng.random() < 0.5 for fact in FACTS if rng.random() < 0.4}
    return values, facts


def test_what_is_outside_is_what_no_conjunction_matches() -> None:
    for seed in range(500):
        rng = random.Random(seed)
        known, others = conjunction(rng), [conjunction(rng) for _ in range(rng.randint(0, 3))]
        pieces = outside(lambda _: VALUES, known, others, pieces_max=1_000)
        assert pieces is not None
        for state in STATES:
            left = matches(state, known) and not any(matches(state, other) for other in others)
            assert sum(matches(state, piece) for piece in pieces) == left, seed


def test_too_many_pieces_are_not_told() -> None:
    others = [({n: frozenset((0,))}, {}) for n in range(3)]
    assert outside(lambda _: VALUES, ({}, {}), others, pieces_max=8) is not None
    split: list[Conjunction] = [({0: frozenset((0,)), 1: frozenset((0,)), 2: frozenset((0,))}, {})]
    assert outside(lambda _: VALUES, ({}, {}), split, pieces_max=2) is None
