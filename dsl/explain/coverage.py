"""Which places of the text the executions of one combination come by.

The search that judges the combination is of the program with waypoints; so this costs one
search, and what never fired is what no execution does, not what a reduction left out.
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
from mmscn.judge.case import Case, asks
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
            case = scenario.case(values, True)()
            checked, _ = prepare.checked_of(scenario.unit, values)
            marked, waypoints = with_waypoints(checked)
            try:
                compiled: Compiled | None = prepare.compiled_of(marked, None)
            except Rejected:
                compiled = None
            watched = case if compiled is None else instead(case, compiled)
            result, notes = search_case(
                watched, limits, partial(explore), small=True, turns=True, executor=chosen(AUTO)
            )
            own, more = result.checks[: len(checked.checks)], result.checks[len(checked.checks) :]
            result = result._replace(checks=own)
            if asks(case.program):
                result, told = with_forever(case, result, limits)
                notes += told
    except Exceeded as problem:
        return unjudged(tuple(values.items()), limits, problem), None
    run = run_of(scenario.source, case, result, limits, notes)
    if compiled is None:
        return run, None
    return run, Coverage(
        present=frozenset(map(deed, waypoints)),
        fired=frozenset(deed(w) for w, c in zip(waypoints, more, strict=False) if c.covered),
        whole=result.limit is None,
        knobs=dict(checked.knobs),
        reduced="reduction" in watched.__dict__,
    )


def instead(case: Case, compiled: Compiled) -> Case:
    """The case with other programs."""
    return Case(
        facts=case.facts._replace(program=compiled.program),
        reducer=lambda: compiled.reduction,
        uncounter=lambda: compiled.uncounted,
        compiler=lambda: compiled,
    )
