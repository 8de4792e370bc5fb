"""Scenarios of this folder, compiled, and traces through them."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from support.draw.random_walk import random_walk

from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.judge.shipped import finder
from mmscn.lower.compile import compile as lower
from mmscn.lower.compiled import Compiled
from mmscn.runtime.bytecode import CheckId
from mmscn.runtime.explore.engine import explore, find_trace
from mmscn.runtime.result import Trace
from mmscn.source import Source

FOLDER = Path(__file__).parent / "scenarios"
Execution = tuple[Compiled, Trace]


@cache
def compiled_text(name: str, text: str) -> Compiled:
    unit = gather(Source(name, text), finder(FOLDER))
    return lower(elaborate(unit, next(iter(matrix(unit)))))


def compiled_file(name: str) -> Compiled:
    path = FOLDER / f"{name}.mmscn"
    return compiled_text(path.name, path.read_text(encoding="utf-8"))


def violation_of(compiled: Compiled, name: str) -> Trace:
    """The first trace that breaks (or witnesses) the check of that name."""
    for result in explore(compiled.program, executor="python").checks:
        if compiled.checked.checks[compiled.checks[result.check]].name == name:
            trace = find_trace(compiled.program, result.check)
            if trace is not None:
                return trace
    raise AssertionError(f"{name} is not violated")


@pytest.fixture(scope="session")
def violation() -> Callable[[str, str], Execution]:
    """violation(scenario, check): the compiled scenario and the trace."""

    @cache
    def find(scenario: str, check: str) -> Execution:
        compiled = compiled_file(scenario)
        return compiled, violation_of(compiled, check)

    return find


@pytest.fixture
def violation_in() -> Callable[[str, str], Execution]:
    """violation_in(text, check): the same for a scenario that stands in the test."""

    def find(text: str, check: str) -> Execution:
        compiled = compiled_text("test.mmscn", text)
        return compiled, violation_of(compiled, check)

    return find


@pytest.fixture
def walk() -> Callable[[str, int], Execution]:
    """walk(scenario, seed): some trace, and any check that it might be of."""

    def find(scenario: str, seed: int) -> Execution:
        compiled = compiled_file(scenario)
        program = compiled.program
        chance = random.Random(f"{scenario} {seed}")
        rules, states = random_walk(program, chance, steps_max=40)
        trace = Trace(
            check=CheckId(chance.randrange(len(program.checks))),
            rules=rules,
            states=states,
            delayed=0,
            switches=0,
            shortest=False,
        )
        return compiled, trace

    return find
