"""From what a search saw to the verdicts."""

from __future__ import annotations

from collections.abc import Container, Mapping

from mmscn.runtime.bytecode import CheckId, CheckKind, Program
from mmscn.runtime.result import CheckResult, Limit, Verdict


def conclude(
    program: Program,
    depths: Mapping[CheckId, int],
    covered: Container[CheckId],
    limit: Limit | None,
) -> tuple[CheckResult, ...]:
    """The verdict of each check.

    depths: of the first violation or witness. A check that fails had a chance to.
    """
    results = []
    for c, check in enumerate(program.checks):
        check_id = CheckId(c)
        depth = depths.get(check_id)
        was_covered = check_id in covered or depth is not None
        if check.kind is CheckKind.REACHABLE:
            verdict = _reachable(depth, limit)
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
