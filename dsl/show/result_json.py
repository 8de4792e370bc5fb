"""Reports as JSON, schema mmscn.result/1 (result.schema.json)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from mmscn.check.values import Atom, Elem, Value
from mmscn.diagnostics import Diagnostic
from mmscn.judge.case import Bounds
from mmscn.judge.evidence import Counterexample
from mmscn.judge.report import Kind, PropertyResult, Report, Run
from mmscn.source import Span

SCHEMA = "mmscn.result/1"

Json = dict[str, Any]


def document(
    scenarios: Sequence[Json], rejected: Sequence[tuple[str, Sequence[Diagnostic]]] = ()
) -> Json:
    """The result of a command.

    scenarios: from `scenario`. rejected: paths of texts that cannot be run, and why.
    """
    return {
        "schema": SCHEMA,
        "scenarios": list(scenarios),
        "rejected": [
            {"path": path, "diagnostics": [diagnostic(d) for d in diagnostics]}
            for path, diagnostics in rejected
        ],
    }


def written(value: Json) -> str:
    """JSON as text: the keys in their order, two blanks of indent, a line end."""
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"


def scenario(report: Report) -> Json:
    return {
        "name": report.name,
        "path": report.path,
        "title": report.title,
        "claims": list(report.claims),
        "sources": list(report.sources),
        "verdict": report.verdict.value,
        "met": report.met,
        "interrupted": report.interrupted,
        "overrides": [o._asdict() for o in report.overrides],
        "stand_ins": [s._asdict() for s in report.stand_ins],
        "warnings": [diagnostic(d) for d in report.warnings],
        "runs": [run_of(run) for run in report.runs],
    }


def run_of(run: Run) -> Json:
    r = run.result
    return {
        "params": {name: plain(value) for name, value in run.params},
        "verdict": run.verdict.value,
        "met": run.met,
        "expected": list(run.expected),
        "unmet": [{"because": u.because.value, "text": u.text} for u in run.unmet],
        "properties": [property_of(run, p) for p in run.properties],
        "final_states": final_states(run),
        "bounds": bounds(run.bounds),
        "notes": list(run.notes),
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
        },
    }


def final_states(run: Run) -> Json | None:
    found = run.final_states()
    if found is None:
        return None
    return {
        "states": [{"values": dict(s.values), "listed": s.listed} for s in found.states],
        "more": found.more,
        "complete": found.complete,
    }


def property_of(run: Run, p: PropertyResult) -> Json:
    example = run.counterexample(p.name) or run.witness(p.name)
    return {
        "name": p.name,
        "kind": p.kind.value,
        "implicit": p.kind is Kind.IMPLICIT,
        "verdict": p.verdict.value,
        "where": place(p.span),
        "at": example.told(lambda: example.at) if example is not None else None,
        "trace": example.told(lambda: trace(example)) if example is not None else None,
    }


def trace(example: Counterexample) -> Json:
    from mmscn.draw.step_list import trace_json

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


def diagnostic(d: Diagnostic) -> Json:
    return {
        "code": d.code,
        "severity": d.severity,
        "message": d.message,
        "where": place(d.span),
        "labels": [{"where": place(label.span), "text": label.text} for label in d.labels],
        "hint": d.hint,
    }


def place(span: Span | None) -> Json | None:
    """Line and column from 1."""
    if span is None:
        return None
    line, column = span.source.position(span.start)
    return {"source": span.source.name, "line": line, "column": column}


def plain(value: Value) -> str | int | bool | None:
    match value:
        case Atom(name=name) | Elem(name=name):
            return name
        case _:
            return value
