"""A unit and values for its params to a checked program."""

from __future__ import annotations

from functools import partial

from attrs import evolve

from mmscn.check import core, terms, variation
from mmscn.check.context import Context, StateVar
from mmscn.check.declare import declare_state, declare_structs, type_from
from mmscn.check.expressions import evaluate, items, number, static
from mmscn.check.initial import Initial
from mmscn.check.locks import beside
from mmscn.check.modules import Unit
from mmscn.check.properties import judge, lock_rules
from mmscn.check.rejects import reject
from mmscn.check.scope import Frame, Scope
from mmscn.check.statements import block, cpu_of, statements
from mmscn.check.terms import Dynamic, Static, Term
from mmscn.check.types import ScalarType
from mmscn.check.values import Elem, Value
from mmscn.check.words import Words
from mmscn.check.world import (
    MAP_ATTRIBUTES,
    World,
    add_cpus,
    add_file,
    add_frames,
    add_map,
    add_mm,
    attach,
    next_vas,
    no_cpus,
)
from mmscn.diagnostics import closest, one
from mmscn.source import Span
from mmscn.syntax import tree as t

CPUS_MAX, FRAMES_MAX, PAGES_MAX, THREADS_MAX = 8, 16, 16, 12
VAS_MAX = 64
AGENTS_MAX = 256
BITS_MAX = 4096
"""Of all that is declared; fewer are left when what is unused is gone."""
DEFAULT_MM = "mm"


def elaborate(unit: Unit, params: dict[str, Value]) -> core.Checked:
    """Resolve everything for one combination of the params; raises Rejected."""
    settings, words = variation.settings(unit, params)
    ctx = Context(
        unit=unit,
        world=World(),
        settings=settings,
        atoms=variation.atoms(unit),
    )
    rules = (("no_deadlock", "deadlock"), ("in_range", "rule"), ("lock_rules", "rule"))
    for name, kind in rules:
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
    lock_rules(ctx, len(threads))
    ctx.reporter.raise_if_any()
    enough_bits(ctx)
    knobs = tuple((k, settings[k]) for k in sorted(unit.knobs))
    return core.Checked(
        name=unit.scenario.name if unit.scenario else unit.source.name,
        params=tuple(params.items()),
        knobs=knobs,
        cpus=count,
        families=ctx.families,
        locals=tuple(ctx.locals),
        threads=threads,
        agents=agents,
        busy=busy,
        checks=tuple(ctx.checks),
        origins=tuple(ctx.origins),
        named_versions=ctx.named_versions,
        sorts={sort: tuple(elements) for sort, elements in ctx.world.sorts.items()},
    )


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


# ---- files, address spaces, frames ------------------------------------------


