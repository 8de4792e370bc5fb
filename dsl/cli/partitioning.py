"""`--partition N`: each large search by N workers of a cluster, who share its states among them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pickle import PickleBuffer
from typing import Any

from mmscn.cli.cluster import connected, first_line
from mmscn.cli.jobs import MadeBy, here, same
from mmscn.cli.run import Options
from mmscn.judge.exits import Usage
from mmscn.runtime.bytecode import CheckId, Program
from mmscn.runtime.explore.elsewhere import Elsewhere, using
from mmscn.runtime.explore.executors import Asked
from mmscn.runtime.explore.ownership import mask
from mmscn.runtime.explore.partitioned import Gone, Lost, Partitioned, Parts
from mmscn.runtime.native import bounds
from mmscn.runtime.native.encode import encode
from mmscn.runtime.native.marks import find_trace
from mmscn.runtime.native.part import Part, Plan
from mmscn.runtime.result import Limits, Result, Trace

LEAST_STATES = 300_000
"""What is at most so large is searched here before anything would have begun there."""


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
        with self.parts(program, asked.limits) as parts:
            return Partitioned(program, parts, asked.limits, asked.progress).result(asked.stop)

    def trace(self, program: Program, check: CheckId, limits: Limits) -> Trace | None:
        with self.parts(program, limits, tracing=True) as parts:
            return find_trace(program, check, parts, limits)

    @contextmanager
    def parts(self, program: Program, limits: Limits, tracing: bool = False) -> Iterator[Parts]:
        *_, memory_bytes = bounds(limits)
        plan = Plan(encode(program), self.count, mask(program, self.count), tracing)
        parts = RayParts(self.ray, plan, memory_bytes)
        try:
            yield parts
        finally:
            parts.close()


class FarPart(Part):
    """A part in a process of the cluster's. Boxes go into Ray's store, and come from there, without
    being copied on the way.
    """

    def level(self, *given: Any) -> Any:
        return out_of_band(*super().level(*given))

    def step(self, *boxes: Any) -> Any:
        return out_of_band(*super().step(*boxes))

    def end(self, *boxes: Any) -> Any:
        return out_of_band(*super().end(*boxes))

    def differs(self, made_by: MadeBy) -> str | None:
        """What is to be said where it is of another mmscn than the one that asks."""
        try:
            same(made_by)
        except Usage as problem:
            return str(problem)
        return None


def out_of_band(said: Any, *boxes: Any) -> Any:
    """An answer, and its `native.part.Box`es as Ray stores them: buffers as they are."""
    if not boxes:
        return said
    return said, *((PickleBuffer(states), PickleBuffer(halted)) for states, halted in boxes)


class RayParts(Parts):
    """A part is an actor of Ray's, and a box an object in its store, which goes from one machine to
    another without coming by this one.
    """

    def __init__(self, ray: Any, plan: Plan, memory_bytes: int) -> None:
        self.ray = ray
        self.count = plan.parts
        self.kind = ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(FarPart)
        self.plan = ray.put(plan)
        self.memory_bytes = memory_bytes
        self.actors: list[Any] = [self.made(part) for part in range(self.count)]
        for differs in [actor.differs.remote(here()) for actor in self.actors]:
            try:
                said = ray.get(differs)
            except ray.exceptions.RayError as problem:
                said = f"a worker did not begin: {first_line(problem)}"
                raise Usage(f"--cluster: {said}") from problem
            if said is not None:
                raise Usage(said)

    def made(self, part: int) -> Any:
        return self.kind.remote(self.plan, part, self.memory_bytes)

    def begin(self, part: int, work: str, *given: Any) -> Any:
        boxes = {"level": self.count, "step": self.count - 1, "end": 1}.get(work, 0)
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

    def share(self, value: bytes) -> Any:
        return self.ray.put(value)

    def close(self) -> None:
        for actor in self.actors:
            self.ray.kill(actor)
