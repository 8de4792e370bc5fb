"""What an element or index that only the state knows chooses among."""

from __future__ import annotations

from mmscn.check import core
from mmscn.check.families import valued
from mmscn.check.operators import pairs, union
from mmscn.check.terms import (
    ArrayValue,
    Dynamic,
    Record,
    Static,
    Term,
    any_of,
    as_expr,
    domain_of,
    is_version,
)
from mmscn.check.types import VERSION, ScalarType
from mmscn.check.values import Domain, Value, same

Cases = list[tuple[Value, Term]]


def chosen(expr: core.Expr, cases: Cases) -> Term:
    """The term that belongs to the value of an expression; no value where none does."""
    cases = [(value, valued(term)) for value, term in cases]
    match cases[0][1]:
        case Record(type_):
            rows = [[m for m, _ in pairs(term)] for _, term in cases if isinstance(term, Record)]
            members = zip(cases[0][1].members, columns(expr, cases, rows), strict=True)
            return Record(type_, dict(members))
        case ArrayValue(domain, _, of):
            rows = [list(term.items) for _, term in cases if isinstance(term, ArrayValue)]
            return ArrayValue(domain, tuple(columns(expr, cases, rows)), of)
    found: core.Expr = core.Undefined()
    values: Domain = ()
    for term, group in reversed(grouped(cases)):
        found = core.Apply("ite", (any_of(expr, tuple(group)), as_expr(term), found))
        values = union(domain_of(term), values)
    if any(is_version(term) for _, term in cases):
        return Dynamic(found, VERSION)
    return Dynamic(found, ScalarType(values))


def columns(expr: core.Expr, cases: Cases, rows: list[list[Term]]) -> list[Term]:
    """What is chosen at each position of the rows, of which each value has one."""
    return [
        chosen(expr, [(value, term) for (value, _), term in zip(cases, column, strict=True)])
        for column in zip(*rows, strict=True)
    ]


def grouped(cases: Cases) -> list[tuple[Term, list[Value]]]:
    """The different terms, each with the values that choose it."""
    groups: list[tuple[Term, list[Value]]] = []
    for value, term in cases:
        for known, group in groups:
            if known_alike(known, term):
                group.append(value)
                break
        else:
            groups.append((term, [value]))
    return groups


def known_alike(one: Term, two: Term) -> bool:
    return isinstance(one, Static) and isinstance(two, Static) and same(one.value, two.value)


def item_of(array: ArrayValue, index: core.Const) -> Term:
    """The element at an index that is known."""
    return next(
        item
        for value, item in zip(array.domain, array.items, strict=True)
        if same(value, index.value)
    )
