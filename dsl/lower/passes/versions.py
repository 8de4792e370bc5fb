"""Where contents are told apart and not counted, and what a proof means then.

The reduced program numbers the versions of a group by first occurrence, so that
states that are equal up to renaming are one: versions are only copied, made
fresh and compared, so no rule and no check can tell such states apart. A store
of a fresh version in a loop is thereby searched for every number of rounds that
the rest of the scenario allows, where no round changes a variable that can
never have the old value again.

Nothing is said of stores in a script that ends, or in a loop that counts: those
are searched up to their bounds, like everything else. In the program without its
counters (`counters`) a loop does not count, and this says so of its stores.
Source: Ip, Dill, Better Verification Through Symmetry (CHDL 1993), section 5,
theorem 5 and its lemma: values that are never an index can be renamed to the first
numbers. Numbering by first occurrence is one such renaming.
"""

from __future__ import annotations

from mmscn.check.values import Domain, Value
from mmscn.lower.ir import FRESH, Ir, Rule, Term, VarId, value_of, variables

VALUES_MAX = 64
"""Of a variable that may be found to count."""


def unbounded_stores(ir: Ir) -> tuple[str, ...]:
    """A note that names who stores without a bound of its own; none where nobody does.

    Of the program before dead locals are reset, which would look like counting down.
    """
    if not any(FRESH in rule.assigns.values() for rule in ir.rules):
        return ()
    spent = never_regained(ir)
    names = []
    for n, process in enumerate(ir.processes):
        free = [
            rule
            for rule in ir.rules
            if rule.process == n and not rule.halts and spent.isdisjoint(rule.assigns)
        ]
        if any(FRESH in rule.assigns.values() and on_cycle(rule, free) for rule in free):
            names.append(process.name)
    if not names:
        return ()
    who = ", ".join(names)
    return (f"contents are told apart, not counted: no bound on the number of stores by {who}",)


def never_regained(ir: Ir) -> set[VarId]:
    """The variables that never have a value again once they have lost it, such as counters."""
    edges: dict[VarId, set[tuple[Value, Value]]] = {}
    for rule in ir.rules:
        for v, term in rule.assigns.items():
            if ir.vars[v].version or len(ir.vars[v].domain) > VALUES_MAX:
                continue
            steps = edges.setdefault(v, set())
            for x in rule.guard.get(v, frozenset(ir.vars[v].domain)):
                for y in results(ir, v, term, x):
                    if x != y:
                        steps.add((x, y))
    return {v for v, steps in edges.items() if steps and not cyclic(steps)}


def results(ir: Ir, v: VarId, term: Term, x: Value) -> Domain:
    """What an assignment can make of a value of the variable."""
    if term[0] == "c":
        return (term[1],)
    if set(variables(term)) == {v}:
        return tuple(y for y in (value_of(term, {v: x}),) if y in ir.vars[v].domain)
    return ir.vars[v].domain


def cyclic(edges: set[tuple[Value, Value]]) -> bool:
    while edges:
        ends = {y for _, y in edges}
        left = {(x, y) for x, y in edges if x in ends}
        if left == edges:
            return True
        edges = left
    return False


def on_cycle(rule: Rule, rules: list[Rule]) -> bool:
    """Whether some rules of its process lead from behind a rule to it again."""
    found = {rule.to}
    todo = [rule.to]
    while todo:
        here = todo.pop()
        for other in rules:
            if other.at == here and other.to not in found:
                found.add(other.to)
                todo.append(other.to)
    return rule.at in found
