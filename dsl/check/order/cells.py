"""Cells by where they are kept, and expressions with cells replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def has_cell(e: Expr) -> bool:
    match e:
        case core.Cell() | core.Ended() | core.Quiet():
            return True
        case core.Apply(args=args):
            return any(map(has_cell, args))
    return False


def cells_of(e: Expr) -> tuple[Cell, ...]:
    """The cells of an expression, those in indices too."""
    match e:
        case core.Cell(index=index):
            return (*(c for i in index for c in cells_of(i)), e)
        case core.Apply(args=args):
            return tuple(c for a in args for c in cells_of(a))
    return ()


def cells_in(s: core.Stmt) -> Iterator[Cell]:
    """All that a statement reads or writes."""
    for part in parts_of(s):
        match part:
            case core.Assign(targets=targets, values=values):
                yield from (c for t in targets for c in cells_of(t))
                yield from (c for v in values for c in cells_of(v))
            case core.If(condition=c) | core.Await(condition=c) | core.Assert(condition=c):
                yield from cells_of(c)


def makes(e: Expr) -> bool:
    """Whether an expression makes a version."""
    match e:
        case core.Fresh():
            return True
        case core.Apply(args=args):
            return any(map(makes, args))
    return False


def parts_of(s: core.Stmt) -> Iterator[core.Stmt]:
    """A statement and all within it."""
    yield s
    match s:
        case core.Atomic(body=body):
            yield from parts_of(body)
        case core.Block(statements=inner):
            for part in inner:
                yield from parts_of(part)
        case core.If(then=then, otherwise=otherwise):
            yield from parts_of(then)
            yield from parts_of(otherwise)
        case core.Choose(branches=branches):
            for branch in branches:
                yield from parts_of(branch)


LIFTED_MAX = 200
"""Operators that a condition without `if` may have; beyond, it stays as it is."""


def without_if(e: Expr) -> Expr:
    """A condition in which no value is chosen by another: it is decided as a whole, in one way.

    Before:  (if c then a else b) == 1
    After:   c and a == 1 or not c and b == 1
    """
    found = lifted(e, [LIFTED_MAX])
    return e if found is None else found


def lifted(e: Expr, left: list[int]) -> Expr | None:
    """The same; None where it becomes too large."""
    choice = first_if(e)
    if choice is None:
        left[0] -= operators(e)
        return e if left[0] > 0 else None
    condition = lifted(choice.args[0], left)
    then = lifted(put_for(e, choice, choice.args[1]), left)
    otherwise = lifted(put_for(e, choice, choice.args[2]), left)
    if condition is None or then is None or otherwise is None:
        return None
    other = core.Apply("and", (core.Apply("not", (condition,)), otherwise))
    return core.Apply("or", (core.Apply("and", (condition, then)), other))


def operators(e: Expr) -> int:
    return 1 + sum(map(operators, e.args)) if isinstance(e, core.Apply) else 0


def first_if(e: Expr) -> core.Apply | None:
    if not isinstance(e, core.Apply):
        return None
    if e.op == "ite":
        return e
    return next((found for a in e.args if (found := first_if(a)) is not None), None)


def put_for(e: Expr, old: Expr, new: Expr) -> Expr:
    """An expression with something put for one of its parts."""
    if e is old:
        return new
    if isinstance(e, core.Apply):
        return core.Apply(e.op, tuple(put_for(a, old, new) for a in e.args))
    return e
