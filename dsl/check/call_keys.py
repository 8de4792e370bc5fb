"""What the call of a module's procedure follows from: its key, and what keys of a text share."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator
from typing import Any

from attrs import evolve, fields, frozen

from mmscn import cache
from mmscn.check import core
from mmscn.check.call_rows import Row, plain
from mmscn.check.context import Context
from mmscn.check.display import kind_of, name_of, order_of
from mmscn.check.modules import Unit
from mmscn.check.parts import fields_of, items
from mmscn.check.scope import Scope
from mmscn.check.terms import Term
from mmscn.check.values import Atom, Elem
from mmscn.source import Span
from mmscn.syntax import tree as t


@frozen(eq=False, repr=False)
class Called:
    """A call as it is about to be written out."""

    scope: Scope
    name: str
    proc: t.Proc
    args: tuple[Term, ...]
    site: core.Call
    s: t.Stmt
    write: Callable[[Context, core.Call, list[core.Stmt]], Term | None]


def key_of(ctx: Context, called: Called, declared: str) -> tuple[str, tuple[int, ...]]:
    """What a call is found by, and the locals around it that it may mention.

    declared: a digest of what is declared.
    """
    scope, s, proc = called.scope, called.s, called.proc
    found = Plain()
    given = [found.of(part) for part in (scope.spin_depth, *called.args)]
    outer = tuple(found.locals)
    theirs = [(found.of(ctx.locals[n]), n in ctx.assigned) for n in outer]
    where = (
        scope.thread, found.of(scope.thread_elem), found.of(scope.cpu), found.of(scope.mm),
        scope.hardware, scope.atomic, scope.callers, scope.exit is None,
    )  # fmt: skip
    statement = type(s).__name__, kind_of(s), name_of(s), order_of(s)
    what = called.name, proc.span.source.name, proc.span.start
    rows = tuple(found.rows)
    parts = (what, statement, where, given, theirs, rows, declared)
    return cache.digest(marshal.dumps(parts, 2)), outer


class Plain:
    """Terms, and what is declared, as rows of plain data, without where it stands in a text.

    locals: those that are mentioned, by their numbers here.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.known: dict[int, Row] = {}
        self.alive: list[object] = []
        self.locals: dict[int, int] = {}

    def of(self, value: Any) -> Any:
        kind = type(value)
        if kind in PLAIN:
            return value
        found = self.known.get(id(value))
        if found is None:
            row = kind.__name__, *map(self.of, self.parts(value))
            found = self.known[id(value)] = (len(self.rows),)
            self.rows.append(row)
            self.alive.append(value)
        return found

    def parts(self, value: Any) -> Any:
        kind = type(value)
        if kind is Elem:
            return value.sort, value.number, value.name
        if kind is Atom:
            return (value.name,)
        if kind is Span:
            return ()
        if kind is core.Local:
            return (self.locals.setdefault(value.number, len(self.locals)),)
        if kind is tuple or kind is list:
            return value
        if kind is dict:
            return [part for pair in value.items() for part in pair]
        if kind not in FIELDS:
            FIELDS[kind] = tuple(f.name for f in fields(kind) if f.init)
        return [getattr(value, name) for name in FIELDS[kind]]


PLAIN = frozenset((int, str, bool, type(None)))
FIELDS: dict[type, tuple[str, ...]] = {}


def declared(ctx: Context) -> str:
    """A digest of what is declared, and of what the scenario's names mean."""
    known = Plain()
    parts = [known.of(part) for part in (ctx.world, ctx.state, ctx.families, ctx.structs)]
    marks = sorted(ctx.meanings.marks)
    return cache.digest(marshal.dumps((parts, tuple(known.rows), marks), 2))


def exact(ctx: Context, name: str) -> Row:
    """A setting as nothing else is, plain."""
    there, kind, value = ctx.settings.exact(name)
    return there, kind.__name__, plain(value)


def every_setting(ctx: Context) -> str:
    """A digest of all settings."""
    rows = tuple((name, exact(ctx, name)) for name in sorted(ctx.settings))
    return cache.digest(marshal.dumps(rows, 2))


def content(unit: Unit) -> str:
    """A digest of the modules, and of what the scenario declares but for what its threads do."""
    texts = [(name, source.name, cache.key(source.text)) for name, source in unit.modules.items()]
    return cache.digest(marshal.dumps((texts, list(own_items(unit))), 2))


LEFT_OUT = (t.Check, t.Expect, t.Outcomes)


def own_items(unit: Unit) -> Iterator[Any]:
    """What the scenario declares, plain: of threads all but what they do."""
    for item in items(unit):
        if item.span.source is unit.source and not isinstance(item, LEFT_OUT):
            yield encoded(item)


def encoded(x: Any) -> Any:
    """A tree without its spans."""
    if isinstance(x, t.Thread):
        x = evolve(x, body=t.Block(span=x.span, statements=()))
    if isinstance(x, t.Node):
        return type(x).__name__, *(encoded(getattr(x, name)) for name in fields_of(x))
    return [encoded(y) for y in x] if isinstance(x, tuple) else x
