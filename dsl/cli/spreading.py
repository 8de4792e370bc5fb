"""Scenarios and the combinations of their params, spread over workers; results in order.

Each scenario is begun by one worker, which makes once what its combinations have alike. Where
others have nothing to do after `jobs.SLICE_S` seconds (in a cluster: always), what is left is
dealt out to all, so a folder keeps all workers busy to its end. When the last combination of such
a scenario is searched, one worker tells all of it.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from itertools import count as numbers
from itertools import pairwise
from typing import Any

from mmscn.cli import costs, kept_results
from mmscn.cli.jobs import Job, Part, Told, here, work, worked
from mmscn.cli.progress import terminal_columns
from mmscn.cli.run import Diagnostics, Done, Options
from mmscn.cli.selection import Broken
from mmscn.cli.workers import Crew, Processes, Workers
from mmscn.diagnostics import Rejected
from mmscn.judge.targets import Lacking, Target


def workers(options: Options, count: int) -> Workers:
    """Those of the cluster that is asked for, or processes of this machine. Raises Usage."""
    if options.cluster is None:
        return Processes(count)
    from mmscn.cli import cluster

    return cluster.workers(options.cluster)


class Entry:
    """A scenario on its way.

    carried: its text with all it imports, where it travels. runs: by number, as far as they are
    there; left: those that are not. whole: one worker is to do all of it.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.carried = target
        self.runs: dict[int, bytes] = {}
        self.left: set[int] = set()
        self.whole = False
        self.told: Told | None = None
        self.seconds = 0.0


class Spread:
    """What is to be done next, and who does what.

    asked: of the command. options: of a worker's, which knows nothing of this machine's folder of
    results where it is on another one. kept: the names of what is in that folder.
    """

    def __init__(self, asked: Options, crew: Crew) -> None:
        self.asked = asked._replace(terminal=asked.terminal or terminal_columns())
        self.options = self.asked
        self.crew = crew
        self.far = asked.cluster is not None
        self.kept: frozenset[str] | None = None
        if self.far and asked.results is not None:
            self.kept = kept_results.names(asked)
            self.options = self.asked._replace(results=None)
        self.queue: list[tuple[tuple[int, float], int, Entry, Job]] = []
        self.ticket = numbers()

    def add(self, entry: Entry, first: int, cost: float, **job: Any) -> None:
        """Those with the least `first` go first, and of them those that cost most."""
        made_by = here() if self.far else None
        made = Job(self.options, entry.carried, kept=self.kept, made_by=made_by, **job)
        heapq.heappush(self.queue, ((first, -cost), next(self.ticket), entry, made))

    def begin(self, entry: Entry, first: int, more: tuple[str, ...] = ()) -> None:
        """As far as its texts can be read; it is told at once where they cannot."""
        if self.far:
            try:
                entry.carried = entry.target.travelling(more)
            except (OSError, Rejected):
                alone = worked(Job(self.options, entry.target, whole=True))
                assert isinstance(alone, Told)
                entry.told = alone
                return
        self.add(entry, first, costs.expected(entry.carried))

    def hand_out(self) -> None:
        while self.queue and self.crew.idle > 0:
            _, _, entry, job = heapq.heappop(self.queue)
            self.crew.begin(entry, work, job)
        self.crew.workers.await_work(self.crew.idle > 0)

    def take(self, entry: Entry, result: Part | Told | Lacking) -> None:
        """What comes of a result: something is told, or there is more to be done."""
        match result:
            case Told(kept=True):
                self.found(entry, result)
            case Told():
                entry.told = result
                costs.remember(entry.carried, entry.seconds + result.seconds)
                if self.kept is not None and result.done is not None and result.done.lasting:
                    assert result.name is not None
                    kept_results.keep(self.asked, result.name, result.done)
            case Lacking():
                known = (name for name, _ in entry.carried.modules or ())
                self.begin(entry, 0, (*known, *map(str, result.args)))
            case Part():
                self.go_on(entry, result)

    def found(self, entry: Entry, told: Told) -> None:
        """A result that is there already, unless its file is damaged."""
        assert self.kept is not None
        assert told.name is not None
        done = kept_results.read(kept_results.file_of(self.asked, told.name))
        if done is None:
            self.kept -= {told.name}
            self.add(entry, 0, 0.0)
        else:
            entry.told = told._replace(done=kept_results.marked(done, self.asked))

    def go_on(self, entry: Entry, part: Part) -> None:
        entry.seconds += part.seconds
        if part.again and not entry.whole:
            entry.whole = True
            self.add(entry, 0, 0.0, whole=True)
        if entry.whole:
            return
        entry.runs |= part.runs
        entry.left |= {*part.left}
        entry.left -= {*part.runs}
        each = part.seconds / max(1, len(part.runs))
        for some in dealt(part.left, self.crew.workers.count):
            self.add(entry, 2, each * len(some), numbers=some)
        if not entry.left:
            self.add(entry, 0, 0.0, found=tuple(entry.runs[n] for n in sorted(entry.runs)))


def dealt(left: tuple[int, ...], among: int) -> list[tuple[int, ...]]:
    """Combinations for so many: a range for each, since those beside each other are alike."""
    ends = [k * len(left) // among for k in range(among + 1)]
    return [some for first, end in pairwise(ends) if (some := left[first:end])]


def spread(
    chosen: list[Target], options: Options, broken: Broken, codes: list[int], among: Workers
) -> Iterator[Done]:
    """The scenarios in the order in which they were chosen, as soon as they are told.

    Of several, those without a param of -D are passed over. Raises Usage.
    """
    crew = Crew(among)
    going = Spread(options, crew)
    passed: list[tuple[Target, Diagnostics]] = []
    any_selected = False
    entries = [Entry(target) for target in chosen]
    try:
        for entry in entries:
            going.begin(entry, 1)
        for entry in entries:
            while entry.told is None:
                going.hand_out()
                going.take(*crew.ended())
            ended = entry.told
            any_selected = any_selected or ended.selected
            if ended.passed:
                passed.append((entry.target, ended.found[0]))
                continue
            show(entry.target, ended, broken, codes)
            if ended.done is not None:
                yield ended.done
    finally:
        among.close()
    if passed and not any_selected:
        broken.add(*passed[0])


def show(target: Target, ended: Told, broken: Broken, codes: list[int]) -> None:
    """What is wrong with a text is said here, whoever has found it."""
    codes += ended.codes
    for one in ended.unread:
        broken.leave(one)
    for diagnostics in ended.warned:
        broken.warn(target, diagnostics)
    for diagnostics in ended.found:
        broken.add(target, diagnostics)
