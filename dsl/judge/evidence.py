"""Counterexamples, found when they are asked for, and replayed and judged before anyone sees them.

The search for verdicts runs on the reduced program; the path that a person
reads is one of the unreduced program, where every step is a step of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mmscn.budget import Budget, Exceeded, left_s, poll
from mmscn.judge.case import Case
from mmscn.lower.compiled import Compiled
from mmscn.plain_text import counted
from mmscn.runtime.bytecode import LIVENESS, CheckId, CheckKind, Program, RuleId, State
from mmscn.runtime.explore.engine import find_trace
from mmscn.runtime.explore.every_trace import every_counterexample
from mmscn.runtime.interpreter import NotEnabled, VersionOverflow, replay
from mmscn.runtime.judged import fails, trace_of
from mmscn.runtime.result import Limits, Trace

if TYPE_CHECKING:
    from mmscn.draw.steps import Step
    from mmscn.judge.multipliers import Multipliers
    from mmscn.judge.token import Token


T = TypeVar("T")


class Fault(Exception):
    """The tool contradicts itself; nothing that the author can mend."""


class Counterexample:
    """trace: a path of `case.program`. trace.shortest: that there is no shorter one.

    drawing: what may still be spent on telling what happens on it.
    """

    def __init__(self, case: Case, trace: Trace, drawing: Budget | None = None) -> None:
        self.case = case
        self.trace = trace
        self.drawing = drawing or Budget()

    def __repr__(self) -> str:
        return f"<Counterexample of {counted(len(self.trace.rules), 'step')}>"

    @property
    def compiled(self) -> Compiled:
        return self.case.compiled

    def told(self, make: Callable[[], T]) -> T | None:
        """What is made from the trace; None where the limits end that."""
        return self.drawing.within("drawing", make)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        from mmscn.draw.steps import steps

        return steps(self.compiled, self.trace)

    @property
    def at(self) -> str | None:
        """The operation of the last step, at which it breaks; None in the initial state.

        Raises Exceeded within a budget, as do the others that tell of the steps.
        """
        return self.steps[-1].text if self.steps else None

    @cached_property
    def why(self) -> str | None:
        """Which of the built-in rules it breaks, and by what; None where it breaks none."""
        from mmscn.draw.reasons import reason
        from mmscn.draw.traced import traced

        return reason(traced(self.compiled, self.trace))

    @cached_property
    def token(self) -> Token | None:
        """The word that it is replayed from."""
        from mmscn.judge.token import token_of

        return token_of(self.compiled, self.trace)

    def breaks_at(self, wanted: str) -> bool:
        """Whether the last step is the operation that an `at` names, by its text or procedure."""
        if not self.steps:
            return False
        from mmscn.draw.traced import traced

        texts = [self.steps[-1].text]
        for event in traced(self.compiled, self.trace).last.events:
            origin = self.compiled.checked.origins[event.origin]
            texts += [str(origin.text()), *(str(call.text()) for call in origin.path)]
        return any(wanted in text for text in texts)


class Examples(NamedTuple):
    """complete: whether there are no others of this length."""

    examples: tuple[Counterexample, ...]
    complete: bool


class Evidence:
    """The counterexamples of one run, each looked for once.

    pinned: those that the text names, by check; they are shown even where there are shorter ones.
    All together may take as much as the search for the verdicts, and telling of them, too.
    """

    def __init__(self, case: Case, limits: Limits) -> None:
        self.case = case
        self.limits = limits
        self.budget = Budget(limits.time_s, limits.memory_mb)
        self.drawing = Budget(limits.time_s, limits.memory_mb)
        self.found: dict[tuple[int, ...], Counterexample | None] = {}
        self.pinned: dict[int, Trace] = {}

    @cached_property
    def multipliers(self) -> Multipliers | None:
        """What multiplies the states; None where nothing does, or the limits end the looking."""
        from mmscn.judge.multipliers import multipliers

        phase = "looking for what multiplies the states"
        return self.drawing.within(phase, lambda: multipliers(self.case.compiled))

    def of(self, checks: tuple[int, ...]) -> Counterexample | None:
        """The shortest, least delayed, with the fewest switches that breaks one of some checks."""
        pinned = next((self.pinned[c] for c in checks if c in self.pinned), None)
        if pinned is not None:
            return Counterexample(self.case, pinned, self.drawing)
        if checks not in self.found:
            traces: list[Trace] = []
            try:
                with self.budget.spending("looking for a counterexample"):
                    for trace in self._traces(checks):
                        traces.append(trace)
            except Exceeded:
                pass  # what was found before is shown
            best = min(traces, key=cost, default=None)
            self.found[checks] = (
                None if best is None else Counterexample(self.case, best, self.drawing)
            )
        return self.found[checks]

    def every(self, checks: tuple[int, ...], most: int) -> Examples:
        """The shortest that break one of some checks, one for each order of the steps that depend
        on each other; `most` at most. Of what is broken for ever, one.
        """
        found: list[Trace] = []
        complete = True
        try:
            with self.budget.spending("looking for counterexamples"):
                for check in checks:
                    if self.case.program.checks[check].kind in LIVENESS:
                        found += self._traces((check,))
                        complete = False
                        continue
                    limits = left_of(self.limits)
                    every = every_counterexample(
                        self.case.program, CheckId(check), limits=limits, most=most
                    )
                    found += every.traces
                    complete = complete and every.complete
        except Exceeded:
            complete = False
        shortest = min((len(trace.rules) for trace in found), default=0)
        kept = [trace for trace in found if len(trace.rules) == shortest]
        examples = tuple(Counterexample(self.case, trace, self.drawing) for trace in kept[:most])
        return Examples(examples, complete and len(kept) <= most)

    def against(self, checks: tuple[int, ...]) -> Counterexample | None:
        """The counterexample to checks that are violated.

        Raises Fault where it is a way to what the search for verdicts never reached: a
        violated `reachable` has none.
        """
        found = self.of(checks)
        if found is not None:
            check, steps = found.trace.check, len(found.trace.rules)
            if self.case.program.checks[check].kind is CheckKind.REACHABLE:
                said = "is said to be never reached, and is"
                raise Fault(f"check {check} {said} after {counted(steps, 'step')}")
        return found

    def _traces(self, checks: tuple[int, ...]) -> Iterator[Trace]:
        limits = self.limits
        reached = False
        for check in checks:
            if self.case.program.checks[check].kind in LIVENESS:
                from mmscn.judge.forever import lasso_of

                lasso = lasso_of(self.case, CheckId(check))
                if lasso is not None:
                    yield lasso
                continue
            trace = find_trace(self.case.program, CheckId(check), limits=left_of(limits))
            if trace is not None:
                replayed(self.case.program, trace)
                reached = True
                limits = limits._replace(depth=len(trace.rules))
                yield trace
        if not reached:
            for check in checks:
                if self.case.program.checks[check].kind in LIVENESS:
                    continue
                trace = expanded(self.case, CheckId(check), self.limits)
                if trace is not None:
                    yield trace


def cost(trace: Trace) -> tuple[int, int, int]:
    return len(trace.rules), trace.delayed, trace.switches


def left_of(limits: Limits) -> Limits:
    """The limits with the time that is left. Raises Exceeded where none is."""
    poll()
    left = left_s()
    return limits if left is None else limits._replace(time_s=max(0.001, left))


def expanded(case: Case, check: CheckId, limits: Limits) -> Trace | None:
    """A counterexample of the reduced program taken apart; it may not be the shortest.

    It ends where it first breaks the check, which may be inside the last reduced step.
    Raises Fault where it breaks it nowhere.
    """
    reduced = case.reduction.program
    short = find_trace(reduced, check, limits=left_of(limits))
    if short is None:
        return None
    rules: list[RuleId] = []
    for rule in short.rules:
        rules.extend(reduced.rules[rule].parts or (rule,))
    program = case.program
    walked = False
    for index in range(len(program.initial)):
        try:
            states = replay(program, rules, index)
        except (NotEnabled, VersionOverflow):
            continue
        walked = True
        for length in range(len(rules) + 1):
            if ends(program, check, rules[:length], states[length]):
                found = rules[:length], states[: length + 1]
                return trace_of(program, check, *found, shortest=False)
    what = "breaks nothing" if walked else "cannot be replayed"
    raise Fault(f"the counterexample of check {check} {what}, taken apart step by step")


def replayed(program: Program, trace: Trace) -> None:
    """Walk a trace on the reference interpreter, and judge its end there.

    Raises Fault where it does not go that way, or does not end in what breaks the check
    (or is what `reachable` wants).
    """
    for index in range(len(program.initial)):
        try:
            if replay(program, trace.rules, index) != trace.states:
                continue
        except (NotEnabled, VersionOverflow):
            continue
        if ends(program, trace.check, trace.rules, trace.states[-1]):
            return
        raise Fault(f"the counterexample of check {trace.check} does not break it")
    raise Fault(f"the counterexample of check {trace.check} fails its replay")


def ends(program: Program, check: CheckId, rules: Sequence[RuleId], last: State) -> bool:
    """Whether a path ends in what the check is about; not so where numbers do not suffice."""
    try:
        return fails(program, check, rules, last)
    except VersionOverflow:
        return False
