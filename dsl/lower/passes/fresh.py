"""Contents that one thread alone brings in, and once, are made where they are stored.

Before:  1: present == true -> content = 1 goto 2      (1: this thread has made it in the beginning)
After:   1: present == true -> content = fresh goto 2

A content that was made before the first step is a constant: its number says who has made it.
States that differ in that number alone are many where threads are alike, and nothing can tell
them apart once it is stored. A fresh version has no name, so that they are one.

A constant c is made fresh where it is stored if

- no state begins with it, nothing compares a content with it, and nothing but constants,
  copies and fresh contents is ever stored;
- it is stored by steps of one thread, behind none of which another of them can come.

So when it is stored, no variable holds it: only those steps bring it in. A fresh content is one
that no variable holds, too, and all that is ever asked of the two is whether they are equal to
others. Renaming the one to the other maps the runs of each program to those of the other, step by
step: a bisimulation, so verdicts and the lengths of counterexamples stay.

Whether a step stands still is asked up to the names of fresh contents alone (`still`). Where a
step that stays at its place stores contents, nothing is made fresh: exchanging two that have
names moves on, and exchanging two that have none does not.

Not kept: the numbers of contents in final states.
Source: as of `versions`: that contents can be renamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mmscn.budget import poll
from mmscn.check.values import Value
from mmscn.lower.ir import FRESH, Condition, Ir, Rule, Term, VarId, constants, variables
from mmscn.lower.passes.still import compared


def fresh(ir: Ir) -> Ir:
    """The program with contents made where they are stored."""
    contents = {v for v, var in enumerate(ir.vars) if var.version and v not in ir.dropped}
    if not contents or compared(ir) or not plain(ir, contents):
        return ir
    kept = contents - ir.constants.keys()
    named = names(ir, contents)
    storing: dict[int, list[Rule]] = {}
    for rule in ir.rules:
        for number in stored(rule, kept) - named:
            storing.setdefault(number, []).append(rule)
    ways = ways_of(ir)
    once = {number for number, rules in storing.items() if at_most_once(rules, ways)}
    once = {c for c in once if all(alone(rule, kept, once) for rule in storing[c])}
    if not once:
        return ir
    return ir.having(rules=[making(rule, kept, once) for rule in ir.rules])


def plain(ir: Ir, contents: set[VarId]) -> bool:
    """Whether contents are copied, made fresh and compared, and nothing else is done with them."""
    for rule in ir.rules:
        for v, term in rule.assigns.items():
            if v in contents:
                if term != FRESH and not simple(term, contents):
                    return False
            elif not contents.isdisjoint(variables(term)):
                return False
    for condition in conditions(ir):
        if not contents.isdisjoint(condition.guard):
            return False
        for literal in condition.literals:
            if contents.isdisjoint(variables(literal)):
                continue
            if literal[0] != "==" or not all(simple(part, contents) for part in literal[1:]):
                return False
    return True


def simple(term: Term, contents: set[VarId]) -> bool:
    return term[0] == "c" or (term[0] == "v" and term[1] in contents)


def conditions(ir: Ir) -> Iterator[Condition | Rule]:
    """All that asks something of a state."""
    yield from ir.rules
    yield from ir.quiescent
    for check in ir.checks:
        yield from check.bad
        yield from check.covered


def names(ir: Ir, contents: set[VarId]) -> set[int]:
    """The contents that some state begins with, or that something is compared with.

    Those of a variable that holds one only are in its place.
    """
    kept = contents - ir.constants.keys()
    found: set[Value] = {values[v] or 0 for values in ir.initial for v in kept}
    terms = [
        t for rule in ir.rules for v, t in rule.assigns.items() if v in contents and t[0] == "v"
    ]
    terms += [
        t for c in conditions(ir) for t in c.literals if not contents.isdisjoint(variables(t))
    ]
    for term in terms:
        found.update(constants(term))
        found.update(ir.constants[v] for v in variables(term) if v in ir.constants)
    return {number for number in found if isinstance(number, int)}


def stored(rule: Rule, kept: set[VarId]) -> set[int]:
    """The constants that a step stores."""
    return {t[1] for v, t in rule.assigns.items() if v in kept and t[0] == "c"}


Ways = dict[tuple[int, int | None], list[Rule]]
"""By process and program counter, the steps that go on from there."""


def ways_of(ir: Ir) -> Ways:
    ways: Ways = {}
    for rule in ir.rules:
        if not rule.halts:
            ways.setdefault((rule.process, rule.at), []).append(rule)
    return ways


def at_most_once(rules: list[Rule], ways: Ways) -> bool:
    """Whether of some steps one happens in each run, and once."""
    process = rules[0].process
    if any(rule.process != process or rule.at is None for rule in rules):
        return False
    behind = reached((rule.to for rule in rules if not rule.halts), process, ways)
    return behind.isdisjoint(rule.at for rule in rules)


def reached(places: Iterable[int | None], process: int, ways: Ways) -> set[int | None]:
    """Where a process can get to from some places, these among them."""
    found = set(places)
    todo = list(found)
    while todo:
        poll()
        for rule in ways.get((process, todo.pop()), ()):
            if rule.to not in found:
                found.add(rule.to)
                todo.append(rule.to)
    return found


def alone(rule: Rule, kept: set[VarId], once: set[int]) -> bool:
    """Whether a step makes one content: one that is to be made, or one that is fresh."""
    makes_one = FRESH in rule.assigns.values()
    return len(stored(rule, kept) & once) + makes_one <= 1


def making(rule: Rule, kept: set[VarId], once: set[int]) -> Rule:
    """The step, with what it stores made there."""
    if once.isdisjoint(stored(rule, kept)):
        return rule
    assigns = {
        v: FRESH if v in kept and term[0] == "c" and term[1] in once else term
        for v, term in rule.assigns.items()
    }
    return rule.doing(rule.guard, rule.literals, assigns)
