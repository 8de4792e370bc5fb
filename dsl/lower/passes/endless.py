"""Which steps a process can take again and again, as far as it and single variables tell.

A step is endless if it lies on a circle of its process: of places together with
everything that the process alone writes, so that a counter of two digits is one. What
others write, too, has to get back by endless steps, each such variable looked at by
itself. What is too large to be looked at is never endless. *Not looked at* is who waits
for whom: an endless step may still end where others bring it to an end together.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from itertools import product
from typing import TypeAlias

from mmscn.budget import poll
from mmscn.lower.ir import FRESH, Ir, Rule, Term, VarId, reads_of, value_of, variables
from mmscn.lower.passes.live import liveness, thread_locals

VALUES_MAX = 1024
"""Of a variable that several write."""

UNKNOWN_MAX = 64
"""Of a variable that is set to what cannot be told."""

SPOTS_MAX = 5_000
"""Of one process: places with the values of what it alone writes."""

OTHER = ("fresh",)
"""Any content without a name."""

Spot: TypeAlias = tuple[object, ...]
Edge: TypeAlias = tuple[Hashable, Hashable]


def endless(ir: Ir) -> set[int]:
    """The rules that their process may fire again and again, by number."""
    found = {n for n, rule in enumerate(ir.rules) if not rule.halts}
    writers: dict[VarId, set[int]] = {}
    for rule in ir.rules:
        for v in rule.assigns:
            writers.setdefault(v, set()).add(rule.process)
    shared = [v for v, by in writers.items() if len(by) > 1]
    circles = [Circles(ir, n, writers) for n in range(len(ir.processes))]
    size = -1
    while size != len(found):
        size = len(found)
        for v in shared:
            found &= regaining(ir, v, found)
        for one in circles:
            found -= one.numbers - one.on_circles(found)
    return found


def regaining(ir: Ir, v: VarId, among: set[int]) -> set[int]:
    """Of some rules, those that do not change a variable for good."""
    steps: dict[int, set[Edge]] = {}
    domain = values_of(ir, v)
    for n in among:
        rule = ir.rules[n]
        if v in rule.assigns:
            steps[n] = set()
            term = rule.assigns[v]
            told = term[0] in ("c", "fresh") or set(variables(term)) == {v}
            if len(domain) > (VALUES_MAX if told else UNKNOWN_MAX):
                continue
            for x in befores(ir, rule, v, domain):
                steps[n].update((x, y) for y in results(term, v, x, domain))
    within = circular(edge for edges in steps.values() for edge in edges)
    return {n for n in among if n not in steps or any(edge in within for edge in steps[n])}


def values_of(ir: Ir, v: VarId) -> tuple[object, ...]:
    return (*range(named(ir)), OTHER) if ir.vars[v].version else ir.vars[v].domain


def named(ir: Ir) -> int:
    """The contents below this number have a name, the others are one here."""
    terms = [t for rule in ir.rules for t in (*rule.assigns.values(), *rule.literals)]
    numbers = [p[1] for t in terms for p in parts(t) if p[0] == "c" and type(p[1]) is int]
    first = [x for values in ir.initial for x in values.values() if type(x) is int]
    return 1 + max([0, *numbers, *first])


def befores(ir: Ir, rule: Rule, v: VarId, domain: tuple[object, ...]) -> list[object]:
    """The values that a rule may find in a variable."""
    allowed: list[object] = [x for x in domain if x in rule.guard.get(v, domain)]
    if ir.vars[v].version:
        for literal, wanted in rule.literals.items():
            match literal:
                case ("==", ("v", w), ("c", c)) | ("==", ("c", c), ("v", w)) if w == v:
                    allowed = [x for x in allowed if (x == c) is wanted]
    return allowed


def results(term: Term, v: VarId, x: object, domain: tuple[object, ...]) -> Iterator[object]:
    """What an assignment can make of a value of the variable."""
    if term[0] == "c":
        yield term[1]
    elif term == FRESH:
        yield OTHER
    elif term == ("v", v):
        yield x
    elif set(variables(term)) == {v}:
        y = value_of(term, {v: x})  # type: ignore[dict-item]  # OTHER is of versions, and this is none
        if y in domain:
            yield y
    else:
        yield from domain


class Circles:
    """One process, with all that it alone writes and looks at. numbers: of its rules."""

    def __init__(self, ir: Ir, process: int, writers: dict[VarId, set[int]]) -> None:
        self.ir = ir
        self.pc = ir.processes[process].pc
        self.numbers = {n for n, rule in enumerate(ir.rules) if rule.process == process}
        locals_ = thread_locals(ir)
        self.live = liveness(ir, locals_)[process]
        self.locals = frozenset(locals_[process])
        own = {v for v, by in writers.items() if by == {process}} - ir.pcs()
        self.own = tuple(sorted(own & self.looked_at(own)))

    def looked_at(self, own: set[VarId]) -> set[VarId]:
        """What decides which rules are enabled, now or later."""
        rules = [self.ir.rules[n] for n in self.numbers]
        found: set[VarId] = set().union(*map(reads_of, rules))
        size = -1
        while size != len(found):
            size = len(found)
            for rule in rules:
                for v in found & own & rule.assigns.keys():
                    found.update(variables(rule.assigns[v]))
        return found

    def on_circles(self, among: set[int]) -> set[int]:
        """The rules on a circle of some rules; none where there are too many spots."""
        by_place: dict[object, list[int]] = {}
        for n in sorted(self.numbers & among):
            by_place.setdefault(self.ir.rules[n].at, []).append(n)
        todo = [
            self.spot(None if self.pc is None else values[self.pc], [values[v] for v in self.own])
            for values in self.ir.initial
        ]
        seen = set(todo)
        edges: list[tuple[int, Edge]] = []
        while todo:
            poll()
            spot = todo.pop()
            for n in by_place.get(spot[0], ()):
                for to in self.after(self.ir.rules[n], spot):
                    edges.append((n, (spot, to)))
                    if to not in seen:
                        seen.add(to)
                        todo.append(to)
                if len(seen) > SPOTS_MAX:
                    return set()
        within = circular(edge for _, edge in edges)
        return {n for n, edge in edges if edge in within}

    def spot(self, at: object, values: Iterable[object]) -> Spot:
        """What is never read again is left out."""
        live = self.live.get(at, set()) if type(at) is int else set()
        dead = self.locals - live
        return (at, *(None if v in dead else x for v, x in zip(self.own, values, strict=True)))

    def after(self, rule: Rule, spot: Spot) -> Iterator[Spot]:
        """Where a rule leads from a spot, as far as the own variables tell."""
        env = dict(zip(self.own, spot[1:], strict=True))
        if any(v in env and env[v] not in allowed for v, allowed in rule.guard.items()):
            return
        for literal, wanted in rule.literals.items():
            if self.decided(literal, env) is (not wanted):
                return
        new = [
            self.values(v, rule.assigns[v], env) if v in rule.assigns else (env[v],)
            for v in self.own
        ]
        for values in product(*new):
            yield self.spot(rule.to, values)

    def decided(self, literal: Term, env: dict[VarId, object]) -> bool | None:
        """Whether a condition holds; None where that cannot be told."""
        names = set(variables(literal))
        if not names <= env.keys():
            return None
        if not any(self.ir.vars[v].version for v in names):
            return bool(value_of(literal, {v: env[v] for v in names}))  # type: ignore[misc]  # none is OTHER
        if literal[0] != "==":
            return None
        one, other = (t[1] if t[0] == "c" else env.get(t[1]) for t in literal[1:])
        return None if one == OTHER == other else one == other

    def values(self, v: VarId, term: Term, env: dict[VarId, object]) -> Iterable[object]:
        """What an assignment may make of an own variable."""
        names = set(variables(term))
        if self.ir.vars[v].version:
            if term == FRESH:
                return (OTHER,)
            if term[0] == "c":
                return (term[1],)
            if term[0] == "v" and term[1] in env:
                return (env[term[1]],)
            return values_of(self.ir, v)
        if names <= env.keys():
            value = value_of(term, {w: env[w] for w in names})  # type: ignore[misc]  # none is OTHER
            return (value,) if value in self.ir.vars[v].domain else ()
        return self.ir.vars[v].domain


def parts(term: Term) -> Iterator[Term]:
    yield term
    for part in term[1:]:
        if isinstance(part, tuple) and part and isinstance(part[0], str):
            yield from parts(part)


def circular(edges: Iterable[Edge]) -> set[Edge]:
    """The edges that lie on circles."""
    out: dict[Hashable, set[Hashable]] = {}
    for x, y in edges:
        out.setdefault(x, set()).add(y)
    number = strong(out)
    return {(x, y) for x, ends in out.items() for y in ends if number[x] == number[y]}


def strong(out: dict[Hashable, set[Hashable]]) -> dict[Hashable, int]:
    """For each node the number of its strong component: Tarjan's algorithm, without recursion."""
    index: dict[Hashable, int] = {}
    low: dict[Hashable, int] = {}
    number: dict[Hashable, int] = {}
    stack: list[Hashable] = []
    for root in out:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        work = [(root, iter(out.get(root, ())))]
        while work:
            node, ends = work[-1]
            for end in ends:
                if end not in index:
                    index[end] = low[end] = len(index)
                    stack.append(end)
                    work.append((end, iter(out.get(end, ()))))
                    break
                if end not in number:
                    low[node] = min(low[node], index[end])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    while node not in number:
                        number[stack.pop()] = index[node]
    return number
