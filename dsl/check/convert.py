"""Making a term fit the place it is put into."""

from __future__ import annotations

from mmscn.check import core, families, operators, terms, types
from mmscn.check.attributes import to_domain_kind
from mmscn.check.context import Context
from mmscn.check.terms import Array, ArrayValue, Dynamic, Mismatch, Record, Static, Term
from mmscn.check.types import BOOL, VERSION, ArrayType, ScalarType, StructType, Type
from mmscn.check.values import BOOLS, Atom, Elem, kind_of, same, show
from mmscn.diagnostics import one
from mmscn.source import Span

VERSIONS_MAX = 64
"""How many versions have numbers."""


def convert(ctx: Context, term: Term, type_: Type, span: Span) -> Term:
    """The term as a value of a type; MM302 where it can never be one.

    A value that may be outside the domain passes: the search finds out.
    """
    term = families.valued(term)
    match type_:
        case ArrayType():
            return array(ctx, term, type_, span)
        case StructType():
            if isinstance(term, Static) and term.value is None:
                return families.default(type_)
            if isinstance(term, Record) and term.type == type_:
                return term
            raise one("MM302", f"a {type_.name} is wanted here, not {terms.noun(term)}", span)
        case ScalarType(version=True):
            return version(ctx, term, span)
        case ScalarType(domain):
            term = to_domain_kind(ctx, term, domain)
            try:
                ours = terms.domain_of(term)
            except Mismatch as problem:
                raise one("MM302", problem.message, span, problem.hint) from problem
            if terms.is_version(term):
                raise one("MM302", "a version is kept in a `version`, not here", span)
            if not any(same(a, b) for a in ours for b in domain):
                values = ", ".join(show(v) for v in domain[:8])
                what = show(term.value) if isinstance(term, Static) else terms.noun(term)
                hint = "write `true` or `false`" if domain == BOOLS else None
                raise one("MM302", f"{what} is not one of {values}", span, hint)
            return term
    raise one("MM302", f"{terms.noun(term)} cannot be kept here", span)


def array(ctx: Context, term: Term, type_: ArrayType, span: Span) -> Term:
    """An array or set as a value of a type: it has the same indices, and elements that fit."""
    domain, of = type_.indices[0], types.element_type(type_)
    if isinstance(term, Static) and term.value is None:
        return families.default(type_)
    if not isinstance(term, ArrayValue):
        raise one("MM302", f"an array is wanted here, not {terms.noun(term)}", span)
    if term.domain != domain:
        shown = [", ".join(show(v) for v in d[:8]) for d in (domain, term.domain)]
        what = f"an array with the indices {shown[0]} is wanted here, not with {shown[1]}"
        raise one("MM302", what, span)
    return ArrayValue(domain, tuple(convert(ctx, item, of, span) for item in term.items), of)


def version(ctx: Context, term: Term, span: Span) -> Term:
    if isinstance(term, Static) and type(term.value) is int and 0 <= term.value < VERSIONS_MAX:
        ctx.named(term.value)
        return term
    if isinstance(term, Dynamic) and term.type.version:
        return term
    if isinstance(term, Dynamic) and (constants := chosen_from(term.expr)) is not None:
        for constant in constants:
            version(ctx, Static(constant), span)
        return Dynamic(term.expr, VERSION)
    raise one("MM302", f"a version is wanted here, not {terms.noun(term)}", span)


def chosen_from(e: core.Expr) -> list[int] | None:
    """The numbers among which `if c then 1 else 2` chooses; None where it is no such choice."""
    match e:
        case core.Undefined():
            return []
        case core.Const(int() as number) if not isinstance(number, bool):
            return [number]
        case core.Apply(op="ite", args=(_, then, otherwise)):
            ours, theirs = chosen_from(then), chosen_from(otherwise)
            return None if ours is None or theirs is None else ours + theirs
    return None


