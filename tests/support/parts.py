"""Parts of a state space in this process, of which some die."""

from __future__ import annotations

import pickle
from collections.abc import Container
from typing import Any

from mmscn.runtime.bytecode import CheckId, Program
from mmscn.runtime.explore.elsewhere import Elsewhere
from mmscn.runtime.explore.executors import Asked
from mmscn.runtime.explore.ownership import mask
from mmscn.runtime.explore.partitioned import Gone, Lost, Partitioned, Parts
from mmscn.runtime.native.encode import encode
from mmscn.runtime.native.marks import find_trace
from mmscn.runtime.native.part import Part, Plan
from mmscn.runtime.result import Limits, Progress, Result, Stop, Trace

WITH_BOXES = "level", "step", "end"


class Together(Parts):
    """dying: the numbers of calls in which a process dies, before or after it has done its work.
    losing: those that find that something is lost. sampled: few steps lead to another's state;
    without, most do.
    """

    def __init__(
        self,
        program: Program,
        count: int,
        dying: Container[int] = (),
        losing: Container[int] = (),
        memory_bytes: int = 1 << 30,
        tracing: bool = False,
        sampled: bool = False,
    ) -> None:
        self.count = count
        bits = mask(program, count) if sampled else b"\xff" * 8 * program.words
        self.plan = Plan(encode(program), count, bits, tracing)
        self.memory_bytes = memory_bytes
        self.dying, self.losing = dying, losing
        self.calls = self.handed = 0
        self.died: list[str] = []
        self.parts: list[Part | None] = [None] * count
        for part in range(count):
            self.replace(part)

    def replace(self, part: int) -> None:
        self.parts[part] = Part(self.plan, part, self.memory_bytes)

    def begin(self, part: int, work: str, *given: Any) -> Any:
        return part, work, given

    def end(self, begun: Any) -> tuple[Any, list[Any]] | Gone:
        number, work, given = begun
        self.calls += 1
        if self.calls in self.losing:
            raise Lost
        part = self.parts[number]
        if part is None:
            return Gone("it is dead")
        if self.calls in self.dying:
            self.died.append(work)
            self.parts[number] = None
            if self.calls % 2:
                return Gone("it was killed")
        boxes = given[work == "level" :] if work in WITH_BOXES else ()
        self.handed += sum(len(states) for states, _ in boxes)
        answer = pickle.loads(pickle.dumps(getattr(part, work)(*given)))
        if self.parts[number] is None:
            return Gone("it was killed when it was done")
        return (answer[0], list(answer[1:])) if work in WITH_BOXES else (answer, [])

    def close(self) -> None:
        self.parts = []


class Near(Elsewhere):
    """Every search is by so many parts in this process."""

    least = 0

    def __init__(self, count: int, dying: Container[int] = ()) -> None:
        self.count = count
        self.dying = dying
        self.searches = self.traces = 0

    def search(self, program: Program, asked: Asked) -> Result:
        self.searches += 1
        parts = Together(program, self.count, self.dying, sampled=True)
        return search(program, parts, asked.limits, asked.progress, asked.stop)

    def trace(self, program: Program, check: CheckId, limits: Limits) -> Trace | None:
        self.traces += 1
        parts = Together(program, self.count, self.dying, tracing=True)
        return find_trace(program, check, parts, limits)


def search(
    program: Program,
    parts: Parts,
    limits: Limits = Limits(states=None),  # noqa: B008 (frozen)
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Result:
    return Partitioned(program, parts, limits, progress).result(stop)
