"""The knobs that a verdict depends on: each is flipped, and what held may break.

Only the knobs that the text asks for in one combination can decide anything of it; the others
are not tried. A search ends at the first thing that breaks, and at as many states as the
combination itself has taken: where it is neither, the knob is told as not known.
"""

from __future__ import annotations

from typing import NamedTuple

from mmscn.check.elaborate import knobs_read
from mmscn.check.values import Value, show
from mmscn.check.variation import values_of
from mmscn.diagnostics import Rejected
from mmscn.explain.ablation import shortest
from mmscn.judge.api import Scenario
from mmscn.judge.report import Run
from mmscn.judge.stopping import FIRST
from mmscn.plain_text import counted
from mmscn.runtime.result import Limits, Verdict
from mmscn.show import table

STATES_MIN = 1_000


class Flipped(NamedTuple):
    """A knob with another value. breaks: what held and does not then, None where nothing breaks or
    (`whole` says which) not all was searched. steps: of the shortest execution."""

    knob: str
    value: Value
    other: Value
    breaks: str | None
    steps: int
    whole: bool


class Flips(NamedTuple):
    """Of one combination that holds, in words. every: None where a limit ended it."""

    run: Run
    where: str
    every: tuple[Flipped, ...] | None


def flipped(scenario: Scenario, run: Run, limits: Limits) -> list[Flipped]:
    """Of a run that holds: each knob that is no param, with each other value that the text allows.

    Raises Exceeded within a budget.
    """
    params = dict(run.params)
    known = dict(run.case.facts.knobs)
    most = min(n for n in (limits.states, max(run.result.states, STATES_MIN)) if n is not None)
    found = []
    for name in knobs_read(scenario.unit, params):
        if name in params:
            continue
        for other in values_of(scenario.unit.knobs[name].values):
            if other != known[name]:
                one = flip(scenario, run, limits._replace(states=most), name, other)
                found += [one] if one is not None else []
    return found


def flip(scenario: Scenario, run: Run, limits: Limits, name: str, other: Value) -> Flipped | None:
    """None where the text cannot be run so."""
    value = dict(run.case.facts.knobs)[name]
    holding = [p.name for p in run.properties if p.verdict is Verdict.HOLDS]
    changed = {**dict(run.params), name: other}
    try:
        for stop in (FIRST, None):
            (now,) = scenario.runs([changed], limits=limits, stop=stop)
            worst = shortest(now, holding)
            if worst is not None:
                return Flipped(name, value, other, worst[0].title, worst[1], True)
            if not now.violated():
                break
    except Rejected:
        return None
    return Flipped(name, value, other, None, 0, now.result.limit is None)


def text(flips: Flips) -> str:
    """Lines ended."""
    found, where = flips.every, flips.where
    if found is None:
        return f"  Which knobs the verdict of {where} depends on was not found within the limits.\n"
    needed = [f for f in found if f.breaks is not None]
    free = dict.fromkeys(f.knob for f in found if f.breaks is None and f.whole)
    open_ = dict.fromkeys(f.knob for f in found if f.breaks is None and not f.whole)
    decided = {f.knob for f in needed}
    lines = [f"  The verdict of {where} depends on" + (" no knob." if not needed else ":")]
    for f in needed:
        steps = counted(f.steps, "step")
        said = f"{f.knob} = {show(f.value)}: with {show(f.other)}, {f.breaks} breaks ({steps})"
        lines += table.wrapped("    ", said)
    rest = [name for name in free if name not in decided and name not in open_]
    if rest:
        lines += table.wrapped("    ", f"Not on {', '.join(rest)}: it holds with every value.")
    unknown = [name for name in open_ if name not in decided]
    if unknown:
        said = f"Not known of {', '.join(unknown)}: there are more states with another value."
        lines += table.wrapped("    ", said)
    return "".join(f"{line}\n" for line in lines)
