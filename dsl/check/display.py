"""What a step is called in a trace: its text, with what is known put in.

`p.dirty = true` in a call with p0 is shown as `p0.dirty = true`.
"""

from __future__ import annotations

from functools import partial

from mmscn.check import core
from mmscn.check.context import Context
from mmscn.check.expressions import evaluate
from mmscn.check.scope import Scope
from mmscn.check.terms import Dynamic, Many, Mismatch, Static, Term
from mmscn.check.values import Elem, show, single_element
from mmscn.diagnostics import Rejected
from mmscn.syntax import tree as t
from mmscn.syntax.unparse import expression, statement


def origin(ctx: Context, scope: Scope, s: t.Stmt) -> int:
    """Record where a step comes from and what it is called."""
    return ctx.origin(s.span, partial(shown, ctx, scope, s), scope.path)


def shown(ctx: Context, scope: Scope, s: t.Stmt) -> str:
    target = s.target if isinstance(s, t.Assign | t.Update) else None

    def replace(e: t.Expr) -> str | None:
        # What is assigned to keeps its name: its value is what changes.
        return None if e is target else known(ctx, scope, e)

    return statement(s, replace)


def known(ctx: Context, scope: Scope, e: t.Expr) -> str | None:
    """The value of a part of a statement, where it is the same in every run."""
    if isinstance(e, t.Literal | t.Fresh | t.Element):
        return None
    if isinstance(e, t.Xchg | t.Cmpxchg | t.Load | t.Trylock | t.CallValue):
        return None
    try:
        term = evaluate(ctx, scope, e)
    except (Rejected, Mismatch):
        return None
    return value_text(term)


def value_text(term: Term) -> str | None:
    match term:
        case Static(value):
            return show(value)
        case Many(items) if items and all(isinstance(v, Elem) for v in items):
            return None
        case Dynamic(core.Local(), type_):
            only = single_element(type_.domain)
            return str(only) if only is not None else None
    return None


def call_text(ctx: Context, name: str, args: tuple[Term, ...], written: tuple[t.Expr, ...]) -> str:
    """`set_page_dirty(p0)`: a call with the arguments that are known."""
    parts = []
    for i, term in enumerate(args):
        text = value_text(term)
        parts.append(text or (expression(written[i]) if i < len(written) else "..."))
    return f"{name}({', '.join(parts)})"
