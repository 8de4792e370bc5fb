"""What stands behind a dot: members, state and fixed attributes of elements, owners of locks."""

from __future__ import annotations

from mmscn.check import core, operators, terms
from mmscn.check.arrays import chosen
from mmscn.check.context import Context
from mmscn.check.drained import drained
from mmscn.check.missing import known_elsewhere
from mmscn.check.terms import Dynamic, Lock, Many, Picks, Record, Static, Term
from mmscn.check.types import BOOL, ScalarType, StructType
from mmscn.check.values import Domain, Elem, Value
from mmscn.check.world import Attribute
from mmscn.diagnostics import closest, one
from mmscn.source import Span


def attribute(ctx: Context, base: Term, name: str, span: Span) -> Term:
    """`base.name`: a member, a lock's owner, an element's state or fixed attribute."""
    match base:
        case Record(type_, members):
            if name in members:
                return members[name]
            if name == "size" and type_.size is not None:
                return Static(type_.size)
            raise one(
                "MM208", f"a {type_.name} has no member `{name}`", span, closest(name, members)
            )
        case Lock():
            return lock_attribute(ctx, base, name, span)
        case Static(Elem() as elem):
            return element_attribute(ctx, elem, name, span)
        case Static(None):
            raise one("MM304", f"`none` has no `{name}`", span)
        case Dynamic(expr, ScalarType(domain)):
            return dynamic_attribute(ctx, expr, domain, name, span)
    raise one("MM208", f"{terms.noun(base)} has no `{name}`", span, known_elsewhere(name))


def element_attribute(ctx: Context, elem: Elem, name: str, span: Span) -> Term:
    var = ctx.state.get((elem.sort, name))
    if var is not None:
        return ctx.place(var, (core.Const(elem),))
    if (elem.sort, name) == ("cpu", "drained"):
        return drained(ctx, core.Const(elem))
    attributes = ctx.world.attributes[elem]
    if name in attributes:
        return fixed(attributes[name])
    only = only_page(ctx, elem)
    if only is not None:
        return element_attribute(ctx, only, name, span)
    hint = attribute_meant(ctx, elem, name)
    if elem.sort in ("vma", "file") and ("va", name) in ctx.state:
        hint = f"`{elem}` has several pages; say which: `{elem}[0].{name}`"
    raise one("MM208", f"a {elem.sort} has no `{name}`", span, hint)


def attribute_meant(ctx: Context, elem: Elem, name: str) -> str | None:
    """What was meant by an attribute that an element does not have."""
    inside = [
        f"{n}.{name}"
        for (s, n), v in ctx.state.items()
        if s == elem.sort and isinstance(v.type, StructType) and name in dict(v.type.members)
    ]
    if inside:
        return f"did you mean `.{inside[0]}`?"
    known = [n for s, n in ctx.state if s == elem.sort] + list(ctx.world.attributes[elem])
    return known_elsewhere(name) or closest(name, known)


def only_page(ctx: Context, elem: Elem) -> Elem | None:
    """The page of a vma or file that has just one: `buf` stands for `buf[0]`."""
    word = {"vma": "vas", "file": "pages"}.get(elem.sort)
    if word is None:
        return None
    pages = ctx.world.several(elem, word)
    return pages[0] if len(pages) == 1 and isinstance(pages[0], Elem) else None


def to_domain_kind(ctx: Context, term: Term, domain: Domain) -> Term:
    """`buf` where a virtual page is wanted is `buf[0]`, if it has no other."""
    if isinstance(term, Static) and isinstance(term.value, Elem):
        sorts = {v.sort for v in domain if isinstance(v, Elem)}
        if sorts and term.value.sort not in sorts:
            only = only_page(ctx, term.value)
            if only is not None and only.sort in sorts:
                return Static(only)
    return term


def fixed(value: Attribute) -> Term:
    return Many(value) if isinstance(value, tuple) else Static(value)


def dynamic_attribute(ctx: Context, expr: core.Expr, domain: Domain, name: str, span: Span) -> Term:
    """An attribute of an element that only the state knows."""
    elements = [v for v in domain if isinstance(v, Elem)]
    if domain == (None,):
        raise one("MM304", f"`none` has no `{name}`", span)
    if not elements:
        what = f"{terms.noun(Dynamic(expr, ScalarType(domain)))} has no `{name}`"
        raise one("MM208", what, span, known_elsewhere(name))
    var = ctx.state.get((elements[0].sort, name))
    if var is not None:
        return ctx.place(var, (expr,))
    if (elements[0].sort, name) == ("cpu", "drained"):
        return drained(ctx, expr)
    for elem in elements:
        if name not in ctx.world.attributes[elem]:
            hint = attribute_meant(ctx, elem, name)
            raise one("MM208", f"a {elem.sort} has no `{name}`", span, hint)
    values: list[tuple[Value, Attribute]] = [(e, ctx.world.attributes[e][name]) for e in elements]
    if isinstance(values[0][1], tuple):
        return Picks(Dynamic(expr, ScalarType(domain)), owners(values), attribute=True)
    return chosen(expr, [(elem, fixed(value)) for elem, value in values])


def owners(values: list[tuple[Value, Attribute]]) -> tuple[tuple[Value, tuple[Value, ...]], ...]:
    """Each member of some lists, with the elements whose lists it is in."""
    found: dict[Value, list[Value]] = {}
    for elem, listed in values:
        assert isinstance(listed, tuple)
        for item in listed:
            found.setdefault(item, []).append(elem)
    return tuple((item, tuple(elems)) for item, elems in found.items())


def lock_attribute(ctx: Context, lock: Lock, name: str, span: Span) -> Term:
    """`x.held`: by anybody, in any mode; `x.owner`: the thread that may write, or none."""
    domain = ctx.families[lock.family].domain
    owner = Dynamic(core.Cell(lock.family, lock.index), ScalarType(domain))
    match name:
        case "owner":
            return owner
        case "held":
            held = operators.negation(operators.equal(owner, Static(None)))
            for reader in readers(ctx, lock):
                held = operators.logical("or", held, reader)
            return held
    raise one("MM208", f"a lock has no `{name}`", span, "it has `held` and `owner`")


def readers(ctx: Context, lock: Lock) -> list[Term]:
    """Whether each thread holds an rwsem for reading."""
    if lock.kind != "rwsem":
        return []
    family = f"{lock.family}.readers"
    return [
        Dynamic(core.Cell(family, (*lock.index, core.Const(thread))), BOOL)
        for thread in ctx.world.sorts.get("thread", ())
    ]
