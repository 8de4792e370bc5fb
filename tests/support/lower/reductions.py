"""A program and its reduced one, side by side: what the two say differently."""

from __future__ import annotations

from attrs import frozen

from mmscn.check.values import Value
from mmscn.lower.assemble import Assembler
from mmscn.lower.compile import passed, places, reduction, switched
from mmscn.lower.compiled import Place, Reduced
from mmscn.lower.ir import Ir
from mmscn.runtime.bytecode import FieldId, Op, Program, RuleId
from mmscn.runtime.explore import bfs
from mmscn.runtime.explore.trace import counterexample
from mmscn.runtime.interpreter import (
    NotEnabled,
    VersionOverflow,
    image,
    possible_parts,
    replay,
    unpack,
)
from mmscn.runtime.result import Limits, Result
from mmscn.runtime.verify import verify
from mmscn.source import Source, Span

NOWHERE = Span(Source("generated", ""), 0, 0)
LIMITS = Limits(states=20_000)

Cell = tuple[str, tuple[Value, ...]]


@frozen(kw_only=True)
class Pair:
    """The program with every step of its own, and the one that is searched."""

    program: Program
    places: tuple[Place, ...]
    reduction: Reduced

    @property
    def reduced(self) -> Program:
        return self.reduction.program


def pair_of(ir: Ir, *, without: frozenset[str] = frozenset()) -> Pair:
    """Both programs of an IR, verified."""
    off = switched(without)
    early, late = passed(ir, off)
    assembler = Assembler(late, NOWHERE, canonical=False)
    program, numbers = assembler.program()
    verify(program)
    return Pair(
        program=program,
        places=places(assembler),
        reduction=reduction(early, numbers, NOWHERE, off),
    )


def differences(pair: Pair, *, final: bool = True, traces: bool = True) -> list[str] | None:
    """What the reduced program says otherwise; None where there is too much to look at."""
    base = bfs.search(pair.program, limits=LIMITS)
    if base.limit is not None:
        return None
    reduced = bfs.search(pair.reduced, limits=LIMITS)
    found = judged(base, reduced)
    if final:
        found += ended(pair)
    if traces:
        found += walked(pair, reduced)
    return found


def judged(base: Result, reduced: Result) -> list[str]:
    found = []
    # A chain that blocks is stored where it blocks, which can cost a tiny program a state.
    if reduced.limit is not None or reduced.states > base.states + base.states // 4:
        found.append(f"{reduced.states} states of {base.states}, {reduced.limit}")
    for one, other in zip(base.checks, reduced.checks, strict=True):
        if (one.verdict, one.covered) != (other.verdict, other.covered):
            found.append(f"check {one.check}: {one.verdict.value}, not {other.verdict.value}")
    return found


def ended(pair: Pair) -> list[str]:
    """The final states, as far as both programs keep the same cells."""
    cells = sorted(shared(pair.places) & shared(pair.reduction.places), key=repr)
    groups = {f: n for n, group in enumerate(pair.reduced.versions) for f in group.fields}
    contents = {
        (p.family, p.indices): (groups[p.field], constants(pair.reduced, p.field))
        for p in pair.reduction.places
        if p.family is not None and p.version and p.field is not None
    }
    ours = finals(pair.program, pair.places, cells, contents)
    theirs = finals(pair.reduced, pair.reduction.places, cells, contents)
    return [] if ours == theirs else [f"{len(theirs)} final states of {len(ours)}"]


def shared(found: tuple[Place, ...]) -> set[Cell]:
    return {(p.family, p.indices) for p in found if p.family is not None and p.thread is None}


def constants(program: Program, field: FieldId) -> frozenset[int]:
    """The numbers of the field's version group that a state begins with or an instruction names."""
    (group,) = (group for group in program.versions if field in group.fields)
    tests = [rule.tests for rule in program.rules]
    tests += [tests for check in program.checks for tests in (*check.bad, *check.covered)]
    instructions = [i for some in tests for i in some]
    instructions += [effect for rule in program.rules for effect in rule.effects]
    found = {unpack(program, state)[f] for state in program.initial for f in group.fields}
    for f in group.fields:
        at = program.fields[f]
        whole = (1 << at.width) - 1
        for op, word, *more in instructions:
            named = op in (Op.MATCH, Op.MISMATCH, Op.PUT) and word == at.word
            if named and more[0] >> at.shift & whole:
                found.add(more[1] >> at.shift & whole)
    return frozenset(found)


def finals(
    program: Program,
    found: tuple[Place, ...],
    cells: list[Cell],
    contents: dict[Cell, tuple[int, frozenset[int]]],
) -> set[tuple[object, ...]]:
    """The values of some cells in each final state and its images under the symmetry.

    contents: of those cells that have one in the reduced program, the group and its constants. The
    others of a group are told by where it has them first: they may be constants here.
    """
    states = bfs.final_states(program, limits=LIMITS)
    every = {image(program, p, s) for p in program.symmetry for s in states} | states
    by_cell = {(p.family, p.indices): p for p in found if p.family is not None}
    rows = set()
    for state in every:
        values = unpack(program, state)
        names: dict[tuple[int, object], int] = {}
        row: list[object] = []
        for cell in cells:
            place = by_cell[cell]
            value = place.constant if place.field is None else place.value(values[place.field])
            group, named = contents.get(cell, (0, None))
            if named is None or value in named:
                row.append(value)
            else:
                row.append(("fresh", group, names.setdefault((group, value), len(names))))
        rows.add(tuple(row))
    return rows


def walked(pair: Pair, result: Result) -> list[str]:
    """Counterexamples of the reduced program, taken apart, on the reference interpreter."""
    found = []
    for check in result.checks:
        if check.depth is None:
            continue
        trace = counterexample(pair.reduced, check.check, limits=LIMITS)
        if trace is None:
            found.append(f"check {check.check}: no trace")
        elif not walks(pair, trace.rules):
            found.append(f"check {check.check}: the trace does not replay")
    return found


def walks(pair: Pair, rules: tuple[RuleId, ...]) -> bool:
    parts = [part for rule in rules for part in pair.reduced.rules[rule].parts]
    for index in range(len(pair.program.initial)):
        try:
            replay(pair.program, possible_parts(pair.program, parts, index), index)
        except NotEnabled:
            continue
        except VersionOverflow:
            return True  # the unreduced program has no number for it
        return True
    return False
