"""The part of a state space that one process owns, with the native engine (`partition.c`).

Who tells the parts what to do is `explore.partitioned`. What goes from one to another is a box: the
states that another owns, one behind the other, and those of them that halt.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import mmscn.runtime.native._engine as _engine
from mmscn.runtime.native import LIMITS
from mmscn.runtime.result import Limit

CHUNKS = 64
"""Of states, 32 KiB each, that are expanded before what was found is handed on."""

Box = tuple[bytes, bytes]

Statuses = tuple[tuple[int, int], ...]
"""Of each check the depth at which it was met, -1 for never, and whether it was covered."""


class Stepped(NamedTuple):
    """What a part says behind a step. left: states of the level to expand. filled: for which parts
    there is a box.
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


class Part:
    """encoded: the program. count: of all parts. own: which this is. memory_bytes: of this one."""

    def __init__(self, encoded: bytes, count: int, own: int, memory_bytes: int) -> None:
        self.count = count
        self.part = _engine.part_new(encoded, count, own, memory_bytes)
        self.words = 0

    def start(self) -> Limit | None:
        """Take in the initial states that are its own."""
        return LIMITS[_engine.part_start(self.part)]

    def step(self, *boxes: Box) -> tuple[Stepped | Box, ...]:
        """Take in what was handed to it, expand some states: what is to say of that, and a box for
        each part.
        """
        for states, halted in boxes:
            _engine.part_receive(self.part, states, halted)
        stop, left, states_, transitions, found = _engine.part_expand(self.part, CHUNKS)
        filled = tuple(bool(states or halted) for states, halted in found)
        return Stepped(LIMITS[stop], left, states_, transitions, filled), *found

    def end(self) -> tuple[Ended, Box]:
        """The level is over: the states that were new in it are in the box."""
        stop, states, transitions, quiescent, peak, checks, level = _engine.part_end(
            self.part, True
        )
        assert level is not None
        new = len(level[0])
        return (
            Ended(LIMITS[stop], states, transitions, quiescent, peak, tuple(checks), new),
            level,
        )

    def advance(self, statuses: Statuses) -> Limit | None:
        """Go on to the next level. statuses: what all parts have seen."""
        return None if _engine.part_advance(self.part, packed(statuses)) else Limit.MEMORY

    def restore(self, statuses: Statuses, transitions: int, *levels: Box) -> Limit | None:
        """Become, anew, the part that has ended these levels, and went on from the last one."""
        for number, (states, halted) in enumerate(levels):
            _engine.part_receive(self.part, states, halted)
            _engine.part_end(self.part, False)
            if not _engine.part_advance(self.part, packed(statuses)):
                return Limit.MEMORY
            if number < len(levels) - 1:
                _engine.part_forget(self.part, transitions)
        return None


def packed(statuses: Statuses) -> bytes:
    return b"".join(struct.pack("=2q", depth, covered) for depth, covered in statuses)
