"""A report again from its JSON result, as far as its text needs it; the parts of one put together.

What a result does not say, and a part of one has to, is in its member `shard`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmscn import __version__
from mmscn.budget import Exceeded
from mmscn.judge.case import Bounds
from mmscn.judge.case_cache import Override, StandIn
from mmscn.judge.evidence import Counterexample
from mmscn.judge.finals import FinalState, FinalStates
from mmscn.judge.multipliers import Multiplier, Multipliers
from mmscn.judge.report import FAIR_WORDS, Kind, PropertyResult, Report, Run, Unmet
from mmscn.judge.unjudged import unjudged
from mmscn.runtime.result import Bitstate, Limit, Limits, Result, Verdict
from mmscn.show import table
from mmscn.show.json_values import Json
from mmscn.source import Source, Span

VERDICTS = {**{v.value: v for v in Verdict}, **{word: v for v, word in FAIR_WORDS.items()}}


class Mismatch(Exception):
    """Results that are not the parts of one; the text says why."""


def shard(number: int, of: int, places: Sequence[int], combinations: int, report: Report) -> Json:
    """Which part a scenario's result is. places: of its runs among all combinations."""
    lists = [bool(run.lists()) for run in report.runs]
    return {
        "version": __version__,
        "number": number,
        "of": of,
        "places": list(places),
        "combinations": combinations,
        "lists": lists,
    }


# ---- parts -------------------------------------------------------------------


def merged(documents: Sequence[Json]) -> tuple[Json, list[Report]]:
    """The result that a run of everything has, and its reports. Raises Mismatch."""
    scenarios = [document["scenarios"] for document in documents]
    if len({tuple((s["name"], s["path"]) for s in each) for each in scenarios}) != 1:
        raise Mismatch("they are of different scenarios")
    whole, reports = [], []
    for parts in zip(*scenarios, strict=True):
        one, report = together(parts)
        whole.append(one)
        reports.append(report)
    names = "rejected", "unread"
    rest = {name: once(part for d in documents for part in d[name]) for name in names}
    return {"schema": documents[0]["schema"], "scenarios": whole, **rest}, reports


def once(parts: Any) -> list[Json]:
    found: list[Json] = []
    for part in parts:
        if part not in found:
            found.append(part)
    return found


def together(parts: Sequence[Json]) -> tuple[Json, Report]:
    """One scenario of its parts. Raises Mismatch."""
    name = parts[0]["name"]
    if any("shard" not in part for part in parts):
        raise Mismatch(f"{name} is no part: --shard was not said")
    if len({(p["shard"]["of"], p["shard"]["combinations"]) for p in parts}) != 1:
        raise Mismatch(f"{name} has other combinations, or another number of parts, in one of them")
    if len({part["shard"]["version"] for part in parts}) != 1:
        raise Mismatch(f"{name} was run by different versions of mmscn")
    if len({own_text(part) for part in parts}) != 1:
        raise Mismatch(f"the text of {name} is not the same in all of them")
    of = parts[0]["shard"]["of"]
    numbers = [part["shard"]["number"] for part in parts]
    if sorted(numbers) != list(range(1, of + 1)):
        missing = [f"{n}/{of}" for n in range(1, of + 1) if n not in numbers]
        said = f"missing: {', '.join(missing)}" if missing else "one is there twice"
        raise Mismatch(f"of {of} parts, {said}")
    places: dict[int, tuple[Json, bool]] = {}
    for part in parts:
        own = part["shard"]
        for place, run, lists in zip(own["places"], part["runs"], own["lists"], strict=False):
            places[place] = run, lists
    runs = [places[place] for place in sorted(places)]
    json = {key: part for key, part in parts[0].items() if key not in ("shard", "kept")}
    if any(part.get("kept") for part in parts):
        json["kept"] = True
    json["runs"] = [run for run, _ in runs]
    json["files"] = files_of(parts)
    report = report_of(json, [lists for _, lists in runs], parts[0]["shard"]["combinations"])
    json["verdict"], json["met"] = report.word, report.met
    json["interrupted"], json["text"] = report.interrupted, table.text(report)
    return json, report


def own_text(part: Json) -> tuple[str, str]:
    return (part["files"][0]["source"], part["files"][0]["text"]) if part["files"] else ("", "")


