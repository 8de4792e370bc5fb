"""How a step leaves the model, which breaks `in_range`: said where a trace is told."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias, assert_never

from mmscn.check import core
from mmscn.check.values import Value
from mmscn.lower.ir import VarId


class OutOfRange(NamedTuple):
    """A variable is given a value that is none of its own."""

    var: VarId
    value: Value


class NoCell(NamedTuple):
    """There is no cell of a family at an index."""

    family: str
    at: tuple[Value, ...]


class NoAttribute(NamedTuple):
    """Something fixed is asked of `none`."""


ModelError: TypeAlias = OutOfRange | NoCell | NoAttribute


def touchy(e: core.Expr) -> Iterator[bool]:
    """True for each part of an expression that may have no value."""
    match e:
        case core.Undefined():
            yield True
        case core.Cell(index=index):
            for i in index:
                yield not isinstance(i, core.Const)
        case core.Apply(op="holds"):
            pass
        case core.Apply(args=args):
            for a in args:
                yield from touchy(a)
        case core.Const() | core.Local() | core.Fresh() | core.Ended() | core.Quiet():
            pass
        case _:
            assert_never(e)
