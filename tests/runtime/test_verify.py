"""The verifier accepts what is well-formed, and says of the rest where and why it is not."""

from __future__ import annotations

from typing import Any

import pytest
from support.runtime.programs import layout, match, put, random_program, twins

from mmscn.runtime.bytecode import (
    Check,
    CheckId,
    CheckKind,
    Field,
    FieldId,
    Instr,
    Op,
    Permutation,
    Process,
    ProcessKind,
    Program,
    Rule,
    RuleId,
    VersionGroup,
)
from mmscn.runtime.verify import VerifyError, verify

# f0 and f1 are program counters, f2 and f3 plain, f4 and f5 versions.
FIELDS = layout(1, 1, 2, 3, 2, 2)
PLAIN, VERSION = FIELDS[2], FIELDS[4]


def _thread(p: int) -> Process:
    return Process(
        kind=ProcessKind.THREAD, pc=FieldId(p), dispatch=((RuleId(p),), ()), rest=(1,), column=p
    )


GOOD = Program(
    words=1,
    fields=FIELDS,
    initial=((0,),),
    processes=(_thread(0), _thread(1)),
    rules=(
        Rule(process=0, tests=(), effects=(put(FIELDS[0], 1),)),
        Rule(process=1, tests=(), effects=(put(FIELDS[1], 1),)),
    ),
    tables=((0, 1, 2, 3), (1, 0, 2, 3), (0, 1)),
    checks=(Check(kind=CheckKind.DEADLOCK),),
    versions=(VersionGroup(fields=(FieldId(4), FieldId(5)), named=1, canonical=True),),
    symmetry=(Permutation(moves=((FieldId(0), FieldId(1), -1), (FieldId(1), FieldId(0), -1))),),
)


def test_a_well_formed_program_passes() -> None:
    verify(GOOD)


@pytest.mark.parametrize("seed", range(40))
def test_generated_programs_pass(seed: int) -> None:
    verify(random_program(seed))
    verify(twins(seed))


def _rule(**changes: Any) -> dict[str, Any]:
    return {"rules": (GOOD.rules[0]._replace(**changes), GOOD.rules[1])}


def _process(**changes: Any) -> dict[str, Any]:
    return {"processes": (GOOD.processes[0]._replace(**changes), GOOD.processes[1])}


def _moves(*moves: tuple[int, int, int]) -> dict[str, Any]:
    return {
        "symmetry": (Permutation(moves=tuple((FieldId(f), FieldId(g), t) for f, g, t in moves)),)
    }


def _group(**changes: Any) -> dict[str, Any]:
    return {"versions": (GOOD.versions[0]._replace(**changes),)}


