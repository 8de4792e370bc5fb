"""A short circle through a fair component, that is fair itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from mmscn.runtime.bytecode import RuleId
from mmscn.runtime.explore.state_graph import Clock, Edge, StateGraph


class Circle:
    """inside: a strong component that has a fair circle through all of it. fair: processes."""

    def __init__(self, graph: StateGraph, inside: set[int], fair: int, clock: Clock) -> None:
        self.graph = graph
        self.inside = inside
        self.fair = fair
        self.clock = clock

    def through(self, start: int) -> tuple[RuleId, ...]:
        """The rules of a fair circle from a state back to it.

        First of all who has to step is let step, or stopped, nearest first; then it goes back. Who
        could have been granted a lock on the way, and was not, has to step: then it is made again.
        """
        must = 0
        while True:
            circle = self._around(start, must)
            stepping = self._stepping(circle)
            states = [start, *(to for _, to in circle)]
            granted = 0
            for n in states:
                granted |= self.graph.granted[n]
            if not granted & ~stepping:
                return tuple(rule for rule, _ in circle)
            must |= granted & ~stepping

    def _around(self, start: int, must: int) -> list[Edge]:
        graph = self.graph
        circle: list[Edge] = []
        at, stopped, open_ = start, ~graph.can[start], self.fair | must
        while True:
            open_ &= ~(self._stepping(circle) | (stopped & ~must))
            if not open_:
                break
            leg = self._nearest(at, self._helps(open_, must))
            circle += leg
            at = leg[-1][1]
            for _, to in leg:
                stopped |= ~graph.can[to]
        if not circle or at != start:
            circle += self._nearest(at, lambda rule, to: to == start)
        return circle

    def _helps(self, open_: int, must: int) -> Callable[[RuleId, int], bool]:
        """Whether an edge is a step of one who has to step, or leads to where one cannot."""
        graph = self.graph

        def helps(rule: RuleId, to: int) -> bool:
            return bool(open_ >> graph.process_of[rule] & 1 or ~graph.can[to] & open_ & ~must)

        return helps

    def _stepping(self, edges: list[Edge]) -> int:
        stepping = 0
        for rule, _ in edges:
            stepping |= 1 << self.graph.process_of[rule]
        return stepping

    def _nearest(self, start: int, wanted: Callable[[RuleId, int], bool]) -> list[Edge]:
        """The shortest path inside, of one edge at least, whose last edge is wanted."""
        came: dict[int, tuple[int, Edge]] = {}
        todo = deque([start])
        while todo:
            n = todo.popleft()
            self.clock.tick()
            for rule, to in self.graph.out[n]:
                if to not in self.inside:
                    continue
                if wanted(rule, to):
                    path = [(rule, to)]
                    while n != start:
                        n, edge = came[n]
                        path.append(edge)
                    return path[::-1]
                if to not in came and to != start:
                    came[to] = (n, (rule, to))
                    todo.append(to)
        raise AssertionError("no such edge, and the component is strong")
