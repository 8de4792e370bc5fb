"""What the search of a wider program proves."""

from __future__ import annotations

import pytest

from mmscn.runtime.bytecode import CheckId
from mmscn.runtime.explore.verdicts import both, proved
from mmscn.runtime.result import CheckResult, Limit, Result, Verdict

HOLDS, VIOLATED = Verdict.HOLDS, Verdict.VIOLATED
UNDECIDED, VACUOUS = Verdict.UNDECIDED, Verdict.VACUOUS


def check(verdict: Verdict, depth: int | None, covered: bool) -> CheckResult:
    return CheckResult(check=CheckId(0), verdict=verdict, depth=depth, covered=covered)


def result_of(one: CheckResult, limit: Limit | None = None) -> Result:
    return Result(
        checks=(one,),
        states=1,
        transitions=0,
        depth=0,
        quiescent=0,
        limit=limit,
        seconds=0.0,
        executor="python",
        bytes_per_state=8.0,
    )


@pytest.mark.parametrize(
    ("seen", "wider", "limit", "verdict"),
    [
        (check(UNDECIDED, None, True), check(HOLDS, None, True), None, HOLDS),
        (check(UNDECIDED, None, False), check(VACUOUS, None, False), None, VACUOUS),
        (check(HOLDS, 3, True), check(HOLDS, 2, True), None, HOLDS),
        (check(UNDECIDED, None, False), check(HOLDS, None, True), None, None),
        (check(UNDECIDED, None, True), check(HOLDS, 2, True), None, None),
        (check(UNDECIDED, None, True), check(VIOLATED, 2, True), None, None),
        (check(UNDECIDED, None, True), check(VIOLATED, None, True), None, None),
        (check(UNDECIDED, None, True), check(UNDECIDED, None, True), Limit.STATES, None),
    ],
)
def test_only_what_was_met_and_is_not_broken_is_proved(
    seen: CheckResult, wider: CheckResult, limit: Limit | None, verdict: Verdict | None
) -> None:
    proof = proved((seen,), result_of(wider, limit))
    assert (None if proof is None else proof.checks[0].verdict) == verdict
    if proof is not None:
        assert proof.checks[0].depth == seen.depth


def test_two_parts_of_a_search_know_what_either_knows() -> None:
    part, other = check(UNDECIDED, None, True), check(VIOLATED, 4, False)
    assert both((part,), (other,)) == (check(VIOLATED, 4, True),)
    assert both((other,), (part,)) == (check(VIOLATED, 4, True),)
