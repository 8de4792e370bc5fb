"""Lock statements in terms of cells: who owns, who reads, and the rules.

spinlock: the holder may not sleep. mutex, rwsem, bitlock: waiting for one
sleeps, so taking one while a spinlock is held breaks `lock_rules` (whether or
not it is contended), as does releasing what is not held. The holder of a spinlock is not
preempted: no other thread of its CPU takes a step (`beside`).
Source: Linux Documentation/locking/locktypes.rst, "Owner semantics" and "Lock type
nesting rules"; for bitlock, which is the page lock and no bit spinlock, and for
locks that are not contended, include/linux/pagemap.h, folio_lock().
"""

from __future__ import annotations

from collections.abc import Sequence

from mmscn.check import core, operators, terms
from mmscn.check.attributes import lock_attribute, readers
from mmscn.check.context import Context
from mmscn.check.scope import Scope
from mmscn.check.terms import Dynamic, Lock, Static, Term
from mmscn.check.types import BOOL
from mmscn.check.values import Elem, show
from mmscn.diagnostics import one
from mmscn.source import Span

Out = list[core.Stmt]

GRANTS = {
    "spinlock": "spinlock_goes_to",
    "mutex": "mutex_goes_to",
    "rwsem": "rwsem_goes_to",
    "bitlock": "bitlock_goes_to",
}
"""The knob of each kind of lock that says who gets it."""


def free(ctx: Context, lock: Lock, mode: str | None, span: Span) -> Term:
    """Whether the lock can be taken."""
    unowned = operators.equal(lock_attribute(ctx, lock, "owner", span), Static(None))
    if lock.kind == "rwsem" and mode != "read":
        for reader in readers(ctx, lock):
            unowned = operators.logical("and", unowned, operators.negation(reader))
    return unowned


def mine(ctx: Context, scope: Scope, lock: Lock, mode: str | None, span: Span) -> Dynamic:
    """The cell that says that this thread has it, as owner or as reader."""
    if mode == "read":
        family = f"{lock.family}.readers"
        assert scope.thread_elem is not None
        return Dynamic(core.Cell(family, (*lock.index, core.Const(scope.thread_elem))), BOOL)
    owner = lock_attribute(ctx, lock, "owner", span)
    assert isinstance(owner, Dynamic)
    return owner


def checked(ctx: Context, scope: Scope, lock: Lock, mode: str | None, span: Span) -> None:
    if scope.thread_elem is None:
        raise one("MM403", "only a thread takes locks", span)
    if mode is not None and lock.kind != "rwsem":
        raise one("MM404", f"a {lock.kind} has no mode", span, "only an rwsem is taken for read")


def beside(cpus: Sequence[Elem], after: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Of each thread the others of its CPU that may be under way when it is.

    Their spinlocks keep it out. after: of each thread some threads of lower numbers.
    """
    earlier: list[set[int]] = []
    for first in after:
        earlier.append(set(first).union(*(earlier[m] for m in first)))
    return [
        tuple(
            m
            for m, other in enumerate(cpus)
            if m != n and other == cpu and m not in earlier[n] and n not in earlier[m]
        )
        for n, cpu in enumerate(cpus)
    ]


def depth_change(scope: Scope, lock: Lock, by: int, origin: int) -> Out:
    if lock.kind != "spinlock":
        return []
    assert isinstance(scope.spin_depth, Dynamic)
    place = scope.spin_depth.expr
    assert isinstance(place, core.Local)
    value = core.Apply("+", (place, core.Const(by)))
    return [core.Assign(targets=(place,), values=(value,), origin=origin)]


def take(
    ctx: Context,
    scope: Scope,
    lock: Lock,
    mode: str | None,
    span: Span,
    origin: int,
    out: Out,
    *,
    keep: Sequence[core.Stmt] = (),
) -> None:
    """Wait for a lock and take it: one step. keep: assignments that belong to it."""
    checked(ctx, scope, lock, mode, span)
    if lock.kind != "spinlock":
        out.append(asleep(scope, origin))
    place = mine(ctx, scope, lock, mode, span)
    value = core.Const(True if mode == "read" else scope.thread_elem)
    body: Out = [
        core.Await(condition=terms.as_expr(free(ctx, lock, mode, span)), origin=origin),
        *keep,
        put(place, value, origin),
        *depth_change(scope, lock, 1, origin),
    ]
    granted = handed_over(ctx, lock.kind)
    inner = core.Block(statements=tuple(body))
    out.append(core.Atomic(body=inner, origin=origin, granted=granted))


def handed_over(ctx: Context, kind: str) -> bool:
    """Whether a lock of a kind goes to who waits for it, by the knob of `hw.locks`."""
    value = ctx.settings.get(GRANTS[kind])
    return show(value) == "waiters" if value is not None else kind != "bitlock"


def put(place: Dynamic, value: core.Expr, origin: int) -> core.Assign:
    assert isinstance(place.expr, core.Cell)
    return core.Assign(targets=(place.expr,), values=(value,), origin=origin)


def asleep(scope: Scope, origin: int) -> core.Assert:
    """Sleeping is allowed only where no spinlock is held."""
    assert isinstance(scope.spin_depth, Dynamic)
    condition = core.Apply("==", (scope.spin_depth.expr, core.Const(0)))
    return core.Assert(check=core.LOCK_RULES, condition=condition, origin=origin)


def attempt(
    ctx: Context,
    scope: Scope,
    lock: Lock,
    mode: str | None,
    span: Span,
    origin: int,
    result: core.Local,
    out: Out,
) -> None:
    """Take a lock if it is free; the result says whether."""
    checked(ctx, scope, lock, mode, span)
    place = mine(ctx, scope, lock, mode, span)
    value = core.Const(True if mode == "read" else scope.thread_elem)
    got = core.Assign(targets=(result,), values=(core.Const(True),), origin=origin)
    missed = core.Assign(targets=(result,), values=(core.Const(False),), origin=origin)
    choice = core.If(
        condition=terms.as_expr(free(ctx, lock, mode, span)),
        then=core.Block(
            statements=(put(place, value, origin), got, *depth_change(scope, lock, 1, origin))
        ),
        otherwise=core.Block(statements=(missed,)),
        origin=origin,
    )
    out.append(core.Atomic(body=core.Block(statements=(choice,)), origin=origin))


def release(ctx: Context, scope: Scope, lock: Lock, span: Span, origin: int, out: Out) -> None:
    """Let go of a lock: one step. Not holding it breaks the lock rules."""
    checked(ctx, scope, lock, None, span)
    broken: core.Stmt = core.Bug(check=core.LOCK_RULES, origin=origin)
    if lock.kind == "rwsem":
        reader = mine(ctx, scope, lock, "read", span)
        broken = core.If(
            condition=reader.expr,
            then=core.Block(statements=(put(reader, core.Const(False), origin),)),
            otherwise=core.Block(statements=(broken,)),
            origin=origin,
        )
    owner = mine(ctx, scope, lock, None, span)
    held = core.Apply("==", (owner.expr, core.Const(scope.thread_elem)))
    choice = core.If(
        condition=held,
        then=core.Block(
            statements=(
                put(owner, core.Const(None), origin),
                *depth_change(scope, lock, -1, origin),
            )
        ),
        otherwise=core.Block(statements=(broken,)),
        origin=origin,
    )
    out.append(core.Atomic(body=core.Block(statements=(choice,)), origin=origin))
