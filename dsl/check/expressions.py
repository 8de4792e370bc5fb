"""Expressions of the text to terms: names looked up, types checked, constants folded."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from mmscn.budget import poll
from mmscn.check import core, families, operators, terms
from mmscn.check.arrays import chosen, item_of
from mmscn.check.attributes import attribute, to_domain_kind
from mmscn.check.context import Context
from mmscn.check.convert import VERSIONS_MAX
from mmscn.check.literals import changed, struct_value
from mmscn.check.missing import WRITTEN_HERE, of_name
from mmscn.check.overrides import at_call
from mmscn.check.places import a_place
from mmscn.check.pure import as_call, is_call, pure
from mmscn.check.scope import Scope
from mmscn.check.terms import (
    FALSE,
    TRUE,
    Array,
    ArrayValue,
    Dynamic,
    Many,
    Mismatch,
    Picks,
    Static,
    Term,
)
from mmscn.check.thread_names import has_replicas, replica, thread_called
from mmscn.check.types import VERSION, ScalarType
from mmscn.check.values import Atom, Domain, Elem, Value, kind_of, same
from mmscn.check.variation import own_key
from mmscn.diagnostics import Rejected, one
from mmscn.plain_text import counted
from mmscn.source import Span
from mmscn.syntax import tree as t

ITEMS_MAX = 256
SIZE_MAX, DEPTH_MAX = 20_000, 300
"""Operators and operands of one expression, and how deep they are nested."""


def evaluate(ctx: Context, scope: Scope, e: t.Expr) -> Term:
    """The term of an expression; raises Rejected at the part that is wrong."""
    try:
        term = term_of(ctx, scope, e)
    except Mismatch as problem:
        raise one(problem.code, problem.message, e.span, problem.hint) from problem
    if isinstance(term, Dynamic) and (term.expr.size > SIZE_MAX or term.expr.depth > DEPTH_MAX):
        what = "with procedures and quantifiers written out this is too large an expression"
        raise one("MM503", what, e.span, "keep a part of it with `let`")
    return term


def term_of(ctx: Context, scope: Scope, e: t.Expr) -> Term:
    match e:
        case t.Name(text=name):
            return named(ctx, scope, name, e.span)
        case t.Literal(value=value):
            return Static(value)
        case t.Fresh():
            return Dynamic(core.Fresh(), VERSION)
        case t.Element(sort=sort, number=number):
            elements = ctx.world.sorts.get(sort, [])
            if number >= len(elements):
                raise one(
                    "MM303", f"there is no {sort} {number}", e.span, f"there are {len(elements)}"
                )
            return Static(elements[number])
        case t.Attribute(base=base, name=name):
            if (call := as_call(ctx, e)) is not None:
                return applied(ctx, scope, name, call.args, e.span)
            return attribute(ctx, evaluate(ctx, scope, base), name, e.span)
        case t.Index(base=t.Name() as base, indices=(index,)) if is_replica(ctx, scope, base):
            return replica(ctx.world, base.text, evaluate(ctx, scope, index), index.span)
        case t.Index(base=base, indices=indices):
            return indexed(ctx, scope, evaluate(ctx, scope, base), indices, e.span)
        case t.Applied(name=name, args=args):
            return applied(ctx, scope, name, args, e.span)
        case t.StructValue(values=values):
            return struct_value(ctx, e, [evaluate(ctx, scope, v) for v in values])
        case t.Changed(base=base, values=values):
            old = evaluate(ctx, scope, base)
            return changed(ctx, e, old, [evaluate(ctx, scope, v) for v in values])
        case t.Unary():
            return unary(ctx, scope, e)
        case t.Binary():
            return binary(ctx, scope, e)
        case t.MemberOf():
            return member_of(ctx, scope, e)
        case t.Conditional(condition=c, then=a, otherwise=b):
            condition = evaluate(ctx, scope, c)
            if isinstance(condition, Static):
                return evaluate(ctx, scope, a if condition.value else b)
            return operators.conditional(
                condition, evaluate(ctx, scope, a), evaluate(ctx, scope, b)
            )
        case t.Range():
            return Many(tuple(items(ctx, scope, e)))
        case t.Quantified():
            return quantified(ctx, scope, e)
        case t.Several():
            raise one("MM411", "several values stand behind `return` only", e.span)
        case t.Load() | t.Xchg() | t.Cmpxchg() | t.Trylock() | t.CallValue():
            raise one(
                "MM409",
                "this takes steps, and here a state is only looked at",
                e.span,
                "give its result a name before, with `let`",
            )
        case _:
            assert_never(e)


def member_of(ctx: Context, scope: Scope, e: t.MemberOf) -> Term:
    found: Term = FALSE
    wanted = evaluate(ctx, scope, e.item)
    for choice in e.choices:
        found = operators.logical("or", found, equal(ctx, wanted, evaluate(ctx, scope, choice)))
    return operators.negation(found) if e.negated else found


def unary(ctx: Context, scope: Scope, e: t.Unary) -> Term:
    match e.op:
        case "not":
            return operators.negation(evaluate(ctx, scope, e.operand))
        case "-":
            return operators.arithmetic("-", Static(0), evaluate(ctx, scope, e.operand))
        case _:
            assert_never(e.op)


def binary(ctx: Context, scope: Scope, e: t.Binary) -> Term:
    left = evaluate(ctx, scope, e.left)
    match e.op:
        case "and" | "or" | "implies" as op:
            if isinstance(left, Static) and isinstance(left.value, bool):
                # What a param switches off need not make sense for it.
                if op == "implies" and not left.value:
                    return TRUE
                if op != "implies" and left.value is (op == "or"):
                    return left
            return operators.logical(op, left, evaluate(ctx, scope, e.right))
        case "==" | "!=" as op:
            same = equal(ctx, left, evaluate(ctx, scope, e.right))
            return same if op == "==" else operators.negation(same)
        case "+" | "-" as op:
            return operators.arithmetic(op, left, evaluate(ctx, scope, e.right))
        case "<" | "<=" | ">" | ">=" as op:
            return operators.ordering(op, left, evaluate(ctx, scope, e.right))
        case _:
            assert_never(e.op)


def equal(ctx: Context, left: Term, right: Term) -> Term:
    """Whether two terms are the same; a version's constants get their numbers."""
    for term, other in ((left, right), (right, left)):
        if terms.is_version(term) and isinstance(other, Static) and type(other.value) is int:
            if not 0 <= other.value < VERSIONS_MAX:
                raise Mismatch(f"the versions that have a number are 0 to {VERSIONS_MAX - 1}")
            ctx.named(other.value)
    return operators.equal(left, right)


