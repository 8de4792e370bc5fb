"""The fixpoint of `dsl/prove` in C: all views of two among any number of threads that are alike."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import mmscn.runtime.native._engine as _engine
from mmscn.runtime.bytecode import CheckId, Program, State
from mmscn.runtime.native import LIMITS, bounds
from mmscn.runtime.native.encode import encode
from mmscn.runtime.result import Limit, Limits

ITSELF = 1 << 32
"""Stands in a row for its own name."""


class Naming(NamedTuple):
    """A field that may name a row.

    rows: by its number, that row, -1 for none. numbers: of each row, and of any other.
    """

    field: int
    rows: tuple[int, ...]
    numbers: tuple[int, ...]


class Rows(NamedTuple):
    """Which fields of a program are whose.

    rows: of each thread. names: in what is shared first, so many as `shared_names`.
    """

    shared: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]
    names: tuple[Naming, ...]
    shared_names: int

    def written(self) -> bytes:
        """As words for the engine."""
        words = [len(self.rows[0]), *(f for row in self.rows for f in row)]
        words += [len(self.shared), *self.shared, self.shared_names, len(self.names)]
        for name in self.names:
            words += [name.field, len(name.rows), *(row + 1 for row in name.rows), *name.numbers]
        return struct.pack(f"={len(words)}Q", *words)


class Views(NamedTuple):
    """What the fixpoint came to. words: of what is shared, of rows, and of pairs of them."""

    views: int
    configurations: int
    steps: int
    broken: frozenset[CheckId]
    limit: Limit | None
    words: tuple[bytes | None, bytes | None, bytes | None]

    def shared(self, width: int) -> list[State]:
        """What is shared, each as so many words; names in it are somebody else's."""
        return list(parted(self.words[0], width))

    def rows(self, width: int) -> list[State]:
        """Rows: the numbers of so many fields, and which names of what is shared are theirs."""
        return list(parted(self.words[1], width + 1))

    def pairs(self) -> Iterator[tuple[int, int, int]]:
        """What is shared, and two rows, by number."""
        for first, b in parted(self.words[2], 2):
            yield first >> 32, first & 0xFFFF_FFFF, b


def parted(words: bytes | None, width: int) -> Iterator[State]:
    assert words is not None, "they were not asked for"
    found = array("Q", words)
    for at in range(0, len(found), width):
        yield tuple(found[at : at + width])


def views(
    program: Program, rows: Rows, *, stopping: Sequence[CheckId], limits: Limits, wanted: bool
) -> Views | None:
    """None where a row names another one. stopping: checks that end it. wanted: `words`, too."""
    stops = bytearray(len(program.checks))
    for check in stopping:
        stops[check] = 1
    states, _, time_s, memory = bounds(limits)
    stop, found = _engine.views(
        encode(program), rows.written(), bytes(stops), states, time_s, memory, wanted
    )
    if found is None:
        return None
    many, configurations, steps, broken, *words = found
    return Views(
        views=many,
        configurations=configurations,
        steps=steps,
        broken=frozenset(CheckId(c) for c, bad in enumerate(broken) if bad),
        limit=LIMITS[stop],
        words=(words[0], words[1], words[2]),
    )
