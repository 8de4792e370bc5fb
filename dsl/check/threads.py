"""Threads: on which CPU and after what each runs, and their bodies."""

from __future__ import annotations

from typing import assert_never

from mmscn.check import core
from mmscn.check.context import Context
from mmscn.check.expressions import evaluate, items
from mmscn.check.flushes import cpu_of
from mmscn.check.kept import exact, once
from mmscn.check.memory import DEFAULT_MM
from mmscn.check.missing import no_mm
from mmscn.check.scope import Frame, Scope
from mmscn.check.statements import statements
from mmscn.check.terms import Dynamic, Static, Term
from mmscn.check.thread_names import thread_name
from mmscn.check.types import ScalarType
from mmscn.check.values import Elem, Value
from mmscn.check.world import attach
from mmscn.diagnostics import one
from mmscn.syntax import tree as t

THREADS_MAX = 12


class Plan:
    """A thread before its body is elaborated. replica: the value of `[c in ...]`."""

    def __init__(
        self, item: t.Thread, elem: Elem, cpu: Elem, mm: Elem | None, replica: Value
    ) -> None:
        self.item = item
        self.replica = replica
        self.elem = elem
        self.cpu = cpu
        self.mm = mm
        self.after: tuple[int, ...] = ()
        self.names: dict[str, Term] = {}


def lay_out_threads(ctx: Context) -> list[Plan]:
    plans: list[Plan] = []
    for part in ctx.unit.compositions:
        place(ctx, plans, part, ())
    return plans


def place(
    ctx: Context, plans: list[Plan], part: t.Composable, after: tuple[int, ...]
) -> tuple[int, ...]:
    """Lay out a part that begins after these threads; gives those it ends with."""
    match part:
        case t.Thread():
            made = replicas(ctx, part, plans)
            for n in made:
                plans[n].after = after
            return tuple(n for n in made if not part.daemon)
        case t.Composition(kind=kind, parts=parts):
            match kind:
                case "ordered":
                    for inner in parts:
                        after = place(ctx, plans, inner, after) or after
                    return after
                case "concurrent":
                    return tuple(n for inner in parts for n in place(ctx, plans, inner, after))
                case _:
                    assert_never(kind)
        case _:
            assert_never(part)


def replicas(ctx: Context, item: t.Thread, plans: list[Plan]) -> list[int]:
    """One plan, or one for each value of `[c in ...]`."""
    made: list[int] = []
    with ctx.collecting(item.span):
        values: list[Value | None] = [None]
        if item.replica is not None:
            values = list(items(ctx, Scope(), item.replica.over))
        for value in values:
            if len(plans) >= THREADS_MAX:
                raise one("MM502", f"there are more than {THREADS_MAX} threads", item.span)
            plans.append(plan(ctx, item, value, len(plans)))
            made.append(len(plans) - 1)
    return made


def plan(ctx: Context, item: t.Thread, value: Value, position: int) -> Plan:
    world = ctx.world
    scope = Scope()
    name = item.name
    if item.replica is not None:
        scope.bind(item.replica.name, Static(value))
        name = thread_name(item.name, value)
    if any(e.name == name for e in world.sorts.get("thread", ())):
        raise one("MM206", f"there are two threads `{name}`", item.span)
    cpus = world.sorts["cpu"]
    if item.cpu is not None:
        term = cpu_of(ctx, evaluate(ctx, scope, item.cpu), item.cpu.span)
        if not (isinstance(term, Static) and isinstance(term.value, Elem)):
            raise one("MM302", "a cpu is wanted here", item.cpu.span, "write `cpu 0`")
        cpu = term.value
    elif position < len(cpus):
        cpu = cpus[position]
    else:
        more = "give more `cpus`"
        if ctx.unit.machine is None:
            more = f"have {position + 1} cpus: `machine x86 {{ cpus {position + 1} }}`"
        raise one("MM311", f"`{name}` has no cpu", item.span, f"write `on cpu N`, or {more}")
    mm = world.names.get(item.mm or DEFAULT_MM)
    if item.mm is not None and (mm is None or mm.sort != "mm"):
        raise no_mm(ctx.unit, item.mm, item.span)
    if mm is not None and mm.sort != "mm":
        mm = None
    elem = world.new("thread", name, cpu=cpu, mm=mm)
    attach(world, elem, cpu, mm)
    result = Plan(item, elem, cpu, mm, value)
    result.names = dict(scope.names)
    return result


def thread(ctx: Context, n: int, plan_: Plan, near: tuple[int, ...]) -> core.Thread:
    asked = (n, *map(exact, (plan_.elem, plan_.cpu, plan_.mm)))
    key = ("thread", id(plan_.item), exact(plan_.replica))
    return core.Thread(
        name=plan_.elem.name,
        elem=plan_.elem,
        cpu=plan_.cpu.number,
        mm=plan_.mm,
        daemon=plan_.item.daemon,
        after=plan_.after,
        beside=near,
        body=once(ctx, key, asked, lambda: body(ctx, n, plan_)),
    )


def body(ctx: Context, n: int, plan_: Plan) -> core.Block:
    depth = ctx.local("spinlocks held", n, ScalarType(tuple(range(9))))
    assert isinstance(depth, Dynamic)
    assert isinstance(depth.expr, core.Local)
    ctx.assigned.add(depth.expr.number)
    frame = Frame(plan_.elem.name, ctx.label())
    scope = Scope(
        thread=n,
        thread_elem=plan_.elem,
        cpu=plan_.cpu,
        mm=plan_.mm,
        names=dict(plan_.names),
        frame=frame,
        exit=frame.end,
        spin_depth=depth,
    )
    out: list[core.Stmt] = []
    with ctx.collecting(plan_.item.span):
        statements(ctx, scope, plan_.item.body, out)
    out.append(core.Label(number=frame.end))
    return core.Block(statements=tuple(out))
