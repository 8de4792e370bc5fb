"""What is declared and can do or say nothing: agents without a step, properties of no state.

These are warnings, as what nothing uses is (`unused.py`); shipped modules are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.check.meanings import Meanings, meanings
from mmscn.check.modules import Unit
from mmscn.check.parts import items, nodes_of
from mmscn.diagnostics import Diagnostic
from mmscn.syntax import tree as t

STATE = (t.Attribute, t.Index, t.Applied, t.CallValue, t.PropertyUse, t.Element)
"""Kinds of expression that may look at what the state is, whatever their names."""
FIXED = ("setting", "constant", "enum", "word")
"""What a name may mean that no step changes."""


def idle(unit: Unit) -> Iterator[Diagnostic]:
    """The warnings of a unit's own texts, in no order."""
    known = meanings(unit)
    for item in items(unit):
        if unit.is_shipped(item.span.source):
            continue
        if isinstance(item, t.Agent) and not any(isinstance(m, t.Step) for m in item.members):
            message = f"the agent `{item.name}` has no step, so it never does anything"
            hint = "give it one: `step name when condition { ... }`, or remove it"
            yield Diagnostic("MM609", message, item.span, hint=hint, severity="warning")
        for predicate in predicates(item):
            if not looks_at_state(predicate, known):
                message = f"`{predicate.asked}` reads nothing that a step could change"
                hint = "ask for variables, members or marks; params and constants never change"
                yield Diagnostic("MM610", message, predicate.span, hint=hint, severity="warning")


def predicates(item: t.Item) -> tuple[t.Predicate, ...]:
    match item:
        case t.Predicate():
            return (item,)
        case t.Property(predicates=several):
            return several
    return ()


def looks_at_state(predicate: t.Predicate, known: Meanings) -> bool:
    """Whether some word of it is not known from the text alone."""
    every = nodes_of(predicate)
    bound = {node.name for node in every if isinstance(node, t.Quantified)}
    return any(
        isinstance(node, STATE)
        or (
            isinstance(node, t.Name)
            and node.text not in bound
            and known.of(node.text, node.span.source) not in FIXED
        )
        for node in every
    )