def named(ctx: Context, scope: Scope, name: str, span: Span) -> Term:
    if name in scope.names:
        return scope.names[name]
    meant = declared(ctx, name, span)
    if meant is not None:
        return meant
    if name in ctx.world.sorts:
        return Many(tuple(ctx.world.sorts[name]))
    context: dict[str, Elem | None] = {
        "this_cpu": scope.cpu,
        "this_mm": scope.mm,
        "current": scope.thread_elem,
    }
    if name in context:
        if context[name] is None and name != "this_mm":
            raise one("MM207", f"`{name}` has no meaning outside a thread", span)
        return Static(context[name])
    if name in ctx.atoms:
        return Static(Atom(name))
    if (thread := thread_called(ctx.world, name)) is not None:
        return Static(thread)
    if has_replicas(ctx.world, name):
        raise one("MM207", f"there are several threads `{name}`", span, f"write `{name}[...]`")
    known = [*scope.names, *ctx.settings, *ctx.world.names, *ctx.atoms]
    known += [n for s, n in ctx.state if s is None]
    if name in ctx.unit.procs:
        raise one("MM207", f"`{name}` is a procedure", span, f"write `call {name}(...)`")
    raise one("MM207", f"nothing is named `{name}`", span, of_name(name, known))


def is_replica(ctx: Context, scope: Scope, name: t.Name) -> bool:
    """Whether several threads are called so, and nothing else is."""
    return (
        has_replicas(ctx.world, name.text)
        and name.text not in scope.names
        and declared(ctx, name.text, name.span) is None
    )


def declared(ctx: Context, name: str, span: Span) -> Term | None:
    """What a text declares by a name: the text that it stands in before others."""
    kind = ctx.meanings.of(name, span.source)
    var = ctx.variable(name, span.source)
    if kind == "state" or kind is None:
        return ctx.place(var, ()) if var is not None else None
    match kind:
        case "setting":
            own = span.source is ctx.unit.source and own_key(name) in ctx.settings
            key = own_key(name) if own else name
            return Static(ctx.settings[key]) if key in ctx.settings else None
        case "constant":
            return constant(ctx, name, span)
        case "world":
            return Static(ctx.world.names[name]) if name in ctx.world.names else None
        case "enum":
            return Many(tuple(Atom(m) for m in ctx.unit.enums[name].members))
        case "word":
            return Static(Atom(name))
        case _:
            assert_never(kind)


def constant(ctx: Context, name: str, span: Span) -> Term:
    """What a `const` is: of the text that names it, else of a module, else of the scenario."""
    several = [c for c in ctx.unit.consts if c.name == name]
    own = [c for c in several if c.span.source is span.source]
    others = [c for c in several if c.span.source is not ctx.unit.source]
    const = (own or others or several)[0]
    if const in ctx.constants:
        term = ctx.constants[const]
        if term is None:
            raise one("MM315", f"`{name}` is made of itself", const.span)
        return term
    ctx.constants[const] = None
    try:
        term = evaluate(ctx, Scope(), const.value)
    finally:
        del ctx.constants[const]
    if not isinstance(term, Static | Many):
        hint = "what changes is a `var`; what is computed from state is a `proc` that returns it"
        raise one("MM315", f"`{name}` is not known before the run", const.value.span, hint)
    ctx.constants[const] = term
    return term


