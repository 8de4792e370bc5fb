"""Counterexamples, found when they are asked for, and replayed and judged before anyone sees them.

The search for verdicts runs on the reduced program; the path that a person
reads is one of the unreduced program, where every step is a step of the text.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mmscn.budget import Budget, Exceeded
from mmscn.judge.case import Case
from mmscn.lower.compiled import Compiled
from mmscn.plain_text import counted
from mmscn.runtime.bytecode import LIVENESS, CheckId, CheckKind
from mmscn.runtime.result import Limits, Trace

if TYPE_CHECKING:
    from mmscn.draw.steps import Step
    from mmscn.judge.multipliers import Multipliers
    from mmscn.judge.token import Token


T = TypeVar("T")


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

    def kept(self, what: str, make: Callable[[], str]) -> str:
        """A text that is made from the trace, or was made from it in another run.

        what: all that it depends on besides the scenario and the trace.
        """
        name = f"{what} of {self.trace}"
        text = self.case.told.get(name)
        if text is None:
            text = make()
            self.case.told.put(name, text)
        return text

    @cached_property
    def steps(self) -> "tuple[Step, ...]":
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

        def make() -> str:
            from mmscn.draw.reasons import reason
            from mmscn.draw.traced import traced

            return reason(traced(self.compiled, self.trace)) or ""

        return self.kept("why", make) or None

    @cached_property
    def token(self) -> "Token | None":
        """The word that it is replayed from."""
        from mmscn.judge.token import token_of

        return token_of(self.compiled, self.trace)

    @property
    def token_text(self) -> str:
        """The same; empty where there is none."""
        return self.kept("token", lambda: str(self.token or ""))

    def breaks_at(self, wanted: str) -> bool:
        """Whether the last step is the operation that an `at` names, by its text or procedure."""

        def make() -> str:
            return "yes" if any(wanted in text for text in self.operations()) else "no"

        return self.kept(f"whether it breaks at {wanted}", make) == "yes"

    def operations(self) -> list[str]:
        """What the last step may be called: by its text, or by a procedure that it is part of."""
        from mmscn.draw.traced import traced

        if not self.steps:
            return []
        texts = [self.steps[-1].text]
        for event in traced(self.compiled, self.trace).last.events:
            origin = self.compiled.checked.origins[event.origin]
            texts += [str(origin.text()), *(str(call.text()) for call in origin.path)]
        return texts


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
    def multipliers(self) -> "Multipliers | None":
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
        from mmscn.judge.replays import left_of
        from mmscn.runtime.explore.every_trace import every_counterexample

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
                from mmscn.judge.replays import Fault

                said = "is said to be never reached, and is"
                raise Fault(f"check {check} {said} after {counted(steps, 'step')}")
        return found

    def _traces(self, checks: tuple[int, ...]) -> Iterator[Trace]:
        from mmscn.judge.replays import traces

        return traces(self.case, checks, self.limits)


def cost(trace: Trace) -> tuple[int, int, int]:
    return len(trace.rules), trace.delayed, trace.switches
