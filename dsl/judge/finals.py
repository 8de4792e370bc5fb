"""The final states of one combination: those that `outcomes` lists, and as they differ from what
`expect outcomes` allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from mmscn.check import core
from mmscn.diagnostics import Rejected
from mmscn.draw.notes import Thing, cells_of, stored_things, value_text
from mmscn.lower.compile import PASSES, REDUCTIONS, compile
from mmscn.lower.compiled import Compiled
from mmscn.lower.retrace import CellKey
from mmscn.runtime.bytecode import Check, State
from mmscn.runtime.explore import bfs
from mmscn.runtime.explore.executors import Executor
from mmscn.runtime.interpreter import matches_any
from mmscn.runtime.result import Limits

STATES_MAX = 20_000
"""Searched for final states, by the Python executor whichever has found the verdict."""
SHOWN_MAX = 12
LISTED_MAX = 1000


class FinalState(NamedTuple):
    """values: of what the outcomes look at, by name. listed: whether an outcome allows it."""

    values: tuple[tuple[str, str], ...]
    listed: bool

    def __str__(self) -> str:
        return " ".join(f"[{name}: {value}]" for name, value in self.values)


class FinalStates(NamedTuple):
    """The different ones, those first that are not listed, SHOWN_MAX at most; LISTED_MAX where
    `outcomes` asks for them.

    more: how many there are beyond those. complete: whether all states were searched.
    """

    states: tuple[FinalState, ...]
    more: int
    complete: bool


def final_states(compiled: Compiled, number: int) -> FinalStates:
    """number: of the check in the program that every final state is listed.

    The states are those of the program without any pass, which has everything that the text has.
    """
    asked = compiled.checks[number]
    try:
        plain = compile(compiled.checked, without=frozenset({*PASSES, *REDUCTIONS}))
    except Rejected:
        plain = compiled
    program = plain.program
    shown = looked_at(plain, plain.checked.checks[asked])
    states, limit = bfs.quiescent_states(program, limits=Limits(states=STATES_MAX))
    check = program.checks[plain.checks.index(asked)]
    found = {one(plain, shown, check, state) for state in states}
    ordered = sorted(found, key=lambda s: (s.listed, s.values))
    return FinalStates(
        states=tuple(ordered[:SHOWN_MAX]), more=len(ordered[SHOWN_MAX:]), complete=limit is None
    )


def listed_values(
    compiled: Compiled, checks: Sequence[int], limits: Limits, executor: Executor
) -> FinalStates:
    """What the places that some checks list hold in final states.

    The states are those of the program without reductions.
    """
    program = compiled.program
    wanted = list(
        dict.fromkeys(
            (cell.family, tuple(i.value for i in cell.index if isinstance(i, core.Const)))
            for check in checks
            for cell in compiled.checked.checks[compiled.checks[check]].listed
        )
    )
    thing_of = {key: thing for thing in stored_things(compiled) for _, key in thing.members}
    shown = list(dict.fromkeys(thing_of[key] for key in wanted))
    whole = {key for thing in shown for _, key in thing.members}
    fields = {place.field for place in compiled.places if (place.family, place.indices) in whole}
    kept = tuple(sorted(field for field in fields if field is not None))
    states, limit = executor.finals(program, kept, limits)
    found = {values_in(compiled, shown, state) for state in states}
    ordered = sorted(found, key=lambda s: tuple(map(numbers_last, s.values)))
    return FinalStates(
        states=tuple(ordered[:LISTED_MAX]), more=len(ordered[LISTED_MAX:]), complete=limit is None
    )


def numbers_last(value: tuple[str, str]) -> tuple[bool, int, str]:
    """In the order of numbers, where a value is one."""
    text = value[1]
    return (True, int(text), "") if text.isdecimal() else (False, 0, text)


def values_in(compiled: Compiled, shown: list[Thing], state: State) -> FinalState:
    cells = cells_of(compiled, state)
    values = tuple((t.name, value_text(compiled.checked, t, cells)) for t in shown)
    return FinalState(values=values, listed=True)


def one(compiled: Compiled, shown: list[Thing], check: Check, state: State) -> FinalState:
    cells = cells_of(compiled, state)
    return FinalState(
        values=tuple((t.name, value_text(compiled.checked, t, cells)) for t in shown),
        listed=not matches_any(compiled.program, check.bad, state),
    )


def looked_at(compiled: Compiled, info: core.CheckInfo) -> list[Thing]:
    """What the outcomes name; where that is nothing, all that is worth a note."""
    assert info.condition is not None
    named = list(cells_in(info.condition))
    keys = {key for key in named if key[1] is not None}
    families = {family for family, index in named if index is None}

    def is_named(key: CellKey) -> bool:
        return key in keys or key[0] in families

    known = stored_things(compiled)
    found = [t for t in known if any(is_named(key) for _, key in t.members)]
    return found or [t for t in known if not t.quiet]


def cells_in(e: core.Expr) -> Iterator[tuple[str, tuple[object, ...] | None]]:
    """The cells that an expression names; None for the index of one that the state chooses."""
    match e:
        case core.Cell(family=family, index=index):
            known = [i.value for i in index if isinstance(i, core.Const)]
            yield family, tuple(known) if len(known) == len(index) else None
            for i in index:
                yield from cells_in(i)
        case core.Apply(args=args):
            for a in args:
                yield from cells_in(a)
