"""`mmscn list`: the shipped scenarios and modules."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from mmscn.check.values import show
from mmscn.check.variation import values_of
from mmscn.judge.shipped import Shipped, decoded, shipped_modules, shipped_scenarios
from mmscn.plain_text import width
from mmscn.show.table import columns, wrapped
from mmscn.source import Source
from mmscn.syntax import tree as t
from mmscn.syntax.tree_cache import parse_cached

SCHEMA = "mmscn.list/1"


def listing(*, modules: bool, as_json: bool, room: int | None = None) -> str:
    """The list as text or as JSON, each line ended. room: columns of text, if bounded."""
    found = [entry(s) for s in (shipped_modules() if modules else shipped_scenarios())]
    if as_json:
        kind = "modules" if modules else "scenarios"
        return json.dumps({"schema": SCHEMA, kind: found}, indent=2) + "\n"
    rows = [
        [e["name"], ", ".join(e["claims"]), e["title"] or ""][:: 2 if modules else 1] for e in found
    ]
    head = ["name", "title"] if modules else ["name", "claims", "title"]
    return "".join(f"{line.rstrip()}\n" for line in laid_out(head, rows, room))


def laid_out(head: list[str], rows: list[list[str]], room: int | None) -> list[str]:
    """A table, or where a row has no room in one, the title of each below its name."""
    lines = [line[2:] for line in columns(head, rows, set())]
    if room is None or max(width(line.rstrip()) for line in lines) <= room:
        return lines
    return [
        line
        for *names, title in rows
        for line in (
            *wrapped("", "  ".join(filter(None, names)), room),
            *(wrapped("    ", title, room) if title else ()),
        )
    ]


def entry(shipped: Shipped) -> dict[str, Any]:
    """What the text itself says; what it imports is not looked at."""
    source = decoded(Source(shipped.path, ""), shipped.file.read_bytes())
    text, _ = parse_cached(source)
    params: dict[str, Sequence[str]] = {}
    claims: list[str] = []
    sources: list[str] = []
    title = None
    for item in text.items:
        match item:
            case t.Scenario() | t.Module():
                title = item.title
            case t.Param(name=name, values=values):
                params[name] = [show(v) for v in values_of(values)]
            case t.Claim(rows=rows):
                claims.extend(rows)
            case t.SourceNote(text=note):
                sources.append(note)
    return {
        "name": shipped.name,
        "path": shipped.path,
        "title": title,
        "claims": claims,
        "sources": sources,
        "params": params,
    }
