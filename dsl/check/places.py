"""Whether a term is a place, which a parameter `var name` can stand for."""

from __future__ import annotations

from mmscn.check import core, terms
from mmscn.check.context import Context
from mmscn.check.terms import Array, ArrayValue, Dynamic, Lock, Record, Static, Term
from mmscn.diagnostics import Rejected, one
from mmscn.source import Span


def a_place(ctx: Context, name: str, term: Term, span: Span) -> None:
    """MM410 unless each part of it is a cell, a lock, or a local that may be assigned."""
    match term:
        case Dynamic(core.Cell()) | Array() | Lock():
            return
        case Record(members=members):
            for member in members.values():
                a_place(ctx, name, member, span)
        case ArrayValue(items=items):
            for item in items:
                a_place(ctx, name, item, span)
        case Dynamic(core.Local(number=number)) if number in ctx.assigned:
            return
        case Dynamic(core.Local()):
            hint = "what changes is declared with `var`, shared or in the body"
            raise no_place(name, "this is bound once", span, hint)
        case _:
            raise no_place(
                name,
                f"this is {terms.noun(term)}" if isinstance(term, Static) else "this is a value",
                span,
                "name a variable, one entry of an array, or a member",
            )


def no_place(name: str, what: str, span: Span, hint: str) -> Rejected:
    return one("MM410", f"`var {name}` stands for a cell, and {what}", span, hint)
