"""Words and numbers that are compared with what never has them: misspelt, or of something else."""

from collections.abc import Iterator
from typing import NamedTuple

from mmscn.check.mentions import bound
from mmscn.check.modules import Unit
from mmscn.check.parts import items, nodes
from mmscn.check.variation import atoms
from mmscn.source import Span
from mmscn.syntax import tree as t


class Strange(NamedTuple):
    """what: as it is written. name: of what it is compared with; values: of that one."""

    what: str
    name: str
    values: list[str]
    span: Span


def strange_values(unit: Unit) -> Iterator[Strange]:
    """What is compared in the scenario and is never met: a word with a param, a knob, or a variable
    or attribute of an enum; a number with a variable of the scenario.

    A variable of another enum is no value of an enum's either.
    """
    numbers = of_ranges(unit)
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
                if isinstance(other, t.Literal) and type(other.value) is int:
                    low, high = numbers.get(name, (other.value, other.value))
                    own = name not in local and not isinstance(one, t.Attribute)
                    if own and not low <= other.value <= high:
                        yield Strange(str(other.value), name, [f"{low}..{high}"], other.span)
                    continue
                has = attributes.get(name) if isinstance(one, t.Attribute) else words.get(name)
                if not has or (name in local and isinstance(one, t.Name)):
                    continue
                match other:
                    case t.Name(text=word) if word in local or word in settings:
                        continue
                    case t.Name(text=word) if word in variables:
                        once = name < word  # of the two ways round
                        if once and not set(has) & set(variables[word]):
                            yield Strange(word, name, has, other.span)
                    case t.Name(text=word) if word in known and word not in has:
                        yield Strange(word, name, has, other.span)


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


def of_ranges(unit: Unit) -> dict[str, tuple[int, int]]:
    """The lowest and the highest number of the scenario's own variables, where they are written."""
    found = {}
    for var in unit.variables:
        if isinstance(var, t.Var) and var.span.source is unit.source:
            match var.type.low, var.type.high:
                case t.Literal(value=int() as low), t.Literal(value=int() as high):
                    if var.type.kind == "range":
                        found[var.name] = (low, high)
    return found


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
