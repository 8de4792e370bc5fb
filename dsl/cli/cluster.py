"""`--cluster ADDRESS`: the processes of a cluster that Ray runs, on this machine or on many.

Each has to have the same mmscn installed. Nothing else is expected of them: texts travel with the
work, and no file of theirs is read or written, but for their own cache.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from functools import partial
from importlib import import_module
from time import monotonic
from typing import Any, TypeVar

from mmscn.cli import local_cluster
from mmscn.cli.jobs import elsewhere, here
from mmscn.cli.workers import Died, Failed, Workers, guarded
from mmscn.cli.workers import each as spread
from mmscn.judge.exits import Usage

T = TypeVar("T")
R = TypeVar("R")

LOCAL = "local"
"""In place of an address: processes of this machine, which end with the command."""

LOOK_S = 5.0
"""How often it is asked how many processors there are."""


def workers(address: str) -> RayWorkers:
    """Raises Usage where Ray is not installed, or nobody answers."""
    return RayWorkers(connected(address))


def each(address: str, work: Callable[[T], R], pieces: Sequence[T]) -> Iterator[R]:
    """The results of pieces of work in their order. Raises Usage."""
    return spread(workers(address), partial(elsewhere, here(), work), pieces)


def connected(address: str, processors: int = 1) -> Any:
    """The module `ray`, which knows of one cluster at a time.

    processors: of a cluster that is this machine, so many at least, be they there or not.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # Processors are all that is asked for; that the others are not hidden is said on each start.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    alone = address == LOCAL
    if alone:
        local_cluster.set_up()
    try:
        # By its name: mypy, like most installations, does without it.
        ray = import_module("ray")
    except ImportError as problem:
        raise Usage("--cluster needs Ray: pip install 'mmscn[cluster]'") from problem
    if not ray.is_initialized():
        # Of workers that die Ray tells on the standard output, which is for what is found.
        telling = import_module("ray._private.worker")
        if hasattr(telling, "print_to_stdstream"):
            telling.print_to_stdstream = silent  # type: ignore[attr-defined]
        try:
            with local_cluster.bare() if alone else nullcontext():
                ray.init(
                    address=address,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    **(local_cluster.options(processors) if alone else {}),
                )
        except (ConnectionError, OSError, RuntimeError, ValueError) as problem:
            said = f"nobody answers at {address}: {first_line(problem)}"
            raise Usage(f"--cluster: {said}") from problem
    return ray


def first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]


def silent(*_: object, **__: object) -> None:
    """Tells nothing: their work is done again, or the command says what has failed."""


class RayWorkers(Workers):
    """A piece of work is a task of Ray's, on one processor."""

    def __init__(self, ray: Any) -> None:
        self.ray = ray
        self.task = ray.remote(num_cpus=1, max_retries=0)(guarded)
        self.numbers: dict[Any, int] = {}
        self.begun = 0
        self.look_at = 0.0
        self.processors = 1

    @property
    def count(self) -> int:
        now = monotonic()
        if now >= self.look_at:
            self.look_at = now + LOOK_S
            self.processors = max(1, int(self.ray.cluster_resources().get("CPU", 1)))
        return self.processors

    def begin(self, work: Callable[[Any], Any], piece: Any) -> int:
        self.begun += 1
        self.numbers[self.task.remote(work, piece)] = self.begun
        return self.begun

    def ended(self) -> tuple[int, Any]:
        errors = self.ray.exceptions
        (task,), _ = self.ray.wait([*self.numbers], num_returns=1)
        number = self.numbers.pop(task)
        try:
            return number, self.ray.get(task)
        except errors.RayTaskError as problem:
            # Not from the work, whose exceptions are values: it could not be begun.
            missing = "mmscn" in str(problem) and "ModuleNotFoundError" in str(problem)
            text = "mmscn is not installed where the cluster's workers are"
            return number, Failed(text if missing else str(problem), missing)
        except errors.RayError as problem:
            return number, Died(first_line(problem))

    def close(self) -> None:
        for task in self.numbers:
            self.ray.cancel(task, force=True)
        self.numbers.clear()
