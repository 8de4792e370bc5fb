"""What the names of a text stand for: each declaration, and each place where one is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from attrs import define, field

from mmscn.check.modules import Unit
from mmscn.check.parts import fields_of, items, nodes
from mmscn.source import Source, Span
from mmscn.syntax import tree as t

Kind: TypeAlias = Literal[
    "scenario", "module", "param", "knob", "word", "profile", "enum", "struct", "member",
    "variable", "lock", "attribute", "procedure", "hook", "agent", "step", "thread", "property",
    "mark", "label", "file", "mm", "mapping", "local", "argument", "constant",
]  # fmt: skip


class Symbol(NamedTuple):
    """name: as it is spelt. span: of the name. whole: of what declares it.

    seen: the part of the text in which a local is known, None for what is known everywhere.
    """

    name: str
    kind: Kind
    span: Span
    whole: Span
    seen: Span | None = None

    @property
    def key(self) -> tuple[str, int]:
        """The same for a declaration in whichever unit it is read."""
        return self.span.source.name, self.span.start


class Use(NamedTuple):
    """A place that names something, its declaration's among them."""

    span: Span
    symbol: Symbol


@define
class Index:
    """symbols: in the order of the texts. uses: in no order."""

    symbols: list[Symbol] = field(factory=list)
    uses: list[Use] = field(factory=list)

    def at(self, source: Source, offset: int) -> Use | None:
        """What is named at a place of a text; behind its last letter, too."""
        found = [
            use
            for use in self.uses
            if use.span.source is source and use.span.start <= offset <= use.span.end
        ]
        return min(found, key=lambda use: (offset == use.span.end, use.span.end - use.span.start),
                   default=None)  # fmt: skip

    def of(self, symbol: Symbol) -> list[Span]:
        """All places that mean a symbol, each once."""
        found = {
            (use.span.source.name, use.span.start): use.span
            for use in self.uses
            if use.symbol.key == symbol.key
        }
        return [found[key] for key in sorted(found)]

    def locals_at(self, source: Source, offset: int) -> list[Symbol]:
        """The locals that are known at a place."""
        return [
            s
            for s in self.symbols
            if s.seen is not None
            and s.span.source is source
            and s.seen.start <= offset <= s.seen.end
            and s.span.start <= offset
        ]


def word_in(span: Span, name: str, *, last: bool = False) -> Span:
    """Where a name stands in a part of a text: the first place, or the last."""
    text = span.source.text
    found = list(re.finditer(rf"(?<![\w]){re.escape(name)}(?![\w])", text[span.start : span.end]))
    if not found:
        return Span(span.source, span.start, min(span.end, span.start + len(name)))
    place = found[-1 if last else 0].start() + span.start
    return Span(span.source, place, place + len(name))


def index(unit: Unit) -> Index:
    """What the names of a scenario and all that it imports stand for."""
    found = Index()
    Declarations(unit, found)
    Uses(unit, found)
    return found


