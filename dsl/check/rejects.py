"""What a module does not model: `reject v in vma when not v.shared "..."`.

Asked before any state is laid out, of all elements that there are; what is said stands at the
declaration of the element, since that is the line to change.
"""

from __future__ import annotations

from mmscn.check.context import Context
from mmscn.check.expressions import items, truth
from mmscn.check.parts import threads
from mmscn.check.scope import Scope
from mmscn.check.terms import Static
from mmscn.check.values import Elem, Value
from mmscn.diagnostics import Label
from mmscn.source import Span
from mmscn.syntax import tree as t

PART_OF = {"va": "vma", "filepage": "file"}
"""The elements that are declared with others, by the attribute that names those."""


def reject(ctx: Context) -> None:
    """Report MM312 for each element that a module rejects."""
    for item in ctx.unit.rejects:
        with ctx.collecting(item.span):
            for value in items(ctx, Scope(), item.over):
                scope = Scope()
                scope.bind(item.name, Static(value))
                if truth(ctx, scope, item.when):
                    ctx.reporter.error(
                        "MM312",
                        item.text,
                        declaration(ctx, value) or item.span,
                        labels=(Label(item.span, "rejected here"),),
                    )


def declaration(ctx: Context, value: Value) -> Span | None:
    """Where an element is declared; None where the text does not name it."""
    if not isinstance(value, Elem):
        return None
    if value.sort in PART_OF:
        whole = ctx.world.get(value, PART_OF[value.sort])
        assert isinstance(whole, Elem)
        value = whole
    unit = ctx.unit
    declared: list[t.File | t.Mm | t.Map | t.Thread]
    match value.sort:
        case "vma":
            declared = [*unit.maps, *(m for mm in unit.mms for m in mm.maps)]
        case "file":
            declared = [*unit.files]
        case "mm":
            declared = [*unit.mms]
        case "thread":
            declared = [th for part in unit.compositions for th in threads(part)]
        case _:
            return None
    name = value.name.partition("[")[0]
    return next((item.span for item in declared if item.name == name), None)
