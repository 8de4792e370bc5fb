"""Scenarios with one lock, flush, fence, exchange, atomic, check or reference less.

A mutant is made in the tree, before anything is elaborated:

    lock       a `lock` block becomes a plain one; or all `lock`, `trylock` and `unlock` of one
               lock in a procedure go, and with it those of the procedures that it hands the
               lock to
    flush      a `flush` goes
    fence      a `fence` goes
    exchange   `let old = xchg cell, value` becomes a read and, a step later, a write; so does an
               `atomic` that begins with `old = cell` and `cell = value`
    atomic     any other `atomic` becomes the statements in it
    check      an `if` without `else` goes where its block leaves (`return`, `goto`); any other is
               done without its condition
    reference  what counts by one goes: `x.count += 1`, and the call of a procedure that begins so
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

import attrs
from attrs import evolve, frozen

from mmscn.check.modules import Unit
from mmscn.syntax import tree as t
from mmscn.syntax.unparse import expression, statement

KINDS = ("lock", "flush", "fence", "exchange", "atomic", "check", "reference")

Place = tuple[str, int]
"""A statement: the name of its source, and where it begins."""

Handed = Sequence[Sequence[str]]
"""Groups of procedures that hand a lock to each other."""

N = TypeVar("N", bound=t.Node)

LEAVING = (t.Return, t.Goto, t.Break, t.Continue, t.Exit)


@frozen
class Mutant:
    """name: stable under edits elsewhere. places: the statements that are changed."""

    name: str
    kind: str
    places: frozenset[Place]


def mutants(unit: Unit, handed: Handed = ()) -> Iterator[Mutant]:
    """All that can be made of a scenario and its modules."""
    found: dict[str, int] = {}
    counting = counting_of(unit)
    for owner, bodies in owners(unit, handed):
        for kind, text, places in changes(bodies, counting):
            name = f"{owner}: {text}"
            found[name] = found.get(name, 0) + 1
            number = f" (#{found[name]})" if found[name] > 1 else ""
            yield Mutant(name + number, kind, frozenset(places))


def owners(unit: Unit, handed: Handed) -> Iterator[tuple[str, list[t.Block]]]:
    """Each piece of code by a name, with the procedures that it hands locks to."""
    procs = [p for variants in unit.procs.values() for p in variants if not hardware(p)]
    groups = {name: group for group in handed for name in group}
    for proc in procs:
        group = groups.get(proc.name, (proc.name,))
        if proc.name != group[0]:
            continue
        when = f" [{expression(proc.when)}]" if proc.when is not None else ""
        bodies = [proc.body, *(p.body for p in procs if p.name in group[1:])]
        yield f"{module(proc)} {proc.name}(){when}", bodies
    for handlers in unit.handlers.values():
        for handler in handlers:
            if not hardware(handler):
                yield f"{module(handler)} on {handler.name}()", [handler.body]
    for thread in threads(unit.compositions):
        assert unit.scenario is not None
        yield f"{unit.scenario.name} thread {thread.name}", [thread.body]


def module(item: t.Item) -> str:
    name = item.span.source.name
    return name.rpartition("/")[2].removesuffix(".mmscn")


HARDWARE = "hw."
"""Modules of what the kernel cannot change."""


def hardware(item: t.Item) -> bool:
    return item.span.source.name.startswith(HARDWARE)


def threads(parts: Sequence[t.Composable]) -> Iterator[t.Thread]:
    for part in parts:
        match part:
            case t.Thread():
                yield part
            case t.Composition(parts=inner):
                yield from threads(inner)


def counting_of(unit: Unit) -> frozenset[str]:
    """The procedures that begin with counting something by one."""
    found = set()
    for name, variants in unit.procs.items():
        for p in variants:
            if not hardware(p) and begins_counting(p.body):
                found.add(name)
    return frozenset(found)


def begins_counting(b: t.Block) -> bool:
    first = next((s for s in b.statements if not isinstance(s, t.SourceNote)), None)
    match first:
        case t.Atomic(body=body):
            return begins_counting(body)
        case t.Update():
            return counts(first)
    return False


def counts(s: t.Update) -> bool:
    """Whether a member of something is one more or less."""
    by_one = isinstance(s.value, t.Literal) and s.value.value == 1
    return by_one and isinstance(s.target, t.Attribute)


def changes(
    bodies: list[t.Block], counting: frozenset[str]
) -> Iterator[tuple[str, str, list[Place]]]:
    """The kind of a change, what it takes away, and where."""
    held: dict[str, list[Place]] = {}
    for body in bodies:
        for s in statements(body):
            match s:
                case t.Lock(body=t.Block()):
                    yield "lock", statement(s), [place(s)]
                case t.Lock(lock=lock) | t.Unlock(lock=lock) | t.Let(value=t.Trylock(lock=lock)):
                    held.setdefault(expression(lock), []).append(place(s))
                case t.Flush():
                    yield "flush", statement(s), [place(s)]
                case t.Let(value=t.Xchg()) | t.Assign(value=t.Xchg()):
                    yield "exchange", statement(s), [place(s)]
                case t.Atomic(body=body) if (cell := exchanged(body)) is not None:
                    yield "exchange", f"atomic exchange of {expression(cell)}", [place(s)]
                case t.Atomic():
                    yield "atomic", statement(s), [place(s)]
                case t.Fence():
                    yield "fence", statement(s), [place(s)]
                case t.If(otherwise=None):
                    yield "check", statement(s), [place(s)]
                case t.CallStmt(call=t.CallValue(name=name)) if name in counting:
                    yield "reference", statement(s), [place(s)]
                case t.Update() if counts(s):
                    yield "reference", statement(s), [place(s)]
    for text, places in held.items():
        yield "lock", f"lock {text}", places


def exchanged(body: t.Block) -> t.Expr | None:
    """The cell that a block begins with reading, and writes in its second statement."""
    match body.statements[:2]:
        case [
            t.Assign(target=t.Name(), value=t.Attribute() as read),
            t.Assign(target=t.Attribute() as written),
        ] if expression(read) == expression(written):
            return read
    return None


def statements(node: t.Node) -> Iterator[t.Stmt]:
    """All statements of a tree, in order."""
    if isinstance(node, t.Stmt):
        yield node
    for child in children(node):
        yield from statements(child)


def children(node: t.Node) -> Iterator[t.Node]:
    for name in names_of(node):
        value = getattr(node, name)
        if isinstance(value, t.Node):
            yield value
        elif isinstance(value, tuple):
            yield from (v for v in value if isinstance(v, t.Node))


def names_of(node: t.Node) -> tuple[str, ...]:
    """The fields of a node, its span left out."""
    kind: Any = type(node)
    found: tuple[str, ...] = fields(kind)
    return found


@cache
def fields(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in attrs.fields(kind) if f.name != "span")


def place(s: t.Stmt) -> Place:
    return s.span.source.name, s.span.start


# ---- making one -------------------------------------------------------------


def mutated(unit: Unit, mutant: Mutant) -> Unit:
    """The unit with the mutant's statements changed."""

    def change(node: N) -> N:
        return changed(node, mutant.places)

    return evolve(
        unit,
        procs={name: [change(p) for p in variants] for name, variants in unit.procs.items()},
        handlers={name: [change(h) for h in found] for name, found in unit.handlers.items()},
        compositions=[change(part) for part in unit.compositions],
    )


