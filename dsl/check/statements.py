"""Statements of the text to statements of the checked program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from attrs import evolve

from mmscn.budget import poll
from mmscn.check import core, locks, terms
from mmscn.check.calls import bind_value, call, run_proc, settle, settled
from mmscn.check.context import STATEMENTS_MAX, Context, StateVar
from mmscn.check.convert import (
    convert,
    leaves,
    type_of,
    wide_type_of,
    widen,
)
from mmscn.check.declare import type_from
from mmscn.check.display import origin
from mmscn.check.expressions import evaluate, number, over
from mmscn.check.scope import Scope, labels_of
from mmscn.check.targets import Place, place_of, stored, type_of_place
from mmscn.check.terms import TRUE, Dynamic, Mismatch, Picks, Record, Static, Term, is_value
from mmscn.check.types import BOOL
from mmscn.diagnostics import one
from mmscn.source import Span
from mmscn.syntax import tree as t

Out = list[core.Stmt]

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
        if ctx.statements > STATEMENTS_MAX + 1:
            return
        if ctx.statements > STATEMENTS_MAX:
            raise one(
                "MM503",
                f"with calls and loops written out there are more than {STATEMENTS_MAX} statements",
                s.span,
                "make the bounds smaller",
            )
        with ctx.collecting(s.span):
            emit(ctx, scope, s, out)
    if scope.frame is not None:
        for mark in marks:
            scope.frame.labels.pop(mark.name, None)


def emit(ctx: Context, scope: Scope, s: t.Stmt, out: Out) -> None:
    match s:
        case t.Let(name=name, value=value):
            term = right_hand_side(ctx, scope, name, value, s, out)
            scope.bind(name, term)
        case t.LocalVar():
            local_var(ctx, scope, s, out)
        case t.Assign(target=target, value=value):
            place = place_of(ctx, scope, target)
            if is_operation(value):
                value_term = right_hand_side(ctx, scope, "result", value, s, out)
            else:
                value_term = evaluate(ctx, scope, value)
            assign(ctx, scope, place, value_term, s, out)
        case t.Update(target=target, op=op, value=value):
            place = place_of(ctx, scope, target)
            before = evaluate(ctx, scope, target)
            after = terms.arithmetic(op, before, evaluate(ctx, scope, value))
            assign(ctx, scope, place, after, s, out)
        case t.CallStmt(call=c):
            call(ctx, scope, c.name, c.args, s, out, statements)
        case t.If(condition=c, then=then, otherwise=otherwise):
            if_(ctx, scope, s, evaluate(ctx, scope, c), then, otherwise, out)
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
        case t.Await(condition=c):
            condition = terms.want_bool(evaluate(ctx, scope, c))
            where = origin(ctx, scope, s)
            out.append(core.Await(condition=terms.as_expr(condition), origin=where))
        case t.Atomic(body=body):
            where = origin(ctx, scope, s)
            inside = block(ctx, scope, body, atomic=True)
            out.append(core.Atomic(body=inside, origin=where))
        case t.Goto(label=label):
            if scope.frame is None or label not in scope.frame.labels:
                raise one(
                    "MM210",
                    f"no label `{label}` stands around this `goto`",
                    s.span,
                    "a label stands in the same block or in one around it",
                )
            out.append(core.Goto(label=scope.frame.labels[label]))
        case t.LabelMark(name=name):
            assert scope.frame is not None or name
            if scope.frame is None:
                raise one("MM210", "a label stands in a procedure or thread", s.span)
            out.append(core.Label(number=scope.frame.labels[name]))
        case t.Return():
            return_(ctx, scope, s, out)
        case t.Break() | t.Continue():
            if scope.loop is None:
                raise one("MM210", "no loop stands around this", s.span)
            out.append(core.Goto(label=scope.loop[isinstance(s, t.Continue)]))
        case t.Exit():
            if scope.exit is None:
                raise one("MM210", "only a thread can `exit`", s.span)
            out.append(core.Goto(label=scope.exit))
        case t.Assert(condition=c, text=text):
            condition = terms.want_bool(evaluate(ctx, scope, c))
            key = ("assert", s.span.source.name, s.span.start)
            info = core.CheckInfo(
                name=text or c.span.text, kind="assert", span=s.span, text=c.span.text
            )
            where = origin(ctx, scope, s)
            number_ = ctx.check(key, info)
            out.append(
                core.Assert(check=number_, condition=terms.as_expr(condition), origin=where)
            )
        case t.Bug(text=text):
            key = ("bug", s.span.source.name, s.span.start)
            info = core.CheckInfo(name=text or "BUG", kind="bug", span=s.span)
            out.append(core.Bug(check=ctx.check(key, info), origin=origin(ctx, scope, s)))
        case t.Mark(name=name):
            mark(ctx, scope, name, s, out)
        case t.Store(address=address, value=value):
            args = (evaluate(ctx, scope, address), evaluate(ctx, scope, value))
            run_proc(ctx, scope, "cpu_store", args, s, out, statements, instruction=True)
        case t.Flush():
            flush(ctx, scope, s, out)
        case t.Lock():
            lock(ctx, scope, s, out)
        case t.Unlock(lock=target):
            term = evaluate(ctx, scope, target)
            if not isinstance(term, terms.Lock):
                raise one("MM404", f"{terms.noun(term)} is not a lock", target.span)
            locks.release(ctx, scope, term, s.span, origin(ctx, scope, s), out)
        case t.SourceNote():
            pass
        case _:
            assert_never(s)


def is_operation(e: t.Expr) -> bool:
    return isinstance(e, t.Load | t.Xchg | t.Cmpxchg | t.Trylock | t.CallValue)


def right_hand_side(
    ctx: Context, scope: Scope, name: str, e: t.Expr, s: t.Stmt, out: Out
) -> Term:
    """The value of a `let`, with the steps it takes."""
    match e:
        case t.Load(address=address):
            result = run_proc(
                ctx,
                scope,
                "cpu_load",
                (evaluate(ctx, scope, address),),
                s,
                out,
                statements,
                instruction=True,
            )
            return given(result, e.span)
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
            result = terms.conditional(terms.equal(now, wanted), new, now)
            pairs = leaves(old, now, cell.span) + stored(ctx, place, result, value.span)
            put(ctx, scope, pairs, s, out)
            return old
        case t.Trylock(lock=target, mode=mode):
            term = evaluate(ctx, scope, target)
            if not isinstance(term, terms.Lock):
                raise one("MM404", f"{terms.noun(term)} is not a lock", target.span)
            got = ctx.local(name, scope.thread, BOOL)
            assert isinstance(got, Dynamic)
            assert isinstance(got.expr, core.Local)
            where = origin(ctx, scope, s)
            locks.attempt(ctx, scope, term, mode, s.span, where, got.expr, out)
            return got
        case t.CallValue(name=callee, args=args):
            return given(call(ctx, scope, callee, args, s, out, statements), e.span)
    term = evaluate(ctx, scope, e)
    if isinstance(term, Dynamic | Record):
        return bind_value(ctx, scope, name, term, s, out)
    return settle(ctx, scope, name, term, s, out)


def given(result: Term | None, span: Span) -> Term:
    if result is None:
        raise one("MM211", "this procedure returns nothing", span, "it has no `return value`")
    return result


def local_var(ctx: Context, scope: Scope, s: t.LocalVar, out: Out) -> None:
    value = right_hand_side(ctx, scope, s.name, s.value, s, out)
    if s.type is not None:
        type_ = type_from(ctx, scope, s.type)
    else:
        type_ = wide_type_of(ctx, value, s.span)
    first = len(ctx.locals)
    variable = ctx.local(s.name, scope.thread, type_)
    ctx.assigned.update(range(first, len(ctx.locals)))
    scope.bind(s.name, variable, mutable=True)
    assign(ctx, scope, [(TRUE, variable)], value, s, out)


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


def if_(
    ctx: Context,
    scope: Scope,
    s: t.Stmt,
    condition: Term,
    then: t.Block,
    otherwise: t.Block | None,
    out: Out,
) -> None:
    terms.want_bool(condition)
    if isinstance(condition, Static):
        chosen = then if condition.value else otherwise
        if chosen is not None:
            out.append(block(ctx, scope, chosen))
        return
    where = origin(ctx, scope, s)
    yes = block(ctx, scope, then)
    no = core.Block(statements=()) if otherwise is None else block(ctx, scope, otherwise)
    out.append(
        core.If(condition=terms.as_expr(condition), then=yes, otherwise=no, origin=where)
    )


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
    condition = terms.want_bool(evaluate(ctx, scope, s.condition))
    again, end = ctx.label(), ctx.label()
    inside: Out = []
    statements(ctx, scope.inner(loop=(end, again)), s.body, inside)
    inside.append(core.Goto(label=again))
    choice = core.If(
        condition=terms.as_expr(condition),
        then=core.Block(statements=tuple(inside)),
        otherwise=core.Block(statements=()),
        origin=origin(ctx, scope, s),
    )
    out.append(
        core.Block(statements=(core.Label(number=again), choice, core.Label(number=end)))
    )


def return_(ctx: Context, scope: Scope, s: t.Return, out: Out) -> None:
    frame = scope.frame
    if frame is None:
        raise one("MM210", "`return` stands in a procedure or thread", s.span)
    if s.value is not None:
        term = evaluate(ctx, scope, s.value)
        if frame.returns == 1 and (not is_value(term) or settled(ctx, term)):
            frame.returned = settle(ctx, scope, f"{frame.name}()", term, s, out)
            return
        if frame.returned is None:
            type_ = type_of(ctx, term, s.span)
            frame.returned = ctx.local(f"{frame.name}()", scope.thread, type_)
        else:
            frame.returned = widen(ctx, frame.returned, term, s.span)
        assign(ctx, scope, [(TRUE, frame.returned)], term, s, out)
    out.append(core.Goto(label=frame.end))


def mark(ctx: Context, scope: Scope, name: str, s: t.Stmt, out: Out) -> None:
    """A ghost flag that is set here and never cleared."""
    if (None, name) not in ctx.state:
        ctx.declare(None, name, StateVar(f"mark.{name}", (), BOOL, True), s.span)
    place = ctx.place(ctx.state[None, name], ())
    assign(ctx, scope, [(TRUE, place)], Static(True), s, out)


def flush(ctx: Context, scope: Scope, s: t.Flush, out: Out) -> None:
    pages = over(ctx, scope, s.what)
    only: tuple[Term, ...] = (pages,)
    match s.scope:
        case None:
            name, args = "flush_local", only
        case "all":
            name, args = "flush_all", only
        case "others":
            name, args = "flush_others", only
        case str() as word:
            raise AssertionError(word)
        case cpu:
            name, args = "flush_cpu", (pages, cpu_of(ctx, evaluate(ctx, scope, cpu), cpu.span))
    run_proc(ctx, scope, name, args, s, out, statements, instruction=True)


def cpu_of(ctx: Context, term: Term, span: Span) -> Term:
    """`cpu 1` and 1 are the same where a cpu is wanted."""
    if isinstance(term, Static) and type(term.value) is int:
        cpus = ctx.world.sorts["cpu"]
        if 0 <= term.value < len(cpus):
            return Static(cpus[term.value])
        raise one("MM303", f"there is no cpu {term.value}", span, f"there are {len(cpus)}")
    return term


def lock(ctx: Context, scope: Scope, s: t.Lock, out: Out) -> None:
    term = evaluate(ctx, scope, s.lock)
    if not isinstance(term, terms.Lock):
        raise one("MM404", f"{terms.noun(term)} is not a lock", s.lock.span)
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


def leaves_by_jump(body: t.Block) -> None:
    """MM406 where a jump would leave a `lock { }` with the lock held."""
    inside = {m.name for b in blocks_of(body) for m in labels_of(b)}
    in_loops = {b for b in blocks_of(body) for b in loop_blocks(b)}
    for b in blocks_of(body):
        for s in b.statements:
            leaves = (
                isinstance(s, t.Return)
                or (isinstance(s, t.Goto) and s.label not in inside)
                or (isinstance(s, t.Break | t.Continue) and b not in in_loops)
            )
            if leaves:
                raise one(
                    "MM406",
                    "this jumps out of a `lock { }` and would keep the lock",
                    s.span,
                    "use `lock x` and `unlock x` as statements",
                )


def loop_blocks(b: t.Block) -> list[t.Block]:
    """The blocks in the loops that stand directly in a block."""
    found: list[t.Block] = []
    for s in b.statements:
        match s:
            case t.For(body=body) | t.Repeat(body=body) | t.While(body=body):
                found += blocks_of(body)
    return found


def blocks_of(b: t.Block) -> list[t.Block]:
    """A block and all blocks within it."""
    found = [b]
    for s in b.statements:
        match s:
            case t.If(then=then, otherwise=otherwise):
                found += blocks_of(then) + (blocks_of(otherwise) if otherwise else [])
            case t.For(body=body) | t.Repeat(body=body) | t.While(body=body) | t.Atomic(body=body):
                found += blocks_of(body)
            case t.Lock(body=t.Block() as body):
                found += blocks_of(body)
            case t.Choose(branches=branches):
                for branch in branches:
                    found += blocks_of(branch)
    return found


__all__ = ["Mismatch", "block", "statements"]
