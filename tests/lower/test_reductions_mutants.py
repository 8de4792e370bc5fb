"""What the generated programs are worth: a reduction with one condition left out is caught."""

from __future__ import annotations

import pytest
from support.lower.cache_programs import cached_ir_of
from support.lower.reduction_mutants import CACHE_MUTANTS, MUTANTS, STORING_MUTANTS
from support.lower.reductions import differences, pair_of
from support.lower.reductions_programs import ir_of
from support.lower.storing_programs import storing_ir_of

from mmscn.lower.compile import REDUCTIONS
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


@pytest.mark.parametrize("name", CACHE_MUTANTS)
def test_caches_without_one_of_their_conditions_are_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what, instead, seeds = CACHE_MUTANTS[name]
    off = frozenset(REDUCTIONS) - {"caches", "relive"}
    assert not any(differences(pair_of(cached_ir_of(seed), without=off)) for seed in seeds)
    monkeypatch.setattr(where, what, instead)
    assert any(differences(pair_of(cached_ir_of(seed), without=off)) for seed in seeds)


@pytest.mark.parametrize("name", STORING_MUTANTS)
def test_contents_made_without_one_of_the_conditions_are_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what, instead, seeds = STORING_MUTANTS[name]
    off = frozenset(REDUCTIONS) - {"fresh", "versions"}
    assert not any(differences(pair_of(storing_ir_of(seed), without=off)) for seed in seeds)
    monkeypatch.setattr(where, what, instead)
    assert any(differences(pair_of(storing_ir_of(seed), without=off)) for seed in seeds)
