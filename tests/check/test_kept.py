"""What combinations share: each is what it is alone."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from attrs import evolve
from support.check.alone import combinations_apart

from mmscn.check import kept, shared
from mmscn.check.context import Context
from mmscn.check.elaborate import elaborate, knobs_read
from mmscn.check.modules import Unit
from mmscn.check.settings import Settings
from mmscn.check.shared import Kept
from mmscn.check.values import Atom
from mmscn.check.variation import matrix
from mmscn.judge.prepare import checked_of, compiled_of, unit_of
from mmscn.judge.shipped import finder, read, shipped_scenario, shipped_scenarios
from mmscn.lower import kept_rules
from mmscn.lower.flow import Node
from mmscn.lower.path import Path
from mmscn.lower.rule_builder import build
from mmscn.lower.ways import End, Ways
from mmscn.source import Source

BODY = "thread t { x = 1; await x == 1 }"


def unit(text: str) -> Unit:
    return unit_of(Source("text", "scenario s\n" + text), finder(None))


VARIED = {
    "a condition": "param p = 1 | 2\nvar x: 0..3\nthread t { if p == 1 { x = 1 } else { x = 2 } }",
    "a value": "param p = 1 | 2\nvar x: 0..3\nthread t { x = p }",
    "true and one": "param p = true | 1\nvar x: 0..3\nthread t { let z = p; x = 1 }",
    "a constant": "param p = 1 | 2\nconst c = p + 1\nvar x: 0..3\nthread t { x = c }",
    "a constant that two threads read": "param p = 1 | 2\nconst c = p + 1\nvar x: 0..3\n"
    "concurrent { thread t { x = c }\nthread u { await x == c } }",
    "a range": "param p = 1 | 2\nvar x: 0..p\nvar y: 0..3\nthread t { x = y }",
    "a first value": "param p = 1 | 2\nvar x: 0..3 = p\n" + BODY,
    "an init block": "param p = 1 | 2\nvar x: 0..3\ninit { x = p }\n" + BODY,
    "a struct": "param p = 1 | 2\nstruct m { a: 0..p\n b: bool }\nvar x: m\n"
    "thread t { x.a = 1; let y = x }",
    "how many cpus": "param p = 1 | 2\nmachine x86 { cpus p }\nvar x: 0..3\n"
    "thread t on cpu 0 { choose c in cpu { x = 1 } }",
    "how many threads": "param p = 1 | 2\nmachine x86 { cpus 3 }\nvar x: 0..3\n"
    "concurrent { thread t[c in 0..p - 1] on cpu c { x = c }\nthread u on cpu 2 { x = 3 } }",
    "a procedure": "param p = 1 | 2\nvar x: 0..3\nproc f() when p == 1 { x = 1 }\n"
    "proc f() when p == 2 { x = 2; x = 3 }\n"
    "concurrent { thread t { call f() }\nthread u { let y = x; x = y } }",
    "a procedure that takes steps": "param p = 1 | 2\nvar x: 0..3\n"
    "proc f() when p == 1 { return 1 }\n"
    "proc f() when p == 2 { x = 2; return 2 }\n"
    "concurrent { thread t { if f() == 1 { x = 1 } }\nthread u { if f() == 1 { x = 3 } } }",
    "a mark": "param p = 1 | 2\nvar x: 0..3\n"
    "concurrent { thread t { if p == 1 { mark m }; x = 1 }\nthread u { mark m; x = 2 } }",
    "an assertion of another": "param p = 1 | 2\nvar x: 0..3\n"
    "concurrent { thread t { if p == 1 { assert x < 3 }; x = 1 }\nthread u { assert x < 2 } }",
    "the locals of another": "param p = 1 | 2\nvar x: 0..3\n"
    "concurrent { thread t { if p == 1 { let y = x; x = y } }\nthread u { let z = x; x = z } }",
    "a text": "param p = 1 | 2\nvar x: 0..3\nvar y: 0..3\n"
    "thread t { await x == 0 or y == p; await x == 0 and (x == 1 and p == 1 or true) }",
    "an agent": "param p = 1 | 2\nvar x: 0..3\nagent a[c in cpu] { var n: 0..3\n"
    "step s when x == p { n = 1; x = 0 } }\n" + BODY,
    "an agent's variable": "param p = 1 | 2\nvar x: 0..3\nagent a { var n: 0..p\n"
    "step s when x > 0 { n = x; x = 0 } }\n" + BODY,
    "the agent in front": "param p = 1 | 2\nvar x: 0..3\n"
    "agent a { var n: 0..p\nstep s { n = 1 } }\n"
    "agent b { var m: 0..3\nstep s when x == 2 { m = 1; let z = x; x = z } }\n" + BODY,
    "who is first": "param p = 1 | 2\nvar x: 0..3 = p\n"
    "thread t { let y = 1; assert x == 1; x = 2 }",
    "a step with too many ways": "param p = 1 | 2\nvar f[0..11]: bool\nvar y: 0..3\n"
    "var x[0..11]: 0..2\nconcurrent { thread u { y = p }\n"
    "thread t { atomic { for i in 0..11 { if f[i] { x[i] = 1 } else { x[i] = 2 } } } } }",
    "what is wrong": "param p = 1 | 9\nvar x: 0..3\nthread t { x = p }",
    "what is wrong in all": "param p = 1 | 2\nvar x: 0..3\nthread t { x = 9 }",
    "an order": "param memory = sc | tso\nimport hw.memory\nvar x: 0..3\nvar y: 0..3\n"
    "concurrent { thread t { x = 1; let a = y }\nthread u { y = 1; let b = x } }",
}  # fmt: skip


@pytest.mark.parametrize("name", VARIED)
def test_a_combination_is_what_it_is_alone(name: str) -> None:
    assert combinations_apart(unit(VARIED[name])) == []


def nothing(*_: object) -> Any:
    return ()


MUTANTS: dict[str, tuple[object, str, Callable[..., Any], str]] = {
    "no setting": (Settings, "exact", nothing, "a value"),
    "nothing that is declared": (kept, "surroundings", lambda ctx: 0, "a range"),
    "nothing that agents declare": (
        kept, "surroundings", lambda ctx: surrounding(ctx), "an agent's variable"
    ),
    "no numbers of checks": (
        kept.Part, "numbers_checks", lambda self, ctx: True, "an assertion of another"
    ),
    "numbers of variables": (
        kept_rules, "moved_term", lambda term, moves: term, "the locals of another"
    ),
}  # fmt: skip


def surrounding(ctx: Any) -> int:
    return SURROUNDINGS(ctx) if ctx.part < 2 else 0


SURROUNDINGS = kept.surroundings


@pytest.mark.parametrize("name", MUTANTS)
def test_what_looks_at_less_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, what, instead, text = MUTANTS[name]
    monkeypatch.setattr(where, what, instead)
    assert combinations_apart(unit(VARIED[text])) != []


def test_what_reads_no_param_is_made_once() -> None:
    found = unit("param p = 1 | 2 | 3\nvar x: 0..3\n"
                 "concurrent { thread t { x = p }\nthread u { x = 1 } }\n"
                 "agent a { step s when x == 1 { x = 0 } }")  # fmt: skip
    programs = [elaborate(found, params) for params in matrix(found)]
    assert len({id(program.threads[0].body) for program in programs}) == 3
    assert len({id(program.threads[1].body) for program in programs}) == 1
    assert len({id(program.agents[0].body) for program in programs}) == 1


def test_ways_that_are_joined_are_written_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    joined, asked = Ways.joined_ways, []

    def counted(self: Ways, path: Path, node: Node, name: str) -> list[End]:
        asked.append(name)
        return joined(self, path, node, name)

    monkeypatch.setattr(Ways, "joined_ways", counted)
    found = unit(VARIED["a step with too many ways"])
    for params in matrix(found):
        build(elaborate(found, params))
    assert asked == ["t"]


def test_what_is_shared_has_read_its_settings_all_the_same() -> None:
    text = "import hw.memory\nvar x: 0..3\nparam p = 1 | 2\nthread t { spinlock_free() }"
    found = unit(text.replace("spinlock_free()", "x = 1; fence full"))
    first, second = matrix(found)
    assert knobs_read(found, first) == knobs_read(found, second)
    assert "memory" in knobs_read(found, second)


def test_texts_are_told_by_the_settings_of_their_own_combination() -> None:
    found = unit("param p = 1 | 2\nvar x: 0..3\n" + BODY)
    for params in matrix(found):
        for origin in elaborate(found, params).origins.values():
            if isinstance(origin.text, partial) and isinstance(origin.text.args[0], Context):
                assert origin.text.args[0].settings["p"] == params["p"]


def test_what_is_forgotten_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "SURROUNDINGS_MAX", 1)
    monkeypatch.setattr(shared, "ORIGINS_MAX", 3)
    assert combinations_apart(unit(VARIED["a range"])) == []
    assert combinations_apart(unit(VARIED["an agent's variable"])) == []


def test_a_copy_of_a_unit_shares_nothing_with_it() -> None:
    found = unit("var x: 0..3\n" + BODY)
    elaborate(found, {})
    assert isinstance(found.kept, Kept)
    assert evolve(found).kept is None


def test_settings_are_known_by_their_kinds() -> None:
    assert Settings({"p": 1}).exact("p") != Settings({"p": True}).exact("p")
    assert Settings({"p": None}).exact("p") != Settings({}).exact("p")
    assert Settings({"p": Atom("1")}).exact("p") != Settings({"p": 1}).exact("p")


def test_combinations_of_a_shipped_scenario_are_what_they_are_alone() -> None:
    assert combinations_apart(of_shipped("flush_before_clear_up")) == []


def of_shipped(name: str) -> Unit:
    found = shipped_scenario(name)
    assert found is not None
    return unit_of(read(found.file, found.path), finder(found.file.parent))


@pytest.mark.slow
@pytest.mark.parametrize("name", [s.name for s in shipped_scenarios()])
def test_combinations_of_shipped_scenarios_are_what_they_are_alone(name: str) -> None:
    assert combinations_apart(of_shipped(name)) == []


def test_what_is_made_of_a_combination_goes_with_it() -> None:
    """Nothing waits for the garbage collector, which a run asks for rarely."""
    text = VARIED["a procedure that takes steps"]
    made = unit(text)
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for values in matrix(made, {}):
            compiled_of(checked_of(made, values)[0], None)
        gc.collect()
        left = {type(o).__name__ for o in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
    assert not left & {"Context", "Checked", "Origin", "Builder", "Ir", "Rule", "Compiled"}
