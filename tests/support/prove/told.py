"""What becomes of a proof that is tried."""

from __future__ import annotations

from mmscn.judge.api import loads
from mmscn.prove.abstract import Few
from mmscn.prove.fixpoint import fixpoint
from mmscn.prove.proof import made, model_errors, names_proved
from mmscn.prove.refused import Refused
from mmscn.runtime.result import Limits

LIMITS = Limits(states=200_000, time_s=300)
IMPLICIT = {"in_range", "lock_rules", "no_deadlock"}


def told(text: str, thread: str = "many") -> str:
    """`proved` where all that is asked is; `not proved`; or the reason of a refusal."""
    scenario = loads(text)
    try:
        one, few = made(scenario, thread, scenario.combinations()[0])
    except Refused as problem:
        return problem.reason
    found = fixpoint(few, LIMITS)
    assert found.limit is None
    infos = one.checked.checks
    asked = {infos[check.info].name for check in one.ir.checks} - IMPLICIT
    proved = names_proved(one, found)
    if found.broken & model_errors(one) or not asked <= proved:
        return "not proved"
    return "proved"


def few_of(text: str, thread: str = "many", *, fusing: bool = False) -> Few:
    """The program of a few threads among any number. Raises Refused."""
    scenario = loads(text)
    return made(scenario, thread, scenario.combinations()[0], fusing=fusing)[1]
