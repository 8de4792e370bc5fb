"""What an expression means while a scenario is being elaborated.

A term is either known now (Static, Many) or an expression over the state.
Operators fold what is known from the text, so that a param never reaches the
search. They fold nothing because of a type: what names state is evaluated, so
that a run finds the attribute of `none` and the index out of range in it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from math import prod
from typing import TypeAlias, assert_never

from attrs import frozen

from mmscn.check import core
from mmscn.check.types import BOOL, VERSION, ArrayType, LockType, ScalarType, StructType, Type
from mmscn.check.values import Domain, Value, kind_of

DOMAIN_MAX = 4096
ELEMENTS_MAX = 128


@frozen(eq=False)
class Static:
    value: Value


@frozen(eq=False)
class Many:
    """A list that is known: a sort, the pages of a vma."""

    items: tuple[Value, ...]

    def members(self) -> list[tuple[Value, Term]]:
        """Each member; that it belongs to the list is known."""
        return [(member, TRUE) for member in self.items]


@frozen(eq=False)
class Dynamic:
    expr: core.Expr
    type: ScalarType


@frozen(eq=False)
class Picks:
    """A list that is an element's, where only the state knows the element.

    base: the element. owners: of each member, the elements in whose list it is.
    attribute: the list is an attribute, which `none` does not have; otherwise it
    is the element itself, and `none` is the empty list.
    """

    base: Dynamic
    owners: tuple[tuple[Value, tuple[Value, ...]], ...]
    attribute: bool

    def members(self) -> list[tuple[Value, Term]]:
        """Each member, and whether it belongs to the list."""
        return [
            (member, Dynamic(any_of(self.base.expr, elements), BOOL))
            for member, elements in self.owners
        ]

    def looked_at(self, term: Term) -> Term:
        """The term, or no value where there is no such list."""
        if not self.attribute or None not in self.base.type.domain:
            return term
        type_ = term.type if isinstance(term, Dynamic) else ScalarType(domain_of(term))
        missing = any_of(self.base.expr, (None,))
        expr = core.Apply("ite", (missing, core.Undefined(), as_expr(term)))
        return Dynamic(expr, type_)


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
class ArrayValue:
    """An array or a set as a value: a term of type `of` for each index."""

    domain: Domain
    items: tuple[Term, ...]
    of: Type


@frozen(eq=False)
class Lock:
    family: str
    index: tuple[core.Expr, ...]
    kind: str


Term: TypeAlias = Static | Many | Picks | Dynamic | Record | Array | ArrayValue | Lock


class Mismatch(Exception):
    """Two terms do not go together; the text says why."""

    def __init__(self, message: str, hint: str | None = None, code: str = "MM301") -> None:
        super().__init__(message)
        self.code = code
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
        case Array() | ArrayValue():
            return "an array that needs an index"
        case Lock(kind=kind):
            return f"a {kind}"


def is_version(term: Term) -> bool:
    return isinstance(term, Dynamic) and term.type.version


def is_value(term: Term) -> bool:
    """Whether a variable can hold it: no list, and no lock."""
    match term:
        case Dynamic() | Record() | ArrayValue():
            return True
        case Array(of=of):
            return not isinstance(of, LockType)
    return False


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
            return conjunction(
                [equal(m, default(type_)) for m, (_, type_) in pairs(left)]
            )
        if isinstance(right, Record) and right.type == left.type:
            return conjunction([equal(m, right.members[n]) for n, m in left.members.items()])
        raise Mismatch(f"{noun(left)} and {noun(right)} are never equal")
    if is_version(left) or is_version(right):
        return equal_versions(left, right)
    kinds = {kind_of(v) for v in domain_of(left)}, {kind_of(v) for v in domain_of(right)}
    if kinds[0].isdisjoint(kinds[1]) and not (
        ("none" in kinds[0] or "none" in kinds[1])
        and all(k in ("none", *SORT_KINDS) for k in kinds[0] | kinds[1])
    ):
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


def none_like(term: Term) -> Term:
    """What `none` is beside a term: the struct or array in which nothing is set."""
    match term:
        case Record(type_):
            return default(type_)
        case ArrayValue(domain, _, of):
            return default(ArrayType((domain,), of))
    return Static(None)


def touches(expr: core.Expr) -> bool:
    """Whether an expression reads a shared cell."""
    match expr:
        case core.Cell() | core.Ended() | core.Quiet():
            return True
        case core.Apply(args=args):
            return any(touches(a) for a in args)
        case core.Const() | core.Local() | core.Fresh() | core.Undefined():
            return False
        case _:
            assert_never(expr)


# ---- arrays -----------------------------------------------------------------


def at(
    family: str, index: tuple[core.Expr, ...], indices: tuple[Domain, ...], type_: Type
) -> Term:
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


def element_type(type_: ArrayType) -> Type:
    """The type of what the first index gives."""
    more = type_.indices[1:]
    return ArrayType(more, type_.of) if more else type_.of


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


def any_of(expr: core.Expr, values: tuple[Value, ...]) -> core.Expr:
    """Whether an expression has one of some values."""
    found: core.Expr = core.Apply("==", (expr, core.Const(values[0])))
    for value in values[1:]:
        found = core.Apply("or", (found, core.Apply("==", (expr, core.Const(value)))))
    return found
