"""Inlay hints: where a step begins, so where the scheduler may cut."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types as lsp

from mmscn.check import core
from mmscn.lsp.places import position
from mmscn.source import Source, Span


def hints(checked: core.Checked, source: Source) -> list[lsp.InlayHint]:
    """A mark in front of each statement of a thread that is a step; at a call, their number."""
    steps: dict[Span, int] = {}
    for thread in checked.threads:
        within: dict[tuple[Span, int], int] = {}
        for origin in step_origins(thread.body):
            info = checked.origins[origin]
            if info.span.source is source and not info.path:
                steps.setdefault(info.span, 1)
                continue
            for call in info.path:
                if call.span.source is source:
                    key = call.span, id(call)
                    within[key] = within.get(key, 0) + 1
            if info.span.source is source:
                steps.setdefault(info.span, 1)
        for (span, _), count in within.items():
            steps[span] = max(steps.get(span, 0), count)
    return [hint(span, count) for span, count in sorted(steps.items(), key=lambda s: s[0].start)]


def hint(span: Span, count: int) -> lsp.InlayHint:
    several = f"{count} steps: any of the others may come between them"
    one = "a step: what others do may come in front of it"
    return lsp.InlayHint(
        position=position(span.source, span.start),
        label="\u250a" if count == 1 else f"\u250a{count}",
        tooltip=one if count == 1 else several,
        padding_right=True,
    )


def step_origins(block: core.Block) -> Iterator[int]:
    """The statements that take time, each once, in the order of the text."""
    for s in block.statements:
        match s:
            case core.Block():
                yield from step_origins(s)
            case core.Assign(targets=targets, values=values, origin=origin, ghost=ghost):
                if not ghost and any(map(shared, (*targets, *values))):
                    yield origin
            case core.Await(origin=origin) | core.Atomic(origin=origin):
                yield origin
            case core.Assert(condition=condition, origin=origin):
                if shared(condition):
                    yield origin
            case core.If(condition=condition, then=then, otherwise=otherwise, origin=origin):
                if shared(condition):
                    yield origin
                yield from step_origins(then)
                yield from step_origins(otherwise)
            case core.Choose(branches=branches):
                for branch in branches:
                    yield from step_origins(branch)
            case core.Bug() | core.Label() | core.Goto():
                pass


def shared(e: core.Expr) -> bool:
    """Whether an expression looks at shared state."""
    match e:
        case core.Cell():
            return True
        case core.Apply(args=args):
            return any(map(shared, args))
    return False
