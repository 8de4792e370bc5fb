"""The search that remembers bits of states, as it is defined: in Python, a state at a time.

It goes in the order of the native one, so that both take the same states for others. Which those
are, that one cannot tell; this one has the states themselves beside the bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from support.runtime.naive import is_deadlock

from mmscn.runtime.bytecode import CheckKind, Program, State
from mmscn.runtime.interpreter import canonical_versions, enabled, least_image, matches_any

WORD = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15
HASHES = 3


def mixed(x: int) -> int:
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 & WORD
    x = (x ^ x >> 27) * 0x94D049BB133111EB & WORD
    return x ^ x >> 31


def places(state: State, bits: int) -> list[int]:
    """Of the bits that a state sets."""
    seed = 0
    for word in state:
        seed = mixed(seed ^ word) + STEP & WORD
    return [mixed(seed + n * STEP & WORD) * bits >> 64 for n in range(1, HASHES + 1)]


@dataclass
class Bits:
    """A search with a table of so many bits. expected: how many were taken for others, on average
    over all hashes. depths: of what was found of each check."""

    program: Program
    bits: int
    filled: int = 0
    expected: float = 0.0
    transitions: int = 0
    depth: int = 0
    quiescent: int = 0
    going: set[State] = field(default_factory=set)
    halted: set[State] = field(default_factory=set)
    taken: set[State] = field(default_factory=set)
    depths: dict[int, int] = field(default_factory=dict)

    @property
    def states(self) -> int:
        return len(self.going | self.halted)

    def search(self) -> Bits:
        program, self.table = self.program, bytearray(self.bits)
        level = [
            state
            for first in program.initial
            if self.is_new(state := least_image(program, canonical_versions(program, first)), 0)
        ]
        at = 0
        while level:
            following: list[State] = []
            for state in level:
                if CheckKind.DEADLOCK in self.open() and is_deadlock(program, state):
                    kinds = enumerate(self.kinds())
                    self.note([c for c, kind in kinds if kind is CheckKind.DEADLOCK], at)
                for number, successor in enabled(program, state):
                    self.transitions += 1
                    rule = program.rules[number]
                    self.note(list(rule.violates), at + 1)
                    new = least_image(program, successor)
                    if self.is_new(new, at + 1, halts=rule.halts) and not rule.halts:
                        following.append(new)
            level = following
            at += 1
        return self

    def kinds(self) -> list[CheckKind]:
        return [check.kind for check in self.program.checks]

    def open(self) -> set[CheckKind]:
        return {kind for c, kind in enumerate(self.kinds()) if c not in self.depths}

    def note(self, checks: list[int], depth: int) -> None:
        for c in checks:
            self.depths[c] = min(depth, self.depths.get(c, depth))

    def is_new(self, state: State, depth: int, *, halts: bool = False) -> bool:
        """Whether a state seems to be new; if so, it is remembered."""
        own = places(state, self.bits)
        if all(self.table[n] for n in own) or (halts and state in self.halted):
            if state not in self.going and not halts:
                self.taken.add(state)
            return False
        known = state in self.halted
        if halts:
            self.halted.add(state)
        else:
            self.going.add(state)
            chance = (self.filled / self.bits) ** HASHES
            self.expected += chance / (1 - chance)
            for n in own:
                self.filled += not self.table[n]
                self.table[n] = 1
        if not known:
            self.meet(state, depth)
        return True

    def meet(self, state: State, depth: int) -> None:
        program = self.program
        self.depth = max(depth, self.depth)
        quiescent = matches_any(program, program.quiescent, state)
        self.quiescent += quiescent
        for c, check in enumerate(program.checks):
            looks = check.kind in (CheckKind.ALWAYS, CheckKind.REACHABLE) or (
                check.kind is CheckKind.FINALLY and quiescent
            )
            if looks and matches_any(program, check.bad, state):
                self.note([c], depth)
