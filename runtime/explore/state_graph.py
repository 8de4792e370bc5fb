"""All states of a program and all steps between them, in memory.

States that are equal up to a renaming of versions are one: they have the same rules. No other
states are taken together, so a circle of the graph is one of the program.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import reduce
from operator import or_
from typing import NamedTuple

from mmscn.runtime.bytecode import ProcessKind, Program, RuleId
from mmscn.runtime.explore.packed import Layout, Step, step
from mmscn.runtime.interpreter import VersionOverflow, canonical_versions
from mmscn.runtime.result import Limit, Limits

REMEMBERED_MAX = 1 << 14
"""Entries of one memory, which starts again when it is full."""

CHUNK_STATES = 256
"""Expanded between two looks at the limits."""

STATE_BYTES, EDGE_BYTES = 260, 80
"""What is kept for each, beside the number that a state is: in a list and a dictionary, and twice
in tuples, with the numbers in them (CPython 3.12)."""

Edge = tuple[RuleId, int]
"""A rule, and the number of the state that it leads to."""


class Ended(Exception):
    """A limit was reached."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.value)
        self.limit = limit


class Clock:
    """Raises Ended where the time is over."""

    def __init__(self, time_s: float | None, clock: Callable[[], float]) -> None:
        self.now = clock
        self.end = None if time_s is None else clock() + time_s
        self.ticks = 0

    def tick(self) -> None:
        """Look at the clock now and then."""
        self.ticks += 1
        if self.ticks & 1023 == 0:
            self.look()

    def look(self) -> None:
        if self.end is not None and self.now() > self.end:
            raise Ended(Limit.TIME)


class Looked(NamedTuple):
    """What some rules do in a state: those that go on, with the bits that each flips.

    can, granted, halts: whether any is enabled, any that is granted, and any that halts.
    """

    steps: tuple[tuple[RuleId, int], ...]
    can: bool
    granted: bool
    halts: bool


class Lot:
    """The rules of one process at one program counter, remembered by what they see."""

    def __init__(self, program: Program, rules: tuple[RuleId, ...], steps: list[Step]) -> None:
        self.rules = tuple((r, program.rules[r], steps[r]) for r in rules)
        self.seen = reduce(or_, (steps[r].footprint for r in rules), 0)
        self.memory: dict[int, Looked] = {}

    def look(self, state: int) -> Looked:
        """Raises VersionOverflow."""
        key = state & self.seen
        found = self.memory.get(key)
        if found is None:
            if len(self.memory) >= REMEMBERED_MAX:
                self.memory.clear()
            enabled = [(r, rule, s) for r, rule, s in self.rules if s.enabled(key)]
            found = self.memory[key] = Looked(
                steps=tuple((r, s.fire(key) ^ key) for r, rule, s in enabled if not rule.halts),
                can=bool(enabled),
                granted=any(rule.granted for _, rule, _ in enabled),
                halts=any(rule.halts for _, rule, _ in enabled),
            )
        return found


class StateGraph:
    """states: packed, in the order in which they are found; the first ones are initial.

    out: of each state that was expanded, the steps that do not stop the machine. can, granted,
    halting: the processes that can take a step, a granted one, one that stops it, a bit each.
    depth: of the last one. limit: what ended the search, None where the graph is whole.
    """

    def __init__(self, program: Program) -> None:
        groups = (group._replace(canonical=True) for group in program.versions)
        self.program = program._replace(versions=tuple(groups), symmetry=())
        self.layout = Layout(self.program)
        self.process_of = [rule.process for rule in program.rules]
        self.states: list[int] = []
        self.number: dict[int, int] = {}
        self.out: list[tuple[Edge, ...]] = []
        self.can: list[int] = []
        self.granted: list[int] = []
        self.halting: list[int] = []
        self.edges = self._initial = 0
        self.depth = 0
        self.limit: Limit | None = None
        steps = [step(self.layout, rule) for rule in self.program.rules]
        self._pcs = [
            None if p.pc is None else self.layout.place(p.pc) for p in self.program.processes
        ]
        self._lots = [
            [Lot(self.program, rules, steps) for rules in p.dispatch]
            for p in self.program.processes
        ]

    def initial(self) -> range:
        """The numbers of the initial states."""
        return range(self._initial)

    def explore(self, limits: Limits, clock: Callable[[], float] = time.perf_counter) -> None:
        """Find all, or as much as the limits allow; `limit` says which."""
        try:
            self._explore(limits, Clock(limits.time_s, clock))
        except Ended as ended:
            self.limit = ended.limit
        except VersionOverflow:
            self.limit = Limit.VERSIONS
        except KeyboardInterrupt:
            self.limit = Limit.INTERRUPT

    def _explore(self, limits: Limits, clock: Clock) -> None:
        for state in self.program.initial:
            self._visit(self.layout.join(canonical_versions(self.program, state)))
        self._initial = end = len(self.states)
        while len(self.out) < len(self.states):
            if len(self.out) == end:
                self.depth, end = self.depth + 1, len(self.states)
            if limits.depth is not None and self.depth >= limits.depth:
                raise Ended(Limit.DEPTH)
            for n in range(len(self.out), min(end, len(self.out) + CHUNK_STATES)):
                self._expand(self.states[n])
            clock.look()
            if limits.states is not None and len(self.states) > limits.states:
                raise Ended(Limit.STATES)
            if limits.memory_mb is not None and self.bytes() > limits.memory_mb << 20:
                raise Ended(Limit.MEMORY)

    def bytes(self) -> int:
        """What is kept, about."""
        each = STATE_BYTES + sys.getsizeof((1 << self.layout.bits) - 1)
        return each * len(self.states) + EDGE_BYTES * self.edges

    def _visit(self, state: int) -> int:
        number = self.number.setdefault(state, len(self.states))
        if number == len(self.states):
            self.states.append(state)
        return number

    def _expand(self, state: int) -> None:
        can = granted = halting = 0
        out: list[Edge] = []
        for p, (at, lots) in enumerate(zip(self._pcs, self._lots, strict=True)):
            pc = 0 if at is None else state >> at.shift & at.mask
            if pc >= len(lots):
                continue
            found = lots[pc].look(state)
            can |= found.can << p
            granted |= found.granted << p
            halting |= found.halts << p
            for rule, flip in found.steps:
                out.append((rule, self._visit(state ^ flip)))
        self.out.append(tuple(out))
        self.can.append(can)
        self.granted.append(granted)
        self.halting.append(halting)
        self.edges += len(out)

    def mask(self, *kinds: ProcessKind, fair: bool = False) -> int:
        """The processes of some kinds, a bit each. fair: those among them that are."""
        processes = enumerate(self.program.processes)
        return sum(1 << n for n, p in processes if p.kind in kinds and (p.fair or not fair))
