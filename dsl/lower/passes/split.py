"""Locals that say which lock or page is meant become part of the program counter.

Before:  6: pg == 0 -> locked[0] = true goto 7      7: true -> ptl = true goto 8
         6: pg == 1 -> locked[1] = true goto 7
After:   6: true -> locked[0] = true goto 8         8: true -> ptl = true goto 10
         7: true -> locked[1] = true goto 9         9: true -> ptl = true goto 11

A local is split if most rules behind its assignment ask for one value of it, so
that few rules are written twice. The states are the same ones under another
name (a dead local counts as having its first value): preserves everything.
It lets `facts` see which lock is held, and loops over pages come apart.
"""

from __future__ import annotations

from itertools import product

from attrs import evolve

from mmscn.budget import poll
from mmscn.check.values import Value
from mmscn.lower.ir import (
    Guard,
    Ir,
    Rule,
    Term,
    VarId,
    decided,
    reads_of,
    substitute,
    value_of,
    variables,
)
from mmscn.lower.passes.jumps import Numbers, renamed, start
from mmscn.lower.passes.live import liveness, thread_locals

VALUES_MAX = 5
"""Of a local that is split. Measured in docs/fusion.md, like those below."""

GROWTH_MAX = 1.25
"""Times the rules of its thread, that splitting locals may make of them."""

CANDIDATES_MAX, FAILED_MAX = 8, 3
"""Locals of one thread that are tried, and that may turn out to be too costly."""

WAYS_MAX = 16
"""Values of other variables that decide a split local's new value."""

Values = tuple[Value, ...]
Spot = tuple[int, Values]
"""A program counter and the values of the split locals there."""


def split(ir: Ir) -> Ir:
    """The program with some locals in the program counters."""
    locals_ = thread_locals(ir)
    live = liveness(ir, locals_)
    numbers: Numbers = {}
    done: set[VarId] = set()
    rules: list[Rule] = []
    initial = [dict(values) for values in ir.initial]
    for n, process in enumerate(ir.processes):
        own = [rule for rule in ir.rules if rule.process == n]
        if process.pc is not None:
            splitting = None
            failed = 0
            for v in candidates(ir, own, locals_[n], live[n]):
                chosen = (v,) if splitting is None else (*splitting.chosen, v)
                more = Splitting(ir, n, chosen, own, live[n])
                if more.run():
                    splitting = more
                else:
                    failed += 1
                if failed == FAILED_MAX:
                    break
            if splitting is not None:
                own = splitting.finish()
                numbers[process.pc] = splitting.numbers()
                for values in initial:
                    values[process.pc] = splitting.number_of(values)
                done.update(splitting.chosen)
        rules += own
    if not numbers:
        return ir
    return renamed(ir.having(rules=rules, initial=initial, dropped=ir.dropped | done), numbers)


def candidates(
    ir: Ir, rules: list[Rule], locals_: list[VarId], live: dict[int, set[VarId]]
) -> list[VarId]:
    """The locals that may be worth splitting, the likeliest first."""
    copies: dict[VarId, int] = {}
    for v in locals_:
        size = len(ir.vars[v].domain)
        if not ir.vars[v].version and size <= VALUES_MAX:
            asking = [rule for rule in rules if rule.at is not None and v in live.get(rule.at, ())]
            copies[v] = sum(len(rule.guard.get(v, ir.vars[v].domain)) - 1 for rule in asking)
    return sorted(copies, key=lambda v: (copies[v], v))[:CANDIDATES_MAX]


def touched(rule: Rule) -> set[VarId]:
    """The variables that a rule mentions."""
    found = reads_of(rule)
    found.update(rule.assigns)
    for term in rule.assigns.values():
        found.update(variables(term))
    return found


