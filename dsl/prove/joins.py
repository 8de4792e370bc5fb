"""Configurations all of whose pairs are known views: what views say together.

Two views that agree on one thread, and on what is shared, are put together to
vectors of three threads in every way: contents that only one of the two others knows may be the
same, and somebody else for the one may be the other. Kept are those whose other pairs are
known views, too; so one thread after the other, up to the number that is wanted.

*Lemma (joins).* Each vector all of whose pairs are known is found when the last of its pairs is
added: that pair has a thread in common with a pair of each other thread. Test: test_views.py
compares with all vectors.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from mmscn.prove.vectors import SOMEBODY, Row, Vector, Vectors


class Joins:
    """The known views, by each thread of them."""

    def __init__(self, vectors: Vectors, size: int) -> None:
        self.vectors = vectors
        self.size = size
        self.known: set[Vector] = set()
        self.by_one: dict[Vector, list[Vector]] = {}

    def add(self, view: Vector) -> Iterator[Vector]:
        """Add a view; the vectors that are there by now and have it as a pair."""
        for order in ((0, 1), (1, 0)):
            turned = self.vectors.part(view, order)
            one = self.vectors.part(turned, (0,))
            others = self.by_one.setdefault(one, [])
            if turned not in others[-1:]:
                others.append(turned)
        self.known.add(view)
        yield from self.extended(self.vectors.part(view, (0, 1)))

    def extended(self, vector: Vector) -> Iterator[Vector]:
        if len(vector.rows) == self.size:
            yield vector
            return
        one = self.vectors.part(vector, (0,))
        for pair in tuple(self.by_one.get(one, ())):
            for joined in self.joined(vector, pair):
                last = len(joined.rows) - 1
                if all(self.vectors.view(joined, (n, last)) in self.known for n in range(last)):
                    yield from self.extended(joined)

    def joined(self, vector: Vector, pair: Vector) -> Iterator[Vector]:
        """The vectors of the threads of `vector` and the second of `pair`; the first is in both.

        Both have contents numbered in the order of what is shared and the first thread.
        """
        new = len(vector.rows)
        others = tuple(-1 - n for n in range(1, new))
        shared = together(vector.shared, pair.shared, new)
        first = together(vector.rows[0], pair.rows[0], new)
        if shared is None or first is None:
            return
        both = Vector(shared, (first, *vector.rows[1:]))
        named = self.vectors.row_named
        for row in self.matched(both, pair):
            mine = [choices(row, named, others)]
            theirs = [choices(r, named, (-1 - new,)) for r in vector.rows[1:]]
            for last, *rows in product(*mine, *theirs):
                yield Vector(shared, (first, *rows, last))

    def matched(self, vector: Vector, pair: Vector) -> Iterator[Row]:
        """The second row of a pair, with each content that the first knows nothing of one that only
        the others of the vector know, or one of its own."""
        contents = self.vectors.row_contents
        last = pair.rows[1]
        names = {-2: -1 - len(vector.rows)}
        last = tuple(
            names.get(code, code) if n in self.vectors.row_named else code
            for n, code in enumerate(last)
        )
        places = [n for n, g in enumerate(contents) if g >= 0]
        common = self.contents_of(Vector(vector.shared, vector.rows[:1]))
        every = self.contents_of(vector)
        own = sorted({(contents[n], last[n]) for n in places if self.unknown(n, last, common)})
        free = sorted(every - common)
        for chosen in matchings(own, free):
            row = list(last)
            top = max((c for _, c in every), default=0)
            fresh = {one: (one[0], top + 1 + n) for n, one in enumerate(own)}
            for n in places:
                key = (contents[n], last[n])
                if key in fresh:
                    row[n] = chosen.get(key, fresh[key])[1]
            yield tuple(row)

    def unknown(self, n: int, row: Row, common: set[tuple[int, int]]) -> bool:
        group = self.vectors.row_contents[n]
        return row[n] >= self.vectors.first[group] and (group, row[n]) not in common

    def contents_of(self, vector: Vector) -> set[tuple[int, int]]:
        """The contents without a name, with their groups."""
        first = self.vectors.first
        lines = [(vector.shared, self.vectors.shared_contents)]
        lines += [(row, self.vectors.row_contents) for row in vector.rows]
        return {
            (g, code)
            for codes, groups in lines
            for code, g in zip(codes, groups, strict=True)
            if g >= 0 and code >= first[g]
        }


def together(known: Row, other: Row, new: int) -> Row | None:
    """What two vectors say of one thing: names that only one of them knows are the one's."""
    found = []
    for mine, its in zip(known, other, strict=True):
        if its == -2:
            if mine != SOMEBODY:
                return None
            found.append(-1 - new)
        elif mine < -1 and mine != SOMEBODY:
            if its != SOMEBODY:
                return None
            found.append(mine)
        elif mine != its:
            return None
        else:
            found.append(mine)
    return tuple(found)


def choices(row: Row, named: tuple[int, ...], others: tuple[int, ...]) -> list[Row]:
    """A row with each name of somebody else that of one of these, or left."""
    parts = [
        (code, *others) if n in named and code == SOMEBODY else (code,)
        for n, code in enumerate(row)
    ]
    return list(product(*parts))


def matchings(
    own: list[tuple[int, int]], free: list[tuple[int, int]]
) -> Iterator[dict[tuple[int, int], tuple[int, int]]]:
    """All ways to make some of the ones equal to others of the same group, each to one."""
    if not own:
        yield {}
        return
    one, *rest = own
    for other in [None, *(f for f in free if f[0] == one[0])]:
        left = [f for f in free if f != other]
        for more in matchings(rest, left):
            yield more if other is None else {**more, one: other}
