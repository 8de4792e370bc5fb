"""Words that are compared with what never has them: a misspelt one, or one of something else."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.check.mentions import bound
from mmscn.check.modules import Unit
from mmscn.check.parts import items, nodes
from mmscn.check.variation import atoms
from mmscn.syntax import tree as t


def strange_words(unit: Unit) -> Iterator[tuple[t.Name, str, list[str]]]:
    """What is compared in the scenario with a param, a knob, or a variable or attribute of an
    enum, and is none of its values: the word, what it is compared with, and that one's values.

    A variable of another enum is no value of it either.
    """
    known = atoms(unit)
    settings = of_settings(unit)
    variables = of_variables(unit)
    attributes = of_attributes(unit)
    words = settings | variables
    for item in items(unit):
        if item.span.source is not unit.source:
            continue
        every = list(nodes(item))
        local = {name for node in every for name in bound(node)}
        for node in every:
            for one, other in compared(node):
                name = subject(one)
                has = attributes.get(name) if isinstance(one, t.Attribute) else words.get(name)
                if not has or (name in local and isinstance(one, t.Name)):
                    continue
                match other:
                    case t.Name(text=word) if word in local or word in settings:
                        continue
                    case t.Name(text=word) if word in variables:
                        once = name < word  # of the two ways round
                        if once and not set(has) & set(variables[word]):
                            yield other, name, has
                    case t.Name(text=word) if word in known and word not in has:
                        yield other, name, has


def compared(node: t.Node) -> list[tuple[t.Expr, t.Expr]]:
    match node:
        case t.Binary(op="==" | "!=", left=left, right=right):
            return [(left, right), (right, left)]
        case t.MemberOf(item=left, choices=choices):
            return [(left, choice) for choice in choices]
    return []


def subject(e: t.Expr) -> str:
    """The name of a variable, of an element of one, or of an attribute; empty for all else."""
    match e:
        case t.Name(text=name) | t.Index(base=t.Name(text=name)) | t.Attribute(name=name):
            return name
    return ""


def of_settings(unit: Unit) -> dict[str, list[str]]:
    """The words of params and knobs."""
    found: dict[str, list[str]] = {}
    varied: list[t.Param | t.Knob] = [*unit.params.values(), *unit.knobs.values()]
    for v in varied:
        words = [e.text for e in v.values if isinstance(e, t.Name)]
        found[v.name] = [*found.get(v.name, []), *words]
    return found


def of_variables(unit: Unit) -> dict[str, list[str]]:
    """The words of the scenario's own variables that are of an enum."""
    return {
        var.name: list(unit.enums[var.type.name].members)
        for var in unit.variables
        if isinstance(var, t.Var)
        and var.span.source is unit.source
        and var.type.kind == "named"
        and var.type.name in unit.enums
    }


def of_attributes(unit: Unit) -> dict[str, list[str]]:
    """The words of attributes and members that are of an enum, whatever has one of that name."""
    found: dict[str, list[str]] = {}
    others: set[str] = set()
    owners = [each.members for each in unit.eaches] + [s.members for s in unit.structs.values()]
    for member in (member for members in owners for member in members):
        type_ = getattr(member, "type", None)
        if isinstance(type_, t.TypeExpr) and type_.kind == "named" and type_.name in unit.enums:
            found[member.name] = [*found.get(member.name, []), *unit.enums[type_.name].members]
        else:
            others.add(member.name)
    return {name: words for name, words in found.items() if name not in others}
