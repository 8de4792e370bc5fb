"""One scenario with everything it imports, sorted by what the items are."""

from __future__ import annotations

from typing import Any, TypeAlias, assert_never

from attrs import define, field

from mmscn.check.extensions import extend
from mmscn.check.missing import of_module
from mmscn.check.overrides import settle
from mmscn.diagnostics import Label, Reporter
from mmscn.source import Finder, Source, Span
from mmscn.syntax import tree as t
from mmscn.syntax.tree_cache import parse_cached

PRELUDE = "hw.mmu"
MODULES_MAX = 200


@define(eq=False, repr=False)
class Unit:
    """All items of a scenario and its modules, imported ones first."""

    source: Source
    scenario: t.Scenario | None = None
    modules: dict[str, Source] = field(factory=dict)
    texts: dict[str, t.Text] = field(factory=dict)
    imported: dict[str, Span] = field(factory=dict)  # by a module's text: the author's `import`
    imports: list[str] = field(factory=list)
    import_items: list[t.Import] = field(factory=list)
    sources: list[t.SourceNote] = field(factory=list)
    module_sources: list[t.SourceNote] = field(factory=list)
    claims: list[str] = field(factory=list)
    params: dict[str, t.Param] = field(factory=dict)
    knobs: dict[str, t.Knob] = field(factory=dict)
    consts: list[t.Const] = field(factory=list)
    extensions: list[t.ExtendKnob | t.ExtendStruct] = field(factory=list)
    profiles: dict[str, t.Profile] = field(factory=dict)
    bundles: list[t.Profile] = field(factory=list)  # of a knob's value, or of a machine
    machine: t.Machine | None = None
    files: list[t.File] = field(factory=list)
    mms: list[t.Mm] = field(factory=list)
    maps: list[t.Map] = field(factory=list)
    enums: dict[str, t.Enum] = field(factory=dict)
    structs: dict[str, t.Struct] = field(factory=dict)
    eaches: list[t.Each] = field(factory=list)
    variables: list[t.Var | t.LockDecl] = field(factory=list)
    inits: list[t.Init] = field(factory=list)
    procs: dict[str, list[t.Proc]] = field(factory=dict)
    hooks: dict[str, t.Hook] = field(factory=dict)
    handlers: dict[str, list[t.OnHook]] = field(factory=dict)
    agents: list[t.Agent] = field(factory=list)
    compositions: list[t.Composable] = field(factory=list)
    properties: dict[str, t.Property] = field(factory=dict)
    predicates: list[t.Predicate] = field(factory=list)
    checks: list[t.Check] = field(factory=list)
    expects: list[t.Expect] = field(factory=list)
    outcomes: list[t.Outcomes] = field(factory=list)
    rejects: list[t.Reject] = field(factory=list)
    stales: list[t.Stale] = field(factory=list)
    may_step: dict[t.Stmt, tuple[t.Expr, ...]] = field(factory=dict)
    """Of statements, the expressions in which something may take steps (`hoist.may_step`)."""
    kept: object = field(default=None, init=False, eq=False, repr=False)
    """What combinations share (`kept.Kept`): of this unit alone, so no copy has it."""
    meant: object = field(default=None, init=False, eq=False, repr=False)
    """What its names mean (`meanings.Meanings`), of this unit alone, too."""

    def is_shipped(self, text: Source) -> bool:
        """Whether a text is that of a shipped module, which has the module's name."""
        return self.modules.get(text.name) is text


def gather(source: Source, finder: Finder) -> Unit:
    """The unit of a scenario's text; raises Rejected with all that is wrong in it."""
    tree, found = parse_cached(source)
    reporter = Reporter()
    reporter.found.extend(found)
    unit = Unit(source=source)
    if len(unit.modules) == 0:
        load_module(unit, PRELUDE, Span(source, 0, 0), finder, reporter, [])
    add(unit, tree, finder, reporter, [])
    if not found and unit.scenario is None and not any(isinstance(i, t.Module) for i in tree.items):
        reporter.error(
            "MM201",
            "the text names neither a scenario nor a module",
            Span(source, 0, min(1, len(source.text))),
            hint='begin with `scenario NAME "title"`',
        )
    settle(unit, reporter)
    extend(unit, reporter)
    reporter.raise_if_any()
    return unit


def load_module(
    unit: Unit, name: str, span: Span, finder: Finder, reporter: Reporter, path: list[str]
) -> None:
    if name in path:
        chain = " -> ".join([*path[path.index(name) :], name])
        reporter.error("MM203", f"the module imports itself: {chain}", span)
        return
    if name in unit.modules:
        if not path:
            unit.imported[unit.modules[name].name] = span
        return
    try:
        source = finder(name)
        message = f"there is no module `{name}`"
    except OSError as problem:
        source = None
        message = f"the module `{name}` cannot be read: {problem.strerror or problem}"
    if source is None or len(unit.modules) >= MODULES_MAX:
        reporter.error(
            "MM202",
            message,
            span,
            hint=of_module(name),
        )
        unit.modules[name] = Source(name, "")
        return
    tree, found = parse_cached(source)
    reporter.found.extend(found)
    unit.modules[name], unit.texts[name] = source, tree
    above = unit.modules[path[-1]].name if path else None
    unit.imported[source.name] = span if above is None else unit.imported[above]
    if not found:
        own_name(tree, name, span, reporter)
    add(unit, tree, finder, reporter, [*path, name])


