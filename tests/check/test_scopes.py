"""A scenario's words are its own: whatever others call theirs, nothing changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmscn.judge.api import load, loads
from mmscn.judge.report import Report

RACE = """scenario s
machine x86 { cpus 2 }
param PARAM = WORD | other
map MAP -> frame 0
var VAR: 0..2
enum kind { IDLE, RUNNING }
var state: kind
mutex LOCK
thread kernel on cpu 0 {
  if PARAM == WORD { flush MAP on all }
  set pte(MAP) = none
  if PARAM != WORD { flush MAP on all }
  lock LOCK { state = RUNNING; VAR = 1 }
  mark unmapped
}
thread user on cpu 1 { store MAP = 1; if state == RUNNING and VAR == 1 { load_ = true } }
var load_: bool
check no_stale_translation(MAP) after unmapped
reachable "seen" load_
"""
OWN = {"PARAM": "order", "WORD": "early", "MAP": "A", "VAR": "n", "IDLE": "idle",
       "RUNNING": "running", "LOCK": "l"}  # fmt: skip


def written(names: dict[str, str]) -> Report:
    text = RACE
    for part, name in (OWN | names).items():
        text = text.replace(part, name)
    return loads(text).check()


def figures(report: Report) -> list[object]:
    return [
        (run.result.states, run.result.transitions, [p.verdict for p in run.properties])
        for run in report.runs
    ]


PLAIN = written({})


@pytest.mark.parametrize(
    "names",
    [
        {"PARAM": "recheck", "WORD": "split"},
        {"PARAM": "ad", "WORD": "flushes"},
        {"VAR": "ad", "RUNNING": "recheck", "IDLE": "ipi"},
        {"VAR": "shootdowns", "LOCK": "whole"},
        {"MAP": "ipi", "LOCK": "evict"},
        {"MAP": "memory", "VAR": "sc", "WORD": "tso"},
        {"unmapped": "off"},
    ],
    ids=lambda names: "-".join(names.values()),
)
def test_names_that_the_hardware_has_as_well_change_nothing(names: dict[str, str]) -> None:
    assert figures(written(names)) == figures(PLAIN)


def test_a_param_of_a_knobs_values_chooses_them() -> None:
    scenario = loads("scenario s\nparam stores = split | whole\nvar x: bool\nalways not x")
    found = [dict(scenario.checked(values).knobs)["stores"] for values in scenario.combinations()]
    assert list(map(str, found)) == ["split", "whole"]


MODULE = """module lib
knob speed = slow | fast
var level: 0..3
spinlock guard
proc raise_level() {
  lock guard { if speed == slow { level = 3 } }
}
proc level_of() { return level }
"""


def test_a_module_means_its_own_and_the_scenario_its_own(tmp_path: Path) -> None:
    (tmp_path / "lib.mmscn").write_text(MODULE)
    path = tmp_path / "s.mmscn"
    path.write_text("""scenario s
import lib
param slow = 1 | 2
var level: 0..5 = 5
var guard: bool
thread t { call raise_level(); guard = true; assert level_of() == 3 "theirs" }
always "ours" level == 5
finally "set" guard and slow in [1, 2]
""")
    report = load(path).check()
    for run in report.runs:
        assert [p.verdict.value for p in run.properties if p.name in ("theirs", "ours", "set")] == [
            "holds"
        ] * 3


def test_what_a_scenario_does_not_declare_is_the_modules(tmp_path: Path) -> None:
    (tmp_path / "lib.mmscn").write_text(MODULE)
    path = tmp_path / "s.mmscn"
    path.write_text("""scenario s
import lib
thread t { call raise_level(); assert level == 3 and speed == slow "seen" }
""")
    (run,) = load(path).check().runs
    assert run.property("seen").verdict.value == "holds"


def test_a_mark_is_what_its_text_says_whatever_others_call_so(tmp_path: Path) -> None:
    (tmp_path / "lib.mmscn").write_text("""module lib
var level: 0..3
proc pass() { mark passed; assert passed and level == 0 "the module's" }
""")
    path = tmp_path / "s.mmscn"
    path.write_text("""scenario s
import lib
var passed: bool
thread t { call pass(); mark level; assert level "the scenario's" }
always "a variable of the scenario" not passed
always "a word of the hardware" not off
thread u { if level { mark off } }
expect violated "a word of the hardware"
""")
    (run,) = load(path).check().runs
    assert run.met, run.unmet
