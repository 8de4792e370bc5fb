"""`mmscn ablate FILE`: what each lock, flush, fence, check and reference is for."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from mmscn.check.values import Value
from mmscn.cli import parallel
from mmscn.cli.progress import Tally, terminal_columns
from mmscn.cli.run import Options, Selected, select
from mmscn.cli.selection import Broken, defined, nothing, targets_of
from mmscn.diagnostics import Diagnostic, Rejected
from mmscn.explain import ablation
from mmscn.explain.ablation import Row
from mmscn.explain.mutants import KINDS
from mmscn.judge import exits
from mmscn.judge.api import Scenario
from mmscn.judge.targets import Target
from mmscn.plain_text import counted, first_columns, printable, width
from mmscn.show import result_json, table
from mmscn.show.paint import say, write

SCHEMA = "mmscn.ablate/1"
NAME_COLUMNS = 60


class Wanted(NamedTuple):
    """kinds: of what is taken out. runs: combinations for each. draw: also the counterexamples.

    keep: a file that rows are added to, and that a run goes on from.
    """

    kinds: tuple[str, ...] = KINDS
    runs: int = 20
    draw: bool = False
    keep: str | None = None


def ablate_all(options: Options, wanted: Wanted) -> int:
    """Raises Usage."""
    params = defined(options.define)
    chosen = targets_of(options.words, every=options.every)
    broken = Broken(options.color, quiet=bool(options.as_json))
    codes: list[int] = []
    found: list[tuple[str, list[Row]]] = []
    for selected in select(chosen, params, broken, codes, options.limits):
        try:
            rows = list(rows_of(selected, options, wanted))
        except Rejected as problem:
            broken.add(selected.target, problem.diagnostics)
            continue
        except KeyboardInterrupt:
            return exits.INTERRUPTED
        codes.append(exits.OK)
        if not options.as_json:
            gap = "\n" if found else ""
            write(gap + text(selected.scenario.name, rows), options.color, "trace")
        found.append((selected.scenario.name, rows))
    if options.as_json:
        sys.stdout.write(result_json.written(document(found)))
    if broken.found:
        codes.append(exits.USAGE)
    if not codes:
        say(nothing(options.words), sys.stderr)
        codes.append(exits.VACUOUS)
    return exits.worst(codes)


def rows_of(selected: Selected, options: Options, wanted: Wanted) -> Iterator[Row]:
    """A row for each thing that can be taken out, in the order of their names."""
    scenario = selected.scenario
    bounds = ablation.Bounds(options.limits, wanted.runs, wanted.draw)
    asked = (bounds, [sorted(c.items()) for c in selected.combinations])
    key = ablation.digest(scenario, asked)
    file = Path(wanted.keep) if wanted.keep else None
    known = ablation.read_rows(file, key) if file else {}
    far = Far(selected, options) if options.cluster is not None else None
    if far is not None:
        cases = list(far.intact())
    else:
        cases = list(ablation.intact(scenario, selected.combinations, options.limits))
    work = ablation.work_of(scenario, cases, wanted.kinds)
    left = [w for w in work if w.mutant.name not in known]
    rows = [known[w.mutant.name] for w in work if w.mutant.name in known]
    tally = Tally(f"{scenario.name} without", len(left))
    try:
        some = side_by_side(scenario, left, bounds) if far is None else far.ablated(left, bounds)
        for made in some:
            if file:
                ablation.add_row(file, key, made)
            rows.append(made)
            tally(made.name)
    finally:
        tally.end()
    yield from sorted(rows, key=lambda r: (KINDS.index(r.kind), r.name))


HELD: list[tuple[Scenario, Sequence[ablation.Work], ablation.Bounds]] = []
"""What the processes that are forked work on; a tree is not sent to them."""


def side_by_side(
    scenario: Scenario, left: Sequence[ablation.Work], bounds: ablation.Bounds
) -> Iterator[Row]:
    HELD[:] = [(scenario, left, bounds)]
    workers = parallel.workers(len(left))
    numbers = range(len(left))
    return parallel.mapped(numbered, numbers, workers) if workers > 1 else map(numbered, numbers)


def numbered(number: int) -> Row:
    ((scenario, left, bounds),) = HELD
    return ablation.ablated(scenario, left[number], bounds)


# ---- on a cluster ------------------------------------------------------------


class Far:
    """The work on one scenario, done by the workers of a cluster, to which its texts travel."""

    def __init__(self, selected: Selected, options: Options) -> None:
        assert options.cluster is not None
        self.selected = selected
        self.address = options.cluster
        self.options = options
        self.target = selected.target.travelling()

    def intact(self) -> Iterator[ablation.Intact]:
        """As of `ablation.intact`."""
        from mmscn.cli import cluster

        combinations = self.selected.combinations
        for values in combinations:
            self.selected.scenario.case(values, True)
        work = partial(intact_there, self.options, self.target)
        for found in cluster.each(self.address, work, combinations):
            if not isinstance(found, ablation.Intact | None):
                raise Rejected(found)
            if found is not None:
                yield found

    def ablated(self, left: Sequence[ablation.Work], bounds: ablation.Bounds) -> Iterator[Row]:
        """As of `ablation.ablated`, one for each."""
        from mmscn.cli import cluster

        work = partial(ablated_there, self.options, self.target, bounds)
        return cluster.each(self.address, work, [less(one) for one in left])


def less(work: ablation.Work) -> ablation.Work:
    """Without the places, which say on what a mutant is tried: that is known by then."""
    cases = (case._replace(places=frozenset()) for case in work.cases)
    return work._replace(cases=tuple(cases))


def intact_there(
    options: Options, target: Target, values: dict[str, Value]
) -> ablation.Intact | tuple[Diagnostic, ...] | None:
    try:
        found = ablation.intact(scenario_there(options, target), [values], options.limits)
        return next(found, None)
    except Rejected as problem:
        return problem.diagnostics


def ablated_there(
    options: Options, target: Target, bounds: ablation.Bounds, work: ablation.Work
) -> Row:
    return ablation.ablated(scenario_there(options, target), work, bounds)


def scenario_there(options: Options, target: Target) -> Scenario:
    from mmscn.cli.jobs import held

    selected, _, _ = held(target, options)
    assert selected is not None
    return selected.scenario


# ---- text and JSON ----------------------------------------------------------


def text(name: str, rows: Sequence[Row]) -> str:
    """A table, and below it the counterexamples."""
    if not rows:
        return f"{name}: nothing was found to hold that comes by something to take out\n"
    head = ["without", "where", "", "steps", "breaks"]
    lines = [
        [
            r.kind,
            r.where,
            short(r.name),
            str(r.steps) if r.ends == ablation.BREAKS else "",
            said(r),
        ]
        for r in rows
    ]
    count = Counter(r.ends for r in rows)
    told = [
        f"{count[ends]} {words}"
        for ends, words in (
            (ablation.BREAKS, "needed"),
            (ablation.VACUOUS, "without which something is not put to the test"),
            (ablation.HOLDS, "without which nothing breaks within these bounds"),
            (ablation.UNDECIDED, "undecided"),
            (ablation.REJECTED, "without which it cannot be run"),
        )
        if count[ends]
    ]
    columns = table.columns(head, lines, {3}, terminal_columns())
    found = [name, "", *columns, "", f"  {', '.join(told)}"]
    shown = "".join(f"{printable(line.rstrip())}\n" for line in found)
    drawings = [f"\nWithout {r.where} `{r.name}`:\n\n{r.drawing}" for r in rows if r.drawing]
    return shown + "".join(drawings)


def said(r: Row) -> str:
    if r.ends == ablation.BREAKS:
        return f"{r.title}  {r.params}".rstrip()
    if r.ends == ablation.VACUOUS:
        return f"{r.title} is not put to the test  {r.params}".rstrip()
    some = f" ({r.tried} of {counted(r.of, 'combination')} tried)" if r.tried < r.of else ""
    return {
        ablation.HOLDS: "nothing breaks within these bounds",
        ablation.UNDECIDED: "undecided, a limit was reached",
        ablation.REJECTED: "what is left cannot be run",
    }[r.ends] + some


def short(name: str) -> str:
    return name if width(name) <= NAME_COLUMNS else f"{first_columns(name, NAME_COLUMNS - 3)}..."


def document(found: Sequence[tuple[str, list[Row]]]) -> dict[str, object]:
    return {
        "schema": SCHEMA,
        "scenarios": [
            {"name": name, "rows": [{**r._asdict(), "drawing": r.drawing or None} for r in rows]}
            for name, rows in found
        ],
    }
