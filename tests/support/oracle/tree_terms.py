"""Expressions of the tree, read as docs/language.md says, into functions of the variables."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Protocol

from attrs import define, evolve, field
from support.oracle.tree_made import (
    apply,
    at,
    choice,
    conjunction,
    const,
    disjunction,
    fresh,
    implication,
    inside,
    negation,
    written_out,
)
from support.oracle.tree_order import Buffers
from support.oracle.tree_types import (
    LockRef,
    Many,
    Meaning,
    Member,
    ModelError,
    Place,
    Term,
    Type,
    Value,
    same,
)

from mmscn.syntax import tree as t

COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
ARITHMETIC = {"+": operator.add, "-": operator.sub}


class Unwalkable(Exception):
    """The walker does not know this part of the language, or the text is none of it."""


@define
class World:
    """What the text declares. variables: state by (sort or None, name); words: of all kinds."""

    params: dict[str, Value] = field(factory=dict)
    sorts: dict[str, tuple[Value, ...]] = field(factory=dict)
    enums: dict[str, tuple[str, ...]] = field(factory=dict)
    words: set[str] = field(factory=set)
    structs: dict[str, Type] = field(factory=dict)
    variables: dict[tuple[str | None, str], Place] = field(factory=dict)
    locks: dict[tuple[str | None, str], LockRef] = field(factory=dict)
    procs: dict[str, list[t.Proc]] = field(factory=dict)
    consts: dict[str, t.Expr] = field(factory=dict)
    buffers: Buffers | None = None


class Taking(Protocol):
    """What writes the steps that an expression takes, where it may take some."""

    def operation(self, view: View, e: t.Expr) -> Meaning: ...

    def decided(self, view: View, op: str, left: Term, right: t.Expr) -> Term: ...


@define
class View:
    """What a statement sees: names, and the thread that it belongs to.

    writer: None where a state is only looked at.
    """

    world: World
    names: dict[str, Meaning] = field(factory=dict)
    thread: int | None = None
    cpu: Value = None
    writer: Taking | None = None

    def inner(self, **changes: Any) -> View:
        new = evolve(self, **changes)
        new.names = dict(new.names)
        return new


# ---- the expressions ------------------------------------------------------------


def single(view: View, e: t.Expr) -> Term:
    """A term, where no list and no lock may stand."""
    found = meaning(view, e)
    if not isinstance(found, Term):
        raise Unwalkable("a single value")
    return found


def meaning(view: View, e: t.Expr) -> Meaning:
    match e:
        case t.Name(text=name):
            return named(view, name)
        case t.Literal(value=value):
            return const(value)
        case t.Fresh():
            return Term(get=fresh, fresh=True, domain=(0,))
        case t.Element(sort=sort, number=number):
            return const(view.world.sorts[sort][number])
        case t.Attribute(base=base, name=name) if called_so(view.world, name):
            return meaning(view, t.Applied(e.span, name, (base,)))
        case t.Attribute(base=base, name=name):
            return attribute(view, meaning(view, base), name)
        case t.Index(base=base, indices=indices):
            found = meaning(view, base)
            for index in indices:
                found = indexed(found, single(view, index))
            return found
        case t.Applied(name=name, args=args):
            if view.writer is not None and calls(view.world, name):
                return view.writer.operation(view, t.CallValue(e.span, name, args))
            return applied(view, name, args)
        case t.StructValue() | t.Changed():
            return written(view, e)
        case t.Unary(op="not", operand=operand):
            return negation(single(view, operand))
        case t.Unary(operand=operand):
            return apply(operator.neg, single(view, operand))
        case t.Binary(op="and" | "or" | "implies" as op, left=left, right=right):
            return logical(view, op, single(view, left), right)
        case t.Binary(op=op, left=left, right=right):
            return apply(binary(op), single(view, left), single(view, right))
        case t.MemberOf(item=item, choices=choices, negated=negated):
            found = const(False)
            wanted = single(view, item)
            for one in choices:
                found = disjunction(found, apply(same, wanted, single(view, one)))
            return negation(found) if negated else found
        case t.Conditional(condition=c, then=a, otherwise=b):
            condition = single(view, c)
            if condition.known:
                return single(view, a if condition.value else b)
            return choice(condition, single(view, a), single(view, b))
        case t.Range(low=low, high=high):
            ends = single(view, low).value, single(view, high).value
            return Many(tuple(range(ends[0], ends[1] + 1)))
        case t.Quantified():
            return quantified(view, e)
        case t.Load() | t.Xchg() | t.Cmpxchg() | t.Trylock() | t.CallValue() if view.writer:
            return view.writer.operation(view, e)
    raise Unwalkable(type(e).__name__)


def written(view: View, e: t.StructValue | t.Changed) -> Term:
    """A struct that is written out."""
    match e:
        case t.StructValue(name=name, members=names, values=values):
            type_ = view.world.structs[name]
            assert type_.shape is not None
            parts = zip(type_.shape.positions, type_.first()[1:], strict=True)
            new = zip(map(Member, names), [single(view, v) for v in values], strict=True)
            return written_out(type_, {n: const(v) for n, v in parts} | dict(new))
        case t.Changed(base=base, members=names, values=values):
            old = single(view, base)
            type_ = Type("struct", shape=old.whole[0])
            kept = {name: part(old, name) for name in old.whole[0].positions}
            new = zip(map(Member, names), [single(view, v) for v in values], strict=True)
            return written_out(type_, kept | dict(new))
    raise AssertionError(e)


def binary(op: str) -> Callable[..., Value]:
    if op == "==":
        return same
    if op == "!=":
        return lambda a, b: not same(a, b)
    return COMPARE.get(op) or ARITHMETIC[op]


def logical(view: View, op: str, left: Term, right: t.Expr) -> Term:
    """What a known left side switches off is not even read."""
    if left.known and op != "implies" and left.value is (op == "or"):
        return left
    if left.known and op == "implies" and not left.value:
        return const(True)
    if not left.known and view.writer is not None and takes_steps(view.world, right):
        return view.writer.decided(view, op, left, right)
    make = {"and": conjunction, "or": disjunction, "implies": implication}[op]
    return make(left, single(view, right))


def named(view: View, name: str) -> Meaning:
    world = view.world
    if name in view.names:
        return view.names[name]
    if (None, name) in world.locks:
        return world.locks[None, name]
    if (None, name) in world.variables:
        return at(world.variables[None, name])
    if name in world.consts:
        return meaning(View(world), world.consts[name])
    if name in world.params:
        return const(world.params[name])
    if name in world.sorts:
        return Many(world.sorts[name])
    if name in world.enums:
        return Many(world.enums[name])
    if name == "current" and view.thread is not None:
        return const(("thread", view.thread))
    if name == "this_cpu" and view.cpu is not None:
        return const(view.cpu)
    if name in world.words:
        return const(name)
    raise Unwalkable(f"the name {name}")


def attribute(view: View, base: Meaning, name: str) -> Meaning:
    world = view.world
    if isinstance(base, LockRef):
        return held(world, base) if name == "held" else at(base.owner)
    if not isinstance(base, Term):
        raise Unwalkable("an attribute of a list")
    if base.known and base.value is None:
        raise Unwalkable("an attribute of none")
    if base.sort is None:
        size = size_of(base)
        return part(base, Member(name)) if name != "size" or size is None else const(size)
    key = (base.sort, name)
    if key in world.locks:
        lock = world.locks[key]
        readers = lock.readers and lock.readers.into(base, inside(lock.readers.type))
        return LockRef(lock.kind, lock.owner.into(base, inside(lock.owner.type)), readers)
    if key in world.variables:
        var = world.variables[key]
        return at(var.into(base, inside(var.type)))
    if base.sort == "cpu" and name == "drained":
        return drained(world, base)
    if name == "number":
        domain = tuple(v[1] for v in base.domain if v is not None)
        return evolve(apply(number_of, base), domain=domain)
    raise Unwalkable(f"the attribute {name}")


def drained(world: World, cpu: Term) -> Term:
    """Whether all that the threads of a CPU have stored has reached memory."""
    buffers = world.buffers
    if buffers is None:
        return const(True)
    return Term(get=lambda values: buffers.empty(values, cpu.get(values)), shared=True)


def number_of(element: Value) -> int:
    if element is None:
        raise ModelError("number")
    return int(element[1])


def size_of(base: Term) -> int | None:
    """How many a queue has room for; None of what is none."""
    if base.whole is not None:
        return base.whole[0].size
    type_ = base.place.type if base.place is not None else base.type
    return type_.shape.size if type_ is not None and type_.shape is not None else None


def part(base: Term, name: Member) -> Term:
    """A member of a struct, kept somewhere or computed."""
    if base.place is not None:
        place = base.place.into(name, inside(base.place.type, name))
        part_of = None
        if base.whole is not None:
            shape = base.whole[0]
            type_ = shape.parts[shape.positions[name] - 1]
            part_of = at(Place(0, shared=False, type=type_))
        return at(place, settled=base.settled, of=part_of)
    if base.members is not None:
        return base.members[name]
    raise Unwalkable("a member of what is kept nowhere")


def indexed(base: Meaning, index: Term) -> Meaning:
    if isinstance(base, LockRef):
        readers = base.readers and base.readers.into(index, inside(base.readers.type))
        return LockRef(base.kind, base.owner.into(index, inside(base.owner.type)), readers)
    if isinstance(base, Many):
        return const(base.items[index.value])
    if base.place is None:
        raise Unwalkable("an index of what is kept nowhere")
    of = None
    if base.whole is not None:
        of = at(Place(0, shared=False, type=base.whole[0].parts[0]))
    return at(base.place.into(index, inside(base.place.type)), of=of)


def held(world: World, lock: LockRef) -> Term:
    """By anybody, in any mode."""
    found = negation(apply(same, at(lock.owner), const(None)))
    for reader in readers(world, lock):
        found = disjunction(found, reader)
    return found


def readers(world: World, lock: LockRef) -> list[Term]:
    if lock.readers is None:
        return []
    of = inside(lock.readers.type)
    return [at(lock.readers.into(const(thread), of)) for thread in world.sorts["thread"]]


def applied(view: View, name: str, args: tuple[t.Expr, ...]) -> Meaning:
    """`flag(p)` is `p.flag`; a procedure of one `return` is an expression."""
    for proc in view.world.procs.get(name, ()):
        if proc.when is not None and not single(View(view.world), proc.when).value:
            continue
        match proc.body.statements:
            case (t.Return(value=t.ExprNode() as value),):
                names = {p: meaning(view, a) for p, a in zip(proc.params, args, strict=True)}
                return meaning(view.inner(names=names), value)
    found = attribute(view, meaning(view, args[0]), name)
    for index in args[1:]:
        found = indexed(found, single(view, index))
    return found


def calls(world: World, name: str) -> bool:
    """Whether `name(...)` is a call that takes steps, and no attribute or mere expression."""
    if any(name == known and sort is not None for sort, known in world.variables):
        return False
    for proc in world.procs.get(name, ()):
        if proc.when is None or single(View(world), proc.when).value:
            match proc.body.statements:
                case (t.Return(value=t.Several()),):
                    return True
                case (t.Return(value=t.ExprNode() as value),):
                    return takes_steps(world, value)
            return True
    return False


def called_so(world: World, name: str) -> bool:
    """Whether `x.f` is `f(x)`: nothing has an attribute or member of that name."""
    known = {n for sort, n in (*world.variables, *world.locks) if sort is not None}
    known |= {n for s in world.structs.values() if s.shape for n in s.shape.positions}
    known |= {"held", "owner", "number", "drained", "size"}
    return name in world.procs and name not in known


def takes_steps(world: World, node: object) -> bool:
    match node:
        case t.Load() | t.Xchg() | t.Cmpxchg() | t.Trylock() | t.CallValue():
            return True
        case t.Applied(name=name) if calls(world, name):
            return True
        case t.Attribute(name=name) if called_so(world, name) and calls(world, name):
            return True
        case t.ExprNode():
            parts = [getattr(node, a.name) for a in type(node).__attrs_attrs__]
            return any(takes_steps(world, part) for part in parts)
        case tuple():
            return any(takes_steps(world, part) for part in node)
    return False


def members(view: View, over: t.Expr) -> list[tuple[Value, Term]]:
    """What is gone over, and whether each belongs to it."""
    found = meaning(view, over)
    match found:
        case Many(items):
            return [(item, const(True)) for item in items]
        case Term(known=True, value=value):
            return [(value, const(True))]
        case Term(sort=str() as sort):
            every = view.world.sorts[sort]
            return [(item, apply(same, found, const(item))) for item in every]
    raise Unwalkable("what is gone over")


def quantified(view: View, e: t.Quantified) -> Term:
    result = {"all": const(True), "any": const(False), "count": const(0)}[e.kind]
    for item, belongs in members(view, e.over):
        inner = view.inner()
        inner.names[e.name] = const(item)
        body = single(inner, e.body)
        match e.kind:
            case "all":
                result = conjunction(result, implication(belongs, body))
            case "any":
                result = disjunction(result, conjunction(belongs, body))
            case _:
                one = choice(conjunction(belongs, body), const(1), const(0))
                result = apply(operator.add, result, one)
    return result
