"""The naive explorer: a set of states, a queue, and the reference interpreter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from mmscn.runtime.bytecode import CheckKind, ProcessKind, Program, RuleId, State
from mmscn.runtime.interpreter import enabled, least_image, matches_any, read, unpack
from mmscn.runtime.result import Verdict


class NaiveResult(NamedTuple):
    """What a search finds: numbers, (verdict, depth, covered) by check, quiescent states."""

    states: int
    transitions: int
    depth: int
    quiescent: int
    checks: tuple[tuple[Verdict, int | None, bool], ...]
    final: frozenset[State]


def search(program: Program) -> NaiveResult:
    """All of a small program, exhaustively."""
    level = list(dict.fromkeys(least_image(program, s) for s in program.initial))
    depth_of = dict.fromkeys(level, 0)
    halted: set[State] = set()
    depths: dict[int, int] = {}
    covered: set[int] = set()
    transitions = at = 0
    stuck = [c for c, check in enumerate(program.checks) if check.kind is CheckKind.DEADLOCK]
    while level:
        if any(is_deadlock(program, state) for state in level):
            depths = dict.fromkeys(stuck, at) | depths
        following: list[State] = []
        for state in level:
            for rule_id, successor in enabled(program, state):
                transitions += 1
                rule = program.rules[rule_id]
                covered.update(rule.covers)
                for c in rule.violates:
                    depths.setdefault(c, at + 1)
                new = least_image(program, successor)
                if new not in depth_of:
                    depth_of[new] = at + 1
                    if rule.halts:
                        halted.add(new)
                    else:
                        following.append(new)
                elif new in halted and not rule.halts:
                    halted.discard(new)
                    following.append(new)
        level = following
        at += 1
    final = frozenset(s for s in depth_of if matches_any(program, program.quiescent, s))
    for c, check in enumerate(program.checks):
        if check.kind is CheckKind.DEADLOCK:
            if any(p.kind is ProcessKind.THREAD for p in program.processes):
                covered.add(c)
        elif check.kind is not CheckKind.STEP:
            looked = final if check.kind is CheckKind.FINALLY else set(depth_of)
            bad = [depth_of[s] for s in looked if matches_any(program, check.bad, s)]
            if bad:
                depths[c] = min(bad) if c not in depths else min(depths[c], *bad)
            if any(matches_any(program, check.covered, s) for s in looked):
                covered.add(c)
    return NaiveResult(
        states=len(depth_of),
        transitions=transitions,
        depth=max(depth_of.values()),
        quiescent=len(final),
        checks=tuple(
            (
                _verdict(check.kind, c in depths, c in covered),
                depths.get(c),
                c in covered | {*depths},
            )
            for c, check in enumerate(program.checks)
        ),
        final=final,
    )


def _verdict(kind: CheckKind, failed: bool, covered: bool) -> Verdict:
    if kind is CheckKind.REACHABLE:
        return Verdict.HOLDS if failed else Verdict.VIOLATED
    if failed:
        return Verdict.VIOLATED
    return Verdict.HOLDS if covered else Verdict.VACUOUS


def is_deadlock(program: Program, state: State) -> bool:
    """Some thread is not at rest, and agents alone never let a thread or daemon move on.

    Of versions that are counted up, only which are equal is looked at.
    """
    restless = any(
        p.kind is ProcessKind.THREAD
        and p.pc is not None
        and read(program, state, p.pc) not in p.rest
        for p in program.processes
    )
    seen = {state}
    todo = [state]
    while restless and todo:
        here = todo.pop()
        for rule_id, new in enabled(program, here):
            rule = program.rules[rule_id]
            if program.processes[rule.process].kind is not ProcessKind.AGENT:
                if rule.halts or relations(program, new) != relations(program, here):
                    return False
            elif not rule.halts and new not in seen:
                seen.add(new)
                todo.append(new)
    return restless


def relations(program: Program, state: State) -> tuple[object, ...]:
    """A state without the names of its versions: which fields of a group are equal instead."""
    values = unpack(program, state)
    of_group = {f for group in program.versions for f in group.fields}
    equal = [
        (f, g)
        for group in program.versions
        for f in group.fields
        for g in group.fields
        if values[f] == values[g]
    ]
    named = [
        (f, values[f])
        for group in program.versions
        for f in group.fields
        if values[f] < group.named
    ]
    return [v for f, v in enumerate(values) if f not in of_group], equal, named


def paths(program: Program, depth: int) -> Iterator[tuple[tuple[RuleId, ...], tuple[State, ...]]]:
    """All paths of `depth` rules from the initial states, without symmetry."""

    def grow(
        rules: tuple[RuleId, ...], states: tuple[State, ...]
    ) -> Iterator[tuple[tuple[RuleId, ...], tuple[State, ...]]]:
        if len(rules) == depth:
            yield rules, states
        elif not (rules and program.rules[rules[-1]].halts):
            for rule_id, new in enabled(program, states[-1]):
                yield from grow((*rules, rule_id), (*states, new))

    for initial in program.initial:
        yield from grow((), (initial,))
