"""Parameters that are cells, as the tree walker has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve
from support.oracle.tree_made import at
from support.oracle.tree_types import LockRef, Meaning, Place, Term

if TYPE_CHECKING:
    from support.oracle.tree_code import Writer


def the_cell(w: Writer, arg: Meaning) -> Meaning:
    """The place itself; only the indices on the way to it keep their value of this moment."""
    if not isinstance(arg, Term | LockRef):
        return arg
    place = arg.place if isinstance(arg, Term) else arg.owner
    if place is None:
        return arg
    pairs: list[tuple[Place, Term]] = []
    way = []
    for selector in place.selectors:
        if isinstance(selector, Term) and not selector.settled:
            pairs.append((w.local("index", of=selector), selector))
            way.append(at(pairs[-1][0], settled=True, of=selector))
        else:
            way.append(selector)
    if pairs:
        w.assign(pairs)
    if isinstance(arg, LockRef):
        readers = arg.readers and evolve(arg.readers, selectors=tuple(way))
        return LockRef(arg.kind, evolve(place, selectors=tuple(way)), readers)
    return at(evolve(place, selectors=tuple(way)), of=arg)
