"""Dead steps and dead variables: what nobody looks at is not kept.

Before:  agent evict: tlb[cpu 1, buf] != none -> tlb[cpu 1, buf] = none
After:   (nothing, where no thread uses the TLB of cpu 1 and no check mentions it)

A variable matters if a check reads it or lists what it holds at the end, or if
a rule reads it that assigns what matters, moves a thread on or breaks a check;
and if a thread changes it by a step that leads back to where it stood, for a
step that changes nothing at all is none to the check for deadlock (with the
versions that such a step is compared with, see `still`). Preserves verdicts,
and the length of the shortest counterexample: a step that only writes what
does not matter is never on it.
"""

from __future__ import annotations

from mmscn.lower.ir import Ir, Rule, Term, VarId, reads_of, variables
from mmscn.lower.passes.still import compared, stays


def drop_dead(ir: Ir) -> Ir:
    """The program without variables and hardware steps that do not matter."""
    matters = ir.pcs() | compared(ir)
    for check in ir.checks:
        for condition in (*check.bad, *check.covered):
            matters |= reads_of(condition)
        matters |= check.listed
    for condition in ir.quiescent:
        matters |= reads_of(condition)
    idle = ir.rules
    unread: dict[VarId, list[Term]] = {}
    size = -1
    while size != len(matters):
        size = len(matters)
        waiting = []
        for rule in idle:
            if not acts(rule, matters):
                waiting.append(rule)
                continue
            matters |= reads_of(rule)
            if stays(rule):
                matters.update(rule.assigns)
            for v, term in rule.assigns.items():
                if term[0] != "c":
                    unread.setdefault(v, []).append(term)
        idle = waiting
        for v in matters.intersection(unread):
            for term in unread.pop(v):
                matters.update(variables(term))
    rules = []
    for rule in ir.rules:
        if acts(rule, matters):
            if not matters.issuperset(rule.assigns):
                assigns = {v: term for v, term in rule.assigns.items() if v in matters}
                rule = rule.doing(rule.guard, rule.literals, assigns)
            rules.append(rule)
    dropped = {v for v in range(len(ir.vars)) if v not in matters and v not in ir.constants}
    return ir.having(rules=rules, dropped=ir.dropped | dropped)


def acts(rule: Rule, matters: set[VarId]) -> bool:
    """Whether firing the rule can make a difference to anything that matters."""
    if rule.at is not None or rule.violates or rule.halts or rule.covers:
        return True
    return any(v in matters for v in rule.assigns)
