"""Configurations whose rows hold no contents and name nobody else: pairs of rows, and triangles.

For what is shared, two rows are joined if they are a view; a configuration is rows each two of
which are joined, one of them more often than once where it is joined to itself. A name in
what is shared is somebody's there, and the row that it is of knows that it is its own; so rows are
independent of one another, and two that think that one name is theirs are never joined. The same
configurations as those of `joins`, found 15 times as fast. Test: test_views.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from mmscn.prove.engine import Engine
from mmscn.prove.vectors import SOMEBODY, Row, Vector, Vectors
from mmscn.runtime.explore.packed import Place, bits
from mmscn.runtime.interpreter import canonical_versions, unpack

Edge = tuple[int, int, int]
"""The packed bits of what is shared, and two rows."""
ITSELF = -1
"""The name of a row in itself."""
NAMES_MAX = 64
"""In what is shared."""


class NamesAnother(Exception):
    """A row names a thread that is not its own."""


def fits(rows: Vectors) -> bool:
    """Whether rows hold no contents, and each name is one number."""
    named = [[row for row in one if row >= 0] for one in rows.few.names.values()]
    once = all(len(one) == len(set(one)) for one in named)
    return once and set(rows.row_contents) <= {-1} and len(rows.shared_named) <= NAMES_MAX


class Pairs:
    """Rows are numbered as they are met: numbers of fields, and which shared names are theirs.

    `at` has the packed bits of a row in each place; what is shared is xored with them.
    """

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
        self.names = [
            (layout.place(f), few.names[f], rows.numbers[f])
            for f in (few.shared[n] for n in rows.shared_named)
        ]
        self.number: dict[Row, int] = {}
        self.at: list[tuple[int, ...]] = []
        self.row_of: list[dict[tuple[int, int], int]] = [{} for _ in few.rows]
        self.joined: dict[int, dict[int, set[int]]] = {}
        self.met: set[Edge] = set()
        self.todo: list[Edge] = []
        self.configurations = 0

    @property
    def views(self) -> int:
        return len(self.met)

    def expanded(self) -> Iterator[None]:
        """Raises NamesAnother."""
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
                    packed ^= self.at[number][place]
                for new in self.engine.after(packed):
                    if new != packed:
                        self.reach(new)
                yield

    def reach(self, state: int) -> None:
        """Meet the pairs of a state."""
        shared = state & self.shared
        own = [0] * self.size
        for n, ((shift, mask), named, numbers) in enumerate(self.names):
            number = state >> shift & mask
            if 0 <= (row := named[number]) < self.size:
                own[row] |= 1 << n
                shared ^= (number ^ numbers[self.size]) << shift
        masks = enumerate(self.masks)
        rows = sorted([self.numbered(place, state & mask, own[place]) for place, mask in masks])
        for a, b in combinations(rows, 2):
            edge = (shared, a, b)
            if edge not in self.met:
                self.met.add(edge)
                self.todo.append(edge)

    def numbered(self, place: int, packed: int, own: int) -> int:
        """The number of a row whose bits stand in some place."""
        known = self.row_of[place].get((packed, own))
        if known is None:
            codes = [packed >> shift & mask for shift, mask in self.places[place]]
            row = (*self.coded(place, codes), own)
            known = self.number.setdefault(row, len(self.number))
            if known == len(self.at):
                self.at.append(tuple(self.packed(row, where) for where in range(self.size)))
            self.row_of[place][packed, own] = known
        return known

    def coded(self, place: int, codes: list[int]) -> list[int]:
        """The numbers of a row, its own name as that."""
        few = self.rows.few
        for n in self.rows.row_named:
            named = few.names[few.rows[place][n]][codes[n]]
            if named == place:
                codes[n] = ITSELF
            elif named >= 0:
                raise NamesAnother
        return codes

    def packed(self, row: Row, where: int) -> int:
        """A row in some place, with what its names make of what is shared."""
        *codes, own = row
        fields = self.rows.few.rows[where]
        codes = [
            self.rows.numbers[f][where] if code == ITSELF else code
            for f, code in zip(fields, codes, strict=True)
        ]
        found = packed_in(codes, self.places[where])
        for n, (place, _, numbers) in enumerate(self.names):
            if own >> n & 1:
                found |= (numbers[where] ^ numbers[self.size]) << place.shift
        return found

    def vectors(self) -> Iterator[Vector]:
        program, layout = self.engine.program, self.engine.layout
        rows = {number: row for row, number in self.number.items()}
        known: dict[int, Row] = {}
        for shared, a, b in self.met:
            if shared not in known:
                known[shared] = shared_row(self.rows, unpack(program, layout.split(shared)))
            yield view_of(self.rows, known[shared], rows[a], rows[b])


def packed_in(codes: Sequence[int], places: Sequence[Place]) -> int:
    return sum(code << place.shift for code, place in zip(codes, places, strict=True))


def shared_row(rows: Vectors, values: Sequence[int]) -> Row:
    """What is shared as vectors have it, from the numbers in a program's fields."""
    return rows.coded(rows.few.shared, values)


def view_of(rows: Vectors, shared: Row, one: Row, other: Row) -> Vector:
    """The view of what is shared and two rows."""
    named = list(shared)
    both = []
    for name, (*codes, own) in ((-1, one), (-2, other)):
        both.append(tuple(name if code == ITSELF else code for code in codes))
        for n, at in enumerate(rows.shared_named):
            if own >> n & 1:
                assert named[at] == SOMEBODY
                named[at] = name
    return rows.view(Vector(tuple(named), tuple(both)), (0, 1))


def among(rows: dict[int, set[int]], free: set[int], many: int) -> Iterator[tuple[int, ...]]:
    """So many rows of some, each two of them joined, in the order of their numbers."""
    if many == 0:
        yield ()
        return
    for row in sorted(free):
        left = {other for other in free & rows[row] if other >= row} if many > 1 else set()
        for more in among(rows, left, many - 1):
            yield (row, *more)
