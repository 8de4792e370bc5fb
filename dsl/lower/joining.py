"""Ways that have come to one place, made one: what differs becomes a value that depends.

Before:  f == true, x = 1      f == false, x as it is
After:   x = if f then 1 else x

Only where a step has too many ways otherwise: as rules of their own, ways are what guards and
fusion can make the most of. Two ways are joined that assume the same but for the values of one
variable, meet and break the same assertions, and come to the same but for values of variables,
contents left out: of a content nothing is computed. A condition on several variables, which one
way meets and the other does not, is as good as a variable.
"""

from __future__ import annotations

from math import prod

from mmscn.lower.decision import asked, ordered
from mmscn.lower.ir import FRESH, Term, VarId, variables
from mmscn.lower.path import Path, TooManyWays, TooMuchWork
from mmscn.lower.paths import TABLE_MAX, Executor


def join(executor: Executor, paths: list[Path]) -> list[Path]:
    """The same ways, fewer of them. Raises TooMuchWork."""
    lots: dict[object, list[Path]] = {}
    for path in paths:
        lot = lots.setdefault(effect(path), [])
        partner: int | None = -1
        while partner is not None:
            partner = None
            for n, other in enumerate(lot):
                executor.spend()
                both = join_two(executor, other, path)
                if both is not None:
                    partner, path = n, both
                    break
            if partner is not None:
                del lot[partner]
        lot.append(path)
    return [path for lot in lots.values() for path in lot]


def effect(path: Path) -> object:
    """What two ways that are joined have in common, beside most of what they assume."""
    told = frozenset(path.violates), frozenset(path.covers)
    return *told, path.halts, path.fresh, path.granted, path.stands


def join_two(executor: Executor, a: Path, b: Path) -> Path | None:
    """Two ways of one effect as one; None where they differ in too much."""
    difference = between(executor, a, b)
    if difference is None:
        return None
    condition, both = difference
    for v in sorted({*a.values, *b.values}):
        x, y = a.values.get(v, ("v", v)), b.values.get(v, ("v", v))
        if x != y:
            value = dependent(executor, both, v, ("ite", condition, x, y))
            if value is None:
                return None
            both.values[v] = value
    both.origins += [origin for origin in b.origins if origin not in a.origins]
    return both


def between(executor: Executor, a: Path, b: Path) -> tuple[Term, Path] | None:
    """What is so on the one way and not on the other, and the first without it; None if more."""
    if a.literals.keys() != b.literals.keys():
        return None
    parted = [
        v for v in sorted({*a.guard, *b.guard}) if executor.values(a, v) != executor.values(b, v)
    ]
    literals = [literal for literal in a.literals if a.literals[literal] != b.literals[literal]]
    if len(parted) + len(literals) != 1:
        return None
    names = parted or list(variables(literals[0]))
    if any(executor.vars[v].version for v in names):
        return None
    both = a.copy()
    if literals:
        yes = both.literals.pop(literals[0])
        return (literals[0] if yes else ("not", literals[0])), both
    (var,) = parted
    of_a, of_b = executor.values(a, var), executor.values(b, var)
    if of_a & of_b:
        return None
    domain = executor.vars[var].domain
    both.guard[var] = of_a | of_b
    if len(both.guard[var]) == len(domain):
        del both.guard[var]
    return asked(var, ordered(domain, of_a)), both


def dependent(executor: Executor, path: Path, v: VarId, term: Term) -> Term | None:
    """A value that depends; None where a table has no room for what it depends on."""
    if executor.vars[v].version or FRESH in term:
        return None
    names = sorted(set(variables(term)))
    if any(executor.vars[u].version for u in names):
        return None
    if prod(len(executor.values(path, u)) for u in names) > TABLE_MAX:
        return None
    try:
        return executor.compact(path, term)
    except TooMuchWork:
        raise
    except TooManyWays:
        return None
