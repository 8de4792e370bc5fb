"""The IR is well-formed behind every pass, and what is not well-formed is seen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest
from attrs import evolve
from support.agreement.agreement import programs_of
from support.lower.built import ir_of, variable
from support.lower.wellformed import faults
from support.strategies import scenario_text

from mmscn.check.core import Checked
from mmscn.diagnostics import Rejected
from mmscn.judge.shipped import shipped_scenarios
from mmscn.lower.compile import PASSES, REDUCTIONS
from mmscn.lower.ir import Ir
from mmscn.lower.passes.facts import gather_facts
from mmscn.lower.passes.together import Places, Projection
from mmscn.lower.rule_builder import build
from mmscn.source import Source

SHIPPED = ("racewrite", "ramfs", "huge_page", "timestamp")
SEEDS = range(30)


def stages(checked: Checked) -> Iterator[tuple[str, Ir]]:
    """Each pass and the IR behind it; the reductions from the IR in front of `live`."""
    ir, _ = build(checked)
    yield "build", ir
    for name, (run, _) in PASSES.items():
        early, ir = ir, run(ir)
        yield name, ir
    early = early.having(rules=[evolve(r, parts=(n,)) for n, r in enumerate(early.rules)])
    for name, (step, _) in REDUCTIONS.items():
        if step is not None:
            early = step(early)
            yield name, early


def all_faults(checked: Checked) -> list[str]:
    return [f"{name}: {text}" for name, ir in stages(checked) for text in faults(ir)]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_pass_over_a_shipped_scenario_leaves_it_well_formed(name: str) -> None:
    (path,) = [s.path for s in shipped_scenarios() if s.name == name]
    with open(path, encoding="utf-8") as file:
        source = Source(path, file.read())
    for shown, checked in programs_of(source, 1):
        assert all_faults(checked) == [], shown


def test_every_pass_over_generated_scenarios_leaves_them_well_formed() -> None:
    seen = 0
    for seed in SEEDS:
        try:
            for _, checked in programs_of(Source(f"seed {seed}", scenario_text(seed)), 1):
                assert all_faults(checked) == [], seed
                seen += 1
        except Rejected:
            continue
    assert seen > len(SEEDS) // 2


TWO = """
var x: 0..3
var y: 0..3
thread a { let p = x; y = p; x = 1 }
thread b { let q = y; x = q; y = 2 }
"""


@cache
def broken_ones() -> dict[str, Ir]:
    ir = ir_of(TWO)
    rule, *rest = ir.rules
    x = variable(ir, "x")
    local = variable(ir, "p")
    other = next(r for r in ir.rules if r.process == 1)
    others = [r for r in ir.rules if r is not other]
    pc = ir.processes[0].pc
    assert pc is not None
    return {
        "no value": ir.having(rules=[evolve(rule, guard={x: frozenset()}), *rest]),
        "to be what it never is": ir.having(rules=[evolve(rule, guard={x: frozenset({9})}), *rest]),
        "not in (0, 1": ir.having(rules=[evolve(rule, assigns={x: ("c", 9)}), *rest]),
        "the counter 99": ir.having(rules=[evolve(rule, to=99), *rest]),
        "which is dropped": ir.having(
            rules=[evolve(rule, assigns={local: ("v", x)}), *rest], dropped={x}
        ),
        "in one place": ir.having(
            rules=[evolve(rule, assigns={x: ("c", 1), local: ("c", 1)}), *rest], slots={local: x}
        ),
        "of another thread": ir.having(
            rules=[*others, evolve(other, assigns={x: ("v", local)})]
        ),
        "a literal": ir.having(rules=[evolve(rule, literals={("c", True): True}), *rest]),
        "program counter": ir.having(rules=[evolve(rule, assigns={pc: ("c", 0)}), *rest]),
        "initial": ir.having(initial=[{**ir.initial[0], x: 9}]),
    }


@pytest.mark.parametrize("text", broken_ones())
def test_what_is_not_well_formed_is_seen(text: str) -> None:
    assert any(text in fault for fault in faults(broken_ones()[text]))


def test_a_rule_that_waits_for_where_another_goes_can_follow_it() -> None:
    ir = ir_of("var x: 0..1\nordered { thread a { x = 1 }\nthread b { x = 0 } }")
    ir, facts = gather_facts(ir)
    (first,) = [r for r in ir.rules if r.process == 0]
    (second,) = [r for r in ir.rules if r.process == 1]
    assert ir.processes[0].pc in second.guard
    projection = Projection(ir, Places(facts), (), (0, 1))
    assert projection.complete
    assert projection.before_both(first, second)


def test_a_rule_that_waits_for_where_another_was_cannot_follow_it() -> None:
    ir = ir_of("var x: 0..1\nordered { thread a { x = 1 }\nthread b { x = 0 } }")
    ir, facts = gather_facts(ir)
    (first,) = [r for r in ir.rules if r.process == 0]
    (second,) = [r for r in ir.rules if r.process == 1]
    pc = ir.processes[0].pc
    assert pc is not None
    second = evolve(second, guard={pc: frozenset({first.at})})
    projection = Projection(ir, Places(facts), (), (0, 1))
    assert not projection.before_both(first, second)
