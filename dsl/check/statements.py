"""Statements of the text to statements of the checked program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from attrs import evolve

from mmscn.budget import poll
from mmscn.check import core, hoist, locks, operators, terms
from mmscn.check.blocks import leaves_by_jump
from mmscn.check.calls import Out, call, settle
from mmscn.check.context import STATEMENTS_MAX, Context
from mmscn.check.convert import leaves
from mmscn.check.display import origin
from mmscn.check.expressions import evaluate, number, over
from mmscn.check.fences import fence
from mmscn.check.flushes import flush
from mmscn.check.jumps import jump
from mmscn.check.operations import (
    a_lock,
    assignment,
    local_var,
    mark,
    put,
    right_hand_side,
    store,
    update,
)
from mmscn.check.results import let_several
from mmscn.check.scope import Scope, labels_of
from mmscn.check.terms import TRUE, Mismatch, Picks, Static, Term
from mmscn.check.types import ScalarType
from mmscn.diagnostics import Diagnostic, Label, Rejected, TooMuch, one
from mmscn.syntax import tree as t

REPEAT_MAX = 64


def block(ctx: Context, scope: Scope, b: t.Block, **changes: object) -> core.Block:
    """A block and its scope; what is wrong in one statement does not hide the next."""
    inner = scope.inner(**changes)
    out: Out = []
    statements(ctx, inner, b, out)
    return core.Block(statements=tuple(out))


def statements(ctx: Context, scope: Scope, b: t.Block, out: Out) -> None:
    marks = labels_of(b)
    if scope.frame is not None:
        for mark in marks:
            if mark.name in scope.frame.labels:
                twice = one("MM206", f"the label `{mark.name}` stands here twice", mark.span)
                ctx.reporter.found.extend(twice.diagnostics)
            scope.frame.labels[mark.name] = ctx.label()
    for s in b.statements:
        ctx.statements += 1
        poll()
        if ctx.statements > STATEMENTS_MAX:
            raise too_many(scope, s)
        try:  # as `ctx.collecting` does, which takes as long as a small statement
            whole(ctx, scope, s, out)
        except (Mismatch, Rejected) as problem:
            ctx.collect(problem, s.span)
    if scope.frame is not None:
        for mark in marks:
            scope.frame.labels.pop(mark.name, None)


def too_many(scope: Scope, s: t.Stmt) -> TooMuch:
    """Said at the author's own call, where the statement stands in what is called."""
    call = scope.path[0].span if scope.path else s.span
    found = Diagnostic(
        code="MM503",
        message=f"with calls and loops written out there are more than {STATEMENTS_MAX} statements",
        span=call,
        hint="make the bounds smaller",
        labels=(Label(s.span, "this is where"),) if call is not s.span else (),
    )
    return TooMuch((found,))


def whole(ctx: Context, scope: Scope, s: t.Stmt, out: Out) -> None:
    """A statement, and before it the operations of its expressions."""
    before, s = hoist.hoisted(ctx, scope, s)
    for first in before:
        emit(ctx, scope, first, out)
    emit(ctx, scope, s, out)


