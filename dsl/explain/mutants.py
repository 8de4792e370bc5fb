"""Scenarios with one lock, flush, fence, exchange, atomic, check or reference less.

A mutant is made in the tree, before anything is elaborated:

    lock       a `lock` block becomes a plain one; or all `lock`, `trylock` and `unlock` of one
               lock in a procedure go, and with them those in the procedures that it calls, and
               that call it, where they call the lock the same: it is handed from one to the other
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

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import attrs
from attrs import evolve, frozen

from mmscn.check.modules import Unit
from mmscn.syntax import tree as t
from mmscn.syntax.unparse import expression, statement

KINDS = ("lock", "flush", "fence", "exchange", "atomic", "check", "reference")

Place = tuple[str, int]
"""Of a statement, or of a `trylock` in a condition: the name of its source, and where it begins."""

N = TypeVar("N", bound=t.Node)

LEAVING = (t.Return, t.Goto, t.Break, t.Continue, t.Exit)


@frozen
class Mutant:
    """name: stable under edits elsewhere. places: the statements that are changed."""

    name: str
    kind: str
    places: frozenset[Place]


class Owner(NamedTuple):
    """A piece of code. called: the procedure that it is, empty for what nobody calls."""

    title: str
    called: str
    body: t.Block


def mutants(unit: Unit) -> Iterator[Mutant]:
    """All that can be made of a scenario and its modules."""
    found: dict[str, int] = {}
    counting = counting_of(unit)
    code = list(owners(unit))
    bare = handed(code)
    for number, owner in enumerate(code):
        locks = [("lock", f"lock {text}", places) for text, places in bare.get(number, ())]
        for kind, text, places in (*changes(owner.body, counting), *locks):
            name = f"{owner.title}: {text}"
            found[name] = found.get(name, 0) + 1
            nth = f" (#{found[name]})" if found[name] > 1 else ""
            yield Mutant(name + nth, kind, frozenset(places))


def owners(unit: Unit) -> Iterator[Owner]:
    """All code but the hardware's."""
    for proc in (p for variants in unit.procs.values() for p in variants):
        if not hardware(proc):
            when = f" [{expression(proc.when)}]" if proc.when is not None else ""
            yield Owner(f"{module(proc)} {proc.name}(){when}", proc.name, proc.body)
    for handlers in unit.handlers.values():
        for handler in handlers:
            if not hardware(handler):
                yield Owner(f"{module(handler)} on {handler.name}()", "", handler.body)
    for thread in threads(unit.compositions):
        assert unit.scenario is not None
        yield Owner(f"{unit.scenario.name} thread {thread.name}", "", thread.body)


def handed(code: Sequence[Owner]) -> dict[int, list[tuple[str, list[Place]]]]:
    """Locks that are taken without a block: what each is called, and all of its statements.

    Each stands at the number of the code that it is named after: of those that hand it to each
    other the first in the texts, whatever else is imported.
    """
    bare = [bare_locks(owner.body) for owner in code]
    group = {(number, lock): {(number, lock)} for number, own in enumerate(bare) for lock in own}
    for caller, owner in enumerate(code):
        called = set(calls(owner.body))
        for number, other in enumerate(code):
            if other.called in called:
                for lock in bare[caller].keys() & bare[number].keys():
                    joined = group[caller, lock] | group[number, lock]
                    group.update((member, joined) for member in joined)
    found: dict[int, list[tuple[str, list[Place]]]] = {}
    for (number, lock), members in group.items():
        if number == min((n for n, _ in members), key=lambda n: place(code[n].body)):
            places = [one for n, _ in sorted(members) for one in bare[n][lock]]
            found.setdefault(number, []).append((lock, places))
    return found


def bare_locks(body: t.Block) -> dict[str, list[Place]]:
    """The statements about each lock that is taken or left without a block."""
    found: dict[str, list[Place]] = {}
    for s in statements(body):
        match s:
            case t.Lock(body=t.Block()):
                pass
            case t.Lock(lock=lock) | t.Unlock(lock=lock) | t.Let(value=t.Trylock(lock=lock)):
                found.setdefault(expression(lock), []).append(place(s))
            case t.If(condition=asked):
                for tried in (e for e in nodes(asked) if isinstance(e, t.Trylock)):
                    found.setdefault(expression(tried.lock), []).append(place(tried))
    return found


def nodes(node: t.Node) -> Iterator[t.Node]:
    yield node
    for child in children(node):
        yield from nodes(child)


def calls(node: t.Node) -> Iterator[str]:
    """The procedures that a piece of code calls."""
    return (n.name for n in nodes(node) if isinstance(n, t.CallValue))


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


def changes(body: t.Block, counting: frozenset[str]) -> Iterator[tuple[str, str, list[Place]]]:
    """The kind of a change, what it takes away, and where; but for `handed()` locks."""
    for s in statements(body):
        match s:
            case t.Lock(body=t.Block()):
                yield "lock", statement(s), [place(s)]
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


def place(node: t.Node) -> Place:
    return node.span.source.name, node.span.start


# ---- making one -------------------------------------------------------------


Instead = Callable[[t.Stmt], tuple[t.Stmt, ...]]
"""What stands in a program instead of a statement."""


def mutated(unit: Unit, mutant: Mutant, instead: Instead | None = None) -> Unit:
    """The unit with the mutant's statements changed: to what is left of them, or another way."""

    def change(node: N) -> N:
        return changed(node, mutant.places, instead or without)

    return evolve(
        unit,
        procs={name: [change(p) for p in variants] for name, variants in unit.procs.items()},
        handlers={name: [change(h) for h in found] for name, found in unit.handlers.items()},
        compositions=[change(part) for part in unit.compositions],
    )


def changed(node: N, places: frozenset[Place], instead: Instead) -> N:
    """The same node where nothing in it is changed."""
    new: dict[str, Any] = {}
    for name in names_of(node):
        value = getattr(node, name)
        if isinstance(value, t.Trylock) and place(value) in places:
            other: object = t.Literal(value.span, True)
        elif isinstance(value, t.Node):
            other = changed(value, places, instead)
        elif isinstance(value, tuple):
            other = tuple(part for v in value for part in parts_of(v, places, instead))
            if len(other) == len(value) and all(a is b for a, b in zip(other, value, strict=True)):
                other = value
        else:
            continue
        if other is not value:
            new[name] = other
    return evolve(node, **new) if new else node


def parts_of(value: object, places: frozenset[Place], instead: Instead) -> tuple[object, ...]:
    """What stands in a tuple instead of one of its members."""
    if isinstance(value, t.Stmt) and place(value) in places:
        return tuple(changed(s, places - {place(value)}, instead) for s in instead(value))
    return (changed(value, places, instead),) if isinstance(value, t.Node) else (value,)


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
