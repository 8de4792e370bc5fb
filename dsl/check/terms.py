"""What an expression means while a scenario is being elaborated.

A term is either known now (Static, Many) or an expression over the state.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from attrs import frozen

from mmscn.check import core
from mmscn.check.types import BOOL, RESULTS, LockType, ScalarType, StructType, Type
from mmscn.check.values import Domain, Value, kind_of


@frozen(eq=False, repr=False)
class Static:
    value: Value


@frozen(eq=False, repr=False)
class Many:
    """A list that is known: a sort, the pages of a vma."""

    items: tuple[Value, ...]

    def members(self) -> list[tuple[Value, Term]]:
        """Each member; that it belongs to the list is known."""
        return [(member, TRUE) for member in self.items]


@frozen(eq=False, repr=False)
class Dynamic:
    expr: core.Expr
    type: ScalarType


@frozen(eq=False, repr=False)
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


@frozen(eq=False, repr=False)
class Record:
    type: StructType
    members: dict[str, Term]


@frozen(eq=False, repr=False)
class Array:
    """State that still wants indices."""

    family: str
    given: tuple[core.Expr, ...]
    wanted: tuple[Domain, ...]
    of: Type


@frozen(eq=False, repr=False)
class ArrayValue:
    """An array or a set as a value: a term of type `of` for each index."""

    domain: Domain
    items: tuple[Term, ...]
    of: Type


@frozen(eq=False, repr=False)
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
        case _:
            assert_never(term)


def results_of(term: Term) -> list[Term]:
    """What a call has given back that returns several values; nothing of any other term."""
    return list(term.members.values()) if isinstance(term, Record) and term.type is RESULTS else []


def is_version(term: Term) -> bool:
    return isinstance(term, Dynamic) and term.type.version


def is_value(term: Term) -> bool:
    """Whether a variable can hold it: no list, and no lock."""
    match term:
        case Dynamic() | Record() | ArrayValue():
            return True
        case Array(of=of):
            return not isinstance(of, LockType)
        case Static() | Many() | Picks() | Lock():
            return False
        case _:
            assert_never(term)


def any_of(expr: core.Expr, values: tuple[Value, ...]) -> core.Expr:
    """Whether an expression has one of some values."""
    found: core.Expr = core.Apply("==", (expr, core.Const(values[0])))
    for value in values[1:]:
        found = core.Apply("or", (found, core.Apply("==", (expr, core.Const(value)))))
    return found
