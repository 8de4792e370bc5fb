"""Small IRs with caches that agents fill and empty, each from a seed.

A program of `reductions_programs`, in which threads also look into caches, load and flush them.
Some caches break a condition of `passes.caches`: one that is not always emptied, or that a check
looks at.
"""

from __future__ import annotations

import random

from attrs import evolve
from support.lower.reductions_programs import BOOLS, ir_of

from mmscn.check.values import Value
from mmscn.lower.ir import Condition, Guard, Ir, Process, Rule, Term, Var
from mmscn.runtime.bytecode import ProcessKind


def cached_ir_of(seed: int) -> Ir:
    """The IR of a seed."""
    return _Caching(random.Random(seed), ir_of(seed)).ir()


def looking_ir_of(seed: int) -> Ir:
    """The same, and some steps of threads want another thread to be at certain places."""
    ir, rng = cached_ir_of(seed), random.Random(-seed - 1)
    places = {p: process.pc for p, process in enumerate(ir.processes) if process.pc is not None}
    rules = []
    for rule in ir.rules:
        others = [pc for p, pc in places.items() if p != rule.process]
        if rule.at is not None and others and rng.random() < 0.3:
            pc = rng.choice(others)
            domain = sorted(ir.vars[pc].domain)
            there = frozenset(rng.sample(domain, max(1, len(domain) // 2)))
            rule = evolve(rule, guard={**rule.guard, pc: there})
        rules.append(rule)
    return ir.having(rules=rules)


class _Caching:
    def __init__(self, rng: random.Random, ir: Ir) -> None:
        self.rng = rng
        self.first = dict(ir.initial[0])
        self.vars = list(ir.vars)
        self.processes = list(ir.processes)
        self.rules = list(ir.rules)
        self.whole = ir
        self.shared = [v for v, var in enumerate(ir.vars) if var.thread is None and not var.version]
        self.caches: list[tuple[int, int, int]] = []

    def ir(self) -> Ir:
        for n in range(self.rng.choice((1, 1, 2))):
            self.cache(n)
        rules = [
            new
            for rule in self.rules
            for new in (self.using(rule) if self.rng.random() < 0.5 else [rule])
        ]
        if self.rng.random() < 0.4:
            rules.append(self.flushing())
        for n in range(len(self.caches)):
            rules += self.hardware(n)
        checks = list(self.whole.checks)
        if self.rng.random() < 0.1:
            full, _, _ = self.caches[0]
            seen = Condition(guard={full: frozenset((True,))})
            checks = [evolve(c, bad=(*c.bad, seen)) if c.bad else c for c in checks]
        return self.whole.having(
            vars=self.vars,
            processes=self.processes,
            rules=sorted(rules, key=lambda rule: rule.process),
            initial=[self.first],
            checks=checks,
        )

    def new(self, name: str, domain: tuple[Value, ...]) -> int:
        self.vars.append(Var(name=name, domain=domain, family=name))
        self.first[len(self.vars) - 1] = domain[0]
        return len(self.vars) - 1

    def cache(self, n: int) -> None:
        source = self.rng.choice(self.shared)
        full = self.new(f"full{n}", BOOLS)
        value = self.new(f"value{n}", self.vars[source].domain)
        if self.rng.random() < 0.2:
            self.first[full] = True
        self.caches.append((full, value, source))

    def empty(self, n: int) -> dict[int, Value]:
        full, value, _ = self.caches[n]
        return {full: False, value: self.vars[value].domain[0]}

    def loaded(self, n: int) -> dict[int, Term]:
        full, value, source = self.caches[n]
        return {full: ("c", True), value: ("v", source)}

    def flushed(self, n: int) -> dict[int, Term]:
        return {v: ("c", x) for v, x in self.empty(n).items()}

    def using(self, rule: Rule) -> list[Rule]:
        """The rule, where it looks into a cache, too, loads or flushes it; mostly with one that
        does something else where the cache is empty."""
        rng = self.rng
        n = rng.randrange(len(self.caches))
        full, value, source = self.caches[n]
        guard: Guard = dict(rule.guard)
        assigns = dict(rule.assigns)
        what = rng.random()
        if what < 0.5:
            guard[full] = frozenset((rng.random() < 0.7,))
        if what < 0.2:
            guard[value] = frozenset(self.vars[value].domain[:1])
        if 0.3 < what < 0.6 and source not in guard and self.vars[source].thread is None:
            assigns[source] = ("v", value)
        elif what < 0.8:
            assigns |= self.loaded(n) if rng.random() < 0.5 else self.flushed(n)
        found = [evolve(rule, guard=guard, assigns=assigns)]
        if full in guard and rng.random() < 0.85:
            missed = rule.assigns | (self.loaded(n) if rng.random() < 0.6 else {})
            missing: Guard = {full: frozenset((False,))} if rng.random() < 0.7 else {}
            found.append(evolve(rule, guard=rule.guard | missing, assigns=missed))
        return found

    def agent(self, name: str) -> int:
        n = len(self.processes)
        self.processes.append(Process(name=name, kind=ProcessKind.AGENT, column=n, pc=None))
        return n

    def hardware(self, n: int) -> list[Rule]:
        """The rules that fill and empty a cache."""
        full, value, _ = self.caches[n]
        filling, emptying = self.agent(f"fill{n}"), self.agent(f"drop{n}")
        guard: Guard = {v: frozenset((x,)) for v, x in self.empty(n).items()}
        if self.rng.random() < 0.6:
            asked = self.rng.choice(self.shared)
            guard[asked] = frozenset(self.vars[asked].domain[1:])
        found = []
        if self.rng.random() < 0.85:
            found.append(of_agent(filling, guard, self.loaded(n)))
        if self.rng.random() < 0.9:
            found.append(of_agent(emptying, {full: frozenset((True,))}, self.flushed(n)))
        if self.rng.random() < 0.9:
            odd: Guard = {
                full: frozenset((False,)),
                value: frozenset(self.vars[value].domain[1:]),
            }
            found.append(of_agent(emptying, odd, self.flushed(n)))
        return found

    def flushing(self) -> Rule:
        """Who flushes when he is asked to, and says that he has done it."""
        asked = self.rng.choice([v for v in self.shared if self.vars[v].domain == BOOLS] or [-1])
        guard: Guard = {} if asked < 0 else {asked: frozenset((True,))}
        done: dict[int, Term] = {} if asked < 0 else {asked: ("c", False)}
        n = self.rng.randrange(len(self.caches))
        return of_agent(self.agent("flush"), guard, self.flushed(n) | done)


def of_agent(process: int, guard: Guard, assigns: dict[int, Term]) -> Rule:
    return Rule(
        process=process, at=None, to=None, guard=guard, literals={}, assigns=assigns, line=0
    )