def indexed(
    ctx: Context, scope: Scope, base: Term, indices: tuple[t.Expr, ...], span: Span
) -> Term:
    match indices:
        case (t.Range() as part,):
            return sliced(ctx, scope, base, part)
    match base:
        case Array(family, given, wanted, of):
            if len(indices) > len(wanted):
                many = counted(len(indices), "index", "indices")
                verb = "is" if len(wanted) == 1 else "are"
                raise one("MM305", f"{many} where {len(wanted)} {verb} wanted", span)
            exprs = []
            for e, domain in zip(indices, wanted, strict=False):
                exprs.append(as_index(ctx, evaluate(ctx, scope, e), domain, e.span))
            settled: tuple[Domain, ...] = ((),) * len(given)
            return families.at(family, (*given, *exprs), settled + wanted, of)
        case ArrayValue():
            for e in indices:
                if not isinstance(base, ArrayValue):
                    raise one("MM305", f"{len(indices)} indices are too many", span)
                cases = list(zip(base.domain, base.items, strict=True))
                expr = as_index(ctx, evaluate(ctx, scope, e), base.domain, e.span)
                base = item_of(base, expr) if isinstance(expr, core.Const) else chosen(expr, cases)
            return base
        case Static(Elem(sort="vma" | "file" as sort) as elem):
            pages = ctx.world.several(elem, {"vma": "vas", "file": "pages"}[sort])
            index = evaluate(ctx, scope, indices[0])
            if not isinstance(index, Static) or isinstance(index.value, bool):
                raise one("MM305", "the number of a page is fixed before the run", span)
            if not isinstance(index.value, int) or not 0 <= index.value < len(pages):
                raise one(
                    "MM303",
                    f"`{elem}` has no page {index.value}",
                    span,
                    f"its pages are 0 to {len(pages) - 1}",
                )
            return Static(pages[index.value])
        case Many(items_):
            index = evaluate(ctx, scope, indices[0])
            number_ = index.value if isinstance(index, Static) else None
            if type(number_) is int and 0 <= number_ < len(items_):
                return Static(items_[number_])
            raise one("MM303", f"the list has {counted(len(items_), 'member')}", span)
    raise one("MM305", f"{terms.noun(base)} has no index", span)


def sliced(ctx: Context, scope: Scope, base: Term, part: t.Range) -> Term:
    """Some pages of a vma or file, or members of a list: both ends belong to it, and
    it is empty where the last comes right before the first.
    """
    match base:
        case Static(Elem(sort="vma" | "file" as sort) as elem):
            members = ctx.world.several(elem, {"vma": "vas", "file": "pages"}[sort])
        case Many(members):
            pass
        case _:
            raise one("MM305", f"{terms.noun(base)} has no part", part.span)
    low = number(ctx, scope, part.low, 0, len(members))
    high = number(ctx, scope, part.high, low - 1, len(members) - 1)
    return Many(tuple(members[low : high + 1]))


def as_index(ctx: Context, term: Term, domain: Domain, span: Span) -> core.Expr:
    term = to_domain_kind(ctx, term, domain)
    if isinstance(term, Static):
        if not any(same(term.value, v) for v in domain):
            raise one("MM303", f"{terms.noun(term)} is not an index here", span)
    elif terms.is_version(term) or not (
        {kind_of(v) for v in terms.domain_of(term)} & {kind_of(v) for v in domain}
    ):
        raise one("MM303", f"{terms.noun(term)} is not an index here", span)
    return terms.as_expr(term)


