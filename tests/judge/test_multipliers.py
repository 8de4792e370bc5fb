"""What multiplies the states, where a limit ends a search: exact where the sample is all states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from support.command import Command

from mmscn import Limits, load, loads
from mmscn.judge.multipliers import Multipliers, multipliers
from mmscn.runtime.explore.sample import sample
from mmscn.runtime.result import Limit

FREE = """scenario free
var up: 0..7
var twin: 0..7
var n: 0..3
concurrent { thread a { n = 1; n = 2; n = 3 } }
agent dial {
  step more when up < 7 { up += 1 }
  step none when up > 0 { up = 0 }
}
always n < 3 or up < 7 or twin == 3
"""


WIDE = FREE.replace("agent dial", """agent other {
  step more when twin < 7 { twin += 1 }
  step none when twin > 0 { twin = 0 }
}
agent dial""").replace("0..7", "0..99").replace("< 7", "< 99")
"""40 000 states: what `up`, `twin` and the thread do is independent."""


def found(text: str) -> Multipliers | None:
    scenario = loads(text)
    return multipliers(scenario.case(scenario.combinations()[0], True)().compiled)


def test_what_is_independent_multiplies_by_its_values() -> None:
    many = found(FREE)
    assert many is not None
    assert [tuple(m) for m in many.largest] == [("up", 8.0, 8)]


def test_what_follows_from_something_else_multiplies_nothing() -> None:
    both = FREE.replace("{ up += 1 }", "{ up += 1; twin += 1 }").replace("= 0 }", "= 0; twin = 0 }")
    assert found(both) is None  # nor does `n`, which says where the thread stands


def test_a_factor_is_that_of_the_definition() -> None:
    scenario = load("racewrite")
    compiled = scenario.case(scenario.combinations()[0], True)().compiled
    many = multipliers(compiled)
    assert many is not None
    layout, states = sample(compiled.program)
    assert len(states) == many.states
    pc = next(p.pc for p in compiled.program.processes if p.pc is not None)
    own = [pc, *(p.field for p in compiled.places if p.family is None and p.thread == 0)]
    bits = 0
    for f in own:
        bits |= layout.place(f).bits if f is not None else 0
    (writer,) = [m for m in many.largest if m.what == "thread writer"]
    assert writer.factor == round(len(states) / len({s & ~bits for s in states}), 2)
    assert any(m.what.startswith("tlb of cpu") for m in many.largest)
    assert multipliers(compiled) == many


@pytest.mark.parametrize(
    ("limits", "told"),
    [(Limits(states=12_000), True), (Limits(states=5_000), False), (Limits(depth=8), False)],
)
def test_it_is_told_where_there_were_many(limits: Limits, told: bool) -> None:
    report = loads(WIDE).check(limits=limits, reduce=False)
    (run,) = report.runs
    assert run.result.limit in (Limit.STATES, Limit.DEPTH)
    assert (run.multipliers() is not None) is told
    assert ("what multiplies them, in a sample of" in report.table()) is told


def test_the_json_has_it(mmscn: Command, tmp_path: Path) -> None:
    schema = Path(__file__).parents[2] / "dsl/show/result.schema.json"
    path = tmp_path / "wide.mmscn"
    path.write_text(WIDE)
    words = [str(path), "--no-reduce", "--states", "12000"]
    ended = mmscn("run", *words, "--json", "--diagrams", "none")
    document = json.loads(ended.out)
    Draft202012Validator(json.loads(schema.read_text(encoding="utf-8"))).validate(document)
    (run,) = document["scenarios"][0]["runs"]
    assert "multipliers" not in mmscn("run", *words, "--json=1").out
    assert run["multipliers"]["largest"][0]["what"] in ("up", "twin")
