"""What goes on for ever, by the oracle's steps and the oldest algorithm: no component, no monitor.

Written from the docstring of `mmscn.check.core` alone. The states in which something is owed are
cut down until each of them has a way on to a fair step of everyone, inside what is left: a
greatest fixpoint (Emerson and Lei, 1986). Who waits for locks is guessed, every subset in turn.
"""

from __future__ import annotations

from itertools import chain, combinations

from attrs import define, field
from support.oracle.oracle import Oracle
from support.oracle.states import END, WAITING, Run, State, Unbounded, enter

from mmscn.check import core
from mmscn.check.values import show

Who = int
"""A thread by its number, an agent by its own behind them."""

KNOBS = {"spinlock": "spinlock_goes_to", "mutex": "mutex_goes_to", "rwsem": "rwsem_goes_to",
         "bitlock": "bitlock_goes_to"}  # fmt: skip


@define
class Point:
    """A state. out: the steps that do not stop the machine. can: who could take one. granted: who
    could take a lock that goes to who waits."""

    out: list[tuple[Who, State]] = field(factory=list)
    can: set[Who] = field(factory=set)
    granted: set[Who] = field(factory=set)
    moving: bool = False


class Endless(Oracle):
    """The verdicts about executions that go on for ever: `verdicts`, by name."""

    def __init__(self, checked: core.Checked, *, states_max: int) -> None:
        super().__init__(checked)
        self.points: dict[State, Point] = {}
        self.spread(states_max)
        many = len(self.threads)
        agents = [n for n, a in enumerate(checked.agents, many) if not a.may]
        self.fair = {*range(many), *agents}
        self.alive = self.not_deadlocked()
        self.verdicts = {
            info.name: self.verdict(info)
            for info in checked.checks
            if info.kind in ("eventually", "leads to", "livelock")
        }

    def spread(self, states_max: int) -> None:
        todo = [self.initial()]
        self.points[todo[0]] = Point()
        for state in todo:
            point = self.points[state]
            for who, after in self.told(state):
                point.can.add(who)
                if after.halted:
                    point.moving |= who < len(self.threads)
                    continue
                new = self.state_of(after)
                point.moving |= who < len(self.threads) and new != state
                point.out.append((who, new))
                if new not in self.points:
                    if len(self.points) >= states_max:
                        raise Unbounded(f"more than {states_max} states")
                    self.points[new] = Point()
                    todo.append(new)
            for n in range(len(self.threads)):
                if n in point.can and self.takes(self.run_of(state), n):
                    point.granted.add(n)

    def told(self, state: State) -> list[tuple[Who, Run]]:
        """Each step, with who takes it."""
        found: list[tuple[Who, Run]] = []
        for n, thread in enumerate(self.threads):
            run = self.run_of(state)
            begun = run.places[n] != WAITING or all(self.at_rest(run, m) for m in thread.after)
            if begun and not self.kept_out(run, thread):
                found += [(n, after) for after in self.step(run, n)]
        for n, agent in enumerate(self.checked.agents, len(self.threads)):
            run = self.run_of(state)
            run.places.append(((agent.body, 0),))
            for after in self.atomic(run, len(self.threads), 0):
                after.places.pop()
                found.append((n, after))
        return found

    def takes(self, run: Run, n: int) -> bool:
        """Whether a thread could take a lock that goes to who waits, as its next step."""
        if run.places[n] == WAITING:
            run.places[n] = ((self.threads[n].body, 0),)
            run = self.silent(run, n)
        if run.halted or run.places[n] == END:
            return False
        match self.standing(run, n):
            case core.Choose(branches=branches):
                for branch in branches:
                    chosen = run.copy()
                    enter(chosen, n, branch)
                    if self.takes(self.silent(chosen, n), n):
                        return True
            case core.Atomic(body=body, origin=origin):
                if self.checked.origins[origin].kind == "lock" and self.goes_to_waiters(body):
                    enter(run, n, body)
                    return any(True for _ in self.atomic(run, n, len(run.places[n]) - 1))
        return False

    def goes_to_waiters(self, body: core.Block) -> bool:
        """Whether a lock that is taken goes to who waits: by its kind, or a knob."""
        cells = (t for s in body.statements if isinstance(s, core.Assign) for t in s.targets)
        keys = (t.family.removesuffix(".readers") for t in cells if isinstance(t, core.Cell))
        kind = next(str(lock) for key in keys if (lock := self.checked.families[key].lock))
        knob = dict(self.checked.knobs).get(KNOBS[kind])
        return kind != "bitlock" if knob is None else show(knob) == "waiters"

    def not_deadlocked(self) -> set[State]:
        """From which a thread moves on, now or after steps of agents."""
        alive = {state for state, point in self.points.items() if point.moving}
        before = -1
        while len(alive) != before:
            before = len(alive)
            alive |= {
                state
                for state, point in self.points.items()
                if any(who >= len(self.threads) and new in alive for who, new in point.out)
            }
        return alive

    # ---- verdicts ------------------------------------------------------------------

    def verdict(self, info: core.CheckInfo) -> str:
        first = next(iter(self.points))
        if info.kind == "livelock":
            covered = any(not t.daemon for t in self.threads)
            owing = {s for s in self.points if self.awake(s) and s in self.alive}
            begin = owing
        else:
            assert info.condition is not None
            assert info.covered is not None
            missing = {s for s in self.points if not self.so(s, info.condition)}
            if info.kind == "leads to":
                begun = {s for s in self.points if self.so(s, info.covered)}
                covered = bool(begun)
            else:
                begun = {first}
                covered = first in missing
            begin, owing = begun & missing, missing
        broken = self.goes_on(self.reached(begin, owing))
        return "violated" if broken else "holds" if covered else "vacuous"

    def so(self, state: State, condition: core.Expr) -> bool:
        return self.holds(self.run_of(state), condition)

    def reached(self, begin: set[State], inside: set[State]) -> set[State]:
        found, todo = set(begin), list(begin)
        while todo:
            for _, new in self.points[todo.pop()].out:
                if new in inside and new not in found:
                    found.add(new)
                    todo.append(new)
        return found

    def goes_on(self, owing: set[State]) -> bool:
        """Whether some fair execution stays in these states for ever."""
        if any(not self.points[s].can & self.fair for s in owing):
            return True
        waiters = sorted({n for s in owing for n in self.points[s].granted})
        subsets = (combinations(waiters, k) for k in range(len(waiters) + 1))
        for served in chain.from_iterable(subsets):
            starved = {s for s in owing if self.points[s].granted - set(served)}
            if self.fair_core(owing - starved, set(served)):
                return True
        return False

    def fair_core(self, states: set[State], served: set[Who]) -> set[State]:
        """The states from which a fair execution stays among them; each of `served` steps."""
        while True:
            left = {s for s in states if any(new in states for _, new in self.points[s].out)}
            for who in self.fair | served:
                stopped = (
                    set() if who in served else {s for s in left if who not in self.points[s].can}
                )
                steps = {
                    s for s in left if any(w == who and n in left for w, n in self.points[s].out)
                }
                left &= self.leading(stopped | steps, left)
            if left == states:
                return left
            states = left

    def leading(self, goal: set[State], inside: set[State]) -> set[State]:
        """The states that have a way to some of them, inside."""
        before: dict[State, list[State]] = {}
        for s in inside:
            for _, new in self.points[s].out:
                before.setdefault(new, []).append(s)
        found, todo = set(goal), list(goal)
        while todo:
            for s in before.get(todo.pop(), ()):
                if s not in found:
                    found.add(s)
                    todo.append(s)
        return found
