"""Types of the tree, and what indices go over."""

from __future__ import annotations

from support.oracle.tree_terms import Unwalkable, View, single
from support.oracle.tree_types import BOOL, VERSION, Member, Shape, Type, Value, array

from mmscn.syntax import tree as t


def type_of(view: View, e: t.TypeExpr) -> Type:
    world = view.world
    match e:
        case t.TypeExpr(kind="bool"):
            return BOOL
        case t.TypeExpr(kind="version"):
            return VERSION
        case t.TypeExpr(kind="range", low=t.ExprNode() as low, high=t.ExprNode() as high):
            return Type("range", low=single(view, low).value, high=single(view, high).value)
        case t.TypeExpr(kind="set", name=str() as name):
            return array((domain(view, name),), BOOL)
        case t.TypeExpr(kind="queue", high=t.ExprNode() as size, of=t.TypeExpr() as of):
            return queue(single(view, size).value, type_of(view, of))
        case t.TypeExpr(name=str() as name) if name in world.structs:
            return world.structs[name]
        case t.TypeExpr(name=str() as name) if name in world.enums:
            return Type("word", values=world.enums[name])
        case t.TypeExpr(name=str() as name) if name in world.sorts:
            return Type("element", values=(None, *world.sorts[name]), sort=name)
    raise Unwalkable("a type")


def queue(size: int, of: Type) -> Type:
    """How many wait, and what, the first in front."""
    parts = (Type("range", low=0, high=size), array((tuple(range(size)),), of))
    positions = {Member("length"): 1, Member("slot"): 2}
    return Type("struct", shape=Shape(positions, parts, size))


def domain(view: View, name: str) -> tuple[Value, ...]:
    found = view.world.sorts.get(name) or view.world.enums.get(name)
    if found is None:
        raise Unwalkable(f"the sort {name}")
    return found


def index_of(view: View, e: t.TypeExpr) -> tuple[Value, ...]:
    if e.kind == "range":
        type_ = type_of(view, e)
        return tuple(range(type_.low, type_.high + 1))
    return domain(view, str(e.name))


def param_values(e: t.Expr) -> list[Value]:
    match e:
        case t.Name(text=name):
            return [name]
        case t.Literal(value=value):
            return [value]
        case t.Range(low=t.Literal(value=int() as low), high=t.Literal(value=int() as high)):
            return list(range(low, high + 1))
    raise Unwalkable("a param's value")
