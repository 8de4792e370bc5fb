"""The execution of what holds that comes closest to breaking, and the operation that saves it.

Each lock, flush, fence and check is taken out in turn; what then breaks in the shortest execution
is driven on the intact program as far as it goes. The one that goes farthest is the near miss.
A search ends at the first thing that breaks, and at as many states as the intact program has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mmscn.diagnostics import Rejected
from mmscn.explain.ablation import Intact, intact_of, shortest, work_of
from mmscn.explain.drive import Driven, driven, picture
from mmscn.explain.mutants import KINDS, Mutant, mutated
from mmscn.judge.api import Scenario
from mmscn.judge.evidence import Counterexample
from mmscn.judge.report import Run
from mmscn.judge.stopping import FIRST
from mmscn.judge.token import Token, token_of
from mmscn.plain_text import counted
from mmscn.runtime.result import Limits
from mmscn.show import table

STATES_MIN = 1_000


class NearMiss(NamedTuple):
    """mutant: what would have to be missing. title: what would break then. found: the execution
    of the intact program. token: what replays that; None where it has too many steps for one."""

    mutant: Mutant
    title: str
    found: Driven
    token: Token | None


class Missed(NamedTuple):
    """Of one combination that holds, in words. near: None where there is none; or, where not all
    was searched (`whole`), where none was found within the limits."""

    run: Run
    where: str
    near: NearMiss | None
    whole: bool


def near_miss(
    scenario: Scenario, run: Run, limits: Limits, kinds: Sequence[str] = KINDS
) -> NearMiss | None:
    """Of a run that holds: None where nothing breaks, whatever is taken out, or what does follows
    no step of the intact program. Raises Exceeded within a budget."""
    case = intact_of(scenario, run)
    compiled = scenario.case(dict(case.params), True)().compiled
    most = min(n for n in (limits.states, max(run.result.states, STATES_MIN)) if n is not None)
    best: tuple[Mutant, str, Driven] | None = None
    for work in work_of(scenario, [case], kinds):
        broken = first_broken(scenario, work.mutant, case, limits._replace(states=most))
        if broken is None:
            continue
        title, example = broken
        found = driven(example, compiled)
        if (found.wanted or found.own) and (best is None or found.followed > best[2].followed):
            best = work.mutant, title, found
    if best is None:
        return None
    return NearMiss(*best, token_of(compiled, best[2].trace, broken=False))


def first_broken(
    scenario: Scenario, mutant: Mutant, case: Intact, limits: Limits
) -> tuple[str, Counterexample] | None:
    """What breaks without something, and how; None for nothing within the limits."""
    try:
        other = Scenario.of(mutated(scenario.unit, mutant), scenario.path)
        for stop in (FIRST, None):
            (run,) = other.runs([dict(case.params)], limits=limits, stop=stop)
            worst = shortest(run, case.holding)
            example = None if worst is None else run.counterexample(worst[0].name)
            if worst is not None and example is not None:
                return worst[0].title, example
            if not run.violated():
                return None
            # What broke first did not hold before: the search goes on behind it.
    except Rejected:
        pass
    return None


def text(missed: Missed, width: int) -> str:
    """The drawing, with what saves the execution marked."""
    near, where = missed.near, missed.where
    if not missed.whole:
        return f"  The near miss of {where} was not found within the limits.\n"
    if near is None:
        return f"  No near miss of {where}: what breaks without an operation is far away.\n"
    alike = f"{near.found.followed} of {counted(near.found.of, 'step')} are the same"
    said = (
        f"Near miss of {where}: without `{near.mutant.name}` this goes on, and "
        f"{near.title} breaks ({alike})"
    )
    head = "".join(f"{line}\n" for line in table.wrapped("  ", said))
    again = "" if near.token is None else f"\n  again: mmscn replay {near.token}\n"
    return f"{head}\n{picture(near.found, width, 'saves it')}{again}"