def own_name(tree: t.Text, name: str, span: Span, reporter: Reporter) -> None:
    """A module says the name that it is imported by."""
    said = next((item for item in tree.items if isinstance(item, t.Module)), None)
    if said is None:
        if not any(isinstance(item, t.Scenario) for item in tree.items):
            first = Span(tree.span.source, 0, min(1, len(tree.span.source.text)))
            reporter.error(
                "MM220",
                f"this is imported as the module `{name}` and does not say so",
                first,
                labels=(Label(span, "imported here"),),
                hint=f"begin with `module {name}`",
            )
    elif said.name != name:
        reporter.error(
            "MM220",
            f"this is imported as `{name}` and says that it is `{said.name}`",
            said.span,
            labels=(Label(span, "imported here"),),
            hint="the name of a module is its path: `a.b` is in a/b.mmscn",
        )


def add(unit: Unit, tree: t.Text, finder: Finder, reporter: Reporter, path: list[str]) -> None:
    """Put the items of one text into the unit."""
    top = not path
    for item in tree.items:
        match item:
            case t.Scenario() if top and unit.scenario is None:
                unit.scenario = item
            case t.Scenario():
                reporter.error(
                    "MM204",
                    "a scenario stands alone in its file and is not imported",
                    item.span,
                )
            case t.Module():
                pass
            case t.Import():
                unit.import_items.append(item)
                if top:
                    unit.imports.append(item.name)
                load_module(unit, item.name, item.span, finder, reporter, path)
            case t.SourceNote():
                (unit.sources if top else unit.module_sources).append(item)
            case t.Claim():
                unit.claims.extend(item.rows if top else ())
            case t.Proc():
                unit.procs.setdefault(item.name, []).append(item)
            case t.OnHook():
                unit.handlers.setdefault(item.name, []).append(item)
            case t.Machine():
                if unit.machine is not None:
                    twice(reporter, "machine", item.span, unit.machine.span)
                unit.machine = item
            case t.Param() if not top:
                reporter.error(
                    "MM205", "only a scenario has params", item.span, hint="write `knob`"
                )
            case t.Param():
                once(reporter, unit.params, item.name, item)
            case t.Knob():
                once(reporter, unit.knobs, item.name, item)
            case t.Profile(knob=None):
                once(reporter, unit.profiles, item.name, item)
            case t.Profile():
                unit.bundles.append(item)
            case t.Enum():
                once(reporter, unit.enums, item.name, item)
            case t.Struct():
                once(reporter, unit.structs, item.name, item)
            case t.Hook():
                once(reporter, unit.hooks, item.name, item)
            case t.Property():
                once(reporter, unit.properties, item.name, item)
            case _:
                append(unit, item, top)


Listed: TypeAlias = (
    t.Const | t.ExtendKnob | t.ExtendStruct | t.File | t.Mm | t.Map | t.Each | t.Var | t.LockDecl
    | t.Init | t.Agent | t.Thread | t.Composition | t.Predicate | t.Reject | t.Stale | t.Check
    | t.Expect | t.Outcomes
)  # fmt: skip


def append(unit: Unit, item: Listed, top: bool) -> None:
    match item:
        case t.Const():
            unit.consts.append(item)
        case t.ExtendKnob() | t.ExtendStruct():
            unit.extensions.append(item)
        case t.File():
            unit.files.append(item)
        case t.Mm():
            unit.mms.append(item)
        case t.Map():
            unit.maps.append(item)
        case t.Each():
            unit.eaches.append(item)
        case t.Var() | t.LockDecl():
            unit.variables.append(item)
        case t.Init():
            unit.inits.append(item)
        case t.Agent():
            unit.agents.append(item)
        case t.Thread() | t.Composition():
            unit.compositions.append(item)
        case t.Predicate():
            unit.predicates.append(item)
        case t.Reject():
            unit.rejects.append(item)
        case t.Stale():
            unit.stales.append(item)
        case t.Check():
            unit.checks.extend([item] if top else ())
        case t.Expect():
            unit.expects.extend([item] if top else ())
        case t.Outcomes():
            unit.outcomes.extend([item] if top else ())
        case _:
            assert_never(item)


def once(reporter: Reporter, table: dict[str, Any], name: str, item: t.Item) -> None:
    if name in table:
        twice(reporter, name, item.span, table[name].span)
    else:
        table[name] = item


def twice(reporter: Reporter, name: str, span: Span, first: Span) -> None:
    reporter.error(
        "MM206",
        f"`{name}` is declared twice",
        span,
        labels=(Label(span=first, text="first declared here"),),
    )
