"""Names that mean nothing, in all the text: also where no combination of params leads.

What a name means is found out by elaboration, which writes out only what is
called. Here every procedure, agent, property and thread is read once, so that
a slip in a variant nobody has chosen yet is reported all the same.
"""

from __future__ import annotations

from typing import TypeAlias, assert_never

from mmscn.budget import poll
from mmscn.check import clashes
from mmscn.check.declared_names import look_up_declarations
from mmscn.check.missing import no_struct, of_its_module, of_name, of_procedure
from mmscn.check.modules import Unit
from mmscn.check.parts import fields_of, items, marks, threads
from mmscn.check.values import SORTS
from mmscn.check.variation import MACHINE_WORDS, atoms, bundles_fit
from mmscn.diagnostics import Label, Reporter, closest
from mmscn.source import Span
from mmscn.syntax import tree as t

Root: TypeAlias = t.Proc | t.Hook | t.OnHook | t.Init | t.Agent | t.Thread
"""Where the code of a scenario begins."""
BUILT_IN = frozenset((*clashes.HERE, "anon"))


def look_up(unit: Unit) -> None:
    """Raises Rejected for names declared nowhere (MM207), jumps to nowhere (MM210), and
    names that mean two things (`clashes`).
    """
    reporter = Reporter()
    names = Names(unit, reporter)
    names.everything()
    look_up_declarations(unit, names.marked, reporter)
    clashes.find(unit, reporter)
    bundles_fit(unit, reporter)
    reporter.raise_if_any()


