"""Names in declarations that mean nothing: types, sorts, machines, files, properties, marks.

Elaboration finds them one kind after the other; here all are told at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.check import missing
from mmscn.check.core import IMPLICIT, NO_LIVELOCK
from mmscn.check.mentions import mentions
from mmscn.check.modules import Unit
from mmscn.check.parts import items, nodes_of, threads
from mmscn.check.values import SORTS
from mmscn.diagnostics import Rejected, Reporter
from mmscn.source import Span
from mmscn.syntax import tree as t


def look_up_declarations(unit: Unit, marked: set[str], reporter: Reporter) -> None:
    """Report MM207 for each. marked: what statements mark."""
    problems = [*types(unit), *world(unit), *asked(unit, marked)]
    for problem in problems:
        for d in problem.diagnostics:
            reporter.error(d.code, d.message, d.span, hint=d.hint)


def types(unit: Unit) -> Iterator[Rejected]:
    indices: set[int] = set()
    for item in items(unit):
        if isinstance(item, t.Each) and item.sort not in SORTS:
            yield missing.no_sort(item.sort, item.span)
        for node in nodes_of(item) if strange_types(unit, item) else ():
            if isinstance(node, t.Var | t.LockDecl):
                indices |= {id(index) for index in node.indices}
            if isinstance(node, t.TypeExpr) and node.name is not None:
                yield from of_type(unit, node, node.name, index=id(node) in indices)


def strange_types(unit: Unit, item: t.Item) -> bool:
    """Whether an item names a type that there is not, or no sort where a sort is meant."""
    return any(
        not (name in SORTS or name in unit.enums)
        and (is_index or kind == "set" or (kind == "named" and name not in unit.structs))
        for name, kind, is_index in mentions(item).types
    )


def of_type(unit: Unit, node: t.TypeExpr, name: str, *, index: bool) -> Iterator[Rejected]:
    is_sort = name in SORTS or name in unit.enums
    if (index or node.kind == "set") and not is_sort:
        yield missing.no_sort(name, node.span)
    elif node.kind == "named" and not is_sort and name not in unit.structs:
        yield missing.no_type(unit, name, node.span)


def world(unit: Unit) -> Iterator[Rejected]:
    """Machines, files, address spaces."""
    machine = unit.machine
    if machine is not None and machine.profile not in {*unit.profiles, *unit.params}:
        yield missing.no_machine(unit, machine.profile, machine.span)
    files = {f.name for f in unit.files}
    for item in [*unit.maps, *(m for mm in unit.mms for m in mm.maps)]:
        if item.file not in {None, "anon", *files}:
            yield missing.no_file(unit, str(item.file), item.span)
    mms = {mm.name for mm in unit.mms}
    for part in unit.compositions:
        for thread in threads(part):
            if thread.mm not in {None, "mm", *mms}:
                yield missing.no_mm(unit, str(thread.mm), thread.span)


def asked(unit: Unit, marked: set[str]) -> Iterator[Rejected]:
    """Properties and marks."""
    places: set[tuple[str, Span]] = set()
    for check in unit.checks:
        for use in check.uses:
            if use.name == NO_LIVELOCK or use.name in IMPLICIT:
                continue
            if use.name not in unit.properties and (use.name, use.span) not in places:
                places.add((use.name, use.span))
                yield missing.no_property(unit, use.name, use.span)
        if check.after is not None and check.after not in marked:
            known = marked | {v.name for v in unit.variables}
            if check.after not in known:
                yield missing.no_mark(unit, check.after, check.span, known)
