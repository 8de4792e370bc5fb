"""What nothing uses: params, procedures, handlers, imports and more that mean nothing as they are.

These are warnings: the text can be run, and means less than its author may think. A scenario's
own declarations are used where something that can run leads to them, in whatever combination of
the params. A module's are what it offers; of those only what is never named in any text is told.
Shipped modules are not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import assert_never

from mmscn.budget import poll
from mmscn.check.mentions import mentions
from mmscn.check.modules import PRELUDE, Unit
from mmscn.check.parts import items, nodes_of
from mmscn.check.strange_values import strange_values
from mmscn.check.variation import knob_of
from mmscn.check.whens import never
from mmscn.diagnostics import Diagnostic, closest, order
from mmscn.source import Source, Span
from mmscn.syntax import tree as t


class Used:
    """What some items mention: `names` and `called`."""

    def __init__(self, items: Iterable[t.Node]) -> None:
        every = [mentions(item) for item in items]
        self.names = frozenset[str]().union(*(each.names for each in every))
        self.called = frozenset[str]().union(*(each.called for each in every))


def unused(unit: Unit) -> tuple[Diagnostic, ...]:
    """The warnings of a unit whose names are all known, in the order of the text."""
    found = Unused(unit)
    found.everything()
    return tuple(sorted(found.told, key=order))


class Unused:
    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.told: list[Diagnostic] = []
        self.shipped = {id(s) for name, s in unit.modules.items() if s.name == name}
        self.everywhere = Used(items(unit))
        self.live = self.reached([i for i in items(unit) if is_root(i)])

    def warn(self, code: str, message: str, span: Span, hint: str | None = None) -> None:
        self.told.append(Diagnostic(code, message, span, hint=hint, severity="warning"))

    def own(self, node: t.Node) -> bool:
        return id(node.span.source) not in self.shipped

    def top(self, node: t.Node) -> bool:
        """Whether it stands in the scenario's own text."""
        return node.span.source is self.unit.source

    def reached(self, roots: Iterable[t.Node]) -> set[str]:
        """The names of all that is called, directly or not, from some items."""
        unit = self.unit
        todo: list[t.Node] = list(roots)
        seen: set[str] = set()
        while todo:
            poll()
            for name in mentions(todo.pop()).called - seen:
                seen.add(name)
                todo += unit.procs.get(name, ())
                todo += unit.handlers.get(name, ())
                todo += [unit.hooks[name]] if name in unit.hooks else []
                todo += [unit.properties[name]] if name in unit.properties else []
        return seen

    def everything(self) -> None:
        self.values()
        self.procedures()
        self.marks()
        self.imports()
        for condition, what in never(self.unit):
            message = f"{what}: no combination of the params meets its condition"
            self.warn("MM606", message, condition.span)
        for what, name, values, span in strange_values(self.unit):
            hint = closest(what, values) or f"it has {', '.join(values)}"
            self.warn("MM605", f"`{name}` never is `{what}`", span, hint)

    def values(self) -> None:
        """Params, knobs, variables, locks, enums, structs."""
        unit, names = self.unit, self.everywhere.names
        for param in unit.params.values():
            knob = knob_of(unit, param)
            if knob is None and param.name in unit.knobs:
                self.beside_knob(param, unit.knobs[param.name])
            elif param.name not in names and knob is None:
                hint = closest(param.name, unit.knobs)
                self.warn("MM601", f"nothing reads the param `{param.name}`", param.span, hint)
        for knob in filter(self.own, unit.knobs.values()):
            if knob.name not in names:
                self.warn("MM601", f"nothing reads the knob `{knob.name}`", knob.span)
        for const in filter(self.own, unit.consts):
            if const.name not in names:
                self.warn("MM601", f"nothing reads the constant `{const.name}`", const.span)
        state: list[t.Var | t.LockDecl] = [*unit.variables]
        state += [member for each in unit.eaches for member in each.members]
        for agent in unit.agents:
            state += [member for member in agent.members if isinstance(member, t.Var)]
        for var in filter(self.own, state):
            if var.name not in names:
                what = "reads" if isinstance(var, t.Var) else "takes the lock"
                self.warn("MM601", f"nothing {what} `{var.name}`", var.span)
        for enum in filter(self.own, unit.enums.values()):
            if not names & {enum.name, *enum.members}:
                self.warn("MM601", f"nothing is an `{enum.name}`", enum.span)
        for struct in filter(self.own, unit.structs.values()):
            if struct.name not in names:
                self.warn("MM601", f"nothing is a `{struct.name}`", struct.span)

    def beside_knob(self, param: t.Param, knob: t.Knob) -> None:
        values = ", ".join(v.span.text for v in knob.values)
        message = f"`{param.name}` is the scenario's own, and does not choose the knob of that name"
        self.warn("MM607", message, param.span, f"the knob has {values}")

    def procedures(self) -> None:
        """Procedures, hooks, handlers and properties."""
        unit = self.unit
        callable_ = {*unit.procs, *unit.hooks}
        for name, procs in unit.procs.items():
            poll()
            for p in filter(self.top, procs):
                if name not in self.live:
                    hint = closest(name, callable_ - {name})
                    self.warn("MM602", f"nothing calls `{name}`", head(p), hint)
        for hook in filter(self.top, unit.hooks.values()):
            if hook.name not in self.live:
                self.warn("MM602", f"nothing calls the hook `{hook.name}`", head(hook))
        for name, handlers in unit.handlers.items():
            for handler in handlers:
                called = self.live if self.top(handler) else self.everywhere.called
                if self.own(handler) and name not in called:
                    hint = closest(name, set(unit.hooks) - {name})
                    self.warn("MM602", f"nothing calls the hook `{name}`", head(handler), hint)
        for asked in filter(self.top, unit.properties.values()):
            if asked.name not in self.live:
                hint = f"write `check {asked.name}`"
                self.warn("MM603", f"nothing checks the property `{asked.name}`", asked.span, hint)

    def marks(self) -> None:
        names = self.everywhere.names
        waited = {check.after for check in self.unit.checks if check.after is not None}
        for item in items(self.unit):
            for node in nodes_of(item) if self.own(item) and mentions(item).marks else ():
                if isinstance(node, t.Mark) and node.name not in names:
                    hint = closest(node.name, waited)
                    self.warn("MM603", f"nothing looks `after {node.name}`", node.span, hint)

    def imports(self) -> None:
        """An import is used where it alone brings something that is used, or runs by itself."""
        for importer in [self.unit.source, *self.unit.modules.values()]:
            own = [i for i in self.unit.import_items if i.span.source is importer]
            if id(importer) in self.shipped:
                continue
            closures = {i.name: self.closure(i.name) for i in own}
            used = self.used_by(importer)
            for item in own:
                others = [c for name, c in closures.items() if name != item.name]
                mine = closures[item.name].difference(*others) | {item.name}
                if not mine & used and item.name != PRELUDE:
                    self.warn("MM604", f"nothing of `{item.name}` is used", item.span)

    def closure(self, name: str) -> set[str]:
        """A module and all that it imports."""
        found: set[str] = set()
        todo = [name]
        while todo:
            here = todo.pop()
            if here not in found:
                found.add(here)
                source = self.unit.modules.get(here)
                todo += [i.name for i in self.unit.import_items if i.span.source is source]
        return found

    def used_by(self, importer: Source) -> set[str]:
        """The modules that a text makes use of: what it names, and what runs by itself."""
        module_of = {id(s): name for name, s in self.unit.modules.items()}
        text = Used(item for item in items(self.unit) if item.span.source is importer)
        called = self.live if importer is self.unit.source else self.everywhere.called
        names = text.names | text.called | set(self.unit.params)
        names |= called if importer is self.unit.source else set()
        names |= {p.name for p in self.overrides(importer)} | self.handled(importer)
        words = {w.text for i in items(self.unit) if i.span.source is importer
                 for w in nodes_of(i) if isinstance(w, t.Name)}  # fmt: skip
        found = set()
        for item in items(self.unit):
            module = module_of.get(id(item.span.source))
            if module is None or item.span.source is importer:
                continue
            if offered(item) & (names | words) or runs_by_itself(item, called):
                found.add(module)
        return found

    def overrides(self, importer: Source) -> list[t.Proc]:
        procs = [p for variants in self.unit.procs.values() for p in variants]
        return [p for p in procs if p.override and p.span.source is importer]

    def handled(self, importer: Source) -> set[str]:
        every = [h for handlers in self.unit.handlers.values() for h in handlers]
        return {h.name for h in every if h.span.source is importer}


