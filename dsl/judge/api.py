"""The façade: a scenario, and what checking it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from mmscn.budget import Budget, Exceeded
from mmscn.check.values import Value, show
from mmscn.diagnostics import Diagnostic, Rejected, closest, one
from mmscn.judge import case_cache
from mmscn.judge.calls import keep_calls, told
from mmscn.judge.case import Case, CaseFacts, asks
from mmscn.judge.case_cache import Front, Override, Shelf, StandIn
from mmscn.judge.evidence import Evidence
from mmscn.judge.expectations import judged, reached_bounds, unmet_expectations, verdict_of
from mmscn.judge.report import Report, Run, Unmet
from mmscn.judge.search_plan import search_case
from mmscn.judge.shipped import SUFFIX, finder, header, read, shipped_scenario, shipped_scenarios
from mmscn.judge.stopping import FIRST, UNEXPECTED, is_stop
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.explore.executors import AUTO, chosen
from mmscn.runtime.result import Limits, Progress, Result, Verdict
from mmscn.source import Finder, Source, Span

if TYPE_CHECKING:
    from mmscn.check.core import Checked
    from mmscn.check.modules import Unit
    from mmscn.lower.compiled import Compiled, Reduced
    from mmscn.syntax.tree import Expect

__all__ = ["Limits", "Rejected", "Report", "Scenario", "Verdict", "load", "loads"]

Reduce = bool | frozenset[str]

SHOWN_MAX = 32
"""Combinations of a scenario of which everything that drawings are made from is at hand: half a
megabyte for each of fix_matrix. What is drawn of others is made again."""

Params = Mapping[str, object]


def load(target: str | Path) -> Scenario:
    """The scenario in a file, or the shipped one of that name.

    Raises Rejected where the text cannot be run, OSError where the file cannot be read.
    """
    path = Path(target)
    if not path.is_file() and isinstance(target, str):
        shipped = shipped_scenario(target)
        if shipped is not None:
            path = Path(shipped.path)
            return scenario_of(read(path, shipped.path), finder(path.parent), shipped.path)
        if "/" not in target and not target.endswith(SUFFIX):
            near = closest(target, [s.name for s in shipped_scenarios()])
            what = "no file and no shipped scenario"
            raise FileNotFoundError(2, f"{what}; {near}" if near else what, target)
    return scenario_of(read(path), finder(path.parent), str(path))


def loads(text: str, *, name: str = "<text>", beside: Path | None = None) -> Scenario:
    """The scenario that a text is; its own modules are looked for below `beside`."""
    return scenario_of(Source(name, text), finder(beside), None)


def scenario_of(source: Source, find: Finder, path: str | None) -> Scenario:
    """The scenario of a source. Raises Rejected."""
    if (header(source.text) or ("",))[0] == "module":
        raise one(
            "MM215",
            "this is a module, and only a scenario is run",
            Span(source, 0, 0),
            "`mmscn check` looks at modules",
        )
    found = case_cache.open_shelf(source, find)
    if found is not None:
        front, shelf = found
        loader = partial(unit_of, source, find)
        return Scenario(path=path, source=source, front=front, shelf=shelf, loader=loader)
    scenario = Scenario.of(unit_of(source, find), path)
    scenario.shelf = case_cache.new_shelf(source, scenario.unit.modules, scenario.front)
    return scenario


def module_of(source: Source, find: Finder, path: str | None) -> Scenario:
    """An empty scenario that imports the module that a source is. Raises Rejected."""
    found = header(source.text)
    assert found is not None
    name = found[1]
    around = Source(source.name, f"scenario {name.replace('.', '_')}\nimport {name}\n")
    scenario = Scenario.of(unit_of(around, lambda n: source if n == name else find(n)), path)
    # What a module declares is for others to use.
    scenario.front = scenario.front._replace(warned=False)
    return scenario


def unit_of(source: Source, find: Finder) -> Unit:
    """A text with all it imports, every name in it looked up. Raises Rejected."""
    from mmscn.judge import prepare

    return prepare.unit_of(source, find)


class Scenario:
    """A scenario with the modules it imports.

    front: what it says of itself. shelf: what is kept of it between runs, None
    for nothing. Its tree is made when something is asked that is not kept.
    """

    def __init__(
        self,
        *,
        path: str | None,
        source: Source,
        front: Front,
        shelf: Shelf | None,
        loader: Callable[[], Unit],
    ) -> None:
        self.path = path
        self.source = source
        self.front = front
        self.shelf = shelf
        self.loader = loader

    @classmethod
    def of(cls, unit: Unit, path: str | None) -> Scenario:
        """The scenario of a tree, of which nothing is kept. Raises Rejected."""
        from mmscn.judge import prepare

        front = prepare.front_of(unit)
        return cls(path=path, source=unit.source, front=front, shelf=None, loader=lambda: unit)

    def __repr__(self) -> str:
        return f"<Scenario {self.name}>"

    @cached_property
    def unit(self) -> Unit:
        return self.loader()

    @property
    def name(self) -> str:
        return self.front.name

    @property
    def title(self) -> str | None:
        return self.front.title

    @property
    def claims(self) -> tuple[str, ...]:
        return self.front.claims

    @property
    def sources(self) -> tuple[str, ...]:
        return self.front.sources

    @property
    def params(self) -> dict[str, tuple[Value, ...]]:
        """The values of each param."""
        return dict(self.front.params)

    @property
    def overrides(self) -> tuple[Override, ...]:
        """The procedures of its own that stand in for those of modules."""
        return self.front.overrides

    @property
    def stand_ins(self) -> tuple[StandIn, ...]:
        """The modules of its own that stand in for shipped ones."""
        return self.front.stand_ins

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What nothing uses; the scenario can be run all the same."""
        if not self.front.warned:
            return ()

        def make() -> tuple[Diagnostic, ...]:
            from mmscn.judge import prepare

            return prepare.warnings_of(self.unit)

        return case_cache.look_up_or_make(self.shelf, "warnings", make)

    def combinations(self, params: Params | None = None) -> list[dict[str, Value]]:
        """The combinations of the params' values.

        params: narrows them, by name of a param or knob, to a value or to
        several with `|` between. Raises Rejected for what there is not.
        """
        chosen = {name: written(value) for name, value in (params or {}).items()}

        def make() -> list[dict[str, Value]]:
            from mmscn.judge import prepare

            return prepare.combinations(self.unit, chosen)

        return case_cache.look_up_or_make(self.shelf, f"choice {sorted(chosen.items())}", make)

    def checked(self, values: dict[str, Value]) -> Checked:
        """The scenario under one combination, with its expectations looked at. Raises Rejected."""
        from mmscn.judge import prepare

        return prepare.checked_of(self.unit, values)[0]

    def case(self, values: dict[str, Value], reduce: Reduce) -> Callable[[], Case]:
        """One combination: checked now, compiled when it is its turn. Both raise Rejected.

        What is kept of it is neither checked nor compiled again. What it is drawn from is kept when
        it is asked for again: a text that is edited is drawn once, and keeping takes longer.
        """
        reductions = None if reduce is True else tuple(sorted(reduce or ()))

        @cache
        def looked_at() -> tuple[Checked, tuple[Expect, ...]]:
            from mmscn.judge import prepare

            return prepare.checked_of(self.unit, values)

        @cache
        def compiled() -> Compiled:
            from mmscn.judge import prepare

            return prepare.compiled_of(looked_at()[0], reductions)

        def facts() -> CaseFacts:
            from mmscn.judge import prepare

            return prepare.facts_of(self.unit, compiled(), looked_at()[1])

        def uncounted() -> tuple[Reduced | None]:
            return (compiled().uncounted,)

        def without_tree() -> Compiled:
            from mmscn.judge import prepare

            return prepare.without_tree(compiled())

        def drawable() -> Compiled:
            return keep(f"compiled {where}", without_tree) if known else compiled()

        def forget() -> None:
            looked_at.cache_clear()
            compiled.cache_clear()

        where = f"{sorted((name, repr(value)) for name, value in values.items())}"
        keep = partial(case_cache.look_up_or_make, self.shelf)
        known = case_cache.look_up(self.shelf, f"facts {where}")
        if not known:
            looked_at()
        return lambda: Case(
            facts=known or keep(f"facts {where}", facts),
            reducer=lambda: keep(f"reduced {reductions} {where}", lambda: compiled().reduction),
            lighter=lambda: keep(f"light {where}", lambda: compiled().light),
            uncounter=lambda: keep(f"uncounted {reductions} {where}", uncounted)[0],
            compiler=drawable,
            ends=case_cache.ends(self.shelf, where, lambda: None if known else compiled().kept_as),
            told=told(self, where),
            forget=forget,
        )

    def check(
        self,
        params: Params | None = None,
        *,
        limits: Limits = Limits(),  # noqa: B008 (frozen)
        reduce: Reduce = True,
        executor: str = AUTO,
        jobs: int | None = None,
        progress: Progress | None = None,
        stop: str | int | None = None,
        deepen: bool = False,
    ) -> Report:
        """Run every combination. An interrupt (Ctrl-C) ends it; the report says so.

        stop: `first`, `unexpected` or a number of names, as of `mmscn run --stop`. deepen: as
        `mmscn run --deepen`.
        """
        search: Callable[..., Iterator[Run]] = self.runs
        if deepen:
            from mmscn.judge.deepening import deepened

            search = partial(deepened, self)
        combinations = self.combinations(params)
        runs = []
        for run in search(
            combinations,
            limits=limits,
            reduce=reduce,
            executor=executor,
            jobs=jobs,
            progress=progress,
            stop=stop,
        ):
            runs.append(run)
        return self.report(len(combinations), tuple(runs))

    def runs(
        self,
        combinations: list[dict[str, Value]],
        *,
        limits: Limits = Limits(),  # noqa: B008 (frozen)
        reduce: Reduce = True,
        executor: str = AUTO,
        jobs: int | None = None,
        progress: Progress | None = None,
        checkpoint: str | None = None,
        resume: str | None = None,
        stop: str | int | None = None,
    ) -> Iterator[Run]:
        """The runs of some combinations, as they end; an interrupt is the end of them.

        reduce: all reductions, none, or those of these names (`compile.REDUCTIONS`).
        checkpoint, resume: files that a search is kept in, and goes on from. stop: what ends one.
        Raises Rejected, before the first search, for what is wrong with any of them.
        """
        word = None if stop is None else str(stop)
        if word is not None and not is_stop(word):
            raise ValueError(f"a search stops at {FIRST}, {UNEXPECTED} or a number, not at {word}")
        small = reduce is True
        turns = small or (isinstance(reduce, frozenset) and "counters" in reduce)
        search = partial(explore, executor=executor, jobs=jobs, progress=progress)
        if checkpoint or resume:
            search = partial(search, checkpoint=checkpoint, resume=resume)
        if checkpoint or resume or limits.bits_mb is not None:
            small = turns = False
        judge = partial(
            search_case,
            search=search,
            small=small,
            turns=turns,
            executor=chosen(executor),
            stop=word,
        )
        shown = 0
        budgets = [Budget(limits.time_s, limits.memory_mb) for _ in combinations]
        try:
            cases: list[Callable[[], Case] | Exceeded] = []
            for values, budget in zip(combinations, budgets, strict=True):
                cases.append(in_budget(budget, partial(self.case, values, reduce)))
            keep_calls(self)
            for values, budget, case in zip(combinations, budgets, cases, strict=True):
                run = self.run(values, budget, case, limits, judge, executor)
                keep_calls(self)
                draws = bool(run.violated() or run.reached())
                shown += draws
                if not draws or shown > SHOWN_MAX:
                    run.case.let_go()
                yield run
                if run.interrupted:
                    return
        except KeyboardInterrupt:
            return

    def run(
        self,
        values: dict[str, Value],
        budget: Budget,
        make: Callable[[], Case] | Exceeded,
        limits: Limits,
        judge: Callable[[Case, Limits], tuple[Result, tuple[str, ...]]],
        executor: str,
    ) -> Run:
        """One combination, as far as its budget goes. Raises Rejected."""
        try:
            if isinstance(make, Exceeded):
                raise make
            with budget.spending("making the program"):
                case = make()
                result, notes = judge(case, limits)
                if asks(case.program):
                    from mmscn.judge.forever import with_forever

                    result, told = with_forever(case, result, limits, executor)
                    notes += told
        except Exceeded as problem:
            from mmscn.judge.unjudged import unjudged

            return unjudged(tuple(values.items()), limits, problem)
        run = run_of(self.source, case, result, limits, notes)
        return run._replace(phase=budget.reached)

    def report(self, combinations: int, runs: tuple[Run, ...]) -> Report:
        return Report(
            name=self.name,
            path=self.path,
            title=self.title,
            claims=self.claims,
            sources=self.sources,
            combinations=combinations,
            runs=runs,
            overrides=self.overrides,
            stand_ins=self.stand_ins,
            warnings=self.warnings,
            source=self.source,
        )


