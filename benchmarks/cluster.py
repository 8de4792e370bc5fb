"""One space over 1 to 64 workers: how long it would take, from what each of them has to do.

    python benchmarks/cluster.py [--size NW,NP,K,Z] [--workers 1,2,4,…] [--ray]

The search is made in this process, by as many parts as there would be workers, one after the other:
so each part's CPU seconds in each step are measured, what it hands to whom is counted, and counts
are compared with those of a search by one process. How long so many machines take follows from that
and from assumptions about the network, which are printed: in each round of calls the slowest part
counts. With --ray, a call of an actor is measured on this machine, and so many workers are run:
where it has other work, CPU seconds of theirs and of Ray's say more than the clock (Linux).
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any

from mmscn.judge.api import load
from mmscn.runtime import native
from mmscn.runtime.bytecode import Program
from mmscn.runtime.explore.ownership import mask
from mmscn.runtime.explore.partitioned import Gone, Partitioned, Parts
from mmscn.runtime.native.encode import encode
from mmscn.runtime.native.part import Part, Plan
from mmscn.runtime.result import Limits

CALL_S = 0.001
"""From a call to its answer where nothing is done, whichever machine the worker is on."""
DRIVER_S = 0.0002
"""Of the coordinator's time, for each call."""
BOX_S = 0.0002
"""To fetch a box, however small."""
BYTES_A_SECOND = 1.0e9
"""Into each machine: a network of 10 Gbit/s, less what a network does not give."""
SMALL_BYTES = 100_000
"""What is smaller comes with the call."""

NO_LIMITS = Limits(states=None, memory_mb=None)


WITH_BOXES = "level", "step", "end"


class Measured(Parts):
    """Parts in this process. seconds: as simulated; cpu: of all; sent: bytes of all boxes."""

    def __init__(self, program: Program, count: int) -> None:
        self.count = count
        plan = Plan(encode(program), count, mask(program, count))
        self.parts = [Part(plan, part, 1 << 40) for part in range(count)]
        self.round: list[float] = []
        self.open = 0
        self.seconds = self.cpu = 0.0
        self.sent = self.boxes = self.rounds = 0

    def begin(self, part: int, work: str, *given: Any) -> Any:
        boxes = given[work == "level" :] if work in WITH_BOXES else ()
        arrived = [len(states) + len(halted) for states, halted in boxes]
        before = time.thread_time()
        answer = getattr(self.parts[part], work)(*given)
        cpu = time.thread_time() - before
        self.cpu += cpu
        self.sent += sum(arrived)
        self.boxes += len(arrived)
        fetched = [n for n in arrived if n > SMALL_BYTES]
        way = sum(arrived) / BYTES_A_SECOND + BOX_S * len(fetched)
        self.round.append(cpu + way)
        self.open += 1
        return (answer[0], list(answer[1:])) if work in WITH_BOXES else (answer, [])

    def end(self, begun: Any) -> tuple[Any, list[Any]] | Gone:
        self.open -= 1
        if self.open == 0:
            self.seconds += max(self.round) + CALL_S + DRIVER_S * len(self.round)
            self.rounds += 1
            self.round = []
        answer: tuple[Any, list[Any]] = begun
        return answer

    def replace(self, part: int) -> None:
        raise AssertionError("nobody dies")

    def close(self) -> None:
        self.parts = []


def program_of(size: str) -> Program:
    """Of `tlb`, without reductions."""
    names = ("NW", "NP", "K", "Z")
    values = dict(zip(names, map(int, size.split(",")), strict=True))
    scenario = load("tlb")
    (combination,) = scenario.combinations({**values, "VAR": 2})
    return scenario.case(combination, False)().program


def with_ray(program: Program, count: int) -> None:
    """What a call takes here, and what two workers take."""
    from mmscn.cli.cluster import connected
    from mmscn.cli.partitioning import RayParts

    ray = connected("local", count)
    parts = RayParts(ray, Plan(encode(program), count, mask(program, count)), 1 << 40)
    calls = 500
    before = time.perf_counter()
    for _ in range(calls):
        parts.end(parts.begin(0, "differs", None))
    each = (time.perf_counter() - before) / calls
    before = time.perf_counter()
    for _ in range(10):
        for begun in [parts.begin(n % count, "differs", None) for n in range(calls // 10)]:
            parts.end(begun)
    many = (time.perf_counter() - before) / calls
    print(f"a call {1000 * each:.2f} ms, of many at once {1000 * many:.2f} ms")
    before_s = spent()
    found = Partitioned(program, parts, NO_LIMITS, None).result(None)
    after_s = spent()
    print(f"{count} workers on this machine: {found.states} states in {found.seconds:.2f} s")
    took = {who: cpu - before_s.get(who, 0.0) for who, cpu in after_s.items()}
    workers = [cpu for (name, _), cpu in took.items() if name == "ray::FarPart"]
    here = took.pop(("", os.getpid()))
    others = sum(took.values()) - sum(workers)
    print(
        f"CPU s: the workers {', '.join(f'{cpu:.2f}' for cpu in workers)}; this process {here:.2f};"
        f" Ray's {others:.2f}"
    )
    parts.close()


def spent() -> dict[tuple[str, int], float]:
    """CPU seconds of this process, which has no name, and of all that it has begun."""
    found: dict[int, tuple[str, int, float]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            name, _, rest = (entry / "stat").read_text().partition("(")[2].rpartition(")")
        except OSError:
            continue
        _, parent, *numbers = rest.split()
        ticks = int(numbers[9]) + int(numbers[10])
        found[int(entry.name)] = name, int(parent), ticks / os.sysconf("SC_CLK_TCK")
    mine = {os.getpid()}
    for pid in sorted(found):
        if found[pid][1] in mine:
            mine.add(pid)
    return {("" if pid == os.getpid() else found[pid][0], pid): found[pid][2] for pid in mine}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--size", default="2,2,2,2")
    options.add_argument("--workers", default="1,2,4,8,16,32,64")
    options.add_argument("--ray", type=int, metavar="N", help="also N workers of Ray's, here")
    given = options.parse_args()
    program = program_of(given.size)
    before = time.process_time()
    alone = native.search(program, limits=NO_LIMITS, jobs=1)
    one = time.process_time() - before
    print(f"{alone.states} states, {alone.depth + 1} levels; one process {one:.2f} CPU s")
    print("| workers | CPU s of all | bytes a state | rounds | seconds | times as fast |")
    print("|---|---|---|---|---|---|")
    for count in map(int, given.workers.split(",")):
        parts = Measured(program, count)
        found = Partitioned(program, parts, NO_LIMITS, None).result(None)
        assert found._replace(seconds=0, bytes_per_state=0) == alone._replace(
            seconds=0, bytes_per_state=0
        )
        print(
            f"| {count} | {parts.cpu:.2f} | {parts.sent / alone.states:.1f} | {parts.rounds} "
            f"| {parts.seconds:.2f} | {one / parts.seconds:.1f} |"
        )
    if given.ray:
        with_ray(program, given.ray)


if __name__ == "__main__":
    main()
