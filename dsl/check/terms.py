"""What an expression means while a scenario is being elaborated.

A term is either known now (Static, Many) or an expression over the state.
Operators fold what is known, so that a param never reaches the search.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from itertools import product
from typing import TypeAlias

from attrs import frozen

from mmscn.check import core
from mmscn.check.types import BOOL, VERSION, ScalarType, StructType, Type
from mmscn.check.values import Domain, Value, kind_of

DOMAIN_MAX = 4096


@frozen(eq=False)
class Static:
    value: Value


@frozen(eq=False)
class Many:
    """A list that is known: a sort, the pages of a vma."""

    items: tuple[Value, ...]


@frozen(eq=False)
class Picks:
    """A list of which the state decides what belongs to it: (value, whether)."""

    items: tuple[tuple[Value, core.Expr], ...]


@frozen(eq=False)
class Dynamic:
    expr: core.Expr
    type: ScalarType


@frozen(eq=False)
class Record:
    type: StructType
    members: dict[str, Term]


@frozen(eq=False)
class Array:
    """State that still wants indices."""

    family: str
    given: tuple[core.Expr, ...]
    wanted: tuple[Domain, ...]
    of: Type


@frozen(eq=False)
class Lock:
    family: str
    index: tuple[core.Expr, ...]
    kind: str


Term: TypeAlias = Static | Many | Picks | Dynamic | Record | Array | Lock


class Mismatch(Exception):
    """Two terms do not go together; the text says why."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


TRUE, FALSE = Static(True), Static(False)

FOLD: dict[str, Callable[..., Value]] = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "implies": lambda a, b: not a or b,
    "not": lambda a: not a,
    "==": lambda a, b: same(a, b),
    "!=": lambda a, b: not same(a, b),
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "ite": lambda c, a, b: a if c else b,
}


def same(a: Value, b: Value) -> bool:
    """Equality that keeps `true` and 1 apart."""
    return kind_of(a) == kind_of(b) and a == b


def as_expr(term: Term) -> core.Expr:
    match term:
        case Static(value):
            return core.Const(value)
        case Dynamic(expr):
            return expr
    raise Mismatch(f"{noun(term)} is not a single value")


def domain_of(term: Term) -> Domain:
    match term:
        case Static(value):
            return (value,)
        case Dynamic(_, type_):
            return type_.domain
    raise Mismatch(f"{noun(term)} is not a single value")


def noun(term: Term) -> str:
    """What a message calls a term."""
    match term:
        case Static(None):
            return "`none`"
        case Static(value):
            return f"a {kind_of(value)}"
        case Many() | Picks():
            return "a list"
        case Dynamic(_, ScalarType(version=True)):
            return "a version"
        case Dynamic(_, ScalarType(domain)):
            kinds = sorted({kind_of(v) for v in domain if v is not None}) or ["none"]
            return "a " + " or ".join(kinds)
        case Record(type_):
            return f"a {type_.name}"
        case Array():
            return "state that needs an index"
        case Lock(kind=kind):
            return f"a {kind}"


def is_version(term: Term) -> bool:
    return isinstance(term, Dynamic) and term.type.version


def want_bool(term: Term) -> Term:
    if any(not isinstance(v, bool) for v in domain_of(term)) or is_version(term):
        raise Mismatch(f"a condition is wanted here, and this is {noun(term)}")
    return term


def negation(term: Term) -> Term:
    want_bool(term)
    if isinstance(term, Static):
        return Static(not term.value)
    return Dynamic(core.Apply("not", (as_expr(term),)), BOOL)


def logical(op: str, left: Term, right: Term) -> Term:
    """`and`, `or`, `implies`, folded where one side decides."""
    want_bool(left)
    want_bool(right)
    if op == "implies":
        return logical("or", negation(left), right)
    decides = op == "or"
    for term, other in ((left, right), (right, left)):
        if isinstance(term, Static):
            return term if term.value is decides else other
    return Dynamic(core.Apply(op, (as_expr(left), as_expr(right))), BOOL)


def conjunction(terms: list[Term]) -> Term:
    result: Term = TRUE
    for term in terms:
        result = logical("and", result, term)
    return result


