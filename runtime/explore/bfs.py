"""Breadth-first search in plain Python: the executor that is always there.

Level by level, every state that the program reaches is visited once. The
visited set is exact. What a rule does comes from `successors`, what is asked
of a state from `questions`; nothing here looks at an instruction.

A state that only halting rules lead to is visited and checked, and not
continued; when another rule leads to it as well, it is continued from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cached_property

from mmscn.runtime.bytecode import (
    CheckId,
    CheckKind,
    FieldId,
    ProcessKind,
    Program,
    RuleId,
    State,
)
from mmscn.runtime.explore.deadlock import Deadlocks
from mmscn.runtime.explore.images import Images
from mmscn.runtime.explore.packed import Layout, Predicate, some, stored_bytes
from mmscn.runtime.explore.questions import Answer, Questions
from mmscn.runtime.explore.successors import Plans, successors
from mmscn.runtime.explore.verdicts import conclude
from mmscn.runtime.interpreter import VersionOverflow, canonical_versions
from mmscn.runtime.result import Limit, Limits, Progress, Result, Stop

CHUNK_STATES = 2048
"""Expanded between two looks at the limits."""

PROGRESS_STATES = 20_000
"""Between two reports of progress."""


class LimitReached(Exception):
    """Ends a search that is not complete."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.value)
        self.limit = limit


