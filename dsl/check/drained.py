"""`c.drained`: whether all that the threads of a CPU have stored has reached memory."""

from __future__ import annotations

from typing import assert_never

from mmscn.check import core
from mmscn.check.context import Context
from mmscn.check.terms import TRUE, Dynamic, Term
from mmscn.check.types import BOOL


def drained(ctx: Context, cpu: core.Expr) -> Term:
    """It always has where no order keeps stores back."""
    order = ctx.order
    match order:
        case "sc" | "arm":
            return TRUE
        case "tso":
            waiting = core.Cell(core.STORES_WAITING, (cpu,))
            return Dynamic(core.Apply("==", (waiting, core.Const(0))), BOOL)
        case _:
            assert_never(order)
