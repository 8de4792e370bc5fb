"""The fixpoint in C, for programs whose rows are independent of one another (`pairs`)."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.prove.abstract import Few
from mmscn.prove.pairs import ITSELF, shared_row, view_of
from mmscn.prove.vectors import Row, Vector, Vectors
from mmscn.runtime.bytecode import CheckId
from mmscn.runtime.interpreter import unpack
from mmscn.runtime.native.views import ITSELF as ITSELF_THERE
from mmscn.runtime.native.views import Naming, Rows, Views, views
from mmscn.runtime.result import Limits


def compiled(
    rows: Vectors, limits: Limits, stop: frozenset[CheckId], *, keep: bool
) -> Views | None:
    """None where a row names another one. keep: the views, and not only how many there are."""
    few = rows.few
    layout = rows_of(rows)
    return views(few.program, layout, stopping=sorted(stop), limits=limits, wanted=keep)


def rows_of(rows: Vectors) -> Rows:
    few = rows.few
    shared = [few.shared[n] for n in rows.shared_named]
    own = [f for row in few.rows for n in rows.row_named if (f := row[n]) in few.names]
    names = tuple(
        Naming(
            field=f,
            rows=few.names[f],
            numbers=tuple(rows.numbers[f].get(row, 0) for row in range(few.size + 1)),
        )
        for f in (*shared, *own)
    )
    return Rows(few.shared, few.rows, names, len(shared))


def vectors(rows: Vectors, found: Views) -> Iterator[Vector]:
    """The views as vectors."""
    few: Few = rows.few
    words = found.shared(few.program.words)
    shared = [shared_row(rows, unpack(few.program, state)) for state in words]
    of_one: list[Row] = [
        tuple(ITSELF if code == ITSELF_THERE else code for code in row)
        for row in found.rows(len(few.rows[0]))
    ]
    for what, a, b in found.pairs():
        yield view_of(rows, shared[what], of_one[a], of_one[b])
