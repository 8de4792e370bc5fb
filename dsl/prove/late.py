"""Content that a thread makes for later is made where it is put.

Before:  3: true -> value = fresh goto 4     4: dirty -> page = value goto 5
After:   3: true -> goto 4                   4: dirty -> page = fresh goto 5

Of a local that has content which is fresh, that nobody asks about, and that is put in one
place and never looked at again, nobody can tell when it was made: until it is put there, no other
place has it. Contents count as what they are equal to, so the states are the same but for the
local, and rows without contents are independent of one another (`pairs`). Test: test_late.py.
"""

from __future__ import annotations

from attrs import evolve

from mmscn.lower.ir import FRESH, Ir, Rule, Term, VarId, reads_of, variables
from mmscn.lower.passes.live import liveness_of

ZERO: Term = ("c", 0)


def late(ir: Ir) -> Ir:
    """The program without such locals."""
    asked = asked_about(ir)
    for v, var in enumerate(ir.vars):
        process = var.thread
        if var.version and process is not None and process >= 0 and v not in asked:
            rules = [rule for rule in ir.rules if rule.process == process]
            if can_be_late(ir, v, rules):
                ir = ir.having(rules=[put(rule, v, process) for rule in ir.rules])
    return ir


def asked_about(ir: Ir) -> set[VarId]:
    """The variables that a guard or a condition depends on."""
    asked = [c for check in ir.checks for c in (*check.bad, *check.covered)]
    asked += ir.quiescent
    found = [reads_of(condition) for condition in asked] + [reads_of(rule) for rule in ir.rules]
    return set().union(*found)


def can_be_late(ir: Ir, v: VarId, rules: list[Rule]) -> bool:
    """Whether a local has nothing but fresh content where it is read, and is read but once."""
    made = [rule for rule in rules if rule.assigns.get(v) == FRESH]
    if not made or any(rule.at is None for rule in rules):
        return False
    if any(rule.assigns.get(v, ZERO) not in (FRESH, ZERO) for rule in rules):
        return False
    live = liveness_of(rules, {v})
    has = has_content(ir, v, rules)
    return all(
        reads(rule, v) == [("v", v)]
        and all(term != FRESH for to, term in rule.assigns.items() if to != v)
        and rule.at in has
        and (rule.halts or v in rule.assigns or v not in live.get(rule.to or 0, ()))
        for rule in rules
        if reads(rule, v)
    )


def reads(rule: Rule, v: VarId) -> list[Term]:
    """The values of a rule that depend on a variable."""
    return [term for term in rule.assigns.values() if v in variables(term)]


def has_content(ir: Ir, v: VarId, rules: list[Rule]) -> set[int]:
    """The places of a process at which a local is sure to have content that is fresh."""
    pc = ir.processes[rules[0].process].pc
    first = {values[pc] for values in ir.initial} if pc is not None else set()
    has = {rule.at for rule in rules if rule.at is not None} - first
    while True:
        lost = {
            rule.to
            for rule in rules
            if not rule.halts
            and rule.to in has
            and rule.assigns.get(v, FRESH if rule.at in has else ZERO) != FRESH
        }
        if not lost:
            return {at for at in has if isinstance(at, int)}
        has -= lost


def put(rule: Rule, v: VarId, process: int) -> Rule:
    """The rule with what it makes for later left out, or made where it is put."""
    if rule.process != process:
        return rule
    assigns = {to: FRESH if term == ("v", v) else term for to, term in rule.assigns.items()}
    assigns.pop(v, None)
    return evolve(rule, assigns=assigns)