MALFORMED: list[tuple[dict[str, Any], str]] = [
    ({"fields": (*FIELDS, Field(word=1, shift=0, width=1))}, "field 6: word 1 of 1"),
    ({"fields": (*FIELDS, Field(word=0, shift=60, width=5))}, "field 6: bits 60 to 64 of a word"),
    ({"fields": (*FIELDS, FIELDS[2])}, "field 6: overlaps an earlier field"),
    ({"tables": ((-1,),)}, "table 0: holds a negative number"),
    ({"initial": ()}, "initial: no state"),
    ({"initial": ((0, 0),)}, "initial 0: 2 words instead of 1"),
    ({"initial": ((1 << 64,),)}, "initial 0: word 0 is not of 64 bits"),
    ({"initial": ((1 << 63,),)}, "initial 0: word 0 has bits of no field"),
    (_process(pc=None), "process 0: a THREAD needs a program counter"),
    (_process(pc=FieldId(1)), "process 1: shares its program counter"),
    (_process(pc=FieldId(4)), "process 0: its program counter is a version"),
    (_process(pc=FieldId(9)), "process 0: field 9 of 6"),
    (_process(prompt=True), "process 0: a THREAD is not prompt"),
    (_process(kind=ProcessKind.AGENT), "process 0: an agent has no program counter"),
    (_process(kind=ProcessKind.AGENT, pc=None), "process 0: an agent has one dispatch list"),
    (
        _process(kind=ProcessKind.AGENT, pc=None, dispatch=((RuleId(0),),)),
        "process 0: an agent has no place of rest",
    ),
    (_process(dispatch=((RuleId(0),), (), ())), "process 0: 3 dispatch lists for a pc of 1 bits"),
    (_process(rest=(2,)), "process 0: rests at pc 2 of 2"),
    (_process(dispatch=((RuleId(7),), ())), "process 0, pc 0: rule 7 of 2"),
    (_process(dispatch=((RuleId(0), RuleId(0)), ())), "process 0, pc 0: lists a rule twice"),
    (_process(dispatch=((RuleId(1),), ())), "process 0, pc 0: rule 1 is of another process"),
    (_process(dispatch=((), ())), "rule 0: is in no dispatch list"),
    (
        {**_process(dispatch=((RuleId(0),),), rest=()), "initial": ((1,),)},
        "initial 0: program counter 0 is 1 of 1",
    ),
    (_rule(violates=(CheckId(1),)), "rule 0: violates check 1 of 1"),
    (_rule(covers=(CheckId(-1),)), "rule 0: covers check -1 of 1"),
    (_rule(parts=(RuleId(-1),)), "rule 0: a part is negative"),
    (_rule(origin=-1), "rule 0: its origin is negative"),
    (
        _rule(effects=(put(PLAIN, 1), (Op.ADD, 2, 1))),
        "rule 0, effect 1: writes bits that an earlier effect writes",
    ),
    (
        {"checks": (Check(kind=CheckKind.STEP, bad=((),)),)},
        "check 0: STEP looks at no state, but has a `bad`",
    ),
    ({"quiescent": (((Op.PUT, 0, 1, 1),),)}, "quiescent 0, test 0: PUT does not belong here"),
    (
        {"checks": (Check(kind=CheckKind.ALWAYS, bad=(((Op.SAME, 2, 8),),)),)},
        "check 0, bad 0, test 0, SAME: field 8 of 6",
    ),
    (_moves((0, 1, -1)), "permutation 0: the fields that move are not the fields that are moved"),
    (_moves((0, 1, -1), (0, 0, -1)), "permutation 0: gives a field twice"),
    (_moves((0, 0, -1)), "permutation 0: is the identity"),
    (_moves((0, 2, -1), (2, 0, -1)), "permutation 0: moves 2 bits into field 0 of 1"),
    (_moves((2, 2, 9)), "permutation 0, field 2: table 9 of 3"),
    (_moves((3, 3, 0)), "permutation 0, field 3: table 0 is no bijection on 3 bits"),
    (_moves((4, 4, 1)), "permutation 0, field 4: table 1 renames a version that has no name"),
    (_moves((4, 2, -1), (2, 4, -1)), "permutation 0: tears version group 0 apart"),
    (_group(fields=(FieldId(4), FieldId(4))), "version group 0: field 4 is in a group already"),
    (_group(named=3), "version group 0: field 4 cannot hold version 4"),
    (_group(named=5, canonical=False), "version group 0: field 4 cannot hold version 4"),
]


@pytest.mark.parametrize(("changes", "reason"), MALFORMED, ids=[r for _, r in MALFORMED])
def test_a_malformed_program_is_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(VerifyError) as error:
        verify(GOOD._replace(**changes))
    assert str(error.value).startswith(reason)
    assert "\n" not in str(error.value)


