"""All views that threads among any number can have, from those of the first states on.

A *configuration* is a vector of as many threads as a step and a view need together, all of whose
pairs are known views. Each rule that is enabled in one is fired; the pairs of where it leads
are views. That goes on until there are no others.

*Theorem.* Let the number of threads be at least that of a configuration. In each reachable state,
the view of any two threads is known at the end, and whatever breaks a check there does so in a
configuration. By induction over the steps: in the first state all rows are alike
(`shape.starts`). If a step is taken in a state whose views are known, take two threads, add the
essential ones of the rule and any others to the number of a configuration: what the state
says of them is one (its pairs are views of the state), so it has been expanded (`joins`);
by the restriction lemma (`shape`) the step is one of it, with the same effect on the two and with
the same checks broken. A condition that breaks a check is one of two threads at most and of
what all others have in common, and so is that no thread is on its way, which is what
`finally` waits for: it is met in a configuration with these two. Tests: test_generated.py.

*Not preserved*: that nobody moves on (a deadlock), since others may; that something is reached,
since a configuration need not be a part of a state. Of those nothing is said.

Source: Abdulla, Haziza, Holik, All for the Price of Few (VMCAI 2013), sections 3 and 4: views,
the concretisation to one more thread, and the fixpoint. That shared variables name threads,
and contents are equal up to renaming, is not in it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple, Protocol

from mmscn.prove.abstract import Few
from mmscn.prove.engine import Engine
from mmscn.prove.joins import Joins
from mmscn.prove.pairs import NamesAnother, Pairs, fits
from mmscn.prove.vectors import Vector, Vectors
from mmscn.runtime.bytecode import CheckId, State
from mmscn.runtime.explore.executors import AUTO, chosen
from mmscn.runtime.interpreter import VersionOverflow, canonical_versions, pack, unpack
from mmscn.runtime.result import Limit, Limits

PAIR = 2
"""Threads of a view."""


class Found(NamedTuple):
    """What the fixpoint has come to.

    views: how many. broken: checks that may be broken. limit: what ended it early, None where
    it is complete. kept: makes the views; None where they are not to be had.
    """

    views: int
    configurations: int
    steps: int
    broken: frozenset[CheckId]
    limit: Limit | None
    seconds: float
    kept: Callable[[], Iterator[Vector]] | None

    @property
    def all_views(self) -> tuple[Vector, ...]:
        """The views in order; there where the fixpoint was complete, and they were to be kept."""
        assert self.kept is not None
        return tuple(sorted(self.kept()))


class Way(Protocol):
    """A way to go through all configurations. bytes_per_view: about, with what is kept beside."""

    bytes_per_view: int
    engine: Engine

    @property
    def views(self) -> int:
        """How many there are so far."""

    @property
    def configurations(self) -> int:
        """How many were expanded."""

    def expanded(self) -> Iterator[None]:
        """Expand one configuration after the other."""

    def vectors(self) -> Iterator[Vector]:
        """The views."""


def fixpoint(
    few: Few,
    limits: Limits,
    *,
    stop: frozenset[CheckId] = frozenset(),
    ways: Sequence[str] = ("compiled", "pairs", "vectors"),
    keep: bool = True,
) -> Found:
    """All views, or as many as the limits allow, or until a check of `stop` is broken.

    ways: how to go through the configurations, the first that fits the program: in C, by its
    rows, or as vectors, which fits any. keep: the views, and not only how many there are.
    """
    rows = Vectors(few)
    independent = fits(rows)
    for way in ways:
        found = None
        if way == "vectors":
            found = gone_through(Vectorwise(rows, Engine(few)), limits, stop)
        elif independent and way == "pairs":
            with suppress(NamesAnother):
                found = gone_through(Pairs(rows, Engine(few)), limits, stop)
        elif independent and chosen(AUTO).views:
            found = in_c(rows, limits, stop, keep)
        if found is not None:
            return found
    raise ValueError(f"no way of {', '.join(ways)} fits the program")


def in_c(rows: Vectors, limits: Limits, stop: frozenset[CheckId], keep: bool) -> Found | None:
    from mmscn.prove.compiled import compiled, vectors

    started = time.perf_counter()
    found = compiled(rows, limits, stop, keep=keep)
    if found is None:
        return None
    complete = found.limit is None and not found.broken & stop
    return Found(
        *found[:5],
        seconds=time.perf_counter() - started,
        kept=partial(vectors, rows, found) if keep and complete else None,
    )


def gone_through(way: Way, limits: Limits, stop: frozenset[CheckId]) -> Found:
    started = time.perf_counter()
    engine = way.engine
    limit = None
    try:
        for number, _ in enumerate(way.expanded()):
            if engine.broken & stop:
                break
            if number % LOOK_EVERY == 0:
                limit = reached(way, limits, time.perf_counter() - started)
                if limit is not None:
                    break
    except VersionOverflow:
        limit = Limit.VERSIONS
    except KeyboardInterrupt:
        limit = Limit.INTERRUPT
    return Found(
        views=way.views,
        configurations=way.configurations,
        steps=engine.steps,
        broken=frozenset(engine.broken),
        limit=limit,
        seconds=time.perf_counter() - started,
        kept=way.vectors if limit is None else None,
    )


LOOK_EVERY = 64
"""Configurations between two looks at the limits."""


def reached(way: Way, limits: Limits, seconds: float) -> Limit | None:
    if limits.states is not None and way.configurations > limits.states:
        return Limit.STATES
    if limits.time_s is not None and seconds > limits.time_s:
        return Limit.TIME
    kept = way.views * way.bytes_per_view
    if limits.memory_mb is not None and kept > limits.memory_mb << 20:
        return Limit.MEMORY
    return None


class Vectorwise:
    """Configurations as vectors, put together by `Joins`: any program."""

    bytes_per_view = 6_000

    def __init__(self, rows: Vectors, engine: Engine) -> None:
        self.rows = rows
        self.engine = engine
        self.program = engine.program
        self.joins = Joins(rows, rows.few.size)
        self.done: set[Vector] = set()

    @property
    def views(self) -> int:
        return len(self.joins.known)

    @property
    def configurations(self) -> int:
        return len(self.done)

    def vectors(self) -> Iterator[Vector]:
        yield from self.joins.known

    def expanded(self) -> Iterator[None]:
        todo = [
            view
            for state in self.program.initial
            for view in self.views_of(canonical_versions(self.program, state))
        ]
        while todo:
            view = todo.pop()
            if view in self.joins.known:
                continue
            for vector in self.joins.add(view):
                whole = self.rows.view(vector, range(self.rows.few.size))
                if whole not in self.done:
                    self.done.add(whole)
                    todo += [v for v in self.after(whole) if v not in self.joins.known]
                    yield

    def after(self, vector: Vector) -> Iterator[Vector]:
        """The views behind the steps of a configuration."""
        values = self.rows.values(self.rows.numbered(vector))
        state = self.engine.layout.join(
            canonical_versions(self.program, pack(self.program, values))
        )
        for new in self.engine.after(state):
            if new != state:
                yield from self.views_of(self.engine.layout.split(new))

    def views_of(self, state: State) -> Iterator[Vector]:
        return self.rows.views(self.rows.of_values(unpack(self.program, state)), PAIR)
