"""A thread's body as a graph: what comes after what, and where a step may begin."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, assert_never

from attrs import define, field

from mmscn.check import core
from mmscn.check.kept_calls import WRITTEN, WrittenOut

NodeKind: TypeAlias = Literal["step", "silent", "if", "choose", "end"]


@define(eq=False, repr=False)
class Node:
    """One statement and its successors.

    kind: `step` (touches shared state), `silent`, `if` (silent), `choose`, `end`.
    atomic: the outermost atomic statement it is in. meets: whether several ways may
    come together here. join: where those of an `if` do. within: the call that it belongs to, of
    which it is the node of that number.
    """

    kind: NodeKind
    stmt: core.Stmt | None = None
    next: Node | None = None
    branches: tuple[Node, ...] = ()
    atomic: Node | None = None
    body: Node | None = None
    exit: Node | None = None
    meets: bool = False
    join: Node | None = None
    within: Within | None = None
    number: int = 0

    @property
    def visible(self) -> bool:
        """Whether a thread can stand here between two steps."""
        return self.kind in ("step", "choose", "end")


@define(eq=False, repr=False)
class Within:
    """The nodes of a call, in an order that its statements alone decide. written: what it is."""

    written: WrittenOut
    nodes: list[Node] = field(factory=list)


class Flow:
    """Builds the graph of one body, from the end backwards."""

    def __init__(self) -> None:
        self.labels: dict[int, Node] = {}
        self.within: Within | None = None

    def block(self, block: core.Block, after: Node, atomic: Node | None = None) -> Node:
        for s in reversed(block.statements):
            after = self.statement(s, after, atomic)
        return after

    def statement(self, s: core.Stmt, after: Node, atomic: Node | None) -> Node:
        match s:
            case core.Block():
                written = WRITTEN.get(s)
                if written is None or atomic is not None:
                    return self.block(s, after, atomic)
                outside, self.within = self.within, Within(written)
                first = self.block(s, after, atomic)
                self.within = outside
                return first
            case core.Label(number=number):
                node = self.label(number)
                node.next, node.atomic, node.meets = after, atomic, True
                return node
            case core.Goto(label=label):
                return self.node("silent", next=self.label(label), atomic=atomic)
            case core.If(condition=condition, then=then, otherwise=otherwise):
                after.meets = True
                yes = self.block(then, after, atomic)
                no = self.block(otherwise, after, atomic)
                kind: NodeKind = "step" if touches(condition) and atomic is None else "if"
                return self.node(kind, s, branches=(yes, no), atomic=atomic, join=after)
            case core.Choose(branches=branches):
                after.meets = True
                entries = tuple(self.block(b, after, atomic) for b in branches)
                return self.node("choose", s, branches=entries, atomic=atomic, meets=True)
            case core.Atomic(body=body):
                if atomic is not None:
                    return self.block(body, after, atomic)
                node = self.node("step", s, next=after)
                node.exit = self.node("silent", next=after, meets=True)
                node.body = self.block(body, node.exit, node)
                return node
            case core.Assign() | core.Await() | core.Assert() | core.Bug():
                kind = "step" if atomic is None and visible(s) else "silent"
                return self.node(kind, s, next=after, atomic=atomic)
            case _:
                assert_never(s)

    def label(self, number: int) -> Node:
        if number not in self.labels:
            self.labels[number] = self.node("silent")
        return self.labels[number]

    def node(self, kind: NodeKind, stmt: core.Stmt | None = None, **rest: Any) -> Node:
        made, within = Node(kind, stmt, **rest), self.within
        if within is not None:
            made.within, made.number = within, len(within.nodes)
            within.nodes.append(made)
        return made


def visible(s: core.Assign | core.Await | core.Assert | core.Bug) -> bool:
    """Whether a statement is a step of its own: it touches a shared cell and is no ghost's."""
    match s:
        case core.Assign(targets=targets, values=values, ghost=ghost):
            places = any(isinstance(t, core.Cell) for t in targets)
            return not ghost and (places or any(touches(v) for v in values))
        case core.Await():
            return True
        case core.Assert(condition=condition):
            return touches(condition)
        case core.Bug():
            return False
        case _:
            assert_never(s)


def touches(expr: core.Expr) -> bool:
    """Whether an expression reads a shared cell."""
    match expr:
        case core.Cell() | core.Ended() | core.Quiet():
            return True
        case core.Apply(args=args):
            return any(touches(a) for a in args)
        case core.Const() | core.Local() | core.Fresh() | core.Undefined():
            return False
        case _:
            assert_never(expr)
