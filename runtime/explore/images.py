"""The least image of a packed state under the symmetry of its program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mmscn.runtime.bytecode import Permutation
from mmscn.runtime.explore.packed import Layout, Place, bits, numbered

PART_BITS_MAX = 12
"""Moved fields are remembered together up to this many bits."""

REMEMBERED_MAX = 1 << 16
"""Entries of one memory, which starts again when it is full."""


class Move(NamedTuple):
    """A field's number, renamed by a table if there is one, goes to another field."""

    source: Place
    to: Place
    table: tuple[int, ...] | None


class Part(dict[int, int]):
    """By the bits of some fields: where and what they are in the image.

    named: of the canonical version group that the fields are, None for others.
    """

    __slots__ = ("_moves", "_named", "bits")

    def __init__(self, moves: Sequence[Move], named: int | None) -> None:
        super().__init__()
        self._moves = tuple(moves)
        self._named = named
        self.bits = bits(move.source for move in moves)

    def __missing__(self, own: int) -> int:
        if len(self) >= REMEMBERED_MAX:
            self.clear()
        numbers = []
        for (shift, mask), _, table in self._moves:
            number = own >> shift & mask
            numbers.append(number if table is None else table[number])
        to = [move.to for move in self._moves]
        if self._named is None:
            moved = sum(number << at.shift for number, at in zip(numbers, to, strict=True))
        else:
            moved = numbered(numbers, to, self._named)
        self[own] = moved
        return moved


class Images:
    """The symmetry of a program, to be asked for least images."""

    def __init__(self, layout: Layout) -> None:
        self._images = tuple(
            (~bits_of(parts), tuple((part.bits, part) for part in parts))
            for parts in (tuple(_parts(layout, p)) for p in layout.program.symmetry)
        )

    def least(self, state: int) -> int:
        """The least of a state and its images; the state's versions are canonical."""
        best = state
        for fixed, parts in self._images:
            image = state & fixed
            for own, part in parts:
                image |= part[state & own]
            if image < best:
                best = image
        return best


def bits_of(parts: Sequence[Part]) -> int:
    """All bits that some parts move."""
    moved = 0
    for part in parts:
        moved |= part.bits
    return moved


def _parts(layout: Layout, permutation: Permutation) -> Iterator[Part]:
    """Canonical groups whole and in the order of the group they go to; others in small lots."""
    program = layout.program
    moves = {
        f: Move(layout.place(source), layout.place(f), program.tables[t] if t >= 0 else None)
        for f, source, t in permutation.moves
    }
    for group in program.versions:
        if group.canonical and any(f in moves for f in group.fields):
            own = [moves.pop(f, Move(layout.place(f), layout.place(f), None)) for f in group.fields]
            yield Part(own, group.named)
    lot: list[Move] = []
    for move in sorted(moves.values(), key=lambda move: move.source):
        width = move.source.mask.bit_length()
        if lot and bits(m.source for m in lot).bit_count() + width > PART_BITS_MAX:
            yield Part(lot, None)
            lot = []
        lot.append(move)
    if lot:
        yield Part(lot, None)
