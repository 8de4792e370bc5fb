"""A result as schema mmscn.result/1 has it (result_1.schema.json), made from schema 2."""

from __future__ import annotations

import json

from mmscn.show.json_values import Json

SCHEMA = "mmscn.result/1"


def document(newer: Json) -> Json:
    """The result of a command, from that of `result_json.document`."""
    return {
        "schema": SCHEMA,
        "scenarios": [scenario(s) for s in newer["scenarios"]],
        "rejected": [
            {"path": r["path"], "diagnostics": [diagnostic(d) for d in r["diagnostics"]]}
            for r in newer["rejected"]
        ],
    }


def written(value: Json) -> str:
    """JSON as text: the keys in their order, two blanks of indent, a line end."""
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"


def scenario(s: Json) -> Json:
    return {
        **without(s, "text", "files", "races", "simulation", "shard", "kept"),
        "warnings": [diagnostic(d) for d in s["warnings"]],
        "runs": [
            {
                **without(run, "knobs", "was", "announced", "multipliers"),
                "stats": without(run["stats"], "bitstate"),
                "properties": [
                    {**p, "where": place(p["where"]), "trace": trace(p["trace"])}
                    for p in run["properties"]
                ],
            }
            for run in s["runs"]
        ],
    }


def trace(newer: Json | None) -> Json | None:
    if newer is None:
        return None
    return {
        "what": newer["what"],
        "why": newer["why"],
        "steps": [step(s) for s in newer["steps"]],
        "waits": newer["waits"],
        "switches": newer["switches"],
        "shortest": newer["shortest"],
        **({} if newer["loop"] is None else {"loop": newer["loop"]}),
    }


def step(s: Json) -> Json:
    return {
        "n": s["n"],
        "cpu": s["cpu"],
        "actor": s["actor"],
        "text": s["text"],
        "calls": [call["text"] for call in s["calls"]],
        "line": s["where"]["line"],
        "file": s["where"]["source"].rpartition("/")[2],
        "changes": [{"what": c["what"], "from": c["from"], "to": c["to"]} for c in s["changes"]],
        "hardware": s["hardware"],
        "remark": ", ".join([*s["branches"], *([s["remark"]] if s["remark"] else [])]) or None,
        "violates": s["violates"],
    }


def diagnostic(d: Json) -> Json:
    return {
        **d,
        "where": place(d["where"]),
        "labels": [{**label, "where": place(label["where"])} for label in d["labels"]],
    }


def place(newer: Json | None) -> Json | None:
    return without(newer, "end_line", "end_column") if newer is not None else None


def without(value: Json, *names: str) -> Json:
    return {name: part for name, part in value.items() if name not in names}
