"""Certificates: what the prover writes is accepted, and what is damaged is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.house import ROOT
from support.prove.told import few_of

from mmscn.judge.api import loads
from mmscn.prove import certificate
from mmscn.prove.certified import faults
from mmscn.prove.proof import Proof, prove
from mmscn.runtime.result import Limits

TEXT = (Path(__file__).parent / "counter.mmscn").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def proof() -> Proof:
    scenario = loads(TEXT)
    found = prove(scenario, "worker", scenario.combinations()[0], Limits())
    assert found.proved
    return found


@pytest.fixture(scope="module")
def right(proof: Proof) -> dict[str, Any]:
    return certificate.read(certificate.written(proof))


def test_what_the_prover_writes_is_accepted(right: dict[str, Any]) -> None:
    assert faults(right) == []
    assert certificate.is_of(right, few_of(TEXT, "worker", fusing=True))


def damaged(right: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    """A view is gone, a number of one is another, or of the program."""
    random = Random(0)
    for number in range(count):
        wrong = json.loads(json.dumps(right))
        views = wrong["views"]
        if number % 3 == 0:
            del views[random.randrange(len(views))]
        elif number % 3 == 1:
            line = random.choice([part for part in random.choice(views) if part])
            line[random.randrange(len(line))] += 1
        else:
            rule = random.choice([r for r in wrong["program"]["rules"] if r["tests"]])
            rule["tests"] = []
        yield wrong


@pytest.mark.parametrize("count", [30, pytest.param(100, marks=pytest.mark.slow)])
def test_damaged_ones_are_refused(count: int, right: dict[str, Any]) -> None:
    few = few_of(TEXT, "worker", fusing=True)
    every = damaged(right, count)
    accepted = [wrong for wrong in every if certificate.is_of(wrong, few) and not faults(wrong)]
    assert accepted == []


def test_a_deadlock_is_not_proved(right: dict[str, Any]) -> None:
    kinds = [check["kind"] for check in right["program"]["checks"]]
    wrong = right | {"proved": [kinds.index(4)]}
    assert faults(wrong) == ["a check is said to be proved that cannot be"]


def test_what_breaks_is_not_proved() -> None:
    text = TEXT.replace("spinlock l", "spinlock l\nspinlock other").replace(
        "lock l {\n      busy += 1\n      assert", "lock other {\n      busy += 1\n      assert"
    )
    scenario = loads(text)
    found = prove(scenario, "worker", scenario.combinations()[0], Limits())
    assert not found.proved
    wrong = certificate.read(certificate.written(found))
    assert faults(wrong) == []
    broken = {int(check) for check in found.found.broken} if found.found else set()
    claimed = [faults(wrong | {"proved": [check]}) for check in broken]
    assert claimed
    assert all(claimed)


def test_the_checker_is_small_and_shares_the_interpreter_alone() -> None:
    lines = (ROOT / "dsl/prove/certified.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    imported = [line.split()[1] for line in lines if line.startswith("from mmscn")]
    assert imported == ["mmscn.runtime", "mmscn.runtime.interpreter"]
