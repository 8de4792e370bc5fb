"""Program counters numbered without gaps: those that fusion left unused go.

Before:  writer: 0, 3, 17       two of eighteen counters are still jumped to
After:   writer: 0, 1, 2

Only names change: preserves everything.
"""

from __future__ import annotations

from attrs import evolve

from mmscn.lower.ir import Condition, Guard, Ir, Term, VarId

Numbers = dict[VarId, dict[int, tuple[int, ...]]]
"""For the variable of a program counter: what each counter is to be called."""


def renumber(ir: Ir) -> Ir:
    """The program with each thread's counters from 0 up, in their order."""
    used: list[set[int]] = [set() for _ in ir.processes]
    for rule in ir.rules:
        if rule.at is not None and rule.to is not None:
            used[rule.process] |= {rule.at, rule.to}
    numbers: Numbers = {}
    for n, process in enumerate(ir.processes):
        if process.pc is not None:
            here = {0, *(start(values[process.pc]) for values in ir.initial), *used[n]}
            numbers[process.pc] = {old: (new,) for new, old in enumerate(sorted(here))}
    rules = []
    for rule in ir.rules:
        counter = ir.processes[rule.process].pc
        if counter is not None and rule.at is not None and rule.to is not None:
            (at,), (to,) = numbers[counter][rule.at], numbers[counter][rule.to]
            rule = evolve(rule, at=at, to=to)
        rules.append(rule)
    initial = []
    for values in ir.initial:
        values = dict(values)
        for pc, new in numbers.items():
            (values[pc],) = new[start(values[pc])]
        initial.append(values)
    return renamed(ir.having(rules=rules, initial=initial), numbers)


def start(value: object) -> int:
    assert isinstance(value, int)
    return value


def renamed(ir: Ir, numbers: Numbers) -> Ir:
    """The program with what asks for a counter asking for its new names.

    The rules' own counters and the initial ones have theirs already.
    """
    vars_ = list(ir.vars)
    for pc, new in numbers.items():
        size = max(max(names, default=0) for names in new.values()) + 1
        vars_[pc] = evolve(vars_[pc], domain=tuple(range(size)))
    processes = []
    for process in ir.processes:
        if process.pc in numbers:
            assert process.pc is not None
            new = numbers[process.pc]
            rest = frozenset(name for pc in process.rest for name in new.get(pc, ()))
            process = evolve(process, rest=rest)
        processes.append(process)
    ir = ir.having(vars=vars_, processes=processes)
    rules = []
    for rule in ir.rules:
        guard = renamed_guard(ir, rule.guard, numbers)
        if guard is not None:
            literals = {renamed_term(t, numbers): w for t, w in rule.literals.items()}
            assigns = {v: renamed_term(t, numbers) for v, t in rule.assigns.items()}
            rules.append(evolve(rule, guard=guard, literals=literals, assigns=assigns))
    checks = [
        evolve(
            check,
            bad=renamed_conditions(ir, check.bad, numbers),
            covered=renamed_conditions(ir, check.covered, numbers),
        )
        for check in ir.checks
    ]
    quiescent = list(renamed_conditions(ir, tuple(ir.quiescent), numbers))
    return ir.having(rules=rules, checks=checks, quiescent=quiescent)


def renamed_conditions(
    ir: Ir, conditions: tuple[Condition, ...], numbers: Numbers
) -> tuple[Condition, ...]:
    kept = []
    for condition in conditions:
        guard = renamed_guard(ir, condition.guard, numbers)
        if guard is not None:
            literals = {renamed_term(t, numbers): w for t, w in condition.literals.items()}
            kept.append(Condition(guard=guard, literals=literals))
    return tuple(kept)


def renamed_guard(ir: Ir, guard: Guard, numbers: Numbers) -> Guard | None:
    """A guard with the new names; None where it wants a counter that is gone."""
    if numbers.keys().isdisjoint(guard):
        return guard
    new: Guard = {}
    for v, values in guard.items():
        if v not in numbers:
            new[v] = values
            continue
        here = names_of(values, numbers[v])
        if not here:
            return None
        if len(here) < len(ir.vars[v].domain):
            new[v] = here
    return new


def renamed_term(term: Term, numbers: Numbers) -> Term:
    """A term with the new names; it asks of counters only whether they are among some."""
    match term:
        case ("c", _) | ("fresh",):
            return term
        case ("v", v):
            assert v not in numbers
            return term
        case ("in", ("v", v), values) if v in numbers:
            return ("in", ("v", v), names_of(values, numbers[v]))
        case ("in", inner, values):
            return ("in", renamed_term(inner, numbers), values)
        case ("clamp", inner, domain):
            return ("clamp", renamed_term(inner, numbers), domain)
    return (term[0], *(renamed_term(part, numbers) for part in term[1:]))


def names_of(values: frozenset[object], new: dict[int, tuple[int, ...]]) -> frozenset[int]:
    return frozenset(name for pc in values for name in new.get(start(pc), ()))