def equal(left: Term, right: Term) -> Term:
    """Whether two terms are the same, member by member."""
    if isinstance(left, Static) and isinstance(right, Record):
        left, right = right, left
    if isinstance(left, Record):
        if isinstance(right, Static) and right.value is None:
            return conjunction(
                [equal(m, default(type_)) for m, (_, type_) in pairs(left)]
            )
        if isinstance(right, Record) and right.type == left.type:
            return conjunction([equal(m, right.members[n]) for n, m in left.members.items()])
        raise Mismatch(f"{noun(left)} and {noun(right)} are never equal")
    if is_version(left) or is_version(right):
        return equal_versions(left, right)
    ours, theirs = domain_of(left), domain_of(right)
    kinds = {kind_of(v) for v in ours}, {kind_of(v) for v in theirs}
    if kinds[0].isdisjoint(kinds[1]):
        if ("none" in kinds[0] or "none" in kinds[1]) and all(
            k in ("none", *SORT_KINDS) for k in kinds[0] | kinds[1]
        ):
            return FALSE
        raise Mismatch(f"{noun(left)} and {noun(right)} are never equal")
    if isinstance(left, Static) and isinstance(right, Static):
        return Static(same(left.value, right.value))
    if not any(same(a, b) for a in ours for b in theirs):
        return FALSE
    return Dynamic(core.Apply("==", (as_expr(left), as_expr(right))), BOOL)


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


def default(type_: Type) -> Term:
    """What `none` means for a type: no element, false, the first value."""
    match type_:
        case ScalarType(domain):
            return Static(None if None in domain else domain[0])
        case StructType(members=members):
            return Record(type_, {n: default(t) for n, t in members})
    raise Mismatch("this has no default")


def ordering(op: str, left: Term, right: Term) -> Term:
    for term in (left, right):
        if is_version(term):
            raise Mismatch(
                "a version has no order", "versions are copied, made fresh and compared with =="
            )
        if any(kind_of(v) != "number" for v in domain_of(term)):
            raise Mismatch(f"`{op}` wants numbers, and this is {noun(term)}")
    if isinstance(left, Static) and isinstance(right, Static):
        return Static(FOLD[op](left.value, right.value))
    results = {FOLD[op](a, b) for a, b in product(domain_of(left), domain_of(right))}
    if len(results) == 1:
        return Static(results.pop())
    return Dynamic(core.Apply(op, (as_expr(left), as_expr(right))), BOOL)


def arithmetic(op: str, left: Term, right: Term) -> Term:
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
    domain = tuple(sorted(values))  # type: ignore[type-var]
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
    if isinstance(then, Record) and isinstance(otherwise, Static) and otherwise.value is None:
        otherwise = default(then.type)
    if isinstance(otherwise, Record) and isinstance(then, Static) and then.value is None:
        then = default(otherwise.type)
    if isinstance(then, Record) and isinstance(otherwise, Record) and then.type == otherwise.type:
        members = {
            n: conditional(condition, m, otherwise.members[n]) for n, m in then.members.items()
        }
        return Record(then.type, members)
    expr = core.Apply("ite", (as_expr(condition), as_expr(then), as_expr(otherwise)))
    if not alike(then, otherwise):
        raise Mismatch(f"this is {noun(then)} or {noun(otherwise)}, as the condition decides")
    if is_version(then) or is_version(otherwise):
        return Dynamic(expr, VERSION)
    return Dynamic(expr, ScalarType(union(domain_of(then), domain_of(otherwise))))


def shared(term: Term) -> bool:
    """Whether evaluating the term looks at a shared cell."""
    match term:
        case Static() | Many():
            return False
        case Dynamic(expr):
            return touches(expr)
        case Record(members=members):
            return any(shared(m) for m in members.values())
        case Picks(items):
            return any(touches(c) for _, c in items)
        case Array() | Lock():
            return True


def touches(expr: core.Expr) -> bool:
    """Whether an expression reads a shared cell."""
    match expr:
        case core.Cell() | core.Ended() | core.Quiet():
            return True
        case core.Apply(args=args):
            return any(touches(a) for a in args)
    return False
