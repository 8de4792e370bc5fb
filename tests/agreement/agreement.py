"""Where the oracle, the bytecode and its passes say different things about a program."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from mmscn.check.core import Checked
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.values import Value
from mmscn.check.variation import matrix
from mmscn.lower.compile import PASSES, compile
from mmscn.lower.compiled import Compiled, Place
from mmscn.runtime.bytecode import Program, State
from mmscn.runtime.explore import bfs
from mmscn.runtime.explore.trace import counterexample
from mmscn.runtime.interpreter import read
from mmscn.runtime.result import Limits, Result, Verdict
from mmscn.source import Source
from mmscn.tools.library import finder
from oracle import NEVER_VACUOUS, OracleResult, explore

UNBOUNDED = Limits(states=None, memory_mb=None)
EVERY_PASS = frozenset(PASSES)
ONE_OFF = tuple(frozenset({name}) for name in PASSES)

Final = frozenset[tuple[tuple[str, tuple[Value, ...], Value], ...]]


def programs_of(source: Source) -> list[tuple[str, Checked]]:
    """The checked programs of a text, one for each combination of its params."""
    unit = gather(source, finder(None))
    found = []
    for params in matrix(unit):
        shown = " ".join(f"{name}={value}" for name, value in params.items())
        found.append((f"{source.name} {shown}", elaborate(unit, params)))
    return found


def differences(
    checked: Checked,
    *,
    states_max: int,
    without: Iterable[frozenset[str]] = (frozenset(), EVERY_PASS, *ONE_OFF),
    traces: bool = True,
) -> list[str]:
    """What the oracle and each of the compiled programs disagree about.

    Raises Unbounded where the oracle does not come to an end.
    """
    programs = [(left_out, compile(checked, without=left_out)) for left_out in without]
    truth = explore(checked, states_max=states_max)
    found = []
    for left_out, compiled in programs:
        name = "without " + (" ".join(sorted(left_out)) or "nothing")
        found += [f"{name}: {d}" for d in compare(truth, compiled, compiled.program)]
        result = bfs.search(compiled.program, limits=UNBOUNDED)
        if left_out == EVERY_PASS and one_group(compiled.program):
            for what in ("states", "transitions"):
                ours, theirs = getattr(result, what), getattr(truth, what)
                if ours != theirs:
                    found.append(f"{name}: {ours} {what}, the oracle has {theirs}")
        found += [f"{name}: {d}" for d in executors(compiled.program, result)]
        if traces and not left_out:
            found += [f"{name}: {d}" for d in replays(truth, compiled)]
        reduced = compare(truth, compiled, compiled.reduced, lengths=False)
        found += [f"{name}, reduced: {d}" for d in reduced]
        result = bfs.search(compiled.reduced, limits=UNBOUNDED)
        found += [f"{name}, reduced: {d}" for d in executors(compiled.reduced, result)]
    return list(dict.fromkeys(found))


def one_group(program: Program) -> bool:
    """Whether fresh numbers are those of the oracle, which knows no groups of versions."""
    return len(program.versions) == 0


def compare(
    truth: OracleResult, compiled: Compiled, program: Program, *, lengths: bool = True
) -> list[str]:
    found = []
    result = bfs.search(program, limits=UNBOUNDED)
    if result.limit is not None:
        return [f"the search ends with {result.limit.value}"]
    for check in result.checks:
        n = compiled.checks[check.check]
        info = compiled.checked.checks[n]
        verdict = check.verdict
        if verdict is Verdict.VACUOUS and info.kind in NEVER_VACUOUS:
            verdict = Verdict.HOLDS
        if verdict is not truth.verdicts[n]:
            found.append(
                f"{info.kind} `{info.name}` {verdict.value}, "
                f"by the oracle {truth.verdicts[n].value} ({truth.lengths[n]} steps)"
            )
        elif lengths and check.depth != truth.lengths[n]:
            found.append(
                f"{info.kind} `{info.name}` after {check.depth} steps, "
                f"by the oracle after {truth.lengths[n]}"
            )
    if program.fields == compiled.program.fields and not program.symmetry:
        ours = finals(compiled, program)
        theirs = oracle_finals(truth, compiled, program)
        if ours != theirs:
            extra = [dict_of(f) for f in sorted(ours - theirs, key=repr)[:1]]
            missing = [dict_of(f) for f in sorted(theirs - ours, key=repr)[:1]]
            found.append(f"final states: extra {extra}, missing {missing}")
    return found


def executors(program: Program, result: Result) -> list[str]:
    """What the native executor says differently."""
    try:
        native = import_module("mmscn.runtime.native")
    except ImportError:
        return []
    other = native.search(program, limits=UNBOUNDED)
    found = []
    for what in ("checks", "states", "transitions", "depth", "quiescent", "limit"):
        if getattr(result, what) != getattr(other, what):
            found.append(f"native {what}: {getattr(other, what)}, python {getattr(result, what)}")
    return found


def replays(truth: OracleResult, compiled: Compiled) -> list[str]:
    """A trace for each violation (and witness), of the oracle's length."""
    found = []
    for c, n in enumerate(compiled.checks):
        if truth.lengths[n] is None:
            continue
        trace = counterexample(compiled.program, c, limits=UNBOUNDED)  # type: ignore[arg-type]
        length = None if trace is None else len(trace.rules)
        if length != truth.lengths[n]:
            name = compiled.checked.checks[n].name
            found.append(f"the trace of `{name}` has {length} steps, not {truth.lengths[n]}")
    return found


# ---- final states -------------------------------------------------------------


def cells_of(compiled: Compiled) -> list[Place]:
    """The places of cells that the program keeps, and those that are constant."""
    return [p for p in compiled.places if p.family is not None and p.thread is None]


def finals(compiled: Compiled, program: Program) -> Final:
    cells = cells_of(compiled)
    return frozenset(
        renumbered(program, cells, [value_in(program, p, state) for p in cells])
        for state in bfs.final_states(program, limits=UNBOUNDED)
    )


def oracle_finals(truth: OracleResult, compiled: Compiled, program: Program) -> Final:
    cells = cells_of(compiled)
    return frozenset(
        renumbered(program, cells, [final[str(p.family), p.index] for p in cells])
        for final in truth.final
    )


def value_in(program: Program, place: Place, state: State) -> Value:
    if place.field is None:
        return place.constant
    return place.value(read(program, state, place.field))


def renumbered(
    program: Program, cells: list[Place], values: list[Value]
) -> tuple[tuple[str, tuple[Value, ...], Value], ...]:
    """The values by cell, the anonymous versions of each group by first occurrence."""
    group_of = {f: group for group in program.versions for f in group.fields}
    numbers: dict[tuple[int, Value], int] = {}
    shown = []
    for place, value in zip(cells, values, strict=True):
        group = group_of.get(place.field) if place.field is not None else None
        if place.version and group is not None and isinstance(value, int) and value >= group.named:
            key = id(group), value
            value = numbers.setdefault(key, group.named + len(numbers))
        shown.append((str(place.family), place.index, value))
    return tuple(shown)


def dict_of(final: tuple[tuple[str, tuple[Value, ...], Value], ...]) -> dict[str, str]:
    return {f"{family}{[str(i) for i in index]}": str(value) for family, index, value in final}
