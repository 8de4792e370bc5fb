"""What is known of the state while a process stands at a program counter.

Two invariants, each proven by looking at every rule once:

*Owned values.* A variable that one process alone writes has, at each of that
process's program counters, one of the values that its own rules can have left
there (`fold` collects them).

*Locks.* A variable is a lock if every rule that takes it from its first value,
`free`, to another moves its process from outside a set of places to inside,
only rules that put it back to `free` move out again, and nobody outside
writes it. Then it is not free exactly when one process is inside, and no two
processes ever are. Which statement was written for it (`lock`, a bit set in
an `atomic`) makes no difference.
Source of the idea: Flanagan, Qadeer, A Type and Effect System for Atomicity
(2003), where the lock set of each program point is declared.
"""

from __future__ import annotations

from attrs import evolve, frozen

from mmscn.check.values import Value
from mmscn.lower.ir import Guard, Ir, Literals, Rule, Term, VarId, substitute
from mmscn.lower.passes.fold import Folding, simplified

Place = tuple[int, int]
"""A process and a program counter."""


@frozen(kw_only=True)
class Facts:
    """values: what variables can be, by process and program counter.

    held: the locks that are held there and nowhere else, as a set of bits.
    inside: the places where each lock is held.
    """

    values: list[dict[int, Guard]]
    held: list[dict[int, int]]
    inside: list[frozenset[Place]]


def known(ir: Ir) -> tuple[Ir, Facts]:
    """The facts, and the program with them put in; rules that they exclude are gone."""
    folding = Folding(ir, owned=True)
    folding.run()
    rules = []
    for rule in ir.rules:
        reachable = rule.at is None or rule.at in folding.at[rule.process]
        if reachable and folding.possible(rule):
            new = simplified(folding, rule, ir.constants)
            if new is not None:
                rules.append(new)
    ir = ir.having(rules=rules)
    values: list[dict[int, Guard]] = []
    for places in folding.at:
        values.append({pc: narrower(ir, guard) for pc, guard in places.items()})
    held: list[dict[int, int]] = [{} for _ in ir.processes]
    inside: list[frozenset[Place]] = []
    by_place: dict[tuple[int, int | None], list[Rule]] = {}
    writers: dict[VarId, list[Rule]] = {}
    for rule in rules:
        by_place.setdefault((rule.process, rule.at), []).append(rule)
        for v in rule.assigns:
            writers.setdefault(v, []).append(rule)
    for v in sorted(writers):
        found = lock(ir, v, writers[v], by_place)
        if found:
            bit = 1 << len(inside)
            for (process, pc), allowed in found.items():
                held[process][pc] = held[process].get(pc, 0) | bit
                values[process].setdefault(pc, {})[v] = allowed
            inside.append(frozenset(found))
    if inside:
        kept = (pruned(ir, rule, values) for rule in rules)
        ir = ir.having(rules=[rule for rule in kept if rule is not None])
    return ir, Facts(values=values, held=held, inside=inside)


def narrower(ir: Ir, guard: Guard) -> Guard:
    """What says more than the variable's domain does."""
    return {
        v: values
        for v, values in guard.items()
        if len(values) < len(ir.vars[v].domain) and not ir.vars[v].version
    }


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
    here = values[rule.process].get(rule.at, {})
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
    literals: Literals = {}
    for literal, wanted in rule.literals.items():
        shorter = substitute(literal, fixed)
        if shorter[0] == "c":
            if bool(shorter[1]) is not wanted:
                return None
        else:
            literals[shorter] = wanted
    assigns = {v: substitute(term, fixed) for v, term in rule.assigns.items()}
    return evolve(rule, guard=guard, literals=literals, assigns=assigns)
