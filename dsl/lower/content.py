"""What the program of a checked scenario follows from, as a digest.

Two checked programs of one content have the same rules, lines, places and checks: their content is
all that is in them but where it stands and how it is told. Where two steps stand in one place
counts, since lowering gives up on places, but not which place that is.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable
from operator import attrgetter
from typing import Any
from weakref import WeakKeyDictionary

from attrs import fields

from mmscn import cache
from mmscn.budget import poll
from mmscn.check import core
from mmscn.check.kept_calls import WRITTEN
from mmscn.check.values import Atom, Elem
from mmscn.source import Span

LEFT_OUT = {
    core.Checked: {
        "kept", "imported", "busy_at", "name", "params", "knobs", "sorts", "origins",
        fields(core.Checked).entries.name,
    },
    core.CheckInfo: {"text"},
}  # fmt: skip
"""Fields that lowering does not look at, or only to say what is wrong."""
PLAIN = frozenset((int, str, bool, type(None)))
BODIES: WeakKeyDictionary[core.Block, str] = WeakKeyDictionary()
"""Digests: combinations share bodies. No span stands in one."""


def digest(value: object) -> str:
    """The digest of a checked program, or of a part of it, in each process the same."""
    content = Content()
    last = content.of(value)
    return cache.digest(marshal.dumps((content.rows, last), 2))


class Content:
    """rows: of each object, its class and what is in it, where objects are their numbers.

    known: the numbers of objects that were met; they live as long as the program does.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.known: dict[int, tuple[int]] = {}
        self.spans: dict[Span, int] = {}

    def of(self, value: Any) -> Any:
        """A plain value as it is, all else as a tuple of its number."""
        kind = type(value)
        if kind in PLAIN:
            return value
        known, rows, of = self.known, self.rows, self.of
        found = known.get(id(value))
        if found is None:
            parts: Any
            if kind is Span:
                parts = (self.span(value),)
            elif kind is core.Checked:
                parts = self.checked(value)
            else:
                inside = INSIDE.get(kind)
                if inside is None:
                    inside = INSIDE[kind] = inside_of(kind)
                parts = inside(value)
            inner = [p if type(p) in PLAIN else known.get(id(p)) or of(p) for p in parts]
            found = known[id(value)] = (len(rows),)
            rows.append((kind.__name__, *inner))
        return found

    def span(self, value: Span) -> int:
        return self.spans.setdefault(value, len(self.spans))

    def checked(self, value: core.Checked) -> tuple[Any, ...]:
        """What is in a checked program; of an origin, where it stands."""
        origins = value.origins
        return (
            *of_checked(value),
            tuple(origins),
            tuple(self.span(origin.span) for origin in origins.values()),
        )


def body(block: core.Block) -> str:
    """The digest of what a thread or an agent does."""
    found = BODIES.get(block)
    if found is None:
        found = BODIES[block] = digest(block)
    return found


def of_thread(value: core.Thread) -> tuple[object, ...]:
    return (*without_body(core.Thread)(value), body(value.body))


def of_agent(value: core.Agent) -> tuple[object, ...]:
    return (*without_body(core.Agent)(value), body(value.body))


def without_body(kind: type) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*(f.name for f in fields(kind) if f.name != "body"))


def of_block(value: core.Block) -> tuple[Any, ...]:
    """Of what a call was written out to the digest of that, and how it is numbered."""
    poll()
    return WRITTEN.get(value) or value.statements


INSIDE: dict[type, Callable[[Any], Any]] = {
    tuple: lambda value: value,
    frozenset: sorted,
    dict: lambda value: [part for pair in value.items() for part in pair],
    Elem: attrgetter("sort", "number", "name"),
    Atom: lambda value: (value.name,),
    core.Block: of_block,
    core.Thread: of_thread,
    core.Agent: of_agent,
}
"""By class, what gives what is in an object, in order."""


def inside_of(kind: type) -> Callable[[Any], Any]:
    """What gives the fields of a class's objects that count, but for what follows from others."""
    left_out = LEFT_OUT.get(kind, set())
    names = [f.name for f in fields(kind) if f.init and f.name not in left_out]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


of_checked = inside_of(core.Checked)
