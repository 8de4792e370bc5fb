"""Fewer steps: where they are one, where they are not, and that what is proved stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.prove.generated import program
from support.prove.told import few_of

from mmscn.diagnostics import Rejected
from mmscn.judge.api import load, loads
from mmscn.prove.fixpoint import fixpoint
from mmscn.prove.fused import fused, own_rules
from mmscn.prove.instances import instance
from mmscn.prove.proof import SIZE, WITNESSES, made, names_proved
from mmscn.prove.refused import Refused
from mmscn.prove.rows import rows
from mmscn.prove.shape import Shape
from mmscn.prove.uniform import counting_param
from mmscn.runtime.result import Limits

COUNTER = (Path(__file__).parent / "counter.mmscn").read_text(encoding="utf-8")
TLB = load("tlb").source.text.replace("VAR = 0 | 1 | 2", "VAR = 2")


def shape_of(text: str, thread: str) -> Shape:
    scenario = loads(text)
    param = counting_param(scenario.unit, thread)
    one = instance(scenario.unit, scenario.combinations()[0], param, SIZE + 1)
    return Shape(one, rows(one, thread), WITNESSES)


def behind(shape: Shape) -> set[int]:
    """The rules that are put behind another."""
    return {part for rule in fused(shape).ir.rules for part in rule.parts[1:]}


def test_what_is_of_one_row_alone_is_put_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = shape_of(COUNTER, "worker")
    assert behind(shape) <= own_rules(shape)
    assert behind(shape)
    monkeypatch.setattr("mmscn.prove.fused.own_rules", lambda _: frozenset())
    assert behind(shape) == set()


@pytest.mark.slow
def test_what_is_of_others_is_not_put_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without that condition, what waits for all of them is."""
    shape = shape_of(TLB, "writer")
    own = own_rules(shape)
    assert behind(shape) <= own
    monkeypatch.setattr("mmscn.prove.fused.is_own", lambda *_: True)
    assert not behind(shape) <= own


@pytest.mark.slow
def test_the_benchmark_has_a_fifth_of_the_views() -> None:
    found = fixpoint(few_of(TLB, "writer", fusing=True), Limits(time_s=300), keep=False)
    assert (found.views, found.configurations, found.broken) == (4_372, 12_895, frozenset())


LIMITS = Limits(states=20_000, time_s=60)


@pytest.mark.parametrize("seeds", [range(8), pytest.param(range(8, 200), marks=pytest.mark.slow)])
def test_the_same_is_proved(seeds: range) -> None:
    assert {seed: both for seed in seeds if len(set(both := proved(seed))) > 1} == {}


def proved(seed: int) -> list[frozenset[str]]:
    """What is proved of a generated program, with and without; nothing where that takes long."""
    scenario = loads(program(seed))
    both = []
    for fusing in (True, False):
        try:
            one, few = made(scenario, "many", scenario.combinations()[0], fusing=fusing)
        except (Refused, Rejected):
            return []
        found = fixpoint(few, LIMITS, keep=False)
        if found.limit is not None:
            return []
        both.append(names_proved(one, found))
    return both
