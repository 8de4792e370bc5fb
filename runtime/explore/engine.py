"""The entry point: run a program on the best executor there is."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Literal

from mmscn.runtime.bytecode import CheckId, CheckKind, Program
from mmscn.runtime.interpreter import replay
from mmscn.runtime.result import Limits, Progress, Result, Trace

Executor = Literal["auto", "native", "python"]


class ExecutorMissing(RuntimeError):
    """The executor that was asked for is not there; the text says why."""


def explore(
    program: Program,
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    executor: Executor = "auto",
    jobs: int = 1,
    progress: Progress | None = None,
    checkpoint: str | None = None,
    checkpoint_interval_s: float = 60.0,
    resume: str | None = None,
) -> Result:
    """What a breadth-first search of a verified program finds.

    jobs: threads of the native executor; the Python one has one. checkpoint,
    resume: files, for the native one only. Raises ExecutorMissing; ValueError
    for a file that is no checkpoint of this program.
    """
    if executor == "python":
        if checkpoint or resume:
            raise ExecutorMissing("checkpoints are written by the native executor")
        return _search(program, limits, progress)
    native, reason = _native()
    if native is not None:
        found: Result = native.search(
            program,
            limits=limits,
            jobs=jobs,
            progress=progress,
            checkpoint=checkpoint,
            checkpoint_interval_s=checkpoint_interval_s,
            resume=resume,
        )
        return found
    if executor == "native" or checkpoint or resume:
        raise ExecutorMissing(reason)
    return _search(program, limits, progress)


def _search(program: Program, limits: Limits, progress: Progress | None) -> Result:
    # Imported here: where the native executor is, most runs do without.
    from mmscn.runtime.explore import bfs

    return bfs.search(program, limits=limits, progress=progress)


def serving(executor: Executor) -> str:
    """Which executor runs when this one is asked for: "native" or "python"."""
    return "python" if executor == "python" or _native()[0] is None else "native"


def executors() -> dict[str, str]:
    """Of each executor by name: "available", or why it is not."""
    return {"native": _native()[1], "python": "available"}


def find_trace(
    program: Program,
    check: CheckId,
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    executor: Executor = "auto",
) -> Trace | None:
    """The shortest counterexample or witness with the fewest switches; both executors agree.

    A deadlock is always looked for by the Python one: where versions run out, the
    native one would take a thread that has no room left for one that waits.
    """
    deadlock = program.checks[check].kind is CheckKind.DEADLOCK
    if executor != "python" and not deadlock:
        module, reason = _native()
        if module is not None:
            trace: Trace | None = module.find_trace(program, check, limits=limits)
            if trace is not None:
                replay(program, trace.rules, program.initial.index(trace.states[0]))
            return trace
        if executor == "native":
            raise ExecutorMissing(reason)
    from mmscn.runtime.explore.trace import counterexample

    return counterexample(program, check, limits=limits)


def _native() -> tuple[ModuleType | None, str]:
    """The native executor, or None and why it is missing."""
    try:
        return import_module("mmscn.runtime.native"), "available"
    except ImportError as error:
        return None, str(error)
