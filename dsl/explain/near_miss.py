"""The execution of what holds that comes closest to breaking, and the operation that saves it.

Each lock, flush, fence and check is taken out in turn; what then breaks in the shortest execution
is driven on the intact program as far as it goes. The one that goes farthest is the near miss.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mmscn.diagnostics import Rejected
from mmscn.explain.ablation import Intact, shortest, work_of
from mmscn.explain.drive import Driven, driven, picture
from mmscn.explain.mutants import KINDS, Mutant, mutated
from mmscn.judge.api import Scenario
from mmscn.plain_text import counted
from mmscn.runtime.result import Limits
from mmscn.show import table


class NearMiss(NamedTuple):
    """mutant: what would have to be missing. title: what would break then. found: the execution
    of the intact program."""

    mutant: Mutant
    title: str
    found: Driven


def near_miss(
    scenario: Scenario, case: Intact, limits: Limits, kinds: Sequence[str] = KINDS
) -> NearMiss | None:
    """None where nothing breaks, whatever is taken out, or what does follows no step of the intact
    program. Raises Exceeded within a budget."""
    compiled = scenario.case(dict(case.params), True)().compiled
    best: NearMiss | None = None
    for work in work_of(scenario, [case], kinds):
        try:
            other = Scenario.of(mutated(scenario.unit, work.mutant), scenario.path)
            (run,) = other.runs([dict(case.params)], limits=limits)
        except Rejected:
            continue
        worst = shortest(run, case.holding)
        example = None if worst is None else run.counterexample(worst[0].name)
        if worst is None or example is None:
            continue
        found = driven(example, compiled)
        if (found.wanted or found.own) and (best is None or found.followed > best.found.followed):
            best = NearMiss(work.mutant, worst[0].title, found)
    return best


def text(near: NearMiss | None, where: str, width: int) -> str:
    """The drawing, with what saves the execution marked."""
    if near is None:
        return f"  No near miss of {where}: what breaks without an operation is far away.\n"
    alike = f"{near.found.followed} of {counted(near.found.of, 'step')} are the same"
    said = (
        f"Near miss of {where}: without `{near.mutant.name}` this goes on, and "
        f"{near.title} breaks ({alike})"
    )
    head = "".join(f"{line}\n" for line in table.wrapped("  ", said))
    return f"{head}\n{picture(near.found, width, 'saves it')}"
