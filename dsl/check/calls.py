"""Calls: the variant that applies is written out in place, with its arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import assert_never

from attrs import evolve

from mmscn.check import cells, core, overrides, terms
from mmscn.check.blocks import blocks_of
from mmscn.check.call_keys import Called
from mmscn.check.context import Context
from mmscn.check.convert import leaves, type_of
from mmscn.check.display import call_text, displayed_words, kind_of, name_of, origin
from mmscn.check.expressions import evaluate, truth
from mmscn.check.kept_calls import written_out
from mmscn.check.missing import of_procedure
from mmscn.check.scope import Frame, Scope, result_of
from mmscn.check.terms import Array, ArrayValue, Dynamic, Lock, Picks, Record, Term
from mmscn.check.types import LockType, ScalarType
from mmscn.diagnostics import one
from mmscn.plain_text import counted
from mmscn.source import Span
from mmscn.syntax import tree as t

Out = list[core.Stmt]
Statements = Callable[[Context, Scope, t.Block, Out], None]

CALLS_DEEP_MAX = 40


def call(
    ctx: Context,
    scope: Scope,
    name: str,
    args: tuple[t.Expr, ...],
    s: t.Stmt,
    out: Out,
    statements: Statements,
) -> Term | None:
    """Write out a call of a procedure or a hook; gives what it returns."""
    given = tuple(evaluate(ctx, scope, a) for a in args)
    if name in ctx.unit.hooks:
        hook(ctx, scope, name, given, args, s, out, statements)
        return None
    return run_proc(ctx, scope, name, given, s, out, statements, written=args)


def run_proc(
    ctx: Context,
    scope: Scope,
    name: str,
    args: tuple[Term, ...],
    s: t.Stmt,
    out: Out,
    statements: Statements,
    *,
    written: tuple[t.Expr, ...] = (),
    instruction: bool = False,
) -> Term | None:
    """Write out a procedure with arguments that are terms already."""
    proc = variant(ctx, name, s.span)
    if instruction:
        text = partial(displayed_words, ctx, scope, s)
        site = core.Call(text, s.span, True, kind=kind_of(s), name=name_of(s))
    else:
        site = core.Call(partial(call_text, ctx, scope, name, args, written), s.span, False)
    places = {p: s.span for p in proc.cells}
    places |= {p: e.span for p, e in zip(proc.params, written, strict=False) if p in places}

    def write(ctx: Context, site: core.Call, out: Out) -> Term | None:
        return inline(
            ctx, scope, name, proc.params, proc.body, args, site, s, out, statements,
            hardware=proc.hardware, places=places,
        )  # fmt: skip

    return written_out(ctx, Called(scope, name, proc, args, site, s, write), out)


def hook(
    ctx: Context,
    scope: Scope,
    name: str,
    args: tuple[Term, ...],
    written: tuple[t.Expr, ...],
    s: t.Stmt,
    out: Out,
    statements: Statements,
) -> None:
    """All that modules have put on a hook, or its default."""
    bodies = [(h.params, h.body) for h in ctx.unit.handlers.get(name, ())]
    default = ctx.unit.hooks[name]
    if not bodies and default.body is not None:
        bodies = [(default.params, default.body)]
    site = core.Call(partial(call_text, ctx, scope, name, args, written), s.span, False)
    if len(bodies) > 1:
        names = bodies[0][0] if len(bodies[0][0]) == len(args) else ("argument",) * len(args)
        args = tuple(
            settle(ctx, scope, param, arg, s, out) for param, arg in zip(names, args, strict=True)
        )
    for params, body in bodies:
        inline(ctx, scope, name, params, body, args, site, s, out, statements)


def variant(ctx: Context, name: str, span: Span) -> t.Proc:
    """The procedure of that name that is meant. Raises Rejected unless it is exactly one."""
    variants = ctx.unit.procs.get(name)
    if not variants:
        known = [*ctx.unit.procs, *ctx.unit.hooks]
        raise one("MM207", f"there is no procedure `{name}`", span, of_procedure(name, known))
    return overrides.only(name, variants, partial(truth, ctx, Scope()), span)


def inline(
    ctx: Context,
    scope: Scope,
    name: str,
    params: tuple[str, ...],
    body: t.Block,
    args: tuple[Term, ...],
    site: core.Call,
    s: t.Stmt,
    out: Out,
    statements: Statements,
    *,
    hardware: bool = False,
    places: dict[str, Span] | None = None,
) -> Term | None:
    """places: the parameters that are cells, and where the text says which."""
    if len(args) != len(params):
        raise one(
            "MM209",
            f"`{name}` takes {counted(len(params), 'argument')}, not {len(args)}",
            s.span,
            f"they are {', '.join(params)}" if params else None,
        )
    if name in scope.callers:
        chain = " -> ".join([*scope.callers[scope.callers.index(name) :], name])
        raise one("MM401", f"`{name}` calls itself: {chain}", s.span, "use a loop")
    if len(scope.callers) >= CALLS_DEEP_MAX:
        raise one("MM503", f"calls are more than {CALLS_DEEP_MAX} deep", s.span)
    frame = Frame(name, ctx.label(), returns=count_returns(body))
    if site.instruction:
        site = evolve(site, result=partial(result_of, frame))
    inside: Out = []
    inner = scope.inner(
        frame=frame,
        callers=(*scope.callers, name),
        path=(*scope.path, site),
        loop=None,
        hardware=hardware,
    )
    inner.names, inner.mutable, inner.cells = {}, frozenset(), frozenset(places or ())
    for param, arg in zip(params, args, strict=True):
        if places and param in places:
            inner.names[param] = cells.passed(ctx, scope, param, arg, s, places[param], out)
            inner.mutable |= {param}
        else:
            inner.names[param] = settle(ctx, scope, param, arg, s, out)
    whole = body_of(ctx, inner, name, body, s.span, inside, statements)
    wanted = frame.returned is not None and not isinstance(s, t.CallStmt)
    if whole and wanted and frame.returns > 1 and falls(inside):
        raise one(
            "MM211",
            f"`{name}` can end without a `return`",
            s.span,
            "its value is used here: every way through it returns one",
        )
    inside.append(core.Label(number=frame.end))
    out.append(core.Block(statements=tuple(inside)))
    return frame.returned


def body_of(
    ctx: Context, inner: Scope, name: str, body: t.Block, call: Span, out: Out,
    statements: Statements,
) -> bool:  # fmt: skip
    """Write out what is called; whether nothing was wrong in it."""
    faults = len(ctx.reporter.found)
    statements(ctx, inner, body, out)
    for number in range(faults, len(ctx.reporter.found)):
        d = ctx.reporter.found[number]
        ctx.reporter.found[number] = overrides.at_call(ctx.unit, d, call, name)
    return len(ctx.reporter.found) == faults


def falls(statements: Sequence[core.Stmt]) -> bool:
    """Whether control can come to the end of some statements."""
    targets = gotos(statements)

    def passes(s: core.Stmt) -> bool:
        match s:
            case core.Goto() | core.Bug():
                return False
            case core.Block(statements=inner):
                return runs(inner)
            case core.Atomic(body=body):
                return passes(body)
            case core.Choose(branches=branches):
                return any(map(passes, branches))
            case core.If(condition=core.Const(value), then=then, otherwise=otherwise):
                return passes(then if value else otherwise)
            case core.If(then=then, otherwise=otherwise):
                return passes(then) or passes(otherwise)
            case core.Assign() | core.Await() | core.Label() | core.Assert():
                return True
            case _:
                assert_never(s)

    def runs(inner: Sequence[core.Stmt]) -> bool:
        reached = True
        for s in inner:
            if isinstance(s, core.Label):
                reached = reached or s.number in targets
            elif reached:
                reached = passes(s)
        return reached

    return runs(statements)


def gotos(statements: Sequence[core.Stmt]) -> set[int]:
    """The labels that are jumped to."""
    found: set[int] = set()
    todo = list(statements)
    while todo:
        s = todo.pop()
        match s:
            case core.Goto(label=label):
                found.add(label)
            case core.Block(statements=inner):
                todo += inner
            case core.Atomic(body=body):
                todo.append(body)
            case core.Choose(branches=branches):
                todo += branches
            case core.If(then=then, otherwise=otherwise):
                todo += (then, otherwise)
            case core.Assign() | core.Await() | core.Label() | core.Assert() | core.Bug():
                pass
            case _:
                assert_never(s)
    return found


def settle(ctx: Context, scope: Scope, name: str, term: Term, s: t.Stmt, out: Out) -> Term:
    """A term that keeps its value of this moment: a copy, where something in it can change.

    One step if it looks at shared state. A lock and a list are as they are, only the elements
    that say which are copied.
    """
    if settled(ctx, term):
        return term
    match term:
        case Picks(base):
            known = ScalarType(tuple(v for v in base.type.domain if v is not None))
            first = term.looked_at(base)
            if term.attribute and isinstance(first, Dynamic):
                base = Dynamic(first.expr, known)
            copy = bind_value(ctx, scope, name, base, s, out)
            assert isinstance(copy, Dynamic)
            return evolve(term, base=copy)
        case Lock(family, index, kind):
            return Lock(family, still(ctx, scope, name, family, index, s, out), kind)
        case Array(family, given, wanted, LockType() as of):
            return Array(family, still(ctx, scope, name, family, given, s, out), wanted, of)
    return bind_value(ctx, scope, name, term, s, out)


def still(
    ctx: Context,
    scope: Scope,
    name: str,
    family: str,
    index: tuple[core.Expr, ...],
    s: t.Stmt,
    out: Out,
) -> tuple[core.Expr, ...]:
    """The indices of a lock, those that can change copied; none is a model error."""
    found: list[core.Expr] = []
    for expr, domain in zip(index, ctx.families[family].indices, strict=False):
        if not fixed(ctx, expr):
            value = Dynamic(expr, ScalarType(domain))
            copy = bind_value(ctx, scope, name, value, s, out)
            assert isinstance(copy, Dynamic)
            expr = copy.expr
        found.append(expr)
    return tuple(found)


def settled(ctx: Context, term: Term) -> bool:
    """Whether the term keeps its value: nothing in it can be assigned again."""
    match term:
        case Dynamic(core.Local() as local):
            return fixed(ctx, local)
        case Record(members=members):
            return all(settled(ctx, m) for m in members.values())
        case ArrayValue(items=items):
            return all(settled(ctx, item) for item in items)
        case Picks(base, attribute=attribute):
            return settled(ctx, base) and not (attribute and None in base.type.domain)
        case Lock(index=index) | Array(given=index, of=LockType()):
            return all(fixed(ctx, e) for e in index)
        case terms.Static() | terms.Many():
            return True
        case Dynamic() | Array():
            return False  # a cell, or an expression that may look at one
        case _:
            assert_never(term)


def fixed(ctx: Context, e: core.Expr) -> bool:
    """Whether an expression has one value for as long as its names are seen."""
    match e:
        case core.Const() | core.Undefined():
            return True
        case core.Local(number=n):
            return n not in ctx.assigned
        case core.Apply(args=args):
            return all(fixed(ctx, a) for a in args)
        case core.Cell() | core.Fresh() | core.Ended() | core.Quiet():
            return False
        case _:
            assert_never(e)


def bind_value(ctx: Context, scope: Scope, name: str, term: Term, s: t.Stmt, out: Out) -> Term:
    """A local of that name with the value; one step if it looks at shared state."""
    variable = ctx.local(name, scope.thread, type_of(ctx, term, s.span))
    pairs = leaves(variable, term, s.span)
    if not pairs:
        return variable
    out.append(
        core.Assign(
            targets=tuple(p for p, _ in pairs),
            values=tuple(terms.as_expr(v) for _, v in pairs),
            origin=origin(ctx, scope, s),
        )
    )
    return variable


def count_returns(body: t.Block) -> int:
    """How many `return` there are; 99 unless a single one is the last statement."""
    last = body.statements[-1] if body.statements else None
    every = [s for block in blocks_of(body) for s in block.statements if isinstance(s, t.Return)]
    return 1 if isinstance(last, t.Return) and len(every) == 1 else 99
