"""All shortest counterexamples, one for each order of the steps that depend on each other.

Two executions are of one class when one becomes the other by exchanging neighbours that have no
field in common that either writes: nobody can tell them apart. A depth-first walk over the states
on shortest paths visits one of each class, by sleep sets: what was gone first elsewhere, and
depends on nothing since, is not gone again.

Source: Godefroid, Partial-Order Methods for the Verification of Concurrent Systems (1996), ch. 5.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, assert_never

from mmscn.runtime.bytecode import CheckId, Instr, Op, Program, RuleId, effect_op, test_op
from mmscn.runtime.explore.trace import ReplayError, Ways, ways
from mmscn.runtime.interpreter import NotEnabled, canonical_versions, replay
from mmscn.runtime.judged import fails, trace_of
from mmscn.runtime.result import Limits, Trace


class Every(NamedTuple):
    """complete: whether there are no more classes of this length."""

    traces: tuple[Trace, ...]
    complete: bool


class Footprint(NamedTuple):
    """Fields, by number."""

    reads: frozenset[int]
    writes: frozenset[int]


Touched = Callable[[RuleId], Footprint]


def every_counterexample(
    program: Program,
    check: CheckId,
    *,
    limits: Limits,
    most: int,
    clock: Callable[[], float] = time.perf_counter,
) -> Every:
    """The shortest counterexamples of a check, `most` classes at most.

    Of each class, the one that stays with a column as long as it can.
    """
    started = clock()
    found = ways(program, check, limits=limits)
    if found is None:
        return Every((), True)
    touched = cache(lambda rule: footprint(found.program, rule))
    traces: list[Trace] = []
    for start in found.starts:
        for rules in classes(found, start, touched):
            late = limits.time_s is not None and clock() - started > limits.time_s
            if late or len(traces) == most:
                return Every(tuple(traces), False)
            traces.append(told(found, check, start, straightened(found.program, rules, touched)))
    return Every(tuple(traces), True)


def classes(found: Ways, start: int, touched: Touched) -> Iterator[tuple[RuleId, ...]]:
    """The rules of one execution of each class."""

    def visit(state: int, depth: int, asleep: frozenset[RuleId]) -> Iterator[tuple[RuleId, ...]]:
        if depth == found.depth:
            yield ()
            return
        gone: list[RuleId] = []
        for rule, after in found.edges(state, depth):
            if rule in asleep:
                continue
            known = frozenset((*asleep, *gone))
            still = frozenset(r for r in known if independent(found.program, r, rule, touched))
            for rest in visit(after, depth + 1, still):
                yield (rule, *rest)
            gone.append(rule)

    return visit(start, 0, frozenset())


def straightened(
    program: Program, rules: Sequence[RuleId], touched: Touched
) -> tuple[RuleId, ...]:
    """The execution of the same class that goes on in a column as long as it can."""
    left = list(rules)
    made: list[RuleId] = []
    column: int | None = None
    while left:
        free = [
            n
            for n, rule in enumerate(left)
            if all(independent(program, before, rule, touched) for before in left[:n])
        ]
        chosen = next((n for n in free if column_of(program, left[n]) == column), free[0])
        column = column_of(program, left[chosen])
        made.append(left.pop(chosen))
    return tuple(made)


def told(found: Ways, check: CheckId, start: int, rules: tuple[RuleId, ...]) -> Trace:
    """The trace, walked by the reference interpreter. Raises ReplayError."""
    program = found.program
    first = found.layout.split(start)
    index = next(
        n for n, s in enumerate(program.initial) if canonical_versions(program, s) == first
    )
    try:
        states = replay(program, rules, index)
    except NotEnabled as error:
        raise ReplayError(str(error)) from error
    if not fails(program, check, rules, states[-1]):
        raise ReplayError(f"check {check}: an execution of a class does not fail it")
    return trace_of(program, check, rules, states, shortest=True)


def column_of(program: Program, rule: RuleId) -> int:
    return program.processes[program.rules[rule].process].column


def independent(program: Program, one: RuleId, other: RuleId, touched: Touched) -> bool:
    """Whether two steps of different processes have no field in common that either writes."""
    if program.rules[one].process == program.rules[other].process:
        return False
    a, b = touched(one), touched(other)
    return not (a.writes & (b.reads | b.writes) or b.writes & a.reads)


def footprint(program: Program, rule_id: RuleId) -> Footprint:
    """The fields that a rule looks at, its program counter among them, and those that it sets."""
    rule = program.rules[rule_id]
    pc = program.processes[rule.process].pc
    reads = {int(pc)} if pc is not None else set()
    writes: set[int] = set()
    for test in rule.tests:
        reads |= fields_of(program, test)
    for effect in rule.effects:
        op = effect_op(effect)
        match op:
            case Op.PUT:
                writes |= fields_in(program, effect)
            case Op.FRESH:
                # Which number is fresh depends on all of them, and their order.
                group = {int(f) for f in program.versions[effect[2]].fields}
                reads |= group
                writes |= group
            case Op.ADD:
                reads.add(effect[1])
                writes.add(effect[1])
            case Op.COPY:
                writes.add(effect[1])
                reads.add(effect[2])
            case Op.MAP:
                writes.add(effect[1])
                reads |= {*effect[3:]}
            case _:
                assert_never(op)
    return Footprint(frozenset(reads), frozenset(writes))


def fields_of(program: Program, test: Instr) -> set[int]:
    """The fields that a test reads."""
    op = test_op(test)
    match op:
        case Op.MATCH | Op.MISMATCH:
            return fields_in(program, test)
        case Op.SAME | Op.DIFFER:
            return {*test[1:]}
        case Op.LOOKUP:
            return {*test[2:]}
        case _:
            assert_never(op)


def fields_in(program: Program, instr: Instr) -> set[int]:
    """The fields that the word and the mask of an instruction reach."""
    word, mask = instr[1], instr[2]
    return {
        n
        for n, field in enumerate(program.fields)
        if field.word == word and mask >> field.shift & (1 << field.width) - 1
    }
