"""The counterexample that a person reads: shortest, then least delayed, with the fewest switches.

Forward, level by level, to the first depth at which the check fails; then
backward over the states that lie on a shortest path, keeping by the column of
the next step what the rest costs at least; then forward once more, always
taking the best. No parent pointers: a state costs its place in the visited
set and in its level.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cache, cached_property

from mmscn.runtime.bytecode import (
    LIVENESS,
    Check,
    CheckId,
    CheckKind,
    ProcessKind,
    Program,
    RuleId,
    State,
)
from mmscn.runtime.explore.deadlock import Deadlocks
from mmscn.runtime.explore.packed import Layout, some, stored_bytes
from mmscn.runtime.explore.successors import Plan, Plans, successors
from mmscn.runtime.interpreter import NotEnabled, VersionOverflow, canonical_versions, replay
from mmscn.runtime.judged import fails, trace_of
from mmscn.runtime.result import Limits, Trace

CHUNK_STATES = 2048
"""Expanded between two looks at the limits."""

Remaining = tuple[tuple[int, int], ...]
"""By the column of the next step, in order: the least cost from here to the end."""


class ReplayError(RuntimeError):
    """A trace is not what the search or the reference interpreter says: a fault of the tool."""


def counterexample(
    program: Program,
    check: CheckId,
    *,
    limits: Limits,
    expect_depth: int | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Trace | None:
    """The trace of the first violation of a check, or of the witness that REACHABLE wants.

    None when there is none, or none within the limits. Of the shortest paths it
    is one with the fewest steps of threads while a prompt agent can step; of those, one
    with the fewest switches between columns; of those, one with the fewest steps of agents;
    of those, the one from the earliest initial state
    whose rule ids come first. It is a path of concrete states: the symmetry of
    the program is left unused, and a step whose version does not fit is not
    taken. Raises ReplayError, also when the check fails first at another depth
    than `expect_depth`.
    """
    concrete = program._replace(symmetry=())
    started = clock()
    forward = _Forward(concrete, check)
    found = forward.run(limits, expect_depth, lambda: clock() - started)
    if found and expect_depth not in (None, len(forward.levels) - 1):
        raise ReplayError(f"check {check} fails at depth {len(forward.levels) - 1}")
    if not found:
        return None
    index, rules, path = _Backward(concrete, check, forward).path()
    return _replayed(concrete, check, index, rules, tuple(map(forward.layout.split, path)))


class Ways:
    """The shortest paths to what fails a check, as a graph. starts: its states without a step.

    edges: of a state that so many steps lead to, the rules and the states they lead to.
    """

    def __init__(self, program: Program, forward: _Forward, backward: _Backward) -> None:
        self.program = program
        self.depth = len(forward.levels) - 1
        self.layout = forward.layout
        self._backward = backward
        self.starts = backward.starts()

    def edges(self, state: int, depth: int) -> list[tuple[RuleId, int]]:
        return sorted((rule, after) for _, rule, after in self._backward.edges(state, depth))


def ways(program: Program, check: CheckId, *, limits: Limits) -> Ways | None:
    """The shortest paths to what fails a check; None where there is none within the limits."""
    concrete = program._replace(symmetry=())
    started = time.perf_counter()
    forward = _Forward(concrete, check)
    if not forward.run(limits, None, lambda: time.perf_counter() - started):
        return None
    backward = _Backward(concrete, check, forward)
    backward.path()
    return Ways(concrete, forward, backward)


class _Forward:
    """Breadth-first to the first depth at which a check fails.

    levels: the states by depth that can be gone on from, the last one perhaps
    empty. goals: those at the last depth that fail the check. by_rule: whether
    a rule into the last depth does.
    """

    def __init__(self, program: Program, check: CheckId) -> None:
        self._program = program
        self.layout = layout = Layout(program)
        self._check = program.checks[check]
        self._breaking = {
            RuleId(r) for r, rule in enumerate(program.rules) if check in rule.violates
        }
        self._plans = Plans(layout, self._fired, skip_overflow=True)
        self._bad = _bad(layout, self._check)
        self._visited: set[int] = set()
        self._halted: set[int] = set()
        self.levels: list[list[int]] = []
        self.goals: set[int] = set()
        self.by_rule = False

    @cached_property
    def _deadlocks(self) -> Deadlocks:
        return Deadlocks(self.layout)

    def run(self, limits: Limits, expect_depth: int | None, elapsed_s: Callable[[], float]) -> bool:
        """Whether the check fails within the limits.

        Raises ReplayError when it does not by `expect_depth`.
        """
        level = list(
            dict.fromkeys(
                self.layout.join(canonical_versions(self._program, s))
                for s in self._program.initial
            )
        )
        self._visited.update(level)
        ended: list[int] = []
        while True:
            self.levels.append(level)
            self.goals = self._failing(level, ended)
            if self.goals or self.by_rule:
                return True
            depth = len(self.levels) - 1
            if expect_depth is not None and (not level or depth >= expect_depth):
                raise ReplayError(f"the check does not fail by depth {expect_depth}")
            if not level or (limits.depth is not None and depth >= limits.depth):
                return False
            following: list[int] = []
            ended = []
            for at in range(0, len(level), CHUNK_STATES):
                if self._beyond(limits, elapsed_s):
                    return False
                self._expand(level[at : at + CHUNK_STATES], following, ended)
            level = following

    def _beyond(self, limits: Limits, elapsed_s: Callable[[], float]) -> bool:
        stored = stored_bytes(self.layout, self._visited)
        return (
            (limits.states is not None and len(self._visited) > limits.states)
            or (limits.time_s is not None and elapsed_s() > limits.time_s)
            or (limits.memory_mb is not None and stored > limits.memory_mb << 20)
        )

    def _failing(self, level: list[int], ended: list[int]) -> set[int]:
        """The states of a level that fail the check; no halted state is a deadlock."""
        if self._check.kind is CheckKind.DEADLOCK:
            return {s for s in level if self._is_dead(s)}
        return {s for s in (*level, *ended) if self._bad(s)}

    def _is_dead(self, state: int) -> bool:
        """Whether a state is a deadlock; not so when a thread would move on with more versions."""
        try:
            return self._deadlocks.is_dead(state)
        except VersionOverflow:
            return False

    def _expand(self, states: list[int], following: list[int], ended: list[int]) -> None:
        out, halted, _ = successors(self._plans, states)
        reached = set(out)
        new = reached - self._visited
        self._visited |= new
        going_on = reached & self._halted
        self._halted -= going_on
        following.extend(new)
        following.extend(going_on)
        new = set(halted) - self._visited
        self._visited |= new
        self._halted |= new
        ended.extend(new)

    def _fired(self, rule_id: RuleId) -> None:
        self.by_rule |= rule_id in self._breaking


class _Backward:
    """The best way to the end from each state on a shortest path."""

    def __init__(self, program: Program, check: CheckId, forward: _Forward) -> None:
        self._program = program
        self._check = check
        self._layout = layout = forward.layout
        self._levels = forward.levels
        self._goals = forward.goals
        self._by_rule = forward.by_rule
        self._depth = len(forward.levels) - 1
        self._plans = Plans(layout, lambda rule_id: None, skip_overflow=True)
        rules = program.rules
        self._breaking = self._some(lambda r: check in rules[r].violates)
        self._prompt: Plans | None = None
        if any(process.prompt for process in program.processes):
            self._prompt = self._some(lambda r: program.processes[rules[r].process].prompt)
        self._remaining: list[dict[int, Remaining]] = [{} for _ in self._levels]
        self._remaining[-1] = dict.fromkeys(self._goals, ())
        self._one: dict[Remaining, Remaining] = {}
        self._after = cache(self._cost_after)

    def _some(self, wanted: Callable[[RuleId], bool]) -> Plans:
        """Of some rules only."""
        layout = Layout(_only(self._program, wanted))
        return Plans(layout, lambda rule_id: None, skip_overflow=True)

    def starts(self) -> list[int]:
        """The initial states that are on a shortest path, once `path` has found them."""
        return list(self._remaining[0])

    def edges(self, state: int, depth: int) -> Iterator[tuple[int, RuleId, int]]:
        """What `_edges` gives, once `path` was asked for."""
        return self._edges(state, depth)

    def path(self) -> tuple[int, list[RuleId], list[int]]:
        """The index of the initial state, the rules, and the states from the initial one."""
        initial = [
            self._layout.join(canonical_versions(self._program, s)) for s in self._program.initial
        ]
        for depth in reversed(range(self._depth)):
            ahead = self._remaining[depth + 1]
            here = self._remaining[depth]
            for state in self._levels[depth]:
                if self._leads(state, depth, ahead) and (best := self._best(state, depth)):
                    here[state] = best
            self._levels[depth] = []
        starts = [s for s in initial if s in self._remaining[0]]
        state = min(starts, key=lambda s: self._after(self._remaining[0][s], None))
        index = initial.index(state)
        states, rules = [state], []
        column: int | None = None
        for depth in range(self._depth):
            options = [
                (cost + self._switch(column, self._column(rule_id)), rule_id, following)
                for cost, rule_id, following in self._edges(state, depth)
            ]
            _, rule_id, state = min(options)
            column = self._column(rule_id)
            rules.append(rule_id)
            states.append(state)
        return index, rules, states

    def _leads(self, state: int, depth: int, ahead: dict[int, Remaining]) -> bool:
        """Whether `_edges` of a state is worth a look: false when it is empty, and quick."""
        last = depth + 1 == self._depth
        plan = self._plans[state & self._plans.pcs]
        if any(n in ahead for n in _next(plan, state, halts=last)):
            return True
        return last and self._by_rule and any(True for _ in self._breaking.edges(state))

    def _edges(self, state: int, depth: int) -> Iterator[tuple[int, RuleId, int]]:
        """Edges on a shortest path: the cost from their step to the end, the rule, its state."""
        ahead = self._remaining[depth + 1]
        last = depth + 1 == self._depth
        dead = self._program.checks[self._check].kind is CheckKind.DEADLOCK
        delayed = (self._depth + 1) ** 2 if self._waited(state) else 0
        for rule_id, following in self._plans.edges(state):
            rule = self._program.rules[rule_id]
            process = self._program.processes[rule.process]
            own = 1 if process.kind is ProcessKind.AGENT else delayed
            if last and self._check in rule.violates:
                yield own, rule_id, following
            elif following in ahead and (not rule.halts or (last and not dead)):
                yield own + self._after(ahead[following], self._column(rule_id)), rule_id, following

    def _best(self, state: int, depth: int) -> Remaining:
        costs: dict[int, int] = {}
        for cost, rule_id, _ in self._edges(state, depth):
            column = self._column(rule_id)
            costs[column] = min(cost, costs.get(column, cost))
        best = tuple(sorted(costs.items()))
        return self._one.setdefault(best, best)

    def _cost_after(self, remaining: Remaining, column: int | None) -> int:
        return min((cost + self._switch(column, to) for to, cost in remaining), default=0)

    def _waited(self, state: int) -> bool:
        """Whether a prompt agent can step: a step of a thread then outweighs any switches."""
        return self._prompt is not None and any(True for _ in self._prompt.edges(state))

    def _switch(self, column: int | None, to: int) -> int:
        """A switch outweighs any number of steps of agents."""
        return 0 if column is None or column == to else self._depth + 1

    def _column(self, rule_id: RuleId) -> int:
        return self._program.processes[self._program.rules[rule_id].process].column


def _bad(layout: Layout, check: Check) -> Callable[[int], bool]:
    """Whether a packed state fails a check, or is the witness it wants."""
    if check.kind in (CheckKind.STEP, CheckKind.DEADLOCK, *LIVENESS):
        return lambda s: False
    bad = some(layout, check.bad).holds
    if check.kind is not CheckKind.FINALLY:
        return bad
    quiescent = some(layout, layout.program.quiescent).holds
    return lambda s: quiescent(s) and bad(s)


def _only(program: Program, wanted: Callable[[RuleId], bool]) -> Program:
    """The program with some rules, and no others, dispatched."""
    return program._replace(
        processes=tuple(
            process._replace(
                dispatch=tuple(
                    tuple(r for r in rules if wanted(r))
                    for rules in process.dispatch
                ),
            )
            for process in program.processes
        ),
    )


def _next(plan: Plan, state: int, *, halts: bool) -> Iterator[int]:
    for memories in (plan.movers, plan.agents):
        for seen, flips in memories:
            for flip in flips[state & seen]:
                yield state ^ flip
    if halts:
        for seen, flips, _ in plan.halts:
            for flip in flips[state & seen]:
                yield state ^ flip


def _replayed(
    program: Program, check: CheckId, index: int, rules: list[RuleId], expected: tuple[State, ...]
) -> Trace:
    """The trace, after the reference interpreter has walked it. Raises ReplayError."""
    try:
        states = replay(program, rules, index)
    except NotEnabled as error:
        raise ReplayError(str(error)) from error
    if states != expected:
        raise ReplayError(f"check {check}: the states of the replay differ")
    if not fails(program, check, rules, states[-1]):
        raise ReplayError(f"check {check}: the replay does not fail it")
    return trace_of(program, check, rules, states, shortest=True)