class Splitting:
    """One thread, some of its locals, and the spots that it can come to."""

    def __init__(
        self,
        ir: Ir,
        process: int,
        chosen: tuple[VarId, ...],
        rules: list[Rule],
        live: dict[int, set[VarId]],
    ) -> None:
        self.ir = ir
        counter = ir.processes[process].pc
        assert counter is not None
        self.counter = counter
        self.chosen = chosen
        self.live = live
        self.by_place: dict[int, list[tuple[Rule, bool]]] = {}
        own = set(chosen)
        for rule in rules:
            assert rule.at is not None
            self.by_place.setdefault(rule.at, []).append((rule, not own.isdisjoint(touched(rule))))
        self.rules_max = GROWTH_MAX * len(rules) + 4
        self.copies: list[tuple[Rule, Spot, Spot]] = []
        self.order: dict[Spot, int] = {}
        self.seen: set[Spot] = set()

    def run(self) -> bool:
        """Whether the thread stays small enough."""
        todo: list[Spot] = []
        for values in self.ir.initial:
            todo.append(self.spot(start(values[self.counter]), values))
        seen = self.seen = set(todo)
        while todo:
            poll()
            spot = todo.pop()
            for rule, concerned in self.by_place.get(spot[0], ()):
                for new, to in self.ways(rule, spot) if concerned else self.past(rule, spot):
                    self.copies.append((new, spot, to))
                    if to not in seen:
                        seen.add(to)
                        todo.append(to)
                if len(self.copies) > self.rules_max:
                    return False
        return True

    def finish(self) -> list[Rule]:
        """The rules, with spots numbered in the order of the counters."""
        place = {pc: n for n, pc in enumerate(self.by_place)}
        end = self.spot(0, {})
        ordered = sorted(self.seen - {end}, key=lambda s: (place.get(s[0], -1), repr(s[1])))
        self.order = {spot: n for n, spot in enumerate([end, *ordered])}
        return [
            evolve(rule, at=self.order[at], to=self.order[to])
            for rule, at, to in sorted(self.copies, key=lambda f: self.order[f[1]])
        ]

    def spot(self, pc: int, values: dict[VarId, Value]) -> Spot:
        here = self.live.get(pc, ())
        return pc, tuple(values[v] if v in here else self.ir.vars[v].domain[0] for v in self.chosen)

    def number_of(self, values: dict[VarId, Value]) -> int:
        return self.order[self.spot(start(values[self.counter]), values)]

    def numbers(self) -> dict[int, tuple[int, ...]]:
        """The spots of each counter."""
        found: dict[int, list[int]] = {}
        for (pc, _), number in self.order.items():
            found.setdefault(pc, []).append(number)
        return {pc: tuple(numbers) for pc, numbers in found.items()}

    def past(self, rule: Rule, spot: Spot) -> list[tuple[Rule, Spot]]:
        """What a rule does that has nothing to do with the split locals."""
        if rule.halts:
            return [(rule, spot)]
        assert rule.to is not None
        return [(rule, self.spot(rule.to, dict(zip(self.chosen, spot[1], strict=True))))]

    def ways(self, rule: Rule, spot: Spot) -> list[tuple[Rule, Spot]]:
        """What a rule does at a spot: a rule for each spot that it can lead to."""
        here = dict(zip(self.chosen, spot[1], strict=True))
        guard: Guard = {}
        for v, values in rule.guard.items():
            if v not in here:
                guard[v] = values
            elif here[v] not in values:
                return []
        known: dict[VarId, Term] = {v: ("c", value) for v, value in here.items()}
        literals = decided(rule.literals, known)
        if literals is None:
            return []
        assigns: dict[VarId, Term] = {}
        after: dict[VarId, Value] = dict(here)
        undecided: dict[VarId, Term] = {}
        assert rule.to is not None
        behind = self.live.get(rule.to, ())
        for v, term in rule.assigns.items():
            term = substitute(term, known)
            if v not in here:
                assigns[v] = term
            elif v in behind and not rule.halts:
                if term[0] == "c":
                    after[v] = term[1]
                else:
                    undecided[v] = term
        new = evolve(rule, guard=guard, literals=literals, assigns=assigns)
        if rule.halts:
            return [(new, spot)]
        if not undecided:
            return [(new, self.spot(rule.to, after))]
        return [
            (evolve(new, guard=narrower), self.spot(rule.to, {**after, **values}))
            for narrower, values in self.forked(guard, undecided)
        ]

    def forked(
        self, guard: Guard, undecided: dict[VarId, Term]
    ) -> list[tuple[Guard, dict[VarId, Value]]]:
        """The guard split by what some terms come to; too many ways are told by their number."""
        names = sorted({v for term in undecided.values() for v in variables(term)})
        domains: list[list[Value]] = []
        for v in names:
            allowed = guard.get(v)
            every = self.ir.vars[v].domain
            domains.append([x for x in every if allowed is None or x in allowed])
        size = 1
        for domain in domains:
            size *= len(domain)
        if size > WAYS_MAX or any(self.ir.vars[v].version for v in names):
            self.rules_max = -1
            return []
        if len(names) == 1:
            by_result: dict[Values, list[Value]] = {}
            for x in domains[0]:
                results = tuple(value_of(t, {names[0]: x}) for t in undecided.values())
                by_result.setdefault(results, []).append(x)
            return [
                ({**guard, names[0]: frozenset(xs)}, dict(zip(undecided, results, strict=True)))
                for results, xs in by_result.items()
            ]
        found = []
        for xs in product(*domains):
            env = dict(zip(names, xs, strict=True))
            values = {v: value_of(term, env) for v, term in undecided.items()}
            found.append(({**guard, **{v: frozenset((x,)) for v, x in env.items()}}, values))
        return found
