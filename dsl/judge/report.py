"""What a check found, as data: one report of a scenario, one run for each combination of params.

Everything that a person or a program reads (tables, diagrams, JSON) is made from these.
"""

from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from mmscn.check.values import Value, show
from mmscn.diagnostics import Diagnostic
from mmscn.judge.case import Bounds, Case
from mmscn.judge.case_cache import Override, StandIn
from mmscn.judge.evidence import Counterexample, Evidence
from mmscn.plain_text import counted, printable
from mmscn.runtime.explore.executors import chosen
from mmscn.runtime.result import Limit, Result, Verdict
from mmscn.source import Source, Span

if TYPE_CHECKING:
    from mmscn.judge.finals import FinalStates
    from mmscn.judge.multipliers import Multipliers

OUTCOMES, OUTCOME = "outcomes", "outcome "
"""What `expect outcomes` asks: that all final states are listed, and, by name, that one occurs."""

MANY_STATES = 10_000
TOO_MANY = (Limit.STATES, Limit.TIME, Limit.MEMORY)
"""Limits that many states meet."""

WORST_FIRST = (Verdict.VIOLATED, Verdict.UNDECIDED, Verdict.VACUOUS)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """VIOLATED before UNDECIDED before VACUOUS before HOLDS; of none it is VACUOUS."""
    found = set(verdicts)
    if not found:
        return Verdict.VACUOUS
    return next((v for v in WORST_FIRST if v in found), Verdict.HOLDS)


class Kind(Enum):
    """PROPERTY: always, finally, reachable. LIVENESS: eventually, leads to, no_livelock.
    IMPLICIT: judged without being asked for.
    """

    PROPERTY = "property"
    LIVENESS = "liveness"
    ASSERTION = "assertion"
    BUG = "bug"
    IMPLICIT = "implicit"


FAIR_WORDS = {Verdict.HOLDS: "holds if fair", Verdict.VIOLATED: "violated for ever"}
"""What a verdict about executions that go on for ever is called: it takes fairness for granted."""


def word_of(verdict: Verdict, fair: bool) -> str:
    """A verdict in words, those that take fairness for granted by words of their own."""
    return FAIR_WORDS.get(verdict, verdict.value) if fair else verdict.value


class PropertyResult(NamedTuple):
    """All that is judged under one name.

    span: where it is written, None for an implicit one. own: whether that is the
    scenario's own text. asked: whether the author asks for it; what only the
    library does may be vacuous. depth: steps of the
    search to the first violation. checks: its numbers in the program.
    """

    name: str
    kind: Kind
    verdict: Verdict
    span: Span | None
    own: bool
    asked: bool
    depth: int | None
    checks: tuple[int, ...]

    @property
    def word(self) -> str:
        return word_of(self.verdict, self.kind is Kind.LIVENESS)

    @property
    def outcome(self) -> bool:
        """Whether it is what `expect outcomes` asks."""
        return self.span is not None and self.name in (OUTCOMES, OUTCOME + self.span.text)

    @property
    def title(self) -> str:
        """The name as it is shown, on one line: an assertion's text in quotes."""
        name = printable(self.name)
        quoted = self.kind in (Kind.ASSERTION, Kind.BUG) or " " in name
        return f'"{name}"' if quoted else name


class Unmet(NamedTuple):
    """A difference between what was expected and what was found.

    because: VIOLATED where the expectation is refuted, else UNDECIDED or VACUOUS.
    """

    because: Verdict
    text: str


