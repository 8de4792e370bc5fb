"""A unit and values for its params to a checked program."""

from __future__ import annotations

from mmscn.check import core, variation
from mmscn.check.agents import all_agents
from mmscn.check.context import Context
from mmscn.check.declare import declare_state, declare_structs
from mmscn.check.expressions import constant, evaluate, number
from mmscn.check.initial import Initial
from mmscn.check.kept import shared
from mmscn.check.locks import beside
from mmscn.check.memory import lay_out_memory
from mmscn.check.modules import Unit
from mmscn.check.order.ordered import ordered
from mmscn.check.properties import judge, lock_rules
from mmscn.check.rejects import reject
from mmscn.check.scope import Scope
from mmscn.check.stale import cached_entries
from mmscn.check.statements import block
from mmscn.check.terms import Static, Term
from mmscn.check.threads import lay_out_threads, thread
from mmscn.check.values import Value, show
from mmscn.check.words import Words
from mmscn.check.world import World, add_cpus, next_vas, no_cpus
from mmscn.diagnostics import one
from mmscn.source import Span
from mmscn.syntax import tree as t

CPUS_MAX = 8
BITS_MAX = 4096
"""Of all that is declared; fewer are left when what is unused is gone."""


def elaborate(unit: Unit, params: dict[str, Value]) -> core.Checked:
    """Resolve everything for one combination of the params; raises Rejected."""
    return elaborated(unit, params)[1]


def knobs_read(unit: Unit, params: dict[str, Value]) -> tuple[str, ...]:
    """The knobs that decide something of one combination: it depends on no other.

    Raises Rejected.
    """
    read = elaborated(unit, params)[0].settings.read
    bundled = {bundle.knob for bundle in unit.bundles}
    return tuple(k for k in sorted(unit.knobs) if k in read or k in bundled)


def term_in(unit: Unit, params: dict[str, Value], expr: t.Expr) -> Term:
    """What an expression means behind all that a unit declares; raises Rejected.

    Elements are known by the names that they are shown by, too: `p0` is `frame 0`.
    """
    ctx = elaborated(unit, params)[0]
    scope = Scope()
    for element in (e for elements in ctx.world.sorts.values() for e in elements):
        if (None, show(element)) not in ctx.state:
            scope.bind(show(element), Static(element))
    return evaluate(ctx, scope, expr)


def elaborated(unit: Unit, params: dict[str, Value]) -> tuple[Context, core.Checked]:
    settings, words = variation.settings(unit, params)
    ctx = Context(unit=unit, world=World(), settings=settings, atoms=variation.atoms(unit))
    kinds: tuple[core.CheckKind, ...] = ("deadlock", "rule", "rule")
    for name, kind in zip(core.IMPLICIT, kinds, strict=True):
        ctx.check(name, core.CheckInfo(name=name, kind=kind, span=None))
    count = number(ctx, Scope(), words["cpus"], 1, CPUS_MAX) if "cpus" in words else 2
    add_cpus(ctx.world, count)
    lay_out_memory(ctx, words)
    plans = lay_out_threads(ctx)
    next_vas(ctx.world)
    no_cpus(ctx.world)
    ctx.reporter.raise_if_any()
    reject(ctx)
    ctx.reporter.raise_if_any()
    declare_structs(ctx)
    declare_state(ctx)
    for const in unit.consts:
        with ctx.collecting(const.span):
            constant(ctx, const.name, const.span)
    ctx.reporter.raise_if_any()
    initial_state(ctx)
    ctx.reporter.raise_if_any()
    near = beside([plan.cpu for plan in plans], [plan.after for plan in plans])
    threads = tuple(thread(ctx, n, plan, near[n]) for n, plan in enumerate(plans))
    if not ctx.origins:
        # A bound that is met has to be shown somewhere.
        where = unit.scenario.span if unit.scenario else Span(unit.source, 0, 0)
        nowhere = core.Said(Words(before="", parts=()))
        ctx.origin(core.Origin(span=where, text=nowhere, path=(), kind="atomic"))
    agents, busy = all_agents(ctx)
    judge(ctx)
    entries = cached_entries(ctx)
    lock_rules(ctx, len(threads))
    ctx.reporter.raise_if_any()
    enough_bits(ctx)
    checked = core.Checked(
        name=unit.scenario.name if unit.scenario else unit.source.name,
        params=tuple(params.items()),
        knobs=tuple((k, settings[k]) for k in sorted(unit.knobs)),
        cpus=count,
        families=ctx.families,
        locals=ctx.locals,
        threads=threads,
        agents=agents,
        busy=tuple(condition for condition, _ in busy),
        busy_at=tuple(span for _, span in busy),
        imported=dict(unit.imported),
        entries=entries,
        kept=shared(ctx),
        checks=tuple(ctx.checks),
        origins=ctx.origins,
        named_versions=ctx.named_versions,
        sorts={sort: tuple(elements) for sort, elements in ctx.world.sorts.items()},
    )
    # Their texts look at the context: a circle would keep both until garbage is collected.
    ctx.origins = {}
    return ctx, ordered(checked, ctx.settings)


def enough_bits(ctx: Context) -> None:
    """MM501 where so much is declared that no pass brings it into the state's words."""
    bits = sum(
        len(family.initial) * (len(family.domain) - 1).bit_length()
        for family in ctx.families.values()
    )
    if bits > BITS_MAX:
        where = ctx.unit.scenario.span if ctx.unit.scenario else Span(ctx.unit.source, 0, 0)
        what = f"the state has {bits} bits before what is unused goes, and {BITS_MAX} are the most"
        raise one("MM501", what, where, "make the ranges smaller, or take fewer elements")


def initial_state(ctx: Context) -> None:
    initial = Initial(ctx)
    for item in ctx.unit.inits:
        with ctx.collecting(item.span):
            initial.run(block(ctx, Scope(), item.body), item.span)
    initial.store()