def lay_out_memory(ctx: Context, words: dict[str, t.Expr]) -> None:
    world = ctx.world
    for file in ctx.unit.files:
        with ctx.collecting(file.span):
            new_name(world, file.name, file.span)
            contents: dict[int, int] = {}
            for pages in file.pages:
                if pages.word not in ("page", "pages"):
                    raise one(
                        "MM310", "a file says `page N = content` or `pages N`", pages.span
                    )
                if pages.number + (pages.word == "page") > PAGES_MAX:
                    what = f"a file has {PAGES_MAX} pages at most"
                    raise one("MM502", what, pages.span)
                if pages.word == "pages":
                    contents.update({n: 0 for n in range(pages.number) if n not in contents})
                else:
                    value = 0 if pages.content is None else static(ctx, Scope(), pages.content)
                    contents[pages.number] = value if type(value) is int else 0
            fs = evaluate(ctx, Scope(), file.fs)
            if not isinstance(fs, Static):
                raise one("MM310", "the kind of a file system is a word", file.fs.span)
            elem = add_file(world, file.name, fs.value, max(contents, default=0) + 1)
            for page in world.several(elem, "pages"):
                assert isinstance(page, Elem)
                index = world.get(page, "index")
                world.attributes[page]["content"] = contents.get(index, 0)  # type: ignore[arg-type]
    for item in all_maps(ctx.unit):
        for n in frame_numbers(item):
            if n >= FRAMES_MAX:
                what = f"there are {FRAMES_MAX} frames at most, 0 to {FRAMES_MAX - 1}"
                raise one("MM502", what, item.span)
    frames = max((n for m in all_maps(ctx.unit) for n in frame_numbers(m)), default=-1) + 1
    frames += len(world.sorts.get("filepage", ()))
    frames += sum(anonymous_pages(ctx, m) for m in all_maps(ctx.unit))
    if "frames" in words:
        frames = number(ctx, Scope(), words["frames"], 1, FRAMES_MAX)
    elif frames > FRAMES_MAX:
        where = (*ctx.unit.files, *all_maps(ctx.unit))[-1].span
        what = f"there are {FRAMES_MAX} frames at most, and mappings and files want {frames}"
        raise one("MM502", what, where, f"write `frames {FRAMES_MAX}` for fewer than one for each")
    add_frames(world, max(frames, 1))
    if ctx.unit.maps:
        mm = add_mm(world, DEFAULT_MM)
        for item in ctx.unit.maps:
            with ctx.collecting(item.span):
                lay_out_map(ctx, mm, item)
    for item_mm in ctx.unit.mms:
        with ctx.collecting(item_mm.span):
            new_name(world, item_mm.name, item_mm.span)
            mm = add_mm(world, item_mm.name)
            for item in item_mm.maps:
                with ctx.collecting(item.span):
                    lay_out_map(ctx, mm, item)


def all_maps(unit: Unit) -> list[t.Map]:
    return [*unit.maps, *(m for mm in unit.mms for m in mm.maps)]


def frame_numbers(item: t.Map) -> list[int]:
    match item.frame:
        case t.Element(sort="frame", number=n):
            return [n]
    return []


def anonymous_pages(ctx: Context, item: t.Map) -> int:
    if item.file != "anon":
        return 0
    return 1 if item.extent is None else len(items(ctx, Scope(), item.extent))


def new_name(world: World, name: str, span: Span) -> None:
    if name in world.names:
        raise one("MM206", f"`{name}` is declared twice", span)


def lay_out_map(ctx: Context, mm: Elem, item: t.Map) -> None:
    world = ctx.world
    new_name(world, item.name, item.span)
    for word in item.attributes:
        if word not in MAP_ATTRIBUTES:
            hint = closest(word, MAP_ATTRIBUTES) or f"there are {', '.join(MAP_ATTRIBUTES)}"
            raise one("MM310", f"a mapping has no attribute `{word}`", item.span, hint)
    pages: tuple[Elem, ...] = ()
    frames: tuple[Elem, ...] = ()
    anonymous = anonymous_pages(ctx, item)
    if len(world.sorts["va"]) >= VAS_MAX or anonymous > PAGES_MAX:
        what = f"a mapping has {PAGES_MAX} pages at most, and all together have {VAS_MAX}"
        raise one("MM502", what, item.span)
    if item.frame is not None:
        value = static(ctx, Scope(), item.frame)
        if not (isinstance(value, Elem) and value.sort == "frame"):
            raise one("MM302", "a frame is wanted here, as in `frame 0`", item.frame.span)
        frames = (value,)
    elif not anonymous:
        assert item.file is not None
        file = world.names.get(item.file)
        if file is None or file.sort != "file":
            known = [n for n, e in world.names.items() if e.sort == "file"]
            raise one(
                "MM207", f"there is no file `{item.file}`", item.span, closest(item.file, known)
            )
        every = [p for p in world.several(file, "pages") if isinstance(p, Elem)]
        wanted = range(len(every)) if item.extent is None else page_numbers(ctx, item.extent)
        for n in wanted:
            if not 0 <= n < len(every):
                raise one(
                    "MM303",
                    f"`{item.file}` has no page {n}",
                    item.span,
                    f"its pages are 0 to {len(every) - 1}; both ends of a range belong to it",
                )
        pages = tuple(every[n] for n in wanted)
    add_map(
        world,
        mm,
        item.name,
        pages=pages,
        frames=frames,
        anonymous=anonymous,
        words=item.attributes,
    )


