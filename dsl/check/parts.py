"""What there is inside the items of a text: threads, statements, and all nodes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import fields

from mmscn.syntax import tree as t

if TYPE_CHECKING:
    from mmscn.check.modules import Unit


def threads(part: t.Composable) -> list[t.Thread]:
    if isinstance(part, t.Thread):
        return [part]
    return [thread for inner in part.parts for thread in threads(inner)]


def fields_of(node: t.Node) -> tuple[str, ...]:
    """The names of a node's fields, without its span."""
    kind = type(node)
    if kind not in FIELDS:
        FIELDS[kind] = tuple(field.name for field in fields(kind) if field.name != "span")
    return FIELDS[kind]


FIELDS: dict[type[t.Node], tuple[str, ...]] = {}
"""By class: asking attrs takes as long as looking at the node."""


def nodes(node: t.Node) -> list[t.Node]:
    """A node and all that is in it, in the order of the text."""
    found: list[t.Node] = []
    collect(node, found)
    return found


@lru_cache(maxsize=1024)
def nodes_of(item: t.Node) -> tuple[t.Node, ...]:
    """The same of what stands in a text by itself: several checks go through all of those."""
    return tuple(nodes(item))


def collect(node: t.Node, found: list[t.Node]) -> None:
    """`nodes`, behind what was found so far."""
    found.append(node)
    for name in fields_of(node):
        value = getattr(node, name)
        if isinstance(value, t.Node):
            collect(value, found)
        elif type(value) is tuple:
            for part in value:
                if isinstance(part, t.Node):
                    collect(part, found)


def items(unit: Unit) -> Iterator[t.Item]:
    """All items of all texts but imports and notes."""
    for table in (unit.params, unit.knobs, unit.profiles, unit.enums, unit.structs, unit.hooks,
                  unit.properties):  # fmt: skip
        yield from table.values()
    for several in (unit.consts, unit.bundles, unit.files, unit.mms, unit.maps, unit.eaches,
                    unit.variables, unit.inits, unit.agents, unit.compositions, unit.predicates,
                    unit.checks, unit.expects, unit.outcomes, unit.rejects,
                    unit.stales):  # fmt: skip
        yield from several
    for variants in unit.procs.values():
        yield from variants
    for handlers in unit.handlers.values():
        yield from handlers
    if unit.machine is not None:
        yield unit.machine
