"""`flush`: which of the hardware's procedures it is."""

from __future__ import annotations

from mmscn.check import families, terms
from mmscn.check.calls import Out, Statements, run_proc
from mmscn.check.context import Context
from mmscn.check.expressions import evaluate, over
from mmscn.check.scope import Scope
from mmscn.check.terms import ArrayValue, Dynamic, Many, Static, Term
from mmscn.check.types import BOOL
from mmscn.check.values import Elem
from mmscn.diagnostics import one
from mmscn.source import Span
from mmscn.syntax import tree as t


def flush(ctx: Context, scope: Scope, s: t.Flush, out: Out, statements: Statements) -> None:
    pages = over(ctx, scope, s.what)
    only: tuple[Term, ...] = (pages,)
    match s:
        case t.Flush(those=t.ExprNode() as those):
            name, what = those_cpus(ctx, evaluate(ctx, scope, those), those.span)
            args: tuple[Term, ...] = (pages, what)
        case t.Flush(scope=None):
            name, args = "flush_local", only
        case t.Flush(scope="all"):
            name, args = "flush_all", only
        case t.Flush(scope="others"):
            name, args = "flush_others", only
        case t.Flush(scope=str() as word):
            raise AssertionError(word)
        case t.Flush(scope=t.ExprNode() as cpu):
            name, args = "flush_cpu", (pages, cpu_of(ctx, evaluate(ctx, scope, cpu), cpu.span))
        case _:
            raise AssertionError(s)
    run_proc(ctx, scope, name, args, s, out, statements, instruction=True)


def those_cpus(ctx: Context, term: Term, span: Span) -> tuple[str, Term]:
    """The procedure for a CPU or for a set of them, and what it is given."""
    cpus = tuple(ctx.world.sorts["cpu"])
    match term:
        case Static(Elem(sort="cpu")):
            return "flush_cpu", term
        case Dynamic(type=type_) if any(isinstance(v, Elem) for v in type_.domain):
            if {v.sort for v in type_.domain if isinstance(v, Elem)} == {"cpu"}:
                return "flush_cpu", term
        case Many(items) if all(isinstance(v, Elem) and v.sort == "cpu" for v in items):
            held = tuple(Static(c in items) for c in cpus)
            return "flush_set", ArrayValue(cpus, held, BOOL)
        case terms.Array() | ArrayValue():
            value = families.valued(term)
            if isinstance(value, ArrayValue) and (value.domain, value.of) == (cpus, BOOL):
                return "flush_set", value
    hint = "write `on all`, `on others`, or `on c` where `c` is a CPU or a `set of cpu`"
    raise one("MM302", f"a CPU or a set of CPUs is wanted here, not {terms.noun(term)}", span, hint)


def cpu_of(ctx: Context, term: Term, span: Span) -> Term:
    """`cpu 1` and 1 are the same where a cpu is wanted."""
    if isinstance(term, Static) and type(term.value) is int:
        cpus = ctx.world.sorts["cpu"]
        if 0 <= term.value < len(cpus):
            return Static(cpus[term.value])
        raise one("MM303", f"there is no cpu {term.value}", span, f"there are {len(cpus)}")
    return term
