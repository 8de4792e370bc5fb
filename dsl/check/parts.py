"""What there is inside the items of a text: threads, statements, and all nodes."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import fields

from mmscn.syntax import tree as t


def threads(part: t.Composable) -> list[t.Thread]:
    if isinstance(part, t.Thread):
        return [part]
    return [thread for inner in part.parts for thread in threads(inner)]


def nodes(node: t.Node) -> Iterator[t.Node]:
    """A node and all that is in it, in the order of the text."""
    yield node
    for attribute in fields(type(node)):
        if attribute.name == "span":
            continue
        value = getattr(node, attribute.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, t.Node):
                yield from nodes(part)


def marks(node: t.Node) -> list[t.Mark]:
    """The `mark` statements anywhere in a node."""
    return [inner for inner in nodes(node) if isinstance(inner, t.Mark)]
