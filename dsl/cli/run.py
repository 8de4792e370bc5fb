"""`mmscn run`: load what was asked for, search it, print what was found."""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import NamedTuple

from mmscn.budget import Budget, Exceeded
from mmscn.check.values import Value
from mmscn.cli import parallel
from mmscn.cli.output import Output, write_result
from mmscn.cli.progress import Meter, terminal_columns
from mmscn.cli.selection import Broken, defined, held, loaded, nothing, targets_of
from mmscn.diagnostics import Diagnostic, Rejected
from mmscn.judge import exits
from mmscn.judge.api import Reduce, Scenario
from mmscn.judge.exits import Usage
from mmscn.judge.report import Report, Run
from mmscn.judge.stopping import NEVER
from mmscn.judge.targets import LITMUS, Target, is_litmus, tests_among
from mmscn.plain_text import printable
from mmscn.runtime.explore.executors import AUTO, ExecutorMissing
from mmscn.runtime.result import Limits, Verdict
from mmscn.show import table
from mmscn.show.counterexamples import WIDTH, drawn, picture
from mmscn.show.paint import say, write

Diagnostics = tuple[Diagnostic, ...]

EVERYTHING = "all"
"""In place of a reduction's name."""

TEXT = "text"
"""The format that is printed where no other is."""

PARTICULAR = (
    "formats", "all_traces", "kinds", "stop", "seed", "deepen", "disk", "bitstate",
    "cluster", "partition",
)  # fmt: skip

INSTEAD = {
    "results": "mmscn.cli.kept_results",
    "shard": "mmscn.cli.sharding",
    "simulate": "mmscn.cli.simulating",
}
"""By option, the modules whose `done_of` does what `done_of` does otherwise, the first that is
asked for; they call each other by it."""

READING = "reading the text"
"""The phase before that of the first combination."""


class Options(NamedTuple):
    """What `mmscn run` was given."""

    words: tuple[str, ...]
    every: bool = False
    define: tuple[str, ...] = ()
    diagrams: str = "some"
    steps: bool = False
    as_json: str | None = None
    color: str = "auto"
    states: int | None = None
    depth: int | None = None
    time_s: float | None = None
    memory: int | None = None
    disk: str | None = None
    bitstate: int | None = None
    no_reduce: tuple[str, ...] = ()
    executor: str = AUTO
    jobs: int | None = None
    checkpoint: str | None = None
    resume: str | None = None
    quiet: bool = False
    verbose: bool = False
    width: int | None = None
    fail_fast: bool = False
    kinds: str | None = None
    column: str = "verdict"
    formats: tuple[str, ...] = ()
    all_traces: bool = False
    stop: str | None = None
    watch: bool = False
    simulate: int | None = None
    seed: int | None = None
    shard: str | None = None
    results: str | None = None
    deepen: bool = False
    cluster: str | None = None
    partition: int | None = None
    terminal: int | None = None
    """Columns of the terminal, where that is another process's."""

    @property
    def wants_json(self) -> bool:
        """Whether the JSON result is made: it, or a format that is made from it, is asked for."""
        return bool(self.as_json or self.formats)

    @property
    def silent(self) -> bool:
        """Whether no text is printed: something else is."""
        return bool(self.as_json) or any("=" not in w and w != TEXT for w in self.formats)

    def asks_for(self, name: str) -> bool:
        """Whether a format is wanted, printed or in a file."""
        return any(wanted.partition("=")[0] == name for wanted in self.formats)

    @property
    def columns(self) -> int:
        """How wide drawings are."""
        return self.width or min(WIDTH, self.terminal or terminal_columns() or WIDTH)

    @property
    def room(self) -> table.Room:
        """How wide what is no drawing is."""
        columns = self.width or self.terminal or terminal_columns()
        if columns is None:
            return table.ROOM
        return table.Room(self.width or min(table.COLUMNS, columns), columns)

    @property
    def particular(self) -> bool:
        """Whether there are options that do not go with all others (`misfits`)."""
        names = (*PARTICULAR, *INSTEAD)
        return any(getattr(self, name) not in ((), False, None) for name in names)

    @property
    def limits(self) -> Limits:
        usual = Limits()
        return Limits(
            states=self.states or usual.states,
            depth=self.depth or usual.depth,
            time_s=self.time_s or usual.time_s,
            memory_mb=self.memory or usual.memory_mb,
            disk=self.disk,
            bits_mb=self.bitstate,
        )

    @property
    def reduce(self) -> Reduce:
        """Raises Usage for a reduction that there is not."""
        if not self.no_reduce:
            return True
        off = {name.strip() for names in self.no_reduce for name in names.split(",")}
        if off == {EVERYTHING}:
            return False
        from mmscn.lower.compile import REDUCTIONS

        unknown = sorted(off.difference(REDUCTIONS, (EVERYTHING,)))
        if unknown:
            names = ", ".join(REDUCTIONS)
            raise Usage(f"there is no reduction `{unknown[0]}`; there are {names}")
        return False if EVERYTHING in off else frozenset(REDUCTIONS) - off


