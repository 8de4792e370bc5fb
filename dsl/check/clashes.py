"""Names that would mean two things, and names that are taken."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.check.core import IMPLICIT, NO_LIVELOCK
from mmscn.check.mentions import bound, mentions
from mmscn.check.modules import Unit
from mmscn.check.parts import nodes_of, threads
from mmscn.check.values import SORTS
from mmscn.check.variation import knob_of
from mmscn.diagnostics import Label, Reporter
from mmscn.source import Span
from mmscn.syntax import tree as t

RESERVED = (*IMPLICIT, NO_LIVELOCK, "outcomes")
VALUES = ("true", "false", "none", "fresh")
"""Words that are values, whatever is called so."""
HERE = ("this_cpu", "this_mm", "current")
"""Words for what the statement that they stand in belongs to."""
MEANT = frozenset((*SORTS, *HERE))
"""Words that mean something in every text, the library's too."""


def find(unit: Unit, reporter: Reporter) -> None:
    """Report names that are declared as two things (MM206), words that would be read as something
    else of that name (MM216), and what has a name of the language (MM221).
    """
    taken: dict[str, list[tuple[str, Span]]] = {}
    for name, kind, span in declared(unit):
        for first, there in taken.get(name, ()):
            if meet(unit, span, there):
                reporter.error(
                    "MM206",
                    f"`{name}` is declared twice"
                    if kind == first
                    else f"`{name}` is {kind} and also {first}",
                    span,
                    labels=(Label(there, "declared here"),),
                    hint="give one of them another name",
                )
                break
        taken.setdefault(name, []).append((kind, span))
    for item, words in words_by_item(unit):
        for word, span in words:
            for kind, there in taken.get(word, ()):
                if meet(unit, span, there):
                    of = "a word" if isinstance(item, t.Enum) else "a value"
                    reporter.error(
                        "MM216",
                        f"`{word}` is {of} of `{item.name}` and also {kind}",
                        span,
                        labels=(Label(there, "declared here"),),
                        hint="give one of them another name",
                    )
                    break
    twice_in_enum(unit, reporter)
    attributes_twice(unit, reporter)
    threads_beside(unit, reporter)
    reserved(unit, reporter)
    words_of_the_language(unit, reporter)


def attributes_twice(unit: Unit, reporter: Reporter) -> None:
    """Elements have an attribute of a name once, whichever text declares it."""
    taken: dict[tuple[str, str], Span] = {}
    for each in unit.eaches:
        for member in each.members:
            there = taken.setdefault((each.sort, member.name), member.span)
            if there is not member.span:
                reporter.error(
                    "MM206",
                    f"a {each.sort} has `{member.name}` already",
                    member.span,
                    labels=(Label(there, "declared here"),),
                    hint="give it another name",
                )


def threads_beside(unit: Unit, reporter: Reporter) -> None:
    """A thread's name is a value where nothing else has it: what holds a thread may not."""
    variables = {v.name: v for v in unit.variables if isinstance(v, t.Var)}
    for thread in (thread for part in unit.compositions for thread in threads(part)):
        var = variables.get(thread.name)
        if var is not None and var.type.name == "thread" and meet(unit, var.span, thread.span):
            reporter.error(
                "MM206",
                f"`{var.name}` is a variable that names a thread, and also a thread",
                var.span,
                labels=(Label(thread.span, "declared here"),),
                hint="give one of them another name",
            )


def meet(unit: Unit, one: Span, other: Span) -> bool:
    """Whether two declarations of a name are in each other's way: they stand in one text, or
    both in modules. What a scenario declares hides what modules do, in its own text.
    """
    tops = [span.source is unit.source for span in (one, other)]
    return all(tops) or not any(tops)


