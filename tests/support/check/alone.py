"""A combination as it is alone, and as it is behind others of its unit."""

from __future__ import annotations

from typing import Any

from attrs import fields, has

from mmscn.check.elaborate import elaborate
from mmscn.check.modules import Unit
from mmscn.check.values import Elem, Value
from mmscn.check.variation import matrix
from mmscn.check.words import Words
from mmscn.diagnostics import Rejected
from mmscn.lower.rule_builder import build
from mmscn.source import Span


def combinations_apart(unit: Unit) -> list[dict[str, Value]]:
    """The combinations that are another program behind those before them than alone."""
    found = []
    for params in matrix(unit):
        behind = told(unit, params)
        kept, unit.kept = unit.kept, None
        alone = told(unit, params)
        unit.kept = kept
        if behind != alone:
            found.append(params)
    return found


def told(unit: Unit, params: dict[str, Value]) -> object:
    """All of a program, its texts too, as plain data in which nothing equals another thing; or
    what is wrong with it.
    """
    try:
        checked = elaborate(unit, params)
        ir, lines = build(checked)
    except Rejected as problem:
        return str(problem)
    return Plain().of((checked, ir, lines))


class Plain:
    def __init__(self) -> None:
        self.known: dict[int, tuple[object, object]] = {}

    def of(self, value: Any) -> object:
        if value is None or isinstance(value, int | str | bool):
            return type(value).__name__, value
        if id(value) not in self.known:
            self.known[id(value)] = value, self.parts(value)
        return self.known[id(value)][1]

    def parts(self, value: Any) -> object:
        kind = type(value)
        match value:
            case Span(source, start, end):
                return source.name, start, end
            case frozenset() | set():
                return sorted(map(repr, value))
            case tuple() | list():
                return kind.__name__, *map(self.of, value)
            case dict():
                return kind.__name__, *((self.of(k), self.of(v)) for k, v in value.items())
        if callable(value):
            return self.of(value())
        if has(kind) and not isinstance(value, Elem | Words):
            names = (f.name for f in fields(kind) if f.name not in ("kept", "size", "depth"))
            return kind.__name__, *((name, self.of(getattr(value, name))) for name in names)
        return kind.__name__, repr(value)
