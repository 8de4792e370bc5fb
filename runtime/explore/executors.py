"""The executors: what can run a program, and all that the rest has to know of each.

A new one is a class here and its place in EXECUTORS; the command line, the façade and
the benchmarks offer what stands there. Each is imported when it is first used.
"""

from abc import ABC, abstractmethod
from importlib import import_module
from typing import NamedTuple

from mmscn.runtime.bytecode import CheckId, CheckKind, FieldId, Program, State
from mmscn.runtime.result import Limit, Limits, Progress, Result, Stop, Trace

AUTO = "auto"
"""Asks for the first executor that can do it."""

Turns = tuple[tuple[int | None, int | None], ...]
"""How many states of the reduced program, and then of the one without counters; None is all.

Beyond the first turn, the latter has no more states than the reduced program had in vain.
"""


class ExecutorMissing(RuntimeError):
    """The executor that was asked for is not there; the text says why."""


class Asked(NamedTuple):
    """How a search is to be run: `engine.explore` has the meanings."""

    limits: Limits
    jobs: int | None = None
    progress: Progress | None = None
    checkpoint: str | None = None
    checkpoint_interval_s: float = 60.0
    resume: str | None = None
    stop: Stop | None = None


class Executor(ABC):
    """name: as it is asked for, and as results say it. checkpoints: whether it keeps searches.
    disk: whether states may go to one. bits: whether it can remember bits of states alone. views:
    whether it has the fixpoint that finds the views of threads that are alike.

    small: states that are searched sooner than the reductions are made: in their time the native
    one searches 23 000 / 71 000 / 222 000 states, the Python one 2 200 / 3 900 / 9 000
    (quartiles over 14 shipped scenarios, benchmarks/small.py). For the native one it is what is at
    most a quarter of that time where it matters: for shipped programs of more than 20 000 states
    it is the time of 400 000 to 1 700 000, and 100 000 in vain are 0.05 s. For the Python one it
    is the lower quartile. beside: states that are searched of the program with those reductions
    that take little time, before and while the others are made: 0.8 s, in which those of racewrite
    with two writers on two pages are not done. turns: how far before another program is tried.
    """

    name: str
    checkpoints: bool
    disk: bool
    bits: bool
    views: bool
    small: int
    beside: int | None
    turns: Turns

    @abstractmethod
    def missing(self) -> str | None:
        """Why it is not there; None where it is."""

    @abstractmethod
    def search(self, program: Program, asked: Asked) -> Result:
        """Of a verified program, breadth first."""

    @abstractmethod
    def finals(
        self, program: Program, fields: tuple[FieldId, ...], limits: Limits
    ) -> tuple[frozenset[State], Limit | None]:
        """The quiescent states with nothing in them but some fields, and what ended the search."""

    @abstractmethod
    def trace(self, program: Program, check: CheckId, limits: Limits) -> Trace | None:
        """The shortest counterexample or witness, the one that `explore.trace` chooses."""


class Native(Executor):
    """The search in C; there where the extension was built."""

    name = "native"
    checkpoints = True
    disk = True
    bits = True
    views = True
    small = 100_000
    beside = 1_500_000
    turns: Turns = ((20_000, 300_000), (5_000_000, 5_000_000), (None, None))

    def missing(self) -> str | None:
        try:
            import_module("mmscn.runtime.native")
        except ImportError as error:
            return str(error) or "it cannot be imported"
        return None

    def search(self, program: Program, asked: Asked) -> Result:
        from mmscn.runtime import native

        return native.search(program, **asked._asdict())

    def trace(self, program: Program, check: CheckId, limits: Limits) -> Trace | None:
        """A deadlock is looked for by the Python one: where versions run out, this one
        would take a thread that has no room left for one that waits. With a table of bits it
        ends there, as the search for verdicts does."""
        if program.checks[check].kind is CheckKind.DEADLOCK and limits.bits_mb is None:
            return PYTHON.trace(program, check, limits)
        from mmscn.runtime import native
        from mmscn.runtime.interpreter import replay

        trace = native.find_trace(program, check, limits=limits, jobs=None)
        if trace is not None:
            replay(program, trace.rules, program.initial.index(trace.states[0]))
        return trace

    def finals(
        self, program: Program, fields: tuple[FieldId, ...], limits: Limits
    ) -> tuple[frozenset[State], Limit | None]:
        from mmscn.runtime import native

        return native.final_values(program, fields, limits=limits)


class Python(Executor):
    """The search in Python; always there."""

    name = "python"
    checkpoints = False
    disk = False
    bits = False
    views = False
    small = 2_000
    beside = None
    turns: Turns = ((2_000, 200_000), (None, None))

    def missing(self) -> str | None:
        return None

    def search(self, program: Program, asked: Asked) -> Result:
        from mmscn.runtime.explore import bfs

        return bfs.search(
            program, limits=asked.limits, progress=asked.progress, stop=asked.stop
        )

    def trace(self, program: Program, check: CheckId, limits: Limits) -> Trace | None:
        from mmscn.runtime.explore.trace import counterexample

        return counterexample(program, check, limits=limits)

    def finals(
        self, program: Program, fields: tuple[FieldId, ...], limits: Limits
    ) -> tuple[frozenset[State], Limit | None]:
        from mmscn.runtime.explore import bfs

        return bfs.final_values(program, fields, limits=limits)


PYTHON = Python()

EXECUTORS: tuple[Executor, ...] = (Native(), PYTHON)
"""The fastest first."""


def names() -> tuple[str, ...]:
    """What can be asked for."""
    return AUTO, *(executor.name for executor in EXECUTORS)


def available() -> dict[str, str]:
    """Of each executor by name: "available", or why it is not."""
    return {executor.name: executor.missing() or "available" for executor in EXECUTORS}


def chosen(
    name: str, *, checkpoints: bool = False, disk: bool = False, bits: bool = False
) -> Executor:
    """The executor that a name stands for. checkpoints: it is to keep, or to go on with, a search.
    disk: it is to use one. bits: it is to remember bits of states alone.

    Raises ExecutorMissing; ValueError for a name that is none.
    """
    named = [executor for executor in EXECUTORS if name in (executor.name, AUTO)]
    if not named:
        raise ValueError(f"no executor is named {name}; there are {', '.join(names())}")
    able = [executor for executor in named if executor.checkpoints or not checkpoints]
    if not able:
        keepers = " or ".join(executor.name for executor in EXECUTORS if executor.checkpoints)
        raise ExecutorMissing(f"checkpoints are written by the {keepers} executor")
    if disk and not any(executor.disk for executor in able):
        users = " or ".join(executor.name for executor in EXECUTORS if executor.disk)
        raise ExecutorMissing(f"a disk is used by the {users} executor")
    able = [executor for executor in able if executor.disk or not disk]
    if bits and not any(executor.bits for executor in able):
        users = " or ".join(executor.name for executor in EXECUTORS if executor.bits)
        raise ExecutorMissing(f"bits of states are remembered by the {users} executor")
    able = [executor for executor in able if executor.bits or not bits]
    reasons = []
    for executor in able:
        reason = executor.missing()
        if reason is None:
            return executor
        reasons.append(reason)
    raise ExecutorMissing("; ".join(reasons))
