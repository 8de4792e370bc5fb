"""What a step does to a condition that checks look at; False where it cannot tell."""

from __future__ import annotations

from mmscn.lower.ir import Condition, VarId, variables
from mmscn.lower.passes.movers import Step


def keeps(step: Step, mask: int, condition: Condition) -> bool:
    """Whether a condition that holds before a step holds behind it."""
    changed = step.writes & mask
    if not changed:
        return True
    guard = step.rule.guard
    for v, allowed in condition.guard.items():
        if v in guard and guard[v].isdisjoint(allowed):
            return True
        if v == step.pc and step.rule.at not in allowed:
            return True
    for literal in condition.literals:
        if any(changed >> v & 1 for v in variables(literal)):
            return False
    for v, term in written(step):
        if v in condition.guard and not (term[0] == "c" and term[1] in condition.guard[v]):
            return False
    return True


def written(step: Step) -> list[tuple[VarId, tuple[object, ...]]]:
    found: list[tuple[VarId, tuple[object, ...]]] = list(step.rule.assigns.items())
    if step.pc is not None and step.writes >> step.pc & 1:
        found.append((step.pc, ("c", step.rule.to)))
    return found
