"""Which checks a fair execution breaks that goes on for ever: strong components of all states.

The definitions are `mmscn.runtime.fairness`'s. What is owed is followed beside the state, so a
check is broken where a circle can be reached on which it is owed all the way round, and which is
fair. A strong component has a fair circle if each fair process steps in it or cannot step in some
state of it, once the states are taken out in which a lock is to be had that is never granted in
it: that leaves smaller components, to be looked at again (Emerson and Lei, Modalities for model
checking: branching time logic strikes back, 1987, for strong fairness).

The program is searched as it is: no reduction, no symmetry. Only states that differ by a renaming
of contents are one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from mmscn.runtime.bytecode import LIVENESS, CheckId, CheckKind, ProcessKind, Program, RuleId
from mmscn.runtime.explore.circle import Circle
from mmscn.runtime.explore.components import components
from mmscn.runtime.explore.packed import some
from mmscn.runtime.explore.state_graph import Clock, Ended, StateGraph
from mmscn.runtime.result import CheckResult, Lasso, Limit, Limits, Verdict


class Found(NamedTuple):
    """results: of the checks about what goes on for ever. lassos: of those that are violated.

    states: that were looked at. limit: what ended the search, None where it is complete.
    """

    results: dict[CheckId, CheckResult]
    lassos: dict[CheckId, Lasso]
    states: int
    limit: Limit | None


def search(
    program: Program, *, limits: Limits, clock: Callable[[], float] = time.perf_counter
) -> Found:
    """The verdicts of a verified program's checks about what goes on for ever.

    What was found before a limit ended it is violated all the same.
    """
    started = clock()
    graph = StateGraph(program)
    graph.explore(limits, clock)
    left = None if limits.time_s is None else max(0.0, limits.time_s - (clock() - started))
    timer = Clock(left, clock)
    limit = graph.limit
    results, lassos = {}, {}
    for c, check in enumerate(program.checks):
        if check.kind not in LIVENESS:
            continue
        one = OneCheck(graph, CheckId(c), timer)
        lasso: Lasso | None = None
        try:
            lasso = one.lasso()
        except Ended as ended:
            limit = ended.limit
        except KeyboardInterrupt:
            limit = Limit.INTERRUPT
        if lasso is not None:
            lassos[CheckId(c)] = lasso
        results[CheckId(c)] = CheckResult(
            check=CheckId(c),
            verdict=verdict(lasso, limit, one.covered),
            depth=None if lasso is None else len(lasso.rules),
            covered=one.covered or lasso is not None,
        )
    return Found(results, lassos, len(graph.states), limit)


def verdict(lasso: Lasso | None, limit: Limit | None, covered: bool) -> Verdict:
    if lasso is not None:
        return Verdict.VIOLATED
    if limit is not None:
        return Verdict.UNDECIDED
    return Verdict.HOLDS if covered else Verdict.VACUOUS


class OneCheck:
    """The search for a lasso that breaks one check.

    covered: whether it had a chance to fail, known behind `lasso`.
    """

    def __init__(self, graph: StateGraph, check_id: CheckId, clock: Clock) -> None:
        self.graph = graph
        self.check = graph.program.checks[check_id]
        self.clock = clock
        self.covered = self._livelock and bool(graph.mask(ProcessKind.THREAD))
        self.fair = graph.mask(*ProcessKind, fair=True)
        self._bad = self._restless() if self._livelock else some(graph.layout, self.check.bad).holds
        self._begins = some(graph.layout, self.check.covered).holds

    @property
    def _livelock(self) -> bool:
        return self.check.kind is CheckKind.LIVELOCK

    def lasso(self) -> Lasso | None:
        """A fair lasso that breaks the check. Raises Ended."""
        came = self._owing()
        owed = {node >> 1 for node in came if node & 1 and node >> 1 < len(self.graph.out)}
        if self._livelock:
            owed &= self._alive()
        reached = {node >> 1: None for node in came if node & 1 and node >> 1 in owed}
        # In the order in which they were reached: the nearest is the first.
        for n in reached:
            if not self.graph.can[n] & self.fair:
                rules = self._way(came, n)
                return Lasso(rules, len(rules))
        place = {n: at for at, n in enumerate(reached)}
        best: tuple[int, set[int]] | None = None
        for fair in self._fair(owed):
            first = min(fair, key=place.__getitem__)
            if best is None or place[first] < place[best[0]]:
                best = first, fair
        if best is None:
            return None
        rules = self._way(came, best[0])
        circle = Circle(self.graph, best[1], self.fair, self.clock).through(best[0])
        return Lasso((*rules, *circle), len(rules))

    # ---- what is owed ------------------------------------------------------------

    def _owing(self) -> dict[int, tuple[int, RuleId] | None]:
        """The nodes that are reached, breadth first: twice a state, and one more where it owes.

        Each with the node that it is reached from, and by which rule.
        """
        graph, tick = self.graph, self.clock.tick
        bad: dict[int, bool] = {}
        began: dict[int, bool] = {}

        def owes(n: int, owed: bool, first: bool) -> bool:
            if n not in bad:
                bad[n] = self._bad(graph.states[n])
                began[n] = self._starts(n)
            return (owed or began[n] or (first and self.check.kind is CheckKind.EVENTUALLY)) and (
                bad[n]
            )

        came: dict[int, tuple[int, RuleId] | None] = {
            2 * n + owes(n, False, True): None for n in graph.initial()
        }
        todo = deque(came)
        if self.check.kind is CheckKind.EVENTUALLY:
            self.covered = any(node & 1 for node in came)
        while todo:
            node = todo.popleft()
            tick()
            if node >> 1 >= len(graph.out):
                continue  # a limit ended the search in front of it
            for rule, n in graph.out[node >> 1]:
                to = 2 * n + owes(n, bool(node & 1), False)
                if to not in came:
                    came[to] = (node, rule)
                    todo.append(to)
        return came

    def _starts(self, n: int) -> bool:
        """Whether something begins to be owed in a state."""
        match self.check.kind:
            case CheckKind.EVENTUALLY:
                return False
            case CheckKind.LIVELOCK:
                return True
            case CheckKind.LEADS:
                begins = self._begins(self.graph.states[n])
                self.covered |= begins
                return begins
            case other:
                raise AssertionError(other)  # only these are searched

    def _restless(self) -> Callable[[int], bool]:
        """Whether some thread is not at rest."""
        threads = [
            (self.graph.layout.place(p.pc), frozenset(p.rest))
            for p in self.graph.program.processes
            if p.kind is ProcessKind.THREAD and p.pc is not None
        ]
        return lambda s: any(s >> at.shift & at.mask not in rest for at, rest in threads)

    def _alive(self) -> set[int]:
        """The states that are known to be no deadlock: agents alone lead to one that moves on."""
        graph = self.graph
        moving = graph.mask(ProcessKind.THREAD, ProcessKind.DAEMON)
        before: dict[int, list[int]] = {}
        alive: set[int] = set()
        for n, out in enumerate(graph.out):
            self.clock.tick()
            for rule, to in out:
                if not moving >> graph.process_of[rule] & 1:
                    before.setdefault(to, []).append(n)
                elif to != n:
                    alive.add(n)
            if graph.halting[n] & moving:
                alive.add(n)
        todo = list(alive)
        while todo:
            for n in before.get(todo.pop(), ()):
                if n not in alive:
                    alive.add(n)
                    todo.append(n)
        return alive

    def _way(
        self, came: dict[int, tuple[int, RuleId] | None], n: int
    ) -> tuple[RuleId, ...]:
        """The shortest path to where a state owes."""
        rules: list[RuleId] = []
        step = came[2 * n + 1]
        while step is not None:
            node, rule = step
            rules.append(rule)
            step = came[node]
        return tuple(reversed(rules))

    # ---- what is fair ------------------------------------------------------------

    def _fair(self, owed: set[int]) -> Iterator[set[int]]:
        """Sets of states, each with a fair circle through all of them."""
        graph = self.graph
        todo = [owed]
        while todo:
            nodes = todo.pop()
            for found in components(nodes, self._following, self.clock.tick):
                inside = set(found)
                stepping, all_can, any_granted, edges = 0, -1, 0, 0
                for n in found:
                    all_can &= graph.can[n]
                    any_granted |= graph.granted[n]
                    for rule, to in graph.out[n]:
                        if to in inside:
                            edges += 1
                            stepping |= 1 << graph.process_of[rule]
                if not edges or all_can & self.fair & ~stepping:
                    continue
                denied = any_granted & ~stepping
                if not denied:
                    yield inside
                else:
                    todo.append({n for n in found if not graph.granted[n] & denied})

    def _following(self, n: int) -> Iterator[int]:
        return (to for _, to in self.graph.out[n])