def type_of(ctx: Context, term: Term, span: Span) -> Type:
    """The type of a name that is bound to a term and not assigned again."""
    term = families.valued(term)
    match term:
        case Static(value):
            return ScalarType((value,))
        case Dynamic(_, type_):
            return type_
        case Record(type_):
            return type_
        case ArrayValue(domain, _, of):
            return ArrayType((domain,), of)
    raise one("MM302", f"{terms.noun(term)} cannot be kept in a variable", span)


def wide_type_of(ctx: Context, term: Term, span: Span) -> Type:
    """The type of a variable that begins with a term: all values of its kind."""
    match term:
        case Static(bool()):
            return BOOL
        case Static(Elem(sort=sort)):
            return ScalarType((None, *ctx.world.sorts[sort]))
        case Static(Atom(name=name)):
            for enum in ctx.unit.enums.values():
                if name in enum.members:
                    return ScalarType(tuple(Atom(m) for m in enum.members))
        case Dynamic(_, type_) | Record(type_):
            return type_
        case Array() | ArrayValue():
            return type_of(ctx, term, span)
    kind = "none" if term == Static(None) else terms.noun(term)
    hint = "write `var name: 0..3 = 0`, with the largest value it takes"
    if isinstance(term, Static) and kind_of(term.value) == "none":
        hint = "write `var name: frame = none`"
    raise one("MM308", f"the type of this variable does not follow from {kind}", span, hint)


def leaves(target: Term, value: Term, span: Span) -> list[tuple[core.Cell | core.Local, Term]]:
    """The single assignments that make up the assignment of a struct or array."""
    target, value = families.valued(target), families.valued(value)
    match target, value:
        case ArrayValue(items=places), ArrayValue(items=values):
            parts = zip(places, values, strict=True)
            return [leaf for place, term in parts for leaf in leaves(place, term, span)]
        case Record(members=ours), Record(members=theirs):
            found = []
            for name, member in ours.items():
                found += leaves(member, theirs[name], span)
            return found
        case Dynamic(core.Cell() | core.Local() as place), _:
            return [(place, value)]
    raise one("MM402", "this cannot be assigned to", span, "assign to a variable or a cell")


def type_of_target(target: Term, span: Span) -> Type:
    match families.valued(target):
        case Record(type_) | Dynamic(_, type_):
            return type_
        case ArrayValue(domain, _, of):
            return ArrayType((domain,), of)
        case Static() | terms.Many() | terms.Picks():
            raise one("MM402", "this is fixed and cannot be assigned to", span)
    raise one("MM402", "this cannot be assigned to", span)


def widen(ctx: Context, variable: Term, term: Term, span: Span) -> Term:
    """A result variable, able to hold one more value too."""
    term = families.valued(term)
    match variable, term:
        case ArrayValue(domain, ours, of), ArrayValue(theirs_domain, theirs, other_of) if (
            domain == theirs_domain
        ):
            pairs = zip(ours, theirs, strict=True)
            items = tuple(widen(ctx, item, other_item, span) for item, other_item in pairs)
            return ArrayValue(domain, items, operators.joined(of, other_of))
        case ArrayValue(), Static(None):
            return variable
        case Dynamic(core.Local(number=n) as local, ScalarType(domain, version=v)), _:
            if v or terms.is_version(term):
                version(ctx, term, span)
                old = ctx.locals[n]
                ctx.locals[n] = core.LocalVar(
                    name=old.name, thread=old.thread, domain=(0,), version=True
                )
                if not v:
                    for known in domain:
                        version(ctx, Static(known), span)
                return Dynamic(local, VERSION)
            if not operators.alike(variable, term):
                raise one("MM302", "the results of this procedure are of different kinds", span)
            old = ctx.locals[n]
            wider = operators.union(domain, terms.domain_of(term))
            ctx.locals[n] = core.LocalVar(name=old.name, thread=old.thread, domain=wider)
            return Dynamic(local, ScalarType(wider))
        case Record(type_), Record(other) if other == type_:
            return variable
        case Record(), Static(None):
            return variable
    raise one("MM302", "the results of this procedure are of different kinds", span)
