"""What a litmus test's scenario finds, in the form of herd7.

The condition is asked twice: of the list of final states here, and by the search as the scenario's
`reachable finally` or `finally`. Positive and Negative count final states, where herd7 counts
executions.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from mmscn.diagnostics import Rejected
from mmscn.judge import prepare
from mmscn.judge.api import Scenario
from mmscn.judge.evidence import Counterexample
from mmscn.judge.replays import Fault
from mmscn.judge.report import Run
from mmscn.judge.shipped import finder
from mmscn.litmus import coatcheck, isla
from mmscn.litmus import tree as t
from mmscn.litmus.architectures import ARCHITECTURES, ETS, ETS_KINDS
from mmscn.litmus.code import code_of
from mmscn.litmus.condition import holds, written
from mmscn.litmus.modelled import orders
from mmscn.litmus.ops import Code, unsupported
from mmscn.litmus.parse import parse
from mmscn.litmus.scenario import Shown, Text, scenario
from mmscn.runtime.explore.executors import AUTO
from mmscn.runtime.result import Limits, Verdict
from mmscn.source import Source, Span

KINDS = {"exists": "Allowed", "~exists": "Forbidden", "forall": "Required"}
RANGE = "in_range"
UNDECIDED = "Undecided"

State = tuple[int, ...]


def order_of(litmus: t.Litmus) -> str:
    """The order of a test's architecture. Raises Rejected where none is modelled."""
    wanted = ARCHITECTURES[litmus.arch].orders
    for order in wanted:
        if order in orders():
            return order
    hint = "`-D memory=sc` asks what a machine does that does one access after the other"
    raise unsupported(f"the memory order {wanted[-1]}", Span(litmus.source, 0, 1), hint)


def litmus_of(source: Source, name: str) -> t.Litmus:
    """A litmus test of any form. name: of one that has none inside. Raises Rejected."""
    if coatcheck.is_coatcheck(source.text):
        return coatcheck.read(source, name)
    if isla.is_isla(source.text):
        return isla.read(source)
    return parse(source)


@frozen(kw_only=True)
class Answer:
    """states: the final values of what is shown, in order; met: those that the condition holds in.

    complete: whether these are all states. name: of the `reachable` or `finally`; witness: a way to
    where the condition holds, or, of `forall`, to where it does not.
    """

    litmus: t.Litmus
    order: str
    shown: tuple[Shown, ...]
    states: tuple[State, ...]
    met: frozenset[State]
    complete: bool
    scenario: Scenario
    run: Run
    name: str

    @property
    def witness(self) -> Counterexample | None:
        if all(p.name != self.name for p in self.run.properties):
            return None
        return self.run.counterexample(self.name) or self.run.witness(self.name)

    @property
    def observed(self) -> str:
        if not self.met:
            return "Never"
        return "Always" if len(self.met) == len(self.states) else "Sometimes"

    @property
    def ok(self) -> bool:
        """Whether it is as the quantifier wants it."""
        if self.litmus.quantifier == "forall":
            return len(self.met) == len(self.states)
        return bool(self.met) is (self.litmus.quantifier == "exists")

    @property
    def verdict(self) -> str:
        """`Allowed`, `Forbidden`, `Required`; `Undecided` where states that matter are missing."""
        if self.litmus.quantifier == "forall":
            if not self.ok:
                return "Allowed" if self.met else "Forbidden"
            return "Required" if self.complete else UNDECIDED
        if self.met:
            return "Allowed"
        return "Forbidden" if self.complete else UNDECIDED


def answer(
    litmus: t.Litmus,
    order: str | None,
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    executor: str = AUTO,
    ets: int = 0,
) -> Answer:
    """order: None for the one of the architecture. ets: of walks, 0 or 2.

    Raises Rejected for what cannot be said.
    """
    code = code_of(litmus)
    order = order or order_of(litmus)
    text = scenario(code, orders(), order, ets)
    return judged(code, text, order, limits, executor)


def checked(litmus: t.Litmus) -> None:
    """Raises Rejected for what cannot be said, without a search."""
    order = order_of(litmus)
    text = scenario(code_of(litmus), orders(), order)
    made = Scenario.of(prepare.unit_of(Source(litmus.source.name, text.text), finder(None)), None)
    for values in made.combinations():
        made.checked(values)


