"""The blocks of the text within others, and the jumps that would leave one with its lock held."""

from __future__ import annotations

from typing import assert_never

from mmscn.check.scope import labels_of
from mmscn.diagnostics import one
from mmscn.syntax import tree as t


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
    return [b] + [block for s in b.statements for inner in inside(s) for block in blocks_of(inner)]


def inside(s: t.Stmt) -> tuple[t.Block, ...]:
    """The blocks that stand directly in a statement."""
    match s:
        case t.If(then=then, otherwise=otherwise):
            return (then, otherwise) if otherwise else (then,)
        case t.For(body=body) | t.Repeat(body=body) | t.While(body=body) | t.Atomic(body=body):
            return (body,)
        case t.Lock(body=body) | t.ChooseOne(body=body):
            return (body,) if body else ()
        case t.Choose(branches=branches):
            return branches
        case t.Let() | t.LetSeveral() | t.LocalVar() | t.Assign() | t.Update() | t.CallStmt():
            return ()
        case t.Await() | t.Goto() | t.LabelMark() | t.Return() | t.Break() | t.Continue():
            return ()
        case t.Exit():
            return ()
        case t.Assert() | t.Bug() | t.Mark() | t.Store() | t.Fence() | t.Flush() | t.Unlock():
            return ()
        case t.SourceNote():
            return ()
        case _:
            assert_never(s)
