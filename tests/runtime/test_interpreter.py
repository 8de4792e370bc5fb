"""The reference interpreter does what the definition of each `Op` says."""

from __future__ import annotations

import pytest
from support.runtime.programs import layout, match, put, random_program, state, straight

from mmscn.runtime.bytecode import (
    FieldId,
    Instr,
    Op,
    Permutation,
    Program,
    Rule,
    RuleId,
    VersionGroup,
)
from mmscn.runtime.interpreter import (
    FieldOverflow,
    NotEnabled,
    VersionOverflow,
    canonical_versions,
    enabled,
    fire,
    image,
    least_image,
    matches,
    pack,
    read,
    replay,
    unpack,
)

# f0 is a program counter, f1 to f3 are plain, f4 to f6 versions; two words.
FIELDS = layout(2, 2, 3, 2, 2, 2, 2, words=2)
VERSIONS = VersionGroup(fields=(FieldId(4), FieldId(5), FieldId(6)), named=1, canonical=False)
PROGRAM = straight(FIELDS, [[((), ())]])._replace(
    tables=((3, 2, 1, 0), tuple(n % 7 == 0 for n in range(32))),
    versions=(VERSIONS,),
)
CANONICAL = PROGRAM._replace(versions=(VERSIONS._replace(canonical=True),))


def _state(*values: int) -> tuple[int, ...]:
    return state(FIELDS, values, 2)


def _fired(program: Program, values: tuple[int, ...], *effects: Instr) -> tuple[int, ...]:
    rule = Rule(process=0, tests=(), effects=effects)
    return tuple(unpack(program, fire(program, rule, _state(*values))))


TESTS: list[tuple[Instr, bool]] = [
    (match(FIELDS[2], 5), True),
    (match(FIELDS[2], 4), False),
    ((Op.MATCH, 0, 1 << FIELDS[2].shift, 1 << FIELDS[2].shift), True),
    (match(FIELDS[2], 4, Op.MISMATCH), True),
    (match(FIELDS[2], 5, Op.MISMATCH), False),
    ((Op.SAME, 1, 3), True),
    ((Op.SAME, 1, 2), False),
    ((Op.DIFFER, 1, 2), True),
    ((Op.DIFFER, 1, 3), False),
    ((Op.LOOKUP, 0, 1), True),
    ((Op.LOOKUP, 1, 1, 2), 2 + 4 * 5 in (0, 7, 14, 21, 28)),
    ((Op.LOOKUP, 1, 2, 1), 5 + 8 * 2 in (0, 7, 14, 21, 28)),
]


@pytest.mark.parametrize(("test", "holds"), TESTS)
def test_a_test_holds(test: Instr, holds: bool) -> None:
    assert matches(PROGRAM, (test,), _state(0, 2, 5, 2, 0, 0, 0)) is holds


def test_a_conjunction_needs_every_test_and_the_empty_one_holds() -> None:
    here = _state(0, 2, 5, 2, 0, 0, 0)
    assert matches(PROGRAM, (), here)
    assert not matches(PROGRAM, ((Op.SAME, 1, 3), (Op.SAME, 1, 2)), here)


EFFECTS: list[tuple[tuple[Instr, ...], tuple[int, ...]]] = [
    ((), (0, 2, 5, 1, 0, 1, 2)),
    ((put(FIELDS[2], 3),), (0, 2, 3, 1, 0, 1, 2)),
    (((Op.PUT, 0, 1 << FIELDS[2].shift, 0),), (0, 2, 4, 1, 0, 1, 2)),
    (((Op.ADD, 1, 1),), (0, 3, 5, 1, 0, 1, 2)),
    (((Op.ADD, 2, -5),), (0, 2, 0, 1, 0, 1, 2)),
    (((Op.COPY, 2, 1),), (0, 2, 2, 1, 0, 1, 2)),
    (((Op.MAP, 3, 0, 3),), (0, 2, 5, 2, 0, 1, 2)),
    (((Op.FRESH, 4, 0),), (0, 2, 5, 1, 3, 1, 2)),
    (((Op.FRESH, 4, 0), (Op.FRESH, 5, 0)), (0, 2, 5, 1, 3, 3, 2)),
    (((Op.COPY, 1, 3), (Op.COPY, 3, 1)), (0, 1, 5, 2, 0, 1, 2)),
]


@pytest.mark.parametrize(("effects", "after"), EFFECTS)
def test_effects_read_the_old_state(effects: tuple[Instr, ...], after: tuple[int, ...]) -> None:
    assert _fired(PROGRAM, (0, 2, 5, 1, 0, 1, 2), *effects) == after


