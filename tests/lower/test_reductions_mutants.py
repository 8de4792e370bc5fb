"""What the generated programs are worth: a reduction with one condition left out is caught."""

from __future__ import annotations

import pytest
from support.lower.reduction_mutants import MUTANTS
from support.lower.reductions import differences, pair_of
from support.lower.reductions_programs import ir_of

from mmscn.lower.passes import joint


@pytest.mark.parametrize("name", MUTANTS)
def test_a_reduction_without_one_of_its_conditions_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what, instead, seeds = MUTANTS[name]
    monkeypatch.setattr(joint, "SAMPLE_STATES", 0)
    assert not any(differences(pair_of(ir_of(seed))) for seed in seeds)
    monkeypatch.setattr(where, what, instead)
    assert any(differences(pair_of(ir_of(seed))) for seed in seeds)
