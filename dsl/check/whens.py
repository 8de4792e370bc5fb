"""Conditions on params that no combination meets."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from mmscn.check.context import Context
from mmscn.check.expressions import truth
from mmscn.check.modules import Unit
from mmscn.check.parts import nodes
from mmscn.check.scope import Scope
from mmscn.check.variation import atoms, matrix, settings
from mmscn.check.world import World
from mmscn.diagnostics import Rejected
from mmscn.syntax import tree as t


def never(unit: Unit) -> list[tuple[t.Expr, str]]:
    """The conditions of the scenario that hold in no combination of its params, each with what
    it is a condition of. Those that name a knob which is no param are left out: -D may set it.
    """
    left = [(when, what) for when, what in conditions(unit) if on_params(unit, when)]
    if not left:
        return []
    try:
        known = atoms(unit)
        looks = {id(when): looks_at(unit, when) for when, _ in left}
        tried: set[Hashable] = set()
        for params in matrix(unit):
            here = {n: tuple((type(params[p]), params[p]) for p in looks[n]) for n in looks}
            new = [when for when, _ in left if (id(when), here[id(when)]) not in tried]
            if not new:
                continue
            values, _ = settings(unit, params)
            ctx = Context(unit=unit, world=World(), settings=values, atoms=known)
            met = {id(when) for when in new if truth(ctx, Scope(), when)}
            tried |= {(id(when), here[id(when)]) for when in new}
            left = [(when, what) for when, what in left if id(when) not in met]
            if not left:
                break
    except Rejected:
        return []  # it is told by whoever looks at the combination
    return left


def on_params(unit: Unit, when: t.Expr) -> bool:
    names = {n.text for n in nodes(when) if isinstance(n, t.Name)}
    return not names & (set(unit.knobs) - set(unit.params))


SIMPLE = (t.Name, t.Literal, t.Unary, t.Binary, t.MemberOf)
"""What gives the same value wherever its names have the same."""


def looks_at(unit: Unit, when: t.Expr) -> tuple[str, ...]:
    """The params that decide a condition: those that it names, unless there is more in it."""
    every = nodes(when)
    names = {n.text for n in every if isinstance(n, t.Name)}
    simple = all(isinstance(n, SIMPLE) for n in every) and names.isdisjoint(
        const.name for const in unit.consts
    )
    return tuple(name for name in unit.params if name in names or not simple)


def conditions(unit: Unit) -> Iterator[tuple[t.Expr, str]]:
    for procs in unit.procs.values():
        for p in procs:
            if p.when is not None and p.span.source is unit.source:
                yield p.when, f"this `{p.name}` is never meant"
    for check in unit.checks:
        if check.when is not None:
            yield check.when, "this is never asked"
    for expect in unit.expects:
        if expect.when is not None:
            yield expect.when, "this is never expected"
