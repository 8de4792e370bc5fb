"""A run as bytes, for another process to tell what this one has searched.

What a search found travels, and what the search needed: facts, the reduced program where one was
made, and the counterexamples that were looked for. What only a drawing needs is made there, from
the same text. Sources travel as numbers, so that spans point into the texts of the scenario that is
there already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mmscn.judge.api import Reduce, Scenario
from mmscn.judge.case import Case, CaseFacts
from mmscn.judge.case_cache import Placing, dumped
from mmscn.judge.evidence import Counterexample, Evidence
from mmscn.judge.report import Run
from mmscn.lower.compiled import Reduced
from mmscn.runtime.bytecode import CheckId
from mmscn.runtime.result import Lasso, Limits, Trace
from mmscn.source import Source

MADE = "light", "reduction", "uncounted"
"""Of a case: what a search makes only where it is large."""


class Packed(NamedTuple):
    """run: without its case and evidence. made: the programs that were made, by name.

    found, pinned: counterexamples, by their checks. spent: of both budgets, the seconds that are
    left, and the phase in which it ran out.
    """

    run: Run
    facts: CaseFacts
    made: dict[str, Reduced | None]
    lassos: dict[CheckId, Lasso]
    limits: Limits
    found: dict[tuple[int, ...], Trace | None]
    pinned: dict[int, Trace]
    spent: tuple[tuple[float | None, str], tuple[float | None, str]]


def packed(scenario: Scenario, run: Run) -> bytes:
    case, evidence = run.case, run.evidence
    gone: Any = None
    parts = Packed(
        run=run._replace(case=gone, evidence=gone),
        facts=case.facts,
        made={name: case.__dict__[name] for name in MADE if name in case.__dict__},
        lassos=case.lassos,
        limits=evidence.limits,
        found={c: None if e is None else e.trace for c, e in evidence.found.items()},
        pinned=evidence.pinned,
        spent=(
            (evidence.budget.left, evidence.budget.reached),
            (evidence.drawing.left, evidence.drawing.reached),
        ),
    )
    return dumped(parts, texts_of(scenario))


def unpacked(scenario: Scenario, data: bytes, reduce: Reduce) -> Run:
    """The run, of a scenario of the same texts. reduce: as it was searched."""
    parts: Packed = Placing(data, texts_of(scenario)).load()
    made: list[Callable[[], Case]] = []

    def anew() -> Case:
        if not made:
            made.append(scenario.case(dict(parts.run.params), reduce))
        return made[0]()

    case = Case(
        facts=parts.facts,
        reducer=lambda: anew().reduction,
        lighter=lambda: anew().light,
        uncounter=lambda: anew().uncounted,
        compiler=lambda: anew().compiled,
    )
    case.__dict__.update(parts.made)
    case.lassos = parts.lassos
    evidence = Evidence(case, parts.limits)
    for budget, (left, reached) in zip(
        (evidence.budget, evidence.drawing), parts.spent, strict=True
    ):
        budget.left, budget.reached = left, reached
    evidence.pinned = parts.pinned
    evidence.found = {
        checks: None if trace is None else Counterexample(case, trace, evidence.drawing)
        for checks, trace in parts.found.items()
    }
    return parts.run._replace(case=case, evidence=evidence)


def texts_of(scenario: Scenario) -> tuple[Source, ...]:
    """The scenario's own text and those of its modules, in an order that follows from them."""
    shelf = scenario.shelf
    if shelf is not None:
        return shelf.sources
    return (scenario.source, *scenario.unit.modules.values())
