"""Configurations whose rows name nothing and hold no contents: pairs of rows, and triangles.

For what is shared, two rows are joined if they are a view; a configuration is rows each two of
which are joined, one of them more often than once where it is joined to itself. The same
configurations as those of `joins`, found 15 times as fast. Test: test_views.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from mmscn.prove.engine import Engine
from mmscn.prove.vectors import Vector, Vectors
from mmscn.runtime.explore.packed import Place, bits
from mmscn.runtime.interpreter import canonical_versions, unpack

Edge = tuple[int, int, int]
"""The packed bits of what is shared, and two rows."""


class Pairs:
    """Rows are numbered as they are met; `at` has the packed bits of a row in each place."""

    bytes_per_view = 400

    def __init__(self, rows: Vectors, engine: Engine) -> None:
        self.rows = rows
        self.engine = engine
        few = rows.few
        self.size = few.size
        layout = engine.layout
        self.shared = bits(layout.places(few.shared))
        self.masks = tuple(bits(layout.places(row)) for row in few.rows)
        self.places = tuple(layout.places(row) for row in few.rows)
        self.number: dict[tuple[int, ...], int] = {}
        self.at: list[tuple[int, ...]] = []
        self.row_of: list[dict[int, int]] = [{} for _ in few.rows]
        self.joined: dict[int, dict[int, set[int]]] = {}
        self.met: set[Edge] = set()
        self.todo: list[Edge] = []
        self.configurations = 0

    @property
    def views(self) -> int:
        return len(self.met)

    def expanded(self) -> Iterator[None]:
        program, layout = self.engine.program, self.engine.layout
        for state in program.initial:
            self.reach(layout.join(canonical_versions(program, state)))
        while self.todo:
            shared, a, b = self.todo.pop()
            rows = self.joined.setdefault(shared, {})
            rows.setdefault(a, set()).add(b)
            rows.setdefault(b, set()).add(a)
            for more in among(rows, rows[a] & rows[b], self.size - 2):
                self.configurations += 1
                packed = shared
                for place, number in enumerate((a, b, *more)):
                    packed |= self.at[number][place]
                for new in self.engine.after(packed):
                    if new != packed:
                        self.reach(new)
                yield

    def reach(self, state: int) -> None:
        """Meet the pairs of a state."""
        shared = state & self.shared
        rows = sorted(
            [self.numbered(place, state & mask) for place, mask in enumerate(self.masks)]
        )
        for a, b in combinations(rows, 2):
            edge = (shared, a, b)
            if edge not in self.met:
                self.met.add(edge)
                self.todo.append(edge)

    def numbered(self, place: int, packed: int) -> int:
        """The number of a row whose bits stand in some place."""
        known = self.row_of[place].get(packed)
        if known is None:
            row = tuple(packed >> shift & mask for shift, mask in self.places[place])
            known = self.number.setdefault(row, len(self.number))
            if known == len(self.at):
                self.at.append(tuple(self.packed(row, places) for places in self.places))
            self.row_of[place][packed] = known
        return known

    def packed(self, row: tuple[int, ...], places: Sequence[Place]) -> int:
        return sum(code << place.shift for code, place in zip(row, places, strict=True))

    def vectors(self) -> Iterator[Vector]:
        program, layout = self.engine.program, self.engine.layout
        rows = {number: row for row, number in self.number.items()}
        order = self.rows.few.shared
        known: dict[int, tuple[int, ...]] = {}
        for shared, a, b in self.met:
            if shared not in known:
                values = unpack(program, layout.split(shared))
                known[shared] = tuple(values[f] for f in order)
            yield self.rows.view(Vector(known[shared], (rows[a], rows[b])), (0, 1))


def among(
    rows: dict[int, set[int]], free: set[int], many: int
) -> Iterator[tuple[int, ...]]:
    """So many rows of some, each two of them joined, in the order of their numbers."""
    if many == 0:
        yield ()
        return
    for row in sorted(free):
        left = {other for other in free & rows[row] if other >= row} if many > 1 else set()
        for more in among(rows, left, many - 1):
            yield (row, *more)
