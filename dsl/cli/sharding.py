"""`mmscn run --shard I/N`: one of N parts of all combinations, for machines that know nothing of
each other.

The combinations of a scenario are dealt out in turn, beginning with a part that follows from its
name, so which part has which depends on nothing else that is run. A scenario of which a part has
none is in its result all the same, for `mmscn merge` to find the order.
"""

from __future__ import annotations

from hashlib import sha256

from mmscn.cli.run import Done, Options, Selected, done_with, told_of
from mmscn.cli.selection import Broken
from mmscn.judge import exits
from mmscn.show import kept_report


def own_places(name: str, count: int, number: int, of: int) -> list[int]:
    """Which of so many combinations of a scenario are in a part. number: of the part, from 1."""
    first = int.from_bytes(sha256(name.encode()).digest()[:8], "big")
    return [n for n in range(count) if (first + n) % of == number - 1]


def done_of(selected: Selected, options: Options, broken: Broken) -> Done | None:
    """The part of a scenario, run and told; None where it was rejected. Raises Usage."""
    assert options.shard is not None
    number, of = map(int, options.shard.split("/"))
    every, scenario = selected.combinations, selected.scenario
    own = own_places(scenario.name, len(every), number, of)
    if own:
        less = selected._replace(combinations=[every[n] for n in own])
        found = told_of(less, options, broken)
        if found is None:
            return None
        report, done = found
    else:
        report = scenario.report(0, ())
        done = done_with(report, options)
    if done.json is not None:
        done.json["shard"] = kept_report.shard(number, of, own, len(every), report)
    return done if own else done._replace(text=(), code=exits.OK)
