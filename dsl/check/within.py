"""Statements with others in place of those within them."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

from attrs import evolve

from mmscn.check import core


def with_blocks(s: core.Stmt, change: Callable[[core.Block], core.Block]) -> core.Stmt:
    """A statement whose blocks are changed; of a block, itself. Conditions stay as they are."""
    match s:
        case core.Block():
            return change(s)
        case core.If(then=then, otherwise=otherwise):
            return evolve(s, then=change(then), otherwise=change(otherwise))
        case core.Choose(branches=branches):
            return evolve(s, branches=tuple(map(change, branches)))
        case core.Atomic(body=body):
            return evolve(s, body=change(body))
        case core.Assign() | core.Await() | core.Label() | core.Goto() | core.Assert() | core.Bug():
            return s
        case _:
            assert_never(s)