class Selected(NamedTuple):
    """A scenario and the combinations of its params to run. search: in place of `Scenario.runs`."""

    target: Target
    scenario: Scenario
    combinations: list[dict[str, Value]]
    search: Callable[..., Iterator[Run]] | None = None


class Done(NamedTuple):
    """A scenario that was run, as far as the command prints it; it travels between processes.

    text: the pieces of output. reasons: of each run, HOLDS where it is as
    expected. json: the scenario's part of the result, with --json. parts: its part of
    formats that are not made from that. lasting: as of its report.
    """

    text: tuple[str, ...]
    code: int
    reasons: tuple[Verdict, ...]
    json: dict[str, object] | None
    interrupted: bool
    parts: dict[str, str]
    lasting: bool = False


def run_all(options: Options) -> int:
    if options.particular:
        from mmscn.cli import misfits

        misfits.check_options(options)
    if options.kinds is not None:
        from mmscn.cli import litmus

        return litmus.compare(options, options.kinds, options.column)
    tests = [Target(word) for word in tests_among(options.words)]
    others = [w for w in options.words if not w.endswith(LITMUS)]
    chosen = []
    if others or options.every or not tests:
        chosen = [held(target) for target in targets_of(others, every=options.every)]
    tests += [t for t in chosen if t.held is not None and is_litmus(t.held.text)]
    chosen = [t for t in chosen if t not in tests]
    broken = Broken(options.color, quiet=options.silent)
    done: list[Done] = []
    if tests and options.particular:
        from mmscn.cli import misfits

        misfits.check_tests(options)
    codes = run_scenarios(options, chosen, broken, done) if chosen or not tests else []
    if tests and exits.INTERRUPTED not in codes:
        from mmscn.cli import litmus

        codes += litmus.run_tests(options, tests, broken, done)
    if options.wants_json:
        write_result(options, done, broken)
    if broken.found:
        codes.append(exits.USAGE)
    if not codes:
        say(nothing(options.words), sys.stderr)
        codes.append(exits.VACUOUS)
    return exits.worst(codes)


def run_scenarios(
    options: Options, chosen: list[Target], broken: Broken, done: list[Done]
) -> list[int]:
    """Their exit statuses; what was run is added to `done`."""
    output = Output(options.quiet, partial(write, color=options.color, kind="trace"))
    codes: list[int] = []
    try:
        for one in in_order(chosen, options, broken, codes):
            done.append(one)
            codes.append(one.code)
            if not options.silent:
                output.pieces(one.text)
            if one.interrupted or (options.fail_fast and one.code != exits.OK):
                break
            if options.fail_fast and broken.found:
                break
    except KeyboardInterrupt:
        codes.append(exits.INTERRUPTED)
    if not options.silent:
        reasons = [reason for one in done for reason in one.reasons]
        output.summary(reasons, len(done), len(broken.found))
    return codes


def in_order(
    chosen: list[Target], options: Options, broken: Broken, codes: list[int]
) -> Iterator[Done]:
    """The scenarios run one after the other, or, where there are several, side by side."""
    count = 1 if options.fail_fast else parallel.workers(len(chosen))
    if options.partition is not None:
        from mmscn.cli.partitioning import partitioned

        with partitioned(options):
            yield from one_by_one(chosen, options, broken, codes)
        return
    if count > 1 or options.cluster is not None:
        from mmscn.cli import spreading

        among = spreading.workers(options, count)
        yield from spreading.spread(chosen, options, broken, codes, among)
        return
    yield from one_by_one(chosen, options, broken, codes)


def one_by_one(
    chosen: list[Target], options: Options, broken: Broken, codes: list[int]
) -> Iterator[Done]:
    params = defined(options.define)
    for selected in select(chosen, params, broken, codes, options.limits):
        one = done_of(selected, options, broken)
        if one is not None:
            yield one


def done_of(selected: Selected, options: Options, broken: Broken) -> Done | None:
    """A scenario run and told; None where it was rejected. Raises Usage."""
    for name, module in INSTEAD.items():
        if getattr(options, name) is not None:
            found: Done | None = import_module(module).done_of(selected, options, broken)
            return found
    report = told_of(selected, options, broken)
    return None if report is None else report[1]


def told_of(selected: Selected, options: Options, broken: Broken) -> tuple[Report, Done] | None:
    """The report of a scenario, told; None where it was rejected. Raises Usage.

    What is kept of it may be strange although its digest is right. Where that leads astray, all
    is made anew, and what is wrong then is no matter of what was kept.
    """
    kept = selected.scenario.shelf is not None
    try:
        report = report_of(selected, options, options.reduce, broken)
        return None if report is None else (report, done_with(report, options))
    except (Usage, OSError):
        raise
    except Exception:
        if not kept:
            raise
    anew = Scenario.of(selected.scenario.loader(), selected.scenario.path)
    every = anew.combinations(defined(options.define))
    combinations = [values for values in every if values in selected.combinations]
    selected = Selected(selected.target, anew, combinations)
    report = report_of(selected, options, options.reduce, broken)
    return None if report is None else (report, done_with(report, options))


