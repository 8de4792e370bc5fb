"""A parameter that is a cell: `proc set_bit(var c)`, called `set_bit(p.dirty)`.

Which cell is meant is settled at the call, as `&p->dirty` is in C: the indices on the way to it
are looked at once, in one step where they are state. What is read and written behind that is the
cell itself, and a cell that there is not (of `none`, out of range) is met where it is used.
"""

from __future__ import annotations

from attrs import evolve

from mmscn.check import core, operators, terms
from mmscn.check.context import Context
from mmscn.check.display import origin
from mmscn.check.places import a_place
from mmscn.check.scope import Scope
from mmscn.check.terms import Array, Dynamic, Lock, Record, Term
from mmscn.check.types import ScalarType
from mmscn.check.values import BOOLS, Domain
from mmscn.source import Span
from mmscn.syntax import tree as t


def passed(
    ctx: Context, scope: Scope, name: str, term: Term, s: t.Stmt, span: Span, out: list[core.Stmt]
) -> Term:
    """What a parameter `var name` stands for. Raises Rejected, MM410, where that is no place."""
    a_place(ctx, name, term, span)
    copies: dict[core.Expr, core.Local] = {}
    settled = still(ctx, scope, term, copies)
    if copies:
        where = origin(ctx, scope, s)
        indices = tuple(copies)
        out.append(core.Assign(targets=tuple(copies.values()), values=indices, origin=where))
    return settled


def still(ctx: Context, scope: Scope, term: Term, copies: dict[core.Expr, core.Local]) -> Term:
    """The place with each index that can change replaced by a local, which is in `copies`."""

    def settled(index: tuple[core.Expr, ...]) -> tuple[core.Expr, ...]:
        return tuple(copy(e) for e in index)

    def copy(e: core.Expr) -> core.Expr:
        match e:
            case core.Const():
                return e
            case core.Local(number=number) if number not in ctx.assigned:
                return e
        if e not in copies:
            type_ = ScalarType(values_of(ctx, e))
            local = ctx.local(written(ctx, e), scope.thread, type_)
            assert isinstance(local, Dynamic)
            assert isinstance(local.expr, core.Local)
            copies[e] = local.expr
        return copies[e]

    match term:
        case Dynamic(core.Cell(family, index)):
            return Dynamic(core.Cell(family, settled(index)), term.type)
        case Array(given=given):
            return evolve(term, given=settled(given))
        case Lock(index=index):
            return evolve(term, index=settled(index))
        case Record(type_, members):
            return Record(type_, {n: still(ctx, scope, m, copies) for n, m in members.items()})
    return term


def written(ctx: Context, e: core.Expr) -> str:
    """The name of a copy of an index."""
    match e:
        case core.Cell(family):
            return ctx.families[family].name
        case core.Local(number):
            return ctx.locals[number].name
    return "index"


def values_of(ctx: Context, e: core.Expr) -> Domain:
    """What an index may be."""
    match e:
        case core.Const(value):
            return (value,)
        case core.Cell(family):
            return ctx.families[family].domain
        case core.Local(number):
            return ctx.locals[number].domain
        case core.Apply("ite", (_, then, otherwise)):
            return operators.union(values_of(ctx, then), values_of(ctx, otherwise))
        case core.Apply("+" | "-" as op, (left, right)):
            pair = [Dynamic(x, ScalarType(values_of(ctx, x))) for x in (left, right)]
            return terms.domain_of(operators.arithmetic(op, *pair))
        case core.Undefined():
            return ()
    return BOOLS
