"""Cells by where they are kept, and expressions with cells replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

from mmscn.check import core
from mmscn.check.core import Cell, Const, Expr
from mmscn.check.values import Value, show

Place: TypeAlias = tuple[str, tuple[Value, ...]]
"""A family, and the values of the indices."""


def key_of(cell: Cell) -> Place:
    """Where a cell with known indices is kept."""
    found = []
    for index in cell.index:
        assert isinstance(index, Const)
        found.append(index.value)
    return cell.family, tuple(found)


def name_of(places: tuple[Place, ...]) -> str:
    """What some cells are called together: `x`, `pte A`."""
    family, index = places[0]
    if len(places) > 1:
        family = family.rpartition(".")[0] or family
    sort, _, member = family.partition(".")
    shown = [show(v) for v in index]
    return " ".join([member or sort, *shown])


def replaced(e: Expr, put: Callable[[Cell], Expr]) -> Expr:
    """An expression with something put for each cell, those in the indices of others too."""
    match e:
        case core.Cell(family=family, index=index):
            return put(Cell(family, tuple(replaced(i, put) for i in index)))
        case core.Apply(op=op, args=args):
            new = tuple(replaced(a, put) for a in args)
            same = all(a is b for a, b in zip(new, args, strict=True))
            return e if same else core.Apply(op, new)
        case (
            core.Const() | core.Local() | core.Fresh() | core.Ended() | core.Quiet()
            | core.Undefined()
        ):  # fmt: skip
            return e
        case _:
            assert_never(e)


def same_expression(a: Expr, b: Expr) -> bool:
    match a, b:
        case core.Const(x), core.Const(y):
            return type(x) is type(y) and x == y
        case core.Local(x), core.Local(y):
            return x == y
        case core.Cell(x, i), core.Cell(y, j):
            return x == y and all_same(i, j)
        case core.Apply(x, i), core.Apply(y, j):
            return x == y and all_same(i, j)
    return a is b


def all_same(one: tuple[Expr, ...], other: tuple[Expr, ...]) -> bool:
    return len(one) == len(other) and all(map(same_expression, one, other))
