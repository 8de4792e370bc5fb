"""What each lock, flush, fence, check and reference of a scenario is for: it goes, and what breaks?

Tried is what is expected to hold: of each combination what holds in it, one after the other,
until something breaks. What breaks first in the shortest execution is what is told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from mmscn.check.values import Value, show
from mmscn.diagnostics import Rejected
from mmscn.explain.mutants import Mutant, Place, mutants, mutated
from mmscn.judge import prepare
from mmscn.judge.api import Scenario
from mmscn.judge.report import PropertyResult, Run
from mmscn.runtime.result import Limits, Verdict
from mmscn.show.counterexamples import picture

BREAKS, VACUOUS, HOLDS = "breaks", "vacuous", "holds"
UNDECIDED, REJECTED = "undecided", "rejected"
"""Something breaks; something that is asked is not put to the test any more; neither, within the
bounds; a limit was met; what is left cannot be run.
"""


class Intact(NamedTuple):
    """A combination as it is. holding: what holds in it. places: the statements it comes by."""

    params: dict[str, Value]
    holding: tuple[str, ...]
    places: frozenset[Place]


class Row(NamedTuple):
    """What became of one mutant. params: the combination, as it is written. title: what breaks,
    or is vacuous.

    steps: of the shortest execution. tried: combinations that ran, of as many as come by.
    drawing: empty where none was asked for.
    """

    name: str
    kind: str
    where: str
    ends: str
    params: str
    title: str
    steps: int
    tried: int
    of: int
    drawing: str = ""


class Work(NamedTuple):
    """All that one mutant needs; the scenario is found by fork."""

    mutant: Mutant
    cases: tuple[Intact, ...]


class Bounds(NamedTuple):
    """limits: of each search. runs: combinations that a mutant is tried on, at most."""

    limits: Limits
    runs: int
    draw: bool = False


def intact(
    scenario: Scenario, combinations: Sequence[dict[str, Value]], limits: Limits
) -> Iterator[Intact]:
    """The combinations in which something that is asked holds. Raises Rejected."""
    for run in scenario.runs(list(combinations), limits=limits):
        if any(p.asked and p.verdict is Verdict.HOLDS for p in run.properties):
            yield intact_of(scenario, run)


def intact_of(scenario: Scenario, run: Run) -> Intact:
    holding = tuple(p.name for p in run.properties if p.verdict is Verdict.HOLDS)
    params = dict(run.params)
    return Intact(params, holding, come_by(scenario, params))


def come_by(scenario: Scenario, params: dict[str, Value]) -> frozenset[Place]:
    """The statements that a combination has, with the calls around them."""
    checked, _ = prepare.checked_of(scenario.unit, params)
    return frozenset(
        (span.source.name, span.start)
        for origin in checked.origins.values()
        for span in (origin.span, *(call.span for call in origin.path))
    )


def work_of(scenario: Scenario, cases: Sequence[Intact], kinds: Sequence[str]) -> list[Work]:
    """The mutants that some combination comes by, each with those that do: what breaks nothing
    first."""
    ordered = sorted(cases, key=lambda c: -len(c.holding))
    found = []
    for mutant in mutants(scenario.unit):
        some = tuple(c for c in ordered if c.places & mutant.places)
        if mutant.kind in kinds and some:
            found.append(Work(mutant, some))
    return found


def ablated(scenario: Scenario, work: Work, bounds: Bounds) -> Row:
    """What breaks without the statements of a mutant."""
    mutant, cases = work
    order = (BREAKS, REJECTED, VACUOUS, UNDECIDED, HOLDS)
    worst = row(scenario, mutant, HOLDS)
    tried = 0
    for case in cases[: bounds.runs]:
        tried += 1
        found = broken(scenario, mutant, case, bounds)
        worst = min(worst, found, key=lambda r: order.index(r.ends))
        if worst.ends in (BREAKS, REJECTED):
            break
    return worst._replace(tried=tried, of=len(cases))


def broken(scenario: Scenario, mutant: Mutant, case: Intact, bounds: Bounds) -> Row:
    """The shortest thing that breaks in one combination, or what it ends with."""
    try:
        other = Scenario.of(mutated(scenario.unit, mutant), scenario.path)
        (run,) = other.runs([dict(case.params)], limits=bounds.limits)
    except Rejected:
        return row(scenario, mutant, REJECTED)
    params = " ".join(f"{name}={show(value)}" for name, value in case.params.items())
    worst = shortest(run, case.holding)
    if worst is None:
        for p in run.properties:
            if p.asked and p.verdict is Verdict.VACUOUS and p.name in case.holding:
                return row(scenario, mutant, VACUOUS)._replace(params=params, title=p.title)
        return row(scenario, mutant, UNDECIDED if run.verdict is Verdict.UNDECIDED else HOLDS)
    p, steps = worst
    drawing = ""
    if bounds.draw:
        example = run.counterexample(p.name)
        report = other.report(1, (run,))
        drawing = "" if example is None else picture(report, run, p, example)
    return row(scenario, mutant, BREAKS)._replace(
        params=params, title=p.title, steps=steps, drawing=drawing
    )


def shortest(run: Run, holding: Sequence[str]) -> tuple[PropertyResult, int] | None:
    """Of what else holds, what breaks in the fewest steps; what was asked goes first."""
    found: list[tuple[bool, int, PropertyResult]] = []
    for p in run.violated():
        if p.name in holding:
            example = run.counterexample(p.name)
            steps = len(example.trace.rules) if example is not None else p.depth or 0
            found.append((not p.asked, steps, p))
    if not found:
        return None
    _, steps, p = min(found, key=lambda one: one[:2])
    return p, steps


def row(scenario: Scenario, mutant: Mutant, ends: str) -> Row:
    sources = {s.name: s for s in (scenario.source, *scenario.unit.modules.values())}
    name, start = min(mutant.places)
    line = sources[name].position(start)[0] if name in sources else 0
    where = f"{name.rpartition('/')[2]}:{line}"
    return Row(mutant.name, mutant.kind, where, ends, "", "", 0, 0, 0)


# ---- kept -------------------------------------------------------------------


def digest(scenario: Scenario, asked: object) -> str:
    """Of all that rows depend on."""
    texts = [scenario.source.text, *(s.text for s in scenario.unit.modules.values())]
    return hashlib.sha256(json.dumps([texts, repr(asked)]).encode()).hexdigest()


def read_rows(path: Path, key: str) -> dict[str, Row]:
    """What is kept in a file, by the mutant's name; nothing of other texts or bounds."""
    found: dict[str, Row] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            kept: dict[str, Any] = json.loads(line)
            if kept.pop("key") == key:
                found[kept["name"]] = Row(**kept)
        except (ValueError, KeyError, TypeError):
            continue  # a line that was cut
    return found


def add_row(path: Path, key: str, one: Row) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"key": key, **one._asdict()}) + "\n")
