"""What is so of every IR, whatever a pass has done to it."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.lower.ir import Condition, Guard, Ir, Literals, Rule, Term, VarId, variables
from mmscn.runtime.bytecode import CheckKind


def faults(ir: Ir) -> list[str]:
    """What is not so, of the variables, the initial states, the rules and the conditions."""
    found = [f"initial: {text}" for values in ir.initial for text in initial(ir, values)]
    for number, rule in enumerate(ir.rules):
        found += [f"rule {number}: {text}" for text in broken(ir, rule)]
    for check in ir.checks:
        for condition in (*check.bad, *check.covered):
            found += [f"check {check.info}: {text}" for text in asked(ir, condition)]
    for condition in ir.quiescent:
        found += [f"quiescent: {text}" for text in asked(ir, condition)]
    for v, var in enumerate(ir.vars):
        if not var.domain or len(set(var.domain)) != len(var.domain):
            found.append(f"{var.name} has the domain {var.domain}")
        if v in ir.constants and not var.version and ir.constants[v] not in var.domain:
            found.append(f"{var.name} is always {ir.constants[v]}, which is not in its domain")
    for v, owner in ir.slots.items():
        if owner in ir.slots or ir.vars[v].thread != ir.vars[owner].thread:
            found.append(f"{ir.vars[v].name} shares the place of {ir.vars[owner].name}")
    return found


def initial(ir: Ir, values: dict[VarId, object]) -> Iterator[str]:
    for v, var in enumerate(ir.vars):
        if v in ir.dropped:
            continue
        if v not in values:
            yield f"{var.name} has no value"
        elif not var.version and values[v] not in var.domain:
            yield f"{var.name} is {values[v]}, which is not in {var.domain}"
        elif v in ir.constants and values[v] != ir.constants[v]:
            yield f"{var.name} is {values[v]}, and always {ir.constants[v]}"


def broken(ir: Ir, rule: Rule) -> Iterator[str]:
    process = ir.processes[rule.process]
    if process.pc is None:
        if (rule.at, rule.to) != (None, None):
            yield f"an agent goes from {rule.at} to {rule.to}"
    else:
        for at in (rule.at, rule.to):
            if at not in ir.vars[process.pc].domain:
                yield f"the counter {at} is none of {process.name}"
    yield from conditions(ir, rule.guard, rule.literals)
    places: dict[VarId, VarId] = {}
    for v, term in rule.assigns.items():
        if v in ir.pcs():
            yield "assigns a program counter"
            continue
        var = ir.vars[v]
        place = ir.slots.get(v, v)
        if place in places:
            yield f"writes {var.name} and {ir.vars[places[place]].name} in one place"
        places[place] = v
        if term[0] == "c" and not var.version and term[1] not in var.domain:
            yield f"{var.name} = {term[1]}, which is not in {var.domain}"
        if v not in ir.dropped and v not in ir.constants:
            yield from readable(ir, term)
        if var.thread not in (None, rule.process):
            yield f"writes {var.name} of another thread"
    for v in {*rule.guard, *reads(rule)} - ir.pcs():
        if ir.vars[v].thread not in (None, rule.process):
            yield f"reads {ir.vars[v].name} of another thread"
    kinds = {ir.checks[n].kind for n in rule.violates} if rule.violates else set()
    if kinds - {CheckKind.STEP}:
        yield f"breaks checks of kind {kinds}"
    if any(not 0 <= n < len(ir.checks) for n in (*rule.violates, *rule.covers)):
        yield "breaks or covers a check that there is not"


def reads(rule: Rule) -> set[VarId]:
    terms = [*rule.assigns.values(), *rule.literals]
    return {v for term in terms for v in variables(term)}


def asked(ir: Ir, condition: Condition) -> Iterator[str]:
    yield from conditions(ir, condition.guard, condition.literals)


def conditions(ir: Ir, guard: Guard, literals: Literals) -> Iterator[str]:
    for v, values in guard.items():
        if not 0 <= v < len(ir.vars):
            yield f"there is no variable {v}"
            continue
        if v in ir.dropped:
            yield f"looks at {ir.vars[v].name}, which is dropped"
        if not values:
            yield f"{ir.vars[v].name} may have no value"
        if not ir.vars[v].version and values.isdisjoint(ir.vars[v].domain):
            yield f"wants {ir.vars[v].name} to be what it never is"
    for literal in literals:
        if literal[0] == "c":
            yield f"a literal is {literal}"
        if not set(variables(literal)):
            yield f"a literal has no variables: {literal}"
        yield from readable(ir, literal)


def readable(ir: Ir, term: Term) -> Iterator[str]:
    for v in variables(term):
        if not 0 <= v < len(ir.vars):
            yield f"there is no variable {v}"
        elif v in ir.dropped:
            yield f"reads {ir.vars[v].name}, which is dropped"
