"""Which places of the text the executions of one combination come by.

The search that judges the combination is of the program with waypoints; so this costs one
search, of as many states (`tests/explain/test_cost.py`), and what never fired is what no
execution does, not what a reduction left out.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from mmscn.budget import Budget, Exceeded
from mmscn.check.values import Value
from mmscn.diagnostics import Rejected
from mmscn.explain.waypoints import Waypoint, with_waypoints
from mmscn.judge import prepare
from mmscn.judge.api import Scenario, run_of
from mmscn.judge.case import Case, CaseFacts, asks
from mmscn.judge.forever import with_forever
from mmscn.judge.report import Run
from mmscn.judge.search_plan import search_case
from mmscn.judge.unjudged import unjudged
from mmscn.lower.compiled import Compiled
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.explore.executors import AUTO, chosen
from mmscn.runtime.result import Limits

Place = tuple[str, int, int]
"""A statement: the name of its source, where it begins and ends."""
Deed = tuple[Place, str, int]
"""What is done at a place: the rest of a `Waypoint`."""


class Coverage(NamedTuple):
    """present: what the program of this combination has. fired: what some execution does.

    whole: whether all executions were searched, so that what is not in `fired` never is.
    knobs: the value of each. reduced: whether reductions were used.
    """

    present: frozenset[Deed]
    fired: frozenset[Deed]
    whole: bool
    knobs: dict[str, Value]
    reduced: bool


def deed(w: Waypoint) -> Deed:
    return (w.span.source.name, w.span.start, w.span.end), w.what, w.branch


def covered(
    scenario: Scenario, values: dict[str, Value], limits: Limits
) -> tuple[Run, Coverage | None]:
    """The run of one combination and what its executions come by; None where it is not known:
    where a limit is met before the search, or a step has too many ways to tell them apart.

    Raises Rejected.
    """
    budget = Budget(limits.time_s, limits.memory_mb)
    try:
        with budget.spending("making the program"):
            watched = watching(scenario, values)
            case = watched.case
            result, notes = search_case(
                watched.searched,
                limits,
                partial(explore),
                small=True,
                turns=True,
                executor=chosen(AUTO),
            )
            more = result.checks[watched.own :]
            result = result._replace(checks=result.checks[: watched.own])
            if asks(case.program):
                result, told = with_forever(case, result, limits)
                notes += told
    except Exceeded as problem:
        return unjudged(tuple(values.items()), limits, problem), None
    run = run_of(scenario.source, case, result, limits, notes)
    if watched.waypoints is None:
        return run, None
    deeds = [deed(w) for w in watched.waypoints]
    return run, Coverage(
        present=frozenset(deeds),
        fired=frozenset(d for d, c in zip(deeds, more, strict=False) if c.covered),
        whole=result.limit is None,
        knobs=dict(case.facts.knobs),
        reduced=watched.searched.reduced is not None,
    )


class Watched(NamedTuple):
    """case: what the verdict is told of. searched: the same with waypoints, `own` the number of
    checks that are no waypoints'. waypoints: None where a step has too many ways to tell them
    apart."""

    case: Case
    searched: Case
    own: int
    waypoints: tuple[Waypoint, ...] | None


def watching(scenario: Scenario, values: dict[str, Value]) -> Watched:
    """One program is made of a combination, which is all that its verdicts need. Raises Rejected.

    Another one without waypoints is made where an execution is looked at: one that the text
    names, or one that goes on for ever.
    """
    checked, expects = prepare.checked_of(scenario.unit, values)
    marked, waypoints = with_waypoints(checked, scenario.source)
    own = len(checked.checks)
    try:
        compiled = prepare.compiled_of(marked, None)
    except Rejected:
        case = scenario.case(values, True)()
        return Watched(case, case, own, None)
    looked_at = any(e.at is not None or e.by is not None for e in expects)
    if looked_at or asks(compiled.program):
        case = scenario.case(values, True)()
        return Watched(case, made_case(case.facts, compiled), own, waypoints)
    facts = prepare.facts_of(scenario.unit, compiled, expects)
    known = facts._replace(asked=facts.asked[:own], checks=facts.checks[:own])
    case = made_case(known, compiled)
    return Watched(case, case, own, waypoints)


def made_case(facts: CaseFacts, compiled: Compiled) -> Case:
    """The case of a program with waypoints."""
    return Case(
        facts=facts._replace(program=compiled.program),
        reducer=lambda: compiled.reduction,
        lighter=lambda: compiled.light,
        uncounter=lambda: compiled.uncounted,
        compiler=lambda: compiled,
    )
