"""Executions that `expect violated … by "token"` names: replayed, and shown instead of the
shortest.
"""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.check import variation
from mmscn.check.modules import Unit
from mmscn.diagnostics import Diagnostic, Rejected, one
from mmscn.judge import token
from mmscn.judge.applying import applying
from mmscn.judge.case import Case
from mmscn.judge.evidence import Evidence
from mmscn.judge.report import Unmet
from mmscn.runtime.result import Verdict
from mmscn.syntax import tree as t


def wrong_tokens(unit: Unit) -> tuple[Diagnostic, ...]:
    """MM222 at each expectation whose token can never be replayed for it."""
    return tuple(d for e in unit.expects for d in wrong_token(unit, e))


def wrong_token(unit: Unit, expect: t.Expect) -> Iterator[Diagnostic]:
    if expect.by is None:
        return
    hint = "`mmscn run` prints the token below each counterexample"
    name = unit.scenario.name if unit.scenario else unit.source.name
    try:
        known = token.read(expect.by)
        combinations = variation.matrix(unit, dict(known.params))
        chosen = [values for values in combinations if known.is_of(values)]
        if known.scenario != name:
            what = f"the token is of the scenario `{known.scenario}`, and this is `{name}`"
        elif not chosen:
            what = "the token is of a combination of params that there is not"
        elif expect not in applying(unit, chosen[0]):
            what = "the token is of a combination that this expectation is not for"
        else:
            return
    except token.NotReplayed as problem:
        what = str(problem)
    except Rejected:
        what = "the token is of params that there are not"
    yield from one("MM222", what, expect.span, hint).diagnostics


def pin(case: Case, evidence: Evidence) -> tuple[Unmet, ...]:
    """Replay the tokens of a combination; what is unmet where one leads elsewhere."""
    found: list[Unmet] = []
    for expect in case.facts.expects:
        if expect.by is None:
            continue
        known = token.read(expect.by)
        if not known.is_of(dict(case.facts.params)):
            continue
        names = ", ".join(expect.violated)
        try:
            trace = token.replayed(known, case.compiled)
        except token.NotReplayed as problem:
            found.append(Unmet(because=Verdict.VIOLATED, text=f"the token of {names}: {problem}"))
            continue
        name = case.facts.asked[case.facts.checks[trace.check]].name
        if name in expect.violated:
            evidence.pinned[trace.check] = trace
        else:
            what = f"the token of {names} is an execution that breaks {name}"
            found.append(Unmet(because=Verdict.VIOLATED, text=what))
    return tuple(found)
