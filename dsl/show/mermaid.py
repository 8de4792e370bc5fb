"""The executions of a result as sequence diagrams that Mermaid draws."""

from __future__ import annotations

from mmscn.plain_text import printable
from mmscn.show.json_values import Json

ENTITIES = {"#": "#35;", ";": "#59;", "<": "#lt;", ">": "#gt;", "%": "#37;"}


def text(document: Json) -> str:
    """A diagram for each execution, an empty line between two."""
    made = []
    for scenario in document["scenarios"]:
        for run in scenario["runs"]:
            choice = " ".join(f"{name}={value}" for name, value in run["params"].items())
            for p in run["properties"]:
                if p["trace"] is not None:
                    word = "REACHED" if p["trace"]["what"] == "witness" else "VIOLATED"
                    title = f"{word} {p['name']} {scenario['name']} {choice}"
                    made.append(diagram(p["trace"], title.strip()))
    return "\n".join(made)


def diagram(trace: Json, title: str) -> str:
    """Each step over the line of its CPU or device; each change as a note beside it."""
    columns: dict[str, str] = {}
    for s in sorted(trace["steps"], key=lambda s: (s["cpu"] is None, s["cpu"] or 0, s["actor"])):
        columns.setdefault(column(s), "")
        if not s["hardware"] and s["actor"] not in columns[column(s)].split(", "):
            columns[column(s)] = ", ".join(filter(None, [columns[column(s)], s["actor"]]))
    names = {name: f"P{n}" for n, name in enumerate(columns)}
    lines = ["sequenceDiagram", f"  title {said(title)}"]
    lines += [
        f"  participant {names[name]} as {said(f'{name}: {who}' if who else name)}"
        for name, who in columns.items()
    ]
    for s in trace["steps"]:
        at = names[column(s)]
        who = f"({s['actor']}) " if s["hardware"] else ""
        remark = f", {s['remark']}" if s["remark"] else ""
        lines.append(f"  {at}->>{at}: {said(who + s['text'] + remark)}")
        notes = [f"{c['what']}: {c['from']} -> {c['to']}" for c in s["changes"] if not c["quiet"]]
        notes += [f"VIOLATED {name}" for name in s["violates"]]
        if notes:
            lines.append(f"  Note over {at}: {'<br/>'.join(map(said, notes))}")
    return "".join(f"{line}\n" for line in lines)


def column(s: Json) -> str:
    return s["actor"] if s["cpu"] is None else f"CPU{s['cpu']}"


def said(value: str) -> str:
    """A text in which nothing is a part of the diagram's language."""
    return "".join(ENTITIES.get(c, c) for c in printable(value))
