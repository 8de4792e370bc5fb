"""Reports as JSON, schema mmscn.result/2 (result.schema.json)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from mmscn.diagnostics import Diagnostic
from mmscn.judge.case import Bounds
from mmscn.judge.evidence import Counterexample
from mmscn.judge.report import Kind, PropertyResult, Report, Run
from mmscn.judge.shipped import is_shipped, shipped_file
from mmscn.show import table
from mmscn.show.json_values import Json, diagnostic, file_of, place, plain
from mmscn.source import Source

if TYPE_CHECKING:
    from mmscn.judge.evidence import Examples
    from mmscn.show.races import Race

SCHEMA = "mmscn.result/2"
Wanted = Callable[[Run, PropertyResult], bool]
"""Whether the execution that shows a property is wanted."""
LINE_MAX = 160
"""The longest line, in characters, that has more than one value in braces."""


class Executions(NamedTuple):
    """The executions of a race. runs: the places of its combinations."""

    race: Race
    runs: tuple[int, ...]
    examples: Examples


def document(
    scenarios: Sequence[Json],
    rejected: Sequence[tuple[str, Sequence[Diagnostic]]] = (),
    unread: Sequence[Json] = (),
) -> Json:
    """The result of a command.

    scenarios: from `scenario`. rejected: paths of texts that cannot be run, and why. unread:
    texts of which nothing is known, for there is no file, or a limit ended their reading.
    """
    return {"schema": SCHEMA, "scenarios": list(scenarios), **not_run(rejected, unread)}


def not_run(rejected: Sequence[tuple[str, Sequence[Diagnostic]]], unread: Sequence[Json]) -> Json:
    """The texts of which nothing was run."""
    return {
        "rejected": [
            {"path": path, "diagnostics": [diagnostic(d) for d in diagnostics]}
            for path, diagnostics in rejected
        ],
        "unread": list(unread),
    }


def written(value: Json) -> str:
    """JSON as text: the keys in their order, what is short on one line, a line end."""
    return "".join(lines(value, "")) + "\n"


def lines(value: Any, indent: str) -> Iterator[str]:
    """The pieces of a value; lists of nothing but plain values are on one line."""
    if not isinstance(value, dict | list) or not value or short(value, LINE_MAX) >= 0:
        yield json.dumps(value, ensure_ascii=True)
        return
    inner = indent + "  "
    if isinstance(value, dict):
        yield "{"
        for n, (key, part) in enumerate(value.items()):
            yield f"{',' if n else ''}\n{inner}{json.dumps(key)}: "
            yield from lines(part, inner)
        yield f"\n{indent}}}"
    elif any(isinstance(part, dict | list) for part in value):
        yield "["
        for n, part in enumerate(value):
            yield f"{',' if n else ''}\n{inner}"
            yield from lines(part, inner)
        yield f"\n{indent}]"
    else:
        yield json.dumps(value, ensure_ascii=True)


def short(value: Any, left: int) -> int:
    """How many characters are left behind a value, about; negative where it is too long."""
    if isinstance(value, dict):
        for key, part in value.items():
            left = short(part, left - len(key) - 6) if left >= 0 else left
    elif isinstance(value, list):
        for part in value:
            left = short(part, left - 2) if left >= 0 else left
    else:
        left -= len(value) + 2 if isinstance(value, str) else 4
    return left


def always(run: Run, p: PropertyResult) -> bool:
    return True


def scenario(report: Report, wanted: Wanted = always, *, all_traces: bool = False) -> Json:
    """A report; the traces that are not wanted are null, as those are that were not found.

    all_traces: with its races, and the executions of each.
    """
    found = races_of(report) if all_traces else []
    return {
        "name": report.name,
        "path": report.path,
        "title": report.title,
        "claims": list(report.claims),
        "sources": list(report.sources),
        "verdict": report.word,
        "met": report.met,
        "interrupted": report.interrupted,
        "overrides": [o._asdict() for o in report.overrides],
        "stand_ins": [s._asdict() for s in report.stand_ins],
        "warnings": [diagnostic(d) for d in report.warnings],
        "text": table.text(report),
        "runs": [run_of(run, wanted) for run in report.runs],
        "races": list(map(race_json, found)) if all_traces else None,
        "files": files(report, wanted, found),
    }


def run_of(run: Run, wanted: Wanted) -> Json:
    r = run.result
    return {
        "params": {name: plain(value) for name, value in run.params},
        "knobs": {name: plain(value) for name, value in run.case.facts.knobs},
        "verdict": run.word,
        "met": run.met,
        "was": table.was(run),
        "expected": list(run.expected),
        "announced": list(run.announced),
        "unmet": [{"because": u.because.value, "text": u.text} for u in run.unmet],
        "properties": [property_of(run, p, wanted) for p in run.properties],
        "final_states": final_states(run),
        "bounds": bounds(run.bounds),
        "notes": list(run.notes),
        **multipliers(run),
        "stats": {
            "states": r.states,
            "transitions": r.transitions,
            "depth": r.depth,
            "quiescent": r.quiescent,
            "limit": r.limit.value if r.limit is not None else None,
            "phase": run.phase or None,
            "seconds": round(r.seconds, 6),
            "executor": r.executor,
            "bytes_per_state": round(r.bytes_per_state, 3),
            **({} if r.bitstate is None else {"bitstate": r.bitstate._asdict()}),
        },
    }


def races_of(report: Report) -> list[Executions]:
    from mmscn.show.races import examples, races

    numbers = {id(run): n for n, run in enumerate(report.runs)}
    return [
        Executions(race, tuple(numbers[id(run)] for run in race.runs), examples(race))
        for race in races(report)
    ]


def race_json(found: Executions) -> Json:
    race, examples = found.race, found.examples
    traces = [example.told(partial(trace, example)) for example in examples.examples]
    return {
        "names": [p.name for p in race.runs[0].violated()],
        "at": race.at,
        "runs": list(found.runs),
        "property": race.what.name,
        "executions": [made for made in traces if made is not None],
        "complete": examples.complete and None not in traces,
    }


def multipliers(run: Run) -> Json:
    """A member of a run whose search a limit ended."""
    found = run.multipliers()
    if found is None:
        return {}
    largest = [m._asdict() for m in found.largest]
    return {"multipliers": {"states": found.states, "largest": largest}}


def final_states(run: Run) -> Json | None:
    found = run.final_states()
    if found is None:
        return None
    return {
        "states": [{"values": dict(s.values), "listed": s.listed} for s in found.states],
        "more": found.more,
        "complete": found.complete,
    }


def property_of(run: Run, p: PropertyResult, wanted: Wanted) -> Json:
    example = example_of(run, p) if wanted(run, p) else None
    return {
        "name": p.name,
        "kind": p.kind.value,
        "implicit": p.kind is Kind.IMPLICIT,
        "verdict": p.word,
        "where": place(p.span),
        "at": example.told(lambda: example.at) if example is not None else None,
        "trace": example.told(lambda: trace(example)) if example is not None else None,
    }


def example_of(run: Run, p: PropertyResult) -> Counterexample | None:
    return run.counterexample(p.name) or run.witness(p.name)


def trace(example: Counterexample) -> Json:
    from mmscn.show.trace_json import trace_json

    return trace_json(example.compiled, example.trace)


def bounds(b: Bounds) -> Json:
    return {
        "cpus": b.cpus,
        "threads": b.threads,
        "pages": b.pages,
        "frames": b.frames,
        "repeats": list(b.repeats),
        "knobs": {name: plain(value) for name, value in b.knobs},
        "model": list(b.model),
        "limits": {
            "states": b.limits.states,
            "depth": b.limits.depth,
            "time_s": b.limits.time_s,
            "memory_mb": b.limits.memory_mb,
        },
    }


# ---- texts --------------------------------------------------------------------


def files(report: Report, wanted: Wanted, races: Sequence[Executions]) -> list[Json]:
    """The scenario's text, then those that its traces and properties stand in, by name."""
    found: dict[str, Source] = {}
    for run in report.runs:
        for p in run.properties:
            if p.span is not None:
                found[p.span.source.name] = p.span.source
            example = example_of(run, p) if wanted(run, p) else None
            if example is not None:
                found |= example.told(partial(stood_in, example)) or {}
    for example in (e for race in races for e in race.examples.examples):
        found |= example.told(partial(stood_in, example)) or {}
    own = report.source
    first = [file_of(own, report.path, False)] if own is not None else []
    rest = [found[name] for name in sorted(found) if own is None or name != own.name]
    return first + [file_of(source, *path_of(source.name)) for source in rest]


def stood_in(example: Counterexample) -> dict[str, Source]:
    from mmscn.show.trace_json import sources

    return {s.name: s for s in sources(example.compiled, example.trace)}


def path_of(name: str) -> tuple[str, bool]:
    """Where the text of a name is, and whether it is shipped."""
    return (str(shipped_file(name)), True) if is_shipped(name) else (name, False)
