"""A walk over what stands in a text by itself, with the names that each part of it sees."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from mmscn.budget import poll
from mmscn.check.parts import fields_of
from mmscn.source import Span
from mmscn.syntax import tree as t

Code: TypeAlias = t.Proc | t.Hook | t.OnHook | t.Init | t.Agent | t.Thread
"""Where the code of a scenario begins."""
Asking: TypeAlias = (
    t.Property | t.Const | t.Predicate | t.Check | t.Expect | t.Outcomes | t.Reject | t.Stale
)
"""What else has expressions in it that are looked up where they stand."""


class NameWalk:
    """Tells of each name, procedure, struct and jump, with the names of the item that it sees.

    locals: the item's own so far, and where each is declared.
    """

    def __init__(self) -> None:
        self.locals: dict[str, tuple[Span, t.Block]] = {}

    def name(self, text: str, span: Span, names: set[str]) -> None:
        """A name that stands for a value."""

    def procedure(self, name: str, span: Span) -> None:
        """The name of a call that gives a value."""

    def struct(self, name: str, span: Span) -> None:
        """The name of a struct whose value is written."""

    def jump(self, label: str, span: Span, labels: tuple[str, ...]) -> None:
        """A `goto` to a label that none around it is."""

    def item(self, item: Code | Asking) -> None:
        self.locals = {}
        match item:
            case t.Proc(params=params, when=when, body=body):
                self.expression(when, set())
                self.block(body, set(params), ())
            case t.Hook(params=params, body=body) | t.OnHook(params=params, body=body):
                if body is not None:
                    self.block(body, set(params), ())
            case t.Init(body=body):
                self.block(body, set(), ())
            case t.Agent():
                self.agent(item)
            case t.Thread(replica=replica, cpu=cpu, body=body):
                names = self.replica(replica, set())
                self.expression(cpu, names)
                self.block(body, names, ())
            case t.Property(params=params, predicates=predicates):
                for predicate in predicates:
                    self.expression(predicate.condition, set(params))
                    self.expression(predicate.leads_to, set(params))
            case t.Const(value=value):
                self.expression(value, set())
            case t.Reject(name=name, over=over, when=when):
                self.expression(over, set())
                self.expression(when, {name})
            case t.Stale(replicas=replicas):
                seen = set[str]()
                for replica in replicas:
                    seen = self.replica(replica, seen)
                self.anything(item, seen)
            case t.Predicate() | t.Check() | t.Expect() | t.Outcomes():
                self.anything(item, set())
            case _:
                assert_never(item)

    def agent(self, agent: t.Agent) -> None:
        names = self.replica(agent.replica, set())
        names |= {m.name for m in agent.members if isinstance(m, t.Var)}
        for member in agent.members:
            match member:
                case t.Step(replicas=replicas, when=when, body=body):
                    inner = set(names)
                    for replica in replicas:
                        inner = self.replica(replica, inner)
                    self.expression(when, inner)
                    self.block(body, inner, ())
                case t.Busy(when=when):
                    self.expression(when, names)
                case t.Var():
                    pass
                case _:
                    assert_never(member)

    def replica(self, replica: t.Replica | None, names: set[str]) -> set[str]:
        if replica is None:
            return set(names)
        self.expression(replica.over, names)
        return names | {replica.name}

    def block(self, block: t.Block, names: set[str], labels: tuple[str, ...]) -> None:
        names = set(names)
        labels += tuple(s.name for s in block.statements if isinstance(s, t.LabelMark))
        for s in block.statements:
            poll()
            match s:
                case t.Let(name=name, value=value) | t.LocalVar(name=name, value=value):
                    self.expression(value, names)
                    names.add(name)
                    self.locals[name] = s.span, block
                case t.LetSeveral(names=several, value=value):
                    self.expression(value, names)
                    names |= set(several)
                    self.locals |= dict.fromkeys(several, (s.span, block))
                case t.ChooseOne(name=name, over=over, body=None):
                    self.expression(over, names)
                    names.add(name)
                    self.locals[name] = s.span, block
                case (
                    t.For(name=name, over=over, body=body)
                    | t.ChooseOne(name=name, over=over, body=t.Block() as body)
                ):
                    self.expression(over, names)
                    self.block(body, names | {name}, labels)
                case t.Repeat(times=times, name=counter, body=body):
                    self.expression(times, names)
                    self.block(body, names | ({counter} if counter else set()), labels)
                case t.Goto(label=label, span=span) if label not in labels:
                    self.jump(label, span, labels)
                case _:
                    self.parts(s, names, labels)

    def parts(self, node: t.Node, names: set[str], labels: tuple[str, ...]) -> None:
        """The expressions and blocks of a node, wherever they are in it."""
        for field in fields_of(node):
            value = getattr(node, field)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, t.Block):
                    self.block(part, names, labels)
                elif isinstance(part, t.Expr):
                    self.expression(part, names)

    def anything(self, node: t.Node, names: set[str]) -> None:
        for field in fields_of(node):
            value = getattr(node, field)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, t.Expr):
                    self.expression(part, names)
                elif isinstance(part, t.Node):
                    self.anything(part, names)

    def expression(self, e: t.Expr | None, names: set[str]) -> None:
        match e:
            case None:
                return
            case t.Name(text=text, span=span):
                if text not in names:
                    self.name(text, span, names)
            case t.Quantified(name=name, over=over, body=body):
                self.expression(over, names)
                self.expression(body, names | {name})
            case t.StructValue(name=name, span=span):
                self.struct(name, span)
                self.parts(e, names, ())
            case t.CallValue(name=name, args=args, span=span):
                self.procedure(name, span)
                for arg in args:
                    self.expression(arg, names)
            case _:
                self.parts(e, names, ())