def page_numbers(ctx: Context, e: t.Expr) -> list[int]:
    if isinstance(e, t.Range):
        return [v for v in items(ctx, Scope(), e) if isinstance(v, int)]
    return [number(ctx, Scope(), e, 0, PAGES_MAX)]


# ---- threads ----------------------------------------------------------------


class Plan:
    """A thread before its body is elaborated."""

    def __init__(self, item: t.Thread, elem: Elem, cpu: Elem, mm: Elem | None) -> None:
        self.item = item
        self.elem = elem
        self.cpu = cpu
        self.mm = mm
        self.after: tuple[int, ...] = ()
        self.names: dict[str, Term] = {}


def lay_out_threads(ctx: Context) -> list[Plan]:
    plans: list[Plan] = []

    def place(part: t.Composable, after: tuple[int, ...]) -> tuple[int, ...]:
        """Lay out a part that begins after these threads; gives those it ends with."""
        match part:
            case t.Thread():
                made = replicas(ctx, part, plans)
                for n in made:
                    plans[n].after = after
                return tuple(n for n in made if not part.daemon)
            case t.Composition(kind="ordered", parts=parts):
                for inner in parts:
                    after = place(inner, after) or after
                return after
            case t.Composition(parts=parts):
                ends: tuple[int, ...] = ()
                for inner in parts:
                    ends += place(inner, after)
                return ends
        raise AssertionError(part)

    for part in ctx.unit.compositions:
        place(part, ())
    return plans


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
        shown = value.number if isinstance(value, Elem) else value
        name = f"{item.name}[{shown}]"
    if any(e.name == name for e in world.sorts.get("thread", ())):
        raise one("MM206", f"there are two threads `{name}`", item.span)
    cpus = world.sorts["cpu"]
    if item.cpu is not None:
        term = cpu_of(ctx, evaluate(ctx, scope, item.cpu), item.cpu.span)
        if not (isinstance(term, Static) and isinstance(term.value, Elem)):
            raise one("MM302", "a cpu is wanted here", item.cpu.span)
        cpu = term.value
    elif position < len(cpus):
        cpu = cpus[position]
    else:
        raise one(
            "MM311", f"`{name}` has no cpu", item.span, "write `on cpu N`, or give more `cpus`"
        )
    mm = world.names.get(item.mm or DEFAULT_MM)
    if item.mm is not None and (mm is None or mm.sort != "mm"):
        known = [n for n, e in world.names.items() if e.sort == "mm"]
        raise one("MM207", f"there is no mm `{item.mm}`", item.span, closest(item.mm, known))
    if mm is not None and mm.sort != "mm":
        mm = None
    elem = world.new("thread", name, cpu=cpu, mm=mm)
    world.names.setdefault(name, elem)
    attach(world, elem, cpu, mm)
    result = Plan(item, elem, cpu, mm)
    result.names = dict(scope.names)
    return result


def thread(ctx: Context, n: int, plan_: Plan, near: tuple[int, ...]) -> core.Thread:
    depth = ctx.local("spinlocks held", n, ScalarType(tuple(range(9))))
    assert isinstance(depth, Dynamic)
    ctx.assigned.add(len(ctx.locals) - 1)
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
    return core.Thread(
        name=plan_.elem.name,
        elem=plan_.elem,
        cpu=plan_.cpu.number,
        mm=plan_.mm,
        daemon=plan_.item.daemon,
        after=plan_.after,
        beside=near,
        body=core.Block(statements=tuple(out)),
    )


# ---- initial state ----------------------------------------------------------


