"""The reference interpreter: one step of a program, word for word as `Op` defines it.

Plain and slow: a state is unpacked into one number per field, the effects are
applied to the numbers, and they are packed again. The explorers are tested
against it and every counterexample is replayed on it. It does not search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from mmscn.runtime.bytecode import (
    FieldId,
    Instr,
    Op,
    Permutation,
    Process,
    ProcessKind,
    Program,
    Rule,
    RuleId,
    State,
    Tests,
    VersionGroup,
    effect_op,
    test_op,
)

Values = list[int]
"""The number in each field of the program; a fresh version may exceed its field for a while."""


class VersionOverflow(ArithmeticError):
    """A version does not fit its field: the scenario makes more of them than the field counts."""


class FieldOverflow(ArithmeticError):
    """ADD left the range of its field, which the rule's tests exclude: the compiler's fault."""


class NotEnabled(ValueError):
    """A path names a rule that is not enabled where it stands."""


def enabled(program: Program, state: State) -> Iterator[tuple[RuleId, State]]:
    """The enabled rules and the states that firing them leads to, by process, then as dispatched.

    Versions of the new states are canonical; symmetry is not applied, so the
    states are those of a concrete run (`least_image` is what a search stores).
    Whether `state` was reached by a rule that halts is for the caller to know.
    """
    for process in program.processes:
        for rule_id in dispatched(program, process, state):
            rule = program.rules[rule_id]
            if matches(program, rule.tests, state):
                yield rule_id, fire(program, rule, state)


def dispatched(program: Program, process: Process, state: State) -> tuple[RuleId, ...]:
    """The rules at the program counter of a process; none past the end of its dispatch table."""
    pc = 0 if process.pc is None else read(program, state, process.pc)
    return process.dispatch[pc] if pc < len(process.dispatch) else ()


def read(program: Program, state: State, field_id: FieldId) -> int:
    """The number in a field."""
    field = program.fields[field_id]
    return state[field.word] >> field.shift & (1 << field.width) - 1


def matches(program: Program, tests: Tests, state: State) -> bool:
    """Whether all tests of a conjunction hold."""
    return all(holds(program, test, state) for test in tests)


def matches_any(program: Program, disjunction: Iterable[Tests], state: State) -> bool:
    """Whether some conjunction of a disjunction holds."""
    return any(matches(program, tests, state) for tests in disjunction)


def holds(program: Program, test: Instr, state: State) -> bool:
    """Whether one test holds. Raises ValueError for an effect."""
    op = test_op(test)
    match op:
        case Op.MATCH:
            word, mask, value = test[1:]
            return state[word] & mask == value
        case Op.MISMATCH:
            word, mask, value = test[1:]
            return state[word] & mask != value
        case Op.SAME:
            f, g = test[1:]
            return read(program, state, FieldId(f)) == read(program, state, FieldId(g))
        case Op.DIFFER:
            f, g = test[1:]
            return read(program, state, FieldId(f)) != read(program, state, FieldId(g))
        case Op.LOOKUP:
            table, *fields = test[1:]
            return program.tables[table][_index(program, unpack(program, state), fields)] != 0
        case _:
            assert_never(op)


def fire(program: Program, rule: Rule, state: State) -> State:
    """The state after a rule, versions canonical. Does not look at the rule's tests.

    Raises VersionOverflow, FieldOverflow.
    """
    old = unpack(program, state)
    new = list(old)
    for effect in rule.effects:
        _apply(program, effect, old, new)
    for group in program.versions:
        _renumber(group, new)
    return pack(program, new)


def _apply(program: Program, effect: Instr, old: Values, new: Values) -> None:
    op = effect_op(effect)
    match op:
        case Op.PUT:
            word, mask, value = effect[1:]
            for f, field in enumerate(program.fields):
                if field.word == word:
                    own = mask >> field.shift & (1 << field.width) - 1
                    new[f] = new[f] & ~own | value >> field.shift & own
        case Op.ADD:
            f, number = effect[1:]
            new[f] = old[f] + number
            if not 0 <= new[f] < 1 << program.fields[f].width:
                raise FieldOverflow(f"field {f} holds {old[f]}; {number:+} leaves its range")
        case Op.COPY:
            f, g = effect[1:]
            new[f] = old[g]
        case Op.MAP:
            f, table, *fields = effect[1:]
            new[f] = program.tables[table][_index(program, old, fields)]
        case Op.FRESH:
            f, v = effect[1:]
            new[f] = fresh(program.versions[v], old)
        case _:
            assert_never(op)


def _index(program: Program, values: Sequence[int], fields: Iterable[int]) -> int:
    index = shift = 0
    for f in fields:
        index |= values[f] << shift
        shift += program.fields[f].width
    return index


def fresh(group: VersionGroup, values: Sequence[int]) -> int:
    """One more than the largest version in the group, and no named one."""
    return max(group.named, 1 + max((values[f] for f in group.fields), default=0))


def _renumber(group: VersionGroup, values: Values) -> None:
    """Number the unnamed versions by first occurrence, if the group is canonical."""
    if group.canonical:
        _by_first_occurrence(group, values)


def _by_first_occurrence(group: VersionGroup, values: Values) -> None:
    numbers: dict[int, int] = {}
    for f in group.fields:
        if values[f] >= group.named:
            values[f] = numbers.setdefault(values[f], group.named + len(numbers))


def canonical_versions(program: Program, state: State) -> State:
    """The state with the unnamed versions of each canonical group numbered by first occurrence."""
    values = unpack(program, state)
    for group in program.versions:
        _renumber(group, values)
    return pack(program, values)


def pattern(program: Program, state: State) -> tuple[int, ...]:
    """The number in each field, versions by first occurrence, canonical group or not.

    The same for all states that are equal up to a renaming of versions, and no others.
    """
    values = unpack(program, state)
    for group in program.versions:
        _by_first_occurrence(group, values)
    return tuple(values)


def least_image(program: Program, state: State) -> State:
    """The least, word by word, of a state and its images under the symmetry; versions canonical.

    Permuting fields can change which version occurs first, so each image is
    renumbered before it is compared.
    """
    state = canonical_versions(program, state)
    return min((state, *(image(program, p, state) for p in program.symmetry)))


def image(program: Program, permutation: Permutation, state: State) -> State:
    """What a permutation makes of a state, versions canonical."""
    old = unpack(program, state)
    new = list(old)
    for f, source, table in permutation.moves:
        new[f] = old[source] if table < 0 else program.tables[table][old[source]]
    for group in program.versions:
        _renumber(group, new)
    return pack(program, new)


def unpack(program: Program, state: State) -> Values:
    """The number in each field."""
    return [read(program, state, FieldId(f)) for f in range(len(program.fields))]


def pack(program: Program, values: Sequence[int]) -> State:
    """The state with these numbers in its fields. Raises VersionOverflow."""
    words = [0] * program.words
    for f, (field, value) in enumerate(zip(program.fields, values, strict=True)):
        if not 0 <= value < 1 << field.width:
            raise VersionOverflow(f"field {f} of {field.width} bits cannot hold {value}")
        words[field.word] |= value << field.shift
    return tuple(words)


def replay(
    program: Program, trace_rules: Sequence[RuleId], initial_index: int = 0
) -> tuple[State, ...]:
    """The states along a path from an initial state, one more than there are rules.

    Versions are canonical, symmetry is not applied. Raises NotEnabled, also
    for a rule after one that halts, and VersionOverflow.
    """
    states = [canonical_versions(program, program.initial[initial_index])]
    for at, rule_id in enumerate(trace_rules):
        if at and program.rules[trace_rules[at - 1]].halts:
            raise NotEnabled(f"step {at}: rule {rule_id} comes after a rule that halts")
        if rule_id not in dispatched(program, process_of(program, rule_id), states[-1]):
            raise NotEnabled(f"step {at}: rule {rule_id} is of another program counter")
        if not matches(program, program.rules[rule_id].tests, states[-1]):
            raise NotEnabled(f"step {at}: a test of rule {rule_id} fails")
        states.append(fire(program, program.rules[rule_id], states[-1]))
    return tuple(states)


def possible_parts(
    program: Program, parts: Sequence[RuleId], initial_index: int = 0
) -> tuple[RuleId, ...]:
    """The parts of reduced rules, without those of agents that are not enabled in their turn.

    Such a part of a longer rule is one that happens if it can (`lower.passes.caches`). Ends before
    a part of a thread or daemon that is not enabled, which `replay` then says. Raises
    VersionOverflow.
    """
    found: list[RuleId] = []
    state = canonical_versions(program, program.initial[initial_index])
    for at, rule_id in enumerate(parts):
        process, rule = process_of(program, rule_id), program.rules[rule_id]
        if rule_id in dispatched(program, process, state) and matches(program, rule.tests, state):
            found.append(rule_id)
            state = fire(program, rule, state)
        elif process.kind is not ProcessKind.AGENT:
            return (*found, *parts[at:])
    return tuple(found)


def process_of(program: Program, rule_id: RuleId) -> Process:
    return program.processes[program.rules[rule_id].process]
