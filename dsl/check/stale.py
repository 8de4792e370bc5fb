"""Which accesses drawings remark on: `stale c.tlb[v] of pte(v) for c in cpu, v in va { ... }`.

A module says of its TLB by what expression an entry is stale; no other code knows what an entry is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from mmscn.check import core, operators, terms
from mmscn.check.context import Context
from mmscn.check.expressions import evaluate, items
from mmscn.check.kept import once
from mmscn.check.scope import Scope
from mmscn.check.state_cells import cells_of
from mmscn.check.terms import FALSE, Static
from mmscn.syntax import kinds
from mmscn.syntax import tree as t


def cached_entries(ctx: Context) -> tuple[core.CachedEntry, ...]:
    """The entries of all `stale`, one for each combination of what they run over."""
    return once(ctx, "stale", (), partial(all_entries, ctx))[1] if ctx.unit.stales else ()


def all_entries(ctx: Context) -> tuple[tuple[core.Agent, ...], tuple[core.CachedEntry, ...]]:
    """The same, behind the agents that they are part of: none."""
    found: list[core.CachedEntry] = []
    for item in ctx.unit.stales:
        with ctx.collecting(item.span):
            found += (entry(ctx, scope, item) for scope in bound(ctx, Scope(), item.replicas))
    return (), tuple(found)


def bound(ctx: Context, scope: Scope, replicas: Sequence[t.Replica]) -> Iterator[Scope]:
    if not replicas:
        yield scope
        return
    first, *rest = replicas
    for value in items(ctx, scope, first.over):
        ctx.turn(first.span)
        inner = scope.inner()
        inner.bind(first.name, Static(value))
        yield from bound(ctx, inner, rest)


def entry(ctx: Context, scope: Scope, item: t.Stale) -> core.CachedEntry:
    return core.CachedEntry(
        cells=tuple(cells_of(ctx, scope, item.entry)),
        source=tuple(cells_of(ctx, scope, item.source)),
        load=condition(ctx, scope, item, "load"),
        store=condition(ctx, scope, item, "store"),
    )


def condition(ctx: Context, scope: Scope, item: t.Stale, access: kinds.AccessKind) -> core.Expr:
    """When an access of a kind is one through a stale entry: where one of its cases holds."""
    found: terms.Term = FALSE
    for case in item.cases:
        if case.access == access:
            holds = operators.holds(evaluate(ctx, scope, case.when))
            found = operators.logical("or", found, holds)
    return terms.as_expr(found)
