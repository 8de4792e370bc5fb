"""From the verdicts of checks to those of properties, and to what was expected of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from mmscn.judge.case import Asked, CaseFacts, Expectation
from mmscn.judge.report import OUTCOMES, Kind, PropertyResult, Unmet, worst
from mmscn.runtime.result import Result, Verdict
from mmscn.source import Source

if TYPE_CHECKING:
    from mmscn.judge.evidence import Counterexample

KINDS = {
    "always": Kind.PROPERTY,
    "finally": Kind.PROPERTY,
    "reachable": Kind.PROPERTY,
    "assert": Kind.ASSERTION,
    "bug": Kind.BUG,
    "eventually": Kind.LIVENESS,
    "leads to": Kind.LIVENESS,
    "livelock": Kind.LIVENESS,
}
NEVER_VACUOUS = ("bug", "rule", "deadlock", "bound")
"""Kinds that a run need not meet: not to come across them is good."""


def judged(facts: CaseFacts, result: Result, own: Source) -> tuple[PropertyResult, ...]:
    """The verdict for each name: properties, then assertions, then what is implicit.

    own: the text of the scenario.
    """
    by_name: dict[str, list[tuple[Asked, Verdict, int | None, int | None]]] = {}
    place = {info: number for number, info in enumerate(facts.checks)}
    for number, info in enumerate(facts.asked):
        check = place.get(number)
        verdict, depth = Verdict.VACUOUS, None
        if check is not None:
            verdict, depth = result.checks[check].verdict, result.checks[check].depth
        if verdict is Verdict.VACUOUS and (info.kind in NEVER_VACUOUS or info.span is None):
            verdict = Verdict.HOLDS
        by_name.setdefault(info.name, []).append((info, verdict, depth, check))
    found = [together(name, parts, own) for name, parts in by_name.items()]
    if reached_bounds(facts, result):
        bounds = {info.name for info in facts.asked if info.kind == "bound"}
        found = [p if seen(p, facts) and p.name not in bounds else cut_off(p) for p in found]
    return tuple(sorted(found, key=lambda p: list(Kind).index(p.kind)))


def reached_bounds(facts: CaseFacts, result: Result) -> tuple[str, ...]:
    """The bounds of the model that some execution meets; what is behind them is not known."""
    asked = (facts.asked[info] for info in facts.checks)
    checks = zip(asked, result.checks, strict=True)
    return tuple(
        info.text or info.name
        for info, check in checks
        if info.kind == "bound" and check.verdict is Verdict.VIOLATED
    )


def seen(p: PropertyResult, facts: CaseFacts) -> bool:
    """Whether an execution has decided it: it breaks, or all that is to be reachable is reached."""
    if p.depth is not None:
        return True
    kinds = {facts.asked[facts.checks[check]].kind for check in p.checks}
    return p.verdict is Verdict.HOLDS and kinds == {"reachable"}


def cut_off(p: PropertyResult) -> PropertyResult:
    """A verdict that what is behind a bound may change: what is not met may be met there."""
    return p._replace(verdict=Verdict.UNDECIDED)


def together(
    name: str, parts: list[tuple[Asked, Verdict, int | None, int | None]], own: Source
) -> PropertyResult:
    """Several checks of one name: vacuous only if all are."""
    verdicts = [verdict for _, verdict, _, _ in parts]
    if any(v is not Verdict.VACUOUS for v in verdicts):
        verdicts = [v for v in verdicts if v is not Verdict.VACUOUS]
    verdict = worst(verdicts)
    broken = [p for p in parts if p[1] is Verdict.VIOLATED]
    info = (broken or parts)[0][0]
    depths = [depth for _, _, depth, _ in broken if depth is not None]
    chosen = broken or parts
    return PropertyResult(
        name=name,
        kind=kind_of(info) if info.span is not None else Kind.IMPLICIT,
        verdict=verdict,
        span=info.span,
        own=info.span is not None and info.span.source is own,
        asked=any(part.own for part, *_ in parts),
        depth=min(depths, default=None),
        checks=tuple(check for _, _, _, check in chosen if check is not None),
    )


def kind_of(info: Asked) -> Kind:
    """Of what has a place in a text: what is judged anyway is a property where it is asked for."""
    rest = Kind.PROPERTY if info.own and info.kind in ("rule", "deadlock") else Kind.IMPLICIT
    return KINDS.get(info.kind, rest)


def unasked(expects: tuple[Expectation, ...], properties: tuple[PropertyResult, ...]) -> bool:
    """Whether nothing is asked: what is implicit is asked for where it is announced."""
    announced = [name for e in expects for name in e.violated]
    return not any(p.asked or p.name in announced for p in properties)


def verdict_of(expects: tuple[Expectation, ...], properties: tuple[PropertyResult, ...]) -> Verdict:
    """The worst of what is asked and of what is broken; vacuity counts where nobody announces it.

    Where there is nothing that counts, it is VACUOUS.
    """
    announced = [name for e in expects for name in e.vacuous]
    counted = [
        p.verdict
        for p in properties
        if p.verdict is not Verdict.VACUOUS or (p.asked and p.name not in announced)
    ]
    if unasked(expects, properties) or not any(
        p.asked and p.verdict is not Verdict.VACUOUS for p in properties
    ):
        counted = [v for v in counted if v is not Verdict.HOLDS]
    return worst(counted)


def unmet_expectations(
    expects: tuple[Expectation, ...],
    properties: tuple[PropertyResult, ...],
    counterexample: Callable[[PropertyResult], Counterexample | None],
) -> tuple[Unmet, ...]:
    """What is not as expected, and what is asked in vain.

    Without an expectation that announces a violation all must hold. Each thing that is
    asked must be put to the test, unless it is announced that it is not.
    """
    announced = list(dict.fromkeys(n for e in expects for n in e.violated))
    empty = list(dict.fromkeys(n for e in expects for n in e.vacuous))
    found: list[Unmet] = []
    for p in properties:
        match p.verdict:
            case Verdict.VIOLATED if p.name not in announced:
                found.append(Unmet(because=p.verdict, text=unannounced(p)))
            case Verdict.HOLDS if p.name in announced:
                found.append(Unmet(because=Verdict.VIOLATED, text=f"{p.title} holds"))
            case Verdict.HOLDS if p.name in empty:
                why = "is put to the test, and holds"
                found.append(Unmet(because=Verdict.VIOLATED, text=f"{p.title} {why}"))
            case Verdict.UNDECIDED:
                found.append(Unmet(because=p.verdict, text=f"{p.title} is undecided"))
            case Verdict.VACUOUS if p.name in announced or (p.asked and p.name not in empty):
                found.append(Unmet(because=p.verdict, text=f"{p.title} was never put to the test"))
    none = unasked(expects, properties)
    said = any(e.unasked for e in expects)
    if none and not said:
        found.append(Unmet(because=Verdict.VACUOUS, text="nothing was asked"))
    elif said and not none:
        found.append(Unmet(because=Verdict.VIOLATED, text="something was asked"))
    if all(u.because is Verdict.VACUOUS for u in found):
        for expect in expects:
            found.extend(elsewhere(expect, properties, counterexample))
    return tuple(found)


def unannounced(p: PropertyResult) -> str:
    if p.outcome:
        listed = p.name != OUTCOMES
        return f"{p.title} never occurs" if listed else "a final state is none of the outcomes"
    return f"{p.title} is violated, and no `expect` says so"


def elsewhere(
    expect: Expectation,
    properties: tuple[PropertyResult, ...],
    counterexample: Callable[[PropertyResult], Counterexample | None],
) -> list[Unmet]:
    """The violations that happen at another operation than `at` says."""
    found = []
    for p in properties:
        if expect.at is None or p.name not in expect.violated:
            continue
        example = counterexample(p)
        if example is None:
            text = f"where {p.title} breaks was not found within the limits"
            found.append(Unmet(because=Verdict.UNDECIDED, text=text))
            continue
        there = example.told(partial(example.breaks_at, expect.at))
        if there is None:
            text = f"where {p.title} breaks was not told within the limits"
            found.append(Unmet(because=Verdict.UNDECIDED, text=text))
        elif not there:
            text = f"{p.title} breaks at `{example.at}`, not at `{expect.at}`"
            found.append(Unmet(because=Verdict.VIOLATED, text=text))
    return found
