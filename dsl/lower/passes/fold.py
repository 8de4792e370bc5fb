"""Constant folding: rules that can never fire go, variables lose values they never have.

Before:  1: old.present == true and kind == rc2 -> dirty[p0] = old.dirty goto 2
After:   1: true -> dirty[p0] = true goto 2          (where nothing else is possible at 1)

For shared variables the values are collected over the whole program, for the
live locals of a thread at each of its program counters. Preserves the reachable
states, and so everything.
"""

from __future__ import annotations

from collections import deque
from itertools import product

from attrs import evolve

from mmscn.budget import poll
from mmscn.check.values import Value
from mmscn.lower.ir import (
    Check,
    Condition,
    Ir,
    Rule,
    Term,
    VarId,
    decided,
    substitute,
    value_of,
    variables,
)
from mmscn.lower.passes.live import liveness

Values = dict[VarId, frozenset[Value]]
ENUMERATION_MAX = 20_000
"""Combinations of values that an expression is tried with; shipped: 64 (benchmarks/bounds.py)."""


class Folding:
    """shared: the values of each variable. at: of a thread's locals, by program counter.

    readers: of a shared variable, where rules look at it.
    """

    def __init__(self, ir: Ir) -> None:
        self.ir = ir
        self.shared: Values = {}
        self.at: list[dict[int, Values]] = [{} for _ in ir.processes]
        self.locals: list[list[VarId]] = [[] for _ in ir.processes]
        self.by_place: dict[tuple[int, int | None], list[Rule]] = {}
        self.readers: dict[VarId, dict[tuple[int, int | None], None]] = {}
        pcs = ir.pcs()
        for v, var in enumerate(ir.vars):
            if v in pcs:
                continue
            if var.thread is not None and var.thread >= 0:
                self.locals[var.thread].append(v)
                continue
            self.shared[v] = frozenset(values[v] for values in ir.initial)
            self.readers[v] = {}
        for rule in ir.rules:
            place = (rule.process, rule.at)
            self.by_place.setdefault(place, []).append(rule)
            for v in rule.guard:
                if v in self.readers:
                    self.readers[v][place] = None
            for term in rule.assigns.values():
                if term[0] != "c":
                    for v in variables(term):
                        if v in self.readers:
                            self.readers[v][place] = None
        self.todo: deque[tuple[int, int | None]] = deque()
        self.waiting: set[tuple[int, int | None]] = set()
        self.tried: dict[tuple[int, VarId], tuple[list[frozenset[Value]], frozenset[Value]]] = {}
        self.live = liveness(ir, self.locals)
        self.domains: dict[VarId, frozenset[Value]] = {}

    def domain(self, v: VarId) -> frozenset[Value]:
        found = self.domains.get(v)
        if found is None:
            found = self.domains[v] = frozenset(self.ir.vars[v].domain)
        return found

    def run(self) -> None:
        for values in self.ir.initial:
            for n, process in enumerate(self.ir.processes):
                if process.pc is not None:
                    pc = values[process.pc]
                    assert isinstance(pc, int)
                    alive = self.live[n].get(pc, ())
                    self.arrive(n, pc, {v: frozenset((values[v],)) for v in alive})
                else:
                    self.again((n, None))
        while self.todo:
            poll()
            place = self.todo.popleft()
            self.waiting.remove(place)
            if place[1] is not None and place[1] not in self.at[place[0]]:
                continue
            for rule in self.by_place.get(place, ()):
                self.fire(rule)

    def again(self, place: tuple[int, int | None]) -> None:
        if place not in self.waiting:
            self.waiting.add(place)
            self.todo.append(place)

    def arrive(self, process: int, pc: int, values: Values) -> None:
        before = self.at[process].get(pc)
        if before is None:
            self.at[process][pc] = values
            self.again((process, pc))
            return
        more = {v: known | values[v] for v, known in before.items() if not values[v] <= known}
        if more:
            before.update(more)
            self.again((process, pc))

    def values(self, rule: Rule, v: VarId) -> frozenset[Value]:
        """What a variable can be when the rule looks at it and its guard holds."""
        known = self.everything(rule, v)
        return known & rule.guard[v] if v in rule.guard else known

    def everything(self, rule: Rule, v: VarId) -> frozenset[Value]:
        """What a variable can be when the rule looks at it."""
        known = self.shared.get(v)
        if known is None:
            here = self.at[rule.process].get(rule.at) if rule.at is not None else None
            known = here.get(v) if here is not None else None
            if known is None:
                known = self.domain(v)
        return known

    def possible(self, rule: Rule) -> bool:
        for v, wanted in rule.guard.items():
            known = self.shared.get(v)
            if (self.everything(rule, v) if known is None else known).isdisjoint(wanted):
                return False
        return True

    def fireable(self) -> list[Rule]:
        """The rules that are possible where they are."""
        return [
            rule
            for rule in self.ir.rules
            if (rule.at is None or rule.at in self.at[rule.process]) and self.possible(rule)
        ]

    def everywhere(self, fireable: list[Rule]) -> Values:
        """What each variable can be at all, and what else is written to it."""
        found: dict[VarId, set[Value]] = {}
        for group in self.locals:
            found |= {v: {values[v] for values in self.ir.initial} for v in group}
        for places in self.at:
            for values in places.values():
                for v, known in values.items():
                    found[v] |= known
        for v, left in self.left_behind(fireable).items():
            if len(found[v]) > 1:  # what else is constant is not assigned to
                found[v] |= left
        return self.shared | {v: frozenset(values) for v, values in found.items()}

    def left_behind(self, fireable: list[Rule]) -> dict[VarId, frozenset[Value]]:
        """What locals are given where nothing reads it: no state has it, and a rule writes it."""
        found: dict[VarId, frozenset[Value]] = {}
        for rule in fireable:
            moves = rule.to is not None and not rule.halts
            alive = self.live[rule.process].get(rule.to or 0, ()) if moves else ()
            for target, term in rule.assigns.items():
                if target not in self.shared and target not in alive:
                    values = self.results(rule, target, term)
                    found[target] = found.get(target, frozenset()) | values
        return found

    def results(self, rule: Rule, target: VarId, term: Term) -> frozenset[Value]:
        """What an assignment can give, within the target's domain."""
        if term[0] == "c":
            return frozenset((term[1],))
        if self.ir.vars[target].version:
            return frozenset((0,))
        if term[0] == "v":
            return self.values(rule, term[1])
        if term[0] in ("+", "-") and term[1][0] == "v" and term[2][0] == "c":
            by = term[2][1] if term[0] == "+" else -term[2][1]
            moved = (x + by for x in self.values(rule, term[1][1]))
            return frozenset(moved) & self.domain(target)
        names = sorted(set(variables(term)))
        domains = [self.values(rule, v) for v in names]
        size = 1
        for d in domains:
            size *= len(d)
        every = self.domain(target)
        if size > ENUMERATION_MAX:
            return every
        before = self.tried.get((id(rule), target))
        if before is not None and before[0] == domains:
            return before[1]
        values = (value_of(term, dict(zip(names, xs, strict=True))) for xs in product(*domains))
        result = frozenset(values) & every
        self.tried[id(rule), target] = (domains, result)
        return result

    def fire(self, rule: Rule) -> None:
        if not self.possible(rule):
            return
        moves = rule.to is not None and not rule.halts
        alive = self.live[rule.process].get(rule.to or 0, ()) if moves else ()
        after: Values = {}
        if alive:
            here = self.at[rule.process][rule.at] if rule.at is not None else {}
            for v in alive:
                if v not in rule.assigns:
                    known = here[v] if v in here else self.domain(v)
                    after[v] = known & rule.guard[v] if v in rule.guard else known
        for target, term in rule.assigns.items():
            if target not in self.shared and target not in alive:
                continue
            values = self.results(rule, target, term)
            if target not in self.shared:
                after[target] = values
            elif not values <= self.shared[target]:
                self.shared[target] |= values
                for place in self.readers.get(target, ()):
                    self.again(place)
        if rule.to is not None and moves:
            self.arrive(rule.process, rule.to, after)


