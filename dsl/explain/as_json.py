"""An explanation as JSON: the schema is show/explain.schema.json."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from mmscn.explain.assumptions import assumptions
from mmscn.explain.depends import Flipped, Flips
from mmscn.explain.explanation import Explained, Explanation
from mmscn.explain.near_miss import Missed
from mmscn.explain.silent import Silent
from mmscn.explain.simulation import Simulation
from mmscn.judge.report import PropertyResult
from mmscn.show.json_values import place, plain
from mmscn.show.result_json import bounds

SCHEMA = "mmscn.explain/1"

Json = dict[str, Any]


class Told(NamedTuple):
    """What is told of one scenario. misses, flips: None where they were not asked for."""

    explanation: Explanation
    misses: Sequence[Missed] | None = None
    flips: Sequence[Flips] | None = None


def document(found: Sequence[Told], not_run: Json) -> Json:
    """not_run: what of a result says which texts were not, and why."""
    return {"schema": SCHEMA, "scenarios": [scenario(one) for one in found], **not_run}


def scenario(told: Told) -> Json:
    explanation = told.explanation
    report = explanation.report
    more: dict[int, Json] = {id(run): {} for run in report.runs}
    for name, found in (("near_miss", told.misses), ("flipped", told.flips)):
        for one in more.values():
            one |= {} if found is None else {name: None}
    for missed in told.misses or ():
        more[id(missed.run)]["near_miss"] = near_miss(missed)
    for flips in told.flips or ():
        every = flips.every
        more[id(flips.run)]["flipped"] = None if every is None else [flip(f) for f in every]
    return {
        "name": report.name,
        "path": report.path,
        "title": report.title,
        "asked": [asked(p) for p in explanation.asked()],
        "unasked": [asked(p) for p in explanation.unasked()],
        "never": never(explanation.silent),
        "whole": explanation.whole,
        "assumptions": assumptions(explanation),
        "combinations": [combination(e) | more[id(e.run)] for e in explanation.combinations],
    }


def combination(e: Explained) -> Json:
    knobs = {} if e.coverage is None else e.coverage.knobs
    return {
        "params": {name: plain(value) for name, value in e.run.params},
        "verdict": e.run.word,
        "violated": [p.name for p in e.run.violated()],
        "vacuous": [p.name for p in e.vacuous()],
        "never": never(e.silent),
        "whole": e.whole,
        "knobs": {name: plain(value) for name, value in knobs.items()},
        "bounds": bounds(e.run.bounds),
    }


def near_miss(missed: Missed) -> Json | None:
    """What would have to be missing for it to go on, and break; None where nothing was found."""
    near = missed.near
    if near is None:
        return None
    return {
        "without": {"kind": near.mutant.kind, "name": near.mutant.name},
        "breaks": near.title,
        "followed": near.found.followed,
        "of": near.found.of,
        "own": list(near.found.own),
        "wanted": near.found.wanted or None,
        "saves": near.found.stops or None,
        "token": None if near.token is None else str(near.token),
    }


def flip(f: Flipped) -> Json:
    return {
        "knob": f.knob,
        "value": plain(f.value),
        "other": plain(f.other),
        "breaks": f.breaks,
        "steps": f.steps,
        "whole": f.whole,
    }


def asked(p: PropertyResult) -> Json:
    return {"name": p.name, "kind": p.kind.value, "where": place(p.span)}


def simulation(found: Simulation) -> Json:
    """What stands in the result of a run that was one of random walks."""
    return {
        "walks": found.walks.times,
        "seed": found.walks.seed,
        "statements": dict(zip(("reached", "of"), found.statements, strict=True)),
        "branches": dict(zip(("reached", "of"), found.branches, strict=True)),
        "unseen": never(found.silent),
    }


def never(found: tuple[Silent, ...] | None) -> list[Json] | None:
    if found is None:
        return None
    return [
        {"where": place(s.span), "last_line": s.last, "what": s.what, "why": s.why} for s in found
    ]
