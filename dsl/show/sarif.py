"""A result as SARIF 2.1.0: what is judged, where it stands, and executions as thread flows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote

from mmscn import __version__
from mmscn.plain_text import printable, printable_lines
from mmscn.show import github
from mmscn.show.json_values import Json, broken
from mmscn.show.sequence import choice, column, notes, sequence

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
BASE = "MMSCN"
"""What the uris of shipped texts are relative to."""

KINDS = {"holds": "pass", "violated": "fail", "undecided": "open", "vacuous": "review"}
UNMET = "not-as-expected"
UNREAD = "not-read"
RULES = {
    UNMET: "What a scenario expects is found; an `expect` line says what is to be violated.",
    UNREAD: "What is asked for is read to its end, within the limits.",
}


def text(document: Json) -> str:
    """One run with a result for each thing that is judged in each combination of the params.

    What nobody announced is an error, and so is what else is not as expected; what an
    `expect` announces is a note. The same result has the same bytes.
    """
    return json.dumps(log(document), ensure_ascii=True, indent=1) + "\n"


def log(document: Json) -> Json:
    results = list(results_of(document))
    rules: dict[str, Json] = {}
    for found in results:
        rules.setdefault(found["ruleId"], rule(found["ruleId"]))
    numbers = {name: n for n, name in enumerate(rules)}
    for found in results:
        found["ruleIndex"] = numbers[found["ruleId"]]
    driver = {"name": "mmscn", "version": __version__, "rules": list(rules.values())}
    about = "the library of scenarios and modules of mmscn"
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: {"description": {"text": about}}},
        "artifacts": artifacts(document),
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def rule(name: str) -> Json:
    title = printable(name)
    return {"id": title, "shortDescription": {"text": RULES.get(name, title)}}


def artifacts(document: Json) -> list[Json]:
    """The texts, each once."""
    found: dict[str, Json] = {}
    for scenario in document["scenarios"]:
        for file in scenario["files"]:
            contents = {"text": file["text"]}
            made = {"location": artifact(scenario, file["source"]), "contents": contents}
            found.setdefault(file["source"], made)
    return list(found.values())


# ---- results ------------------------------------------------------------------


def results_of(document: Json) -> Iterator[Json]:
    for rejected in document["rejected"]:
        yield from map(of_diagnostic, rejected["diagnostics"])
    for unread in document["unread"]:
        file = located(None, {"source": unread["path"]})
        yield made(UNREAD, "error", unread["text"], [file])
    for scenario in document["scenarios"]:
        yield from map(of_diagnostic, scenario["warnings"])
        for run in scenario["runs"]:
            for p in run["properties"]:
                yield of_property(scenario, run, p)
            for unmet in run["unmet"]:
                if not told_by_a_property(run, unmet):
                    place = github.place_of(scenario, run, unmet)
                    yield made(UNMET, "error", unmet["text"], [located(scenario, place)])


def told_by_a_property(run: Json, unmet: Json) -> bool:
    """Whether a violation that nobody announced is all that is meant."""
    names = [p["name"] for p in run["properties"] if level(run, p) == "error"]
    return unmet["because"] == "violated" and any(name in unmet["text"] for name in names)


def level(run: Json, p: Json) -> str:
    if not broken(p["verdict"]):
        return "none"
    return "note" if p["name"] in run["announced"] else "error"


def of_diagnostic(d: Json) -> Json:
    hint = f"\nhint: {d['hint']}" if d["hint"] else ""
    return made(d["code"], d["severity"], d["message"] + hint, [located(None, d["where"])])


def of_property(scenario: Json, run: Json, p: Json) -> Json:
    under = f" with {choice(run)}" if run["params"] else ""
    heard = ", as an `expect` announces" if level(run, p) == "note" else ""
    message = f"{p['name']}: {p['verdict']} in {scenario['name']}{under}{heard}"
    place = p["where"] or {"source": source(scenario)}
    found = made(p["name"], level(run, p), message, [located(scenario, place)])
    found["kind"] = KINDS[p["verdict"].split()[0]]
    properties = {"scenario": scenario["name"], "params": run["params"], "verdict": p["verdict"]}
    found["properties"] = {**properties, "asExpected": run["met"]}
    if p["trace"] is not None:
        found["codeFlows"] = [flow(scenario, p["trace"])]
        found["properties"]["token"] = p["trace"]["token"]
    return found


def made(name: str, level: str, message: str, locations: list[Json]) -> Json:
    return {
        "ruleId": printable(name),
        "level": level,
        "message": {"text": printable_lines(message)},
        "locations": locations,
    }


# ---- executions -----------------------------------------------------------------


def flow(scenario: Json, trace: Json) -> Json:
    """An execution: one thread flow for each CPU or device, the order of all in each step."""
    columns = sequence(trace, "").columns
    texts = [arrow.text for arrow in sequence(trace, "").arrows]
    flows: dict[str, list[Json]] = {c.name: [] for c in columns}
    for s, told in zip(trace["steps"], texts, strict=True):
        flows[column(s)].append(step(scenario, trace, s, told))
    return {
        "message": {"text": printable_lines(trace["why"] or trace["what"])},
        "threadFlows": [
            {"id": printable(c.name), "message": {"text": printable(str(c))},
             "locations": flows[c.name]}
            for c in columns
        ],
    }  # fmt: skip


def step(scenario: Json, trace: Json, s: Json, told: str) -> Json:
    message = "; ".join([told, *notes(s)])
    place = located(scenario, s["where"] or {"source": source(scenario)})
    place["message"] = {"text": printable(message)}
    broken = bool(s["violates"]) or s["n"] == len(trace["steps"])
    return {
        "location": place,
        "executionOrder": s["n"],
        "nestingLevel": len(s["calls"]),
        "importance": "essential" if broken else "important" if s["changes"] else "unimportant",
        "state": {printable(c["what"]): {"text": printable(c["to"])} for c in s["changes"]},
    }


# ---- places ---------------------------------------------------------------------


def located(scenario: Json | None, place: Json | None) -> Json:
    if place is None:
        return {}
    physical: Json = {"artifactLocation": artifact(scenario, place["source"])}
    if "line" in place:
        names = {"startLine": "line", "startColumn": "column"}
        names |= {"endLine": "end_line", "endColumn": "end_column"}
        physical["region"] = {said: place[name] for said, name in names.items()}
    return {"physicalLocation": physical}


def source(scenario: Json) -> str:
    """The name that places in the scenario's own text have."""
    return str(scenario["files"][0]["source"] if scenario["files"] else scenario["path"])


def artifact(scenario: Json | None, name: str) -> Json:
    """Where a text is: one of the library below its folder, any other as it was named."""
    files = scenario["files"] if scenario is not None else []
    path = next((f["path"] for f in files if f["source"] == name and f["path"]), name)
    _, below, inside = path.rpartition("/scenarios/library/")
    if below:
        return {"uri": quote(inside), "uriBaseId": BASE}
    return {"uri": quote(path)}
