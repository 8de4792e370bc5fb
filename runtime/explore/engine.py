"""The entry point: run a program on the best executor there is."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Literal

from mmscn.runtime.bytecode import CheckId, Program
from mmscn.runtime.explore import bfs
from mmscn.runtime.explore.bfs import Progress
from mmscn.runtime.explore.trace import counterexample
from mmscn.runtime.result import Limits, Result, Trace

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
) -> Result:
    """What a breadth-first search of a verified program finds.

    jobs: threads of the native executor; the Python one has one. Raises
    ExecutorMissing.
    """
    if executor == "python":
        return bfs.search(program, limits=limits, progress=progress)
    native, reason = _native()
    if native is not None:
        return native(program, limits=limits, jobs=jobs, progress=progress)
    if executor == "native":
        raise ExecutorMissing(reason)
    return bfs.search(program, limits=limits, progress=progress)


def executors() -> dict[str, str]:
    """Of each executor by name: "available", or why it is not."""
    return {"native": _native()[1], "python": "available"}


def find_trace(
    program: Program,
    check: CheckId,
    *,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
    expect_depth: int | None = None,
) -> Trace | None:
    """The shortest counterexample or witness with the fewest switches, as `trace` finds it."""
    return counterexample(program, check, limits=limits, expect_depth=expect_depth)


def _native() -> tuple[Callable[..., Result] | None, str]:
    """The native search, or None and why it is missing."""
    try:
        module = import_module("mmscn.runtime.native")
    except ImportError as error:
        return None, str(error)
    found: Callable[..., Result] | None = getattr(module, "search", None)
    if found is None:
        return None, "mmscn.runtime.native has no search"
    return found, "available"