def fold(ir: Ir) -> Ir:
    """The same program without what can never be."""
    folding = Folding(ir)
    folding.run()
    fireable = folding.fireable()
    everywhere = folding.everywhere(fireable)
    pcs = ir.pcs()
    vars_ = list(ir.vars)
    constants = dict(ir.constants)
    for v, var in enumerate(vars_):
        if v in pcs or v not in everywhere:
            continue
        if var.version:
            if not assigned_other_than_first(ir, v):
                constants[v] = ir.initial[0][v]
            continue
        domain = var.domain
        if not folding.domain(v) <= everywhere[v]:
            domain = tuple(x for x in domain if x in everywhere[v])
            vars_[v] = var.narrowed(domain)
        if len(domain) == 1:
            constants[v] = domain[0]
    fixed: dict[VarId, Term] = {v: ("c", x) for v, x in constants.items()}
    rules = []
    for rule in fireable:
        poll()
        new = simplified(folding, rule, fixed)
        if new is not None:
            rules.append(new)
    whole = ir.having(vars=vars_, rules=rules, constants=constants)
    checks = [simpler_check(whole, check, fixed) for check in ir.checks]
    quiescent = [c for q in ir.quiescent if (c := simpler(whole, q, fixed)) is not None]
    return whole.having(checks=checks, quiescent=quiescent)


