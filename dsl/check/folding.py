"""What each operator gives: the one table for checking, lowering and the first state."""

from __future__ import annotations

import operator
from collections.abc import Callable

from mmscn.check.core import Operator
from mmscn.check.values import Value, same

FOLD: dict[Operator, Callable[..., Value]] = {
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
    "implies": lambda a, b: not a or b,
    "not": lambda a: not a,
    "holds": lambda a: a,
    "==": same,
    "!=": lambda a, b: not same(a, b),
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "+": operator.add,
    "-": operator.sub,
    "ite": lambda c, a, b: a if c else b,
}
