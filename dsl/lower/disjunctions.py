"""What is judged as a disjunction of conditions: the states in which it holds, or does not.

As many small conditions as the text has parts, rather than few that exclude each other: what says
the same of each thread stays the same when threads are exchanged, and a step changes few of them.
"""

from __future__ import annotations

from functools import partial

from mmscn.check import core
from mmscn.lower.ir import Condition
from mmscn.lower.model_errors import touchy
from mmscn.lower.path import Path
from mmscn.lower.paths import Executor


def disjunction(executor: Executor, e: core.Expr, wanted: bool) -> tuple[Condition, ...]:
    """The states in which an expression is `wanted`.

    An expression without a value (`none` has no state) counts as not holding.
    Raises TooManyWays.
    """
    return parts(executor, e, wanted, sure=not any(touchy(e)))


def parts(
    executor: Executor, e: core.Expr, wanted: bool, *, sure: bool
) -> tuple[Condition, ...]:
    """sure: it has a value in each state."""
    of = partial(parts, executor, sure=sure)
    match e:
        case core.Apply(op="not", args=(inner,)) if sure:
            return of(inner, not wanted)
        # Of a conjunction that fails it is enough that one part does, whatever the others do.
        case core.Apply(op="and", args=(left, right)) if not wanted:
            return of(left, False) + of(right, False)
        case core.Apply(op="or", args=(left, right)) if wanted and (sure or not any(touchy(left))):
            return of(left, True) + of(right, True)
    executor.begin()
    found = []
    for path, term in executor.evaluate(Path(), e):
        for decided, holds in executor.decide(path, term):
            if holds is wanted:
                found.append(decided.condition())
    if not wanted:
        found += [path.condition() for path in executor.failed]
    executor.begin()
    return tuple(found)
