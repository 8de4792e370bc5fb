"""Who stores again and again without end: found by going round once.

A process stores without end if some execution comes back to a state that it was in, contents
renamed, and the process stored on the way: it can go round as often as it likes. So each such
circle is looked for from the beginning, first where only that process moves, then where hardware
moves too, then where all do. What is too large to be looked at stores without end as far as
anybody knows, and nothing is said of it: a circle that is found is one, and one that is there
may be missed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from mmscn.budget import poll
from mmscn.check.values import Value
from mmscn.lower.ir import FRESH, Ir, Rule, Term, VarId, value_of
from mmscn.runtime.bytecode import ProcessKind

STATES_MAX = 2_000
"""Of one search for circles."""

State: TypeAlias = tuple[Value, ...]
Edge: TypeAlias = tuple[State, State]


def endless_storers(ir: Ir) -> set[int]:
    """The processes that are seen to store again and again, by number."""
    storers = coming_round(ir)
    if not storers:
        return set()
    hardware = {n for n, p in enumerate(ir.processes) if p.kind is ProcessKind.AGENT}
    moves = Moves(ir)
    found: set[int] = set()
    for n in sorted(storers):
        found |= moves.circling({n})
    for n in sorted(storers - found) if hardware else ():
        found |= moves.circling({n, *hardware})
    if storers - found:
        found |= moves.circling(range(len(ir.processes)))
    return found


def coming_round(ir: Ir) -> set[int]:
    """The processes with a store that some path through their places comes back to.

    A circle of states is one of places: whoever is not among these ends its stores.
    """
    found: set[int] = set()
    for n, process in enumerate(ir.processes):
        rules = [rule for rule in ir.rules if rule.process == n and not rule.halts]
        storing = [rule for rule in rules if FRESH in rule.assigns.values()]
        if process.pc is None:
            found |= {n} if storing else set()
            continue
        within = circular(((rule.at,), (rule.to,)) for rule in rules)
        if any(((rule.at,), (rule.to,)) in within for rule in storing):
            found.add(n)
    return found


class Moves:
    """The states of a program, and what leads from one to the next.

    changing: the variables that a step may change, program counters included; the others have
    one value for each beginning, and it is part of no state.
    """

    def __init__(self, ir: Ir) -> None:
        self.ir = ir
        self.pcs = [process.pc for process in ir.processes]
        changed = {v for rule in ir.rules for v in rule.assigns} | ir.pcs()
        self.changing = tuple(sorted(changed - ir.dropped))
        self.contents = frozenset(v for v in self.changing if ir.vars[v].version)
        self.names = first_unnamed(ir)
        self.rules: list[dict[int | None, list[Rule]]] = [{} for _ in ir.processes]
        for rule in ir.rules:
            if not rule.halts:
                self.rules[rule.process].setdefault(rule.at, []).append(rule)

    def circling(self, movers: Collection[int]) -> set[int]:
        """The processes that store on a circle while only some move."""
        found: set[int] = set()
        for initial in self.ir.initial:
            edges = list(self.edges(dict(initial), movers))
            within = circular(edge for edge, _ in edges)
            found |= {n for edge, n in edges if n is not None and edge in within}
        return found

    def edges(
        self, env: dict[VarId, Value], movers: Collection[int]
    ) -> Iterator[tuple[Edge, int | None]]:
        """Steps, as far as is looked, each with the process that stores by it."""
        first = self.state(env)
        seen, todo = {first}, [first]
        while todo and len(seen) <= STATES_MAX:
            state = todo.pop()
            poll()
            env.update(zip(self.changing, state, strict=True))
            for n in movers:
                pc = self.pcs[n]
                at = None if pc is None else env[pc]
                assert at is None or isinstance(at, int)
                for rule in self.rules[n].get(at, ()):
                    if not enabled(rule, env):
                        continue
                    after = self.after(rule, pc, env)
                    yield (state, after), n if FRESH in rule.assigns.values() else None
                    if after not in seen:
                        seen.add(after)
                        todo.append(after)

    def after(self, rule: Rule, pc: VarId | None, env: dict[VarId, Value]) -> State:
        """The state behind a step."""
        new = dict(env)
        fresh = max([self.names, *(x + 1 for v in self.contents if type(x := env[v]) is int)])
        for v, term in rule.assigns.items():
            new[v] = fresh if term == FRESH else value_of(term, env)
        if pc is not None:
            new[pc] = rule.to
        return self.state(new)

    def state(self, env: dict[VarId, Value]) -> State:
        """The values, contents without a name numbered by where they are first."""
        numbers: dict[Value, int] = {}
        values = []
        for v in self.changing:
            value = env[v]
            if v in self.contents and type(value) is int and value >= self.names:
                value = numbers.setdefault(value, self.names + len(numbers))
            values.append(value)
        return tuple(values)


def enabled(rule: Rule, env: dict[VarId, Value]) -> bool:
    return all(env[v] in allowed for v, allowed in rule.guard.items()) and all(
        bool(value_of(literal, env)) is wanted for literal, wanted in rule.literals.items()
    )


def first_unnamed(ir: Ir) -> int:
    """The contents below this number have a name; from it on they are anything."""
    terms = [t for rule in ir.rules for t in (*rule.assigns.values(), *rule.literals)]
    numbers = [p[1] for t in terms for p in parts(t) if p[0] == "c" and type(p[1]) is int]
    first = [x for values in ir.initial for x in values.values() if type(x) is int]
    return 1 + max([0, *numbers, *first])


def parts(term: Term) -> Iterator[Term]:
    yield term
    for part in term[1:]:
        if isinstance(part, tuple) and part and isinstance(part[0], str):
            yield from parts(part)


def circular(edges: Iterable[Edge]) -> set[Edge]:
    """The edges that lie on circles."""
    out: dict[State, set[State]] = {}
    for x, y in edges:
        out.setdefault(x, set()).add(y)
    number = strong(out)
    return {(x, y) for x, ends in out.items() for y in ends if number[x] == number[y]}


def strong(out: dict[State, set[State]]) -> dict[State, int]:
    """For each node the number of its strong component: Tarjan's algorithm, without recursion."""
    index: dict[State, int] = {}
    low: dict[State, int] = {}
    number: dict[State, int] = {}
    stack: list[State] = []
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
