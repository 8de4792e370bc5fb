"""The grammar's tables as plain data, for parsing without lark: shipped, and kept between runs.

Loading lark, making its objects and compiling a pattern for each of its states takes as long as
all else that is done for a small text; making tables takes it half a second. `lr_parse` needs
none of that.
"""

import functools
import marshal
from typing import Any, NamedTuple

from mmscn import cache

Child = tuple[int, bool, int]
"""One that a node gets: its place in the rule, whether it is a list whose members are meant, and
how many things that are left out stand in front of it."""


class Reduction(NamedTuple):
    """What is done where a rule is complete.

    origin: what it is a rule of. size: its symbols. method: the builder's; None where the children
    go to the node above. children, left_out: what the node gets, and how many things that are
    left out stand behind that. alone: the child that stands for itself, None where a node is made.
    """

    origin: str
    size: int
    method: str | None
    children: tuple[Child, ...]
    left_out: int
    alone: int | None


class Tables(NamedTuple):
    """states: of each, where a symbol leads: to a state, or, as ~n, to the end of rule n; the
    parser begins in the first, and end is the last that it is in.

    words: the kinds of those that are names by their form. everything: a pattern of all kinds, the
    first that matches is meant. urgent: those that come before what they would be otherwise,
    where they are accepted, each by itself; common: all others. ignored: what is passed over.
    """

    states: list[dict[str, int]]
    rules: list[tuple[Any, ...]]
    end: int
    words: dict[str, str]
    everything: str
    urgent: list[tuple[str, str]]
    common: str
    ignored: list[str]


@functools.cache
def tables() -> Tables:
    """Those of the grammar; made by lark where those that are shipped are of something else."""
    name = f"tables-{cache.key(cache.made_by())}"
    data = cache.read(name)
    if data is not None:
        try:
            return Tables(*marshal.loads(data))
        except (ValueError, EOFError, TypeError):
            pass
    from mmscn.syntax.shipped_tables import shipped

    found = shipped() or made()
    cache.write(name, marshal.dumps(tuple(found)))
    return found


def made() -> Tables:
    """What lark makes of the grammar."""
    from mmscn.syntax.lr_from_lark import tables_of
    from mmscn.syntax.parse import parser

    return tables_of(parser())
