"""Traces are found, walked again on the reference interpreter, and judged where they end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mmscn.budget import left_s, poll
from mmscn.judge.case import Case
from mmscn.runtime.bytecode import LIVENESS, CheckId, Program, RuleId, State
from mmscn.runtime.explore.engine import find_trace
from mmscn.runtime.interpreter import NotEnabled, VersionOverflow, possible_parts, replay
from mmscn.runtime.judged import fails, trace_of
from mmscn.runtime.result import Limits, Trace

NEAR = 100_000
"""States of the unreduced program that are looked at as they are, where the verdict is by bits."""


class Fault(Exception):
    """The tool contradicts itself; nothing that the author can mend."""


def traces(case: Case, checks: tuple[int, ...], limits: Limits) -> Iterator[Trace]:
    """The shortest that break checks; where there is none, those of the reduced program.

    With a table of bits the shortest is known only among the nearest states; else it is the way
    on which the search for verdicts, made again, finds it.
    """
    reached = False
    by_bits = limits
    if limits.bits_mb is not None:
        limits = limits._replace(bits_mb=None, states=min(NEAR, limits.states or NEAR))
    for check in checks:
        if case.program.checks[check].kind in LIVENESS:
            from mmscn.judge.forever import lasso_of

            lasso = lasso_of(case, CheckId(check))
            if lasso is not None:
                yield lasso
            continue
        trace = find_trace(case.program, CheckId(check), limits=left_of(limits))
        if trace is not None:
            replayed(case.program, trace)
            reached = True
            limits = limits._replace(depth=len(trace.rules))
            yield trace
    if not reached:
        for check in checks:
            if case.program.checks[check].kind in LIVENESS:
                continue
            trace = expanded(case, CheckId(check), by_bits)
            if trace is not None:
                yield trace


def left_of(limits: Limits) -> Limits:
    """The limits with the time that is left. Raises Exceeded where none is."""
    poll()
    left = left_s()
    return limits if left is None else limits._replace(time_s=max(0.001, left))


def expanded(case: Case, check: CheckId, limits: Limits) -> Trace | None:
    """A counterexample of the reduced program taken apart; it may not be the shortest.

    It ends where it first breaks the check, which may be inside the last reduced step.
    Raises Fault where it breaks it nowhere.
    """
    reduced = (case.reduced or case.reduction).program
    short = find_trace(reduced, check, limits=left_of(limits))
    if short is None:
        return None
    parts: list[RuleId] = []
    for rule in short.rules:
        parts.extend(reduced.rules[rule].parts or (rule,))
    program = case.program
    walked = False
    for index in range(len(program.initial)):
        try:
            rules = possible_parts(program, parts, index)
            states = replay(program, rules, index)
        except (NotEnabled, VersionOverflow):
            continue
        walked = True
        for length in range(len(rules) + 1):
            if ends(program, check, rules[:length], states[length]):
                found = rules[:length], states[: length + 1]
                return trace_of(program, check, *found, shortest=False)
    what = "breaks nothing" if walked else "cannot be replayed"
    raise Fault(f"the counterexample of check {check} {what}, taken apart step by step")


def replayed(program: Program, trace: Trace) -> None:
    """Walk a trace on the reference interpreter, and judge its end there.

    Raises Fault where it does not go that way, or does not end in what breaks the check
    (or is what `reachable` wants).
    """
    for index in range(len(program.initial)):
        try:
            if replay(program, trace.rules, index) != trace.states:
                continue
        except (NotEnabled, VersionOverflow):
            continue
        if ends(program, trace.check, trace.rules, trace.states[-1]):
            return
        raise Fault(f"the counterexample of check {trace.check} does not break it")
    raise Fault(f"the counterexample of check {trace.check} fails its replay")


def ends(program: Program, check: CheckId, rules: Sequence[RuleId], last: State) -> bool:
    """Whether a path ends in what the check is about; not so where numbers do not suffice."""
    try:
        return fails(program, check, rules, last)
    except VersionOverflow:
        return False
