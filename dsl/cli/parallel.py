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
    """The results in the order of the pieces. Raises Usage, and Lost for a fault."""
    # Imported here: most runs have nothing to do side by side.
    from mmscn.cli.workers import Processes, each

    return each(Processes(processes), work, pieces)