def applied(ctx: Context, scope: Scope, name: str, args: tuple[t.Expr, ...], span: Span) -> Term:
    """`pte(va)` is `va.pte`; a procedure of one `return` is an expression."""
    body = pure(ctx, name, span, partial(truth, ctx, Scope()))
    if body is not None:
        proc, value = body
        if len(args) != len(proc.params):
            takes = counted(len(proc.params), "argument")
            raise one("MM209", f"`{name}` takes {takes}, not {len(args)}", span)
        if name in scope.callers:
            raise one("MM401", f"`{name}` calls itself", span)
        inner = scope.inner(callers=(*scope.callers, name))
        inner.names = {p: evaluate(ctx, scope, a) for p, a in zip(proc.params, args, strict=True)}
        for p, a in zip(proc.params, args, strict=True):
            if p in proc.cells:
                a_place(ctx, p, inner.names[p], a.span)
        try:
            return evaluate(ctx, inner, value)
        except Rejected as problem:
            seen = tuple(at_call(ctx.unit, d, span, name) for d in problem.diagnostics)
            raise Rejected(seen) from problem
    if name in ctx.structs:
        hint = f"name its members: `{name}({next(iter(dict(ctx.structs[name].members)))} = ...)`"
        raise one("MM207", f"`{name}` is a struct", span, hint)
    if name in WRITTEN_HERE:
        raise one("MM207", f"there is no procedure `{name}`", span, WRITTEN_HERE[name])
    if is_call(ctx, t.Applied(span, name, args), partial(truth, ctx, Scope())):
        raise one("MM409", f"`{name}` takes steps, and here a state is only looked at", span,
                  "give its result a name before, with `let`")  # fmt: skip
    if not args:
        raise one("MM208", f"`{name}` wants an argument", span, f"write `x.{name}` or `{name}(x)`")
    base = attribute(ctx, evaluate(ctx, scope, args[0]), name, span)
    return indexed(ctx, scope, base, args[1:], span) if len(args) > 1 else base


def truth(ctx: Context, scope: Scope, e: t.Expr) -> bool:
    """A condition that must be known before the run: on params and knobs."""
    term = evaluate(ctx, scope, e)
    if isinstance(term, Static) and isinstance(term.value, bool):
        return term.value
    raise one("MM307", "this condition is decided before the run, by params and knobs", e.span)


def static(ctx: Context, scope: Scope, e: t.Expr) -> Value:
    """A value that must be known before the run."""
    term = evaluate(ctx, scope, e)
    if isinstance(term, Static):
        return term.value
    raise one("MM307", "this is decided before the run, by params and knobs", e.span)


def number(ctx: Context, scope: Scope, e: t.Expr, low: int, high: int) -> int:
    """A known number between two bounds."""
    value = static(ctx, scope, e)
    if type(value) is not int:
        raise one("MM302", f"a number is wanted here, not a {kind_of(value)}", e.span)
    if not low <= value <= high:
        raise one("MM502", f"{value} is not between {low} and {high}", e.span)
    return value


def items(ctx: Context, scope: Scope, e: t.Expr) -> list[Value]:
    """What a loop or quantifier goes over, known before the run."""
    term = over(ctx, scope, e)
    if isinstance(term, Many):
        return list(term.items)
    raise one("MM307", "what is gone over is decided before the run", e.span)


def over(ctx: Context, scope: Scope, e: t.Expr) -> Many | Picks:
    if isinstance(e, t.Range):
        low = number(ctx, scope, e.low, -(10**6), 10**6)
        high = number(ctx, scope, e.high, -(10**6), 10**6)
        if high - low >= ITEMS_MAX:
            raise one("MM502", f"more than {ITEMS_MAX} values", e.span)
        return Many(tuple(range(low, high + 1)))
    term = evaluate(ctx, scope, e)
    match term:
        case Many() | Picks():
            return term
        case Static(int() as count) if not isinstance(count, bool):
            hint = f"write `0..{count - 1}`" if count > 0 else "a range is written `0..3`"
            raise one("MM302", "a number cannot be gone over", e.span, hint)
        case Static(Elem(sort=sort) as elem):
            word = {"vma": "vas", "mm": "vas", "file": "pages"}.get(sort)
            return Many(ctx.world.several(elem, word)) if word else Many((elem,))
        case Dynamic(expr, ScalarType(domain)) if any(isinstance(v, Elem) for v in domain):
            alone = tuple((v, (v,)) for v in domain if v is not None)
            return Picks(Dynamic(expr, ScalarType(domain)), alone, attribute=False)
    raise one("MM302", f"{terms.noun(term)} cannot be gone over", e.span)


def quantified(ctx: Context, scope: Scope, e: t.Quantified) -> Term:
    """`all`, `any` and `count`, written out over a known list."""
    members = over(ctx, scope, e.over)
    result: Term = {"all": TRUE, "any": FALSE, "count": Static(0)}[e.kind]
    for value, belongs in members.members():
        ctx.turn(e.span)
        poll()
        inner = scope.inner()
        inner.bind(e.name, Static(value))
        body = operators.want_bool(evaluate(ctx, inner, e.body))
        match e.kind:
            case "all":
                result = operators.logical(
                    "and", result, operators.logical("implies", belongs, body)
                )
            case "any":
                result = operators.logical("or", result, operators.logical("and", belongs, body))
            case "count":
                one_more = operators.logical("and", belongs, body)
                count = operators.conditional(one_more, Static(1), Static(0))
                result = operators.arithmetic("+", result, count)
            case _:
                assert_never(e.kind)
    return members.looked_at(result) if isinstance(members, Picks) else result


__all__ = ["Rejected", "evaluate", "items", "number", "over", "static", "truth"]
