"""An expression of the scenario's text, asked in every state of an execution."""

from __future__ import annotations

from typing import NamedTuple

from mmscn.check import core
from mmscn.check.elaborate import term_in
from mmscn.check.terms import Dynamic, Record, Static, Term, is_version, noun
from mmscn.check.values import Value
from mmscn.diagnostics import Rejected, one
from mmscn.draw.notes import scalar_text
from mmscn.draw.traced import Traced
from mmscn.judge.api import Scenario
from mmscn.lower.retrace import Moment
from mmscn.source import Source
from mmscn.syntax import tree as t
from mmscn.syntax.parse import parse

NAME = "--watch"
BEFORE = "finally "


class Watched(NamedTuple):
    """parts: the members of a struct, or the one value, under no name."""

    text: str
    parts: tuple[tuple[str, core.Expr, bool], ...]

    def value(self, found: Traced, at: Moment) -> str:
        """What it is in a state; `-` where it has no value there."""
        said = [
            (name, shown(found, at, expr, version=version)) for name, expr, version in self.parts
        ]
        return " ".join(f"{name}={value}" if name else value for name, value in said)


def shown(found: Traced, at: Moment, expr: core.Expr, *, version: bool) -> str:
    try:
        return scalar_text(found.again.value(at, expr), version=version)
    except ValueError:
        return "-"


def watched(scenario: Scenario, values: dict[str, Value], text: str) -> Watched:
    """The expression that a text is, in one combination of a scenario. Raises Rejected."""
    expr = expression(text)
    return Watched(text, parts_of(term_in(scenario.unit, values, expr), expr, ""))


def expression(text: str) -> t.Expr:
    source = Source(NAME, f"{BEFORE}{text}\n")
    tree, wrong = parse(source)
    if wrong:
        raise Rejected(wrong)
    match tree.items:
        case (t.Predicate(kind="finally", text=None, condition=condition),):
            return condition
    raise one("MM101", "one expression is watched", tree.span, "say --watch again for another")


def parts_of(term: Term, expr: t.Expr, name: str) -> tuple[tuple[str, core.Expr, bool], ...]:
    match term:
        case Static(value):
            return ((name, core.Const(value), False),)
        case Dynamic(found):
            return ((name, found, is_version(term)),)
        case Record(members=members):
            inner = [
                parts_of(member, expr, f"{name}.{part}".lstrip("."))
                for part, member in members.items()
            ]
            return tuple(p for parts in inner for p in parts)
    what = f"{noun(term)} is watched element by element"
    raise one("MM301", what, expr.span, "name one of its elements, as in `x[0]`")