def initial_state(ctx: Context) -> None:
    initial = Initial(ctx)
    for item in ctx.unit.inits:
        with ctx.collecting(item.span):
            initial.run(block(ctx, Scope(), item.body), item.span)
    initial.store()


# ---- agents -----------------------------------------------------------------


def all_agents(ctx: Context) -> tuple[tuple[core.Agent, ...], tuple[core.Expr, ...]]:
    found: list[core.Agent] = []
    busy: list[core.Expr] = []
    for agent in ctx.unit.agents:
        with ctx.collecting(agent.span):
            values: list[Value | None] = [None]
            if agent.replica is not None:
                values = list(items(ctx, Scope(), agent.replica.over))
            for value in values:
                scope = Scope()
                name = agent.name
                if agent.replica is not None:
                    scope.bind(agent.replica.name, Static(value))
                    name = f"{agent.name}[{value}]"
                if isinstance(value, Elem) and value.sort == "cpu":
                    scope.cpu = value
                one_agent(ctx, scope, name, agent, found, busy)
    return tuple(found), tuple(busy)


def one_agent(
    ctx: Context,
    scope: Scope,
    name: str,
    agent: t.Agent,
    found: list[core.Agent],
    busy: list[core.Expr],
) -> None:
    for member in agent.members:
        if isinstance(member, t.Var):
            family = f"{name}.{member.name}"
            type_ = type_from(ctx, scope, member.type)
            var = StateVar(family, (), type_, member.ghost, member.quiet, member.text)
            ctx.declare(f"agent {name}", member.name, var, member.span)
            if member.value is not None:
                first = static(ctx, scope, member.value)
                if isinstance(type_, ScalarType):
                    old = ctx.families[var.family]
                    ctx.families[var.family] = evolve(old, initial=(first,))
            scope.bind(member.name, ctx.place(var, ()), mutable=True)
    for member in agent.members:
        with ctx.collecting(member.span):
            if isinstance(member, t.Busy):
                condition = terms.want_bool(evaluate(ctx, scope, member.when))
                busy.append(terms.as_expr(condition))
            elif isinstance(member, t.Step):
                steps(ctx, scope, name, member, list(member.replicas), found)


def steps(
    ctx: Context,
    scope: Scope,
    name: str,
    step: t.Step,
    left: list[t.Replica],
    found: list[core.Agent],
) -> None:
    """A step for each combination of its replicas' values."""
    if left:
        for value in items(ctx, scope, left[0].over):
            ctx.turn(step.span)
            inner = scope.inner()
            inner.bind(left[0].name, Static(value))
            steps(ctx, inner, name, step, left[1:], found)
        return
    guard: Term = Static(True)
    if step.when is not None:
        guard = terms.want_bool(evaluate(ctx, scope, step.when))
        if isinstance(guard, Static) and not guard.value:
            return
    text = partial(step_text, scope, step)
    site = core.Call(text, step.span, True)
    where = ctx.origin(core.Origin(span=step.span, text=text, path=(site,), kind="atomic"))
    inner = scope.inner(atomic=True, path=(site,), frame=Frame(step.name, ctx.label()))
    out: list[core.Stmt] = [core.Await(condition=terms.as_expr(guard), origin=where)]
    statements(ctx, inner, step.body, out)
    assert inner.frame is not None
    out.append(core.Label(number=inner.frame.end))
    if len(found) >= AGENTS_MAX:
        what = f"agents have more than {AGENTS_MAX} steps, one for each value of what they run over"
        raise one("MM502", what, step.span)
    cpu = scope.cpu.number if scope.cpu is not None else None
    body = core.Block(statements=tuple(out))
    found.append(core.Agent(name=f"{name}.{step.name}", cpu=cpu, body=body, origin=where))


def step_text(scope: Scope, step: t.Step) -> Words:
    """`fill buf`: the step and what it is about."""
    about = [scope.names[r.name] for r in step.replicas]
    parts = [str(term.value) for term in about if isinstance(term, Static)]
    return Words(before="", parts=(" ".join([step.name, *parts]),))
