"""Executions that go on for ever: which of them are fair, and which break a check.

A *lasso* is a path and a place on it, `loop`, from which it goes round for ever: the last state is
the one at `loop` up to a renaming of versions. Where `loop` is the end of the path, nothing
happens any more. What lies behind `loop` is the circle. A lasso is *fair* if

- each fair process takes a step on the circle, or cannot take any in some state of it (weak
  fairness: what can be done at any time is done in the end);
- each process that can take a `granted` step in some state of the circle takes a step on it
  (strong fairness: of those who wait for a lock, each gets it in the end).

A fair process that can stop the machine (`Rule.halts`) can take a step. The definitions are those
of this file, by the reference interpreter; `explore.liveness` searches, and shares none of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from mmscn.runtime.bytecode import CheckId, CheckKind, Process, Program, RuleId, State
from mmscn.runtime.interpreter import dispatched, matches, matches_any, pattern
from mmscn.runtime.judged import is_deadlock, restless


def breaks(
    program: Program,
    check: CheckId,
    rules: Sequence[RuleId],
    states: Sequence[State],
    loop: int,
) -> bool:
    """Whether a replayed path and a place on it are a fair lasso that breaks a check.

    states: one more than there are rules, from an initial one on. Raises VersionOverflow.
    """
    return (
        closes(program, states, loop)
        and not any(program.rules[r].halts for r in rules)
        and unfair(program, rules, states, loop) is None
        and owes(program, check, states, loop)
    )


def closes(program: Program, states: Sequence[State], loop: int) -> bool:
    """Whether the path ends where it was before."""
    return pattern(program, states[loop]) == pattern(program, states[-1])


def unfair(
    program: Program, rules: Sequence[RuleId], states: Sequence[State], loop: int
) -> int | None:
    """The first process that is not treated fairly on the circle; None where all are."""
    stepping = {program.rules[r].process for r in rules[loop:]}
    circle = states[loop:]
    for p, process in enumerate(program.processes):
        if p in stepping:
            continue
        if process.fair and all(can_step(program, process, s) for s in circle):
            return p
        if any(can_step(program, process, s, granted=True) for s in circle):
            return p
    return None


def can_step(
    program: Program, process: Process, state: State, *, granted: bool = False
) -> bool:
    """Whether some rule of a process is enabled; granted: one that is granted."""
    return any(
        matches(program, program.rules[r].tests, state)
        for r in dispatched(program, process, state)
        if program.rules[r].granted or not granted
    )


def owes(program: Program, check: CheckId, states: Sequence[State], loop: int) -> bool:
    """Whether what a check wants is owed when the circle begins, and all the way round."""
    owed = False
    for n, state in enumerate(states):
        owed = still_owed(program, check, state, owed, first=n == 0)
        if n >= loop and not owed:
            return False
    livelock = program.checks[check].kind is CheckKind.LIVELOCK
    return not (livelock and is_deadlock(program, states[loop]))


def still_owed(
    program: Program, check_id: CheckId, state: State, owed: bool, *, first: bool
) -> bool:
    """Whether something is owed in a state. owed: in the state before; first: there is none."""
    check = program.checks[check_id]
    match check.kind:
        case CheckKind.EVENTUALLY:
            return (owed or first) and matches_any(program, check.bad, state)
        case CheckKind.LEADS:
            begins = matches_any(program, check.covered, state)
            return (owed or begins) and matches_any(program, check.bad, state)
        case CheckKind.LIVELOCK:
            return restless(program, state)
        case (
            CheckKind.STEP | CheckKind.ALWAYS | CheckKind.FINALLY | CheckKind.REACHABLE
            | CheckKind.DEADLOCK
        ):  # fmt: skip
            raise ValueError(f"{check.kind.name} is not about what goes on for ever")
        case _:
            assert_never(check.kind)
