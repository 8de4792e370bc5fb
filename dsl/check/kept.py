"""Parts of a program that several combinations of one unit have alike, each made once.

A thread and an agent are made from the unit, from what is declared (the surroundings), and from
the settings that they read: `Settings` sees each of them. Where all of that is the same in
another combination, so is what was made; only its texts are told by the context of their own
combination, for they may look at settings that decide nothing.

Numbers do not depend on other parts: each has locals, origins and labels of its own numbers. The
numbers of checks do, so they are compared; and what is counted against a bound is counted again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from attrs import fields, frozen, has

from mmscn.check import core
from mmscn.check.context import (
    AGENTS_MAX,
    CELLS_MAX,
    LOCALS_MAX,
    STATEMENTS_MAX,
    TURNS_MAX,
    Context,
    StateVar,
)
from mmscn.check.shared import Kept, Shared
from mmscn.check.values import Atom, Elem
from mmscn.check.words import Words
from mmscn.source import Span

T = TypeVar("T")


@frozen(eq=False, repr=False)
class Part:
    """What was made, all that was asked for it, and what else it left in its context.

    asked: what it was made of, by whoever makes it. settings: those that were read. counted:
    statements, turns, agents and cells.
    """

    asked: Hashable
    settings: dict[str, Hashable]
    made: Any
    locals: dict[int, core.LocalVar]
    assigned: frozenset[int]
    origins: dict[int, core.Origin]
    state: dict[tuple[str | None, str], StateVar]
    families: dict[str, core.Family]
    checks: dict[object, tuple[int, core.CheckInfo]]
    named_versions: int
    counted: tuple[int, ...]

    def fits(self, ctx: Context, asked: Hashable) -> bool:
        """Whether it would be made the same in a context."""
        return (
            self.asked == asked
            and all(ctx.settings.exact(name) == value for name, value in self.settings.items())
            and self.numbers_checks(ctx)
            and ctx.statements + self.counted[0] <= STATEMENTS_MAX
            and ctx.turns + self.counted[1] <= TURNS_MAX
            and ctx.agents + self.counted[2] <= AGENTS_MAX
            and ctx.cells + self.counted[3] <= CELLS_MAX
            and len(ctx.locals) + len(self.locals) <= LOCALS_MAX
        )

    def numbers_checks(self, ctx: Context) -> bool:
        """Whether its checks have the same numbers in a context."""
        new = len(ctx.checks)
        for key, (number, _) in self.checks.items():
            if key in ctx.check_of:
                known = ctx.check_of[key]
            else:
                known, new = new, new + 1
            if known != number:
                return False
        return True

    def put(self, ctx: Context) -> None:
        """Leave in a context what making it leaves."""
        ctx.settings.read |= self.settings.keys()
        ctx.locals |= self.locals
        ctx.assigned |= self.assigned
        ctx.state |= self.state
        ctx.families |= self.families
        again = Retold(ctx)
        ctx.origins |= {number: again.origin(o) for number, o in self.origins.items()}
        for key, (_, info) in self.checks.items():
            ctx.check(key, info)
        ctx.named_versions = max(ctx.named_versions, self.named_versions)
        ctx.statements += self.counted[0]
        ctx.turns += self.counted[1]
        ctx.agents += self.counted[2]
        ctx.cells += self.counted[3]


def shared(ctx: Context) -> Shared:
    """Behind all parts."""
    return Shared(kept_of(ctx), surroundings(ctx), ctx.families)


def kept_of(ctx: Context) -> Kept:
    kept = ctx.unit.kept
    if not isinstance(kept, Kept):
        kept = ctx.unit.kept = Kept()
    return kept


def once(ctx: Context, key: Hashable, asked: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives and leaves in the context, made now or in another combination.

    key: which part of the unit it is. asked: all that `make` looks at besides the unit, the
    settings and what it makes itself.
    """
    kept = kept_of(ctx)
    ctx.begin_part()
    asked = (ctx.part, surroundings(ctx), asked)
    known = next((p for p in kept.parts.get(key, ()) if p.fits(ctx, asked)), None)
    if known is not None:
        known.put(ctx)
        made: T = known.made
    else:
        made = recorded(ctx, kept, key, asked, make)
    ctx.begin_part()
    return made


