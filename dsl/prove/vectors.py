"""Configurations of a few threads as vectors, and the views that are their parts.

A vector has the shared numbers and, for each thread that it is of, the numbers of its
row. A name is the place of the thread in the vector, SOMEBODY where that is not in it. Contents
are numbered by first occurrence, in the order of the vector. A *view* is the least of the
vectors of the same threads in any order.

*Lemma (views).* What two vectors of all the threads of a program have in common if they
differ by an exchange of threads and by what contents are called, has one view. Test:
test_views.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from typing import NamedTuple

from mmscn.prove.abstract import Few

Row = tuple[int, ...]
SOMEBODY = -100
"""A name of a thread that is not in the vector. That of the thread at place n is -1 - n."""


class Vector(NamedTuple):
    shared: Row
    rows: tuple[Row, ...]


class Vectors:
    """Between the numbers of a program's fields and vectors.

    named: which columns of a row (or shared ones) hold names; contents: of each column,
    the version group, or -1.
    """

    def __init__(self, few: Few) -> None:
        self.few = few
        group = {int(f): g for g, vs in enumerate(few.program.versions) for f in vs.fields}
        self.shared_contents = tuple(group.get(f, -1) for f in few.shared)
        self.row_contents = tuple(group.get(f, -1) for f in few.rows[0])
        self.first = [vs.named for vs in few.program.versions]
        self.shared_named = tuple(n for n, f in enumerate(few.shared) if f in few.names)
        self.row_named = tuple(
            n for n, f in enumerate(few.rows[0]) if any(row[n] in few.names for row in few.rows)
        )
        self.numbers = {
            f: {row: n for n, row in reversed(list(enumerate(rows))) if row >= 0}
            for f, rows in few.names.items()
        }

    @property
    def plain(self) -> bool:
        """Whether rows neither name one another nor hold contents."""
        return not (self.shared_named or self.row_named) and set(self.row_contents) <= {-1}

    # ---- programs

    def of_values(self, values: Sequence[int]) -> Vector:
        """The vector of the numbers in a program's fields, by field."""
        return Vector(
            self.coded(self.few.shared, values),
            tuple(self.coded(row, values) for row in self.few.rows),
        )

    def coded(self, fields: Sequence[int], values: Sequence[int]) -> Row:
        names = self.few.names
        return tuple(self.name(f, values[f]) if f in names else values[f] for f in fields)

    def name(self, f: int, number: int) -> int:
        row = self.few.names[f][number]
        if row < 0:
            return number
        return SOMEBODY if row == self.few.size else -1 - row

    def values(self, vector: Vector) -> list[int]:
        """The numbers in a program's fields, by field."""
        found = [0] * len(self.few.program.fields)
        for fields, codes in zip(
            (self.few.shared, *self.few.rows), (vector.shared, *vector.rows), strict=True
        ):
            for f, code in zip(fields, codes, strict=True):
                row = self.few.size if code == SOMEBODY else -1 - code
                found[f] = self.numbers[f][row] if code < 0 else code
        return found

    # ---- parts

    def part(self, vector: Vector, keep: Sequence[int]) -> Vector:
        """Of a vector what is of the threads at these places, in this order."""
        places = {-1 - old: -1 - new for new, old in enumerate(keep)}

        def renamed(codes: Row, named: tuple[int, ...]) -> Row:
            if not any(codes[n] < 0 for n in named):
                return codes
            new = list(codes)
            for n in named:
                if new[n] < 0:
                    new[n] = places.get(new[n], SOMEBODY)
            return tuple(new)

        return self.numbered(
            Vector(
                renamed(vector.shared, self.shared_named),
                tuple(renamed(vector.rows[n], self.row_named) for n in keep),
            )
        )

    def numbered(self, vector: Vector) -> Vector:
        """The vector with contents by first occurrence."""
        if not self.first:
            return vector
        seen: list[dict[int, int]] = [{} for _ in self.first]

        def new(codes: Row, contents: tuple[int, ...]) -> Row:
            found = list(codes)
            for n, g in enumerate(contents):
                if g >= 0 and codes[n] >= self.first[g]:
                    found[n] = seen[g].setdefault(codes[n], self.first[g] + len(seen[g]))
            return tuple(found)

        shared = new(vector.shared, self.shared_contents)
        return Vector(shared, tuple(new(row, self.row_contents) for row in vector.rows))

    def view(self, vector: Vector, keep: Sequence[int]) -> Vector:
        """The view of the threads at these places."""
        if self.plain:
            return Vector(vector.shared, tuple(sorted(vector.rows[n] for n in keep)))
        return min(self.part(vector, order) for order in permutations(keep))

    def views(self, vector: Vector, size: int) -> Iterator[Vector]:
        """All views of some number of the threads of a vector."""
        for keep in combinations(range(len(vector.rows)), size):
            yield self.view(vector, keep)
