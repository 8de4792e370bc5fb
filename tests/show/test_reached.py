"""What is reachable is shown with its witness; where outcomes fail, the final states are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.command import Command

from mmscn.judge.api import loads
from mmscn.judge.finals import FinalStates
from mmscn.runtime.result import Limits, Verdict
from mmscn.show import table
from mmscn.show.counterexamples import drawn, picture

EXECUTORS = ("native", "python")

REACHABLE = """scenario reach
var x: 0..3
param by = 1 | 2
concurrent {
  thread a on cpu 0 { x = by; x = 3 }
  thread b on cpu 1 { if x == by { x = 0 } }
}
reachable "lost" x == 0 and by == 2
reachable "three" x == 3
reachable "never" x == 1 and by == 2
"""
LITMUS = """scenario litmus
var x: 0..3
var y: 0..3
concurrent { thread a on cpu 0 { x = 1; y = x }; thread b on cpu 1 { x = 2 } }
"""


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_reachable_that_holds_has_its_shortest_witness(executor: str) -> None:
    text = "scenario r\nvar x: 0..3\nthread a on cpu 0 { x = 1; x = 2; x = 3 }\nreachable x == 2\n"
    report = loads(text).check(executor=executor)
    (run,) = report.runs
    witness = run.witness("x == 2")
    assert witness is not None
    assert [s.text for s in witness.steps] == ["x = 1", "x = 2"]
    ((_, p, example),) = drawn(report)
    shown = picture(report, run, p, example)
    assert shown.startswith('REACHED "x == 2"')
    assert shown.rstrip().endswith('reached [x: 2]                                   '
                                   '<--- REACHED "x == 2"')  # fmt: skip
    assert '<--- REACHED "x == 2"' in picture(report, run, p, example, steps=True)


def test_the_first_run_that_reaches_is_drawn_behind_what_is_violated() -> None:
    report = loads(REACHABLE).check()
    shown = [(run.params[0][1], p.name) for run, p, _ in drawn(report)]
    assert shown == [(1, "three"), (2, "lost")]
    assert [p.name for _, p, _ in drawn(report, which="all")] == ["three", "lost", "three"]
    assert not list(drawn(report, which="none"))


def test_what_is_not_reached_has_no_witness() -> None:
    for run in loads(REACHABLE).check().runs:
        assert run.witness("never") is None
        assert run.counterexample("never") is None
        assert run.witness("no_deadlock") is None


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (
            "y == 1",
            [
                "a final state is none of the outcomes",
                "expect outcomes { y == 1 }",
                "final states:",
                "[y: 2]  not listed",
                "[y: 1]",
            ],
        ),
        (
            "x == 1 and y == 1; x == 2 and y == 1; x == 2 and y == 2; x == 0 and y == 1",
            [
                '"outcome x == 0 and y == 1" never occurs',
                "expect outcomes { x == 1 and y == 1; x == 2 and y == 1; x == 2 and y == 2; x == 0 "
                "and y == 1 }",
                "final states:",
                "[x: 1] [y: 1]",
                "[x: 2] [y: 1]",
                "[x: 2] [y: 2]",
            ],
        ),
        ("x >= 1", []),
    ],
)
def test_final_states_are_listed_where_outcomes_fail(
    outcomes: str, said: list[str], executor: str
) -> None:
    text = f"{LITMUS}expect outcomes {{ {outcomes} }}\n"
    report = loads(text).check(executor=executor)
    lines = [line.strip() for line in table.unmet_lines(report)]
    assert " ".join(lines) == " ".join(said)
    (run,) = report.runs
    assert (run.final_states() is None) is (run.verdict is Verdict.HOLDS)


LISTED = """
scenario store_buffering
enum colour { red, green }
struct pair { left: 0..1, tint: colour }
machine x86 { cpus 2 }
var x: 0..1
var y: 0..1
var seen[cpu]: 0..10
var last: pair
ghost var never: 0..1
concurrent {
  thread a on cpu 0 { x = 1; seen[cpu 0] = if y == 1 then 10 else 2; last.tint = green }
  thread b on cpu 1 { y = 1; seen[cpu 1] = x; if seen[cpu 1] == 5 { never = 1 } }
}
"""


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("reduce", [True, False])
@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        ("outcomes seen", ["[seen[cpu 0]: 2] [seen[cpu 1]: 1]",
                           "[seen[cpu 0]: 10] [seen[cpu 1]: 0]",
                           "[seen[cpu 0]: 10] [seen[cpu 1]: 1]"]),
        ("outcomes seen[cpu 0], x", ["[seen[cpu 0]: 2] [x: 1]", "[seen[cpu 0]: 10] [x: 1]"]),
        ("outcomes never", ["[never: 0]"]),
        ("outcomes last", ["[last: {left=0 tint=green}]"]),
        ("outcomes x\noutcomes y, x", ["[x: 1] [y: 1]"]),
        ("param p = 0..0\noutcomes x when p == 1\noutcomes y when p == 0", ["[y: 1]"]),
        ("outcomes x\nexpect outcomes { x == 1 }", ["[x: 1]"]),
    ],
)  # fmt: skip
def test_outcomes_lists_final_values(
    asked: str, listed: list[str], reduce: bool, executor: str
) -> None:
    report = loads(f"{LISTED}{asked}\n").check(executor=executor, reduce=reduce)
    found = report.runs[0].final_states()
    assert found is not None
    assert found.complete
    assert found.more == 0
    assert [str(state) for state in found.states] == listed
    assert report.met
    assert all(f"      {line}\n" in table.text(report) for line in listed)


def test_outcomes_without_a_final_state_is_vacuous() -> None:
    text = "scenario s\nvar x: 0..1\nthread a { await x == 1 }\noutcomes x\n"
    (run,) = loads(f"{text}expect violated no_deadlock\n").check().runs
    assert run.property("outcomes x").verdict is Verdict.VACUOUS
    assert run.final_states() == FinalStates(states=(), more=0, complete=True)


def test_a_list_that_a_limit_ends_says_so() -> None:
    report = loads(f"{LISTED}outcomes x\n").check(limits=Limits(states=5))
    found = report.runs[0].final_states()
    assert found is not None
    assert not found.complete
    assert "final states (not all states were searched for them):" in table.text(report)


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [("x == 1", Verdict.HOLDS), ("x == 0", Verdict.VIOLATED), ("seen[cpu 1] == 0", Verdict.HOLDS)],
)
def test_reachable_finally_looks_at_final_states(condition: str, verdict: Verdict) -> None:
    report = loads(f'{LISTED}reachable finally "it" {condition}\n').check()
    assert report.runs[0].property("it").verdict is verdict


def test_what_only_an_outcome_that_never_occurs_looks_at_is_shown() -> None:
    text = f"{LITMUS}expect outcomes {{ y == 3; y >= 1 and x >= 1 }}\n"
    lines = [line.strip() for line in table.unmet_lines(loads(text).check())]
    assert lines[-3:] == ["[x: 1] [y: 1]", "[x: 2] [y: 1]", "[x: 2] [y: 2]"]


def test_many_final_states_are_bounded_and_counted() -> None:
    branches = " or ".join(f"{{ n = {i} }}" for i in range(40))
    text = f"scenario many\nvar n: 0..63\nthread t on cpu 0 {{ choose {branches} }}\n"
    report = loads(f"{text}expect outcomes {{ n == 50 }}\n").check()
    lines = table.unmet_lines(report)
    assert sum("not listed" in line for line in lines) == 12
    assert lines[-1].strip() == "... and 28 more"


def test_a_predicate_called_like_an_outcome_is_none() -> None:
    text = 'scenario s\nvar n: 0..1\nthread t on cpu 0 { n = 1 }\nalways "outcome n" n == 0\n'
    report = loads(text).check()
    assert "never occurs" not in table.text(report)
    assert report.runs[0].final_states() is None


def test_the_json_has_witnesses_and_final_states(mmscn: Command, tmp_path: Path) -> None:
    path = tmp_path / "litmus.mmscn"
    path.write_text(f'{LITMUS}reachable "two" y == 2\nexpect outcomes {{ y == 1 }}\n', "utf-8")
    (run,) = json.loads(mmscn("run", str(path), "--json").out)["scenarios"][0]["runs"]
    found = {p["name"]: p for p in run["properties"]}
    assert found["two"]["trace"]["what"] == "witness"
    assert found["outcomes"]["trace"]["what"] == "counterexample"
    assert found["two"]["at"] == "y = x"
    assert run["final_states"] == {
        "states": [
            {"values": {"y": "2"}, "listed": False},
            {"values": {"y": "1"}, "listed": True},
        ],
        "more": 0,
        "complete": True,
    }
