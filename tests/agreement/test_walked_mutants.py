"""What the comparison with the tree is worth: a reduction with one condition left out is caught."""

from __future__ import annotations

import pytest
from support.agreement.agreement import NOTHING
from support.agreement.walked_agreement import Asked, disagreements
from support.lower.reduction_mutants import MUTANTS
from support.oracle.generator import scenario_text

from mmscn.lower.passes import joint

SEEDS = {
    "every step is a left mover": (149, 273, 280),
    "every step is a right mover": (55, 149, 227),
    "halting is a left mover": (351, 439, 626),
    "no chain blocks": (260, 789),
    "checks see nothing": (35, 167),
    "no step makes a check false": (35, 167),
    "no step makes a check true": (35, 167),
    "every loop changes the state": (3, 4, 48),
    "nothing can follow": (55, 149),
    "all values commute": (55, 149),
    "all places hold one lock": (55, 149),
    "no two steps are possible at once": (55, 149),
    "a projection is cut off": (100, 105, 149),
    "every candidate is a symmetry": (10, 26, 59),
}
"""Of each mutant, generated scenarios that tell it from what it is a mutant of."""

COMPARED = Asked(800, without=(NOTHING,), checked_too=False, python=False)


@pytest.mark.parametrize("name", SEEDS)
def test_a_mutant_of_a_reduction_disagrees_with_the_tree(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what, instead, _ = MUTANTS[name]
    texts = [scenario_text(seed) for seed in SEEDS[name]]
    monkeypatch.setattr(joint, "SAMPLE_STATES", 0)
    assert not any(list(disagreements(text, COMPARED)) for text in texts)
    monkeypatch.setattr(where, what, instead)
    assert any(list(disagreements(text, COMPARED)) for text in texts)
