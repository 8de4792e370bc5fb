"""From what a search saw to the verdicts."""

from __future__ import annotations

from collections.abc import Container, Mapping

from mmscn.runtime.bytecode import LIVENESS, CheckId, CheckKind, Program
from mmscn.runtime.result import CheckResult, Limit, Result, Verdict


def conclude(
    program: Program,
    depths: Mapping[CheckId, int],
    covered: Container[CheckId],
    limit: Limit | None,
) -> tuple[CheckResult, ...]:
    """The verdict of each check.

    depths: of the first violation or witness. A check that fails had a chance to. What is about
    fair executions is undecided: no search of states says anything about them.
    """
    results = []
    for c, check in enumerate(program.checks):
        check_id = CheckId(c)
        depth = depths.get(check_id)
        was_covered = check_id in covered or depth is not None
        if check.kind is CheckKind.REACHABLE:
            verdict = _reachable(depth, limit)
        elif check.kind in LIVENESS:
            verdict = Verdict.UNDECIDED
        else:
            verdict = _safe(depth, was_covered, limit)
        results.append(
            CheckResult(check=check_id, verdict=verdict, depth=depth, covered=was_covered)
        )
    return tuple(results)


def _reachable(depth: int | None, limit: Limit | None) -> Verdict:
    if depth is not None:
        return Verdict.HOLDS
    return Verdict.VIOLATED if limit is None else Verdict.UNDECIDED


def _safe(depth: int | None, covered: bool, limit: Limit | None) -> Verdict:
    if depth is not None:
        return Verdict.VIOLATED
    if limit is not None:
        return Verdict.UNDECIDED
    return Verdict.HOLDS if covered else Verdict.VACUOUS


def both(one: tuple[CheckResult, ...], other: tuple[CheckResult, ...]) -> tuple[CheckResult, ...]:
    """What two searches of the same scenario have met, each of a part of it."""
    return tuple(
        CheckResult(
            check=a.check,
            verdict=b.verdict if a.verdict is Verdict.UNDECIDED else a.verdict,
            depth=b.depth if a.depth is None else a.depth,
            covered=a.covered or b.covered,
        )
        for a, b in zip(one, other, strict=True)
    )


def proved(seen: tuple[CheckResult, ...], wider: Result) -> Result | None:
    """The result of a program by the search of a wider one; None where that is no proof.

    seen: what is met in the program itself. wider: of a program that does all that
    this one does, and perhaps more. What it never does decides: where it breaks
    something, or where it meets something that was not seen, this is no proof.
    """
    if wider.limit is not None:
        return None
    checks = []
    for met, most in zip(seen, wider.checks, strict=True):
        as_seen = (met.covered, met.depth is None) == (most.covered, most.depth is None)
        if most.verdict is Verdict.VIOLATED or not as_seen:
            return None
        checks.append(met._replace(verdict=most.verdict))
    return wider._replace(checks=tuple(checks))
