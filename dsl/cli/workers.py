"""Whoever has work done: processes of this machine, or of a cluster.

A piece of work is a function of this package and a value that travels; what comes back is a value,
too. A worker may die at any time: its piece is done again by another one, and as the work depends
on nothing but the piece, it comes to the same.
"""

from __future__ import annotations

import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from mmap import mmap
from typing import Any, NamedTuple, TypeVar

from mmscn.judge.exits import Usage
from mmscn.plain_text import counted

ATTEMPTS = 4
"""How often a piece of work is begun: so many dead workers are no accident."""

T = TypeVar("T")
R = TypeVar("R")


class Died(NamedTuple):
    """What comes back in place of a result where the worker is gone. why: in a few words."""

    why: str


class Failed(NamedTuple):
    """What comes back where the work could not be done. usage: it is for the user to mend."""

    text: str
    usage: bool


AWAITED: list[mmap] = []
"""In a forked process, what says whether others wait for work: one byte, shared with who forked."""


def is_awaited() -> bool:
    """Whether another worker would have nothing to do if a piece of work were not divided.

    Who is told nothing of others has to expect it.
    """
    return not AWAITED or AWAITED[0][0] != 0


def guarded(work: Callable[[Any], Any], piece: Any) -> Any:
    """What runs in a worker: exceptions of all kinds come back as values."""
    try:
        return work(piece)
    except Usage as problem:
        return Failed(str(problem), True)
    except Exception:
        return Failed(traceback.format_exc(), False)


class Workers(ABC):
    """Have work done."""

    @property
    @abstractmethod
    def count(self) -> int:
        """How many pieces are done at a time; it may change."""

    @abstractmethod
    def begin(self, work: Callable[[Any], Any], piece: Any) -> int:
        """Have a piece done; gives its number."""

    @abstractmethod
    def ended(self) -> tuple[int, Any]:
        """Wait for one of those that were begun: its number, and a result, Died or Failed."""

    @abstractmethod
    def close(self) -> None:
        """Nothing more is wanted."""

    def await_work(self, some: bool) -> None:  # noqa: B027 (not all can be told)
        """Tell those that work whether others have nothing to do."""


class Crew:
    """Workers of which some may die: what they had is begun again."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.doing: dict[int, tuple[Callable[[Any], Any], Any, Any, int]] = {}

    @property
    def idle(self) -> int:
        """How many more pieces could be done at once."""
        return self.workers.count - len(self.doing)

    def begin(self, name: object, work: Callable[[T], R], piece: T, attempt: int = 1) -> None:
        self.doing[self.workers.begin(work, piece)] = (work, piece, name, attempt)

    def ended(self) -> tuple[Any, Any]:
        """The name of a piece, and its result. Raises Usage, and Lost for a fault."""
        while True:
            number, result = self.workers.ended()
            work, piece, name, attempt = self.doing.pop(number)
            if isinstance(result, Failed):
                if result.usage:
                    raise Usage(result.text)
                raise Lost(f"a worker failed:\n{result.text}")
            if not isinstance(result, Died):
                return name, result
            if attempt >= ATTEMPTS:
                dead = counted(attempt, "worker")
                raise Lost(f"{dead} died over one piece of work: {result.why}")
            self.begin(name, work, piece, attempt + 1)


class Lost(RuntimeError):
    """Work that nobody could do."""


def each(workers: Workers, work: Callable[[T], R], pieces: Sequence[T]) -> Iterator[R]:
    """The results in the order of the pieces, as they come; then the workers are closed."""
    crew = Crew(workers)
    done: dict[int, R] = {}
    begun = told = 0
    try:
        while told < len(pieces):
            while begun < len(pieces) and crew.idle > 0:
                crew.begin(begun, work, pieces[begun])
                begun += 1
            number, result = crew.ended()
            done[number] = result
            while told in done:
                yield done.pop(told)
                told += 1
    finally:
        workers.close()


class Processes(Workers):
    """Processes that are forked from this one; where one dies, all begin anew."""

    def __init__(self, count: int) -> None:
        self.processes = count
        self.futures: dict[Future[Any], int] = {}
        self.begun = 0
        self.pool: ProcessPoolExecutor | None = None
        self.awaited = mmap(-1, 1)

    @property
    def count(self) -> int:
        return self.processes

    def begin(self, work: Callable[[Any], Any], piece: Any) -> int:
        self.begun += 1
        while True:
            if self.pool is None:
                from multiprocessing import get_context

                self.pool = ProcessPoolExecutor(
                    self.processes,
                    mp_context=get_context("fork"),
                    initializer=AWAITED.append,
                    initargs=(self.awaited,),
                )
            try:
                self.futures[self.pool.submit(guarded, work, piece)] = self.begun
                return self.begun
            except BrokenProcessPool:
                self.stop()

    def ended(self) -> tuple[int, Any]:
        wait(self.futures, return_when=FIRST_COMPLETED)
        future = next(f for f in self.futures if f.done())
        number = self.futures.pop(future)
        try:
            return number, future.result()
        except BrokenProcessPool as problem:
            return number, Died(str(problem))

    def await_work(self, some: bool) -> None:
        self.awaited[0] = some

    def stop(self) -> None:
        pool, self.pool = self.pool, None
        if pool is not None:
            # Waited for: the interpreter would wait for the same pieces as it exits, but writes
            # to a pipe that the pool's own thread may just have closed.
            pool.shutdown(wait=True, cancel_futures=True)

    def close(self) -> None:
        self.futures.clear()
        self.stop()