class Run(NamedTuple):
    """One combination of the params' values.

    expected: the expectations that apply, as they are written. announced: the
    names that they say are violated; vacuous: never put to the test. met: that there is
    nothing in `unmet`.
    notes: what the reductions did, for the report. phase: in which a limit was reached, empty
    for the search itself.
    """

    params: tuple[tuple[str, Value], ...]
    verdict: Verdict
    properties: tuple[PropertyResult, ...]
    expected: tuple[str, ...]
    announced: tuple[str, ...]
    vacuous: tuple[str, ...]
    unmet: tuple[Unmet, ...]
    bounds: Bounds
    result: Result
    notes: tuple[str, ...]
    case: Case
    evidence: Evidence
    phase: str = ""

    def __repr__(self) -> str:
        chosen = " ".join(f"{name}={show(value)}" for name, value in self.params)
        return f"<Run {chosen + ': ' if chosen else ''}{self.word.upper()}>"

    @property
    def word(self) -> str:
        """The verdict in words; of one that holds, whether some of it holds only if all is fair,
        of one that is violated, whether all of that goes on for ever.
        """
        kinds = [p.kind is Kind.LIVENESS for p in self.properties if p.verdict is self.verdict]
        holds = self.verdict is Verdict.HOLDS
        return word_of(self.verdict, any(kinds) if holds else bool(kinds) and all(kinds))

    @property
    def met(self) -> bool:
        return not self.unmet

    @property
    def lasting(self) -> bool:
        """Whether a search with the same options finds the same: no clock and no memory had a
        part in it, so far as all was asked that is to be told.
        """
        evidence, known = self.evidence, self.case.__dict__
        open_ = any(p.verdict is Verdict.UNDECIDED for p in self.properties)
        return not (
            self.result.limit in (Limit.TIME, Limit.MEMORY, Limit.INTERRUPT)
            or (open_ and self.result.limit is None)
            or self.phase
            or evidence.budget.reached
            or evidence.drawing.reached
            or (self.case.reduced and self.case.reduced.skipped)
            or ("uncounted" in known and self.case.uncounted and self.case.uncounted.skipped)
        )

    @property
    def interrupted(self) -> bool:
        return self.result.limit is Limit.INTERRUPT

    def multipliers(self) -> "Multipliers | None":
        """What multiplies the states, where a limit ended the search and there were many."""
        many = self.result.states >= MANY_STATES and not self.phase
        return self.evidence.multipliers if many and self.result.limit in TOO_MANY else None

    def violated(self) -> tuple[PropertyResult, ...]:
        return tuple(p for p in self.properties if p.verdict is Verdict.VIOLATED)

    def property(self, name: str) -> PropertyResult:
        """What was found under a name; raises KeyError."""
        for found in self.properties:
            if found.name == name:
                return found
        raise KeyError(name)

    def counterexample(self, name: str) -> Counterexample | None:
        """The shortest counterexample of a violated property, found when it is first asked for.

        None where the property is not violated, where no path leads to it (a
        `reachable` that is not), or where the limits end the search for one.
        """
        found = self.property(name)
        return self.evidence.against(found.checks) if found.verdict is Verdict.VIOLATED else None

    def reason(self, name: str) -> str:
        """By what a violated built-in rule that has several is broken; empty where not known."""
        example = self.counterexample(name)
        return (example.told(lambda: example.why) if example is not None else None) or ""

    def reached(self) -> tuple[PropertyResult, ...]:
        """What holds because a state was reached: the `reachable`s, then listed outcomes."""
        found = [p for p in self.properties if p.verdict is Verdict.HOLDS and self.wanted(p)]
        return tuple(sorted(found, key=lambda p: p.outcome))

    def wanted(self, p: PropertyResult) -> tuple[int, ...]:
        """Its checks that a state is reached."""
        facts = self.case.facts
        return tuple(c for c in p.checks if facts.asked[facts.checks[c]].kind == "reachable")

    def witness(self, name: str) -> Counterexample | None:
        """The shortest way to the state that a `reachable` wants, where it holds.

        Found when it is first asked for, None where the limits end the search for it.
        """
        p = self.property(name)
        holds = p.verdict is Verdict.HOLDS and self.wanted(p)
        return self.evidence.of(self.wanted(p)) if holds else None

    def lists(self) -> tuple[int, ...]:
        """Its checks that want to know final values."""
        facts = self.case.facts
        return tuple(c for c, number in enumerate(facts.checks) if facts.asked[number].lists)

    def listed(self) -> "FinalStates":
        """The final values that `outcomes` asks for."""
        from mmscn.judge.finals import listed_values

        executor = chosen(self.result.executor)
        lists = self.lists()
        found = listed_values(self.case.compiled, lists, self.bounds.limits, executor)
        asked = [p for p in self.properties if not set(lists).isdisjoint(p.checks)]
        decided = all(p.verdict is not Verdict.UNDECIDED for p in asked)
        return found._replace(complete=found.complete and decided)

    def asks_outcomes(self) -> bool:
        """Whether the final states are asked for, by `outcomes` or `expect outcomes`."""
        return bool(self.lists()) or any(p.outcome for p in self.properties)

    def final_states(self) -> "FinalStates | None":
        """The final states where `outcomes` asks for them, or `expect outcomes` lists others; else
        None.

        None as well where the limits end that.
        """
        if self.lists() or any(p.outcome for p in self.violated()):
            return self.all_final_states()
        return None

    def all_final_states(self) -> "FinalStates | None":
        """The final states where they are asked for; None where the limits end that, and where
        nothing was searched, but walked.
        """
        if self.result.limit is Limit.WALKS:
            return None
        if self.lists():
            return self.evidence.drawing.within("looking for final states", self.listed)
        from mmscn.judge.finals import final_states

        check = self.property(OUTCOMES).checks[0]
        return self.evidence.drawing.within(
            "looking for final states", lambda: final_states(self.case.compiled, check)
        )


