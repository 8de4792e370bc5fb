"""The façade: what holds for any number of the threads of one declaration.

Fewer threads than a configuration has are searched as `mmscn run` searches them; for all others
there is the fixpoint, where its side conditions are met. Where they are not, or where it does not
decide, the number that the scenario says is searched as well, and the verdict is about those.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mmscn.budget import Budget, Exceeded
from mmscn.check.core import MODEL_ERROR
from mmscn.check.values import Value
from mmscn.diagnostics import Rejected
from mmscn.judge import exits
from mmscn.judge.api import Scenario
from mmscn.judge.report import PropertyResult, Run, worst
from mmscn.prove.abstract import Few, compared, few_among_many, taken
from mmscn.prove.aggregates import LOOKS_MAX, counts_none
from mmscn.prove.fixpoint import PAIR, Found, fixpoint
from mmscn.prove.fused import fused
from mmscn.prove.instances import PROVABLE, Instance, instance
from mmscn.prove.refused import Refused
from mmscn.prove.rows import rows
from mmscn.prove.shape import Shape
from mmscn.prove.uniform import counting_param, says_the_same, threads_of
from mmscn.runtime.bytecode import CheckId
from mmscn.runtime.result import Limits, Verdict
from mmscn.source import Span

WITNESSES = 1
"""Rows that a step may need beside the one whose it is."""
PROVABLE_KINDS = ("always", "finally", "assert", "bug", "rule", "bound")
"""Of checks, those that a proof can be about: what breaks in one state or step."""
SIZE = PAIR + WITNESSES
"""Threads of a configuration: those of a view, and one more."""


class Judged(NamedTuple):
    """One property. verdict: of the sizes that were searched. proved: for all others, too.

    provable: whether a proof can be about it; it is not about deadlocks and what is reached.
    """

    property: PropertyResult
    verdict: Verdict
    proved: bool
    provable: bool


class Proof(NamedTuple):
    """What was found for one combination of the other params.

    params: those others. runs: the sizes that were searched, with what was found. refused: why
    there is no fixpoint, and where. found: None where there is none.
    """

    thread: str
    param: str
    params: tuple[tuple[str, Value], ...]
    runs: tuple[tuple[int, Run], ...]
    properties: tuple[Judged, ...]
    refused: str | None
    span: Span | None
    few: Few | None
    found: Found | None
    uncounted: tuple[str, ...]

    @property
    def proved(self) -> bool:
        """Whether all that is asked, and can be proved, holds for any number."""
        asked = [one for one in self.properties if one.property.asked and one.provable]
        return bool(asked) and all(one.proved for one in asked)

    @property
    def codes(self) -> Iterator[int]:
        """How the command ends, by the sizes that were searched: as `mmscn run` does. What one of
        them does not put to the test another one may."""
        because = [{unmet.because for unmet in run.unmet} for _, run in self.runs]
        yield exits.OK
        for verdict, code in exits.BY_REASON.items():
            every = all if verdict is Verdict.VACUOUS else any
            if because and every(verdict in reasons for reasons in because):
                yield code
        if any(run.interrupted for _, run in self.runs):
            yield exits.INTERRUPTED

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(size for size, _ in self.runs)


def many_threads(scenario: Scenario) -> list[str]:
    """The threads of a scenario that may be many, by name."""
    found = []
    for item in threads_of(scenario.unit.compositions):
        try:
            counting_param(scenario.unit, item.name)
        except Refused:
            continue
        found.append(item.name)
    return found


def combinations(
    scenario: Scenario, thread: str, every: Iterable[dict[str, Value]]
) -> list[dict[str, Value]]:
    """The combinations of all params but the one that says how many there are. Raises Refused."""
    param = counting_param(scenario.unit, thread)
    found: dict[tuple[tuple[str, Value], ...], dict[str, Value]] = {}
    for values in every:
        rest = {name: value for name, value in values.items() if name != param}
        found.setdefault(tuple(rest.items()), values)
    return list(found.values())


def prove(
    scenario: Scenario,
    thread: str,
    values: dict[str, Value],
    limits: Limits,
    *,
    keep: bool = True,
) -> Proof:
    """Raises Refused where there is no such thread, and Rejected for what cannot be run.

    keep: the views, for a certificate.
    """
    param = counting_param(scenario.unit, thread)
    runs = searched(scenario, values, param, range(1, SIZE), limits)
    few: Few | None = None
    found: Found | None = None
    one: Instance | None = None
    why: str | None = None
    span: Span | None = None
    budget = Budget(limits.time_s, limits.memory_mb)
    try:
        with budget.spending("making the proof"):
            one, few = made(scenario, thread, values)
            found = fixpoint(few, limits, stop=model_errors(one), keep=keep)
    except Refused as problem:
        why, span = problem.reason, problem.span
    except Exceeded as problem:
        why = f"the limit of {problem.limit.value} was reached while {problem.phase}"
    if found is not None and found.limit is not None:
        why = f"the limit of {found.limit.value} was reached before all views were known"
    if one is not None and found is not None and found.broken & model_errors(one):
        why = "a value may leave its range, or be none, where there are more of them"
    if why is not None or (found is not None and found.broken):
        declared = {v for v in scenario.params[param] if isinstance(v, int) and v >= SIZE}
        if not any(run.interrupted for _, run in runs):
            runs += searched(scenario, values, param, sorted(declared), limits)
    holds = names_proved(one, found) if why is None else frozenset()
    return Proof(
        thread=thread,
        param=param,
        params=tuple((name, value) for name, value in values.items() if name != param),
        runs=tuple(runs),
        properties=tuple(judged(runs, holds)),
        refused=why,
        span=span,
        few=few,
        found=found,
        uncounted=() if one is None else one.uncounted,
    )


def searched(
    scenario: Scenario,
    values: dict[str, Value],
    param: str,
    sizes: Iterable[int],
    limits: Limits,
) -> list[tuple[int, Run]]:
    """The runs with some numbers of threads, up to one that is interrupted."""
    sizes = list(sizes)
    wanted = [{**values, param: size} for size in sizes]
    return list(zip(sizes, scenario.runs(wanted, limits=limits), strict=False))


def made(
    scenario: Scenario, thread: str, values: dict[str, Value], *, fusing: bool = True
) -> tuple[Instance, Few]:
    """The program of a few of the threads among any number. Raises Refused.

    fusing: with steps that no other can tell apart as one, where that can be done.
    """
    param = counting_param(scenario.unit, thread)
    says_the_same(scenario.unit, param)
    shapes = []
    for size in (SIZE + 1, SIZE + 2):
        one = instance(scenario.unit, values, param, size)
        mine = rows(one, thread)
        assert size - LOOKS_MAX >= PAIR, "what looks at that many rows is in the smaller program"
        counts_none(one, mine)
        shapes.append(Shape(one, mine, WITNESSES))
    plain = of_two_sizes(shapes)
    if not fusing:
        return plain
    try:
        fewer = [fused(shape) for shape in shapes]
        return of_two_sizes([Shape(one, rows(one, thread), WITNESSES) for one in fewer])
    except (Refused, Rejected):
        return plain


def of_two_sizes(shapes: list[Shape]) -> tuple[Instance, Few]:
    """The smaller one, and what comes of it. Raises Refused where they do not say the same."""
    small, large = (taken(shape) for shape in shapes)
    compared(small.said, large.said)
    first = shapes[0]
    return first.instance, few_among_many(first.instance, first.rows, small)


def model_errors(one: Instance) -> frozenset[CheckId]:
    """The checks that break where a step has no value: what comes after it is not known."""
    return frozenset(
        CheckId(n)
        for n, check in enumerate(one.ir.checks)
        if check.info == MODEL_ERROR or one.checked.checks[check.info].kind == "bound"
    )


def names_proved(one: Instance | None, found: Found | None) -> frozenset[str]:
    """The properties none of whose checks is broken by any step or state of a configuration."""
    if one is None or found is None:
        return frozenset()
    infos = one.checked.checks
    names = {infos[check.info].name for check in one.ir.checks}
    for n, check in enumerate(one.ir.checks):
        if check.kind not in PROVABLE or n in found.broken:
            names.discard(infos[check.info].name)
    return frozenset(names)


def judged(runs: list[tuple[int, Run]], holds: frozenset[str]) -> list[Judged]:
    """Each property over all sizes: one that is put to the test in one of them is so in all."""
    found: dict[str, list[PropertyResult]] = {}
    kinds: dict[str, set[str]] = {}
    for _, run in runs:
        for asked in run.case.facts.asked:
            kinds.setdefault(asked.name, set()).add(asked.kind)
        for p in run.properties:
            found.setdefault(p.name, []).append(p)
    whole = []
    for name, results in found.items():
        verdict = over_sizes(p.verdict for p in results)
        can = all(kind in PROVABLE_KINDS for kind in kinds.get(name, ()))
        whole.append(Judged(results[-1], verdict, verdict is Verdict.HOLDS and name in holds, can))
    return whole


def over_sizes(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst, but that one size may put to the test what another one does not."""
    every = list(verdicts)
    tested = [v for v in every if v is not Verdict.VACUOUS]
    return worst(tested or every)
