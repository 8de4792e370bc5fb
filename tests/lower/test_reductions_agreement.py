"""The reduced program says what the program says: over generated programs and texts."""

from __future__ import annotations

import pytest
from support.lower.reductions import Pair, differences, pair_of
from support.lower.reductions_programs import ir_of
from support.lower.reductions_texts import text
from support.lower.storing_programs import storing_ir_of

from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.judge.shipped import finder
from mmscn.lower.compile import PASSES, REDUCTIONS, compile
from mmscn.lower.compiled import Reduced
from mmscn.lower.passes import joint
from mmscn.source import Source

SWITCHES = sorted({*PASSES, *REDUCTIONS})


def pair_of_text(seed: int) -> Pair:
    unit = gather(Source(f"seed {seed}", text(seed)), finder(None))
    compiled = compile(elaborate(unit, matrix(unit)[0]))
    reduction = Reduced(program=compiled.reduced, places=compiled.reduced_places)
    return Pair(program=compiled.program, places=compiled.places, reduction=reduction)


def test_generated_programs_agree() -> None:
    for seed in range(150):
        assert not differences(pair_of(ir_of(seed)), final=seed % 4 == 0), seed


def test_generated_programs_that_store_contents_agree() -> None:
    for seed in range(60):
        assert not differences(pair_of(storing_ir_of(seed)), final=seed % 4 == 0), seed


@pytest.mark.parametrize("name", SWITCHES)
def test_generated_programs_agree_with_one_reduction_left_out(name: str) -> None:
    for seed in range(12):
        pair = pair_of(ir_of(seed), without=frozenset((name,)))
        assert not differences(pair, final=seed % 4 == 0), seed


@pytest.mark.parametrize("name", sorted(REDUCTIONS))
def test_generated_programs_agree_with_one_reduction_alone(name: str) -> None:
    others = frozenset(SWITCHES) - {name}
    for seed in range(12):
        assert not differences(pair_of(ir_of(seed), without=others), final=False), seed


@pytest.fixture
def however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that are too small for `joint` go through it."""
    monkeypatch.setattr(joint, "SAMPLE_STATES", 0)


@pytest.mark.usefixtures("however_small")
def test_generated_programs_agree_with_joint_facts() -> None:
    for seed in range(300, 400):
        assert not differences(pair_of(ir_of(seed)), final=seed % 4 == 0), seed
    for seed in range(20, 30):
        assert not differences(pair_of_text(seed)), seed


def test_generated_texts_agree() -> None:
    for seed in range(15):
        assert not differences(pair_of_text(seed)), seed


@pytest.mark.slow
def test_many_generated_programs_agree() -> None:
    for seed in range(1_000, 4_000):
        assert not differences(pair_of(ir_of(seed)), final=seed % 4 == 0), seed


@pytest.mark.slow
def test_many_generated_programs_that_store_contents_agree() -> None:
    for seed in range(1_000, 3_000):
        assert not differences(pair_of(storing_ir_of(seed)), final=seed % 4 == 0), seed


@pytest.mark.slow
def test_many_generated_texts_agree() -> None:
    for seed in range(1_000, 1_120):
        assert not differences(pair_of_text(seed)), seed


@pytest.mark.slow
@pytest.mark.usefixtures("however_small")
def test_many_generated_programs_agree_with_joint_facts() -> None:
    for seed in range(30_000, 31_200):
        assert not differences(pair_of(ir_of(seed)), final=seed % 4 == 0), seed
    for seed in range(2_000, 2_050):
        assert not differences(pair_of_text(seed)), seed


@pytest.mark.slow
@pytest.mark.parametrize("variant", [0, 1, 2])
def test_the_bench_agrees_on_its_small_sizes(variant: int) -> None:
    for size in ((1, 1, 1, 1), (1, 1, 2, 1), (1, 2, 1, 1), (2, 1, 1, 1), (2, 1, 2, 1)):
        assert not differences(bench(*size, variant)), size


def bench(*numbers: int) -> Pair:
    found = finder(None)("bench.tlb")
    assert found is not None
    params = dict(zip(("NW", "NP", "K", "Z", "VAR"), numbers, strict=True))
    compiled = compile(elaborate(gather(found, finder(None)), params))
    reduction = Reduced(program=compiled.reduced, places=compiled.reduced_places)
    return Pair(program=compiled.program, places=compiled.places, reduction=reduction)
