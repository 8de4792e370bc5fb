"""Requests to empty a cache that is empty: answered at once.

Before:  3: true -> asked = true goto 4      agent: asked -> tlb = none; asked = false
         4: not asked -> goto 5
After:   3: tlb == none -> goto 4            agent: asked -> tlb = none; asked = false
         3: tlb != none -> asked = true goto 4

A state in which nothing is asked for can do all that the same state with a request can, by
emptying the cache; so of an interrupt that would find its TLB entry gone, nothing need be kept. The
argument and its lemmas stand in docs/fusion.md, and what a cache is in `caches`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve, frozen

from mmscn.check.values import Value
from mmscn.lower.ir import Ir, Rule, Term, VarId, folded, reads_of, variables
from mmscn.lower.passes.still import stays
from mmscn.runtime.bytecode import ProcessKind

Empties = list[dict[VarId, Value]]
"""Of each cache, the values of its variables where it is empty."""


@frozen(kw_only=True)
class Request:
    """A variable that is `on` until hardware answers, which empties caches. caches: how."""

    var: VarId
    on: Value
    off: Value
    caches: dict[VarId, Value]
    answer: Rule


def answered(rules: list[Rule], wanted: Iterable[Request]) -> list[Rule]:
    """Rules that ask for what would change no cache have it answered."""
    for request in wanted:
        rules = [new for rule in rules for new in asked(rule, request)]
    return rules


def requests(ir: Ir, empties: Empties, seen: set[VarId]) -> Iterator[Request]:
    """What is asked for of hardware, and nothing else. seen: what no pass may touch."""
    whole: Mapping[VarId, Value] = {v: x for empty in empties for v, x in empty.items()}
    mortal = any(process.kind is ProcessKind.THREAD for process in ir.processes)
    for rule in ir.rules:
        if rule.at is not None or len(rule.guard) != 1 or rule.literals:
            continue
        if rule.violates or rule.covers or rule.halts:
            continue
        ((v, values),) = rule.guard.items()
        constants = all(term[0] == "c" for term in rule.assigns.values())
        if v in seen or v in whole or len(ir.vars[v].domain) != 2 or len(values) != 1:
            continue
        if not constants or v not in rule.assigns or rule.assigns[v][1] in values:
            continue
        emptied = {u: term[1] for u, term in rule.assigns.items() if u != v}
        caches = [empty for empty in empties if not emptied.keys().isdisjoint(empty)]
        if emptied != {u: x for empty in caches for u, x in empty.items()}:
            continue
        (on,) = values
        request = Request(var=v, on=on, off=rule.assigns[v][1], caches=emptied, answer=rule)
        if all(other is rule or goes_with(other, request, mortal) for other in ir.rules):
            yield request


def goes_with(rule: Rule, request: Request, mortal: bool) -> bool:
    """Whether a rule is possible without the request, too, and does the same then."""
    v = request.var
    if rule.guard.get(v, frozenset((request.off,))) != frozenset((request.off,)):
        return False
    if v in reads_of(rule) - rule.guard.keys() or any(v in variables(t) for t in rule.literals):
        return False
    if any(v in variables(term) for term in rule.assigns.values()):
        return False
    return v not in rule.assigns or (
        rule.assigns[v][0] == "c" and not rule.halts and not (mortal and stays(rule))
    )


def asked(rule: Rule, request: Request) -> list[Rule]:
    """A rule that asks, where the caches are empty behind it and where not; others as they are."""
    v = request.var
    if rule.assigns.get(v) != ("c", request.on):
        return [rule]
    at_once = evolve(
        rule,
        assigns=rule.assigns | {v: ("c", request.off)},
        parts=rule.parts + request.answer.parts,
    )
    known = is_empty(rule, request)
    if known[0] == "c":
        return [at_once if known[1] else rule]
    if not request.caches.keys() >= set(variables(known)):
        return [rule]
    return [
        evolve(one, literals=one.literals | {known: wanted})
        for one, wanted in ((at_once, True), (rule, False))
        if one.literals.get(known, wanted) is wanted
    ]


def is_empty(rule: Rule, request: Request) -> Term:
    """Whether the caches are empty behind a rule, as a condition on the state before it."""
    known: Term = ("c", True)
    for v, x in request.caches.items():
        term = rule.assigns.get(v, ("v", v))
        if term != ("v", v) or rule.guard.get(v) != frozenset((x,)):
            known = folded("and", (known, folded("==", (term, ("c", x)))))
    return known
