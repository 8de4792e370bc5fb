"""From the checked program to rules: one for each way through each step."""

from __future__ import annotations

from support.lower.built import ir_of, rules_of, variable

from mmscn.check.core import MODEL_ERROR
from mmscn.runtime.bytecode import CheckKind


def test_a_statement_is_a_rule() -> None:
    ir = ir_of("var a: 0..3\nthread t { a = 1; a = 2 }")
    assert [rule.assigns for rule in rules_of(ir, "t")] == [
        {variable(ir, "a"): ("c", 1)},
        {variable(ir, "a"): ("c", 2)},
    ]


def test_a_decision_is_a_rule_for_each_answer() -> None:
    ir = ir_of("var a: bool\nvar b: 0..3\nthread t { atomic { if a { b = 1 } else { b = 2 } } }")
    a = variable(ir, "a")
    assert [rule.guard for rule in rules_of(ir, "t")] == [
        {a: frozenset({True})},
        {a: frozenset({False})},
    ]


def test_ways_that_contradict_themselves_are_none() -> None:
    ir = ir_of("var a: bool\nvar b: bool\nthread t { atomic { if a { if not a { b = true } } } }")
    assert len(rules_of(ir, "t")) == 2


def test_a_condition_that_was_decided_is_not_decided_again() -> None:
    ir = ir_of("""
        var a: version
        var b: version
        var c: 0..3
        thread t { atomic { if a == b { c = 1 }; if a == b { c = 2 } else { c = 3 } } }
    """)
    assert len(rules_of(ir, "t")) == 2


def test_what_may_go_wrong_is_a_rule_that_breaks_in_range() -> None:
    ir = ir_of("var a: 0..2\nthread t { a += 1 }")
    fine, wrong = rules_of(ir, "t")
    assert fine.guard == {variable(ir, "a"): frozenset({0, 1})}
    assert wrong.guard == {variable(ir, "a"): frozenset({2})}
    assert wrong.violates == {MODEL_ERROR}
    assert wrong.halts
    assert wrong.assigns == {}


def test_an_index_that_the_state_decides_is_a_rule_for_each_cell() -> None:
    ir = ir_of("var a[0..2]: bool\nvar i: 0..2\nthread t { a[i] = true }")
    assert [list(rule.assigns) for rule in rules_of(ir, "t")] == [
        [variable(ir, "a[0]")], [variable(ir, "a[1]")], [variable(ir, "a[2]")],
    ]  # fmt: skip


def test_values_are_those_of_the_state_before_the_step() -> None:
    ir = ir_of("var a: 0..3\nvar b: 0..3\nthread t { atomic { a = 1; b = a } }")
    (rule,) = rules_of(ir, "t")
    assert rule.assigns == {variable(ir, "a"): ("c", 1), variable(ir, "b"): ("c", 1)}


def test_sums_of_constants_are_added_up() -> None:
    ir = ir_of("""
        var a: 0..3
        var b: 0..9
        thread t { atomic { b = a + 1; b += 2; b -= 1; b -= 2 } }
    """)
    assert rules_of(ir, "t")[0].assigns == {variable(ir, "b"): ("v", variable(ir, "a"))}


def test_a_daemon_is_at_rest_at_its_head_and_a_thread_at_its_end() -> None:
    ir = ir_of("var a: bool\ndaemon thread d { await a; a = false }\nthread t { a = true }")
    daemon, thread = ir.processes
    (initial,) = ir.initial
    assert thread.rest == {0}
    assert daemon.pc is not None
    assert daemon.rest == {0, initial[daemon.pc]}


def test_a_thread_that_waits_for_others_is_guarded_by_their_program_counters() -> None:
    ir = ir_of("var a: bool\nordered { thread t { a = true }\nthread u { a = false } }")
    pc = ir.processes[0].pc
    assert [rule.guard for rule in rules_of(ir, "u")] == [{pc: frozenset({0})}]


def test_what_breaks_a_conjunction_is_listed_part_by_part() -> None:
    ir = ir_of("""
        machine x86 { cpus 2; frames 16 }
        each frame { var a: bool; var b: bool; var c: bool }
        var f: frame
        thread t { f = frame 3 }
        always all p in frame: p.a or p.b or not p.c or p == f
    """)
    (check,) = [check for check in ir.checks if check.kind is CheckKind.ALWAYS]
    assert len(check.bad) == 16
