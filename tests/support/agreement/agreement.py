"""Where the oracle, the bytecode and its passes say different things about a program."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module

from support.oracle.oracle import NEVER_VACUOUS, OracleResult, explore
from support.oracle.states import Unbounded

from mmscn.check.core import Checked
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.values import Value
from mmscn.check.variation import matrix
from mmscn.diagnostics import Rejected
from mmscn.judge.shipped import finder
from mmscn.lower.compile import PASSES, REDUCTIONS, compile
from mmscn.lower.compiled import Compiled, Place
from mmscn.runtime.bytecode import CheckId, Program, State
from mmscn.runtime.explore import bfs
from mmscn.runtime.explore.trace import counterexample
from mmscn.runtime.interpreter import read
from mmscn.runtime.result import Limits, Result, Verdict
from mmscn.source import Source

UNBOUNDED = Limits(states=None, memory_mb=None)
EVERYTHING = frozenset(PASSES) | frozenset(REDUCTIONS)
NOTHING: frozenset[str] = frozenset()
ONE_OFF = tuple(frozenset({name}) for name in dict.fromkeys([*PASSES, *REDUCTIONS]))

Without = Iterable[frozenset[str]]
Cells = tuple[tuple[str, tuple[Value, ...], Value], ...]


def programs_of(source: Source, most: int | None = None) -> list[tuple[str, Checked]]:
    """The checked programs of a text, for each combination of its params or the `most` of them."""
    unit = gather(source, finder(None))
    found = []
    every = matrix(unit)
    for params in every[:: max(1, len(every) // (most or len(every)))][:most]:
        shown = " ".join(f"{name}={value}" for name, value in params.items())
        found.append((f"{source.name} {shown}".strip(), elaborate(unit, params)))
    return found


ENDLESS = ("eventually", "leads to", "livelock")
"""The kinds of checks that another search judges, and another oracle (`endless_agreement`)."""


def differences(
    checked: Checked,
    *,
    states_max: int,
    without: Without = (NOTHING, EVERYTHING, *ONE_OFF),
    traces: bool = True,
    truth: OracleResult | None = None,
) -> list[str]:
    """What the oracle and the compiled programs, with passes left out, disagree about.

    truth: what the oracle says, where that is known.
    Raises Unbounded where there are more states than that, and Rejected.
    """
    try:
        plain = compile(checked, without=EVERYTHING)
    except Rejected as problem:
        if {d.code for d in problem.diagnostics} == {"MM501"}:
            raise Unbounded("without passes the state does not fit") from problem
        raise
    count = bfs.search(plain.program, limits=Limits(states=states_max))
    if count.limit is not None:
        raise Unbounded(f"more than {states_max} states")
    compiled = [
        (left_out, plain if left_out == EVERYTHING else compile(checked, without=left_out))
        for left_out in without
    ]
    truth = truth or explore(checked, states_max=2 * states_max)
    found = [f"bare: {d}" for d in counts(truth, plain.program, count)]
    for left_out, one in compiled:
        name = "without " + (" ".join(sorted(left_out)) or "nothing")
        found += [f"{name}: {d}" for d in compare(truth, one)]
        if not is_unreduced(one):
            named = partial(with_names, one, left_out)
            found += [f"{name}, reduced: {d}" for d in compare(truth, one, named=named)]
        found += [f"{name}, without counters: {d}" for d in beyond(truth, one)]
        if traces and not left_out:
            found += [f"{name}: {d}" for d in replays(truth, one)]
    return list(dict.fromkeys(found))


def is_unreduced(compiled: Compiled) -> bool:
    """Whether the reduced program is the program, but for the rules that each rule stands for.

    No search looks at these: it finds the same.
    """
    bare = tuple(rule._replace(parts=()) for rule in compiled.reduced.rules)
    same = compiled.reduced._replace(rules=bare) == compiled.program
    return same and compiled.reduced_places == compiled.places


def with_names(compiled: Compiled, left_out: frozenset[str]) -> Compiled:
    """The same, reduced without `fresh`: contents have the numbers that the text gives them."""
    return compile(compiled.checked, without=left_out | {"fresh"})


def counts(truth: OracleResult, program: Program, result: Result) -> list[str]:
    """Without passes a program has the oracle's very states, and its transitions.

    Ways through one step that come to the same may be one.
    Not where it makes versions: those that never meet are numbered apart.
    """
    if program.versions:
        return []
    found = [
        f"{getattr(result, what)} {what}, the oracle has {getattr(truth, what)}"
        for what in ("states", "depth")
        if getattr(result, what) != getattr(truth, what)
    ]
    if not truth.distinct <= result.transitions <= truth.transitions:
        span = f"{truth.distinct} to {truth.transitions}"
        found.append(f"{result.transitions} transitions, the oracle has {span}")
    return found


def compare(
    truth: OracleResult, compiled: Compiled, *, named: Callable[[], Compiled] | None = None
) -> list[str]:
    """What the program, or the reduced one, finds otherwise; a reduced one has other lengths.

    named: for the reduced one, as of `with_names`: its final states are these but for names.
    """
    reduced = named is not None
    program = compiled.reduced if reduced else compiled.program
    result = bfs.search(program, limits=UNBOUNDED)
    if result.limit is not None:
        return [f"the search ends with {result.limit.value}"]
    found = executors(program, result)
    for check in result.checks:
        n = compiled.checks[check.check]
        info = compiled.checked.checks[n]
        if info.kind in ENDLESS:
            continue
        verdict = check.verdict
        if verdict is Verdict.VACUOUS and info.kind in NEVER_VACUOUS:
            verdict = Verdict.HOLDS
        if verdict is not truth.verdicts[n]:
            found.append(
                f"{info.kind} `{info.name}` {verdict.value}, "
                f"by the oracle {truth.verdicts[n].value} ({truth.lengths[n]} steps)"
            )
        elif not reduced and check.depth != truth.lengths[n]:
            found.append(
                f"{info.kind} `{info.name}` after {check.depth} steps, "
                f"by the oracle after {truth.lengths[n]}"
            )
    wrong = ended(truth, compiled, reduced=reduced)
    return found + (ended(truth, named(), reduced=True) if wrong and named else wrong)


def ended(truth: OracleResult, compiled: Compiled, *, reduced: bool) -> list[str]:
    """How the final states differ from the oracle's."""
    program = compiled.reduced if reduced else compiled.program
    if program.symmetry:
        return []
    places = compiled.reduced_places if reduced else compiled.places
    cells = [p for p in places if p.family is not None and p.thread is None]
    ours = finals(program, cells)
    theirs = oracle_finals(truth, program, cells)
    if ours == theirs:
        return []
    extra = sorted(ours - theirs, key=repr)[:1]
    missing = sorted(theirs - ours, key=repr)[:1]
    return [f"final states: extra {in_words(extra)}, missing {in_words(missing)}"]


