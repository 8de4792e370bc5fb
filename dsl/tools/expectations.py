"""From the verdicts of checks to those of properties, and to what was expected of them."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from mmscn.check import variation
from mmscn.check.context import Context
from mmscn.check.core import Checked, CheckInfo
from mmscn.check.expressions import truth
from mmscn.check.modules import Unit
from mmscn.check.scope import Scope
from mmscn.check.values import Value
from mmscn.check.world import World
from mmscn.diagnostics import Diagnostic, Rejected, Reporter, closest, one
from mmscn.lower.compiled import Compiled
from mmscn.runtime.result import Result, Verdict
from mmscn.source import Source
from mmscn.syntax import tree as t
from mmscn.tools.evidence import Counterexample
from mmscn.tools.report import Kind, PropertyResult, Unmet, worst

KINDS = {
    "always": Kind.PROPERTY,
    "finally": Kind.PROPERTY,
    "reachable": Kind.PROPERTY,
    "assert": Kind.ASSERTION,
    "bug": Kind.BUG,
}
NEVER_VACUOUS = ("bug", "rule")
"""Kinds that a run need not meet: not to come across them is good."""


def judged(compiled: Compiled, result: Result, own: Source) -> tuple[PropertyResult, ...]:
    """The verdict for each name: properties, then assertions, then what is implicit.

    own: the text of the scenario.
    """
    by_name: dict[str, list[tuple[CheckInfo, Verdict, int | None, int | None]]] = {}
    place = {info: number for number, info in enumerate(compiled.checks)}
    for number, info in enumerate(compiled.checked.checks):
        check = place.get(number)
        verdict, depth = Verdict.VACUOUS, None
        if check is not None:
            verdict, depth = result.checks[check].verdict, result.checks[check].depth
        if verdict is Verdict.VACUOUS and info.kind in NEVER_VACUOUS:
            verdict = Verdict.HOLDS
        by_name.setdefault(info.name, []).append((info, verdict, depth, check))
    found = [together(name, parts, own) for name, parts in by_name.items()]
    if any(p.kind is not Kind.IMPLICIT for p in found):
        # Without a thread no deadlock can be; vacuous only where nothing else is asked.
        found = [evolve(p, verdict=Verdict.HOLDS) if untested(p) else p for p in found]
    return tuple(sorted(found, key=lambda p: list(Kind).index(p.kind)))


def untested(p: PropertyResult) -> bool:
    return p.kind is Kind.IMPLICIT and p.verdict is Verdict.VACUOUS


def together(
    name: str, parts: list[tuple[CheckInfo, Verdict, int | None, int | None]], own: Source
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
        kind=KINDS.get(info.kind, Kind.IMPLICIT) if info.span is not None else Kind.IMPLICIT,
        verdict=verdict,
        span=info.span,
        own=info.span is not None and info.span.source is own,
        depth=min(depths, default=None),
        checks=tuple(check for _, _, _, check in chosen if check is not None),
    )


def applying(unit: Unit, params: dict[str, Value]) -> tuple[t.Expect, ...]:
    """The expectations for one combination; `otherwise` where no condition holds.

    Raises Rejected where a condition is not decided by params and knobs.
    """
    settings, _ = variation.settings(unit, params)
    ctx = Context(unit=unit, world=World(), settings=settings, atoms=variation.atoms(unit))
    reporter = Reporter()
    always: list[t.Expect] = []
    conditional: list[t.Expect] = []
    otherwise: list[t.Expect] = []
    for expect in unit.expects:
        if expect.otherwise:
            otherwise.append(expect)
        elif expect.when is None:
            always.append(expect)
        else:
            try:
                if truth(ctx, Scope(), expect.when):
                    conditional.append(expect)
            except Rejected as problem:
                reporter.found.extend(undecided(unit, d) for d in problem.diagnostics)
    reporter.raise_if_any()
    return (*always, *(conditional or otherwise))


def undecided(unit: Unit, d: Diagnostic) -> Diagnostic:
    """A name that means nothing in a condition of `expect`: mostly it is one of the state's."""
    if d.code == "MM207" and any(v.name == d.span.text for v in unit.variables):
        message = "this condition is decided before the run, by params and knobs"
        return evolve(d, code="MM307", message=message, hint=None)
    return d


def known_names(unit: Unit, checked: Checked, expects: tuple[t.Expect, ...]) -> None:
    """Raises Rejected, MM214, where an expectation names what is not judged."""
    names = [info.name for info in checked.checks]
    reporter = Reporter()
    for expect in expects:
        for name in expect.violated:
            if name not in names:
                hint = closest(name, names)
                if name in unit.properties:
                    hint = f"write `check {name}`"
                (found,) = one("MM214", f"no property or assertion is named `{name}`", expect.span,
                               hint).diagnostics  # fmt: skip
                reporter.found.append(found)
    reporter.raise_if_any()


def differences(
    expects: tuple[t.Expect, ...],
    properties: tuple[PropertyResult, ...],
    counterexample: Callable[[PropertyResult], Counterexample | None],
) -> tuple[Unmet, ...]:
    """What is not as expected. Without an expectation that announces a violation all must hold."""
    announced = list(dict.fromkeys(n for e in expects for n in e.violated))
    found: list[Unmet] = []
    for p in properties:
        match p.verdict:
            case Verdict.VIOLATED if p.name not in announced:
                why = "is violated, and no `expect` says so"
                found.append(Unmet(because=p.verdict, text=f"{p.title} {why}"))
            case Verdict.HOLDS if p.name in announced:
                found.append(Unmet(because=Verdict.VIOLATED, text=f"{p.title} holds"))
            case Verdict.UNDECIDED:
                found.append(Unmet(because=p.verdict, text=f"{p.title} is undecided"))
            case Verdict.VACUOUS if p.name in announced or not announced:
                found.append(Unmet(because=p.verdict, text=f"{p.title} was never put to the test"))
    if not found:
        for expect in expects:
            found.extend(elsewhere(expect, properties, counterexample))
    return tuple(found)


def elsewhere(
    expect: t.Expect,
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
        elif not example.breaks_at(expect.at):
            text = f"{p.title} breaks at `{example.at}`, not at `{expect.at}`"
            found.append(Unmet(because=Verdict.VIOLATED, text=text))
    return found