def emit(ctx: Context, scope: Scope, s: t.Stmt, out: Out) -> None:
    match s:
        case t.Let(name=name, value=value):
            scope.bind(name, right_hand_side(ctx, scope, name, value, s, out, statements))
        case t.LetSeveral():
            let_several(ctx, scope, s, out, statements)
        case t.LocalVar():
            local_var(ctx, scope, s, out, statements)
        case t.Assign():
            assignment(ctx, scope, s, out, statements)
        case t.Update():
            update(ctx, scope, s, out)
        case t.CallStmt(call=c):
            call(ctx, scope, c.name, c.args, s, out, statements)
        case t.If():
            if_(ctx, scope, s, out)
        case t.For():
            for_(ctx, scope, s, out)
        case t.Repeat(times=times, name=name, body=body):
            count = number(ctx, scope, times, 0, REPEAT_MAX)
            unrolled(ctx, scope, name, [(Static(i), TRUE) for i in range(count)], body, s, out)
        case t.While():
            while_(ctx, scope, s, out)
        case t.Choose(branches=branches):
            where = origin(ctx, scope, s)
            chosen = tuple(block(ctx, scope, b) for b in branches)
            out.append(core.Choose(branches=chosen, origin=where))
        case t.ChooseOne():
            choose_one(ctx, scope, s, out)
        case t.Await(condition=c):
            condition = operators.want_bool(evaluate(ctx, scope, c))
            where = origin(ctx, scope, s)
            out.append(core.Await(condition=terms.as_expr(condition), origin=where))
        case t.Atomic(body=body):
            where = origin(ctx, scope, s)
            inside = block(ctx, scope, body, atomic=True)
            out.append(core.Atomic(body=inside, origin=where))
        case t.Goto() | t.LabelMark() | t.Break() | t.Continue() | t.Return() | t.Exit():
            jump(ctx, scope, s, out)
        case t.Assert():
            assertion(ctx, scope, s, out)
        case t.Bug():
            out.append(bug(ctx, scope, s))
        case t.Mark(name=name):
            mark(ctx, scope, name, s, out)
        case t.Store():
            store(ctx, scope, s, out, statements)
        case t.Fence():
            fence(ctx, scope, s, out)
        case t.Flush():
            flush(ctx, scope, s, out, statements)
        case t.Lock():
            lock(ctx, scope, s, out)
        case t.Unlock(lock=target):
            held = a_lock(ctx, scope, target)
            locks.release(ctx, scope, held, s.span, origin(ctx, scope, s), out)
        case t.SourceNote():
            pass
        case _:
            assert_never(s)


def assertion(ctx: Context, scope: Scope, s: t.Assert, out: Out) -> None:
    condition = operators.want_bool(evaluate(ctx, scope, s.condition))
    text = s.condition.span.text
    key = ("assert", s.span.source.name, s.span.start)
    info = core.CheckInfo(name=s.text or text, kind="assert", span=s.span, text=text)
    where = origin(ctx, scope, s)
    check = ctx.check(key, info)
    out.append(core.Assert(check=check, condition=terms.as_expr(condition), origin=where))


def bug(ctx: Context, scope: Scope, s: t.Bug) -> core.Bug:
    key = ("bug", s.span.source.name, s.span.start)
    info = core.CheckInfo(name=s.text or "BUG", kind="bug", span=s.span)
    return core.Bug(check=ctx.check(key, info), origin=origin(ctx, scope, s))


def if_(ctx: Context, scope: Scope, s: t.If, out: Out) -> None:
    condition = operators.want_bool(evaluate(ctx, scope, s.condition))
    if isinstance(condition, Static):
        chosen = s.then if condition.value else s.otherwise
        if chosen is not None:
            out.append(block(ctx, scope, chosen))
        return
    where = origin(ctx, scope, s)
    yes = block(ctx, scope, s.then)
    no = core.Block(statements=()) if s.otherwise is None else block(ctx, scope, s.otherwise)
    out.append(core.If(condition=terms.as_expr(condition), then=yes, otherwise=no, origin=where))


def for_(ctx: Context, scope: Scope, s: t.For, out: Out) -> None:
    members = over(ctx, scope, s.over)
    chosen = [(Static(v), belongs) for v, belongs in members.members()]
    if isinstance(members, Picks):
        chosen = [(v, members.looked_at(belongs)) for v, belongs in chosen]
        if not chosen:
            looked = terms.as_expr(members.looked_at(TRUE))
            nothing = core.Block(statements=())
            where = origin(ctx, scope, s)
            out.append(core.If(condition=looked, then=nothing, otherwise=nothing, origin=where))
    unrolled(ctx, scope, s.name, chosen, s.body, s, out)


