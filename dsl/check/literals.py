"""Structs that are written out: `leaf(page = p)`, and `old with dirty = true`."""

from __future__ import annotations

from mmscn.check import families, terms
from mmscn.check.context import Context
from mmscn.check.convert import convert
from mmscn.check.missing import no_struct
from mmscn.check.terms import Record, Term
from mmscn.diagnostics import closest, one
from mmscn.syntax import tree as t


def struct_value(ctx: Context, e: t.StructValue, values: list[Term]) -> Record:
    """What is not named is as in `none`. Raises Rejected."""
    if e.name not in ctx.structs:
        raise no_struct(ctx.unit, e.name, e.span)
    none = families.default(ctx.structs[e.name])
    assert isinstance(none, Record)
    return with_members(ctx, none, e, values)


def changed(ctx: Context, e: t.Changed, old: Term, values: list[Term]) -> Record:
    """What is not named is as it was. Raises Rejected."""
    if not isinstance(old, Record):
        what = f"`with` gives a struct other members, and this is {terms.noun(old)}"
        raise one("MM302", what, e.base.span)
    found = with_members(ctx, old, e, values)
    if len(values) == len(old.members):
        name = old.type.name
        hint = f"write `{name}({', '.join(f'{m} = ...' for m in old.members)})`"
        raise one("MM316", f"no member of this {name} stays as it was", e.span, hint)
    return found


def with_members(
    ctx: Context, record: Record, e: t.StructValue | t.Changed, values: list[Term]
) -> Record:
    types = dict(record.type.members)
    new: dict[str, Term] = {}
    for name, written, value in zip(e.members, e.values, values, strict=True):
        if name not in types:
            what = f"a {record.type.name} has no member `{name}`"
            raise one("MM208", what, written.span, closest(name, types))
        if name in new:
            raise one("MM206", f"`{name}` is said twice", written.span)
        new[name] = convert(ctx, value, types[name], written.span)
    return Record(record.type, {n: new.get(n, old) for n, old in record.members.items()})