def in_budget(
    budget: Budget, make: Callable[[], Callable[[], Case]]
) -> Callable[[], Case] | Exceeded:
    """What makes a case, or what was reached before that was known."""
    try:
        with budget.spending("checking the text"):
            return make()
    except Exceeded as problem:
        return problem


def written(value: object) -> str:
    """A chosen value, or several, as `-D` writes them."""
    if isinstance(value, list | tuple | set | frozenset):
        return "|".join(sorted(written(v) for v in value))
    if value is None or isinstance(value, bool):
        return show(value)
    return str(value)


def run_of(own: Source, case: Case, result: Result, limits: Limits, notes: tuple[str, ...]) -> Run:
    """What a search of one combination says about its properties and expectations."""
    facts = case.facts
    properties = judged(facts, result, own)
    evidence = Evidence(case, limits)
    pinned: tuple[Unmet, ...] = ()
    if any(e.by is not None for e in facts.expects):
        from mmscn.judge.pinned import pin

        pinned = pin(case, evidence)
    unmet = unmet_expectations(facts.expects, properties, lambda p: evidence.against(p.checks))
    return Run(
        params=facts.params,
        verdict=verdict_of(facts.expects, properties),
        properties=properties,
        expected=tuple(e.text for e in facts.expects),
        announced=tuple(dict.fromkeys(name for e in facts.expects for name in e.violated)),
        vacuous=tuple(dict.fromkeys(name for e in facts.expects for name in e.vacuous)),
        unmet=(*unmet, *pinned),
        bounds=facts.bounds._replace(limits=limits),
        result=result,
        notes=(*notes, *(f"undecided beyond {b}" for b in reached_bounds(facts, result))),
        case=case,
        evidence=evidence,
    )
