"""The states of one combination and the steps between them, where they are few enough to be seen.

They are those of the program without reductions, so that each step is one of the text.
"""

from __future__ import annotations

from typing import NamedTuple

from mmscn.draw.lines import who, words
from mmscn.draw.notes import cells_of, things, value_text
from mmscn.judge.report import Run
from mmscn.judge.token import name_of
from mmscn.lower.compiled import Compiled
from mmscn.runtime.bytecode import CheckId, CheckKind, Program, State
from mmscn.runtime.interpreter import canonical_versions, enabled, matches_any
from mmscn.runtime.judged import fails

STATES_MAX = 60
"""What a drawing has room for."""


class TooMany(Exception):
    """There are more than STATES_MAX states."""


class Node(NamedTuple):
    """A state. values: of what is worth a note, where they differ from the first state's.

    final: all threads are at rest. breaks: the names of what is broken in it; reaches: of what is
    `reachable` in it.
    """

    values: tuple[str, ...]
    initial: bool
    final: bool
    breaks: tuple[str, ...]
    reaches: tuple[str, ...]


class Edge(NamedTuple):
    """A step between two nodes, by number. breaks: what it breaks, whatever it leads to."""

    before: int
    after: int
    actor: str
    text: str
    breaks: tuple[str, ...]


class Graph(NamedTuple):
    """first: the values of the first state."""

    first: tuple[str, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(run: Run) -> Graph:
    """The state graph of a run, the states in the order of a breadth-first search.

    Raises TooMany, and VersionOverflow where the numbers for contents do not suffice.
    """
    compiled = run.case.compiled
    program = compiled.program
    starts = [canonical_versions(program, s) for s in program.initial]
    reached = [(s, False) for s in dict.fromkeys(starts)]
    numbers = {key: n for n, key in enumerate(reached)}
    edges: dict[Edge, None] = {}
    for n, (state, halted) in enumerate(reached):
        if halted:
            continue
        for rule_id, after in enabled(program, state):
            rule = program.rules[rule_id]
            key = (after, rule.halts)
            if key not in numbers:
                numbers[key] = len(reached)
                reached.append(key)
            if len(reached) > STATES_MAX:
                raise TooMany
            breaks = tuple(name_of(compiled, CheckId(c)) for c in rule.violates)
            line = compiled.lines[rule.origin]
            edges[Edge(n, numbers[key], who(compiled, line), words(compiled, line), breaks)] = None
    known = [values(compiled, state) for state, _ in reached]
    nodes = tuple(
        node(compiled, state, halted, initial=state in starts, differ=differences(known[0], found))
        for (state, halted), found in zip(reached, known, strict=True)
    )
    return Graph(first=known[0], nodes=nodes, edges=tuple(edges))


def node(
    compiled: Compiled, state: State, halted: bool, *, initial: bool, differ: tuple[str, ...]
) -> Node:
    program = compiled.program
    breaks: dict[str, None] = {}
    reaches: dict[str, None] = {}
    for number, check in enumerate(program.checks):
        told = reaches if check.kind is CheckKind.REACHABLE else breaks
        if not (halted and check.kind is CheckKind.DEADLOCK) and fails_here(program, number, state):
            told[name_of(compiled, CheckId(number))] = None
    final = matches_any(program, program.quiescent, state)
    return Node(differ, initial, final, tuple(breaks), tuple(reaches))


def fails_here(program: Program, check: int, state: State) -> bool:
    return fails(program, CheckId(check), (), state)


def values(compiled: Compiled, state: State) -> tuple[str, ...]:
    """`x: 1` for each thing that is worth a note."""
    cells = cells_of(compiled, state)
    checked = compiled.checked
    return tuple(
        f"{thing.name}: {value_text(checked, thing, cells)}"
        for thing in things(compiled)
        if not thing.quiet and all(key in cells for _, key in thing.members)
    )


def differences(first: tuple[str, ...], here: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(new for old, new in zip(first, here, strict=True) if old != new)
