"""Trees as bytes and back, so that a text that was parsed once need not be parsed again.

The bytes are marshal's: a node is a tuple of its class's number, the ends of
its span and its fields; a sequence is a list. They belong to one version of
`tree.py` and of Python, and are to be read from a trusted place only.
"""

from __future__ import annotations

import marshal
from functools import partial
from typing import Any

from attrs import fields

from mmscn.budget import poll
from mmscn.source import Source, Span
from mmscn.syntax import tree

CLASSES = tuple(
    sorted(
        (c for c in vars(tree).values() if isinstance(c, type) and issubclass(c, tree.Node)),
        key=lambda c: c.__name__,
    )
)
NUMBER = {c: n for n, c in enumerate(CLASSES)}
BLOCK = NUMBER[tree.Block]
FIELDS = tuple(tuple(f.name for f in fields(c) if f.name != "span") for c in CLASSES)
FORMAT = "|".join(f"{c.__name__}:{','.join(FIELDS[n])}" for c, n in NUMBER.items())
"""What the bytes depend on; part of the key under which they are kept."""


def dump(text: tree.Text) -> bytes:
    """The bytes of a tree, without its source."""
    return marshal.dumps(encoded(text), 2)


def encoded(x: Any) -> Any:
    if isinstance(x, tree.Node):
        number = NUMBER[type(x)]
        values = [encoded(getattr(x, name)) for name in FIELDS[number]]
        return (number, x.span.start, x.span.end, *values)
    return [encoded(y) for y in x] if isinstance(x, tuple) else x


def load(data: bytes, source: Source) -> tree.Text:
    """The tree that bytes of `dump` are, over a source of the same text; the blocks in it are
    read when they are looked at.

    Raises ValueError, EOFError or TypeError for other bytes.
    """

    def decoded(x: Any) -> Any:
        if type(x) is tuple:
            if x[0] == BLOCK:
                return tree.unread(Span(source, x[1], x[2]), partial(decoded, x[3]))
            rest = [decoded(y) if type(y) is tuple or type(y) is list else y for y in x[3:]]
            return CLASSES[x[0]](Span(source, x[1], x[2]), *rest)
        poll()
        return tuple([decoded(y) if type(y) is tuple or type(y) is list else y for y in x])

    text = decoded(marshal.loads(data))
    if not isinstance(text, tree.Text):
        raise ValueError("these bytes are no tree")
    return text
