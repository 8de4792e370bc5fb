"""Which steps may stand still, and what decides whether they do.

A step of a thread that does not move on counts for nothing to the check for deadlock
(`check.core`), so no pass may turn one that moves on into one that does not, or the other
way about. A step that gets to another place moves on. One that leads back to its place
moves on if it changes a value that is no version, or if afterwards other cells and locals
hold the same content as each other than before.
"""

from __future__ import annotations

from mmscn.lower.ir import FRESH, Ir, Rule, VarId, variables
from mmscn.runtime.bytecode import ProcessKind


def stays(rule: Rule) -> bool:
    """Whether a thread takes this step without getting to another place."""
    return rule.at is not None and rule.at == rule.to and not rule.halts


def changes(rule: Rule) -> bool:
    """Whether firing the rule surely changes a value that is no version."""
    for v, term in rule.assigns.items():
        if term[0] == "c" and v in rule.guard and term[1] not in rule.guard[v]:
            return True
        if term[0] in "+-" and term[1] == ("v", v) and term[2][0] == "c":
            return True
    return False


def compared(ir: Ir) -> set[VarId]:
    """The versions, dead ones among them, whose being equal may decide whether a step stands still.

    That are those which can hold the content that a step which stays at its place writes
    or overwrites. None where no thread has to end: then there are no deadlocks.
    """
    if not any(process.kind is ProcessKind.THREAD for process in ir.processes):
        return set()
    written = {
        v
        for rule in ir.rules
        if stays(rule) and not changes(rule)
        for v in rule.assigns
        if ir.vars[v].version
    }
    if not written:
        return set()
    root = kin(ir)
    roots = {root[v] for v in written}
    return {v for v in root if root[v] in roots and v not in ir.constants and v not in ir.dropped}


def kin(ir: Ir) -> dict[VarId, VarId]:
    """For each version one that stands for all that can ever hold the same fresh content."""
    parent = {v: v for v, var in enumerate(ir.vars) if var.version}

    def root(v: VarId) -> VarId:
        while parent[v] != v:
            v = parent[v]
        return v

    for rule in ir.rules:
        fresh = None
        for v, term in rule.assigns.items():
            if v not in parent:
                continue
            for other in variables(term):
                if other in parent:
                    parent[root(other)] = root(v)
            if term == FRESH:
                parent[root(v)] = root(v if fresh is None else fresh)
                fresh = v
    return {v: root(v) for v in parent}