def offered(item: t.Item) -> set[str]:
    """The names by which an item can be used."""
    match item:
        case t.Each(members=members):
            return {m.name for m in members}
        case t.Enum(name=name, members=words):
            return {name, *words}
        case t.Knob(name=name, values=values):
            return {name, *(v.text for v in values if isinstance(v, t.Name))}
        case t.Proc() | t.Hook() | t.Property() | t.Struct() | t.Var() | t.LockDecl():
            return {item.name}
        case t.Profile(name=name):
            return {name}
        case t.File() | t.Mm() | t.Map() | t.Const():
            return {item.name}
        case t.ExtendKnob(values=values):
            return {v.text for v in values if isinstance(v, t.Name)}
        case t.ExtendStruct(members=members):
            return {m.name for m in members}
        case t.Scenario() | t.Module() | t.Import() | t.SourceNote() | t.Claim() | t.Param():
            return set()
        case t.Machine() | t.Init() | t.OnHook() | t.Agent() | t.Thread() | t.Composition():
            return set()
        case t.Predicate() | t.Check() | t.Expect() | t.Outcomes() | t.Reject() | t.Stale():
            return set()
        case _:
            assert_never(item)


def runs_by_itself(item: t.Item, called: Set[str]) -> bool:
    """Whether importing an item does something without naming it."""
    match item:
        case t.OnHook(name=name):
            return name in called
        case t.Agent() | t.Init() | t.Predicate() | t.Thread() | t.Composition() | t.Reject():
            return True
        case t.Scenario() | t.Module() | t.Import() | t.SourceNote() | t.Claim() | t.Param():
            return False
        case t.Machine() | t.Knob() | t.Const() | t.Profile() | t.Enum() | t.Struct() | t.Var():
            return False
        case t.LockDecl() | t.Each() | t.File() | t.Mm() | t.Map() | t.Proc() | t.Hook():
            return False
        case t.ExtendKnob() | t.ExtendStruct():
            return False
        case t.Property() | t.Check() | t.Expect() | t.Outcomes() | t.Stale():
            return False
        case _:
            assert_never(item)


def is_root(item: t.Item) -> bool:
    """Whether what is in an item happens, or is asked, without being called."""
    return not isinstance(item, t.Proc | t.Hook | t.OnHook | t.Property)


def head(item: t.Proc | t.Hook | t.OnHook) -> Span:
    """An item up to its block."""
    end = item.body.span.start if item.body is not None else item.span.end
    return Span(item.span.source, item.span.start, end)
