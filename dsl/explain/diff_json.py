"""A comparison of two scenarios as JSON: the schema is show/diff.schema.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmscn.explain.differences import Pair, Parted, Side
from mmscn.show.json_values import plain

SCHEMA = "mmscn.diff/1"

Json = dict[str, Any]


def document(sides: Sequence[Side], pairs: Sequence[Pair]) -> Json:
    return {
        "schema": SCHEMA,
        "sides": [
            {"name": side.name, "scenario": side.scenario.name, "params": dict(side.params)}
            for side in sides
        ],
        "pairs": [one_pair(pair) for pair in pairs],
    }


def one_pair(pair: Pair) -> Json:
    return {
        "params": [{name: plain(value) for name, value in run.params} for run in pair.runs],
        "properties": [
            {"title": title, "verdicts": list(pair.verdicts(title))} for title in pair.titles()
        ],
        "parted": [one_parted(parted) for parted in pair.parted],
        "only": [list(found) for found in pair.only],
    }


def one_parted(parted: Parted) -> Json:
    """What breaks on one side, by its number in `sides`, and how far the other follows."""
    found = parted.found
    told = None
    if found is not None:
        told = {
            "followed": found.followed,
            "of": found.of,
            "own": list(found.own),
            "wanted": found.wanted or None,
            "stops": found.stops or None,
        }
    return {
        "title": parted.title,
        "name": parted.name,
        "breaks_on": 0 if parted.first else 1,
        "driven": told,
    }