def assigned_other_than_first(ir: Ir, v: VarId) -> bool:
    first = ("c", ir.initial[0][v])
    if any(("c", values[v]) != first for values in ir.initial):
        return True
    return any(v in rule.assigns and rule.assigns[v] != first for rule in ir.rules)


def simplified(folding: Folding, rule: Rule, fixed: dict[VarId, Term]) -> Rule | None:
    """The rule with what is known at its place put in."""
    known = known_to(folding, rule, fixed)
    guard = {}
    for v, allowed in rule.guard.items():
        everything = folding.shared.get(v)
        if everything is None:
            everything = folding.everything(rule, v)
        if not everything <= allowed:
            guard[v] = allowed if allowed <= everything else allowed & everything
    literals = decided(rule.literals, known) if rule.literals else rule.literals
    if literals is None:
        return None
    assigns = {}
    for v, term in rule.assigns.items():
        if v not in fixed:
            new = term if term[0] == "c" else substitute(term, known)
            if new != ("v", v):
                assigns[v] = new
    if (guard, literals, assigns) == (rule.guard, rule.literals, rule.assigns):
        return rule
    return rule.doing(guard, literals, assigns)


def known_to(folding: Folding, rule: Rule, fixed: dict[VarId, Term]) -> dict[VarId, Term]:
    """What a rule computes with that has one value only where it fires."""
    read: set[VarId] = set()
    for literal in rule.literals:
        read.update(variables(literal))
    for v, term in rule.assigns.items():
        if term[0] != "c" and v not in fixed:
            read.update(variables(term))
    if not read:
        return {}
    alive = folding.live[rule.process].get(rule.at or 0, ()) if rule.at is not None else ()
    known = {v: fixed[v] for v in read if v in fixed}
    for v in read:
        if (v in rule.guard or v in alive) and not folding.ir.vars[v].version:
            values = folding.values(rule, v)
            if len(values) == 1:
                (value,) = values
                known[v] = ("c", value)
    return known


def simpler_check(ir: Ir, check: Check, known: dict[VarId, Term]) -> Check:
    if not check.bad and not check.covered:
        return check
    return evolve(
        check,
        bad=tuple(c for b in check.bad if (c := simpler(ir, b, known)) is not None),
        covered=tuple(c for b in check.covered if (c := simpler(ir, b, known)) is not None),
    )


def simpler(ir: Ir, condition: Condition, known: dict[VarId, Term]) -> Condition | None:
    """A condition with constants put in; None where it can never hold.

    known: the constants of the program, as terms.
    """
    guard = {}
    for v, allowed in condition.guard.items():
        constant = v in ir.constants
        every = frozenset((ir.constants[v],) if constant else ir.vars[v].domain)
        if every.isdisjoint(allowed):
            return None
        if not every <= allowed:
            guard[v] = allowed & every
    literals = decided(condition.literals, known) if condition.literals else condition.literals
    return None if literals is None else Condition(guard=guard, literals=literals)