def scenario_of_test(source: Source, name: str, settings: Mapping[str, str]) -> Scenario:
    """The scenario that a litmus test is imported as. name: of one that has none inside.

    settings: `memory` and `ets`, where they have a value that there is. Raises Rejected.
    """
    from mmscn.syntax.format import formatted

    litmus = litmus_of(source, name)
    code = code_of(litmus)
    asked = settings.get("memory")
    order = asked if asked in orders() else order_of(litmus)
    ets = settings.get(ETS, "")
    text = scenario(code, orders(), order, int(ets) if ets in ETS_KINDS else 0).text
    source = Source(f"{litmus.source.name}.mmscn", text)
    return made_of(litmus, Source(source.name, formatted(source)))


def judged(code: Code, text: Text, order: str, limits: Limits, executor: str) -> Answer:
    litmus = code.litmus
    made, run = run_of(litmus, text, limits, executor)
    found = run.final_states() if text.shown else None
    states: tuple[State, ...] = ()
    complete = run.result.limit is None
    if found is not None:
        states = tuple(sorted(tuple(int(value) for _, value in s.values) for s in found.states))
        complete = complete and found.complete and not found.more
    elif run.result.quiescent:
        states = ((),)
    columns = {shown.herd: n for n, shown in enumerate(text.shown)}
    if litmus.filter is not None:
        states = tuple(s for s in states if holds(litmus.filter, columns, s))
    met = frozenset(s for s in states if holds(litmus.condition, columns, s))
    found_of = {p.name: p.verdict for p in run.properties}
    judgement = found_of.get(text.name, Verdict.UNDECIDED)
    if found_of.get(RANGE) is Verdict.VIOLATED:
        raise unsupported("arithmetic beyond what is bounded", litmus.span)
    result = Answer(
        litmus=litmus,
        order=order,
        shown=text.shown,
        states=states,
        met=met,
        complete=complete and judgement is not Verdict.UNDECIDED,
        scenario=made,
        run=run,
        name=text.name,
    )
    agrees(result, judgement)
    return result


def run_of(litmus: t.Litmus, text: Text, limits: Limits, executor: str) -> tuple[Scenario, Run]:
    """The scenario of a test, and its run. Raises Rejected at the test where that is too large."""
    made = made_of(litmus, Source(f"{litmus.source.name}.mmscn", text.text))
    try:
        (run,) = made.runs(made.combinations(), limits=limits, executor=executor)
    except Rejected as problem:
        raise too_large(litmus, problem) from problem
    return made, run


def made_of(litmus: t.Litmus, source: Source) -> Scenario:
    try:
        return Scenario.of(prepare.unit_of(source, finder(None)), None)
    except Rejected as problem:
        raise too_large(litmus, problem) from problem


def too_large(litmus: t.Litmus, problem: Rejected) -> Rejected:
    first = problem.diagnostics[0]
    what = f"a test whose scenario is rejected, because {first.message} ({first.code}),"
    return unsupported(what, litmus.span)


def agrees(found: Answer, verdict: Verdict) -> None:
    """Raises Fault where the search says otherwise than the list of final states."""
    if not found.complete or verdict in (Verdict.UNDECIDED, Verdict.VACUOUS):
        return
    if found.ok is not (verdict is Verdict.HOLDS):
        raise Fault(f"the final states of {found.litmus.name} are not those of the search")


def block(found: Answer) -> str:
    """As herd7 prints it."""
    litmus = found.litmus
    positive, negative = len(found.met), len(found.states) - len(found.met)
    lines = [f"Test {litmus.name} {KINDS[litmus.quantifier]}", f"States {len(found.states)}"]
    for state in found.states:
        pairs = zip(found.shown, state, strict=True)
        lines.append(" ".join(filter(None, (shown.said(value) for shown, value in pairs))))
    undecided = found.verdict == UNDECIDED
    lines += [UNDECIDED if undecided else "Ok" if found.ok else "No", "Witnesses"]
    # Witnesses are those of the quantifier, the observation is of what stands behind it.
    wanted = (negative, positive) if litmus.quantifier == "~exists" else (positive, negative)
    lines.append(f"Positive: {wanted[0]} Negative: {wanted[1]}")
    lines.append(f"Condition {litmus.quantifier} ({written(litmus.condition)})")
    observed = UNDECIDED if undecided else found.observed
    lines.append(f"Observation {litmus.name} {observed} {positive} {negative}")
    return "".join(f"{line}\n" for line in lines)
