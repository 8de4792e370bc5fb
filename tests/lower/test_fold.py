"""Constant folding, and where it does not apply."""

from __future__ import annotations

from support.lower.built import ir_of, rules_of, stored_names, variable

from mmscn.lower.passes.fold import fold


def test_a_variable_that_never_changes_is_a_constant() -> None:
    ir = fold(ir_of("var a: 0..3 = 2\nvar b: 0..3\nthread t { b = a }"))
    assert ir.constants[variable(ir, "a")] == 2
    assert [rule.assigns for rule in rules_of(ir, "t")] == [{variable(ir, "b"): ("c", 2)}]


def test_a_variable_that_changes_is_not() -> None:
    ir = fold(ir_of("var a: 0..3 = 2\nvar b: 0..3\nthread t { b = a; a = 1 }"))
    assert variable(ir, "a") not in ir.constants
    assert set(ir.vars[variable(ir, "a")].domain) == {1, 2}


def test_a_rule_that_can_never_fire_goes() -> None:
    ir = fold(ir_of("""
        var a: 0..3
        var b: bool
        thread t { atomic { if a == 3 { b = true } }; a = 1 }
    """))
    assert len(rules_of(ir, "t")) == 2
    assert variable(ir, "b") in ir.constants


def test_a_rule_that_can_fire_once_stays() -> None:
    ir = fold(ir_of("""
        var a: 0..3
        var b: bool
        thread t { a = 3; atomic { if a == 3 { b = true } } }
    """))
    assert variable(ir, "b") not in ir.constants


def test_a_local_is_known_at_each_program_counter() -> None:
    ir = fold(ir_of("""
        var a: 0..3
        thread t { var n: 0..3 = 1; a = n; n = 2; a = n }
    """))
    assert [rule.assigns[variable(ir, "a")] for rule in rules_of(ir, "t")] == [("c", 1), ("c", 2)]


def test_values_that_two_ways_bring_are_both_possible() -> None:
    ir = fold(ir_of("""
        var a: 0..3
        var b: bool
        thread t { var n: 0..3 = 0; choose { await b; n = 1 } or { await not b; n = 2 }; a = n }
        thread u { b = true }
    """))
    assert set(ir.vars[variable(ir, "a")].domain) == {0, 1, 2}


def test_what_comes_after_a_bug_is_not_reached() -> None:
    ir = fold(ir_of('var a: 0..3\nthread t { a = 1; BUG "stop"; a = 2 }'))
    assert "a" not in stored_names(ir)


def test_a_fresh_version_is_no_constant() -> None:
    ir = fold(ir_of("var a: version\nvar b: version\nthread t { a = fresh }\nalways a == b"))
    assert stored_names(ir) == {"a"}


def test_ghosts_that_reach_their_bound_keep_it() -> None:
    ir = fold(ir_of("var a: bool\nghost var g: 0..9\nthread t { repeat 2 { a = not a; g += 1 } }"))
    assert set(ir.vars[variable(ir, "g")].domain) >= {0, 1, 2}
