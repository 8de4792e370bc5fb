"""What a text may do with the number of its threads, if it is to say the same for every number.

The threads are `thread NAME[c in 0..P - 1]`, for a param P. Of P the text may make
nothing but lists from 0 to P - 1 (of indices, threads, agents, loops, quantifiers), the
number of the machine's CPUs and the CPUs behind those of the threads. What runs over such
a list is a *number of a thread*: it may be an index, a CPU, an argument of a procedure that
does no more with it, and be compared with another such number. So no text can tell one
thread from another, nor whether there are five of them.

Nothing here looks at what a step does: `shape` and `aggregates` do.
"""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from mmscn.check.modules import Unit
from mmscn.prove.refused import Refused
from mmscn.syntax import tree as t

NUMBERED_SORTS = ("cpu", "thread")


def counting_param(unit: Unit, name: str) -> str:
    """The param that says how many threads `name` there are. Raises Refused."""
    threads = list(threads_of(unit.compositions))
    item = next((one for one in threads if one.name == name), None)
    if item is None:
        known = ", ".join(f"`{one.name}`" for one in threads if one.replica) or "none"
        raise Refused(f"there is no thread `{name}[…]`; those that may be many are: {known}")
    over = None if item.replica is None else item.replica.over
    param = counted_to(over)
    if param is None or param not in unit.params:
        where = f"[{item.replica.name} in 0..N - 1]" if item.replica else "[c in 0..N - 1]"
        text = f"the number of `{name}` is no param; write `param N = 1` and `thread {name}{where}`"
        raise Refused(text, item.span)
    if param in unit.knobs:
        raise Refused(f"`{param}` is a knob of a module as well", unit.params[param].span)
    return param


def threads_of(parts: list[t.Composable] | tuple[t.Composable, ...]) -> Iterator[t.Thread]:
    for part in parts:
        if isinstance(part, t.Thread):
            yield part
        else:
            yield from threads_of(part.parts)


def counted_to(over: t.Node | None) -> str | None:
    """The P of `0..P - 1`."""
    match over:
        case t.Range(
            low=t.Literal(value=0),
            high=t.Binary(op="-", left=t.Name(text=param), right=t.Literal(value=1)),
        ):
            return param
        case t.TypeExpr(
            kind="range",
            low=t.Literal(value=0),
            high=t.Binary(op="-", left=t.Name(text=param), right=t.Literal(value=1)),
        ):
            return param
    return None


def says_the_same(unit: Unit, param: str) -> None:
    """Raises Refused where the text does more with a param than it may."""
    Reader(unit, param).read()


