"""A path of the program with waypoints as one of the program without: the same steps of the same
processes, through states that are the same but for the numbers of contents and places in code.
A step that changes nothing but what only waypoints look at is none in the program without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mmscn.judge.replays import Fault, ends
from mmscn.lower.compiled import Compiled, Place
from mmscn.runtime.bytecode import CheckId, FieldId, Program, RuleId, State
from mmscn.runtime.explore.walks import Path
from mmscn.runtime.interpreter import (
    VersionOverflow,
    canonical_versions,
    dispatched,
    fire,
    matches,
    read,
    replay,
)

Key = tuple[str | None, tuple[object, ...], str, int | None]
Known = dict[Key, object]


class Side(NamedTuple):
    """A program, and where the cells are that both have: contents and places in code left out."""

    program: Program
    cells: dict[Key, tuple[FieldId, Place]]

    def known(self, state: State) -> Known:
        return {
            key: place.value(read(self.program, state, at))
            for key, (at, place) in self.cells.items()
        }


def mirrored(check: CheckId, path: Path, marked: Compiled, plain: Compiled) -> Path:
    """The path of `plain` that ends in what breaks (or witnesses) a check. Raises Fault."""
    one, other = cells(marked), cells(plain)
    watched = Side(marked.program, {key: one[key] for key in one if key in other})
    bare = Side(plain.program, {key: other[key] for key in watched.cells})
    program = plain.program
    there = [watched.known(s) for s in replay(marked.program, path.rules, path.start)]
    processes = [marked.program.rules[rule].process for rule in path.rules]
    for start, initial in enumerate(program.initial):
        state = canonical_versions(program, initial)
        if bare.known(state) == there[0]:
            for rules in ways(bare, processes, there, state):
                last = replay(program, rules, start)[-1]
                if ends(program, check, rules, last):
                    return Path(start, rules)
    raise Fault(f"a walk that breaks check {check} has no image in the program without waypoints")


def ways(
    plain: Side, processes: Sequence[int], there: list[Known], state: State
) -> Iterator[tuple[RuleId, ...]]:
    """The paths through such states: one to each state in front of the last step, and from there
    each step that could be the last, for a check may be broken by the step alone.
    """
    came: list[dict[State, tuple[State, RuleId | None] | None]] = [{state: None}]
    for number, process in enumerate(processes[:-1]):
        following: dict[State, tuple[State, RuleId | None] | None] = {}
        for before in came[-1]:
            for own, after in steps(plain, process, before, there[number + 1]):
                if own is None or not plain.program.rules[own].halts:
                    following.setdefault(after, (before, own))
        came.append(following)
    for before in came[-1]:
        rules: list[RuleId] = []
        here = before
        for level in reversed(came[1:]):
            step = level[here]
            assert step is not None
            here, rule = step
            rules += [rule] if rule is not None else []
        way = tuple(reversed(rules))
        if not processes:
            yield way
        for process in processes[-1:]:
            for own, _ in steps(plain, process, before, there[-1]):
                yield way if own is None else (*way, own)


def steps(
    plain: Side, process: int, state: State, wanted: Known
) -> Iterator[tuple[RuleId | None, State]]:
    """The steps of a process to where the cells are so; last that there is none, and they are."""
    program = plain.program
    for rule in dispatched(program, program.processes[process], state):
        if matches(program, program.rules[rule].tests, state):
            try:
                after = fire(program, program.rules[rule], state)
            except VersionOverflow:
                continue
            if plain.known(after) == wanted:
                yield rule, after
    if plain.known(state) == wanted:
        yield None, state


def cells(compiled: Compiled) -> dict[Key, tuple[FieldId, Place]]:
    pcs = {process.pc for process in compiled.program.processes}
    return {
        (p.family, p.indices, p.name, p.thread): (p.field, p)
        for p in compiled.places
        if p.field is not None and p.field not in pcs and not p.version
    }