def changed(node: N, places: frozenset[Place]) -> N:
    """The same node where nothing in it is changed."""
    new: dict[str, Any] = {}
    for name in names_of(node):
        value = getattr(node, name)
        if isinstance(value, t.Node):
            other: object = changed(value, places)
        elif isinstance(value, tuple):
            other = tuple(part for v in value for part in parts_of(v, places))
            if len(other) == len(value) and all(a is b for a, b in zip(other, value, strict=True)):
                other = value
        else:
            continue
        if other is not value:
            new[name] = other
    return evolve(node, **new) if new else node


def parts_of(value: object, places: frozenset[Place]) -> tuple[object, ...]:
    """What stands in a tuple instead of one of its members."""
    if isinstance(value, t.Stmt) and place(value) in places:
        return tuple(changed(s, places - {place(value)}) for s in without(value))
    return (changed(value, places),) if isinstance(value, t.Node) else (value,)


def without(s: t.Stmt) -> tuple[t.Stmt, ...]:
    """What is left of a statement."""
    match s:
        case t.Lock(body=t.Block() as body):
            return (t.If(s.span, t.Literal(s.span, True), body, None),)
        case t.Atomic(body=body):
            return (t.If(s.span, t.Literal(s.span, True), body, None),)
        case t.Let(value=t.Trylock()):
            return (evolve(s, value=t.Literal(s.span, True)),)
        case t.Let(value=t.Xchg(cell=cell, value=value)):
            return (evolve(s, value=cell), t.Assign(s.span, cell, value))
        case t.Assign(value=t.Xchg(cell=cell, value=value)):
            return (evolve(s, value=cell), t.Assign(s.span, cell, value))
        case t.If(then=then, otherwise=None) if not leaves(then):
            return (t.If(s.span, t.Literal(s.span, True), then, None),)
    return ()


def leaves(b: t.Block) -> bool:
    return bool(b.statements) and isinstance(b.statements[-1], LEAVING)