class Reader:
    """A text that is looked through once; procedures as often as numbers are given to them."""

    def __init__(self, unit: Unit, param: str) -> None:
        self.unit = unit
        self.param = param
        self.given: dict[tuple[str, int], frozenset[int]] = {}
        self.todo: list[tuple[str, int]] = []

    def read(self) -> None:
        skipped = {id(self.unit.params[self.param]), *(id(e) for e in self.unit.expects)}
        for part in parts_of(self.unit):
            if id(part) not in skipped:
                self.node(part, frozenset())
        while self.todo:
            name, arity = self.todo.pop()
            for proc in self.unit.procs.get(name, ()):
                if len(proc.params) == arity:
                    numbers = {proc.params[n] for n in self.given[name, arity]}
                    self.node(proc.body, frozenset(numbers))

    def node(self, node: t.Node, numbers: frozenset[str]) -> None:
        """One node and what is in it; `numbers`: names of numbers of threads."""
        if counted_to(node) == self.param:
            return
        match node:
            case t.Name(text=text) if text == self.param:
                raise Refused(f"`{text}` decides more here than how many there are", node.span)
            case t.Name(text=text) if text in numbers:
                raise Refused(f"`{text}` is used for more than to say which one", node.span)
            case t.Attribute(name="number"):
                raise Refused("the number of an element is looked at", node.span)
            case t.Element(sort=sort, number=number) if sort in NUMBERED_SORTS:
                raise Refused(f"`{sort} {number}` is one of them, or none, by number", node.span)
            case t.Setting(name="cpus", value=value) if self.beyond(value):
                return
            case t.Let(name=name) | t.LocalVar(name=name) if name in numbers:
                raise Refused(f"`{name}` means two things here", node.span)
            case t.LetSeveral(names=names) if numbers & set(names):
                name = next(name for name in names if name in numbers)
                raise Refused(f"`{name}` means two things here", node.span)
            case t.Const(name=name, value=value) if counted_to(value) == self.param:
                raise Refused(f"`{name}` is a list of them under another name", node.span)
            case t.Block(statements=statements):
                for s in statements:
                    self.node(s, numbers)
                    if isinstance(s, t.ChooseOne) and s.body is None:
                        numbers = self.bound(s.name, s.over, numbers)
            case t.Thread():
                self.thread(node, numbers)
            case t.Index(base=base, indices=indices):
                self.node(base, numbers)
                self.several(indices, numbers)
            case t.Binary(op="==" | "!=", left=left, right=right):
                if not (is_number(left, numbers) and is_number(right, numbers)):
                    self.node(left, numbers)
                    self.node(right, numbers)
            case t.CallValue(name=name, args=args) | t.Applied(name=name, args=args):
                self.call(name, args, numbers)
            case (
                t.For(name=name, over=over, body=body)
                | t.ChooseOne(name=name, over=over, body=t.Block() as body)
            ):
                self.node(over, numbers)
                self.node(body, self.bound(name, over, numbers))
            case t.Repeat(times=times, name=str() as name, body=body):
                self.node(times, numbers)
                self.node(body, numbers - {name})
            case t.Quantified(name=name, over=over, body=body):
                self.node(over, numbers)
                self.node(body, self.bound(name, over, numbers))
            case t.Agent(replica=t.Replica(name=name, over=over), members=members):
                self.node(over, numbers)
                for member in members:
                    self.node(member, self.bound(name, over, numbers))
            case t.Step():
                self.step(node, numbers)
            case _:
                for part in inside(node):
                    self.node(part, numbers)

    def step(self, node: t.Step, numbers: frozenset[str]) -> None:
        for replica in node.replicas:
            self.node(replica.over, numbers)
            numbers = self.bound(replica.name, replica.over, numbers)
        if node.when is not None:
            self.node(node.when, numbers)
        self.node(node.body, numbers)

    def thread(self, node: t.Thread, numbers: frozenset[str]) -> None:
        if node.replica is not None:
            self.node(node.replica.over, numbers)
            numbers = self.bound(node.replica.name, node.replica.over, numbers)
        if isinstance(node.cpu, t.Literal):
            raise Refused(f"the CPU of `{node.name}` is one of theirs, by number", node.span)
        if node.cpu is not None and not (self.beyond(node.cpu) or is_number(node.cpu, numbers)):
            self.node(node.cpu, numbers)
        self.node(node.body, numbers)

    def bound(self, name: str, over: t.Node, numbers: frozenset[str]) -> frozenset[str]:
        return numbers | {name} if counted_to(over) == self.param else numbers - {name}

    def several(self, nodes: tuple[t.Expr, ...], numbers: frozenset[str]) -> None:
        for node in nodes:
            if not is_number(node, numbers):
                self.node(node, numbers)

    def call(self, name: str, args: tuple[t.Expr, ...], numbers: frozenset[str]) -> None:
        self.several(args, numbers)
        mine = {n for n, arg in enumerate(args) if is_number(arg, numbers)}
        if mine and name in self.unit.hooks:
            raise Refused(f"a number of a thread is given to `{name}`", args[0].span)
        key = (name, len(args))
        before = self.given.get(key, frozenset())
        if not mine <= before:
            self.given[key] = before | mine
            self.todo.append(key)

    def beyond(self, node: t.Expr) -> bool:
        """Whether it is P, or P and a number."""
        match node:
            case t.Name(text=text):
                return text == self.param
            case t.Binary(op="+", left=t.Name(text=text), right=t.Literal(value=int())):
                return text == self.param
        return False


def is_number(node: t.Node, numbers: frozenset[str]) -> bool:
    return isinstance(node, t.Name) and node.text in numbers


def parts_of(unit: Unit) -> Iterator[t.Node]:
    """All items of a scenario and its modules."""
    for field in attrs.fields(Unit):
        yield from nodes_in(getattr(unit, field.name))


def inside(node: t.Node) -> Iterator[t.Node]:
    """The nodes that a node is made of."""
    for field in attrs.fields(type(node)):
        if field.name != "span":
            yield from nodes_in(getattr(node, field.name))


def nodes_in(value: object) -> Iterator[t.Node]:
    match value:
        case t.Node():
            yield value
        case tuple() | list():
            for part in value:
                yield from nodes_in(part)
        case dict():
            for part in value.values():
                yield from nodes_in(part)
