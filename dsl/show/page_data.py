"""What the script of a page steps through: executions of the JSON result, with what it shows."""

from __future__ import annotations

from typing import Any, NamedTuple

from mmscn.plain_text import counted, printable_lines
from mmscn.show.json_values import Json

TOOK_MAX = 4
"""Conditions and branches of a step that are told besides its text."""

REACHED = "undecided, a limit was reached at"
WALKED = "undecided, nothing was broken on random walks, which came by"
BITS = "undecided, nothing was broken in those states that bits of them told apart:"


class Told(NamedTuple):
    """An execution that the page has. run: the number of its run."""

    run: int
    choice: str
    title: str
    trace: Json

    def without_others(self) -> Told:
        return self._replace(trace={**self.trace, "others": None})


def traces_of(scenario: Json) -> list[Told]:
    """The executions of a result: of runs that are not as expected, then of the others."""
    runs = list(enumerate(scenario["runs"]))
    found = []
    for n, run in sorted(runs, key=lambda r: (r[1]["met"], r[0])):
        for p in run["properties"]:
            if p["trace"] is not None:
                word = "REACHED" if p["trace"]["what"] == "witness" else p["verdict"].upper()
                found.append(Told(n, choice(run), f"{word} {p['name']}", p["trace"]))
    return found


def data_of(scenario: Json, told: list[Told]) -> Json:
    numbers: dict[str, int] = {}
    texts = {f["source"]: f for f in scenario["files"]}
    if scenario["files"]:
        numbers[scenario["files"][0]["source"]] = 0
    traces = [trace_data(one, numbers) for one in told]
    stepped = {one.run for one in told}
    data = {
        "runs": [
            {"choice": choice(run), "explained": "" if n in stepped else explained(run)}
            for n, run in enumerate(scenario["runs"])
        ],
        "files": [{"source": base(name), "text": texts[name]["text"]} for name in numbers],
        "traces": traces,
    }
    return {name: printed(part) for name, part in data.items()}


def printed(value: Any) -> Any:
    """A value whose texts show what they are, whatever is in them."""
    match value:
        case str():
            return printable_lines(value)
        case dict():
            return {key: printed(part) for key, part in value.items()}
        case list() | tuple():
            return [printed(part) for part in value]
        case _:
            return value


def choice(run: Json) -> str:
    return " ".join(f"{name}={local_shown('', v)}" for name, v in run["params"].items())


def base(source: str) -> str:
    """The file or module, without the folders of the machine that made the page."""
    return source.rpartition("/")[2]


def explained(run: Json) -> str:
    """What is to be known of a run that the page has no execution of."""
    stats, bounds = run["stats"], run["bounds"]
    if run["verdict"].startswith("holds"):
        states = counted(stats["states"], "state")
        searched = f"All of the {states} that orders of the steps lead to were searched"
        ends = f", {stats['quiescent']} of them final" if stats["quiescent"] else ""
        said = f"{searched}{ends}: nothing that is asked is broken in one."
        under = (
            f"That is with {counted(bounds['cpus'], 'CPU')}, "
            f"{counted(bounds['threads'], 'thread')}, {counted(bounds['pages'], 'page')} "
            f"and {counted(bounds['frames'], 'frame')}."
        )
        fair = [note for note in run["notes"] if note.startswith("fair: ")]
        parts = [choice(run) + ":" if run["params"] else "", said, under, *fair]
        return " ".join(parts).strip()
    of_run = f"{choice(run)}: " if run["params"] else ""
    if run["verdict"] == "undecided":
        ended = {"walks": WALKED, "bitstate": BITS}.get(stats["limit"], REACHED)
        return f"{of_run}{ended} {counted(stats['states'], 'state')}."
    worst = run["verdict"].split()[0]
    names = [p["name"] for p in run["properties"] if p["verdict"].startswith(worst)]
    if run["verdict"] == "vacuous":
        return f"{of_run}never put to the test: {', '.join(names)}."
    chosen = " ".join(f"-D {pair}" for pair in choice(run).split())
    more = f" The page of `mmscn html … {chosen}` steps through that." if chosen else ""
    return f"{of_run}broken: {', '.join(names)}.{more}"