class Names:
    def __init__(self, unit: Unit, reporter: Reporter) -> None:
        self.unit = unit
        self.reporter = reporter
        self.known = set(BUILT_IN) | set(SORTS) | set(MACHINE_WORDS) | atoms(unit)
        for table in (unit.params, unit.knobs, unit.enums, unit.profiles):
            self.known |= set(table)
        self.known |= {f.name for f in unit.files} | {m.name for m in unit.mms}
        self.known |= {m.name for m in unit.maps} | {m.name for mm in unit.mms for m in mm.maps}
        self.known |= {v.name for v in unit.variables} | {c.name for c in unit.consts}
        for node in self.roots():
            self.known |= {m.name for m in marks(node)}
        self.replicated: set[str] = set()
        for part in unit.compositions:
            self.replicated |= {th.name for th in threads(part) if th.replica is not None}
            self.known |= {thread.name for thread in threads(part)}
        self.callable = set(unit.procs) | set(unit.hooks)
        self.marked = {m.name for node in self.roots() for m in marks(node)}
        self.near = self.known - hidden(unit)
        """What a misspelt name may have meant."""
        self.locals: dict[str, tuple[Span, t.Block]] = {}

    def roots(self) -> list[Root]:
        unit = self.unit
        procs: list[Root] = [p for variants in unit.procs.values() for p in variants]
        handlers = [h for found in unit.handlers.values() for h in found]
        bodies = [th for part in unit.compositions for th in threads(part)]
        return [*procs, *unit.hooks.values(), *handlers, *unit.inits, *unit.agents, *bodies]

    def everything(self) -> None:
        for name, handlers in self.unit.handlers.items():
            if name not in self.unit.hooks:
                for handler in handlers:
                    hint = closest(name, self.unit.hooks)
                    self.reporter.error(
                        "MM207", f"there is no hook `{name}`", handler.span, hint=hint
                    )
        for root in self.roots():
            self.locals = {}
            match root:
                case t.Proc(params=params, when=when, body=body):
                    self.expression(when, set())
                    self.block(body, set(params), ())
                case t.Hook(params=params, body=body) | t.OnHook(params=params, body=body):
                    if body is not None:
                        self.block(body, set(params), ())
                case t.Init(body=body):
                    self.block(body, set(), ())
                case t.Agent():
                    self.agent(root)
                case t.Thread(replica=replica, cpu=cpu, body=body):
                    names = self.replica(replica, set())
                    self.expression(cpu, names)
                    self.block(body, names, ())
                case _:
                    assert_never(root)
        for property_ in self.unit.properties.values():
            for predicate in property_.predicates:
                self.expression(predicate.condition, set(property_.params))
                self.expression(predicate.leads_to, set(property_.params))
        for const in self.unit.consts:
            self.expression(const.value, set())
        asked = (*self.unit.predicates, *self.unit.checks, *self.unit.expects, *self.unit.outcomes)
        for item in asked:
            self.anything(item, set())
        for reject in self.unit.rejects:
            self.expression(reject.over, set())
            self.expression(reject.when, {reject.name})
        for stale in self.unit.stales:
            names = set[str]()
            for replica in stale.replicas:
                names = self.replica(replica, names)
            self.anything(stale, names)

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
                    self.reporter.error(
                        "MM210",
                        f"no label `{label}` stands around this `goto`",
                        span,
                        hint=closest(label, labels)
                        or "a label stands in the same block or in one around it",
                    )
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
                if text not in names and (text not in self.known or self.ended(text)):
                    self.unknown(text, span, names)
            case t.Binary(left=t.Name(text=asked) as left, right=t.Name(text=text, span=span)) if (
                text not in names and text not in self.known and self.words_of(asked)
            ):
                self.expression(left, names)
                every = self.words_of(asked)
                hint = closest(text, every) or f"`{asked}` is one of {', '.join(every)}"
                self.reporter.error("MM207", f"nothing is named `{text}`", span, hint=hint)
            case t.Quantified(name=name, over=over, body=body):
                self.expression(over, names)
                self.expression(body, names | {name})
            case t.StructValue(name=name, span=span):
                if name not in self.unit.structs:
                    self.reporter.found.extend(no_struct(self.unit, name, span).diagnostics)
                self.parts(e, names, ())
            case t.CallValue(name=name, args=args, span=span):
                if name not in self.callable:
                    hint = of_its_module(self.unit, name) or of_procedure(name, self.callable)
                    what = f"there is no procedure `{name}`"
                    self.reporter.error("MM207", what, span, hint=hint)
                for arg in args:
                    self.expression(arg, names)
            case _:
                self.parts(e, names, ())

    def words_of(self, name: str) -> list[str]:
        """The words that a param, a knob or a variable of an enum may be."""
        unit = self.unit
        ways = unit.params.get(name) or unit.knobs.get(name)
        if ways is not None:
            return [e.text for e in ways.values if isinstance(e, t.Name)]
        for v in unit.variables:
            enum = unit.enums.get(v.type.name or "") if isinstance(v, t.Var) else None
            if v.name == name and enum is not None:
                return list(enum.members)
        return []

    def ended(self, text: str) -> bool:
        """Whether a local of that name was meant: threads with an index share it, and do not
        stand alone.
        """
        return text in self.locals and text in self.replicated

    def unknown(self, text: str, span: Span, names: set[str]) -> None:
        if text in self.callable:
            hint: str | None = f"write `call {text}(...)`"
            self.reporter.error("MM207", f"`{text}` is a procedure", span, hint=hint)
            return
        if text in self.locals:
            declared, block = self.locals[text]
            self.reporter.error(
                "MM207",
                f"`{text}` is known only in the block of line {block.span.line}",
                span,
                labels=(Label(declared, "declared here"),),
                hint=f"declare it before that block, with `var {text} = ...`",
            )
            return
        hint = of_name(text, self.near | names)
        self.reporter.error("MM207", f"nothing is named `{text}`", span, hint=hint)


def hidden(unit: Unit) -> set[str]:
    """Words of modules that the author has not imported: of the hardware, mostly."""
    imported = {unit.modules[name].name for name in unit.imports if name in unit.modules}
    seen = {unit.source.name, *imported}
    said: dict[bool, set[str]] = {True: set(), False: set()}
    for item in items(unit):
        match item:
            case t.Param(name=name, values=values) | t.Knob(name=name, values=values):
                words = {name} | {e.text for e in values if isinstance(e, t.Name)}
            case t.Enum(name=name, members=members):
                words = {name, *members}
            case t.Var() | t.LockDecl() | t.Profile() | t.Const():
                words = {item.name}
            case _:
                words = {m.name for m in marks(item)}
        said[item.span.source.name in seen] |= words
    return said[False] - said[True]