def declared(unit: Unit) -> Iterator[tuple[str, str, Span]]:
    """The names that an expression may look up, what each is, and where.

    A param that chooses a knob's values has its name; two of one kind are found elsewhere.
    """
    for param in unit.params.values():
        yield param.name, "a param", param.span
    for knob in unit.knobs.values():
        over = unit.params.get(knob.name)
        if over is None or knob_of(unit, over) is None:
            yield knob.name, "a knob", knob.span
    for const in unit.consts:
        yield const.name, "a constant", const.span
    for var in unit.variables:
        yield var.name, "a variable" if isinstance(var, t.Var) else "a lock", var.span
    world = {f.name: ("a file", f.span) for f in unit.files}
    world |= {mm.name: ("an address space", mm.span) for mm in unit.mms}
    maps = [*unit.maps, *(m for mm in unit.mms for m in mm.maps)]
    world |= {m.name: ("a mapping", m.span) for m in maps}
    for name, (kind, span) in world.items():
        yield name, kind, span
    for mark in first_marks(unit):
        yield mark.name, "a mark", mark.span


def first_marks(unit: Unit) -> Iterator[t.Mark]:
    """A mark for each name, of the scenario and of modules: it may be passed at many places."""
    seen: set[tuple[str, bool]] = set()
    for root in bodies(unit):
        for node in nodes_of(root) if mentions(root).marks else ():
            if isinstance(node, t.Mark):
                key = (node.name, node.span.source is unit.source)
                if key not in seen:
                    seen.add(key)
                    yield node


def words_by_item(unit: Unit) -> Iterator[tuple[t.Param | t.Knob | t.Enum, list[tuple[str, Span]]]]:
    """The words that are values, of each param, knob and enum."""
    varied: tuple[t.Param | t.Knob, ...] = (*unit.params.values(), *unit.knobs.values())
    for item in varied:
        yield item, [(e.text, e.span) for e in item.values if isinstance(e, t.Name)]
    for enum in unit.enums.values():
        yield enum, [(word, enum.span) for word in enum.members]


def twice_in_enum(unit: Unit, reporter: Reporter) -> None:
    for enum in unit.enums.values():
        for word in dict.fromkeys(w for w in enum.members if enum.members.count(w) > 1):
            reporter.error("MM206", f"`{word}` is twice a word of `{enum.name}`", enum.span)


def reserved(unit: Unit, reporter: Reporter) -> None:
    """Names under which something else is judged."""
    asked: list[tuple[str | None, Span]] = [(p.name, p.span) for p in unit.properties.values()]
    asked += [(p.text, p.span) for p in unit.predicates]
    for root in bodies(unit):
        for node in () if mentions(root).said.isdisjoint(RESERVED) else nodes_of(root):
            if isinstance(node, t.Assert | t.Bug):
                asked.append((node.text, node.span))
    for name, span in asked:
        if name in RESERVED:
            what = "a rule that is always judged" if name in IMPLICIT else "a name of the language"
            reporter.error("MM221", f"`{name}` is {what}", span, hint="give this another name")


def words_of_the_language(unit: Unit, reporter: Reporter) -> None:
    """Names that would not be looked up, or would mean something else in other texts."""
    threads_ = [th for part in unit.compositions for th in threads(part)]
    every = [(name, span) for name, _, span in declared(unit)]
    every += [(thread.name, thread.span) for thread in threads_]
    every += [(enum.name, enum.span) for enum in unit.enums.values()]
    every += [pair for _, words in words_by_item(unit) for pair in words]
    found = [(name, span) for name, span in every if name in MEANT or name in VALUES]
    for root in bodies(unit):
        for node in () if mentions(root).bound.isdisjoint(VALUES) else nodes_of(root):
            found += [(name, node.span) for name in bound(node) if name in VALUES]
    for name, span in found:
        what = "a value" if name in VALUES else "a word"
        hint = "give this another name"
        reporter.error("MM221", f"`{name}` is {what} of the language", span, hint=hint)


def bodies(unit: Unit) -> Iterator[t.Node]:
    """All items with statements in them."""
    for variants in unit.procs.values():
        yield from variants
    yield from unit.hooks.values()
    for handlers in unit.handlers.values():
        yield from handlers
    yield from unit.inits
    yield from unit.agents
    for part in unit.compositions:
        yield from threads(part)
