"""What is known of the state while a process stands at a program counter.

Two invariants, each proven by looking at every rule once:

*Owned values.* A variable to which other processes give a few constants, or
nothing, has, at each of its process's program counters, one of these or one of the
values that the process's own rules can have left there.

*Locks.* A variable is a lock if every rule that takes it from its first value,
`free`, to another moves its process from outside a set of places to inside,
only rules that put it back to `free` move out again, and nobody outside
writes it. Then it is not free exactly when one process is inside, and no two
processes ever are. Which statement was written for it (`lock`, a bit set in
an `atomic`) makes no difference.
Compare: Clang, Thread Safety Analysis, "Basic Concepts: Capabilities", where what
guards a variable is declared and the locks held at each program point are
calculated; here both are found.
"""

from __future__ import annotations

from itertools import product

from attrs import evolve, frozen

from mmscn.budget import poll
from mmscn.check.values import Value
from mmscn.lower.ir import Guard, Ir, Rule, Term, VarId, decided, substitute, value_of, variables

VALUES_MAX = 16
"""Of a variable that is followed. Measured in docs/fusion.md."""

TRIED_MAX = 256
"""Combinations of values that an expression is tried with. Measured in docs/fusion.md."""

Place = tuple[int, int]
"""A process and a program counter."""


@frozen(kw_only=True)
class Facts:
    """values: what variables can be, by process and program counter.

    held: the locks that are held there and nowhere else, as a set of bits.
    inside: the places where each lock is held. locks: the variables that are locks.
    """

    values: list[dict[int, Guard]]
    held: list[dict[int, int]]
    inside: list[frozenset[Place]]
    locks: frozenset[VarId]


def gather_facts(ir: Ir) -> tuple[Ir, Facts]:
    """The facts, and the program with them put in; rules that they exclude are gone."""
    values = [narrower(ir, owned) for owned in Owned(ir).flow()]
    first = (pruned(ir, rule, values) for rule in ir.rules)
    rules = [rule for rule in first if rule is not None]
    ir = ir.having(rules=rules)
    held: list[dict[int, int]] = [{} for _ in ir.processes]
    inside: list[frozenset[Place]] = []
    by_place: dict[tuple[int, int | None], list[Rule]] = {}
    writers: dict[VarId, list[Rule]] = {}
    for rule in rules:
        by_place.setdefault((rule.process, rule.at), []).append(rule)
        for v in rule.assigns:
            writers.setdefault(v, []).append(rule)
    locks = []
    for v in sorted(writers):
        poll()
        found = lock(ir, v, writers[v], by_place)
        if found:
            bit = 1 << len(inside)
            for (process, pc), allowed in found.items():
                held[process][pc] = held[process].get(pc, 0) | bit
                values[process].setdefault(pc, {})[v] = allowed
            inside.append(frozenset(found))
            locks.append(v)
    if inside:
        kept = (pruned(ir, rule, values) for rule in rules)
        ir = ir.having(rules=[rule for rule in kept if rule is not None])
    return ir, Facts(values=values, held=held, inside=inside, locks=frozenset(locks))


def narrower(ir: Ir, places: dict[int, Guard]) -> dict[int, Guard]:
    """What says more than the variables' domains do."""
    return {
        pc: {v: xs for v, xs in here.items() if len(xs) < len(ir.vars[v].domain)}
        for pc, here in places.items()
    }


class Owned:
    """The values of the variables that a process writes, and others to few constants.

    own: those variables, by process, and what the others make of each.
    """

    def __init__(self, ir: Ir) -> None:
        self.ir = ir
        left: dict[VarId, dict[int, set[Value] | None]] = {}
        pcs = ir.pcs()
        for rule in ir.rules:
            for v, term in rule.assigns.items():
                by = left.setdefault(v, {})
                values = by.setdefault(rule.process, set())
                if term[0] != "c":
                    by[rule.process] = None
                elif values is not None:
                    values.add(term[1])
        self.own: list[Guard] = [{} for _ in ir.processes]
        for v, by in left.items():
            if ir.vars[v].version or len(ir.vars[v].domain) > VALUES_MAX:
                continue
            if v in pcs or v in ir.constants:
                continue
            for process in by:
                foreign = [values for other, values in by.items() if other != process]
                few = frozenset(x for values in foreign for x in values or ())
                known = all(values is not None for values in foreign)
                says = known and len(few) < len(ir.vars[v].domain)
                if says and ir.processes[process].pc is not None:
                    self.own[process][v] = few

    def flow(self) -> list[dict[int, Guard]]:
        """By process and program counter."""
        by_place: dict[tuple[int, int | None], list[Rule]] = {}
        for rule in self.ir.rules:
            by_place.setdefault((rule.process, rule.at), []).append(rule)
        found: list[dict[int, Guard]] = []
        for n, process in enumerate(self.ir.processes):
            places: dict[int, Guard] = {}
            todo: list[int] = []
            if process.pc is not None:
                for initial in self.ir.initial:
                    pc = initial[process.pc]
                    assert isinstance(pc, int)
                    first = {v: few | {initial[v]} for v, few in self.own[n].items()}
                    arrive(places, todo, pc, first)
            while todo:
                poll()
                here = todo.pop()
                for rule in by_place.get((n, here), ()):
                    after = self.after(rule, places[here], self.own[n])
                    if after is not None:
                        assert rule.to is not None
                        arrive(places, todo, rule.to, after)
            found.append(places)
        return found

    def after(self, rule: Rule, here: Guard, foreign: Guard) -> Guard | None:
        """What a rule and others leave behind; None where it cannot fire, or halts."""
        if rule.halts:
            return None
        before = here
        after = dict(here)
        for v, allowed in rule.guard.items():
            if v in here and not here[v] <= allowed:
                if before is here:
                    before = dict(here)
                before[v] = here[v] & allowed
                if not before[v]:
                    return None
                after[v] = before[v] | foreign[v]
        for v, term in rule.assigns.items():
            if v in here:
                after[v] = self.results(v, term, rule.guard, before) | foreign[v]
        return after

    def results(self, target: VarId, term: Term, guard: Guard, before: Guard) -> frozenset[Value]:
        if term[0] == "c":
            return frozenset((term[1],))
        domain = frozenset(self.ir.vars[target].domain)
        names = sorted(set(variables(term)))
        ranges = []
        size = 1
        for v in names:
            values = before.get(v)
            if values is None:
                values = guard.get(v, frozenset(self.ir.vars[v].domain))
            ranges.append(values)
            size *= len(values)
        if size > TRIED_MAX or any(self.ir.vars[v].version for v in names):
            return domain
        return domain & {
            value_of(term, dict(zip(names, xs, strict=True))) for xs in product(*ranges)
        }


