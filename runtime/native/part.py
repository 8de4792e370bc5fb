"""The part of a state space that one process owns, with the native engine (`partition.c`).

Who tells the parts what to do is `explore.partitioned`. What goes from one to another is a box: the
states that another owns, one behind the other, and those of them that halt.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

import mmscn.runtime.native._engine as _engine
from mmscn.runtime.native import LIMITS
from mmscn.runtime.result import Limit

if TYPE_CHECKING:
    from mmscn.runtime.explore.partitioned import Told

CHUNKS = 1024
"""Of states, 8 KiB each, that are expanded before what was found is handed on: most levels are one
step. With 64 of them, 20.6 million states (2,2,3,2,2 of `bench.tlb`) took two parts 523 rounds of
calls for 119 levels, and the calls a third of the CPU seconds of all processes.
"""

Box = tuple[bytes, bytes]

Statuses = tuple[tuple[int, int], ...]
"""Of each check the depth at which it was met, -1 for never, and whether it was covered."""


class Stepped(NamedTuple):
    """What a part says behind a step. left: states of the level to expand. filled: for which of the
    other parts, in their order, there is a box with something in it.
    """

    limit: Limit | None
    left: int
    states: int
    transitions: int
    filled: tuple[bool, ...] = ()


class Ended(NamedTuple):
    """What a part says at the end of a level: all its counts so far. new: states to go on from."""

    limit: Limit | None
    states: int
    transitions: int
    quiescent: int
    peak_bytes: int
    statuses: Statuses
    new: int


class Begun(NamedTuple):
    """What a part says at the end of a level, and behind the first step of the next one."""

    ended: Ended
    stepped: Stepped


class Plan(NamedTuple):
    """What all parts have to know: the program, how many they are, and the bits of a state that say
    who owns it. tracing: a step whose version does not fit is not taken.
    """

    encoded: bytes
    parts: int
    mask: bytes
    tracing: bool = False


class Part:
    """own: which of all parts this is. memory_bytes: that this one may have."""

    def __init__(self, plan: Plan, own: int, memory_bytes: int) -> None:
        self.parts = plan.parts
        self.encoded = plan.encoded
        self.memory_bytes = memory_bytes
        self.part = _engine.part_new(
            plan.encoded, plan.parts, own, plan.mask, memory_bytes, plan.tracing
        )

    def start(self) -> Limit | None:
        """Take in the initial states that are its own."""
        return LIMITS[_engine.part_start(self.part)]

    def level(self, told: Told, *boxes: Box) -> tuple[Begun | Box, ...]:
        """`end`, and then the next level, with a first `step`: what is to say of both, and their
        boxes.
        """
        _engine.part_expect(self.part, told.states)
        ended, new = self.over(boxes)
        if not _engine.part_advance(self.part, packed(told.statuses)):
            nothing: Box = (b"", b"")
            filled = (False,) * (self.parts - 1)
            lost = Stepped(Limit.MEMORY, 0, ended.states, ended.transitions, filled)
            return Begun(ended, lost), new, *(nothing for _ in filled)
        said, found = self.expand()
        return Begun(ended, said), new, *found

    def step(self, *boxes: Box) -> tuple[Stepped | Box, ...]:
        """Take in what was handed to it, expand some states: what is to say of that, and a box for
        each other part.
        """
        self.receive(boxes)
        said, found = self.expand()
        return said, *found

    def end(self, *boxes: Box) -> tuple[Ended, Box]:
        """Take in what was handed to it last: the level is over, and the states that were new in it
        are in the box.
        """
        return self.over(boxes)

    def expand(self) -> tuple[Stepped, list[Box]]:
        stop, left, count, transitions, found = _engine.part_expand(self.part, CHUNKS)
        filled = tuple(bool(states or halted) for states, halted in found)
        return Stepped(LIMITS[stop], left, count, transitions, filled), found

    def over(self, boxes: Iterable[Box]) -> tuple[Ended, Box]:
        self.receive(boxes)
        stop, count, transitions, quiescent, peak, checks, level = _engine.part_end(
            self.part, True
        )
        assert level is not None
        seen, new = tuple(checks), len(level[0])
        return Ended(LIMITS[stop], count, transitions, quiescent, peak, seen, new), level

    def receive(self, boxes: Iterable[Box]) -> None:
        for states, halted in boxes:
            _engine.part_receive(self.part, states, halted)

    def restore(self, statuses: Statuses, transitions: int, *levels: Box) -> Limit | None:
        """Become, anew, the part that has ended these levels, and went on from the last one.

        What was seen in which level it is told at the end: what it is told is seen.
        """
        nothing = tuple((-1, 0) for _ in statuses)
        for number, (states, halted) in enumerate(levels):
            last = number == len(levels) - 1
            _engine.part_receive(self.part, states, halted)
            _engine.part_end(self.part, False)
            if not _engine.part_advance(self.part, packed(statuses if last else nothing)):
                return Limit.MEMORY
            if not last:
                _engine.part_forget(self.part, transitions)
        return None

    def mark(
        self, check: int, failure: int, depth: int, after: bytes, level: Box
    ) -> bytes | None:
        """Which states of a level lie on a shortest path to the failure; None without memory for
        that. after: those of the next level that do.
        """
        return _engine.mark(
            self.encoded, check, failure, depth, after, level[0], self.memory_bytes
        )


def packed(statuses: Statuses) -> bytes:
    return b"".join(struct.pack("=2q", depth, covered) for depth, covered in statuses)