MALFORMED_TESTS: list[tuple[Instr, str]] = [
    ((), "is empty"),
    ((7,), "op 7 does not belong here"),
    ((Op.PUT, 0, 1, 1), "PUT does not belong here"),
    ((Op.MATCH, 0, 1), "MATCH: 2 operands instead of 3"),
    ((Op.MATCH, 1, 1, 1), "MATCH: word 1 of 1"),
    ((Op.MATCH, 0, 0, 0), "MATCH: mask 0x0 is not of 1 to 64 bits"),
    ((Op.MATCH, 0, 1, 2), "MATCH: value 0x2 is not within the mask"),
    ((Op.MISMATCH, 0, 1 << 60, 0), "MISMATCH: mask 0x1000000000000000 has bits of no field"),
    ((Op.MATCH, 0, 1 << VERSION.shift, 0), "MATCH: takes a part of version field 4"),
    (match(VERSION, 1), "MATCH: version 1 of field 4 has no name"),
    ((Op.SAME, 2), "SAME: 1 operands instead of 2"),
    ((Op.SAME, 2, 4), "SAME: fields 2 and 4 are not of one version group"),
    ((Op.DIFFER, 2, -1), "DIFFER: field -1 of 6"),
    ((Op.LOOKUP, 0), "LOOKUP: 1 operands, at least 2"),
    ((Op.LOOKUP, 3, 2), "LOOKUP: table 3 of 3"),
    ((Op.LOOKUP, 0, 3), "LOOKUP: table 0 has 4 entries instead of 8"),
    ((Op.LOOKUP, 0, 4), "LOOKUP: field 4 holds a version"),
    ((Op.LOOKUP, 0, *[3] * 9), "LOOKUP: an index of 27 bits, at most 24"),
]


@pytest.mark.parametrize(("test", "reason"), MALFORMED_TESTS, ids=[r for _, r in MALFORMED_TESTS])
def test_a_malformed_test_is_refused(test: Instr, reason: str) -> None:
    with pytest.raises(VerifyError) as error:
        verify(GOOD._replace(**_rule(tests=(test,))))
    assert str(error.value).removeprefix("rule 0, test 0").lstrip(",: ").startswith(reason)


MALFORMED_EFFECTS: list[tuple[Instr, str]] = [
    ((Op.SAME, 2, 3), "SAME does not belong here"),
    (put(VERSION, 1), "PUT: version 1 of field 4 has no name"),
    ((Op.ADD, 2, 4), "ADD: 4 for a field of 2 bits"),
    ((Op.ADD, 2, 0), "ADD: 0 for a field of 2 bits"),
    ((Op.ADD, 4, 1), "ADD: field 4 holds a version"),
    ((Op.COPY, 2, 3), "COPY: 3 bits into 2"),
    ((Op.COPY, 2, 4), "COPY: fields 2 and 4 are not of one version group"),
    ((Op.MAP, 2, 0), "MAP: 2 operands, at least 3"),
    ((Op.MAP, 0, 0, 2), "MAP: table 0 holds 3, field 0 at most 1"),
    ((Op.MAP, 4, 0, 2), "MAP: field 4 holds a version"),
    ((Op.FRESH, 2, 0), "FRESH: field 2 is not of version group 0"),
    ((Op.FRESH, 4, 1), "FRESH: version group 1 of 1"),
]


@pytest.mark.parametrize(
    ("effect", "reason"), MALFORMED_EFFECTS, ids=[r for _, r in MALFORMED_EFFECTS]
)
def test_a_malformed_effect_is_refused(effect: Instr, reason: str) -> None:
    with pytest.raises(VerifyError) as error:
        verify(GOOD._replace(**_rule(effects=(effect,))))
    assert str(error.value).removeprefix("rule 0, effect 0").lstrip(",: ").startswith(reason)


def test_a_program_counter_stays_within_its_dispatch_lists() -> None:
    program = GOOD._replace(**_process(dispatch=((RuleId(0),),), rest=()))
    with pytest.raises(VerifyError, match="rule 0, effect 0, PUT: program counter 0 is 1 of 1"):
        verify(program)


def test_a_wide_field_takes_a_narrow_copy() -> None:
    verify(GOOD._replace(**_rule(effects=((Op.COPY, 3, 2),))))
