"""Types of the text, and the state that modules and the scenario declare."""

from __future__ import annotations

from itertools import islice

from attrs import evolve

from mmscn.check.context import HIDDEN, Context, StateVar, combinations, leaves
from mmscn.check.expressions import number, static
from mmscn.check.missing import no_sort, no_type
from mmscn.check.scope import Scope
from mmscn.check.types import BOOL, VERSION, ArrayType, LockType, ScalarType, StructType, Type
from mmscn.check.values import SORTS, Atom, Domain
from mmscn.diagnostics import one
from mmscn.syntax import tree as t

RANGE_MAX = 1024
MEMBERS_MAX = 64


def type_from(ctx: Context, scope: Scope, e: t.TypeExpr) -> Type:
    """The type that the text names."""
    match e:
        case t.TypeExpr(kind="bool"):
            return BOOL
        case t.TypeExpr(kind="version"):
            return VERSION
        case t.TypeExpr(kind="range", low=t.ExprNode() as low, high=t.ExprNode() as high):
            first = number(ctx, scope, low, -RANGE_MAX, RANGE_MAX)
            last = number(ctx, scope, high, -RANGE_MAX, RANGE_MAX)
            if last < first or last - first >= RANGE_MAX:
                what = f"{first}..{last} is no range of 1 to {RANGE_MAX} values"
                raise one("MM502", what, e.span)
            return ScalarType(tuple(range(first, last + 1)))
        case t.TypeExpr(kind="set", name=str() as name):
            return ArrayType((index_domain(ctx, name, e),), BOOL)
        case t.TypeExpr(kind="queue", high=t.ExprNode() as size, of=t.TypeExpr() as of):
            return queue_of(number(ctx, scope, size, 1, MEMBERS_MAX), type_from(ctx, scope, of), e)
        case t.TypeExpr(name=str() as name):
            if name in ctx.structs:
                return ctx.structs[name]
            if name in ctx.unit.enums:
                return ScalarType(tuple(Atom(m) for m in ctx.unit.enums[name].members))
            if name in SORTS:
                return ScalarType((None, *ctx.world.sorts.get(name, ())))
            raise no_type(ctx.unit, name, e.span)
    raise AssertionError(e)


def queue_of(size: int, of: Type, e: t.TypeExpr) -> StructType:
    """A queue as a struct: how many wait, and who, the first in front. Free slots are as `none`."""
    length = ScalarType(tuple(range(size + 1)))
    members = (("length", length), ("slot", ArrayType((tuple(range(size)),), of)))
    found = StructType(e.span.text, members, size=size)
    too_many_members(found, e)
    return found


def too_many_members(type_: StructType, e: t.Node) -> None:
    if sum(1 for _ in islice(leaves(type_, ()), MEMBERS_MAX + 1)) > MEMBERS_MAX:
        what = f"`{type_.name}` has more than {MEMBERS_MAX} members, those within counted"
        raise one("MM502", what, e.span)


def index_domain(ctx: Context, name: str, e: t.Node) -> Domain:
    if name in SORTS:
        return tuple(ctx.world.sorts.get(name, ()))
    if name in ctx.unit.enums:
        return tuple(Atom(m) for m in ctx.unit.enums[name].members)
    raise no_sort(name, e.span)


def index_of(ctx: Context, scope: Scope, e: t.TypeExpr) -> Domain:
    """The values of an index: a sort, an enum or a range."""
    if e.kind == "named" and e.name is not None:
        return index_domain(ctx, e.name, e)
    type_ = type_from(ctx, scope, e)
    assert isinstance(type_, ScalarType)
    return type_.domain


def declare_structs(ctx: Context) -> None:
    for struct in ctx.unit.structs.values():
        with ctx.collecting(struct.span):
            members = tuple((m.name, type_from(ctx, Scope(), m.type)) for m in struct.members)
            texts = {m.name: m.text for m in struct.members if m.text is not None}
            found = StructType(struct.name, members, texts)
            too_many_members(found, struct)
            ctx.structs[struct.name] = found


def declare_state(ctx: Context) -> None:
    for each in ctx.unit.eaches:
        if each.sort not in SORTS:
            ctx.reporter.found.extend(no_sort(each.sort, each.span).diagnostics)
            continue
        first = (tuple(ctx.world.sorts.get(each.sort, ())),)
        for member in each.members:
            with ctx.collecting(member.span):
                declare(ctx, Scope(), each.sort, member, first, each.sort)
    top = ctx.unit.source
    own = {var.name for var in ctx.unit.variables if var.span.source is top}
    own |= ctx.meanings.marks
    for var in ctx.unit.variables:
        with ctx.collecting(var.span):
            hidden = var.name in own and var.span.source is not top
            sort, prefix = (HIDDEN, "module") if hidden else (None, "")
            declare(ctx, Scope(), sort, var, (), prefix)
    ctx.stepping.clear()  # what is an attribute is known from here on
    ctx.calls.clear()


def declare(
    ctx: Context,
    scope: Scope,
    sort: str | None,
    var: t.Var | t.LockDecl,
    first: tuple[Domain, ...],
    prefix: str,
) -> None:
    """One variable, with its initial value if that is known before anything else."""
    family = f"{prefix}.{var.name}" if prefix else var.name
    indices = first + tuple(index_of(ctx, scope, i) for i in var.indices)
    if isinstance(var, t.LockDecl):
        type_: Type = LockType(var.kind)
        made = StateVar(family, indices, type_, False)
    else:
        type_ = type_from(ctx, scope, var.type)
        made = StateVar(family, indices, type_, var.ghost, var.quiet, var.text, var.hardware)
    ctx.declare(sort, var.name, made, var.span)
    if isinstance(var, t.Var) and var.value is not None:
        initialise(ctx, scope, family, type_, var.value)


def initialise(ctx: Context, scope: Scope, family: str, type_: Type, value: t.Expr) -> None:
    if isinstance(type_, StructType):
        if static(ctx, scope, value) is None:
            return
        raise one("MM302", "a struct begins as `none`; use `init { }` for more", value.span)
    first = static(ctx, scope, value)
    while isinstance(type_, ArrayType):
        type_ = type_.of
    if isinstance(type_, ScalarType):
        if type_.version and type(first) is int:
            ctx.named(first)
        elif first not in type_.domain:
            raise one("MM302", "the initial value is not one of the type's", value.span)
    old = ctx.families[family]
    size = len(combinations(old.indices))
    ctx.families[family] = evolve(old, initial=(first,) * size)
