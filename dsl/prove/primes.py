"""Disjunctions whose members say as little as they may.

Before:  x == 1, or x != 1 and y == 1, or x != 1 and y != 1 and z == 1
After:   x == 1, or y == 1, or z == 1

What a decision made of a disjunction (`lower.decision`) has one member after the other, each
with what the members before it leave; so it treats things differently that are alike. Each
member loses the conjuncts without which it is still within the disjunction: the states are the
same. Test: test_shape.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from mmscn.budget import poll
from mmscn.lower.conjunctions import outside
from mmscn.lower.ir import Condition, Ir

PIECES_MAX = 64
"""As `lower.passes.symmetry` has it; beyond it a conjunct stays."""


def shortest(ir: Ir) -> Ir:
    """The program whose checks and quiescent states are told by short conjunctions."""
    return ir.having(
        checks=[evolve(check, bad=primes(ir, check.bad)) for check in ir.checks],
        quiescent=list(primes(ir, ir.quiescent)),
    )


def primes(ir: Ir, disjunction: Sequence[Condition]) -> tuple[Condition, ...]:
    """The same states as members without what they need not say, each once."""
    found: list[Condition] = []
    for member in sorted(disjunction, key=lambda c: len(c.guard) + len(c.literals)):
        guard = {
            v: values & frozenset(ir.vars[v].domain)
            for v, values in member.guard.items()
            if not values >= frozenset(ir.vars[v].domain)
        }
        literals = dict(member.literals)
        if any(is_part(Condition(guard=guard, literals=literals), one) for one in found):
            continue
        for v in list(guard):
            rest = {x: values for x, values in guard.items() if x != v}
            if within(ir, Condition(guard=rest, literals=literals), disjunction):
                guard = rest
        for literal in list(literals):
            left = {x: wanted for x, wanted in literals.items() if x != literal}
            if within(ir, Condition(guard=guard, literals=left), disjunction):
                literals = left
        short = Condition(guard=guard, literals=literals)
        found = [one for one in found if not is_part(one, short)] + [short]
    return tuple(found)


def is_part(one: Condition, other: Condition) -> bool:
    """Whether one conjunction says all that another does."""
    inside = all(v in one.guard and one.guard[v] <= xs for v, xs in other.guard.items())
    return inside and other.literals.items() <= one.literals.items()


def within(ir: Ir, member: Condition, disjunction: Sequence[Condition]) -> bool:
    """Whether all states of a conjunction are those of a disjunction; False if that is too long."""
    poll()
    others = sorted(disjunction, key=lambda c: len(c.guard) + len(c.literals))
    left = outside(
        lambda v: frozenset(ir.vars[v].domain),
        (dict(member.guard), dict(member.literals)),
        [(dict(c.guard), dict(c.literals)) for c in others],
        pieces_max=PIECES_MAX,
    )
    return left == []
