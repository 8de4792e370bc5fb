"""`mmscn run --output-format`: each format says what the JSON result says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.command import Command

SCENARIOS = ["holds.mmscn", "refuted.mmscn", "vacuous.mmscn", "matrix.mmscn"]


def test_junit_has_a_case_for_each_run_and_an_error_for_what_is_not_judged(
    alone: None, mmscn: Command
) -> None:
    document = json.loads(mmscn("run", "--json", *SCENARIOS, "undeclared.mmscn").out)
    printed = mmscn("run", "--output-format", "junit", *SCENARIOS, "undeclared.mmscn").out
    root = ElementTree.fromstring(printed)
    runs = [run for s in document["scenarios"] for run in s["runs"]]
    assert len(root.findall(".//testcase")) == len(runs) + 1 == int(root.attrib["tests"])
    because = [{u["because"] for u in run["unmet"]} for run in runs if run["unmet"]]
    refuted = [reasons for reasons in because if "violated" in reasons]
    assert len(root.findall(".//failure")) == len(refuted) == int(root.attrib["failures"]) == 1
    errors = [e.attrib["type"] for e in root.iter("error")]
    assert errors == ["vacuous", "rejected"]
    assert root.attrib["errors"] == "2"


def test_an_undecided_run_is_an_error(mmscn: Command) -> None:
    args = ["run", "--output-format", "junit", "matrix.mmscn", "--states", "3"]
    root = ElementTree.fromstring(mmscn(*args).out)
    assert {e.attrib["type"] for e in root.iter("error")} == {"undecided"}


def test_a_text_whose_reading_was_ended_is_an_error_in_each_format(
    hasty: None, mmscn: Command
) -> None:
    args = ["run", "--time", "0.5", "matrix.mmscn", "--output-format"]
    (error,) = ElementTree.fromstring(mmscn(*args, "junit").out).iter("error")
    assert (error.attrib["type"], "limit of time" in error.attrib["message"]) == ("undecided", True)
    said = "title=undecided::the limit of time was reached while reading the text"
    assert mmscn(*args, "github").out == f"::error file=matrix.mmscn,{said}\n"
    assert json.loads(mmscn(*args, "jsonl").out)["limit"] == "time"
    (result,) = json.loads(mmscn(*args, "sarif").out)["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("not-read", "error")
    assert "limit of time" in result["message"]["text"]


def test_annotations_are_at_the_lines_of_the_source(alone: None, mmscn: Command) -> None:
    printed = mmscn("run", "--output-format", "github", *SCENARIOS, "undeclared.mmscn").out
    lines = printed.splitlines()
    assert {line.partition(" ")[0] for line in lines} == {"::error", "::warning"}
    assert "file=undeclared.mmscn,line=5,endLine=5,col=13,endColumn=17,title=MM101" in lines[0]
    refuted = Path("refuted.mmscn").read_text().splitlines()
    (found,) = [x for x in lines if "::error file=refuted.mmscn" in x]
    number = int(found.partition("line=")[2].partition(",")[0])
    assert '"x is set"' in refuted[number - 1]
    assert mmscn("run", "--output-format", "github", "holds.mmscn").out == ""


def test_a_sequence_diagram_has_every_step(mmscn: Command) -> None:
    args = ["racewrite", "-D", "zap=rc2", "-D", "mapped_exit=locked"]
    document = json.loads(mmscn("run", "--json", *args).out)
    (run,) = document["scenarios"][0]["runs"]
    traces = [p["trace"] for p in run["properties"] if p["trace"] is not None]
    diagrams = mmscn("run", "--output-format", "mermaid", *args).out.split("\n\n")
    assert len(diagrams) == len(traces)
    for diagram, trace in zip(diagrams, traces, strict=True):
        lines = diagram.splitlines()
        assert lines[0] == "sequenceDiagram"
        assert len([x for x in lines if "->>" in x.partition(":")[0]]) == len(trace["steps"])
        assert "  participant P0 as CPU0: writer" in lines
        bare = re.sub(r"#\w+;|<br/>|->>", "", diagram)
        assert not {*";#<>%"} & {*bare.replace(" -gt; ", "")}


def test_a_scenario_is_one_line(mmscn: Command) -> None:
    printed = mmscn("run", "--output-format", "jsonl", *SCENARIOS, "undeclared.mmscn").out
    found = [json.loads(line) for line in printed.splitlines()]
    assert [part.get("name") for part in found[:-1]] == ["holds", "refuted", "vacuous", "matrix"]
    assert found[-1]["path"] == "undeclared.mmscn"


def test_several_formats_go_to_files_beside_the_text(tmp_path: Path, mmscn: Command) -> None:
    files = {name: tmp_path / name for name in ("json", "jsonl", "junit", "github", "mermaid")}
    args = [part for name, path in files.items() for part in ("--output-format", f"{name}={path}")]
    text = mmscn("run", "matrix.mmscn")
    ended = mmscn("run", "matrix.mmscn", *args)
    assert ended == text
    assert {p.name for p in tmp_path.iterdir()} == {*files}
    assert json.loads(files["json"].read_text())["schema"] == "mmscn.result/2"


@pytest.mark.parametrize(
    "args",
    [
        ["--output-format", "xml"],
        ["--output-format", "junit="],
        ["--output-format", "junit=none/at/all.xml"],
        ["--output-format", "junit", "--output-format", "github"],
        ["--output-format", "junit", "--json"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_said_before_anything_is_run(
    args: list[str], mmscn: Command
) -> None:
    ended = mmscn("run", "matrix.mmscn", *args)
    assert (ended.code, ended.out) == (2, "")
