"""Bits, masks and tables: what the assembler makes of variables and conditions."""

from __future__ import annotations

from support.agreement.agreement import EVERYTHING, programs_of

from mmscn.lower.compile import compile
from mmscn.runtime.bytecode import Op, Program
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.result import Verdict
from mmscn.source import Source


def program_of(text: str, without: frozenset[str] = EVERYTHING) -> Program:
    (_, checked), *_ = programs_of(Source("text", "scenario s\n" + text))
    return compile(checked, without=without).program


def ops(program: Program) -> set[Op]:
    return {
        Op(instr[0]) for rule in program.rules for instr in (*rule.tests, *rule.effects)
    }


def test_a_field_is_as_wide_as_its_domain() -> None:
    program = program_of(
        "var a: 0..4\nvar b: bool\nthread t { a = 4; b = true }\nalways a < 4 or not b",
        frozenset({"fold"}),
    )
    assert sorted(f.width for f in program.fields) == [1, 2, 3]


def test_a_field_lies_in_one_word() -> None:
    program = program_of("var a[0..39]: 0..3\nvar i: 0..39\nthread t { a[i] = 1 }")
    assert program.words >= 2
    assert all(f.shift + f.width <= 64 for f in program.fields)


def test_versions_that_never_meet_are_numbered_apart() -> None:
    program = program_of("""
        var a: version
        var b: version
        var c: version
        thread t { a = fresh; b = a; c = fresh }
    """)
    assert sorted(len(group.fields) for group in program.versions) == [1, 2]


def test_versions_that_hardware_compares_meet() -> None:
    program = program_of("""
        var a: version
        var b: version
        agent dev { step s when a == 1 { b = a }; busy when a != 2 }
        thread t { a = fresh }
    """)
    (group,) = program.versions
    assert len(group.fields) == 2
    assert group.named == 3


def test_a_version_that_is_never_fresh_is_a_plain_number() -> None:
    program = program_of("var a: version\nthread t { a = 1; a = 2 }")
    assert program.versions == ()


def test_a_count_is_added_and_a_copy_is_copied() -> None:
    program = program_of("""
        var a: 0..9
        var b: 0..9
        thread t { a = 3; a += 2; a -= 1; b = a }
        finally a == 4 and b == 4
    """)
    assert {Op.ADD, Op.COPY} <= ops(program)
    assert Verdict.VIOLATED not in {check.verdict for check in explore(program).checks}
    assert Op.MAP not in ops(program)


def test_what_needs_computing_is_looked_up() -> None:
    program = program_of("""
        var a: 0..2
        var b: 0..2
        var c: 0..4
        thread t { c = a + b }
        thread u { a = 1; b = 1 }
    """)
    assert Op.MAP in ops(program)


def test_values_of_different_domains_are_translated() -> None:
    program = program_of("var a: 1..3 = 2\nvar b: 0..3\nthread t { b = a }\nthread u { a = 3 }")
    assert Op.COPY not in ops(program)


def test_a_condition_that_no_state_fulfils_is_no_rule() -> None:
    program = program_of("var a: bool\nthread t { atomic { await a; await not a } }")
    assert len(program.rules) == 0


def test_the_number_of_a_field_without_values_is_never_matched() -> None:
    program = program_of("var a: 0..2\nthread t { await a != 2 }\nthread u { a = 1; a = 2 }")
    assert all(
        value & ~mask == 0
        for rule in program.rules
        for op, *operands in rule.tests
        if op in (Op.MATCH, Op.MISMATCH)
        for _, mask, value in [operands]
    )