def done_with(report: Report, options: Options) -> Done:
    json, parts = None, {}
    if options.wants_json:
        from mmscn.show import result_json

        json = result_json.scenario(report, all_traces=options.all_traces)
    if options.formats:
        from mmscn.cli import formats

        parts = formats.parts(report, options)
    printed = not options.silent or options.asks_for(TEXT)
    return Done(
        tuple(pieces(report, options)) if printed else (),
        exits.exit_code(report),
        tuple(table.reason(run) for run in report.runs),
        json,
        report.interrupted,
        parts,
        report.lasting,
    )


def select(
    chosen: list[Target],
    params: dict[str, str],
    broken: Broken,
    codes: list[int],
    limits: Limits,
) -> Iterator[Selected]:
    """The scenarios that can be run. Of several, those without a param of -D are passed over."""
    passed: list[tuple[Target, tuple[Diagnostic, ...]]] = []
    any_selected = False
    for target in chosen:
        budget = Budget(limits.time_s, limits.memory_mb)
        try:
            with budget.spending(READING):
                scenario = loaded(target, params)
                warnings = scenario.warnings
        except Exceeded as problem:
            codes.append(broken.ended(target, problem))
            continue
        except Rejected as problem:
            broken.add(target, problem.diagnostics)
            continue
        except OSError as problem:
            codes.append(broken.unreadable(target, problem))
            continue
        try:
            combinations = scenario.combinations(params)
        except Rejected as problem:
            wrong = problem.diagnostics
            if all(d.code == "MM213" for d in wrong):
                passed.append((target, wrong))
            else:
                broken.add(target, wrong)
            continue
        broken.warn(target, warnings)
        any_selected = True
        yield Selected(target, scenario, combinations)
    if passed and not any_selected:
        broken.add(*passed[0])


def report_of(
    selected: Selected, options: Options, reduce: Reduce, broken: Broken
) -> Report | None:
    """The report of one scenario; None where it was rejected. Raises Usage."""
    scenario, combinations = selected.scenario, selected.combinations
    if (options.checkpoint or options.resume) and len(combinations) != 1:
        raise Usage("a checkpoint is of one combination: say which one with -D")
    if options.checkpoint:
        from mmscn.cli import misfits

        misfits.writable(options.checkpoint)
    terminal = exits.is_terminal(sys.stderr)
    meter = Meter(terminal=terminal, on=not options.quiet, limits=options.limits)
    runs: list[Run] = []

    def begin() -> None:
        number = f" {len(runs) + 1}/{len(combinations)}" if len(combinations) > 1 else ""
        meter.begin(f"{scenario.name}{number}")

    begin()
    search = selected.search or scenario.runs
    if options.deepen:
        from mmscn.cli.deepening import search_of

        search = search_of(scenario, len(combinations), meter)
    try:
        for run in search(
            combinations,
            limits=options.limits,
            reduce=reduce,
            executor=options.executor,
            jobs=options.jobs,
            progress=meter,
            checkpoint=options.checkpoint,
            resume=options.resume,
            stop=None if options.stop == NEVER else options.stop,
        ):
            runs.append(run)
            meter.end()
            begin()
    except Rejected as problem:
        broken.add(selected.target, problem.diagnostics)
        return None
    except ExecutorMissing as problem:
        raise Usage(f"the executor is missing: {problem}") from problem
    except (OSError, ValueError) as problem:
        if isinstance(problem, OSError) and problem.filename == options.disk is not None:
            raise Usage(f"--disk {options.disk}: {problem.strerror}") from problem
        if not (options.checkpoint or options.resume):
            raise
        raise Usage(f"the checkpoint: {problem}") from problem
    finally:
        meter.end()
    return scenario.report(len(combinations), tuple(runs))


def pieces(report: Report, options: Options) -> Iterator[str]:
    """What is printed of a scenario: its table, then its counterexamples."""
    if options.quiet:
        lines = table.unmet_lines(report, options.room.prose)
        lines += table.limits_reached(report, options.room.prose)
        if lines:
            yield "".join(f"{printable(line)}\n" for line in [report.name, *lines])
        return
    yield table.text(report, verbose=options.verbose, room=options.room)
    if options.all_traces:
        from mmscn.show import races

        yield from races.texts(report, width=options.columns, steps=options.steps)
        return
    every = bool(options.define)
    for run, p, example in drawn(report, which=options.diagrams, every=every):
        yield "\n" + picture(report, run, p, example, width=options.columns, steps=options.steps)
        token = example.told(partial(getattr, example, "token_text"))
        yield f"\ntoken {token}\n" if token else ""
