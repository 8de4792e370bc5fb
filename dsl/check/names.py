"""Names that mean nothing, in all the text: also where no combination of params leads.

What a name means is found out by elaboration, which writes out only what is
called. Here every procedure, agent, property and thread is read once, so that
a slip in a variant nobody has chosen yet is reported all the same.
"""

from __future__ import annotations

from functools import cached_property

from mmscn.check import clashes
from mmscn.check.declared_names import look_up_declarations
from mmscn.check.mentions import know, mentions
from mmscn.check.missing import no_struct, of_its_module, of_name, of_procedure
from mmscn.check.modules import Unit
from mmscn.check.name_walk import Asking, Code, NameWalk
from mmscn.check.parts import items, threads
from mmscn.check.values import SORTS
from mmscn.check.variation import MACHINE_WORDS, atoms, bundles_fit
from mmscn.diagnostics import Label, Reporter, closest
from mmscn.source import Span
from mmscn.syntax import tree as t

BUILT_IN = frozenset((*clashes.HERE, "anon"))


def look_up(unit: Unit) -> None:
    """Raises Rejected for names declared nowhere (MM207), jumps to nowhere (MM210), and
    names that mean two things (`clashes`).
    """
    know(text for name, text in unit.texts.items() if unit.is_shipped(unit.modules[name]))
    reporter = Reporter()
    names = Names(unit, reporter)
    names.everything()
    look_up_declarations(unit, names.marked, reporter)
    clashes.find(unit, reporter)
    bundles_fit(unit, reporter)
    reporter.raise_if_any()


class Names(NameWalk):
    def __init__(self, unit: Unit, reporter: Reporter) -> None:
        super().__init__()
        self.unit = unit
        self.reporter = reporter
        self.known = set(BUILT_IN) | set(SORTS) | set(MACHINE_WORDS) | atoms(unit)
        for table in (unit.params, unit.knobs, unit.enums, unit.profiles):
            self.known |= set(table)
        self.known |= {f.name for f in unit.files} | {m.name for m in unit.mms}
        self.known |= {m.name for m in unit.maps} | {m.name for mm in unit.mms for m in mm.maps}
        self.known |= {v.name for v in unit.variables} | {c.name for c in unit.consts}
        self.marked = {name for root in self.roots() for name in mentions(root).marks}
        self.known |= self.marked
        self.replicated: set[str] = set()
        for part in unit.compositions:
            self.replicated |= {th.name for th in threads(part) if th.replica is not None}
            self.known |= {thread.name for thread in threads(part)}
        self.callable = set(unit.procs) | set(unit.hooks)

    @cached_property
    def near(self) -> set[str]:
        """What a misspelt name may have meant."""
        return self.known - hidden(self.unit)

    def roots(self) -> list[Code]:
        unit = self.unit
        procs: list[Code] = [p for variants in unit.procs.values() for p in variants]
        handlers = [h for found in unit.handlers.values() for h in found]
        bodies = [th for part in unit.compositions for th in threads(part)]
        return [*procs, *unit.hooks.values(), *handlers, *unit.inits, *unit.agents, *bodies]

    def everything(self) -> None:
        unit = self.unit
        for name, handlers in unit.handlers.items():
            if name not in unit.hooks:
                for handler in handlers:
                    hint = closest(name, unit.hooks)
                    self.reporter.error(
                        "MM207", f"there is no hook `{name}`", handler.span, hint=hint
                    )
        every: list[Code | Asking] = [*self.roots(), *unit.properties.values(), *unit.consts]
        every += unit.predicates
        every += [*unit.checks, *unit.expects, *unit.outcomes, *unit.rejects, *unit.stales]
        for item in every:
            if self.may_be_wrong(item):
                self.item(item)

    def may_be_wrong(self, item: t.Node) -> bool:
        """Whether an item has a name that is not known, or one that is several things."""
        found = mentions(item)
        return (
            found.astray
            or not found.free <= self.known
            or not found.free.isdisjoint(self.replicated)
            or not found.procedures <= self.callable
            or not found.structs <= self.unit.structs.keys()
        )

    def jump(self, label: str, span: Span, labels: tuple[str, ...]) -> None:
        self.reporter.error(
            "MM210",
            f"no label `{label}` stands around this `goto`",
            span,
            hint=closest(label, labels) or "a label stands in the same block or in one around it",
        )

    def name(self, text: str, span: Span, names: set[str]) -> None:
        if text not in self.known or self.ended(text):
            self.unknown(text, span, names)

    def procedure(self, name: str, span: Span) -> None:
        if name not in self.callable:
            hint = of_its_module(self.unit, name) or of_procedure(name, self.callable)
            self.reporter.error("MM207", f"there is no procedure `{name}`", span, hint=hint)

    def struct(self, name: str, span: Span) -> None:
        if name not in self.unit.structs:
            self.reporter.found.extend(no_struct(self.unit, name, span).diagnostics)

    def expression(self, e: t.Expr | None, names: set[str]) -> None:
        match e:
            case t.Binary(left=t.Name(text=asked) as left, right=t.Name(text=text, span=span)) if (
                text not in names and text not in self.known and self.words_of(asked)
            ):
                self.expression(left, names)
                every = self.words_of(asked)
                hint = closest(text, every) or f"`{asked}` is one of {', '.join(every)}"
                self.reporter.error("MM207", f"nothing is named `{text}`", span, hint=hint)
            case _:
                super().expression(e, names)

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
                words = set(mentions(item).marks)
        said[item.span.source.name in seen] |= words
    return said[False] - said[True]
