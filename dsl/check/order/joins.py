"""What locals are where ways of a thread come together."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from mmscn.check import core
from mmscn.check.core import Apply, Expr
from mmscn.check.order.barriers import Barriers
from mmscn.check.order.cells import all_same
from mmscn.check.order.window import Path


@frozen(eq=False, repr=False)
class Way:
    """One that leads to a label: when it is gone, and what locals and barriers are at its end."""

    path: Path
    now: dict[int, Expr]
    barriers: Barriers


def chosen(condition: Expr, if_so: dict[int, Expr], otherwise: dict[int, Expr]) -> dict[int, Expr]:
    """What locals are behind two ways, the first of which is gone where a condition holds."""
    found: dict[int, Expr] = {}
    for n in {**if_so, **otherwise}:
        one, other = (now.get(n, core.Local(n)) for now in (if_so, otherwise))
        same = one is other or all_same((one,), (other,))
        found[n] = one if same else Apply("ite", (condition, one, other))
    return found


def joined(ways: Sequence[Way]) -> dict[int, Expr]:
    """What locals are where several ways lead, of which one is gone."""
    *others, last = ways
    found = last.now
    for way in reversed(others):
        found = chosen(way.path.condition, way.now, found)
    return found
