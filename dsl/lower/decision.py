"""Expressions as decisions: how large one is, and the same value by looking at its variables."""

from __future__ import annotations

from collections.abc import Sequence

from mmscn.check.core import Operator
from mmscn.check.values import Value
from mmscn.lower.ir import Term, TermKind, VarId, clamped, folded, substitute

TRUE: Term = ("c", True)
FALSE: Term = ("c", False)
CONDITIONS = frozenset(("and", "or", "not", "implies", "==", "!=", "<", "<=", ">", ">=", "in"))
"""Expressions that are true or false."""


def weight(term: Term, most: int) -> int:
    """The operators and operands of an expression, counted to `most` and hardly beyond."""
    count = 0
    todo = [term]
    while todo and count <= most:
        here = todo.pop()
        count += 1
        kind: TermKind = here[0]
        match kind:
            case "c" | "v" | "fresh":
                pass
            case "in" | "clamp":
                todo.append(here[1])
            case op:
                _: Operator = op
                todo.extend(here[1:])
    return count


def chosen(term: Term, choices: Sequence[tuple[VarId, Sequence[Value]]]) -> Term:
    """The expression as `if v in [...] then ... else ...`, one variable after the other.

    choices: all its variables, with the values that they may have. What is the same
    for several values is written once.
    """
    if term[0] == "c" or not choices:
        return term
    (var, values), *rest = choices
    found: dict[Term, list[Value]] = {}
    for value in values:
        part = chosen(substitute(term, {var: ("c", value)}), rest)
        found.setdefault(part, []).append(value)
    *parts, (result, _) = found.items()
    for part, here in reversed(parts):
        result = either(asked(var, here), part, result)
    return result


def asked(var: VarId, values: list[Value]) -> Term:
    """Whether a variable has one of some values."""
    if len(values) == 1 and isinstance(values[0], bool):
        return ("v", var) if values[0] else ("not", ("v", var))
    return ("in", ("v", var), frozenset(values))


def either(condition: Term, then: Term, otherwise: Term) -> Term:
    if isinstance(then[1], bool) and (then, otherwise) == (TRUE, FALSE):
        return condition
    if isinstance(then[1], bool) and (then, otherwise) == (FALSE, TRUE):
        return folded("not", (condition,))
    return ("ite", condition, then, otherwise)


def folded_clamp(term: Term, domain: tuple[Value, ...]) -> Term:
    """A value brought into a domain of numbers."""
    return ("c", clamped(term[1], domain)) if term[0] == "c" else ("clamp", term, domain)


def ordered(domain: tuple[Value, ...], values: frozenset[Value]) -> list[Value]:
    """Values in the order of the domain (sets have none that can be relied on)."""
    return [v for v in domain if v in values]
