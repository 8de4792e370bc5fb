"""Random walks of a text: what is found, what is drawn of it, and what no walk came by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support.command import Command

from mmscn import Limits, Verdict, load, loads
from mmscn.explain.simulation import Simulation, Walks, simulate, simulated
from mmscn.judge import token
from mmscn.runtime.result import Limit

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "dsl/show/result.schema.json").read_text(encoding="utf-8"))

TEXT = """scenario racing
var n: 0..3
var hit: bool
concurrent {
  thread a { let x = n; n = x + 1; choose { hit = true } or { } }
  thread b { let x = n; n = x + 1; if n == 3 { hit = false } }
}
finally "both count" n == 2
always "small" n <= 2
"""


def walked(text: str, count: int = 200, **more: object) -> Simulation:
    return simulate(loads(text), Walks(count, **more))  # type: ignore[arg-type]


def test_what_a_walk_breaks_is_violated_and_the_rest_is_undecided() -> None:
    (one,) = walked(TEXT).combinations
    run = one.run
    assert run.result.limit is Limit.WALKS
    assert run.property("both count").verdict is Verdict.VIOLATED
    assert {p.verdict for p in run.properties} == {Verdict.VIOLATED, Verdict.UNDECIDED}
    assert not run.met


def test_nothing_found_is_undecided() -> None:
    (one,) = walked(TEXT.replace("== 2\nalways", "<= 2\nalways")).combinations
    assert one.run.verdict is Verdict.UNDECIDED


def test_the_execution_replays_from_its_token_and_no_step_of_it_is_idle() -> None:
    scenario = loads(TEXT)
    (one,) = simulate(scenario, Walks(200)).combinations
    example = one.run.counterexample("both count")
    assert example is not None
    assert example.token is not None
    again = token.replayed(example.token, example.compiled)
    assert again.rules == example.trace.rules
    shortest = scenario.check().runs[0].counterexample("both count")
    assert shortest is not None
    assert len(example.trace.rules) == len(shortest.trace.rules)


def test_what_no_walk_came_by_is_named() -> None:
    found = walked(TEXT)
    assert found.silent is not None
    assert [(s.what, s.why) for s in found.silent] == [("n == 3", "is never true")]
    assert found.branches[0] == found.branches[1] - 1
    assert found.statements[0] == found.statements[1] - 1  # what stands behind the condition
    few = walked(TEXT, 1)
    assert few.silent is not None
    assert few.branches[0] < found.branches[0]


def test_what_can_be_told_is_counted_and_nothing_else() -> None:
    """Not what a module has besides, as the interrupts of a machine that has no TLB."""
    found = walked(TEXT.replace("{ hit = false }", "{ }").replace("n == 3", "n == 2"))
    assert found.silent == ()
    assert found.statements[0] == found.statements[1]
    assert found.branches[0] == found.branches[1]


def test_a_seed_makes_the_same_and_another_one_other_walks() -> None:
    states = [walked(TEXT, 3, seed=s).combinations[0].run.result.states for s in (1, 1, 2, 3, 4)]
    assert states[0] == states[1]
    assert len(set(states)) > 1


def test_walks_stop_where_enough_is_violated() -> None:
    (one,) = walked(TEXT, 10_000, stop="first").combinations
    assert one.run.result.limit is Limit.STOP
    assert one.made < 10_000


@pytest.mark.parametrize(
    "name",
    [
        "racewrite",
        *(pytest.param(n, marks=pytest.mark.slow) for n in ("free_before_flush", "full_gather")),
    ],
)
def test_shipped_scenarios_break_as_their_search_says(name: str) -> None:
    """Their programs with waypoints are laid out otherwise; a walk has an image all the same."""
    scenario = load(name)
    limits = Limits(states=5_000)
    broken = 0
    for values in scenario.combinations()[:2]:
        one = simulated(scenario, values, Walks(150), limits)
        (run,) = scenario.runs([values])
        for p in one.run.violated():
            assert run.property(p.name).verdict is Verdict.VIOLATED
            assert one.run.counterexample(p.name) is not None
            broken += 1
    assert broken or name != "racewrite"


def test_the_command_says_what_walks_came_by(tmp_path: Path, mmscn: Command) -> None:
    file = tmp_path / "racing.mmscn"
    file.write_text(TEXT)
    ended = mmscn("run", str(file), "--simulate", "200", "--seed", "3")
    assert ended.code == 1
    assert "the rest is undecided, random walks came by" in ended.out
    assert "200 random walks, seed 3: of what they did not come by, nothing is known" in ended.out
    assert "`n == 3` is never true" in ended.out
    word = next(line for line in ended.out.splitlines() if line.startswith("token ")).split()[1]
    assert "VIOLATED" in mmscn("replay", word, str(file)).out
    ended = mmscn("run", str(file), "--simulate", "200", "--seed", "3", "--json")
    document = json.loads(ended.out)
    Draft202012Validator(SCHEMA).validate(document)
    (scenario,) = document["scenarios"]
    assert scenario["simulation"]["unseen"][0]["what"] == "n == 3"
    assert scenario["runs"][0]["stats"]["limit"] == "walks"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--seed", "1"], "--seed is of --simulate"),
        (["--simulate", "9", "--checkpoint", "x"], "--checkpoint is about a search"),
        (["--simulate", "0"], "0 is not in the range"),
    ],
)
def test_what_makes_no_sense_is_refused(
    words: list[str], said: str, tmp_path: Path, mmscn: Command
) -> None:
    (tmp_path / "racing.mmscn").write_text(TEXT)
    ended = mmscn("run", str(tmp_path / "racing.mmscn"), *words)
    assert ended.code == 2
    assert said in ended.err
