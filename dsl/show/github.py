"""A result as workflow commands: annotations at the lines of the source, as GitHub shows them."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.plain_text import printable_lines
from mmscn.show.json_values import Json


def text(document: Json) -> str:
    """A line for each thing that is not as it should be; of a result that is, nothing."""
    return "".join(f"{line}\n" for line in annotated(document))


def annotated(document: Json) -> Iterator[str]:
    for rejected in document["rejected"]:
        for d in rejected["diagnostics"]:
            yield of_diagnostic(d)
    for unread in document["unread"]:
        title = "undecided" if unread["limit"] else "unread"
        yield command("error", {"source": unread["path"]}, title, unread["text"])
    for scenario in document["scenarios"]:
        for d in scenario["warnings"]:
            yield of_diagnostic(d)
        for run in scenario["runs"]:
            choice = " ".join(f"{name}={value}" for name, value in run["params"].items())
            title = f"{scenario['name']} {choice}".strip()
            for unmet in run["unmet"]:
                where = place_of(scenario, run, unmet)
                yield command("error", where, title, unmet["text"])


def of_diagnostic(d: Json) -> str:
    hint = f"\nhint: {d['hint']}" if d["hint"] else ""
    return command(d["severity"], d["where"], d["code"], d["message"] + hint)


def place_of(scenario: Json, run: Json, unmet: Json) -> Json | None:
    """Where what is unmet is written in the scenario's own text: the property that it names, else
    the first with that verdict, else the file.
    """
    own = scenario["path"]
    if own is None:
        return None
    asked = [p for p in run["properties"] if p["where"] and p["where"]["source"] == own]
    about = [p for p in asked if p["name"] in unmet["text"]]
    about += [p for p in asked if p["verdict"].startswith(unmet["because"])]
    return about[0]["where"] if about else {"source": own}


def command(level: str, where: Json | None, title: str, message: str) -> str:
    names = {"source": "file", "line": "line", "end_line": "endLine"}
    # Columns mean something to GitHub only on one line.
    if where is not None and where.get("line") == where.get("end_line"):
        names |= {"column": "col", "end_column": "endColumn"}
    parts = [
        f"{said}={escaped(where[name])}"
        for name, said in names.items()
        if where is not None and name in where
    ]
    return f"::{level} {','.join([*parts, f'title={escaped(title)}'])}::{escaped_data(message)}"


def escaped_data(value: object) -> str:
    return printable_lines(str(value)).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escaped(value: object) -> str:
    return escaped_data(value).replace(":", "%3A").replace(",", "%2C")
