"""What a text adds to a struct or a knob of another: `extend struct`, `extend knob`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from attrs import evolve

from mmscn.diagnostics import Label, Reporter, closest
from mmscn.source import Span
from mmscn.syntax import tree as t

if TYPE_CHECKING:
    from mmscn.check.modules import Unit


def extend(unit: Unit, reporter: Reporter) -> None:
    """Put members into structs and values into knobs, behind those that they have.

    MM207 where there is nothing of that name, MM206 for what is there already.
    """
    for item in unit.extensions:
        match item:
            case t.ExtendStruct(name=name) if name in unit.structs:
                struct = unit.structs[name]
                once(reporter, name, [(m.name, m.span) for m in (*struct.members, *item.members)])
                unit.structs[name] = evolve(struct, members=(*struct.members, *item.members))
            case t.ExtendStruct(name=name):
                missing(reporter, "struct", name, item.span, unit.structs)
            case t.ExtendKnob(name=name) if name in unit.knobs:
                knob = unit.knobs[name]
                once(reporter, name, [(v.span.text, v.span) for v in (*knob.values, *item.values)])
                unit.knobs[name] = evolve(knob, values=(*knob.values, *item.values))
            case t.ExtendKnob(name=name):
                missing(reporter, "knob", name, item.span, unit.knobs)


def once(reporter: Reporter, name: str, parts: list[tuple[str, Span]]) -> None:
    """Report what is there twice."""
    seen: dict[str, Span] = {}
    for part, span in parts:
        if part in seen:
            first = Label(seen[part], "it is declared here")
            message = f"`{name}` has `{part}` already"
            reporter.error("MM206", message, span, labels=(first,))
        seen.setdefault(part, span)


def missing(reporter: Reporter, kind: str, name: str, span: Span, known: Iterable[str]) -> None:
    hint = closest(name, known) or "the module that declares it is not imported"
    reporter.error("MM207", f"there is no {kind} `{name}` to extend", span, hint=hint)
