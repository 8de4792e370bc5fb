"""Random walks through the states of a program: of what they do not meet, nothing is known.

Each walk has its numbers from the seed and its own place in the row, so it is the same whatever
was walked before it. At each step whoever went last goes on with the probability that this walk
has drawn (STAYS); otherwise either a thread or daemon does, or an agent, as likely where both can;
of them each as likely; then one of its steps. A step whose version does not fit is not taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mmscn.runtime.bytecode import (
    LIVENESS,
    CheckId,
    CheckKind,
    ProcessKind,
    Program,
    RuleId,
    State,
)
from mmscn.runtime.explore.deadlock import Deadlocks
from mmscn.runtime.explore.packed import Layout, Pattern, Predicate, some, step, stored_bytes
from mmscn.runtime.explore.verdicts import conclude
from mmscn.runtime.interpreter import VersionOverflow, canonical_versions
from mmscn.runtime.result import Limit, Limits, Progress, Result, Stop

STEPS_MAX = 4095
"""Of one walk: a replay token has no more."""

POLLED_STEPS = 1024
"""Between two looks at the limits."""

STAYS = (0, 16, 28, 31)
"""Of 32, one for each walk: races of a few long stretches are met as those of many short ones."""

WORD = (1 << 64) - 1


class Path(NamedTuple):
    """A walk up to where it breaks a check, or is the witness of it. start: an initial state."""

    start: int
    rules: tuple[RuleId, ...]


class Walked(NamedTuple):
    """result: as of a search that a limit ended. paths: to what is broken or witnessed.

    walks: how many were begun.
    """

    result: Result
    paths: dict[CheckId, Path]
    walks: int


class Numbers:
    """Pseudo-random numbers, the same on every machine.

    Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators (2014), SplitMix64.
    """

    def __init__(self, seed: int, walk: int) -> None:
        self.state = seed & WORD
        self.state = self.next() ^ walk

    def next(self) -> int:
        self.state = (self.state + 0x9E3779B97F4A7C15) & WORD
        z = self.state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & WORD
        z = (z ^ z >> 27) * 0x94D049BB133111EB & WORD
        return z ^ z >> 31

    def below(self, n: int) -> int:
        return self.next() * n >> 64


def walk(
    program: Program,
    *,
    walks: int,
    seed: int,
    limits: Limits,
    stop: Stop | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Walked:
    """So many walks, or as many as the limits allow. An interrupt ends them like a limit.

    A walk ends where nothing can go on, where all threads are at rest and no agent is busy, behind
    a rule that halts, and after `Limits.depth` steps, STEPS_MAX at most. stop: between two walks.
    """
    started = clock()
    walker = Walker(program, limits, seed, lambda: clock() - started)
    limit = walker.run(walks, stop, progress)
    result = Result(
        checks=conclude(program, walker.depths, walker.covered, limit),
        states=len(walker.visited),
        transitions=walker.steps,
        depth=walker.longest,
        quiescent=walker.quiescent,
        limit=limit,
        seconds=clock() - started,
        executor="python",
        bytes_per_state=walker.bytes() / max(1, len(walker.visited)),
    )
    return Walked(result, walker.paths, walker.begun)


class Ended(Exception):
    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.value)
        self.limit = limit


class Walker:
    def __init__(
        self, program: Program, limits: Limits, seed: int, elapsed_s: Callable[[], float]
    ) -> None:
        self.program = program
        self.limits = limits
        self.seed = seed
        self.elapsed_s = elapsed_s
        self.layout = layout = Layout(program)
        self.rules = [step(layout, rule) for rule in program.rules]
        self.pcs = [None if p.pc is None else layout.place(p.pc) for p in program.processes]
        self.moves = [p.kind is not ProcessKind.AGENT for p in program.processes]
        self.starts = [layout.join(canonical_versions(program, s)) for s in program.initial]
        self.rests = some(layout, program.quiescent).holds if program.quiescent else None
        self.pattern = Pattern(layout)
        self.dead = Deadlocks(layout)
        self.visited: set[int] = set()
        self.covered: set[CheckId] = set()
        self.depths: dict[CheckId, int] = {}
        self.paths: dict[CheckId, Path] = {}
        self.steps = self.longest = self.quiescent = self.begun = 0
        self.deadlock, self.asked = self.questions()

    def questions(self) -> tuple[list[CheckId], list[tuple[Predicate, CheckId, bool, bool]]]:
        """The checks for deadlock; and of others, what is asked of states: whether of final ones
        only, and whether it is about being broken or about being covered.
        """
        deadlock: list[CheckId] = []
        asked = []
        for c, check in enumerate(self.program.checks):
            number, final = CheckId(c), check.kind is CheckKind.FINALLY
            if check.kind is CheckKind.DEADLOCK:
                deadlock.append(number)
            elif check.kind is not CheckKind.STEP and check.kind not in LIVENESS:
                asked.append((some(self.layout, check.bad), number, final, True))
                asked.append((some(self.layout, check.covered), number, final, False))
        if any(p.kind is ProcessKind.THREAD for p in self.program.processes):
            self.covered.update(deadlock)
        return deadlock, asked

    def bytes(self) -> int:
        return stored_bytes(self.layout, self.visited)

    def run(self, walks: int, stop: Stop | None, progress: Progress | None) -> Limit:
        try:
            for number in range(walks):
                self.begun = number + 1
                self.walk(Numbers(self.seed, number))
                if progress is not None:
                    progress(len(self.visited), self.steps, self.longest, walks - number - 1)
                if stop is not None and self.enough(stop):
                    return Limit.STOP
        except Ended as ended:
            return ended.limit
        except KeyboardInterrupt:
            return Limit.INTERRUPT
        return Limit.WALKS

    def enough(self, stop: Stop) -> bool:
        checks = self.program.checks
        broken = (c for c in self.depths if checks[c].kind is not CheckKind.REACHABLE)
        return len({stop.groups[c] for c in broken if stop.groups[c] >= 0}) >= stop.most

    def within(self) -> None:
        limits = self.limits
        if limits.time_s is not None and self.elapsed_s() > limits.time_s:
            raise Ended(Limit.TIME)
        if limits.states is not None and len(self.visited) > limits.states:
            raise Ended(Limit.STATES)
        if limits.memory_mb is not None and self.bytes() > limits.memory_mb << 20:
            raise Ended(Limit.MEMORY)

    # ---- one walk ------------------------------------------------------------

    def walk(self, numbers: Numbers) -> None:
        start = numbers.below(len(self.starts))
        state = self.starts[start]
        path: list[RuleId] = []
        most = min(STEPS_MAX, self.limits.depth or STEPS_MAX)
        stays = STAYS[numbers.below(len(STAYS))]
        halted = False
        while True:
            rests = self.look(state, start, path)
            self.longest = max(self.longest, len(path))
            if halted:
                return
            movers, agents = self.enabled(state)
            if not movers:
                self.ask_deadlock(state, start, path)
            if len(path) >= most or not (movers or agents) or (rests and not movers):
                return
            if path and numbers.below(32) < stays:
                movers, agents = self.staying(path[-1], movers, agents)
            taken = self.take(state, movers, agents, numbers)
            if taken is None:
                return
            rule, after = taken
            if self.moves[self.program.rules[rule].process] and self.pattern.same(state, after):
                self.ask_deadlock(state, start, path)
            path.append(rule)
            self.steps += 1
            self.fired(rule, start, path)
            halted = self.program.rules[rule].halts
            state = after
            if self.steps % POLLED_STEPS == 0:
                self.within()

    def enabled(self, state: int) -> tuple[list[list[RuleId]], list[list[RuleId]]]:
        """The rules that can be taken, by process: threads and daemons, and agents."""
        found: tuple[list[list[RuleId]], list[list[RuleId]]] = ([], [])
        for p, process in enumerate(self.program.processes):
            at = self.pcs[p]
            pc = 0 if at is None else state >> at.shift & at.mask
            here = process.dispatch[pc] if pc < len(process.dispatch) else ()
            able = [r for r in here if self.rules[r].enabled(state)]
            if able:
                found[0 if self.moves[p] else 1].append(able)
        return found

    def staying(
        self, last: RuleId, movers: list[list[RuleId]], agents: list[list[RuleId]]
    ) -> tuple[list[list[RuleId]], list[list[RuleId]]]:
        """Those of the process that took the last step, where it can go on; else all."""
        process = self.program.rules[last].process
        own = [r for r in (*movers, *agents) if self.program.rules[r[0]].process == process]
        return (own, []) if own else (movers, agents)

    def take(
        self,
        state: int,
        movers: list[list[RuleId]],
        agents: list[list[RuleId]],
        numbers: Numbers,
    ) -> tuple[RuleId, int] | None:
        """A step and where it leads; None where no version fits any more."""
        while movers or agents:
            both = bool(movers and agents)
            kind = (movers, agents)[numbers.below(2)] if both else movers or agents
            which = numbers.below(len(kind))
            able = kind[which]
            rule = able.pop(numbers.below(len(able)))
            if not able:
                kind.pop(which)
            try:
                return rule, self.rules[rule].fire(state)
            except VersionOverflow:
                continue
        return None

    # ---- what is seen ---------------------------------------------------------

    def look(self, state: int, start: int, path: list[RuleId]) -> bool:
        """Ask a state; whether all is at rest in it."""
        rests = self.rests is not None and self.rests(state)
        if state in self.visited:
            return rests
        self.visited.add(state)
        self.quiescent += rests
        left = []
        for question in self.asked:
            predicate, check, final, broken = question
            if (final and not rests) or not predicate.holds(state):
                left.append(question)
            elif broken:
                self.break_(check, start, path)
            else:
                self.covered.add(check)
        self.asked = left
        return rests

    def ask_deadlock(self, state: int, start: int, path: list[RuleId]) -> None:
        try:
            if self.deadlock and self.dead.is_dead(state):
                for check in self.deadlock:
                    self.break_(check, start, path)
                self.deadlock = []
        except VersionOverflow:
            pass

    def fired(self, rule: RuleId, start: int, path: list[RuleId]) -> None:
        self.covered.update(self.program.rules[rule].covers)
        for check in self.program.rules[rule].violates:
            self.break_(check, start, path)

    def break_(self, check: CheckId, start: int, path: list[RuleId]) -> None:
        self.covered.add(check)
        if check not in self.paths or len(path) < len(self.paths[check].rules):
            self.depths[check] = len(path)
            self.paths[check] = Path(start, tuple(path))


def shortened(
    program: Program, path: Path, fails: Callable[[State, Sequence[RuleId]], bool]
) -> Path:
    """The path without the steps that it does not take: it ends in what fails all the same.

    Steps in a row are left out, then fewer, down to one. Source: Zeller, Hildebrandt, Simplifying
    and Isolating Failure-Inducing Input (2002), ddmin, the part that tests complements.
    """
    layout = Layout(program)
    steps = [step(layout, rule) for rule in program.rules]
    start = layout.join(canonical_versions(program, program.initial[path.start]))

    def end(rules: Sequence[RuleId]) -> int | None:
        state = start
        for n, r in enumerate(rules):
            rule = program.rules[r]
            process = program.processes[rule.process]
            place = None if process.pc is None else layout.place(process.pc)
            pc = 0 if place is None else state >> place.shift & place.mask
            there = process.dispatch[pc] if pc < len(process.dispatch) else ()
            if r not in there or not steps[r].enabled(state):
                return None
            if rule.halts and n + 1 < len(rules):
                return None
            try:
                state = steps[r].fire(state)
            except VersionOverflow:
                return None
        return state

    rules = list(path.rules)
    size = len(rules) // 2
    while size:
        at, before = 0, len(rules)
        while at < len(rules):
            fewer = rules[:at] + rules[at + size :]
            last = end(fewer)
            if last is not None and fails(layout.split(last), fewer):
                rules = fewer
            else:
                at += size
        if size > 1 or len(rules) == before:
            size //= 2
    return Path(path.start, tuple(rules))
