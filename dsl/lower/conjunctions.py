"""A conjunction less others, in disjoint pieces.

A conjunction says which values some keys (variables, or fields) may have, and of
some facts (conditions on several) whether they hold. `outside` is the one place
where the passes ask which states a disjunction leaves out: fusion, for where a step
is blocked; symmetry, for whether one disjunction lies within another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

Values: TypeAlias = dict[int, frozenset[Any]]
"""For some keys, the values that they may have."""
Truths: TypeAlias = dict[tuple[Any, ...], bool]
"""Conditions on several keys, and what they must be."""
Conjunction: TypeAlias = tuple[Values, Truths]


def outside(
    domain: Callable[[int], frozenset[Any]],
    known: Conjunction,
    others: Iterable[Conjunction],
    *,
    pieces_max: int,
) -> list[Conjunction] | None:
    """The states of `known` that none of the others matches, in disjoint pieces.

    domain: all values of a key. None where there are more pieces than that.
    Facts are not compared with each other, so a piece may have no state.
    """
    pieces = [known]
    for values, facts in others:
        left: list[Conjunction] = []
        for piece in pieces:
            left.extend(without(domain, piece, values, facts))
            if len(left) > pieces_max:
                return None
        pieces = left
    return pieces


def without(
    domain: Callable[[int], frozenset[Any]], piece: Conjunction, values: Values, facts: Truths
) -> Iterator[Conjunction]:
    """A conjunction less another.

    The keys come first: what is left for a fact to say lies within the other's values, so that
    a fact may be one that is only told there (a table's entries under a guard).
    """
    here, known = piece
    inside: list[tuple[int, frozenset[Any], frozenset[Any]]] = []
    for key, allowed in values.items():
        before = here.get(key)
        if before is None:
            before = domain(key)
        both = before & allowed
        if not both:
            yield piece
            return
        if both != before:
            inside.append((key, before, both))
    if any(known.get(fact, wanted) is not wanted for fact, wanted in facts.items()):
        yield piece
        return
    here = dict(here)
    for key, before, both in inside:
        yield {**here, key: before - both}, known
        here[key] = both
    for fact, wanted in facts.items():
        if fact not in known:
            yield here, {**known, fact: not wanted}
            known = {**known, fact: wanted}
