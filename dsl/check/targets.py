"""What an assignment changes: a cell, a local, or one element of a local array.

`copy[i] = x`, where only the state knows `i`, is an assignment to every element: to the one
that is meant its new value, to each other its own.
"""

from __future__ import annotations

from mmscn.check import core, operators, terms
from mmscn.check.attributes import attribute
from mmscn.check.context import Context
from mmscn.check.convert import convert, leaves, type_of_target
from mmscn.check.expressions import as_index, evaluate
from mmscn.check.scope import Scope
from mmscn.check.terms import FALSE, TRUE, ArrayValue, Dynamic, Record, Static, Term
from mmscn.check.types import BOOL, ScalarType, Type
from mmscn.check.values import Value, same
from mmscn.diagnostics import one
from mmscn.source import Span
from mmscn.syntax import tree as t

Place = list[tuple[Term, Term]]
"""The cells or locals that may be meant, each with the condition under which it is."""
Pairs = list[tuple[core.Cell | core.Local, Term]]


def place_of(ctx: Context, scope: Scope, target: t.Expr) -> Place:
    """What a target means; MM405 where it is a name that was bound once and for all."""
    place = alternatives(ctx, scope, target)
    mutable(scope, target, place[0][1])
    return place


def alternatives(ctx: Context, scope: Scope, target: t.Expr) -> Place:
    match target:
        case t.Index(base=base, indices=indices):
            found = alternatives(ctx, scope, base)
            if any(isinstance(term, ArrayValue) for _, term in found):
                for e in indices:
                    found = [way for c, term in found for way in at(ctx, scope, c, term, e)]
                return found
        case t.Attribute(base=base, name=name):
            found = alternatives(ctx, scope, base)
            if not isinstance(found[0][0], Static):
                return [(c, attribute(ctx, term, name, target.span)) for c, term in found]
    return [(TRUE, evaluate(ctx, scope, target))]


def at(ctx: Context, scope: Scope, condition: Term, array: Term, e: t.Expr) -> Place:
    """The elements of a local array that an index may mean."""
    if not isinstance(array, ArrayValue):
        raise one("MM305", f"{terms.noun(array)} has no index", e.span)
    index = as_index(ctx, evaluate(ctx, scope, e), array.domain, e.span)

    def meant(value: Value) -> Term:
        if isinstance(index, core.Const):
            return TRUE if same(index.value, value) else FALSE
        return Dynamic(core.Apply("==", (index, core.Const(value))), BOOL)

    here = zip(map(meant, array.domain), array.items, strict=True)
    return [(operators.logical("and", condition, c), item) for c, item in here if c is not FALSE]


def mutable(scope: Scope, target: t.Expr, place: Term) -> None:
    root = target
    while isinstance(root, t.Attribute | t.Index):
        root = root.base
    if not isinstance(root, t.Name) or root.text not in scope.names:
        return
    if is_local(place) and root.text not in scope.mutable:
        name = root.text
        hint = (
            f"what changes is declared with `var {name} = ...`; a parameter is a copy, unless it "
            f"stands for the caller's cell: `proc f(var {name})`"
        )
        raise one("MM405", f"`{name}` is bound once", target.span, hint)


def is_local(place: Term) -> bool:
    match place:
        case Record(members=members):
            return any(map(is_local, members.values()))
        case ArrayValue(items=items):
            return any(map(is_local, items))
        case Dynamic(core.Local()):
            return True
    return False


def type_of_place(place: Place, span: Span) -> Type:
    return type_of_target(place[0][1], span)


def stored(ctx: Context, place: Place, value: Term, span: Span) -> Pairs:
    """The single assignments that put a value into what is meant."""
    value = convert(ctx, value, type_of_place(place, span), span)
    if isinstance(place[0][0], Static):
        return leaves(place[0][1], value, span)
    meant = terms.as_expr(disjunction([condition for condition, _ in place]))
    found: Pairs = []
    for condition, term in place:
        for leaf, new in leaves(term, value, span):
            other: core.Expr = leaf
            if not found:
                other = core.Apply("ite", (meant, leaf, core.Undefined()))
            here = core.Apply("ite", (terms.as_expr(condition), terms.as_expr(new), other))
            found.append((leaf, Dynamic(here, ScalarType(terms.domain_of(new)))))
    return found


def disjunction(conditions: list[Term]) -> Term:
    found = conditions[0]
    for condition in conditions[1:]:
        found = operators.logical("or", found, condition)
    return found
