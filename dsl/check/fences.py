"""Fences, and loads and stores that say in which order they are: what they mean under an order.

`fence full` under `tso` waits until the buffer of the CPU is empty. The other fences keep what
a buffer does not change, and under `sc` nothing changes: they are no steps there.
Source: Intel SDM, volume 3A, 9.2.2 and 12.10.3 (store buffers are drained by MFENCE, SFENCE).
"""

from __future__ import annotations

from typing import assert_never

from mmscn.check import core
from mmscn.check.context import Context
from mmscn.check.display import origin
from mmscn.check.drained import drained
from mmscn.check.scope import Scope
from mmscn.check.terms import as_expr
from mmscn.diagnostics import closest, one
from mmscn.syntax import tree as t

KINDS = (
    "full", "loads", "stores", "instructions",
    "complete", "complete_loads", "complete_stores", "translations",
)  # fmt: skip
"""Of arm's barriers, DMB and ISB; DSB, and what makes that one for walks, too."""
INSIDE = (
    "relaxed", "acquire", "acquire_pc", "release", "acquire_release",
    "walk", "sure_walk", "late_walk", "fault", "record", "invalidation", "fetch", "cleaning",
)  # fmt: skip
"""What an `atomic` says of its order."""


def fence(ctx: Context, scope: Scope, s: t.Fence, out: list[core.Stmt]) -> None:
    """MM313 where there is no such fence, MM403 outside of a thread."""
    known = (*KINDS, *INSIDE) if scope.atomic else KINDS
    if s.kind not in known:
        hint = closest(s.kind, known) or f"there are {', '.join(known)}"
        if s.kind in INSIDE:
            hint = "it stands in `atomic { }`"
        raise one("MM313", f"there is no `fence {s.kind}`", s.span, hint)
    if scope.thread_elem is None or scope.cpu is None:
        raise one("MM403", "only a thread has a fence", s.span)
    order = ctx.order
    match order:
        case "sc":
            pass
        case "tso":
            if s.kind in ("full", "complete"):
                waits = as_expr(drained(ctx, core.Const(scope.cpu)))
                out.append(core.Await(condition=waits, origin=origin(ctx, scope, s)))
        case "arm":
            # No step: `check.order` takes it away, and keeps what it says.
            out.append(core.Await(condition=core.Const(True), origin=origin(ctx, scope, s)))
        case _:
            assert_never(order)


def ordered_as(order: str | None, wanted: str, what: str, s: t.Node) -> None:
    """MM313 where a load is to release, or a store to acquire."""
    if order not in (None, wanted):
        hint = f"write `{what} {wanted}`"
        raise one("MM313", f"a {what} does not {order}", s.span, hint)
