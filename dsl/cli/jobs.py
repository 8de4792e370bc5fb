"""What a worker does for a scenario: it begins it, searches some combinations, or tells all of it.

A job is searched and told by the functions that a run by one process calls, with another search in
place of `Scenario.runs`: one that ends after a while, or that has found all before. So what is
printed is the same.
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable, Iterator
from functools import cache
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from mmscn import __version__
from mmscn.check.values import Value
from mmscn.cli import kept_results
from mmscn.cli.run import Diagnostics, Done, Options, Selected, done_of, select
from mmscn.cli.selection import Broken, Unread, defined
from mmscn.cli.workers import is_awaited
from mmscn.judge.exits import Usage
from mmscn.judge.report import Run
from mmscn.judge.targets import Lacking, Target
from mmscn.judge.travelling import packed, unpacked
from mmscn.runtime.explore.executors import AUTO, chosen

SLICE_S = 1.0
"""Seconds that a worker has for a scenario before others that wait may take combinations of it."""

MADE_MAX = 1_200_000
"""Objects that a worker has made, and that are left, before it looks for what is garbage: between
two scenarios, for there is hardly any before one is over; within one, where they are twice as many.
"""

HELD_MAX = 8
"""Scenarios that a worker keeps at hand."""


T = TypeVar("T")
R = TypeVar("R")


class MadeBy(NamedTuple):
    """What a result follows from besides the texts: these have to be the same for all workers."""

    version: str
    files: str
    executor: str


class Job(NamedTuple):
    """What a worker is to do for a scenario.

    numbers: the combinations to search, None where it is to begin. found: all runs, to tell them.
    whole: nothing is left for others. kept: names of results that are there already. made_by:
    what the mmscn is that asks, None for one of the same process.
    """

    options: Options
    target: Target
    numbers: tuple[int, ...] | None = None
    found: tuple[bytes, ...] | None = None
    whole: bool = False
    kept: frozenset[str] | None = None
    made_by: MadeBy | None = None


class Part(NamedTuple):
    """Runs by the number of their combination, as bytes, and the numbers that are left.

    again: something is not as it is locally; one worker is to do all of it.
    """

    runs: dict[int, bytes]
    left: tuple[int, ...]
    seconds: float
    again: bool = False


class Told(NamedTuple):
    """A scenario that was run and told, or what is wrong with it. selected: it could be run.

    name: of its result in a folder of results; kept: it is there already, and was not searched.
    """

    done: Done | None
    found: tuple[Diagnostics, ...]
    warned: tuple[Diagnostics, ...]
    unread: tuple[Unread, ...]
    codes: tuple[int, ...]
    selected: bool
    name: str | None = None
    kept: bool = False
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether it is without a param of -D, which is no mistake where others have it."""
        codes = {d.code for diagnostics in self.found for d in diagnostics}
        return not self.selected and codes == {"MM213"}


class Paused(BaseException):
    """A search that others are to go on with; no fault, which is why it is no Exception."""


def work(job: Job) -> Part | Told | Lacking:
    same(job.made_by)
    gc.set_threshold(2 * MADE_MAX, 50, 50)
    if gc.get_count()[0] >= MADE_MAX:
        gc.collect()  # what is left of other scenarios
    try:
        return worked(job)
    except Lacking as problem:
        return problem


def worked(job: Job) -> Part | Told:
    selected, broken, codes = held(job.target, job.options)
    if selected is None:
        return told(None, broken, codes, selected=False)
    name = None
    if job.kept is not None:
        name = kept_results.name_of(selected, job.options)
        if name in job.kept:
            found = told(None, broken, codes, selected=True)
            return found._replace(name=name, kept=True)
    turn = Turn(selected, job)
    broken, codes = broken.copy(), [*codes]
    try:
        one = done_of(selected._replace(search=turn.runs), job.options, broken)
    except Paused:
        return Part(turn.packed(), turn.left, turn.seconds)
    except Exception:
        if job.numbers is None and job.found is None:
            raise
        return Part({}, (), 0.0, again=True)
    if job.numbers is not None:
        return Part({}, (), 0.0, again=True)  # it was rejected
    HELD.pop((job.target, job.options.define), None)  # nothing more comes of it
    return told(one, broken, codes, selected=True)._replace(name=name, seconds=turn.seconds)


def told(one: Done | None, broken: Broken, codes: list[int], *, selected: bool) -> Told:
    found, warned = (tuple(d for _, d in some) for some in (broken.found, broken.warned))
    return Told(one, found, warned, tuple(broken.unread), tuple(codes), selected)


HELD: dict[tuple[Target, tuple[str, ...]], tuple[Selected | None, Broken, list[int]]] = {}


def held(target: Target, options: Options) -> tuple[Selected | None, Broken, list[int]]:
    """A scenario that is ready to be searched, or what is wrong with it."""
    key = target, options.define
    if key not in HELD:
        broken = Broken("never", quiet=True, mute=True)
        codes: list[int] = []
        found = list(select([target], defined(options.define), broken, codes, options.limits))
        while len(HELD) >= HELD_MAX:
            del HELD[next(iter(HELD))]
        HELD[key] = (found[0] if found else None), broken, codes
    return HELD[key]


class Turn:
    """What takes the place of `Scenario.runs` for one job."""

    def __init__(self, selected: Selected, job: Job) -> None:
        self.scenario = selected.scenario
        self.job = job
        self.begun = monotonic()
        self.seconds = 0.0
        self.made: dict[int, Run] = {}
        self.left: tuple[int, ...] = ()

    def runs(self, combinations: list[dict[str, Value]], **how: Any) -> Iterator[Run]:
        # The others have the other processors.
        how["jobs"] = how.get("jobs") or 1
        if self.job.found is not None:
            for data in self.job.found:
                yield unpacked(self.scenario, data, how["reduce"])
            return
        wanted = self.job.numbers
        chosen = list(range(len(combinations))) if wanted is None else list(wanted)
        for n, run in zip(
            chosen,
            self.scenario.runs([combinations[n] for n in chosen], **how),
            strict=False,
        ):
            self.made[n] = run
            self.seconds = monotonic() - self.begun
            self.left = tuple(chosen[len(self.made) :])
            late = self.left and self.seconds >= SLICE_S and not self.job.whole and is_awaited()
            if not run.interrupted and (late or (wanted is not None and not self.left)):
                raise Paused
            if wanted is None:
                yield run

    def packed(self) -> dict[int, bytes]:
        return {n: packed(self.scenario, run) for n, run in self.made.items()}


@cache
def here() -> MadeBy:
    """The mmscn of this process. Of its files those count that are the same on all machines."""
    files = kept_results.made_by(leaving_out=kept_results.BUILT)
    return MadeBy(__version__, files, chosen(AUTO).name)


def elsewhere(made_by: MadeBy, work: Callable[[T], R], piece: T) -> R:
    """Work of any other kind, where it is done by the same mmscn. Raises Usage."""
    same(made_by)
    return work(piece)


def same(made_by: MadeBy | None) -> None:
    """Raises Usage where this process has another mmscn than the one that asks."""
    if made_by is None or made_by == here():
        return
    each = zip(MadeBy._fields, made_by, here(), strict=True)
    what = ", ".join(f"{name} {own} for {asked}" for name, asked, own in each if own != asked)
    raise Usage(f"the cluster's worker on {socket.gethostname()} has another mmscn: {what}")
