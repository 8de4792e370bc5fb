"""Two rules as one: the second, seen from the state before the first.

    3: free -> owner = me goto 4
    4: x < 2 -> x = x + 1 goto 5
gives
    3: free and x < 2 -> owner = me; x = x + 1 goto 5

by substitution: guard g1 and g2[e1], assignments e2[e1] over e1.
"""

from __future__ import annotations

from mmscn.check.values import Value
from mmscn.lower.ir import (
    FRESH,
    Guard,
    Ir,
    Literals,
    Rule,
    Term,
    VarId,
    substitute,
    value_of,
    variables,
)

BITS_MAX = 10
"""Of the variables that one condition or value may depend on. Measured in docs/fusion.md."""


class TooLarge(Exception):
    """The composition has a condition or value that depends on too much."""


def composed(ir: Ir, first: Rule, second: Rule) -> Rule | None:
    """The rule that does one and then the other, of the same process.

    None where the second can never follow at once. Raises TooLarge, also
    where both make a fresh version: one rule makes only one.
    """
    fresh = FRESH in first.assigns.values()
    if fresh and FRESH in second.assigns.values():
        raise TooLarge
    guard: Guard = dict(first.guard)
    literals: Literals = dict(first.literals)
    for v, allowed in second.guard.items():
        if ir.vars[v].version:
            raise TooLarge
        term = first.assigns.get(v, ("v", v))
        if not narrow(ir, guard, literals, term, allowed):
            return None
    for literal, wanted in second.literals.items():
        term = substitute(literal, first.assigns)
        if not demand(ir, guard, literals, term, wanted):
            return None
    settle(ir, guard, literals)
    fixed: dict[VarId, Term] = {
        v: ("c", next(iter(values))) for v, values in guard.items() if len(values) == 1
    }
    assigns = dict(first.assigns)
    for v, term in second.assigns.items():
        assigns[v] = substitute(term, first.assigns)
    final: dict[VarId, Term] = {}
    for v, term in assigns.items():
        term = substitute(term, fixed)
        if term in (("v", v), fixed.get(v)):
            continue
        if term[0] not in ("c", "v", "fresh"):
            small_enough(ir, term)
        final[v] = term
    return Rule(
        process=first.process,
        at=first.at,
        to=second.to,
        guard=guard,
        literals=literals,
        assigns=final,
        line=first.line,
        violates=first.violates | second.violates,
        covers=first.covers | second.covers,
        halts=second.halts,
        parts=first.parts + second.parts,
    )


def narrow(ir: Ir, guard: Guard, literals: Literals, term: Term, allowed: frozenset[Value]) -> bool:
    """Add that a term has one of some values; False where it cannot."""
    match term:
        case ("c", value):
            return value in allowed
        case ("v", v):
            before = guard.get(v)
            both = allowed if before is None else before & allowed
            guard[v] = both
            return bool(both)
    return demand(ir, guard, literals, ("in", term, allowed), True)


def demand(ir: Ir, guard: Guard, literals: Literals, term: Term, wanted: bool) -> bool:
    """Add a condition that must be `wanted`; False where it cannot."""
    fixed: dict[VarId, Term] = {
        v: ("c", next(iter(values))) for v, values in guard.items() if len(values) == 1
    }
    term = substitute(term, fixed)
    if term[0] == "c":
        return bool(term[1]) is wanted
    names = set(variables(term))
    if len(names) == 1:
        (v,) = names
        if not ir.vars[v].version:
            domain = guard.get(v, frozenset(ir.vars[v].domain))
            allowed = frozenset(x for x in domain if bool(value_of(term, {v: x})) is wanted)
            guard[v] = allowed
            return bool(allowed)
    small_enough(ir, term)
    return literals.setdefault(term, wanted) is wanted


def settle(ir: Ir, guard: Guard, literals: Literals) -> None:
    """Drop what the domains and the guard say anyway."""
    for v in [v for v, values in guard.items() if len(values) == len(ir.vars[v].domain)]:
        if not ir.vars[v].version and guard[v].issuperset(ir.vars[v].domain):
            del guard[v]


def small_enough(ir: Ir, term: Term) -> None:
    """Nothing. Raises TooLarge for a term that would take too large a table."""
    bits = 0
    versions = 0
    names = set(variables(term))
    for v in names:
        bits += max(1, (len(ir.vars[v].domain) - 1).bit_length())
        versions += ir.vars[v].version
    if not names or has_fresh(term):
        raise TooLarge
    if versions:
        plain = term[0] == "==" and all(part[0] in ("v", "c") for part in term[1:])
        if not plain:
            raise TooLarge
    elif bits > BITS_MAX:
        raise TooLarge


def has_fresh(term: Term) -> bool:
    return term == FRESH or any(isinstance(part, tuple) and has_fresh(part) for part in term[1:])


__all__ = ["TooLarge", "composed"]