def choose_one(ctx: Context, scope: Scope, s: t.ChooseOne, out: Out) -> None:
    """A branch for each member; one that belongs to the list only sometimes waits for that."""
    members = over(ctx, scope, s.over)
    where = origin(ctx, scope, s)
    chosen = members.members()
    if not chosen:
        raise one("MM412", "there is nothing to choose from", s.over.span)
    values = ScalarType(tuple(value for value, _ in chosen))
    local = ctx.local(s.name, scope.thread, values) if s.body is None else None
    branches = []
    for value, belongs in chosen:
        branch: Out = []
        if isinstance(members, Picks):
            condition = terms.as_expr(members.looked_at(belongs))
            branch.append(core.Await(condition=condition, origin=where))
        if s.body is not None:
            inner = scope.inner()
            inner.bind(s.name, Static(value))
            statements(ctx, inner, s.body, branch)
        elif local is not None:
            put(ctx, scope, leaves(local, Static(value), s.span), s, branch)
        branches.append(core.Block(statements=tuple(branch)))
    out.append(core.Choose(branches=tuple(branches), origin=where))
    if local is not None:
        scope.bind(s.name, local)


def unrolled(
    ctx: Context,
    scope: Scope,
    name: str | None,
    members: Sequence[tuple[Static, Term]],
    body: t.Block,
    s: t.Stmt,
    out: Out,
) -> None:
    """A loop over a known list, written out; a member may depend on the state."""
    end = ctx.label()
    written: Out = []
    for value, belongs in members:
        next_ = ctx.label()
        inner = scope.inner(loop=(end, next_))
        if name is not None:
            inner.bind(name, value)
        once: Out = []
        statements(ctx, inner, body, once)
        once.append(core.Label(number=next_))
        turn = core.Block(statements=tuple(once))
        if isinstance(belongs, Static):
            written.append(turn)
        else:
            written.append(
                core.If(
                    condition=terms.as_expr(belongs),
                    then=turn,
                    otherwise=core.Block(statements=()),
                    origin=origin(ctx, scope, s),
                )
            )
    written.append(core.Label(number=end))
    out.append(core.Block(statements=tuple(written)))


def while_(ctx: Context, scope: Scope, s: t.While, out: Out) -> None:
    before, looked_at = hoist.condition(ctx, scope, s.condition)
    first: Out = []
    turn = scope.inner() if before else scope
    for operation in before:
        emit(ctx, turn, operation, first)
    condition = operators.want_bool(evaluate(ctx, turn, looked_at))
    again, end = ctx.label(), ctx.label()
    inside: Out = []
    statements(ctx, scope.inner(loop=(end, again)), s.body, inside)
    inside.append(core.Goto(label=again))
    choice = core.If(
        condition=terms.as_expr(condition),
        then=core.Block(statements=tuple(inside)),
        otherwise=core.Block(statements=()),
        origin=origin(ctx, turn, evolve(s, condition=looked_at)),
    )
    every = (core.Label(number=again), *first, choice, core.Label(number=end))
    out.append(core.Block(statements=every))


def lock(ctx: Context, scope: Scope, s: t.Lock, out: Out) -> None:
    term = a_lock(ctx, scope, s.lock)
    where = origin(ctx, scope, s)
    if s.body is None:
        locks.take(ctx, scope, term, s.mode, s.span, where, out)
        return
    # The block releases the lock that it took, whatever its name means by then.
    copied: Out = []
    same = settle(ctx, scope, "lock()", term, s, copied)
    assert isinstance(same, terms.Lock)
    keep = [evolve(a, origin=where) for a in copied if isinstance(a, core.Assign)]
    locks.take(ctx, scope, term, s.mode, s.span, where, out, keep=keep)
    leaves_by_jump(s.body)
    out.append(block(ctx, scope, s.body))
    released = origin(ctx, scope, t.Unlock(span=s.lock.span, lock=s.lock))
    locks.release(ctx, scope, same, s.lock.span, released, out)