def recorded(ctx: Context, kept: Kept, key: Hashable, asked: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, kept unless something is wrong in it."""
    read, assigned, named = ctx.settings.read, ctx.assigned, ctx.named_versions
    faults, before = len(ctx.reporter.found), (ctx.statements, ctx.turns, ctx.agents, ctx.cells)
    locals_, origins, state, families = (
        len(table) for table in (ctx.locals, ctx.origins, ctx.state, ctx.families)
    )
    ctx.settings.read, ctx.assigned, ctx.named_versions, ctx.asked = set(), set(), 1, {}
    try:
        made = make()
        if len(ctx.reporter.found) == faults:
            counted = (ctx.statements, ctx.turns, ctx.agents, ctx.cells)
            part = Part(
                asked=asked,
                settings={name: ctx.settings.exact(name) for name in sorted(ctx.settings.read)},
                made=made,
                locals=dict(islice(ctx.locals.items(), locals_, None)),
                assigned=frozenset(ctx.assigned),
                origins=dict(islice(ctx.origins.items(), origins, None)),
                state=dict(islice(ctx.state.items(), state, None)),
                families=dict(islice(ctx.families.items(), families, None)),
                checks=ctx.asked,
                named_versions=ctx.named_versions,
                counted=tuple(now - then for now, then in zip(counted, before, strict=True)),
            )
            kept.keep(key, part)
    finally:
        ctx.settings.read |= read
        ctx.assigned |= assigned
        ctx.named_versions = max(named, ctx.named_versions)
        ctx.asked = {}
    return made


class Retold:
    """Origins with texts that are told by another context."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.paths: dict[int, tuple[core.Call, ...]] = {}
        self.calls: dict[int, core.Call] = {}

    def origin(self, o: core.Origin) -> core.Origin:
        path = self.paths.get(id(o.path))
        if path is None:
            path = self.paths[id(o.path)] = tuple(map(self.call, o.path))
        return core.Origin(
            span=o.span,
            text=self.text(o.text),
            path=path,
            kind=o.kind,
            name=o.name,
            hardware=o.hardware,
            order=o.order,
        )

    def call(self, c: core.Call) -> core.Call:
        found = self.calls.get(id(c))
        if found is None:
            text = self.text(c.text)
            found = core.Call(text, c.span, c.instruction, c.kind, c.name, c.result)
            self.calls[id(c)] = found
        return found

    def text(self, text: Callable[[], Words]) -> Callable[[], Words]:
        if isinstance(text, partial) and text.args and isinstance(text.args[0], Context):
            return partial(text.func, self.ctx, *text.args[1:], **text.keywords)
        return text


# ---- what is declared ---------------------------------------------------------------


def surroundings(ctx: Context) -> int:
    """A number for what is declared, the same in each combination that declares the same."""
    kept, sizes = kept_of(ctx), (len(ctx.state), len(ctx.families))
    if ctx.around is None:
        same = Exact()
        declared = tuple(map(same.of, (ctx.world, ctx.state, ctx.families, ctx.structs)))
        ctx.around = (kept.number(declared), *sizes)
    elif ctx.around[1:] != sizes:
        before, state, families = ctx.around
        new = (
            dict(islice(ctx.state.items(), state, None)),
            dict(islice(ctx.families.items(), families, None)),
        )
        ctx.around = (kept.number((before, exact(new))), *sizes)
    return ctx.around[0]


def exact(value: object) -> Hashable:
    """A value as nothing else is: `true` is not 1, and an element has its name."""
    return Exact().of(value)


class Exact:
    """Remembers what it has seen, which has to live as long."""

    def __init__(self) -> None:
        self.known: dict[int, Hashable] = {}

    def of(self, value: object) -> Hashable:
        kind = type(value)
        if kind is str or value is None:
            return value
        if kind is int or kind is bool or kind is Atom:
            return kind, value
        if isinstance(value, Elem):
            return kind, value.sort, value.number, value.name
        found = self.known.get(id(value))
        if found is None:
            found = self.known[id(value)] = self.parts(value)
        return found

    def parts(self, value: object) -> Hashable:
        match value:
            case Span():
                return value
            case tuple() | list():
                return type(value), *map(self.of, value)
            case dict():
                return dict, *((self.of(k), self.of(v)) for k, v in value.items())
        kind = type(value)
        assert has(kind), value
        return kind, *(self.of(getattr(value, f.name)) for f in fields(kind))
