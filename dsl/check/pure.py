"""What an expression does: only looks, or takes steps of its own.

A procedure of one `return value` only looks, where the value does. A call of any other takes
steps, and so do `load`, `xchg`, `cmpxchg` and `trylock`.
"""

from __future__ import annotations

from collections.abc import Callable

from mmscn.check.context import Context
from mmscn.check.overrides import applying, only
from mmscn.check.parts import nodes
from mmscn.source import Span
from mmscn.syntax import tree as t

Holds = Callable[[t.Expr], bool]
Operation = t.Load | t.Xchg | t.Cmpxchg | t.Trylock | t.CallValue


BUILT_IN = frozenset({"held", "owner", "drained", "size"})
"""What locks and CPUs have."""


def pure(ctx: Context, name: str, span: Span, holds: Holds) -> tuple[t.Proc, t.Expr] | None:
    """The variant of a procedure that applies, if it is just `return value` and that only looks."""
    variants = ctx.unit.procs.get(name)
    if not variants or not applying(variants, holds):
        return None
    proc = only(name, variants, holds, span)
    body = [s for s in proc.body.statements if not isinstance(s, t.SourceNote)]
    if len(body) == 1 and isinstance(body[0], t.Return) and body[0].value is not None:
        value = body[0].value
        if isinstance(value, t.Several):
            return None
        return None if takes_steps(ctx, value, holds) else (proc, value)
    return None


def as_call(ctx: Context, e: t.Attribute) -> t.Applied | None:
    """`pte(v)` for `v.pte`, where `pte` is a procedure and no attribute of anything."""
    name = e.name
    if name not in ctx.unit.procs or name in BUILT_IN:
        return None
    if any(name == n and sort is not None for sort, n in ctx.state):
        return None
    if any(name in found for found in ctx.world.attributes.values()):
        return None
    if any(name == m.name for struct in ctx.unit.structs.values() for m in struct.members):
        return None
    return t.Applied(e.span, name, (e.base,))


def takes_steps(ctx: Context, e: t.Expr, holds: Holds) -> bool:
    """Whether there is an operation anywhere in an expression."""
    if e not in ctx.stepping:
        ctx.stepping[e] = any(
            isinstance(node, Operation)
            or (isinstance(node, t.Applied) and is_call(ctx, node, holds))
            or (isinstance(node, t.Attribute) and is_call_of(ctx, node, holds))
            for node in nodes(e)
        )
    return ctx.stepping[e]


def is_call_of(ctx: Context, e: t.Attribute, holds: Holds) -> bool:
    """Whether `x.f` calls a procedure that takes steps."""
    call = as_call(ctx, e)
    return call is not None and is_call(ctx, call, holds)


def is_call(ctx: Context, e: t.Applied, holds: Holds) -> bool:
    """Whether `f(x)` calls a procedure that takes steps; `flag(p)` is `p.flag` all the same."""
    name = e.name
    if name not in ctx.unit.procs or any(name == n and sort is not None for sort, n in ctx.state):
        return False
    if name not in ctx.calls:
        ctx.calls[name] = False  # a procedure that calls itself is told of elsewhere
        fixed = any(name in found for found in ctx.world.attributes.values())
        ctx.calls[name] = not fixed and pure(ctx, name, e.span, holds) is None
        ctx.stepping.clear()
    return ctx.calls[name]
