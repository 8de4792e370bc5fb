"""Whether a path ends in what a check forbids or wants, by the reference interpreter.

What a search claims is shown to nobody before this has found it, too: none of it
is shared with the searches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import assert_never

from mmscn.runtime.bytecode import CheckId, CheckKind, ProcessKind, Program, RuleId, State
from mmscn.runtime.interpreter import (
    VersionOverflow,
    dispatched,
    enabled,
    fire,
    matches,
    matches_any,
    pack,
    pattern,
    read,
)
from mmscn.runtime.result import Trace


def fails(program: Program, check_id: CheckId, rules: Sequence[RuleId], last: State) -> bool:
    """Whether a path of these rules to the state `last` ends in what breaks (or witnesses) a check.

    Raises VersionOverflow where a deadlock cannot be told for want of numbers.
    """
    check = program.checks[check_id]
    if rules and check_id in program.rules[rules[-1]].violates:
        return True
    match check.kind:
        case CheckKind.STEP:
            return False
        case CheckKind.ALWAYS | CheckKind.REACHABLE:
            return matches_any(program, check.bad, last)
        case CheckKind.FINALLY:
            quiescent = matches_any(program, program.quiescent, last)
            return quiescent and matches_any(program, check.bad, last)
        case CheckKind.DEADLOCK:
            halted = bool(rules) and program.rules[rules[-1]].halts
            return not halted and is_deadlock(program, last)
        case CheckKind.EVENTUALLY | CheckKind.LEADS | CheckKind.LIVELOCK:
            return False  # no path that ends breaks it (`fairness`)
        case _:
            assert_never(check.kind)


def trace_of(
    program: Program,
    check: CheckId,
    rules: Sequence[RuleId],
    states: tuple[State, ...],
    *,
    shortest: bool,
) -> Trace:
    """The trace of a path: what it takes is counted."""
    processes = [program.processes[program.rules[r].process] for r in rules]
    delayed = sum(
        process.kind is not ProcessKind.AGENT and waited(program, state)
        for process, state in zip(processes, states, strict=False)
    )
    return Trace(
        check=check,
        rules=tuple(rules),
        states=states,
        delayed=delayed,
        switches=sum(a.column != b.column for a, b in pairwise(processes)),
        shortest=shortest,
    )


def waited(program: Program, state: State) -> bool:
    """Whether a prompt agent can step, a step whose version does not fit left out."""
    return any(
        matches(program, program.rules[r].tests, state) and _fits(program, r, state)
        for process in program.processes
        if process.prompt
        for r in dispatched(program, process, state)
    )


def _fits(program: Program, rule_id: RuleId, state: State) -> bool:
    try:
        fire(program, program.rules[rule_id], state)
    except VersionOverflow:
        return False
    return True


def is_deadlock(program: Program, state: State) -> bool:
    """Whether a state is a deadlock, word for word as `CheckKind` defines it.

    Of the states that agents bring about, one stands for all that are equal up to a
    renaming of versions: they have the same rules. Raises VersionOverflow.
    """
    if not restless(program, state):
        return False
    seen, todo = {pattern(program, state)}, [compact(program, state)]
    while todo:
        here = todo.pop()
        for rule_id, after in enabled(program, here):
            rule = program.rules[rule_id]
            new = pattern(program, after)
            if program.processes[rule.process].kind is not ProcessKind.AGENT:
                if rule.halts or new != pattern(program, here):
                    return False
            elif not rule.halts and new not in seen:
                seen.add(new)
                todo.append(compact(program, after))
    return True


def compact(program: Program, state: State) -> State:
    """The state with the smallest numbers that mean the same, if its fields hold them."""
    try:
        return pack(program, pattern(program, state))
    except VersionOverflow:
        return state


def restless(program: Program, state: State) -> bool:
    """Whether some thread is not at rest."""
    return any(
        p.kind is ProcessKind.THREAD
        and p.pc is not None
        and read(program, state, p.pc) not in p.rest
        for p in program.processes
    )
