"""`mmscn run --deepen`: round by round, and what is known behind each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from mmscn.cli.progress import Meter
from mmscn.judge.api import Scenario
from mmscn.judge.deepening import deepened
from mmscn.judge.report import Run
from mmscn.plain_text import counted, printable
from mmscn.show.paint import say


def search_of(scenario: Scenario, count: int, meter: Meter) -> Callable[..., Iterator[Run]]:
    """What takes the place of `Scenario.runs`; tells each round where progress is told."""

    def told(states: int, decided: Sequence[Run]) -> None:
        meter.end()
        wrong = sum(not run.met for run in decided)
        of = f"{len(decided)} of {counted(count, 'run')} decided"
        said = f"mmscn: {scenario.name}: {of} within {states} states, {wrong} not as expected"
        if meter.on:
            say(printable(said), sys.stderr)

    return partial(deepened, scenario, told=told)
