"""Operators on terms.

They fold what is known from the text, so that a param never reaches the search. They fold
nothing because of a type: what names state is evaluated, so that a run finds the attribute of
`none` and the index out of range in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import product
from typing import Literal

from mmscn.check import core
from mmscn.check.families import default, none_like, valued
from mmscn.check.folding import FOLD
from mmscn.check.terms import (
    TRUE,
    ArrayValue,
    Dynamic,
    Mismatch,
    Record,
    Static,
    Term,
    as_expr,
    domain_of,
    is_version,
    noun,
)
from mmscn.check.types import BOOL, VERSION, ArrayType, ScalarType, Type, element_type
from mmscn.check.values import Domain, kind_of, same

DOMAIN_MAX = 4096


def want_bool(term: Term) -> Term:
    if isinstance(term, Dynamic) and term.type is BOOL:
        return term
    if any(not isinstance(v, bool) for v in domain_of(term)) or is_version(term):
        values = {v for v in domain_of(term) if v is not None}
        hint = "write a comparison, as in `x == 1`"
        if isinstance(term, Static) and values <= {0, 1}:
            hint = "write `true` or `false`"
        elif values and all(isinstance(v, int) for v in values):
            hint = "write a comparison, as in `x != 0`"
        elif any(kind_of(v) not in ("word", "number", "bool", "version") for v in values):
            hint = "write `x != none`"
        raise Mismatch(f"a condition is wanted here, and this is {noun(term)}", hint)
    return term


def negation(term: Term) -> Term:
    want_bool(term)
    if isinstance(term, Static):
        return Static(not term.value)
    return Dynamic(core.Apply("not", (as_expr(term),)), BOOL)


def holds(term: Term) -> Term:
    """Whether a condition has a value, and is true."""
    want_bool(term)
    if isinstance(term, Static):
        return term
    return Dynamic(core.Apply("holds", (as_expr(term),)), BOOL)


def logical(op: Literal["and", "or", "implies"], left: Term, right: Term) -> Term:
    """`and`, `or`, `implies`: a left side that is known switches the right one on or off."""
    want_bool(left)
    want_bool(right)
    if op == "implies":
        return logical("or", negation(left), right)
    decides = op == "or"
    if isinstance(left, Static):
        return left if left.value is decides else right
    if isinstance(right, Static) and right.value is not decides:
        return left
    return Dynamic(core.Apply(op, (as_expr(left), as_expr(right))), BOOL)


def conjunction(terms: list[Term]) -> Term:
    result: Term = TRUE
    for term in terms:
        result = logical("and", result, term)
    return result


def equal(left: Term, right: Term) -> Term:
    """Whether two terms are the same, member by member."""
    left, right = valued(left), valued(right)
    if isinstance(left, Static) and isinstance(right, ArrayValue):
        left, right = right, left
    if isinstance(left, ArrayValue):
        return equal_arrays(left, right)
    if isinstance(left, Static) and isinstance(right, Record):
        left, right = right, left
    if isinstance(left, Record):
        if isinstance(right, Static) and right.value is None:
            return conjunction([equal(m, default(type_)) for m, (_, type_) in pairs(left)])
        if isinstance(right, Record) and right.type == left.type:
            return conjunction([equal(m, right.members[n]) for n, m in left.members.items()])
        raise Mismatch(f"{noun(left)} and {noun(right)} are never equal")
    if is_version(left) or is_version(right):
        return equal_versions(left, right)
    kinds = {kind_of(v) for v in domain_of(left)}, {kind_of(v) for v in domain_of(right)}
    own, other = (found - {"none"} for found in kinds)
    if own and other:
        never = own.isdisjoint(other)
    else:
        never = kinds[0].isdisjoint(kinds[1]) and not (own | other) <= {*SORT_KINDS}
    if never:
        raise Mismatch(f"{noun(left)} and {noun(right)} are never equal")
    if isinstance(left, Static) and isinstance(right, Static):
        return Static(same(left.value, right.value))
    return Dynamic(core.Apply("==", (as_expr(left), as_expr(right))), BOOL)


def equal_arrays(left: ArrayValue, right: Term) -> Term:
    if isinstance(right, Static) and right.value is None:
        return conjunction([equal(item, default(left.of)) for item in left.items])
    if isinstance(right, ArrayValue) and right.domain == left.domain:
        return conjunction([equal(a, b) for a, b in zip(left.items, right.items, strict=True)])
    raise Mismatch(f"{noun(left)} and {noun(right)} are never equal")


SORT_KINDS = ("cpu", "frame", "va", "vma", "mm", "file", "filepage", "thread", "word")


def equal_versions(left: Term, right: Term) -> Term:
    for term in (left, right):
        if not is_version(term) and any(kind_of(v) != "number" for v in domain_of(term)):
            raise Mismatch(f"a version is compared with a version, not with {noun(term)}")
        if isinstance(term, Dynamic) and not term.type.version:
            raise Mismatch("a version is compared with a version or a constant")
    return Dynamic(core.Apply("==", (as_expr(left), as_expr(right))), BOOL)


def pairs(record: Record) -> Iterator[tuple[Term, tuple[str, Type]]]:
    for name, type_ in record.type.members:
        yield record.members[name], (name, type_)


def ordering(op: Literal["<", "<=", ">", ">="], left: Term, right: Term) -> Term:
    for term in (left, right):
        if is_version(term):
            raise Mismatch(
                "a version has no order", "versions are copied, made fresh and compared with =="
            )
        if any(kind_of(v) != "number" for v in domain_of(term)):
            raise Mismatch(f"`{op}` wants numbers, and this is {noun(term)}")
    if isinstance(left, Static) and isinstance(right, Static):
        return Static(FOLD[op](left.value, right.value))
    return Dynamic(core.Apply(op, (as_expr(left), as_expr(right))), BOOL)


def arithmetic(op: Literal["+", "-"], left: Term, right: Term) -> Term:
    for term in (left, right):
        if is_version(term):
            raise Mismatch("a version cannot be added to", "write `fresh` for a newer one")
        if any(kind_of(v) != "number" for v in domain_of(term)):
            raise Mismatch(f"`{op}` wants numbers, and this is {noun(term)}")
    if isinstance(left, Static) and isinstance(right, Static):
        return Static(FOLD[op](left.value, right.value))
    values = {FOLD[op](a, b) for a, b in product(domain_of(left), domain_of(right))}
    if len(values) > DOMAIN_MAX:
        raise Mismatch(f"this has more than {DOMAIN_MAX} possible values")
    domain = tuple(sorted(values))  # type: ignore[type-var]  # numbers, as looked at above
    return Dynamic(core.Apply(op, (as_expr(left), as_expr(right))), ScalarType(domain))


def alike(one: Term, two: Term) -> bool:
    """Whether two single values are of one kind; `none` goes with every kind."""
    kinds = [{kind_of(v) for v in domain_of(t)} - {"none"} for t in (one, two)]
    return not all(kinds) or not kinds[0].isdisjoint(kinds[1])


def union(one: Domain, two: Domain) -> Domain:
    """The values of both, in a stable order."""
    return one + tuple(v for v in two if not any(same(v, w) for w in one))


def conditional(condition: Term, then: Term, otherwise: Term) -> Term:
    want_bool(condition)
    if isinstance(condition, Static):
        return then if condition.value else otherwise
    then, otherwise = valued(then), valued(otherwise)
    if isinstance(otherwise, Static) and otherwise.value is None:
        otherwise = none_like(then)
    if isinstance(then, Static) and then.value is None:
        then = none_like(otherwise)
    if isinstance(then, Record) and isinstance(otherwise, Record) and then.type == otherwise.type:
        members = {
            n: conditional(condition, m, otherwise.members[n]) for n, m in then.members.items()
        }
        return Record(then.type, members)
    if isinstance(then, ArrayValue) and isinstance(otherwise, ArrayValue):
        if then.domain != otherwise.domain:
            raise Mismatch("the two arrays have different indices")
        items = tuple(map(partial(conditional, condition), then.items, otherwise.items))
        return ArrayValue(then.domain, items, joined(then.of, otherwise.of))
    expr = core.Apply("ite", (as_expr(condition), as_expr(then), as_expr(otherwise)))
    if not alike(then, otherwise):
        raise Mismatch(f"this is {noun(then)} or {noun(otherwise)}, as the condition decides")
    if is_version(then) or is_version(otherwise):
        return Dynamic(expr, VERSION)
    return Dynamic(expr, ScalarType(union(domain_of(then), domain_of(otherwise))))


def joined(one: Type, two: Type) -> Type:
    """The type of the elements of one of two arrays."""
    match one, two:
        case (ScalarType(version=True), _) | (_, ScalarType(version=True)):
            return VERSION
        case ScalarType(ours), ScalarType(theirs):
            return ScalarType(union(ours, theirs))
        case ArrayType(ours_), ArrayType(theirs_) if ours_[0] == theirs_[0]:
            return ArrayType((ours_[0],), joined(element_type(one), element_type(two)))
    if one == two:
        return one
    raise Mismatch("the elements of the two arrays are of different kinds")