class Declarations:
    """Collects what the items of a unit declare."""

    def __init__(self, unit: Unit, found: Index) -> None:
        self.found = found
        if unit.scenario is not None:
            self.add(unit.scenario.name, "scenario", unit.scenario.span)
        for item in items(unit):
            self.item(item)
        for node in (n for item in items(unit) for n in nodes(item)):
            match node:
                case t.Mark(name=name, span=span):
                    self.once(name, "mark", span)
                case t.Thread(name=name, span=span):
                    self.add(name, "thread", span)
                case _:
                    pass

    def add(self, name: str, kind: Kind, whole: Span, inside: Span | None = None) -> Symbol:
        made = Symbol(name, kind, word_in(inside or whole, name), whole)
        self.found.symbols.append(made)
        self.found.uses.append(Use(made.span, made))
        return made

    def once(self, name: str, kind: Kind, whole: Span) -> None:
        known = [s for s in self.found.symbols if (s.name, s.kind) == (name, kind)]
        if known:
            self.found.uses.append(Use(word_in(whole, name, last=True), known[0]))
        else:
            made = Symbol(name, kind, word_in(whole, name, last=True), whole)
            self.found.symbols.append(made)
            self.found.uses.append(Use(made.span, made))

    def item(self, item: t.Item) -> None:
        match item:
            case t.Param(name=name, values=values, span=span):
                self.add(name, "param", span)
                self.words(values, span)
            case t.Knob(name=name, values=values, span=span):
                self.add(name, "knob", span)
                self.words(values, span)
            case t.Profile(name=name, knob=None, span=span):
                self.add(name, "profile", span)
            case t.Enum(name=name, members=members, span=span):
                self.add(name, "enum", span)
                behind = Span(span.source, word_in(span, name).end, span.end)
                for member in members:
                    self.add(member, "word", span, behind)
            case t.Struct(name=name, members=members, span=span):
                self.add(name, "struct", span)
                for m in members:
                    self.add(m.name, "member", m.span)
            case t.Each(members=members):
                for part in members:
                    self.add(part.name, "attribute", part.span)
            case t.Agent(name=name, members=members, span=span):
                self.add(name, "agent", span)
                for inner in members:
                    if isinstance(inner, t.Step):
                        self.add(inner.name, "step", inner.span)
            case _:
                self.simple(item)

    def simple(self, item: t.Item) -> None:
        """Items that declare one name."""
        match item:
            case t.Const(name=name, span=span):
                self.add(name, "constant", span)
            case t.Var(name=name, span=span):
                self.add(name, "variable", span)
            case t.LockDecl(name=name, span=span):
                self.add(name, "lock", span)
            case t.File(name=name, span=span):
                self.add(name, "file", span)
            case t.Map(name=name, span=span):
                self.add(name, "mapping", span)
            case t.Mm(name=name, maps=maps, span=span):
                self.add(name, "mm", span)
                for inner in maps:
                    self.add(inner.name, "mapping", inner.span)
            case t.Proc(name=name, span=span):
                self.add(name, "procedure", span)
            case t.Hook(name=name, span=span):
                self.add(name, "hook", span)
            case t.Property(name=name, span=span):
                self.add(name, "property", span)
            case _:
                pass

    def words(self, values: Iterable[t.Expr], whole: Span) -> None:
        for value in values:
            if isinstance(value, t.Name):
                made = Symbol(value.text, "word", value.span, whole)
                self.found.symbols.append(made)
                self.found.uses.append(Use(value.span, made))


Scope: TypeAlias = dict[str, Symbol]
NAMED: tuple[Kind, ...] = (
    "variable", "lock", "constant", "param", "knob", "file", "mm", "mapping", "enum", "word",
    "thread", "profile", "mark", "procedure",
)  # fmt: skip
"""What a name in an expression may mean, in the order in which it does."""


