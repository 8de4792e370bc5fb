"""`--partition N`: each large search by N workers of a cluster, who share its states among them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mmscn.cli.cluster import connected, first_line
from mmscn.cli.jobs import MadeBy, here, same
from mmscn.cli.run import Options
from mmscn.judge.exits import Usage
from mmscn.runtime.bytecode import Program
from mmscn.runtime.explore.elsewhere import Elsewhere, using
from mmscn.runtime.explore.executors import Asked
from mmscn.runtime.explore.partitioned import Gone, Lost, Partitioned, Parts
from mmscn.runtime.native.encode import encode
from mmscn.runtime.native.part import Part
from mmscn.runtime.result import Result

LEAST_STATES = 300_000
"""What is at most so large is searched here before anything would have begun there."""

UNBOUNDED = (1 << 64) - 1


@contextmanager
def partitioned(options: Options) -> Iterator[None]:
    """Large searches are made by as many workers as the options say. Raises Usage."""
    assert options.cluster is not None
    assert options.partition is not None
    ray = connected(options.cluster, options.partition)
    there = int(ray.cluster_resources().get("CPU", 0))
    if there < options.partition:
        raise Usage(f"--partition {options.partition}: the cluster has {there} processors")
    with using(Together(ray, options.partition)):
        yield


class Together(Elsewhere):
    """So many workers of a cluster."""

    least = LEAST_STATES

    def __init__(self, ray: Any, count: int) -> None:
        self.ray = ray
        self.count = count

    def search(self, program: Program, asked: Asked) -> Result:
        memory_mb = asked.limits.memory_mb
        memory_bytes = UNBOUNDED if memory_mb is None else memory_mb << 20
        parts = RayParts(self.ray, encode(program), self.count, memory_bytes)
        try:
            return Partitioned(program, parts, asked.limits, asked.progress).result(asked.stop)
        finally:
            parts.close()


class FarPart(Part):
    """A part in a process of the cluster's."""

    def differs(self, made_by: MadeBy) -> str | None:
        """What is to be said where it is of another mmscn than the one that asks."""
        try:
            same(made_by)
        except Usage as problem:
            return str(problem)
        return None


RETURNS = {"end": 1}
"""Boxes that come with an answer; with that to `step`, there is one for each part."""


class RayParts(Parts):
    """A part is an actor of Ray's, and a box an object in its store, which goes from one machine to
    another without coming by this one.
    """

    def __init__(self, ray: Any, encoded: bytes, count: int, memory_bytes: int) -> None:
        self.ray = ray
        self.count = count
        self.kind = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(FarPart)
        self.given = ray.put(encoded), count
        self.memory_bytes = memory_bytes
        self.actors: list[Any] = [self.made(part) for part in range(count)]
        for differs in [actor.differs.remote(here()) for actor in self.actors]:
            try:
                said = ray.get(differs)
            except ray.exceptions.RayError as problem:
                said = f"a worker did not begin: {first_line(problem)}"
                raise Usage(f"--cluster: {said}") from problem
            if said is not None:
                raise Usage(said)

    def made(self, part: int) -> Any:
        return self.kind.remote(*self.given, part, self.memory_bytes)

    def begin(self, part: int, work: str, *given: Any) -> Any:
        boxes = self.count if work == "step" else RETURNS.get(work, 0)
        method = getattr(self.actors[part], work)
        begun = method.options(num_returns=1 + boxes).remote(*given)
        return begun if boxes else [begun]

    def end(self, begun: Any) -> tuple[Any, list[Any]] | Gone:
        errors = self.ray.exceptions
        answer, *boxes = begun
        try:
            return self.ray.get(answer), boxes
        except errors.RayActorError as problem:
            return Gone(first_line(problem))
        except errors.ObjectLostError as problem:
            raise Lost from problem
        except errors.RayTaskError as problem:
            if isinstance(problem.cause, errors.ObjectLostError):
                raise Lost from problem
            raise

    def replace(self, part: int) -> None:
        self.ray.kill(self.actors[part])
        self.actors[part] = self.made(part)

    def close(self) -> None:
        for actor in self.actors:
            self.ray.kill(actor)