def files_of(parts: Sequence[Json]) -> list[Json]:
    """The texts of all, the scenario's own first, then by name."""
    own: list[Json] = parts[0]["files"][:1]
    rest = {file["source"]: file for part in parts for file in part["files"][1:]}
    return own + [rest[name] for name in sorted(rest)]


# ---- a report ----------------------------------------------------------------


class KeptRun(Run):
    """A run of which what is found when it is asked for has been found.

    The one class below a class of data: no other way leads from a result to its text.
    """

    json: Json
    asks_lists: bool

    def lists(self) -> tuple[int, ...]:
        return (0,) if self.asks_lists else ()

    def final_states(self) -> FinalStates | None:
        found = self.json["final_states"]
        if found is None:
            return None
        states = tuple(
            FinalState(values=tuple(s["values"].items()), listed=s["listed"])
            for s in found["states"]
        )
        return FinalStates(states=states, more=found["more"], complete=found["complete"])

    def multipliers(self) -> Multipliers | None:
        found = self.json.get("multipliers")
        if found is None:
            return None
        return Multipliers(found["states"], tuple(Multiplier(**m) for m in found["largest"]))

    def counterexample(self, name: str) -> Counterexample | None:
        return None

    def reason(self, name: str) -> str:
        (found,) = [p for p in self.json["properties"] if p["name"] == name]
        return (found["trace"] or {}).get("why") or ""


def report_of(json: Json, lists: Sequence[bool], combinations: int) -> Report:
    """lists: of each run, whether it lists final values."""
    sources = {file["source"]: Source(file["source"], file["text"]) for file in json["files"]}
    own = json["files"][0]["source"] if json["files"] else None
    return Report(
        name=json["name"],
        path=json["path"],
        title=json["title"],
        claims=tuple(json["claims"]),
        sources=tuple(json["sources"]),
        combinations=combinations,
        runs=tuple(
            run_of(run, asks, sources, own) for run, asks in zip(json["runs"], lists, strict=True)
        ),
        overrides=tuple(Override(**o) for o in json["overrides"]),
        stand_ins=tuple(StandIn(**s) for s in json["stand_ins"]),
        source=sources[own] if own is not None else None,
    )


def run_of(json: Json, lists: bool, sources: dict[str, Source], own: str | None) -> Run:
    stats, bounds = json["stats"], json["bounds"]
    limits = Limits(**bounds["limits"])
    params = tuple(json["params"].items())
    limit = Limit(stats["limit"]) if stats["limit"] is not None else None
    empty = unjudged(params, limits, Exceeded(Limit.STATES, ""))
    known = {
        **empty._asdict(),
        "verdict": VERDICTS[json["verdict"]],
        "properties": tuple(property_of(p, sources, own) for p in json["properties"]),
        "expected": tuple(json["expected"]),
        "announced": tuple(json["announced"]),
        "unmet": tuple(Unmet(Verdict(u["because"]), u["text"]) for u in json["unmet"]),
        "bounds": Bounds(
            cpus=bounds["cpus"],
            threads=bounds["threads"],
            frames=bounds["frames"],
            pages=bounds["pages"],
            repeats=tuple(bounds["repeats"]),
            knobs=tuple(bounds["knobs"].items()),
            limits=limits,
            model=tuple(bounds["model"]),
        ),
        "result": Result(
            checks=(),
            states=stats["states"],
            transitions=stats["transitions"],
            depth=stats["depth"],
            quiescent=stats["quiescent"],
            limit=limit,
            seconds=stats["seconds"],
            executor=stats["executor"],
            bytes_per_state=stats["bytes_per_state"],
            bitstate=Bitstate(**stats["bitstate"]) if "bitstate" in stats else None,
        ),
        "notes": tuple(json["notes"]),
        "phase": stats["phase"] or "",
    }
    run = KeptRun(**known)
    run.json, run.asks_lists = json, lists
    return run


def property_of(json: Json, sources: dict[str, Source], own: str | None) -> PropertyResult:
    where = json["where"]
    span = None
    if where is not None:
        source = sources[where["source"]]
        starts = source.line_starts
        start = starts[where["line"] - 1] + where["column"] - 1
        span = Span(source, start, starts[where["end_line"] - 1] + where["end_column"] - 1)
    return PropertyResult(
        name=json["name"],
        kind=Kind(json["kind"]),
        verdict=VERDICTS[json["verdict"]],
        span=span,
        own=where is not None and where["source"] == own,
        asked=True,
        depth=None,
        checks=(),
    )
