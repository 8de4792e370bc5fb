"""The blocks of the text within others, and the jumps that would leave one with its lock held."""

from __future__ import annotations

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