class Report(NamedTuple):
    """A scenario and its runs. path: None for a text that came from no file.

    combinations: how many there are; fewer runs than that when it was interrupted.
    overrides, stand_ins: what of one's own is in place of what modules have, and of modules.
    source: the scenario's text.
    """

    name: str
    path: str | None
    title: str | None
    claims: tuple[str, ...]
    sources: tuple[str, ...]
    combinations: int
    runs: tuple[Run, ...]
    overrides: tuple[Override, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    source: Source | None = None

    @property
    def interrupted(self) -> bool:
        return len(self.runs) < self.combinations or any(r.interrupted for r in self.runs)

    @property
    def lasting(self) -> bool:
        """Whether it is the same each time, with the same options."""
        return not self.interrupted and all(run.lasting for run in self.runs)

    @property
    def met(self) -> bool:
        """Whether every combination was run and met what is expected of it."""
        return not self.interrupted and bool(self.runs) and all(r.met for r in self.runs)

    @property
    def verdict(self) -> Verdict:
        """The worst of the runs'."""
        return worst(r.verdict for r in self.runs)

    @property
    def word(self) -> str:
        """The verdict in words, as of a run."""
        words = {r.word for r in self.runs if r.verdict is self.verdict}
        fair = words - {self.verdict.value}
        return (
            fair.pop()
            if fair and (self.verdict is Verdict.HOLDS or len(words) == 1)
            else (self.verdict.value)
        )

    def text(self, *, width: int = 72) -> str:
        """The table and the races that tell the most, as `mmscn run` prints them."""
        from mmscn import told

        return told.text(self, width=width)

    def table(self) -> str:
        """The verdicts of all combinations."""
        from mmscn import told

        return told.table(self)

    def diagram(self, name: str | None = None, *, width: int = 72) -> str:
        """The races that tell the most, or those of one property; empty where there are none."""
        from mmscn import told

        return told.diagrams(self, name, width=width)

    def _repr_html_(self) -> str:
        from mmscn import told

        return told.html(self)

    def __repr__(self) -> str:
        was = "as expected" if self.met else "not as expected"
        runs = counted(len(self.runs), "run")
        return f"<Report {self.name}: {self.word.upper()}, {was}, {runs}>"
