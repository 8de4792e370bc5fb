"""Where searches go that are too large for this process: whoever begins a run says so, if at all.

As with `mmscn.budget`, the phases in between know nothing of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from mmscn.runtime.bytecode import CheckId, Program
from mmscn.runtime.explore.executors import Asked
from mmscn.runtime.result import Limits, Result, Trace


class Elsewhere(ABC):
    """least: a search that may not look at more states than that is this process's."""

    least: int

    @abstractmethod
    def search(self, program: Program, asked: Asked) -> Result:
        """As of `Executor.search`."""

    @abstractmethod
    def trace(self, program: Program, check: CheckId, limits: Limits) -> Trace | None:
        """As of `Executor.trace`, but for deadlocks."""


CURRENT: ContextVar[Elsewhere | None] = ContextVar("elsewhere", default=None)


@contextmanager
def using(elsewhere: Elsewhere) -> Iterator[None]:
    """What is searched here may go there."""
    token = CURRENT.set(elsewhere)
    try:
        yield
    finally:
        CURRENT.reset(token)


def wanted(limits: Limits) -> Elsewhere | None:
    """Where a search under these limits goes; None where it stays here: a table of bits does."""
    found = CURRENT.get() if limits.bits_mb is None else None
    few = found is not None and limits.states is not None and limits.states <= found.least
    return None if few else found