def arrive(places: dict[int, Guard], todo: list[int], pc: int, values: Guard) -> None:
    before = places.get(pc)
    if before is None:
        places[pc] = values
        todo.append(pc)
        return
    more = {v: xs for v, xs in values.items() if xs is not before[v] and not xs <= before[v]}
    if more:
        before.update({v: before[v] | xs for v, xs in more.items()})
        todo.append(pc)


def lock(
    ir: Ir, v: VarId, writers: list[Rule], by_place: dict[tuple[int, int | None], list[Rule]]
) -> dict[Place, frozenset[Value]]:
    """The places where a lock is held and its values there; none if it is no lock."""
    if ir.vars[v].version or ir.vars[v].thread is not None or v in ir.constants:
        return {}
    free = ir.initial[0][v]
    if any(values[v] != free for values in ir.initial):
        return {}
    at_first = frozenset((free,))
    held: dict[Place, frozenset[Value]] = {}
    todo: list[Place] = []

    def arrive(place: Place, values: frozenset[Value]) -> None:
        before = held.get(place, frozenset())
        if not values <= before:
            held[place] = before | values
            todo.append(place)

    for rule in writers:
        term = rule.assigns[v]
        if term[0] != "c" or rule.at is None:
            return {}
        if rule.guard.get(v) == at_first and term[1] != free:
            assert rule.to is not None
            arrive((rule.process, rule.to), frozenset((term[1],)))
    while todo:
        place = todo.pop()
        for rule in by_place.get(place, ()):
            values = held[place] & rule.guard.get(v, held[place])
            if not values or rule.halts:
                continue
            assert rule.to is not None
            if v not in rule.assigns:
                arrive((rule.process, rule.to), values)
            elif rule.assigns[v][1] != free:
                arrive((rule.process, rule.to), frozenset((rule.assigns[v][1],)))
    for place in held:
        pc = ir.processes[place[0]].pc
        assert pc is not None
        if any(initial[pc] == place[1] for initial in ir.initial):
            return {}
        for rule in by_place.get(place, ()):
            releases = v in rule.assigns and rule.assigns[v][1] == free
            possible = held[place] & rule.guard.get(v, held[place])
            if releases and possible and (rule.process, rule.to) in held:
                return {}
    processes = {process for process, _ in held}
    for rule in writers:
        if (rule.process, rule.at) not in held:
            takes = rule.guard.get(v) == at_first and rule.assigns[v][1] != free
            if not takes:
                return {}
    for (process, at), rules in by_place.items():
        if process in processes and at is not None and (process, at) not in held:
            for rule in rules:
                inside = (process, rule.to) in held
                if not rule.halts and inside and v not in rule.assigns:
                    return {}
    return held


def pruned(ir: Ir, rule: Rule, values: list[dict[int, Guard]]) -> Rule | None:
    """The rule without what its place says anyway; None where it can never fire there."""
    if rule.at is None:
        return rule
    found = values[rule.process].get(rule.at)
    if found is None:
        return None
    here = found
    if not here:
        return rule
    guard = {}
    for v, allowed in rule.guard.items():
        can_be = here.get(v)
        if can_be is not None:
            if can_be.isdisjoint(allowed):
                return None
            if can_be <= allowed:
                continue
        guard[v] = allowed
    fixed: dict[VarId, Term] = {
        v: ("c", next(iter(can_be))) for v, can_be in here.items() if len(can_be) == 1
    }
    literals = decided(rule.literals, fixed)
    if literals is None:
        return None
    assigns = {v: substitute(term, fixed) for v, term in rule.assigns.items()}
    return evolve(rule, guard=guard, literals=literals, assigns=assigns)
