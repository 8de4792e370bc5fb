"""Where the walker of the tree and the programs that are made of a text say different things."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from attrs import frozen
from support.agreement.agreement import (
    Cells,
    in_words,
    is_unreduced,
    renumbered,
    value_in,
    with_names,
)
from support.oracle import oracle
from support.oracle.tree_program import LOCK_RULES, combinations, program_of
from support.oracle.tree_terms import Unwalkable
from support.oracle.tree_types import VERSIONS_MAX, Version
from support.oracle.tree_walker import TooLarge, Walked, walk

from mmscn.check import core
from mmscn.check.elaborate import elaborate
from mmscn.check.values import Atom, Elem, Value
from mmscn.check.variation import matrix
from mmscn.diagnostics import Rejected
from mmscn.draw.diagram import draw
from mmscn.draw.step_list import list_steps
from mmscn.judge import prepare
from mmscn.judge.api import Scenario
from mmscn.judge.report import Run
from mmscn.judge.shipped import finder
from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled, Place
from mmscn.runtime.bytecode import Program as Bytecode
from mmscn.runtime.explore import bfs
from mmscn.runtime.result import Limit, Limits, Result, Verdict
from mmscn.source import Source
from mmscn.syntax.parse import parse

UNBOUNDED = Limits(states=None, memory_mb=None)
SEARCHED_MAX = 50_000


@frozen
class Truth:
    """What the walker found, by the number of the check in `Checked.checks`.

    others: the checks that are judged together with another one, under its number.
    """

    walked: Walked
    verdicts: dict[int, str]
    lengths: dict[int, int | None]
    others: dict[int, int]


@frozen
class Asked:
    """How a text is compared.

    without: what is left out of each compilation. checked_too: ask the oracle that walks
    `Checked` as well. python: search by both executors. facade: the reductions of a run as
    a user makes one (None for none), whose counterexamples are drawn, too.
    """

    states_max: int
    without: tuple[frozenset[str], ...]
    checked_too: bool = True
    python: bool = True
    facade: bool | frozenset[str] | None = None


def disagreements(text: str, asked: Asked) -> Iterator[str]:
    """What is said differently of a text. Raises TooLarge, Unwalkable, Rejected."""
    source = Source("generated", text)
    tree, found = parse(source)
    if found:
        raise Rejected(found)
    unit = prepare.unit_of(source, finder(None))
    truths = []
    for params, values in zip(combinations(tree), matrix(unit), strict=True):
        checked = elaborate(unit, values)
        walked = walk(program_of(tree, params), states_max=asked.states_max)
        truth = matched(walked, checked)
        truths.append((checked, truth))
        where = " ".join(f"{k}={v}" for k, v in params.items())
        for what in differing(truth, checked, asked):
            yield f"{where} {what}".strip()
    if asked.facade is not None:
        executor = "python" if asked.python else "auto"
        scenario = Scenario.of(unit, None)
        report = scenario.check(reduce=asked.facade, executor=executor)
        for run, (checked, truth) in zip(report.runs, truths, strict=True):
            for what in by_a_run(truth, checked, run):
                yield f"as run with {asked.facade}: {what}"


def differing(truth: Truth, checked: core.Checked, asked: Asked) -> Iterator[str]:
    if asked.checked_too:
        yield from by_the_oracle(truth, checked, 4 * truth.walked.states + 1_000)
    for left_out in asked.without:
        name = "without " + (" ".join(sorted(left_out)) or "nothing")
        compiled = compile(checked, without=left_out)
        for said in by_a_program(truth, compiled, left_out, reduced=False, python=asked.python):
            yield f"{name}: {said}"
        if not is_unreduced(compiled):
            for said in by_a_program(truth, compiled, left_out, reduced=True, python=asked.python):
                yield f"{name}, reduced: {said}"
        for said in beyond(truth, compiled):
            yield f"{name}, without counters: {said}"


def by_a_run(truth: Truth, checked: core.Checked, run: Run) -> Iterator[str]:
    """What a run says of a property, its shortest counterexample, and how that is drawn."""
    cut = any(
        truth.verdicts.get(n) == "violated"
        for n, info in enumerate(checked.checks)
        if info.kind == "bound"
    )
    for p in run.properties:
        own = [n for n, info in enumerate(checked.checks) if info.name == p.name]
        kinds = {checked.checks[n].kind for n in own}
        broken = (n for n in own if checked.checks[n].kind != "reachable")
        met = any(truth.lengths.get(n) is not None for n in broken)
        reached = kinds == {"reachable"} and all(truth.lengths.get(n) is not None for n in own)
        if cut and not reached and (not met or kinds == {"bound"}):
            if p.verdict.value != "undecided":
                yield f"`{p.name}` {p.verdict.value}, and a bound is met"
            continue
        mine = [truth.verdicts[n] for n in own if n not in truth.others]
        wanted = next((v for v in ("violated", "holds") if v in mine), "vacuous")
        if p.verdict.value == "undecided" and run.result.limit is Limit.VERSIONS:
            continue  # contents without end are too many where they are not renamed
        if p.verdict.value != wanted:
            yield f"`{p.name}` {p.verdict.value}, by the tree {wanted}"
        elif wanted == "violated":
            lengths = [
                truth.lengths[n]
                for n in own
                if n not in truth.others and truth.verdicts[n] == "violated"
            ]
            found = run.counterexample(p.name)
            length = None if found is None else len(found.trace.rules)
            if length != min((d for d in lengths if d is not None), default=None):
                yield f"`{p.name}` is shown in {length} steps, by the tree in {lengths}"
            if found is not None:
                draw(found.compiled, found.trace)
                list_steps(found.compiled, found.trace)


def matched(walked: Walked, checked: core.Checked) -> Truth:
    """The walker's checks by the project's numbers: of the same kind, name and place."""
    numbers: dict[object, list[int]] = {}
    for n, asked in enumerate(walked.checks):
        kind = "reachable" if asked.kind == "outcome" else asked.kind
        numbers.setdefault((kind, asked.name, asked.start), []).append(n)
    verdicts, lengths, others = {}, {}, {}
    for n, info in enumerate(checked.checks):
        if info.name == "lock_rules" and n != core.LOCK_RULES:
            others[n] = core.LOCK_RULES
            continue
        start = info.span.start if info.span is not None else None
        mine = numbers[info.kind, info.name, start].pop(0)
        verdicts[n], lengths[n] = walked.verdicts[mine], walked.lengths[mine]
    bound = numbers.get(("bound", "store_buffer", None))
    if bound:  # where no buffer can be full the project does not ask
        assert walked.verdicts[bound.pop()] == "holds"
    left = [key for key, rest in numbers.items() if rest]
    assert not left, f"the project does not judge {left}"
    assert LOCK_RULES == core.LOCK_RULES
    return Truth(walked, verdicts, lengths, others)


def compared(
    truth: Truth, checked: core.Checked, theirs: dict[int, tuple[str, int | None]], lengths: bool
) -> Iterator[str]:
    """theirs: verdict and length by check."""
    for n, other in truth.others.items():
        if n in theirs and theirs[n][0] == "violated":
            depths = [theirs[m][1] for m in (n, other)]
            theirs[other] = "violated", min(d for d in depths if d is not None)
    for n, (verdict, length) in theirs.items():
        if n in truth.others:
            continue
        info = checked.checks[n]
        if verdict == "vacuous" and info.kind in oracle.NEVER_VACUOUS:
            verdict = "holds"
        if verdict != truth.verdicts[n]:
            yield (
                f"{info.kind} `{info.name}` {verdict} ({length} steps), "
                f"by the tree {truth.verdicts[n]} ({truth.lengths[n]} steps)"
            )
        elif lengths and length != truth.lengths[n]:
            yield (
                f"{info.kind} `{info.name}` after {length} steps, "
                f"by the tree after {truth.lengths[n]}"
            )


def by_the_oracle(truth: Truth, checked: core.Checked, states_max: int) -> Iterator[str]:
    """What the walker of `Checked` says otherwise."""
    try:
        found = oracle.explore(checked, states_max=states_max)
    except oracle.Unbounded:
        return
    theirs = {
        n: (v.value, length)
        for n, (v, length) in enumerate(zip(found.verdicts, found.lengths, strict=True))
    }
    for said in compared(truth, checked, theirs, lengths=True):
        yield f"oracle: {said}"


def by_a_program(
    truth: Truth, compiled: Compiled, left_out: frozenset[str], *, reduced: bool, python: bool
) -> Iterator[str]:
    program = compiled.reduced if reduced else compiled.program
    result = search(program, Limits(states=SEARCHED_MAX))
    if result.limit is not None:
        unnumbered = (Limit.VERSIONS, Limit.STATES)  # the same contents by many numbers
        if result.limit not in unnumbered or all(g.canonical for g in program.versions):
            yield f"the search ends with {result.limit.value}"
        return
    if python:
        yield from executors(program, result)
    theirs = {compiled.checks[c.check]: (c.verdict.value, c.depth) for c in result.checks}
    yield from compared(truth, compiled.checked, theirs, lengths=not reduced)
    wrong = ended(truth, compiled, reduced=reduced)
    if wrong and reduced:
        wrong = ended(truth, with_names(compiled, left_out), reduced=True)
    yield from wrong


def ended(truth: Truth, compiled: Compiled, *, reduced: bool) -> list[str]:
    """How the final states differ from those that were walked to."""
    program = compiled.reduced if reduced else compiled.program
    if program.symmetry:
        return []
    places = compiled.reduced_places if reduced else compiled.places
    known = {name for final in truth.walked.final[:1] for name, _, _ in final}
    cells = [p for p in places if p.family in known and p.thread is None]
    contents = lonely(compiled.checked, program, cells)
    ours = program_finals(program, cells, contents)
    mine = tree_finals(truth.walked, program, cells, contents)
    if ours == mine:
        return []
    extra = sorted(ours - mine, key=repr)[:1]
    missing = sorted(mine - ours, key=repr)[:1]
    return [f"final states: extra {in_words(extra)}, missing {in_words(missing)}"]


def search(program: Bytecode, limits: Limits) -> Result:
    try:
        native = import_module("mmscn.runtime.native")
    except ImportError:
        return bfs.search(program, limits=limits)
    found: Result = native.search(program, limits=limits)
    return found


def executors(program: Bytecode, result: Result) -> Iterator[str]:
    """What the search in Python says otherwise."""
    other = bfs.search(program, limits=UNBOUNDED)
    for what in ("checks", "states", "transitions", "depth", "quiescent", "limit"):
        if getattr(result, what) != getattr(other, what):
            yield f"native {what}: {getattr(result, what)}, python {getattr(other, what)}"


def beyond(truth: Truth, compiled: Compiled) -> Iterator[str]:
    """What is broken, and the program without counters, which does more, does not break."""
    if compiled.uncounted is None:
        return
    result = search(compiled.uncounted.program, Limits(states=20_000))
    for check in result.checks:
        n = truth.others.get(compiled.checks[check.check], compiled.checks[check.check])
        broken = truth.verdicts[n] == "violated" and n == compiled.checks[check.check]
        if result.limit is None and broken and check.verdict is Verdict.HOLDS:
            yield f"`{compiled.checked.checks[n].name}` is not met"


# ---- final states -------------------------------------------------------------


def lonely(checked: core.Checked, program: Bytecode, cells: list[Place]) -> dict[int, int]:
    """Cells of contents that are compared with no others: the number of the first without name."""
    grouped = {f for group in program.versions for f in group.fields}
    return {
        n: checked.named_versions
        for n, place in enumerate(cells)
        if checked.families[str(place.family)].version and place.field not in grouped
    }


def row_of(
    program: Bytecode, cells: list[Place], values: list[Value], alone: dict[int, int]
) -> Cells:
    """The cells, contents up to renaming."""
    for n, first in alone.items():
        value = values[n]
        values[n] = min(value, first) if isinstance(value, int) else value
    return renumbered(program, cells, values)


def program_finals(
    program: Bytecode, cells: list[Place], alone: dict[int, int]
) -> frozenset[Cells]:
    return frozenset(
        row_of(program, cells, [value_in(program, p, state) for p in cells], alone)
        for state in bfs.final_states(program, limits=UNBOUNDED)
    )


def tree_finals(
    walked: Walked, program: Bytecode, cells: list[Place], alone: dict[int, int]
) -> frozenset[Cells]:
    """The walker's final states, of those cells that the program still has."""
    found = set()
    keys = [(str(p.family), tuple(map(plain, p.indices))) for p in cells]
    for final in walked.final:
        values = {(name, index): value for name, index, value in final}
        row = [written(p, values[key]) for p, key in zip(cells, keys, strict=True)]
        found.add(row_of(program, cells, row, alone))
    return frozenset(found)


def plain(value: Value) -> object:
    """A value of the project as the walker has it."""
    match value:
        case Elem(sort=sort, number=number):
            return (sort, number)
        case Atom(name=name):
            return name
    return value


def written(place: Place, value: object) -> Value:
    """A value of the walker as the project has it, by the place's domain."""
    if isinstance(value, int) and not isinstance(value, bool):
        return VERSIONS_MAX + int(value) if type(value) is Version else value
    for one in place.domain:
        if plain(one) == value and isinstance(one, bool) is isinstance(value, bool):
            return one
    return f"{value}, which the program never has here"  # type: ignore[return-value]


__all__ = ["Asked", "Rejected", "TooLarge", "Unwalkable", "disagreements"]
