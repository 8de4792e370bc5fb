"""Random walks instead of a search, where there are too many states: what they broke is broken, and
of what they did not come by it is not known whether anything does.

The program with waypoints is walked, so that it is exact which statements and branches a walk came
by. What is shown of a violation is a path of the unreduced program, without the steps that it can
do without.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from mmscn.budget import Budget, Exceeded, poll
from mmscn.check.values import Value
from mmscn.diagnostics import Rejected
from mmscn.explain.coverage import Coverage, deed
from mmscn.explain.mirrored import mirrored
from mmscn.explain.silent import Silent, silent, tellable, together
from mmscn.explain.waypoints import DONE, Waypoint, with_waypoints
from mmscn.judge import prepare
from mmscn.judge.api import Params, Scenario, run_of
from mmscn.judge.case import Case
from mmscn.judge.evidence import Evidence
from mmscn.judge.replays import ends
from mmscn.judge.report import Report, Run
from mmscn.judge.stopping import stop_of
from mmscn.judge.unjudged import unjudged
from mmscn.lower.compiled import Compiled
from mmscn.plain_text import counted
from mmscn.runtime.bytecode import CheckId, RuleId, State
from mmscn.runtime.explore.walks import Path, Walked, shortened, walk
from mmscn.runtime.interpreter import replay
from mmscn.runtime.judged import trace_of
from mmscn.runtime.result import Limits, Progress, Stop


class Walks(NamedTuple):
    """times: how many of each combination. stop: as of `judge.stopping`."""

    times: int
    seed: int = 0
    stop: str | None = None


class Simulated(NamedTuple):
    """One combination. coverage: None where it is not known. made: how many walks were begun."""

    run: Run
    coverage: Coverage | None
    made: int


class Simulation(NamedTuple):
    """combinations: as far as they were walked. silent: what no walk came by; None where not known.

    statements, branches: how many of them walks came by, of how many there are.
    """

    report: Report
    walks: Walks
    combinations: tuple[Simulated, ...]
    silent: tuple[Silent, ...] | None
    statements: tuple[int, int]
    branches: tuple[int, int]


def simulate(
    scenario: Scenario,
    walks: Walks,
    params: Params | None = None,
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
) -> Simulation:
    """Walk every combination. Raises Rejected."""
    combinations = scenario.combinations(params)
    made = []
    for values in combinations:
        made.append(simulated(scenario, values, walks, limits))
        if made[-1].run.interrupted:
            break
    return simulation(scenario, len(combinations), walks, made)


def simulation(
    scenario: Scenario, combinations: int, walks: Walks, made: Sequence[Simulated]
) -> Simulation:
    """What the walks of several combinations say together."""
    report = scenario.report(combinations, tuple(one.run for one in made))
    known = [one.coverage for one in made if one.coverage is not None]
    seen = together(known)
    found = None
    if made and len(known) == len(made):
        found = tuple(silent(scenario.unit, seen))
    told = tellable(scenario.unit) if known else frozenset()
    present = frozenset(d for c in known for d in c.present if d[0] in told)
    fired = frozenset(d for c in known for d in c.fired)
    statements = {d for d in present if d[1] == DONE}
    branches = present - statements
    return Simulation(
        report,
        walks,
        tuple(made),
        found,
        (len(statements & fired), len(statements)),
        (len(branches & fired), len(branches)),
    )


def simulated(
    scenario: Scenario,
    values: dict[str, Value],
    walks: Walks,
    limits: Limits,
    progress: Progress | None = None,
) -> Simulated:
    """Walk one combination. Raises Rejected."""
    budget = Budget(limits.time_s, limits.memory_mb)
    try:
        with budget.spending("making the program"):
            case = scenario.case(values, True)()
            marked, waypoints = watched(scenario, values)
        program = case.program if marked is None else marked.program
        own = len(case.program.checks)
        stop = stop_of(case.facts, walks.stop) if walks.stop is not None else None
        if stop is not None:
            none = (-1,) * (len(program.checks) - own)
            stop = Stop((*stop.groups, *none), stop.most)
        found = walk(
            program,
            walks=walks.times,
            seed=walks.seed,
            limits=limits,
            stop=stop,
            progress=progress,
        )
    except Exceeded as problem:
        return Simulated(unjudged(tuple(values.items()), limits, problem), None, 0)
    result = found.result
    told = f"{counted(found.walks, 'random walk')}, seed {walks.seed}"
    notes = (f"{told}: of what they did not come by, nothing is known",)
    run = run_of(scenario.source, case, result._replace(checks=result.checks[:own]), limits, notes)
    for check, path in found.paths.items():
        if check < own:
            pin(case, run.evidence, check, path, marked)
    coverage = None
    if marked is not None:
        coverage = coverage_of(found, waypoints, own, marked)
    return Simulated(run, coverage, found.walks)


def watched(
    scenario: Scenario, values: dict[str, Value]
) -> tuple[Compiled | None, tuple[Waypoint, ...]]:
    """The program with waypoints; None where a step has too many ways to tell them apart."""
    checked, _ = prepare.checked_of(scenario.unit, values)
    marked, waypoints = with_waypoints(checked, scenario.source)
    try:
        return prepare.compiled_of(marked, None), waypoints
    except Rejected:
        return None, ()


def coverage_of(
    found: Walked, waypoints: tuple[Waypoint, ...], own: int, marked: Compiled
) -> Coverage:
    more = found.result.checks[own:]
    return Coverage(
        present=frozenset(map(deed, waypoints)),
        fired=frozenset(deed(w) for w, c in zip(waypoints, more, strict=True) if c.covered),
        whole=False,
        knobs=dict(marked.checked.knobs),
        reduced=False,
    )


def pin(
    case: Case, evidence: Evidence, check: CheckId, path: Path, marked: Compiled | None
) -> None:
    """Make a walk what is shown of a check, made shorter as far as the budget allows. Raises Fault.

    An execution that the text names is shown all the same.
    """
    program = case.program
    if marked is not None:
        path = mirrored(check, path, marked, case.compiled)

    def fails(last: State, rules: Sequence[RuleId]) -> bool:
        poll()
        return ends(program, check, rules, last)

    with_budget = partial(evidence.budget.within, "looking for a counterexample")
    path = with_budget(lambda: shortened(program, path, fails)) or path
    states = replay(program, path.rules, path.start)
    trace = trace_of(program, check, path.rules, states, shortest=False)
    evidence.pinned.setdefault(check, trace)
