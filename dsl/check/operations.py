"""What names and places get: values, and the operations that take steps of their own."""

from __future__ import annotations

from collections.abc import Sequence

from mmscn.check import core, locks, operators, terms
from mmscn.check.calls import Out, Statements, bind_value, call, run_proc, settle
from mmscn.check.context import HIDDEN, Context, StateVar
from mmscn.check.convert import convert, leaves, wide_type_of
from mmscn.check.declare import type_from
from mmscn.check.display import origin
from mmscn.check.expressions import evaluate
from mmscn.check.fences import ordered_as
from mmscn.check.scope import Scope
from mmscn.check.targets import Place, place_of, stored, type_of_place
from mmscn.check.terms import TRUE, Dynamic, Record, Static, Term
from mmscn.check.types import BOOL
from mmscn.check.values import Elem
from mmscn.diagnostics import one
from mmscn.plain_text import counted
from mmscn.source import Span
from mmscn.syntax import tree as t


def is_operation(e: t.Expr) -> bool:
    return isinstance(e, t.Load | t.Xchg | t.Cmpxchg | t.Trylock | t.CallValue)


def right_hand_side(
    ctx: Context,
    scope: Scope,
    name: str,
    e: t.Expr,
    s: t.Stmt,
    out: Out,
    statements: Statements,
) -> Term:
    """The value of a `let`, with the steps it takes."""
    match e:
        case t.Load(address=address):
            ordered_as(e.order, "acquire", "load", e)
            at = evaluate(ctx, scope, address)
            if e.order is not None and terms.is_value(at):
                return bind_value(ctx, scope, name, at, s, out)
            found = run_proc(
                ctx, scope, "cpu_load", (at,), s, out, statements, instruction=True
            )  # fmt: skip
            return given(found, e.span)
        case t.Xchg(cell=cell, value=value):
            place = place_of(ctx, scope, cell)
            now = evaluate(ctx, scope, cell)
            type_ = type_of_place(place, cell.span)
            new = evaluate(ctx, scope, value)
            old = ctx.local(name, scope.thread, type_)
            pairs = leaves(old, now, cell.span) + stored(ctx, place, new, value.span)
            put(ctx, scope, pairs, s, out)
            return old
        case t.Cmpxchg(cell=cell, expected=expected, value=value):
            place = place_of(ctx, scope, cell)
            now = evaluate(ctx, scope, cell)
            type_ = type_of_place(place, cell.span)
            wanted = convert(ctx, evaluate(ctx, scope, expected), type_, expected.span)
            new = convert(ctx, evaluate(ctx, scope, value), type_, value.span)
            old = ctx.local(name, scope.thread, type_)
            result = operators.conditional(operators.equal(now, wanted), new, now)
            pairs = leaves(old, now, cell.span) + stored(ctx, place, result, value.span)
            put(ctx, scope, pairs, s, out)
            return old
        case t.Trylock(lock=target, mode=mode):
            wanted = a_lock(ctx, scope, target)
            got = ctx.local(name, scope.thread, BOOL)
            assert isinstance(got, Dynamic)
            assert isinstance(got.expr, core.Local)
            where = origin(ctx, scope, s)
            locks.attempt(ctx, scope, wanted, mode, s.span, where, got.expr, out)
            return got
        case t.CallValue(name=callee, args=args):
            return given(call(ctx, scope, callee, args, s, out, statements), e.span)
    term = evaluate(ctx, scope, e)
    if isinstance(term, Dynamic | Record):
        return bind_value(ctx, scope, name, term, s, out)
    return settle(ctx, scope, name, term, s, out)


def store(ctx: Context, scope: Scope, s: t.Store, out: Out, statements: Statements) -> None:
    """Of a page, through the TLB; with an order, of a cell too."""
    ordered_as(s.order, "release", "store", s)
    at = evaluate(ctx, scope, s.address)
    value = evaluate(ctx, scope, s.value)
    if s.order is None and terms.is_value(at) and not holds_elements(at):
        hint = f"an assignment is one step: `{s.address.span.text} = ...`"
        raise one("MM302", "`store` is of a page, and this is none", s.address.span, hint)
    if s.order is not None and terms.is_value(at):
        assign(ctx, scope, place_of(ctx, scope, s.address), value, s, out)
    else:
        run_proc(ctx, scope, "cpu_store", (at, value), s, out, statements, instruction=True)


