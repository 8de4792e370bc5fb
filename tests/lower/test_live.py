"""Dead locals are reset and share their places, and live ones do neither."""

from __future__ import annotations

from attrs import evolve
from support.agreement.agreement import programs_of
from support.lower.built import ir_of, rules_of, variable

from mmscn.lower.compile import compile
from mmscn.lower.ir import Ir
from mmscn.lower.passes.live import reset_dead
from mmscn.runtime.explore.bfs import search
from mmscn.runtime.result import Limits
from mmscn.source import Source

OTHER = "\nthread other { choose { a = 1 } or { a = 2 } }"


def place_of(ir: Ir, v: int) -> int:
    return ir.slots.get(v, v)


def states(text: str, *without: str) -> int:
    (_, checked), *_ = programs_of(Source("text", "scenario s\n" + text))
    compiled = compile(checked, without=frozenset(without))
    return search(compiled.program, limits=Limits(states=10_000)).states


def test_a_local_that_is_not_read_again_is_reset() -> None:
    ir = reset_dead(ir_of("var a: 0..3\nthread t { let n = a; a = n; a = 0 }"))
    n = variable(ir, "n")
    first, second, third = rules_of(ir, "t")
    assert first.assigns[n] == ("v", variable(ir, "a"))
    assert second.assigns[place_of(ir, n)] == ("c", 0)
    assert {n, place_of(ir, n)}.isdisjoint(third.assigns)


def test_states_that_differ_in_dead_locals_are_one() -> None:
    text = "var a: 0..3\nthread t { let n = a; await n != 3; await true; await true }" + OTHER
    assert states(text, "fold") < states(text, "fold", "live")


def test_a_local_that_is_read_again_is_kept() -> None:
    text = "var a: 0..3\nvar b: 0..3\nthread t { let n = a; await true; b = n }\nfinally b == 3"
    text += OTHER
    assert states(text, "fold") == states(text, "fold", "live")


def test_locals_that_never_live_together_share_a_place() -> None:
    ir = reset_dead(ir_of("var a: 0..3\nthread t { let n = a; a = n; let m = a; a = m }"))
    assert place_of(ir, variable(ir, "m")) == place_of(ir, variable(ir, "n"))


def test_a_step_that_halts_leaves_one_value_in_a_place() -> None:
    """Behind a BUG nobody reads: of two locals of one place, one is written there."""
    ir = ir_of('var a: 0..3\nthread t { let n = a; a = n; let m = a; a = m; BUG "end" }')
    n, m = variable(ir, "n"), variable(ir, "m")
    more = {n: ("c", 1), m: ("c", 2)}
    both = [evolve(r, assigns={**r.assigns, **more}) if r.halts else r for r in ir.rules]
    ir = reset_dead(ir.having(rules=both))
    assert place_of(ir, n) == place_of(ir, m)
    (halting,) = [rule for rule in ir.rules if rule.halts]
    assert [v for v in halting.assigns if v in (n, m)] == [n]


def test_locals_that_live_together_do_not() -> None:
    ir = reset_dead(ir_of("var a: 0..3\nthread t { let n = a; let m = a; a = m; a = n }"))
    assert place_of(ir, variable(ir, "m")) != place_of(ir, variable(ir, "n"))


def test_a_version_shares_no_place_with_a_number() -> None:
    ir = reset_dead(ir_of("""
        var a: 0..3
        var v: version
        thread t { let n = a; a = n; let w = v; v = w }
    """))
    assert place_of(ir, variable(ir, "w")) != place_of(ir, variable(ir, "n"))


def test_a_local_that_changes_on_the_spot_is_live() -> None:
    ir = reset_dead(ir_of("var a: 0..1\nthread t { while true { let n = a } }"))
    assert [rule.assigns.get(variable(ir, "n")) for rule in rules_of(ir, "t")] == [
        ("v", variable(ir, "a"))
    ]
