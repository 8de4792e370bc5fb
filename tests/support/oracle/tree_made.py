"""Terms that are made of others, or are what is kept at a place."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import product
from typing import Any

from attrs import evolve
from support.oracle.tree_types import (
    BOOLS,
    Member,
    ModelError,
    Place,
    Term,
    Type,
    Value,
    Version,
    is_aggregate,
)


def const(value: Value) -> Term:
    sort = value[0] if isinstance(value, tuple) and not is_aggregate(value) else None
    return Term(
        known=True, value=value, get=lambda _: value, settled=True, sort=sort, domain=(value,)
    )


def at(place: Place, *, settled: bool = False, of: Term | None = None) -> Term:
    """The value that is kept at a place; of: what a `let` has put there."""
    type_ = place.type
    sort = of.sort if of is not None else None
    domain, whole = (of.domain, of.whole) if of is not None else (BOOLS, None)
    if type_ is not None:
        sort, domain = type_.sort, type_.domain()
        whole = type_.unset() if type_.shape is not None else None
    return Term(
        get=place.read,
        shared=place.looks(),
        place=place,
        settled=settled,
        sort=sort,
        domain=domain,
        whole=whole,
    )


def combined(get: Callable[[list[Value]], Value], *terms: Term, **more: Any) -> Term:
    """A term made of others."""
    made = Term(
        get=get,
        shared=any(term.shared for term in terms),
        fresh=any(term.fresh for term in terms),
    )
    return evolve(made, **more)


def apply(op: Callable[..., Value], *terms: Term) -> Term:
    """An operation that looks at all its operands."""
    if all(term.known for term in terms):
        return const(op(*(term.value for term in terms)))
    gets = [term.get for term in terms]
    domain = BOOLS
    if op in (operator.add, operator.sub, operator.neg):
        every = product(*(term.domain for term in terms))
        domain = tuple(sorted({op(*values) for values in every}))
    return combined(lambda values: op(*(get(values) for get in gets)), *terms, domain=domain)


def conjunction(left: Term, right: Term) -> Term:
    """`and`: a known left side decides or goes away; else it is looked at first."""
    if left.known:
        return right if left.value else left
    return combined(lambda values: left.get(values) and right.get(values), left, right)


def disjunction(left: Term, right: Term) -> Term:
    if left.known:
        return left if left.value else right
    return combined(lambda values: left.get(values) or right.get(values), left, right)


def implication(left: Term, right: Term) -> Term:
    if left.known:
        return right if left.value else const(True)
    return combined(lambda values: not left.get(values) or right.get(values), left, right)


def choice(condition: Term, then: Term, otherwise: Term) -> Term:
    if condition.known:
        return then if condition.value else otherwise

    def get(values: list[Value]) -> Value:
        return then.get(values) if condition.get(values) else otherwise.get(values)

    sort = then.sort or otherwise.sort
    domain = tuple(dict.fromkeys((*then.domain, *otherwise.domain)))
    whole = then.whole if then.whole is not None else otherwise.whole
    return combined(get, condition, then, otherwise, sort=sort, domain=domain, whole=whole)


def negation(term: Term) -> Term:
    return apply(operator.not_, term)


def holds(term: Term) -> Term:
    """The condition, false where it has no value."""

    def get(values: list[Value]) -> Value:
        try:
            return term.get(values)
        except ModelError:
            return False

    return term if term.known else evolve(term, get=get)


def fresh(values: list[Value]) -> Value:
    """A content that nothing holds: the last entry counts those that a step has made."""
    values[-1] += 1
    return Version(10**6 + values[-1])


def written_out(type_: Type, members: dict[Member, Term]) -> Term:
    """A struct of these members."""
    every = tuple(members.values())

    def get(values: list[Value]) -> Value:
        return (type_.shape, *(member.get(values) for member in every))

    settled = all(member.known or member.settled for member in every)
    made = combined(get, *every, whole=type_.unset(), settled=settled)
    return evolve(made, type=type_, members=members)


def inside(type_: Type | None, name: Member | None = None) -> Type | None:
    """The type of an array's or struct's part."""
    if type_ is None or type_.shape is None:
        return None
    shape = type_.shape
    return shape.parts[0] if name is None else shape.parts[shape.positions[name] - 1]