def holds_elements(term: Term) -> bool:
    """Whether a value may be an element."""
    return isinstance(term, Dynamic) and any(isinstance(v, Elem) for v in term.type.domain)


def a_lock(ctx: Context, scope: Scope, e: t.Expr) -> terms.Lock:
    term = evaluate(ctx, scope, e)
    if not isinstance(term, terms.Lock):
        raise one("MM404", f"{terms.noun(term)} is not a lock", e.span)
    return term


def given(result: Term | None, span: Span) -> Term:
    if result is None:
        raise one("MM211", "this procedure returns nothing", span, "it has no `return value`")
    if several := terms.results_of(result):
        names = ", ".join("abcdefgh"[: len(several)])
        what = f"this procedure returns {counted(len(several), 'value')}"
        raise one("MM411", what, span, f"give each a name: `let {names} = f(...)`")
    return result


def local_var(ctx: Context, scope: Scope, s: t.LocalVar, out: Out, statements: Statements) -> None:
    value = right_hand_side(ctx, scope, s.name, s.value, s, out, statements)
    if s.type is not None:
        type_ = type_from(ctx, scope, s.type)
    else:
        type_ = wide_type_of(ctx, value, s.span)
    first = ctx.next_local
    variable = ctx.local(s.name, scope.thread, type_)
    ctx.assigned.update(range(first, ctx.next_local))
    scope.bind(s.name, variable, mutable=True)
    assign(ctx, scope, [(TRUE, variable)], value, s, out)


def assignment(ctx: Context, scope: Scope, s: t.Assign, out: Out, statements: Statements) -> None:
    place = place_of(ctx, scope, s.target)
    if is_operation(s.value):
        value = right_hand_side(ctx, scope, "result", s.value, s, out, statements)
    else:
        value = evaluate(ctx, scope, s.value)
    assign(ctx, scope, place, value, s, out)


def update(ctx: Context, scope: Scope, s: t.Update, out: Out) -> None:
    place = place_of(ctx, scope, s.target)
    before = evaluate(ctx, scope, s.target)
    after = operators.arithmetic(s.op, before, evaluate(ctx, scope, s.value))
    assign(ctx, scope, place, after, s, out)


def assign(ctx: Context, scope: Scope, place: Place, value: Term, s: t.Stmt, out: Out) -> None:
    put(ctx, scope, stored(ctx, place, value, s.span), s, out)


def put(
    ctx: Context,
    scope: Scope,
    pairs: Sequence[tuple[core.Cell | core.Local, Term]],
    s: t.Stmt,
    out: Out,
) -> None:
    """One simultaneous assignment; a ghost one if all its targets are ghosts."""
    targets = tuple(p for p, _ in pairs)
    ghosts = [isinstance(p, core.Cell) and ctx.families[p.family].ghost for p in targets]
    values = tuple(terms.as_expr(v) for _, v in pairs)
    where = origin(ctx, scope, s)
    ghost = bool(ghosts) and all(ghosts)
    out.append(core.Assign(targets=targets, values=values, origin=where, ghost=ghost))


def mark(ctx: Context, scope: Scope, name: str, s: t.Stmt, out: Out) -> None:
    """A ghost flag that is set here and never cleared.

    A module's is its own where the scenario has a variable of that name.
    """
    family = core.MARK + name
    var = ctx.state.get((None, name))
    sort = None if var is None or var.family == family else HIDDEN
    if (sort, name) not in ctx.state:
        ctx.declare(sort, name, StateVar(family, (), BOOL, True), s.span)
    place = ctx.place(ctx.state[sort, name], ())
    assign(ctx, scope, [(TRUE, place)], Static(True), s, out)
