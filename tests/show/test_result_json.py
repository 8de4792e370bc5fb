"""`mmscn run --json`, against the schemas that are shipped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.command import Command

VALIDATORS = {
    version: Draft202012Validator(json.loads(files("mmscn").joinpath(f"show/{name}").read_text()))
    for version, name in (("1", "result_1.schema.json"), ("2", "result.schema.json"))
}


def errors(version: str, document: Any) -> list[str]:
    """Where a result is not what the schema says."""
    return [f"{e.json_path}: {e.message}" for e in VALIDATORS[version].iter_errors(document)]


RC2 = "racewrite -D zap=rc2"
KNOWN: dict[str, Any] = {}
"""What a run writes, by its words: several tests look at one document, and none changes it."""


@pytest.fixture
def result(mmscn: Command) -> Callable[[str], Any]:
    """result("racewrite -D zap=rc2"): what `mmscn run --json` writes of it."""

    def run(words: str) -> Any:
        if words not in KNOWN:
            KNOWN[words] = json.loads(mmscn("run", "--json", *words.split()).out)
        return KNOWN[words]

    return run


@pytest.mark.parametrize("version", VALIDATORS)
def test_the_schemas_are_schemas_and_find_what_is_wrong(version: str) -> None:
    Draft202012Validator.check_schema(VALIDATORS[version].schema)
    wrong = {"schema": "mmscn.result/3", "scenarios": [3], "rejected": []}
    wrong |= {"unread": []} if version == "2" else {}
    assert errors(version, wrong) == [
        f"$.schema: 'mmscn.result/{version}' was expected",
        "$.scenarios[0]: 3 is not of type 'object'",
    ]


@pytest.mark.parametrize("version", VALIDATORS)
@pytest.mark.parametrize(
    "args",
    [["."], ["matrix.mmscn", "--states", "3"], ["undeclared.mmscn"], ["outcomes.mmscn"]],
    ids=" ".join,
)
def test_results_are_what_the_schema_says(
    args: list[str], version: str, alone: None, mmscn: Command
) -> None:
    ended = mmscn("run", f"--json={version}", *args)
    assert errors(version, json.loads(ended.out)) == []
    assert ended.err == ""


@pytest.mark.parametrize(
    "words",
    [
        RC2,
        "page_lock",
        "one_cpu -D arch=um -D zap=rc2",
        pytest.param("racewrite", marks=pytest.mark.slow),
        pytest.param("one_cpu", marks=pytest.mark.slow),
    ],
)
def test_a_state_has_a_value_for_every_cell(words: str, result: Callable[[str], Any]) -> None:
    document = result(words)
    assert errors("2", document) == []
    traces = list(traces_of(document))
    assert traces
    for trace in traces:
        assert len(trace["states"]) == len(trace["steps"]) + 1
        for state in trace["states"]:
            assert len(state["cells"]) == len(trace["cells"])
            assert len(state["locals"]) == len(trace["locals"])
            for cell, value in zip(trace["cells"], state["cells"], strict=True):
                assert cell["type"] == "version" or value in cell["values"]


def test_store_buffers_and_devices_have_their_cells(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "buffered.mmscn"
    path.write_text(
        """
        scenario buffered
        machine x86 { cpus 2; memory = tso }
        var x: 0..1
        var y: 0..1
        var r0: 0..1
        var r1: 0..1
        concurrent {
          thread one on cpu 0 { x = 1; r0 = y }
          thread two on cpu 1 { y = 1; r1 = x }
        }
        property in_order { finally r0 + r1 > 0 }
        check in_order
        expect violated in_order
        """
    )
    document = json.loads(mmscn("run", "--json", str(path)).out)
    assert errors("2", document) == []
    (trace,) = traces_of(document)
    assert {v["group"] for v in trace["variables"] if v["told"]} == {"store_buffer", "variable"}
    agents = {e["actor"] for s in trace["states"] for e in s["enabled"] if e["hardware"]}
    assert agents == {"store buffer"}


def test_states_differ_by_what_the_steps_write_and_every_step_could_be_taken(
    result: Callable[[str], Any],
) -> None:
    document = result(RC2)
    for trace in traces_of(document):
        states = trace["states"]
        ghosts = {n for v in trace["variables"] if v["ghost"] for n in v["cells"]}
        for step, before, after in zip(trace["steps"], states, states[1:], strict=False):
            pairs = enumerate(zip(before["cells"], after["cells"], strict=True))
            differing = {n for n, (old, new) in pairs if old != new}
            assert differing - ghosts <= {*step["writes"]}
            assert step["actor"] in {enabled["actor"] for enabled in before["enabled"]}


def test_values_of_drawings_are_those_of_the_changes(result: Callable[[str], Any]) -> None:
    """Whoever applies the changes to `initially` never meets another `from`."""
    document = result(RC2)
    for trace in traces_of(document):
        shown = [v["initially"] for v in trace["variables"]]
        for step in trace["steps"]:
            for change in step["changes"]:
                if change["variable"] is not None:
                    assert shown[change["variable"]] == change["from"]
                    shown[change["variable"]] = change["to"]


def test_a_place_is_the_text_of_its_statement(result: Callable[[str], Any]) -> None:
    document = result(RC2)
    (scenario,) = document["scenarios"]
    texts = {f["source"]: f["text"].split("\n") for f in scenario["files"]}
    found = set()
    for trace in traces_of(document):
        for step in trace["steps"]:
            at = step["where"]
            if at["line"] == at["end_line"]:
                line = texts[at["source"]][at["line"] - 1]
                found.add(line[at["column"] - 1 : at["end_column"] - 1])
    assert {"store buf = i + 1", "if not page_mapped(page)"} & found
    assert all(text == text.strip() and text for text in found)


def test_who_waits_for_whom_is_in_every_state(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "order.mmscn"
    path.write_text(
        """
        scenario order
        machine x86 { cpus 2 }
        spinlock a
        spinlock b
        concurrent {
          thread one on cpu 0 { lock a; lock b; unlock b; unlock a }
          thread two on cpu 1 { lock b; lock a; unlock a; unlock b }
        }
        expect violated no_deadlock
        """
    )
    (trace,) = traces_of(json.loads(mmscn("run", "--json", str(path)).out))
    first, last = trace["states"][0], trace["states"][-1]
    assert [(t["state"], t["waits_for"]) for t in first["threads"]] == [("can go", [])] * 2
    assert [(t["state"], t["waits_for"]) for t in last["threads"]] == [
        ("waits", ["two"]),
        ("waits", ["one"]),
    ]
    assert last["enabled"] == []
    values = dict(zip((c["name"] for c in trace["cells"]), last["cells"], strict=True))
    assert (values["a"], values["b"]) == ("one", "two")


def traces_of(document: Any) -> Iterator[Any]:
    for scenario in document["scenarios"]:
        for run in scenario["runs"]:
            yield from (p["trace"] for p in run["properties"] if p["trace"] is not None)


def test_a_violation_says_where_and_how(mmscn: Command) -> None:
    document = json.loads(mmscn("run", "--json", "matrix.mmscn", "-D", "how=two_steps").out)
    (scenario,) = document["scenarios"]
    assert scenario["name"] == "matrix"
    assert scenario["claims"] == ["T-1"]
    run = scenario["runs"][0]
    assert run["params"] == {"how": "two_steps", "start": 0}
    assert run["met"] is True
    by_name = {p["name"]: p for p in run["properties"]}
    broken = by_name["both are counted"]
    assert broken["verdict"] == "violated"
    assert broken["at"] == broken["trace"]["steps"][-1]["text"]
    assert broken["trace"]["shortest"] is True
    assert by_name["the counter stays below three"]["trace"] is None
    assert by_name["no_deadlock"]["implicit"] is True


UNREAD = {
    "path": "matrix.mmscn",
    "limit": "time",
    "text": "the limit of time was reached while reading the text",
}


def test_a_text_whose_reading_was_ended_is_in_the_result(hasty: None, mmscn: Command) -> None:
    ended = mmscn("run", "--json", "--time", "0.5", "matrix.mmscn")
    assert ended.code == 3
    document = json.loads(ended.out)
    assert errors("2", document) == []
    assert (document["scenarios"], document["rejected"]) == ([], [])
    assert document["unread"] == [UNREAD]
    assert UNREAD["text"] in ended.err
    assert errors("1", json.loads(mmscn("run", "--json=1", "--time", "0.5", ".").out)) == []


def test_of_many_texts_each_that_was_not_read_is_in_the_result(
    hasty: None, mmscn: Command
) -> None:
    """They are read side by side, in processes of their own."""
    names = [f"{name}.mmscn" for name in ("holds", "refuted", "vacuous", "matrix")]
    document = json.loads(mmscn("run", "--json", "--time", "0.5", *names).out)
    assert [one["path"] for one in document["unread"]] == names


MEMORY = "/proc/self/mem"
"""A file whose first byte cannot be read."""


@pytest.mark.skipif(not Path(MEMORY).exists(), reason="needs Linux's /proc")
def test_a_file_that_cannot_be_read_is_in_the_result(mmscn: Command) -> None:
    ended = mmscn("run", "--json", MEMORY, "holds.mmscn")
    document = json.loads(ended.out)
    assert ended.code == 2
    assert errors("2", document) == []
    (unread,) = document["unread"]
    assert (unread["path"], unread["limit"]) == (MEMORY, None)
    assert unread["text"] == "cannot be read: Input/output error"
    assert [s["name"] for s in document["scenarios"]] == ["holds"]


def test_an_explanation_says_what_was_rejected_and_not_read(hasty: None, mmscn: Command) -> None:
    document = json.loads(mmscn("explain", "--json", "undeclared.mmscn").out)
    assert [d["code"] for d in document["rejected"][0]["diagnostics"]] == ["MM101"]
    document = json.loads(mmscn("explain", "--json", "--time", "0.5", "matrix.mmscn").out)
    assert document["unread"] == [UNREAD]


def test_scenarios_and_litmus_tests_are_one_result(mmscn: Command, tmp_path: Path) -> None:
    test = tmp_path / "sb.litmus"
    test.write_text(
        "X86 SB\n{ }\n P0          | P1          ;\n MOV [x],$1  | MOV [y],$1  ;\n"
        " MOV EAX,[y] | MOV EAX,[x] ;\nexists (0:EAX=0 /\\ 1:EAX=0)\n"
    )
    broken = tmp_path / "broken.litmus"
    broken.write_text("X86 broken\n{ }\n P0 ;\n HALT ;\nexists (0:EAX=0)\n")
    words = ["holds.mmscn", str(test), str(broken)]
    for version in VALIDATORS:
        ended = mmscn("run", f"--json={version}", *words)
        document = json.loads(ended.out)
        assert ended.code == 2
        assert errors(version, document) == []
        assert [s["name"] for s in document["scenarios"]] == ["holds", "SB"]
        assert [r["path"] for r in document["rejected"]] == [str(broken)]
    lines = mmscn("run", "--output-format", "jsonl", *words).out.splitlines()
    assert [json.loads(line).get("name") for line in lines] == ["holds", "SB", None]


def test_what_is_rejected_is_in_the_result(mmscn: Command) -> None:
    document = json.loads(mmscn("run", "--json", "undeclared.mmscn").out)
    (rejected,) = document["rejected"]
    (found, *_) = rejected["diagnostics"]
    assert found["code"] == "MM101"
    assert found["where"] == {
        "source": "undeclared.mmscn",
        "line": 5,
        "column": 13,
        "end_line": 5,
        "end_column": 17,
    }


def test_races_are_in_the_json_result(mmscn: Command) -> None:
    document = json.loads(mmscn("run", "flush_before_clear", "--all-traces", "--json").out)
    assert errors("2", document) == []
    (race,) = document["scenarios"][0]["races"]
    runs = document["scenarios"][0]["runs"]
    assert (race["at"], race["property"]) == ("pte(A) = none", "no_stale_translation")
    assert race["runs"] == [n for n, run in enumerate(runs) if run["verdict"] == "violated"]
    assert (len(race["executions"]), race["complete"]) == (3, True)
    assert len({trace["token"] for trace in race["executions"]}) == 3
