"""Which of the library's procedures a scenario calls, where they were read, what they leave out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs

from mmscn.check.core import Checked
from mmscn.check.modules import Unit
from mmscn.check.values import show
from mmscn.syntax import tree as t

TABLE = Path(__file__).with_name("modelled.toml")


def calls(node: object) -> Iterator[str]:
    """The names of the procedures and hooks that are called anywhere in a tree."""
    match node:
        case t.CallValue(name=name) | t.Applied(name=name):
            yield name
        case tuple():
            for part in node:
                yield from calls(part)
    if isinstance(node, t.Node):
        for field in attrs.fields(type(node)):
            if field.name != "span":
                yield from calls(getattr(node, field.name))


def notes(node: object) -> Iterator[str]:
    """The `source` notes at the top of a procedure."""
    if isinstance(node, t.Proc | t.OnHook):
        for s in node.body.statements:
            if isinstance(s, t.SourceNote):
                yield s.text


def called(unit: Unit) -> dict[str, list[str]]:
    """The procedures of the library that a scenario's threads come by, in that order,
    each with its `source` notes; those without one are only parts of others.
    """
    found: dict[str, list[str]] = {}
    todo = list(dict.fromkeys(calls(tuple(unit.compositions))))
    if "page_fault" in unit.handlers:
        todo.append("page_fault")
    seen: set[str] = set()
    while todo:
        name = todo.pop(0)
        if name in seen:
            continue
        seen.add(name)
        bodies: list[t.Item] = [*unit.procs.get(name, ()), *unit.handlers.get(name, ())]
        said = list(dict.fromkeys(note for body in bodies for note in notes(body)))
        if said and not any(b.span.source.name.startswith("hw.") for b in bodies):
            found[name] = said
        for body in bodies:
            todo += calls(body)
    return found


def passed(checked: Checked) -> set[str]:
    """The names of the procedures that some step of a combination is in: what its params and knobs
    switch off is not there.
    """
    sites = {call for origin in checked.origins for call in origin.path}
    names = {str(call.text()).split("(")[0].removeprefix("call ") for call in sites}
    knobs = {name: show(value) for name, value in checked.knobs}
    only_under: dict[str, dict[str, str]] = table()["only_under"]
    return {n for n in names if only_under.get(n, {}).items() <= knobs.items()}


@cache
def table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def the_model(used: dict[str, list[str]]) -> Iterator[str]:
    """The section that says what was read for each procedure, and what is left out."""
    known = table()
    simplified: dict[str, str] = known["simplified"]
    unknown = [name for name in simplified if name not in used]
    if unknown:
        raise SystemExit(f"modelled.toml: no claim comes by {', '.join(unknown)}")
    yield "## The model"
    yield ""
    yield "What holds everywhere:"
    yield ""
    for line in known["everywhere"]:
        yield f"- {line}"
    yield ""
    yield "Each procedure takes the steps of the function that it is named after, in its order, as"
    yield "far as they touch what is modelled; these are the places that were read. Listed with a"
    yield "claim are those that its scenario calls under its params and knobs; which places of"
    yield "them no execution comes by, `mmscn explain` says."
    yield ""
    yield "| procedure | read in | simplified |"
    yield "|---|---|---|"
    for name in sorted(used):
        sources = "; ".join(used[name]).replace("|", "/")
        yield f"| `{name}()` | {sources} | {simplified.get(name, '')} |"
    yield ""