def search(
    program: Program,
    *,
    limits: Limits,
    progress: Progress | None = None,
    stop: Stop | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Result:
    """All reachable states of a verified program, or as many as the limits allow.

    `Limits.states` may be passed by the successors of one state. The levels up to
    `Limits.depth` are visited, and the last one is not expanded. An interrupt
    (KeyboardInterrupt) ends the search like a limit. stop: whether it ends when something is
    violated, behind the level in which that is found.
    """
    started = clock()
    visit = Visit(program, stop)
    limit = visit.run(limits, progress, lambda: clock() - started)
    return Result(
        checks=conclude(program, visit.depths, visit.covered, limit),
        states=len(visit.visited),
        transitions=visit.transitions,
        depth=visit.depth,
        quiescent=visit.quiescent,
        limit=limit,
        seconds=clock() - started,
        executor="python",
        bytes_per_state=visit.bytes() / max(1, len(visit.visited)),
    )


def final_states(program: Program, *, limits: Limits) -> frozenset[State]:
    """The quiescent states, each the least of its images. Raises LimitReached."""
    states, limit = quiescent_states(program, limits=limits)
    if limit is not None:
        raise LimitReached(limit)
    return states


def quiescent_states(
    program: Program, *, limits: Limits
) -> tuple[frozenset[State], Limit | None]:
    """Those of the quiescent states that the limits allow to find, and what ended the search."""
    started = time.perf_counter()
    visit = Visit(program)
    limit = visit.run(limits, None, lambda: time.perf_counter() - started)
    quiescent = some(visit.layout, program.quiescent)
    found = frozenset(visit.layout.split(s) for s in visit.visited if quiescent.holds(s))
    return found, limit


def final_values(
    program: Program, fields: tuple[FieldId, ...], *, limits: Limits
) -> tuple[frozenset[State], Limit | None]:
    """The quiescent states with nothing in them but some fields, and what ended the search."""
    states, limit = quiescent_states(program, limits=limits)
    masks = [0] * program.words
    for f in fields:
        field = program.fields[f]
        masks[field.word] |= ((1 << field.width) - 1) << field.shift
    found = {tuple(w & m for w, m in zip(state, masks, strict=True)) for state in states}
    return frozenset(found), limit


class Visit:
    """A search under way.

    visited: all states so far. depth: of the deepest. depths, covered: of the checks.
    """

    def __init__(self, program: Program, stop: Stop | None = None) -> None:
        self._program = program
        self._stop = stop
        self.layout = layout = Layout(program)
        self.visited: set[int] = set()
        self.transitions = 0
        self.depth = 0
        self.quiescent = 0
        self.depths: dict[CheckId, int] = {}
        self.covered: set[CheckId] = set()
        self._level = 0
        self._halted: set[int] = set()
        self._plans = Plans(layout, self._fired)
        self._images = Images(layout) if program.symmetry else None
        self._quiescent = some(layout, program.quiescent)
        self._always, self._finally = self._questions()
        self._awaiting_deadlock = self._deadlock_checks()
        self._noted = {
            RuleId(r): (rule.violates, (*rule.covers, *rule.violates))
            for r, rule in enumerate(program.rules)
            if rule.violates or rule.covers
        }

    @cached_property
    def _deadlocks(self) -> Deadlocks:
        """Made when a state may be stuck: it holds the whole program once more."""
        return Deadlocks(self.layout)

    def bytes(self) -> int:
        """Of the stored states."""
        return stored_bytes(self.layout, self.visited)

    def run(
        self, limits: Limits, progress: Progress | None, elapsed_s: Callable[[], float]
    ) -> Limit | None:
        """Search to the end, None, or to a limit."""
        try:
            self._levels(limits, progress, elapsed_s)
        except LimitReached as reached:
            return reached.limit
        except VersionOverflow:
            return Limit.VERSIONS
        except KeyboardInterrupt:
            return Limit.INTERRUPT
        return None

    def _levels(
        self, limits: Limits, progress: Progress | None, elapsed_s: Callable[[], float]
    ) -> None:
        branching = max(1, sum(len(rules) for p in self._program.processes for rules in p.dispatch))
        reported = 0
        initial = (
            self.layout.join(canonical_versions(self._program, s)) for s in self._program.initial
        )
        frontier = self._add(initial)
        self._look(frontier)
        while frontier:
            if self._enough():
                self._within(limits, elapsed_s)
                raise LimitReached(Limit.STOP)
            if limits.depth is not None and self._level >= limits.depth:
                raise LimitReached(Limit.DEPTH)
            following: list[int] = []
            at = 0
            while at < len(frontier):
                self._within(limits, elapsed_s)
                size = CHUNK_STATES
                if limits.states is not None:
                    room = limits.states - len(self.visited)
                    size = max(1, min(size, room // branching))
                self._expand(frontier[at : at + size], following)
                at += size
                if progress is not None and len(self.visited) - reported >= PROGRESS_STATES:
                    reported = len(self.visited)
                    ahead = len(frontier) - at + len(following)
                    progress(reported, self.transitions, self.depth, max(0, ahead))
            frontier = following
            self._level += 1
        self._within(limits, elapsed_s)

    def _enough(self) -> bool:
        """Whether as much is violated as the search is for."""
        if self._stop is None:
            return False
        checks, groups = self._program.checks, self._stop.groups
        wanted = (c for c in self.depths if checks[c].kind is not CheckKind.REACHABLE)
        return len({groups[c] for c in wanted if groups[c] >= 0}) >= self._stop.most

    def _within(self, limits: Limits, elapsed_s: Callable[[], float]) -> None:
        if limits.states is not None and len(self.visited) > limits.states:
            raise LimitReached(Limit.STATES)
        if limits.time_s is not None and elapsed_s() > limits.time_s:
            raise LimitReached(Limit.TIME)
        if limits.memory_mb is not None and self.bytes() > limits.memory_mb << 20:
            raise LimitReached(Limit.MEMORY)

    def _expand(self, states: list[int], following: list[int]) -> None:
        """Add the successors of some states of the level, those to go on from to `following`."""
        out, ended, stuck = successors(self._plans, states)
        self.transitions += len(out) + len(ended)
        if stuck and self._awaiting_deadlock and any(map(self._deadlocks.is_dead, stuck)):
            self._note(self._awaiting_deadlock, self._level)
            self._awaiting_deadlock = ()
        new = self._add(out)
        if self._halted:
            going_on = self._least(out) & self._halted
            self._halted -= going_on
            following.extend(going_on)
        following.extend(new)
        if ended:
            halted = self._add(ended)
            self._halted.update(halted)
            new += halted
        if new:
            self.depth = self._level + 1
            self._look(new)

    def _least(self, states: Iterable[int]) -> set[int]:
        return set(states) if self._images is None else set(map(self._images.least, states))

    def _add(self, states: Iterable[int]) -> list[int]:
        """Visit states; those that are new.

        They come in the order of a set of ints, which is the same in every run.
        """
        new = set(states) - self.visited
        if self._images is not None:
            new = set(map(self._images.least, new)) - self.visited
        self.visited |= new
        return list(new)

    def _look(self, new: list[int]) -> None:
        """Ask the new states, which are of the present depth."""
        self._always.ask(new)
        holds = self._quiescent.holds
        quiescent = list(filter(holds, new)) if self._program.quiescent else []
        if quiescent:
            self.quiescent += len(quiescent)
            self._finally.ask(quiescent)

    def _fired(self, rule_id: RuleId) -> None:
        """A rule is enabled in a state of the level that is being expanded."""
        if rule_id in self._noted:
            violates, covers = self._noted[rule_id]
            self.covered.update(covers)
            self._note(violates, self._level + 1)

    def _note(self, checks: Iterable[CheckId], depth: int) -> None:
        for check in checks:
            self.depths[check] = min(depth, self.depths.get(check, depth))

    def _deadlock_checks(self) -> tuple[CheckId, ...]:
        """The checks for deadlock, which any thread covers."""
        checks = tuple(
            CheckId(c)
            for c, check in enumerate(self._program.checks)
            if check.kind is CheckKind.DEADLOCK
        )
        if any(p.kind is ProcessKind.THREAD for p in self._program.processes):
            self.covered.update(checks)
        return checks

    def _questions(self) -> tuple[Questions, Questions]:
        """To ask of every state, and of the quiescent ones."""
        always: list[tuple[Predicate, Answer]] = []
        finally_: list[tuple[Predicate, Answer]] = []
        for c, check in enumerate(self._program.checks):
            if check.kind in (CheckKind.ALWAYS, CheckKind.REACHABLE, CheckKind.FINALLY):
                asked = finally_ if check.kind is CheckKind.FINALLY else always
                asked.append((some(self.layout, check.bad), self._violated(CheckId(c))))
                asked.append((some(self.layout, check.covered), self._is_covered(CheckId(c))))
        return Questions(always), Questions(finally_)

    def _violated(self, check: CheckId) -> Answer:
        return lambda: self._note((check,), self.depth)

    def _is_covered(self, check: CheckId) -> Answer:
        return lambda: self.covered.add(check)
