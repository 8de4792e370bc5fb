"""Work on several scenarios side by side: a process for each processor."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

FEWEST = 4
"""Below so many, starting processes costs more than it saves."""

T = TypeVar("T")
R = TypeVar("R")


def workers(count: int) -> int:
    """How many processes for so many pieces of work; 1 is this one alone."""
    if count < FEWEST or not hasattr(os, "fork"):
        return 1
    return min(count, os.cpu_count() or 1)


def mapped(work: Callable[[T], R], pieces: Sequence[T], processes: int) -> Iterator[R]:
    """The results in the order of the pieces; an exception of the work is raised here."""
    # Imported here: most runs have nothing to do side by side.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    fork = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(processes, mp_context=fork)
    try:
        yield from pool.map(work, pieces)
    finally:
        # Waited for: the interpreter would wait for the same pieces as it exits, but writes
        # to a pipe that the pool's own thread may just have closed.
        pool.shutdown(wait=True, cancel_futures=True)
