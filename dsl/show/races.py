"""All races of a report: which combinations break by the same one, and each way it happens."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from mmscn.judge.evidence import Counterexample, Examples
from mmscn.judge.report import PropertyResult, Report, Run
from mmscn.plain_text import counted, printable
from mmscn.show import table
from mmscn.show.counterexamples import picture, telling

MOST = 20
"""Executions of one race that are drawn."""


class Race(NamedTuple):
    """Combinations in which the same is broken, by the same operation. at: that operation."""

    names: tuple[str, ...]
    at: str
    runs: tuple[Run, ...]
    what: PropertyResult


def races(report: Report) -> list[Race]:
    """The races, in the order of their first combinations."""
    found: dict[tuple[tuple[str, ...], str], list[tuple[Run, PropertyResult]]] = {}
    for run in report.runs:
        for p in telling(run):
            names = tuple(v.title for v in run.violated())
            found.setdefault((names, operation(run, p)), []).append((run, p))
    return [
        Race(names, at, tuple(run for run, _ in cells), cells[0][1])
        for (names, at), cells in found.items()
    ]


def operation(run: Run, p: PropertyResult) -> str:
    """At which a counterexample breaks, as a reader knows it; empty where it is not known."""
    example = run.counterexample(p.name)
    if example is None:
        return ""
    return example.told(partial(broken_at, example)) or ""


def broken_at(example: Counterexample) -> str:
    if not example.steps:
        return "the first state"
    last = example.steps[-1]
    calls = last.broken.calls if last.broken is not None else last.calls
    text = last.broken.text if last.broken is not None else last.text
    return last.called(calls[-1]) if calls else text


def texts(report: Report, *, width: int, steps: bool) -> Iterator[str]:
    """The combinations by race, then each race with its executions."""
    found = races(report)
    if not found:
        return
    yield "\n" + groups(report, found)
    for number, race in enumerate(found, 1):
        yield from executions(report, race, number, width=width, steps=steps)


def groups(report: Report, found: list[Race]) -> str:
    """`9 of 14 combinations break, by 2 races`, and which."""
    cells = sum(len(race.runs) for race in found)
    verb = "breaks" if cells == 1 else "break"
    all_ = counted(len(report.runs), "combination")
    lines = [f"{cells} of {all_} {verb}, by {counted(len(found), 'race')}:"]
    for number, race in enumerate(found, 1):
        names = ", ".join(race.names)
        lines += table.wrapped("  ", f"{number}  {names}, at {race.at or 'the end'}")
        if len(report.runs) > 1:
            for run in race.runs:
                lines.append(f"       {table.choice(run)}")
    return "".join(f"{printable(line)}\n" for line in lines)


def examples(race: Race) -> Examples:
    """The shortest executions of a race's first combination, one for each order of what matters."""
    return race.runs[0].evidence.every(race.what.checks, MOST)


def executions(
    report: Report, race: Race, number: int, *, width: int, steps: bool
) -> Iterator[str]:
    """A race's executions, drawn."""
    run = race.runs[0]
    found = examples(race)
    if not found.examples:
        yield f"\nrace {number}: its executions were not found within the limits\n"
        return
    count = len(found.examples)
    length = counted(len(found.examples[0].trace.rules), "step")
    more = "" if found.complete else " at least"
    if found.examples[0].trace.loop is not None:
        yield f"\nrace {number}: an execution that goes on for ever; there may be others\n"
    else:
        yield (
            f"\nrace {number}:{more} {counted(count, 'execution')} of {length}, that differ in the "
            "order of what touches the same\n"
        )
    for n, example in enumerate(found.examples, 1):
        yield f"\nrace {number}, execution {n} of {count}{' or more' if more else ''}\n"
        yield picture(report, run, race.what, example, width=width, steps=steps)
        token = example.told(partial(getattr, example, "token"))
        yield f"\ntoken {token}\n" if token is not None else ""
