"""Places that a text names: variables, members of structs, elements of arrays."""

from __future__ import annotations

from mmscn.check import core
from mmscn.check.context import Context
from mmscn.check.convert import leaves
from mmscn.check.expressions import evaluate
from mmscn.check.scope import Scope
from mmscn.check.terms import Array, ArrayValue, Dynamic, Record, Term
from mmscn.diagnostics import one
from mmscn.syntax import tree as t


def cells_of(ctx: Context, scope: Scope, place: t.Expr) -> list[core.Cell]:
    """The cells that a place consists of; MM317 where it is none that the text decides."""
    term = evaluate(ctx, scope, place)
    cells = []
    for cell, _ in leaves(term, term, place.span) if may_be_place(term) else ():
        if isinstance(cell, core.Cell) and all(isinstance(i, core.Const) for i in cell.index):
            cells.append(cell)
        else:
            cells = []
            break
    if not cells:
        hint = "name variables, members of structs, elements of arrays"
        raise one("MM317", f"`{place.span.text}` is not kept in the state", place.span, hint)
    return cells


def may_be_place(term: Term) -> bool:
    """Whether a term may be a place of the state, or several."""
    match term:
        case Dynamic(expr=core.Cell()):
            return True
        case Record(members=members):
            return all(map(may_be_place, members.values()))
        case ArrayValue(items=items):
            return all(map(may_be_place, items))
    return isinstance(term, Array)
