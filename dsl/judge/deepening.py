"""All combinations with few states first, then those that are not decided with ten times as many.

What breaks soon is known soon, in whichever combination; what is small is decided before what is
large is begun. Each search begins anew: of all that it takes, a tenth is for that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mmscn.check.values import Value
from mmscn.judge.api import Scenario
from mmscn.judge.report import Run
from mmscn.runtime.result import Limit, Limits

FIRST, TIMES = 20_000, 10
"""Below the first, which program is searched would depend on the bound (`search_plan`)."""

Told = Callable[[int, Sequence[Run]], object]
"""Called behind each round but the last with its bound of states, and the runs that are decided."""


def bounds(most: int | None) -> Iterator[int | None]:
    """How many states, round by round; the last is the limit itself."""
    states = FIRST
    while most is None or states < most:
        yield states
        states *= TIMES
    yield most


def deepened(
    scenario: Scenario,
    combinations: Sequence[dict[str, Value]],
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    told: Told | None = None,
    **how: Any,
) -> Iterator[Run]:
    """The runs of some combinations in their order, when all are known; as of `Scenario.runs`.

    An interrupt ends it: of what was not decided by then, the last search counts. Raises Rejected.
    """
    found: dict[int, Run] = {}
    left = list(range(len(combinations)))
    for states in bounds(limits.states):
        round_ = limits._replace(states=states)
        again: list[int] = []
        for number in left:
            runs = scenario.runs([combinations[number]], limits=round_, **how)
            for run in runs:
                found[number] = run
            if number not in found or found[number].interrupted:
                yield from (found[n] for n in sorted(found))
                return
            if found[number].result.limit is Limit.STATES and states != limits.states:
                again.append(number)
        left = again
        if not left:
            break
        if told is not None and states is not None:
            told(states, [run for n, run in sorted(found.items()) if n not in left])
    yield from (found[n] for n in sorted(found))
