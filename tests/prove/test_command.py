"""`mmscn prove`: what it prints and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator
from support.command import Command
from support.house import ROOT

COUNTER = str(Path(__file__).parent / "counter.mmscn")
SCHEMA = json.loads((ROOT / "dsl/show/prove.schema.json").read_text(encoding="utf-8"))

REFUSED = """scenario s
param N = 1 | 2
machine x86 { cpus N + 1 }
var x: 0..7
concurrent { daemon thread many[c in 0..N - 1] on cpu c { x = N } }
always x < 4
"""

BROKEN = """scenario s
param N = 1 | 2
machine x86 { cpus N + 1 }
var x: 0..7
concurrent { daemon thread many[c in 0..N - 1] on cpu c { x = 1; assert x == 0 "no" } }
expect violated "no"
"""


def test_a_proof_has_a_verdict_of_its_own(mmscn: Command) -> None:
    done = mmscn("prove", COUNTER, "--any", "worker")
    assert done.code == 0
    assert '"alone"          holds for any number of worker' in done.out
    assert "no_deadlock      holds with 1 and 2\n" in done.out
    assert "HOLDS for any number of worker >= 3 (84 views of 2, 171 configurations" in done.out


def test_json_is_what_the_schema_says(mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "refused.mmscn"
    file.write_text(REFUSED, encoding="utf-8")
    Draft202012Validator.check_schema(SCHEMA)
    for target in (COUNTER, str(file)):
        found = json.loads(mmscn("prove", target, "--json").out)
        assert list(Draft202012Validator(SCHEMA).iter_errors(found)) == []


def test_a_refusal_says_why_and_where_and_is_bounded(mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "refused.mmscn"
    file.write_text(REFUSED, encoding="utf-8")
    done = mmscn("prove", str(file))
    assert done.code == 0
    assert "`N` decides more here than how many there are (" in done.out
    assert "refused.mmscn:5)" in done.out
    assert "The verdicts are bounded: 1 and 2 searched" in done.out


def test_what_breaks_breaks_as_in_a_run(mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "broken.mmscn"
    file.write_text(BROKEN, encoding="utf-8")
    done = mmscn("prove", str(file))
    assert done.code == 0
    assert "violated with 1 and 2" in done.out
    file.write_text(BROKEN.replace("expect violated", "// expect violated"), encoding="utf-8")
    assert mmscn("prove", str(file)).code == 1


def test_a_certificate_is_written_and_checked(mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    assert mmscn("prove", COUNTER, "--certificate", str(file)).code == 0
    done = mmscn("prove", COUNTER, "--check", str(file))
    assert (done.code, done.out) == (0, "counter: accepted, 84 views\n")
    file.write_text(file.read_text(encoding="utf-8").replace('"proved": [', '"proved": [0, '))
    assert mmscn("prove", COUNTER, "--check", str(file)).code == 1


def test_which_thread_may_be_many_is_said_where_there_are_several(mmscn: Command) -> None:
    done = mmscn("prove", COUNTER, "--any", "boss")
    assert done.code == 2
    assert "the number of `boss` is no param" in done.err