def test_a_fresh_version_has_no_name() -> None:
    named = PROGRAM._replace(versions=(VERSIONS._replace(named=3),))
    assert _fired(named, (0, 0, 0, 0, 0, 0, 0), (Op.FRESH, 5, 0)) == (0, 0, 0, 0, 0, 3, 0)


def test_a_fresh_version_that_does_not_fit_is_an_overflow() -> None:
    with pytest.raises(VersionOverflow):
        _fired(PROGRAM, (0, 0, 0, 0, 3, 0, 0), (Op.FRESH, 4, 0))


def test_a_canonical_group_has_room_for_a_fresh_version() -> None:
    effects = (Op.FRESH, 5, 0)
    assert _fired(CANONICAL, (0, 0, 0, 0, 1, 2, 3), effects) == (0, 0, 0, 0, 1, 2, 3)
    assert _fired(CANONICAL, (0, 0, 0, 0, 1, 1, 2), effects) == (0, 0, 0, 0, 1, 2, 3)
    assert _fired(CANONICAL, (0, 0, 0, 0, 1, 2, 3), (Op.COPY, 4, 6)) == (0, 0, 0, 0, 1, 2, 1)


def test_an_add_beyond_its_field_is_the_compilers_fault() -> None:
    with pytest.raises(FieldOverflow):
        _fired(PROGRAM, (0, 3, 0, 0, 0, 0, 0), (Op.ADD, 1, 1))


def test_versions_are_numbered_by_first_occurrence() -> None:
    assert canonical_versions(CANONICAL, _state(0, 0, 0, 0, 3, 0, 2)) == _state(0, 0, 0, 0, 1, 0, 2)
    assert canonical_versions(PROGRAM, _state(0, 0, 0, 0, 3, 0, 2)) == _state(0, 0, 0, 0, 3, 0, 2)


def test_an_image_is_renumbered() -> None:
    swap = Permutation(
        moves=((FieldId(4), FieldId(6), -1), (FieldId(6), FieldId(4), -1), (FieldId(1),) * 2 + (0,))
    )
    program = CANONICAL._replace(symmetry=(swap,))
    assert image(program, swap, _state(0, 3, 0, 0, 1, 0, 2)) == _state(0, 0, 0, 0, 1, 0, 2)
    assert least_image(program, _state(0, 3, 0, 0, 1, 0, 2)) == _state(0, 0, 0, 0, 1, 0, 2)
    assert least_image(program, _state(0, 0, 0, 0, 1, 0, 2)) == _state(0, 0, 0, 0, 1, 0, 2)


def test_only_rules_at_the_program_counter_are_enabled() -> None:
    fields = layout(2, 2)
    program = straight(fields, [[((), ()), (((Op.DIFFER, 0, 1),), ())], [((), ())]])
    assert [r for r, _ in enabled(program, state(fields, (0, 0)))] == [0, 2]
    assert [r for r, _ in enabled(program, state(fields, (1, 1)))] == []
    assert list(enabled(program, state(fields, (1, 0)))) == [
        (1, state(fields, (2, 0))),
        (2, state(fields, (1, 1))),
    ]
    assert list(enabled(program, state(fields, (3, 1)))) == []


def test_a_replay_walks_the_rules() -> None:
    fields = layout(2, 2)
    program = straight(fields, [[((), ()), ((), ())], [((), ())]])
    states = replay(program, [RuleId(0), RuleId(2), RuleId(1)])
    assert [(read(program, s, FieldId(0)), read(program, s, FieldId(1))) for s in states] == [
        (0, 0),
        (1, 0),
        (1, 1),
        (2, 1),
    ]


def test_a_replay_stops_at_a_rule_that_is_not_enabled() -> None:
    fields = layout(1, 1)
    waits = straight(fields, [[((match(fields[1], 1),), ())], [((), ())]])
    with pytest.raises(NotEnabled, match="step 0: a test of rule 0 fails"):
        replay(waits, [RuleId(0)])
    with pytest.raises(NotEnabled, match="step 1: rule 1 is of another program counter"):
        replay(waits, [RuleId(1), RuleId(1)])
    halting = waits._replace(rules=(waits.rules[0], waits.rules[1]._replace(halts=True)))
    with pytest.raises(NotEnabled, match="step 1: rule 0 comes after a rule that halts"):
        replay(halting, [RuleId(1), RuleId(0)])


@pytest.mark.parametrize("seed", range(20))
def test_unpack_then_pack_is_the_identity(seed: int) -> None:
    program = random_program(seed)
    for initial in program.initial:
        assert pack(program, unpack(program, initial)) == initial
