"""The listing says what the program says, in fields and not in masks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.runtime.programs import layout, match, put, random_program, straight, twins

from mmscn.runtime.bytecode import (
    Check,
    CheckId,
    CheckKind,
    FieldId,
    Instr,
    Op,
    Permutation,
    Program,
    RuleId,
    VersionGroup,
)
from mmscn.runtime.disassemble import disassemble

FIELDS = layout(2, 2, 2, 3, 2, 2, words=2)
NAMES = ["writer", "zapper", "pte", "count", "page", "disk"]


def _merged(*instrs: Instr) -> Instr:
    """Instructions on one word as one."""
    op, word, mask, value = instrs[0]
    for _, _, more, also in instrs[1:]:
        mask, value = mask | more, value | also
    return (op, word, mask, value)


def _program() -> Program:
    program = straight(
        FIELDS,
        [
            [
                ((match(FIELDS[2], 0),), ((Op.FRESH, 4, 0), put(FIELDS[2], 3))),
                ((match(FIELDS[3], 7, Op.MISMATCH),), ((Op.ADD, 3, 1), (Op.COPY, 5, 4))),
            ],
            [
                (
                    (
                        (Op.SAME, 4, 5),
                        _merged(match(FIELDS[2], 1, Op.MISMATCH), match(FIELDS[4], 0)),
                    ),
                    ((Op.ADD, 3, -2), (Op.MAP, 2, 0, 2)),
                ),
                ((), ((Op.PUT, 0, 1 << FIELDS[2].shift, 0),)),
            ],
        ],
        agents=[
            (
                ((Op.LOOKUP, 1, 2, 3), (Op.MATCH, 0, 2 << FIELDS[2].shift, 2 << FIELDS[2].shift)),
                (put(FIELDS[2], 0),),
            )
        ],
        checks=(
            Check(kind=CheckKind.STEP),
            Check(
                kind=CheckKind.ALWAYS,
                bad=(((Op.DIFFER, 4, 5), match(FIELDS[2], 2)), (match(FIELDS[3], 1),)),
                covered=((match(FIELDS[0], 2),),),
            ),
            Check(kind=CheckKind.DEADLOCK),
        ),
        initial={3: 4},
    )
    rules = list(program.rules)
    rules[1] = rules[1]._replace(violates=(CheckId(0),), halts=True, origin=17)
    rules[2] = rules[2]._replace(covers=(CheckId(0),), parts=(RuleId(2), RuleId(5)))
    twice = program.processes[1]._replace(dispatch=((RuleId(2),), (RuleId(2), RuleId(3)), ()))
    swap = ((FieldId(0), FieldId(1), -1), (FieldId(1), FieldId(0), -1), (FieldId(2),) * 2 + (0,))
    return program._replace(
        rules=tuple(rules),
        processes=(program.processes[0], twice, program.processes[2]),
        tables=((3, 2, 1, 0), tuple(n % 2 for n in range(32)), tuple(range(100))),
        versions=(VersionGroup(fields=(FieldId(4), FieldId(5)), named=1, canonical=True),),
        symmetry=(Permutation(moves=swap),),
    )


def test_the_listing(golden: Callable[[str, str], None]) -> None:
    golden("runtime/listing.txt", disassemble(_program()))


def test_the_listing_with_names(golden: Callable[[str, str], None]) -> None:
    golden("runtime/listing_named.txt", disassemble(_program(), lambda f: NAMES[f]))


@pytest.mark.parametrize("seed", range(30))
def test_every_rule_is_listed(seed: int) -> None:
    for program in (random_program(seed), twins(seed)):
        listing = disassemble(program)
        assert all(f" r{r}: " in listing for r in range(len(program.rules)))
        assert listing == disassemble(program)