def trace_data(one: Told, numbers: dict[str, int]) -> Json:
    """numbers: of the files that steps stand in; those that are met are added."""
    trace = one.trace
    types = [local["type"] for local in trace["locals"]]
    shown = [
        [local_shown(t, v) for t, v in zip(types, state["locals"], strict=True)]
        for state in trace["states"]
    ]
    columns = columns_of(trace)
    heads = [head(column, trace) for column in columns]
    steps = []
    for n, s in enumerate(trace["steps"]):
        moved = [
            [k, new]
            for k, (old, new) in enumerate(zip(shown[n], shown[n + 1], strict=True))
            if old != new
        ]
        steps.append({**step_data(s, columns, numbers), "locals": moved})
    return {
        "run": one.run,
        "head": f"{one.title}{f' ({one.choice})' if one.choice else ''}",
        "title": one.title,
        "why": trace["why"],
        "loop": trace["loop"],
        "columns": heads,
        "variables": [
            {key: v[key] for key in ("name", "group", "told", "initially")}
            for v in trace["variables"]
        ],
        "locals": local_heads(trace["locals"]),
        "locals_at_first": shown[0],
        "steps": steps,
        "states": [state_data(state) for state in trace["states"]],
        "others": others_data(trace["others"], numbers) if trace.get("others") else None,
    }


def others_data(others: Json, numbers: dict[str, int]) -> Json:
    """All that could be done, for who chooses another step than that of the execution."""
    made = [one["step"] for one in others["steps"]]
    columns = sorted({column_of(s) for s in made})
    types = [local["type"] for local in others["locals"]]
    return {
        "at": others["at"],
        "columns": [
            {
                "head": head(column, {"steps": made}),
                "cpu": None if column[0] else column[1],
                "actor": column[2],
            }
            for column in columns
        ],
        "locals": local_heads(others["locals"]),
        "nodes": [state_data(node) for node in others["nodes"]],
        "steps": [
            {
                **step_data(one["step"], columns, numbers),
                "locals": [[n, local_shown(types[n], v)] for n, v in one["locals"]],
                "reaches": one["step"]["reaches"],
                "before": one["before"],
                "after": one["after"],
            }
            for one in others["steps"]
        ],
    }


def local_heads(found: list[Json]) -> list[Json]:
    return [
        {"local": v["local"], "thread": v["thread"], "within": list(map(named, v["calls"]))}
        for v in found
    ]


def columns_of(trace: Json) -> list[tuple[bool, int, str]]:
    """The CPUs that act, by number, then the devices by name."""
    return sorted({column_of(s) for s in trace["steps"]})


def column_of(s: Json) -> tuple[bool, int, str]:
    return (True, 0, s["actor"]) if s["cpu"] is None else (False, s["cpu"], "")


def head(column: tuple[bool, int, str], trace: Json) -> str:
    device, cpu, name = column
    if device:
        return name
    acting = {s["actor"]: None for s in trace["steps"] if s["cpu"] == cpu and not s["hardware"]}
    return f"CPU{cpu}: {', '.join(acting)}" if acting else f"CPU{cpu}"


def step_data(s: Json, columns: list[tuple[bool, int, str]], numbers: dict[str, int]) -> Json:
    def at(where: Json | None) -> list[int | None]:
        if where is None:
            return [None, 0, 0]
        file = numbers.setdefault(where["source"], len(numbers))
        return [file, where["line"], where["end_line"]]

    return {
        "column": columns.index(column_of(s)),
        "cpu": s["cpu"],
        "actor": s["actor"],
        "thread": None if s["hardware"] else s["actor"],
        "hardware": s["hardware"],
        "text": s["text"],
        "calls": [call["text"] for call in s["calls"]],
        "within": [named(call["text"]) for call in s["calls"]],
        "stack": [at(call["where"]) for call in s["calls"]],
        "where": at(s["where"]),
        "changes": [
            {key: c[key] for key in ("what", "from", "to", "variable", "quiet")}
            for c in s["changes"]
            if c["variable"] is not None
        ],
        "took": took(s),
        "remark": ", ".join([*s["branches"], *([s["remark"]] if s["remark"] else [])]),
        "violates": s["violates"],
        "broken": s["broken"],
        "values": s["values"],
    }


def took(s: Json) -> list[str]:
    """Which way the conditions and branches went that the text of the step does not tell."""
    said = []
    for event in s["statements"]:
        if event["instruction"] or event["ghost"]:
            continue
        if event["branch"] is not None:
            said.append(event["branch"])
        elif event["outcome"] is not None and event["kind"] in ("if", "while"):
            said.append(f"{event['text']}: {'yes' if event['outcome'] else 'no'}")
    return [text for text in said if text not in s["text"]][:TOOK_MAX]


def state_data(state: Json) -> Json:
    return {
        "threads": [
            {key: t[key] for key in ("name", "cpu", "text", "state", "waits_for")}
            for t in state["threads"]
        ],
        "enabled": [
            {key: e[key] for key in ("cpu", "actor", "hardware", "text")} for e in state["enabled"]
        ],
    }


def named(call: str) -> str:
    return call.partition("(")[0]


def local_shown(type_: str, value: object) -> str:
    """A value as drawings have it; of a param, where there is no type, as the author writes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(int(value)) if type_ else str(value).lower()
    return f"v{value}" if type_ == "version" else str(value)