def beyond(truth: OracleResult, compiled: Compiled) -> list[str]:
    """What the oracle finds and the program without counters, which does more, does not."""
    if compiled.uncounted is None:
        return []
    result = bfs.search(compiled.uncounted.program, limits=Limits(states=20_000))
    found = []
    for check in result.checks:
        n = compiled.checks[check.check]
        judged = compiled.checked.checks[n].kind not in ENDLESS and truth.lengths[n] is not None
        if result.limit is None and check.depth is None and judged:
            found.append(f"`{compiled.checked.checks[n].name}` is not met")
    return found


def executors(program: Program, result: Result) -> list[str]:
    """What the native executor says differently."""
    try:
        native = import_module("mmscn.runtime.native")
    except ImportError:
        return []
    other = native.search(program, limits=UNBOUNDED)
    return [
        f"native {what}: {getattr(other, what)}, python {getattr(result, what)}"
        for what in ("checks", "states", "transitions", "depth", "quiescent", "limit")
        if getattr(result, what) != getattr(other, what)
    ]


def replays(truth: OracleResult, compiled: Compiled) -> list[str]:
    """A trace for each violation (and witness), of the oracle's length."""
    found = []
    for c, n in enumerate(compiled.checks):
        if truth.lengths[n] is None or compiled.checked.checks[n].kind in ENDLESS:
            continue
        trace = counterexample(compiled.program, CheckId(c), limits=UNBOUNDED)
        length = None if trace is None else len(trace.rules)
        if length != truth.lengths[n]:
            name = compiled.checked.checks[n].name
            found.append(f"the trace of `{name}` has {length} steps, not {truth.lengths[n]}")
    return found


# ---- final states -------------------------------------------------------------


def finals(program: Program, cells: list[Place]) -> frozenset[Cells]:
    return frozenset(
        renumbered(program, cells, [value_in(program, p, state) for p in cells])
        for state in bfs.final_states(program, limits=UNBOUNDED)
    )


def oracle_finals(truth: OracleResult, program: Program, cells: list[Place]) -> frozenset[Cells]:
    return frozenset(
        renumbered(program, cells, [final[str(p.family), p.indices] for p in cells])
        for final in truth.final
    )


def value_in(program: Program, place: Place, state: State) -> Value:
    if place.field is None:
        return place.constant
    return place.value(read(program, state, place.field))


def renumbered(program: Program, cells: list[Place], values: list[Value]) -> Cells:
    """The values by cell, the anonymous versions of each group by first occurrence."""
    group_of = {f: group for group in program.versions for f in group.fields}
    numbers: dict[tuple[int, Value], int] = {}
    found = []
    for place, value in zip(cells, values, strict=True):
        group = group_of.get(place.field) if place.field is not None else None
        if place.version and group is not None and isinstance(value, int) and value >= group.named:
            value = numbers.setdefault((id(group), value), group.named + len(numbers))
        found.append((str(place.family), place.indices, value))
    return tuple(found)


def in_words(finals: list[Cells]) -> list[str]:
    return [
        ", ".join(f"{family}{[str(i) for i in index]} = {value}" for family, index, value in cells)
        for cells in finals
    ]
