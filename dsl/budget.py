"""What one combination may take, in every phase: a deadline, and a bound on memory.

The phases do not know their limits. They `poll` where they go round, and are left with
`Exceeded` when there is nothing left; whoever began the budget catches it. What may be left out
(a reduction) gets a part of what is left, and is left out when it takes more (`within_part`).
Without a budget, a poll does nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import TypeVar

from mmscn.runtime.result import Limit

MEMORY_LOOK_S = 0.05
"""Seconds between two looks at the memory: each takes as long as a hundred polls."""

MEMORY_LEAST_MB = 256
"""Mebibytes that are never too much: what the phases take for any scenario."""

T = TypeVar("T")


class Exceeded(Exception):
    """A limit was reached. limit: TIME or MEMORY. phase: in which it was."""

    def __init__(self, limit: Limit, phase: str) -> None:
        super().__init__(f"{limit.value}: {phase}")
        self.limit = limit
        self.phase = phase


class Abandoned(Exception):
    """What is being made is not wanted any more."""


class Budget:
    """What is left of a time and a memory; it runs out only while it is `spending`.

    time_s: seconds, None for no bound. memory_mb: mebibytes that the process may grow by.
    clock: seconds, never backwards. resident: bytes of memory that the process has.
    reached: the phase in which it ran out, empty where it did not. known: whether what is being
    made is not wanted any more.
    """

    def __init__(
        self,
        time_s: float | None = None,
        memory_mb: int | None = None,
        *,
        clock: Callable[[], float] | None = None,
        resident: Callable[[], int] | None = None,
    ) -> None:
        self.clock = clock or monotonic
        self.resident = resident or resident_bytes
        self.left = time_s
        self.deadline: float | None = None
        self.memory = None if memory_mb is None else max(memory_mb, MEMORY_LEAST_MB) << 20
        self.before: int | None = None
        self.look_at = 0.0
        self.phase = ""
        self.reached = ""
        self.known: Callable[[], bool] | None = None

    @contextmanager
    def spending(self, phase: str) -> Iterator[None]:
        """What is done here is on this budget. Raises Exceeded, also where nothing is left."""
        begun = self.clock()
        token = CURRENT.set(self)
        self.phase = phase
        if self.left is not None:
            self.deadline = begun + self.left
        if self.before is None and self.memory is not None:
            self.before = self.resident()
        try:
            self.look()
            yield
        finally:
            CURRENT.reset(token)
            if self.left is not None:
                self.left = max(0.0, self.left - (self.clock() - begun))

    def within(self, phase: str, make: Callable[[], T]) -> T | None:
        """What is made on this budget; None where nothing was left for it."""
        try:
            with self.spending(phase):
                return make()
        except Exceeded:
            return None

    def look(self) -> None:
        if self.known is not None and self.known():
            raise Abandoned
        now = self.clock()
        if self.deadline is not None and now >= self.deadline:
            raise self.exceeded(Limit.TIME)
        if self.memory is not None and now >= self.look_at:
            self.look_at = now + MEMORY_LOOK_S
            if self.before is not None and self.resident() - self.before > self.memory:
                raise self.exceeded(Limit.MEMORY)

    def exceeded(self, limit: Limit) -> Exceeded:
        self.reached = self.phase
        return Exceeded(limit, self.phase)

    @contextmanager
    def part(self, share: float) -> Iterator[None]:
        """What is done here may take that part of the time that is left."""
        deadline = self.deadline
        if deadline is not None:
            now = self.clock()
            self.deadline = now + share * max(0.0, deadline - now)
        try:
            yield
        finally:
            self.deadline = deadline


CURRENT: ContextVar[Budget | None] = ContextVar("budget", default=None)


def poll() -> None:
    """Go on if there is something left. Raises Exceeded."""
    budget = CURRENT.get()
    if budget is not None:
        budget.look()


def polled(turns: Iterable[T]) -> Iterator[T]:
    """The same, with a poll before each."""
    for turn in turns:
        poll()
        yield turn


def left_s() -> float | None:
    """The seconds that are left; None where there is no bound."""
    budget = CURRENT.get()
    if budget is None or budget.deadline is None:
        return None
    return max(0.0, budget.deadline - budget.clock())


@contextmanager
def part(share: float) -> Iterator[None]:
    """What is done here may take that part of the time that is left."""
    budget = CURRENT.get()
    if budget is None:
        yield
    else:
        with budget.part(share):
            yield


@contextmanager
def phase(name: str) -> Iterator[None]:
    """What is done here is known by that name. Raises Exceeded."""
    budget = CURRENT.get()
    if budget is None:
        yield
        return
    before = budget.phase
    budget.phase = name
    budget.look()
    yield
    budget.phase = before


def within_part(name: str, share: float, make: Callable[[], T]) -> T | None:
    """What is made in a part of what is left; None where it would take more."""
    budget = CURRENT.get()
    if budget is None:
        return make()
    before = budget.phase
    try:
        with part(share), phase(name):
            return make()
    except Exceeded:
        budget.phase = before
        budget.reached = ""
        return None


def unless(known: Callable[[], bool], make: Callable[[], T]) -> T | None:
    """What is made; None where `known` came true meanwhile. Without a budget it is made whatever.

    Raises Exceeded.
    """
    budget = CURRENT.get()
    if budget is None:
        return make()
    phase, before = budget.phase, budget.known
    budget.known = known
    try:
        return make()
    except Abandoned:
        budget.phase = phase
        return None
    finally:
        budget.known = before


def resident_bytes() -> int:
    """The memory that the process has; where the system does not say, the most that it has had."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        import resource
        import sys

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak << 10
