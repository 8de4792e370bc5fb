"""What is kept in state as terms: a family as far as its indices are given, and its elements."""

from __future__ import annotations

from math import prod
from typing import assert_never

from mmscn.check import core
from mmscn.check.terms import Array, ArrayValue, Dynamic, Lock, Mismatch, Record, Static, Term
from mmscn.check.types import ArrayType, LockType, ScalarType, StructType, Type, element_type
from mmscn.check.values import Domain

ELEMENTS_MAX = 128


def default(type_: Type) -> Term:
    """What `none` means for a type: no element, false, the first value."""
    match type_:
        case ScalarType(domain):
            return Static(None if None in domain else domain[0])
        case StructType(members=members):
            return Record(type_, {n: default(t) for n, t in members})
        case ArrayType():
            of = element_type(type_)
            return ArrayValue(type_.indices[0], (default(of),) * len(type_.indices[0]), of)
        case LockType():
            raise Mismatch("this has no default")
        case _:
            assert_never(type_)


def none_like(term: Term) -> Term:
    """What `none` is beside a term: the struct or array in which nothing is set."""
    match term:
        case Record(type_):
            return default(type_)
        case ArrayValue(domain, _, of):
            return default(ArrayType((domain,), of))
    return Static(None)


def at(family: str, index: tuple[core.Expr, ...], indices: tuple[Domain, ...], type_: Type) -> Term:
    """The state that is kept in a family, as far as its indices are given."""
    if isinstance(type_, ArrayType):
        indices, type_ = indices + type_.indices, type_.of
    if len(index) < len(indices):
        return Array(family, index, indices[len(index) :], type_)
    match type_:
        case ScalarType():
            return Dynamic(core.Cell(family, index), type_)
        case StructType(members=members):
            return Record(type_, {n: at(f"{family}.{n}", index, indices, t) for n, t in members})
        case LockType(kind=kind):
            return Lock(family, index, kind)
        case ArrayType():
            raise AssertionError(type_)
        case _:
            assert_never(type_)


def valued(term: Term) -> Term:
    """The term; for an array of the state, what its elements are. Locks are no values."""
    if not isinstance(term, Array) or isinstance(term.of, LockType):
        return term
    size = prod(map(len, term.wanted))
    if size > ELEMENTS_MAX:
        raise Mismatch(
            f"an array of {size} elements is no value, it has more than {ELEMENTS_MAX}",
            "use its elements one by one, or a smaller range",
            "MM502",
        )
    domain, *more = term.wanted
    settled: tuple[Domain, ...] = ((),) * len(term.given)
    items = (
        at(term.family, (*term.given, core.Const(value)), settled + term.wanted, term.of)
        for value in domain
    )
    of = ArrayType(tuple(more), term.of) if more else term.of
    return ArrayValue(domain, tuple(map(valued, items)), of)
