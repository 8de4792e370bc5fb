"""Dead variables and dead steps of hardware, and what is not dead."""

from __future__ import annotations

from support.lower.built import ir_of, rules_of, stored_names

from mmscn.lower.passes.dead import drop_dead


def test_a_variable_that_nobody_reads_is_dropped() -> None:
    ir = drop_dead(ir_of("var a: bool\nvar b: bool\nthread t { a = true; b = a }\nalways not a"))
    assert stored_names(ir) == {"a"}
    assert len(rules_of(ir, "t")) == 2, "steps of threads stay"


def test_what_is_only_copied_into_dead_variables_is_dead() -> None:
    ir = drop_dead(ir_of("var a: bool\nvar b: bool\nthread t { a = true; b = a; b = not b }"))
    assert stored_names(ir) == set()


def test_what_a_thread_waits_for_is_not_dead() -> None:
    ir = drop_dead(ir_of("var a: bool\nthread t { await a }\nthread u { a = true }"))
    assert stored_names(ir) == {"a"}


def test_what_an_assertion_reads_is_not_dead() -> None:
    ir = drop_dead(ir_of('var a: bool\nthread t { assert not a "x" }\nthread u { a = true }'))
    assert stored_names(ir) == {"a"}


def test_what_a_check_reads_is_not_dead() -> None:
    text = "var a: bool\nvar b: bool\nthread t { a = b }\n"
    assert stored_names(drop_dead(ir_of(text + "reachable a"))) == {"a", "b"}
    assert stored_names(drop_dead(ir_of(text + "always b implies true"))) == {"b"}


def test_what_says_that_hardware_is_busy_is_not_dead() -> None:
    ir = drop_dead(ir_of("""
        agent dev { var n: 0..1 = 1; step work when n == 1 { n = 0 }; busy when n == 1 }
        thread t { await true }
        finally true
    """))
    assert stored_names(ir) == {"n"}


def test_a_step_of_hardware_that_changes_what_is_dead_goes() -> None:
    ir = drop_dead(ir_of("agent dev { var n: bool; step flip { n = not n } }\nthread t { }"))
    assert rules_of(ir, "dev.flip") == []


def test_a_step_of_hardware_that_asserts_stays() -> None:
    ir = drop_dead(ir_of('agent dev { var n: bool; step look { assert not n "x" } }\nthread t { }'))
    assert rules_of(ir, "dev.look") != []


def test_what_a_thread_changes_on_the_spot_is_not_dead() -> None:
    ir = drop_dead(ir_of("var a: bool\nthread t { while true { a = true } }"))
    assert stored_names(ir) == {"a"}
