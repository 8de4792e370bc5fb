"""`mmscn run --json`, against the schema that is shipped."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import pytest
from support.command import Command

SCHEMA = json.loads(files("mmscn").joinpath("show/result.schema.json").read_text("utf-8"))
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def errors(value: Any, schema: dict[str, Any], at: str = "$") -> list[str]:
    """Where a value is not what a schema says; of JSON Schema, the words that ours uses."""
    found: list[str] = []
    for word, wanted in schema.items():
        match word:
            case "$ref":
                found += errors(value, SCHEMA["$defs"][wanted.removeprefix("#/$defs/")], at)
            case "const":
                found += [] if value == wanted else [f"{at}: {value!r} is not {wanted!r}"]
            case "enum":
                found += [] if value in wanted else [f"{at}: {value!r} is none of {wanted}"]
            case "type":
                names = wanted if isinstance(wanted, list) else [wanted]
                fits = any(
                    isinstance(value, TYPES[n]) and (n == "boolean" or not isinstance(value, bool))
                    for n in names
                )
                found += [] if fits else [f"{at}: {value!r} is no {names}"]
            case "required" if isinstance(value, dict):
                found += [f"{at}: no {name}" for name in wanted if name not in value]
            case "properties" if isinstance(value, dict):
                for name, inner in wanted.items():
                    if name in value:
                        found += errors(value[name], inner, f"{at}.{name}")
            case "additionalProperties" if isinstance(value, dict):
                for name in value.keys() - schema.get("properties", {}).keys():
                    if wanted is False:
                        found.append(f"{at}: {name} is not in the schema")
                    else:
                        found += errors(value[name], wanted, f"{at}.{name}")
            case "items" if isinstance(value, list):
                for n, item in enumerate(value):
                    found += errors(item, wanted, f"{at}[{n}]")
            case "anyOf":
                if all(errors(value, choice) for choice in wanted):
                    found.append(f"{at}: {value!r} is none of the choices")
            case "minimum" if isinstance(value, int | float):
                found += [] if value >= wanted else [f"{at}: {value} < {wanted}"]
            case "pattern" if isinstance(value, str):
                found += [] if re.search(wanted, value) else [f"{at}: {value} !~ {wanted}"]
            case "$schema" | "$id" | "$defs" | "title" | "description":
                pass
            case (
                "required" | "properties" | "additionalProperties" | "items" | "minimum" | "pattern"
            ):
                pass
            case _:
                raise AssertionError(f"{word} is not looked at")
    return found


def test_the_validator_finds_what_is_wrong() -> None:
    assert errors({"schema": "mmscn.result/2", "scenarios": [3], "rejected": []}, SCHEMA) == [
        "$.schema: 'mmscn.result/2' is not 'mmscn.result/1'",
        "$.scenarios[0]: 3 is no ['object']",
    ]


@pytest.mark.parametrize(
    "args",
    [["."], ["matrix.mmscn", "--states", "3"], ["undeclared.mmscn"], ["outcomes.mmscn"]],
    ids=" ".join,
)
def test_results_are_what_the_schema_says(args: list[str], mmscn: Command) -> None:
    ended = mmscn("run", "--json", *args)
    assert errors(json.loads(ended.out), SCHEMA) == []
    assert ended.err == ""


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


def test_what_is_rejected_is_in_the_result(mmscn: Command) -> None:
    document = json.loads(mmscn("run", "--json", "undeclared.mmscn").out)
    (rejected,) = document["rejected"]
    (found, *_) = rejected["diagnostics"]
    assert found["code"] == "MM101"
    assert found["where"] == {"source": "undeclared.mmscn", "line": 5, "column": 13}
