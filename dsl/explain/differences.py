"""Two scenarios, or two settings of one, side by side: what breaks in the one and not in the other,
and what stops it there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from mmscn.budget import Budget
from mmscn.check.values import Value
from mmscn.explain.drive import Driven, driven
from mmscn.judge.api import Scenario
from mmscn.judge.report import Report, Run
from mmscn.lower.compiled import Compiled
from mmscn.runtime.result import Limits, Verdict


class Side(NamedTuple):
    """A scenario under a setting. params: those that only this side is given."""

    scenario: Scenario
    params: Mapping[str, str]
    name: str


class Parted(NamedTuple):
    """What breaks on one side and holds on the other. first: whether it breaks on the first.

    found: its execution on the other side; None where a limit ends that.
    """

    title: str
    name: str
    first: bool
    found: Driven | None


class Pair(NamedTuple):
    """A combination of each side. only: statements that only the one and only the other has."""

    runs: tuple[Run, Run]
    parted: tuple[Parted, ...]
    only: tuple[tuple[str, ...], tuple[str, ...]]

    def titles(self) -> list[str]:
        return list(dict.fromkeys(p.title for run in self.runs for p in run.properties))

    def verdicts(self, title: str) -> tuple[str | None, str | None]:
        """In words, None where it is not asked."""
        one, other = (
            next((p.word for p in run.properties if p.title == title), None) for run in self.runs
        )
        return one, other


def differences(
    sides: tuple[Side, Side], common: Mapping[str, str], limits: Limits
) -> Iterator[Pair]:
    """The pairs of combinations that have the same values of what both have.

    Raises Rejected.
    """
    reports = [report(side, common, limits) for side in sides]
    own = {name for side in sides for name in side.params}
    for one in reports[0].runs:
        for other in reports[1].runs:
            if same(one, other, own):
                yield pair(one, other)


def report(side: Side, common: Mapping[str, str], limits: Limits) -> Report:
    return side.scenario.check({**common, **side.params}, limits=limits)


def same(one: Run, other: Run, own: set[str]) -> bool:
    a, b = dict[str, Value](one.params), dict[str, Value](other.params)
    return all(a[name] == b[name] for name in a if name in b and name not in own)


def pair(one: Run, other: Run) -> Pair:
    parted = (*broken_on(one, other, first=True), *broken_on(other, one, first=False))
    statements = [texts(run.case.compiled) for run in (one, other)]
    return Pair((one, other), tuple(parted), (less(*statements), less(*statements[::-1])))


def broken_on(one: Run, other: Run, *, first: bool) -> Iterator[Parted]:
    """What one breaks that the other is asked as well, and does not break."""
    theirs = {p.name: p.verdict for p in other.properties}
    for p in one.violated():
        if theirs.get(p.name) in (Verdict.HOLDS, Verdict.VACUOUS):
            example = one.counterexample(p.name)
            if example is not None:
                limits = other.bounds.limits
                budget = Budget(limits.time_s, limits.memory_mb)
                found = budget.within("driving", partial(driven, example, other.case.compiled))
                yield Parted(p.title, p.name, first, found)


def texts(compiled: Compiled) -> dict[str, str]:
    """The statements of a program, with a place for each."""
    found: dict[str, str] = {}
    for origin in compiled.checked.origins.values():
        if not origin.hardware:
            text = origin.span.text.strip().splitlines()[0] if origin.span.text.strip() else ""
            name = origin.span.source.name.rpartition("/")[2]
            found.setdefault(text, f"{name}:{origin.span.line}")
    return found


def less(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{where}  {text}" for text, where in one.items() if text not in other)
