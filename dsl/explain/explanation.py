"""What a scenario's verdicts are worth: what was asked, what never fired, what is assumed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mmscn.check.values import Value
from mmscn.explain.coverage import Coverage, covered
from mmscn.explain.silent import Silent, silent, together
from mmscn.judge.api import Scenario
from mmscn.judge.report import PropertyResult, Report, Run
from mmscn.runtime.result import Limits, Verdict


class Explained(NamedTuple):
    """One combination. silent: what no execution of it does, of what the text of it has; None
    where that is not known. coverage: None where there is none.
    """

    run: Run
    silent: tuple[Silent, ...] | None
    coverage: Coverage | None

    @property
    def whole(self) -> bool:
        """Whether all executions were searched."""
        return self.coverage is not None and self.coverage.whole

    def vacuous(self) -> tuple[PropertyResult, ...]:
        """What was never put to the test."""
        return tuple(p for p in self.run.properties if p.verdict is Verdict.VACUOUS)


class Explanation(NamedTuple):
    """report: as a run gives it. silent: what no execution of any combination does; None where
    that is not known of all.
    """

    report: Report
    combinations: tuple[Explained, ...]
    silent: tuple[Silent, ...] | None

    @property
    def whole(self) -> bool:
        return all(e.whole for e in self.combinations)

    def asked(self) -> tuple[PropertyResult, ...]:
        return self.properties(True)

    def unasked(self) -> tuple[PropertyResult, ...]:
        """What is judged all the same: the rules of the model, and what the library asserts."""
        return self.properties(False)

    def properties(self, asked: bool) -> tuple[PropertyResult, ...]:
        found: dict[str, PropertyResult] = {}
        for e in self.combinations:
            for p in e.run.properties:
                if p.asked is asked:
                    found.setdefault(p.title, p)
        return tuple(found.values())


def explained(
    scenario: Scenario, combinations: list[dict[str, Value]], limits: Limits
) -> Explanation:
    """Raises Rejected."""
    found: list[Explained] = []
    known: list[Coverage | None] = []
    for values in combinations:
        run, coverage = covered(scenario, values, limits)
        here = None if coverage is None else tuple(silent(scenario.unit, together([coverage])))
        found.append(Explained(run, here, coverage))
        known.append(coverage)
        if run.interrupted:
            break
    report = scenario.report(len(combinations), tuple(e.run for e in found))
    everything = list(all_known(known))
    over_all = None
    if known and len(everything) == len(known):
        over_all = tuple(silent(scenario.unit, together(everything), variants=True))
    return Explanation(report, tuple(found), over_all)


def all_known(coverages: Iterable[Coverage | None]) -> Iterator[Coverage]:
    return (c for c in coverages if c is not None)
