"""Caches that hardware fills and empties when it likes: filled at once, emptied where it matters.

Before:  agent: tlb == none and pte.present -> tlb = pte      agent: tlb != none -> tlb = none
         1: tlb.present -> page = tlb.page goto 2
         1: not tlb.present and pte.present -> tlb = pte; page = pte.page goto 2
         5: true -> pte = new goto 6
After:   agent: pte.present and tlb != pte -> tlb = pte
         1: tlb.present -> page = tlb.page goto 2
         1: pte.present -> tlb = pte; page = pte.page goto 2
         5: true -> pte = new; tlb = (if tlb == none and new.present then new else tlb) goto 6

A state with a full cache can do all that the same state with an empty one can, by emptying it
first; so the empty one need not be kept. Where the only process that looks into a cache has no use
for it any more, it is empty instead; and what asks to empty one is `answered`. The argument, what
it preserves and its lemmas stand in docs/fusion.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

from attrs import evolve, frozen

from mmscn.budget import poll
from mmscn.check.values import Value
from mmscn.lower.conjunctions import Conjunction, outside
from mmscn.lower.ir import (
    Guard,
    Ir,
    Rule,
    Term,
    VarId,
    folded,
    reads_of,
    substitute,
    variables,
)
from mmscn.lower.passes.answered import answered, requests
from mmscn.lower.passes.compose import TooLarge, composed, small_enough
from mmscn.lower.passes.still import stays
from mmscn.runtime.bytecode import ProcessKind

PIECES_MAX = 64
"""That the values of a cache are taken into, to see that it can be emptied whatever it holds."""

RULES_MAX = 8
"""That may take the place of one: each cache that it looks into may double them."""


@frozen(kw_only=True)
class Cache:
    """Variables that agents set from others while they are `empty`, and empty at any time."""

    empty: dict[VarId, Value]
    fills: tuple[Rule, ...]
    drops: tuple[Rule, ...]

    @property
    def parts(self) -> tuple[int, ...]:
        """The rules that empty it, of which one is possible if it is not empty."""
        return tuple(part for rule in self.drops for part in rule.parts)


@frozen(kw_only=True)
class Use:
    """Where the only process that looks into a cache may yet do so. pc: its counter."""

    process: int
    pc: VarId
    places: frozenset[Value]


class Unfit(Exception):
    """A cache that is not to be touched."""

    def __init__(self, cache: Cache) -> None:
        super().__init__()
        self.cache = cache


def caches(ir: Ir) -> Ir:
    """The program whose caches are full where they can be."""
    found = list(found_in(ir))
    while found:
        try:
            untold = frozenset(v for cache in found for v in cache.empty)
            wanted = list(requests(ir, [cache.empty for cache in found], untouched(ir)))
            untold |= {request.var for request in wanted}
            rules = answered(Full(ir, found).rules(), wanted)
            return ir.having(rules=rules, untold=ir.untold | untold)
        except Unfit as one:
            found.remove(one.cache)
    return ir


# ---- which there are ----------------------------------------------------------


def found_in(ir: Ir) -> Iterator[Cache]:
    """The caches of a program."""
    agents = [rule for rule in ir.rules if ir.processes[rule.process].kind is ProcessKind.AGENT]
    quiet = [r for r in agents if not (r.violates or r.covers or r.halts or r.literals)]
    seen = untouched(ir)
    groups: dict[frozenset[VarId], list[Rule]] = {}
    for rule in quiet:
        if rule.assigns and all(term[0] == "c" for term in rule.assigns.values()):
            groups.setdefault(frozenset((*rule.guard, *rule.assigns)), []).append(rule)
    emptied: dict[frozenset[VarId], Cache] = {}
    for one, rules in groups.items():
        cache = None if one & seen else emptied_by(ir, one, rules)
        if cache is not None:
            emptied[one] = cache
    for one, cache in emptied.items():
        others = frozenset[VarId]().union(*(other for other in emptied if other != one))
        if not one & others:
            fills = [rule for rule in quiet if fills_it(rule, cache.empty, others)]
            yield evolve(cache, fills=tuple(fills))


def untouched(ir: Ir) -> set[VarId]:
    """What is no cache, whatever is done to it."""
    found = looked_at(ir) | ir.pcs() | ir.dropped | ir.constants.keys()
    return found | {v for v, var in enumerate(ir.vars) if var.version}


def looked_at(ir: Ir) -> set[VarId]:
    """What checks look at, and whether the program has come to rest."""
    found: set[VarId] = set()
    for check in ir.checks:
        found |= check.listed
        for condition in (*check.bad, *check.covered):
            found |= reads_of(condition)
    for condition in ir.quiescent:
        found |= reads_of(condition)
    return found


def emptied_by(ir: Ir, one: frozenset[VarId], rules: list[Rule]) -> Cache | None:
    """The cache that some variables are to rules which set them to constants.

    Of several values that they may be set to whatever they hold, the first one is its being empty.
    """
    made: list[tuple[dict[VarId, Value], list[Rule]]] = []
    for rule in rules:
        empty = left_in(one, rule)
        known = [drops for other, drops in made if other == empty]
        if known:
            known[0].append(rule)
        elif empty is not None:
            made.append((empty, [rule]))
    made.sort(key=lambda found: any(ir.initial[0].get(v) != x for v, x in found[0].items()))
    for empty, drops in made:
        if always(ir, empty, drops):
            return Cache(empty=empty, fills=(), drops=tuple(drops))
    return None


def left_in(one: frozenset[VarId], rule: Rule) -> dict[VarId, Value] | None:
    """What a rule leaves in some variables; None where that is not known."""
    found: dict[VarId, Value] = {}
    for v in one:
        if v in rule.assigns:
            found[v] = rule.assigns[v][1]
        elif len(rule.guard[v]) == 1:
            (found[v],) = rule.guard[v]
        else:
            return None
    return found


def always(ir: Ir, empty: dict[VarId, Value], drops: list[Rule]) -> bool:
    """Whether some rule empties the cache whatever it holds."""
    conditions: list[Guard] = [{v: frozenset((x,)) for v, x in empty.items()}]
    conditions += [rule.guard for rule in drops]
    left = outside(
        lambda v: frozenset(ir.vars[v].domain),
        ({}, {}),
        [(guard, {}) for guard in conditions],
        pieces_max=PIECES_MAX,
    )
    return left == []


def fills_it(rule: Rule, empty: dict[VarId, Value], others: frozenset[VarId]) -> bool:
    """Whether a rule sets an empty cache and nothing else, from what is in no cache."""
    if not rule.assigns or not rule.assigns.keys() <= empty.keys():
        return False
    if any(rule.guard.get(v) != frozenset((x,)) for v, x in empty.items()):
        return False
    read = {v for term in rule.assigns.values() for v in variables(term)}
    return read.isdisjoint(empty) and others.isdisjoint(read | set(rule.guard))


# ---- what becomes of the program ------------------------------------------------


class Full:
    """A program and its caches."""

    def __init__(self, ir: Ir, found: list[Cache]) -> None:
        self.ir = ir
        self.caches = found
        self.own = {id(rule) for c in found for rule in (*c.fills, *c.drops)}
        self.asks = [{v for fill in c.fills for v in fill.guard} for c in found]
        self.mortal = any(p.kind is ProcessKind.THREAD for p in ir.processes)

    def rules(self) -> list[Rule]:
        """Raises Unfit."""
        others = [rule for rule in self.ir.rules if id(rule) not in self.own]
        found = [new for rule in others for new in self.emptied_first(rule)]
        if self.mortal:
            for cache in self.caches:
                self.nobody_waits_for(cache, found)
        self.uses = [use_of(self.ir, cache, found) for cache in self.caches]
        found = [new for rule in found for new in self.filled_behind(rule)]
        for cache, use in zip(self.caches, self.uses, strict=True):
            for fill in cache.fills:
                found += self.refreshed(cache, fill, use)
        return sorted(found, key=lambda rule: rule.process)

    def nobody_waits_for(self, cache: Cache, rules: list[Rule]) -> None:
        """Raises Unfit if a thread or daemon may be stuck where the cache is empty alone."""
        whatever: dict[tuple[int, int], list[Conjunction]] = {}
        looking = []
        for rule in rules:
            if rule.at is None:
                continue
            if not reads_of(rule).isdisjoint(cache.empty):
                looking.append(rule)
            elif not stays(rule):
                place = whatever.setdefault((rule.process, rule.at), [])
                place.append((rule.guard, rule.literals))
        for rule in looking:
            guard = {v: values for v, values in rule.guard.items() if v not in cache.empty}
            literals = {
                term: wanted
                for term, wanted in rule.literals.items()
                if cache.empty.keys().isdisjoint(variables(term))
            }
            there = whatever.get((rule.process, rule.at or 0), [])
            if outside(self.domain, (guard, literals), there, pieces_max=PIECES_MAX) != []:
                raise Unfit(cache)

    def domain(self, v: VarId) -> frozenset[Value]:
        return frozenset(self.ir.vars[v].domain)

    def emptied_first(self, rule: Rule) -> list[Rule]:
        """A rule, and what it does behind others that empty caches, if that is something else."""
        touched = reads_of(rule) | rule.assigns.keys()
        for term in rule.assigns.values():
            touched.update(variables(term))
        found = [rule]
        looked = [cache for cache in self.caches if not touched.isdisjoint(cache.empty)]
        if looked and self.mortal and stays(rule):
            raise Unfit(looked[0])  # whether it moves on may hang on what the cache holds
        for cache in looked:
            poll()
            found = [new for one in found for new in self.either(one, cache)]
            if len(found) > RULES_MAX:
                raise Unfit(cache)
        return found

    def either(self, rule: Rule, cache: Cache) -> list[Rule]:
        """A rule, alone and behind one that empties a cache."""
        first = Rule(
            process=rule.process,
            at=rule.at,
            to=rule.at,
            guard={},
            literals={},
            assigns={v: ("c", x) for v, x in cache.empty.items()},
            line=rule.line,
            parts=cache.parts,
        )
        try:
            behind = composed(self.ir, first, rule)
        except TooLarge:
            raise Unfit(cache) from None
        if behind is None:
            if self.mortal and rule.at is None:
                raise Unfit(cache)  # what threads wait for it might do
            return [rule]
        if within(behind, rule):
            return [rule]
        if within(rule, behind):
            return [behind]
        if self.mortal and rule.at is None:
            raise Unfit(cache)
        return [rule, behind]

    def filled_behind(self, rule: Rule) -> list[Rule]:
        """A rule, and all that can be filled behind it is, and what is of no use is emptied.

        Where that is too much to say, or may decide whether the rule moves on, it is left to the
        rule that fills.
        """
        if rule.halts or (self.mortal and stays(rule)):
            return [rule]
        found = [rule]
        for cache, asks, use in zip(self.caches, self.asks, self.uses, strict=True):
            if use is not None and use.process == rule.process and rule.to not in use.places:
                if rule.at in use.places:
                    found = [self.emptied(one, cache) for one in found]
            elif not asks.isdisjoint(rule.assigns):
                found = [new for one in found for new in self.filled_where(one, cache, use)]
        return found

    def filled_where(self, rule: Rule, cache: Cache, use: Use | None) -> list[Rule]:
        full = rule
        for fill in cache.fills:
            full = self.filled(full, fill)
        if full is rule or use is None or use.process == rule.process:
            return [full]
        at = rule.guard.get(use.pc, self.domain(use.pc))
        parts = ((full, at & use.places), (rule, at - use.places))
        return [evolve(one, guard=one.guard | {use.pc: here}) for one, here in parts if here]

    def emptied(self, rule: Rule, cache: Cache) -> Rule:
        """A rule, and the cache is emptied behind it."""
        empty: dict[VarId, Term] = {v: ("c", x) for v, x in cache.empty.items()}
        return evolve(rule, assigns=rule.assigns | empty, parts=rule.parts + cache.parts)

    def filled(self, rule: Rule, fill: Rule) -> Rule:
        fixed = constants_of(rule.guard) | rule.assigns
        conditions: list[Term] = []
        for v, allowed in fill.guard.items():
            term = fixed.get(v, ("v", v))
            if term == ("v", v) and v in rule.guard:
                if rule.guard[v].isdisjoint(allowed):
                    return rule
                if rule.guard[v] <= allowed:
                    continue
            known = term[0] == "c"
            conditions.append(("c", term[1] in allowed) if known else ("in", term, allowed))
        asked = all_of(conditions)
        if asked == ("c", False):
            return rule
        assigns = dict(rule.assigns)
        for v, term in fill.assigns.items():
            before = fixed.get(v, ("v", v))
            assigns[v] = folded("ite", (asked, substitute(term, fixed), before))
            try:
                if assigns[v][0] not in ("c", "v"):
                    small_enough(self.ir, assigns[v])
            except TooLarge:
                return rule
        return evolve(rule, assigns=assigns, parts=rule.parts + fill.parts)

    def refreshed(self, cache: Cache, fill: Rule, use: Use | None) -> Iterator[Rule]:
        """Filling the cache, and emptying it before where it holds something else."""
        guard = {v: allowed for v, allowed in fill.guard.items() if v not in cache.empty}
        fixed = constants_of(guard)
        same = []
        for v, x in cache.empty.items():
            term = substitute(fill.assigns.get(v, ("c", x)), fixed)
            same.append(folded("==", (("v", v), term)))
        known = all_of(same)
        if known == ("c", True):
            return
        try:
            small_enough(self.ir, known)
            literals = {known: False}
        except TooLarge:
            literals = {}
        if use is not None:
            guard[use.pc] = guard.get(use.pc, use.places) & use.places
            if not guard[use.pc]:
                return
        yield evolve(fill, guard=guard, literals=literals, parts=cache.parts + fill.parts)


def use_of(ir: Ir, cache: Cache, rules: list[Rule]) -> Use | None:
    """Where a cache is of use; None where several look into it, or everywhere."""
    looking = [rule for rule in rules if not reads(rule).isdisjoint(cache.empty)]
    process = the_one({rule.process for rule in looking})
    pc = None if process is None else ir.processes[process].pc
    if process is None or pc is None:
        return None
    own = [rule for rule in rules if rule.process == process]
    into: dict[int, set[int]] = {}
    for rule in own:
        if not rule.halts and not cache.empty.keys() <= rule.assigns.keys():
            assert rule.at is not None
            assert rule.to is not None
            into.setdefault(rule.to, set()).add(rule.at)
    places = leading({rule.at for rule in looking if rule.process == process}, into)
    if places >= {rule.at for rule in own}:
        return None
    return Use(process=process, pc=pc, places=frozenset(places))


def the_one(processes: set[int]) -> int | None:
    """The only one; None where there are more."""
    return next(iter(processes)) if len(processes) == 1 else None


def leading(places: set[int | None], into: dict[int, set[int]]) -> set[int]:
    """Places, and all from which steps lead there."""
    found = {at for at in places if at is not None}
    todo = list(found)
    while todo:
        new = into.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found


def reads(rule: Rule) -> set[VarId]:
    """What decides whether a rule is possible, and what it leaves."""
    found = reads_of(rule)
    for term in rule.assigns.values():
        found.update(variables(term))
    return found


def all_of(terms: list[Term]) -> Term:
    """Whether all of some conditions hold, as one."""
    return reduce(lambda both, term: folded("and", (both, term)), terms, ("c", True))


def constants_of(guard: Guard) -> dict[VarId, Term]:
    """The variables that have one value only."""
    return {v: ("c", next(iter(values))) for v, values in guard.items() if len(values) == 1}


def within(one: Rule, other: Rule) -> bool:
    """Whether wherever one rule is possible, another of the process is, and does the same."""
    if (one.to, one.halts, one.violates, one.covers) != (
        other.to,
        other.halts,
        other.violates,
        other.covers,
    ):
        return False
    if any(one.guard.get(v, values | {...}) - values for v, values in other.guard.items()):
        return False
    if any(one.literals.get(term) is not wanted for term, wanted in other.literals.items()):
        return False
    fixed = constants_of(one.guard)
    changed: Iterable[VarId] = one.assigns.keys() | other.assigns.keys()
    return all(left(one, v, fixed) == left(other, v, fixed) for v in changed)


def left(rule: Rule, v: VarId, fixed: dict[VarId, Term]) -> Term:
    """What a rule leaves in a variable, where some have one value."""
    return substitute(rule.assigns.get(v, ("v", v)), fixed)
