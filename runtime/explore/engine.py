"""The entry point: run a program on the executor that was asked for, or the best there is."""

from __future__ import annotations

from mmscn.runtime.bytecode import CheckId, CheckKind, Program
from mmscn.runtime.explore import elsewhere
from mmscn.runtime.explore.executors import AUTO, Asked, chosen
from mmscn.runtime.result import Limits, Progress, Result, Stop, Trace


def explore(
    program: Program,
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    executor: str = AUTO,
    jobs: int | None = None,
    progress: Progress | None = None,
    checkpoint: str | None = None,
    checkpoint_interval_s: float = 60.0,
    resume: str | None = None,
    stop: Stop | None = None,
) -> Result:
    """What a breadth-first search of a verified program finds.

    executor: one of `executors.names`. jobs: threads of the native executor, None for one on
    each core where there are many states; the Python one has one. checkpoint, resume: files, for
    the native one only. stop: whether it ends when something is violated. Raises ExecutorMissing;
    ValueError for a file that is no checkpoint of this program, and for a name that is no
    executor's.
    """
    asked = Asked(limits, jobs, progress, checkpoint, checkpoint_interval_s, resume, stop)
    other = elsewhere.wanted(limits)
    if other is not None:
        return other.search(program, asked)
    able = chosen(
        executor,
        checkpoints=bool(checkpoint or resume),
        disk=limits.disk is not None,
        bits=limits.bits_mb is not None,
    )
    return able.search(program, asked)


def find_trace(
    program: Program,
    check: CheckId,
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    executor: str = AUTO,
) -> Trace | None:
    """The shortest counterexample or witness, the one that `trace` chooses; all executors agree."""
    here = chosen(executor, bits=limits.bits_mb is not None)
    other = elsewhere.wanted(limits)
    if other is None or program.checks[check].kind is CheckKind.DEADLOCK:
        return here.trace(program, check, limits)
    few = limits._replace(states=other.least)
    return here.trace(program, check, few) or other.trace(program, check, limits)