class Uses:
    """Collects what the names in expressions, statements and clauses mean."""

    def __init__(self, unit: Unit, found: Index) -> None:
        self.unit = unit
        self.found = found
        self.tables: dict[tuple[str, Kind], list[Symbol]] = {}
        for symbol in found.symbols:
            self.tables.setdefault((symbol.name, symbol.kind), []).append(symbol)
        for item in unit.import_items:
            self.module(item)
        for extension in unit.extensions:
            kind: Kind = "knob" if isinstance(extension, t.ExtendKnob) else "struct"
            span = extension.span
            behind = Span(span.source, span.start + len("extend"), span.end)
            self.use(word_in(behind, extension.name), extension.name, kind)
        for top in items(unit):
            self.node(top, {}, top.span)

    # ---- finding what is meant ------------------------------------------------------

    def use(self, span: Span, name: str, *kinds: Kind) -> None:
        """A place that names one of these, of the same text if there is one."""
        symbol = self.meant(span.source, name, *kinds)
        if symbol is not None:
            self.found.uses.append(Use(span, symbol))

    def meant(self, text: Source, name: str, *kinds: Kind) -> Symbol | None:
        known = [s for kind in kinds for s in self.tables.get((name, kind), ())]
        own = [s for s in known if s.span.source is text]
        shared = [s for s in known if s.span.source is not self.unit.source]
        return next(iter((*own, *shared, *known)), None)

    def module(self, item: t.Import) -> None:
        source = self.unit.modules.get(item.name)
        if source is not None and source.text:
            head = re.search(rf"\bmodule[ \t]+({re.escape(item.name)})", source.text)
            where = Span(source, *head.span(1)) if head else Span(source, 0, 0)
            last = word_in(item.span, item.name)
            self.found.uses.append(Use(last, Symbol(item.name, "module", where, where)))

    # ---- walking ----------------------------------------------------------------------

    def node(self, node: t.Node, scope: Scope, around: Span) -> None:
        """A node under the locals that are known there; those that it binds become known."""
        match node:
            case t.Block(statements=statements, span=span):
                inner = dict(scope)
                for s in statements:
                    if isinstance(s, t.LabelMark):
                        inner[f"{s.name}:"] = self.declare(s.name, "label", s.span, s.span, around)
                for s in statements:
                    self.node(s, inner, span)
            case t.Let(name=name, value=value, span=span):
                self.node(value, scope, around)
                scope[name] = self.declare(name, "local", span, span, around)
            case t.LetSeveral(names=names, value=value, span=span):
                self.node(value, scope, around)
                head = Span(span.source, span.start, value.span.start)
                for name in names:
                    scope[name] = self.declare(name, "local", head, span, around)
            case t.ChooseOne(name=name, over=over, body=None, span=span):
                self.node(over, scope, around)
                scope[name] = self.declare(name, "local", span, span, around)
            case t.ChooseOne(name=name, over=over, body=t.Block() as body, span=span):
                self.node(over, scope, around)
                self.node(body, self.bound(name, span, scope, span), span)
            case t.LocalVar(name=name, type=type_, value=value, span=span):
                self.parts((type_, value), scope, around)
                scope[name] = self.declare(name, "local", span, span, around)
            case t.For(name=name, over=over, body=body, span=span):
                self.node(over, scope, around)
                self.node(body, self.bound(name, span, scope, span), span)
            case t.Repeat(times=times, name=name, body=body, span=span):
                self.node(times, scope, around)
                head = Span(span.source, times.span.end, span.end)
                inner = scope if name is None else self.bound(name, head, scope, span)
                self.node(body, inner, span)
            case t.Quantified(name=name, over=over, body=body, span=span):
                self.node(over, scope, around)
                self.node(body, self.bound(name, span, scope, span), span)
            case t.Reject(name=name, over=over, when=when, span=span):
                self.node(over, scope, around)
                self.node(when, self.bound(name, span, scope, span), span)
            case t.Proc() | t.Hook() | t.OnHook() | t.Property():
                self.with_arguments(node)
            case t.Thread(replica=replica, cpu=cpu, mm=mm, body=body, span=span):
                inner = self.replicas((replica,), scope, span)
                self.parts((cpu, body), inner, span)
                if mm is not None:
                    head = Span(span.source, span.start, body.span.start)
                    self.use(word_in(head, mm, last=True), mm, "mm")
            case t.Agent():
                self.agent(node, scope)
            case _:
                self.names(node, scope, around)

    def with_arguments(self, item: t.Proc | t.Hook | t.OnHook | t.Property) -> None:
        head = Span(item.span.source, word_in(item.span, item.name).end, item.span.end)
        scope = {p: self.declare(p, "argument", head, item.span, item.span) for p in item.params}
        match item:
            case t.Proc(when=when, body=body):
                self.parts((when, body), scope, item.span)
            case t.Hook(body=body) | t.OnHook(body=body):
                self.parts((body,), scope, item.span)
            case t.Property(predicates=predicates):
                self.parts(predicates, scope, item.span)
        if isinstance(item, t.OnHook):
            self.use(word_in(item.span, item.name), item.name, "hook")

    def agent(self, agent: t.Agent, scope: Scope) -> None:
        inner = self.replicas((agent.replica,), scope, agent.span)
        for member in agent.members:
            if isinstance(member, t.Var):
                inner[member.name] = self.declare(
                    member.name, "variable", member.span, member.span, agent.span
                )
        for member in agent.members:
            if isinstance(member, t.Step):
                own = self.replicas(member.replicas, inner, member.span)
                self.parts((member.when, member.body), own, member.span)
            else:
                self.node(member, inner, agent.span)

    def replicas(self, all_: Iterable[t.Replica | None], scope: Scope, seen: Span) -> Scope:
        found = dict(scope)
        for replica in all_:
            if replica is not None:
                self.node(replica.over, found, seen)
                found = self.bound(replica.name, replica.span, found, seen)
        return found

    def declare(self, name: str, kind: Kind, near: Span, whole: Span, seen: Span) -> Symbol:
        made = Symbol(name, kind, word_in(near, name), whole, seen)
        self.found.symbols.append(made)
        self.found.uses.append(Use(made.span, made))
        return made

    def bound(self, name: str, near: Span, scope: Scope, seen: Span) -> Scope:
        return {**scope, name: self.declare(name, "local", near, near, seen)}

    def parts(self, parts: Iterable[t.Node | None], scope: Scope, around: Span) -> None:
        for part in parts:
            if part is not None:
                self.node(part, scope, around)

    def inside(self, node: t.Node, scope: Scope, around: Span) -> None:
        self.parts(children(node), scope, around)

    # ---- names ------------------------------------------------------------------------

    def names(self, node: t.Node, scope: Scope, around: Span) -> None:
        """What a node names by itself, and then what is in it."""
        span = node.span
        match node:
            case t.Name(text=name) if name in scope:
                self.found.uses.append(Use(span, scope[name]))
            case t.Name(text=name):
                self.use(span, name, *NAMED)
            case t.Attribute(base=base, name=name):
                behind = Span(span.source, base.span.end, span.end)
                self.use(word_in(behind, name, last=True), name, "attribute", "member")
            case t.Applied(name=name):
                self.use(word_in(span, name), name, "attribute", "procedure")
            case t.StructValue(name=name, members=members):
                self.use(word_in(span, name), name, "struct")
                self.members(members, span)
            case t.Changed(base=base, members=members):
                self.members(members, Span(span.source, base.span.end, span.end))
            case t.CallValue(name=name):
                self.use(word_in(span, name), name, "procedure", "hook")
            case t.TypeExpr(name=str(name)):
                self.use(word_in(span, name, last=True), name, "enum", "struct")
            case t.PropertyUse(name=name):
                self.use(word_in(span, name), name, "property")
            case t.Goto(label=label) if f"{label}:" in scope:
                place = word_in(span, label, last=True)
                self.found.uses.append(Use(place, scope[f"{label}:"]))
            case t.Machine(profile=name):
                self.use(word_in(span, name), name, "profile")
            case t.Setting(name=name):
                self.use(word_in(span, name), name, "knob", "param")
            case t.Map(file=str(name)):
                self.use(word_in(span, name, last=True), name, "file")
            case t.Check(after=str(name)):
                self.use(word_in(span, name, last=True), name, "mark")
            case t.Expect(violated=violated, vacuous=vacuous):
                for name in (*violated, *vacuous):
                    if re.search(rf"(?<![\w\"]){re.escape(name)}(?![\w\"])", span.text):
                        self.use(word_in(span, name), name, "property")
            case t.Profile(knob=str(knob)):
                self.use(word_in(span, knob, last=True), knob, "knob")
            case _:
                pass
        self.inside(node, scope, span)

    def members(self, names: Iterable[str], span: Span) -> None:
        """`page = p, write = true`: what is in front of each `=`."""
        at = span.start
        for name in names:
            in_front = re.compile(rf"(?<!\w){re.escape(name)}(?=\s*=)")
            found = in_front.search(span.source.text, at, span.end)
            if found is not None:
                self.use(Span(span.source, *found.span()), name, "member")
                at = found.end()


def children(node: t.Node) -> Iterator[t.Node]:
    """The nodes that are directly in one."""
    for name in fields_of(node):
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, t.Node):
                yield part
