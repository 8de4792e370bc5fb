"""Which programs of a scenario are searched, how far, and what the searches say together.

First the unreduced program, for the reductions take longer to make than a
small search; then one with those reductions that take little time, and if that goes on for long,
the others are made meanwhile; then the reduced one. If the light one ends, it has answered, and
the other reductions are abandoned. So which of the two answers depends on the
states of the light program alone, not on what was ready first. Where counters can be left
out (`passes.counters`), the program without them may be much smaller than the reduced one, or much
larger, and proves nothing where something breaks in it. So the two are searched in turns, each
further than before, and the first that decides has decided; the unreduced one is not among them,
for it says less.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from mmscn.budget import Exceeded, left_s, unless
from mmscn.judge.case import Case, asks
from mmscn.judge.stopping import SMALL, stop_of
from mmscn.runtime.bytecode import CheckId, Program
from mmscn.runtime.explore.executors import Executor, Turns
from mmscn.runtime.explore.verdicts import both, proved
from mmscn.runtime.result import CheckResult, Limit, Limits, Result, Verdict

if TYPE_CHECKING:
    from concurrent.futures import Future

PATIENCE = 3.0
"""Times what the light program took to make, that its search is waited for: as long as the other
reductions may take."""

Search = Callable[..., Result]
"""Of a program under `limits`."""


def search_case(
    case: Case,
    limits: Limits,
    search: Search,
    *,
    small: bool,
    turns: bool,
    executor: Executor,
    stop: str | None = None,
) -> tuple[Result, tuple[str, ...]]:
    """The search of one combination, and what reductions say of it.

    small: try first without reductions. turns: try without counters, too. executor:
    the one that runs it, which says how far is near. stop: when to end (`stopping`). Where
    the budget ends while a program is made, what was found before is the result.
    """
    if stop is not None:
        search = partial(search, stop=stop_of(case.facts, stop))
    run = Searches(limits, search)
    try:
        if small:
            result = run.exact(case.program, executor.small if stop is None else SMALL)
            if result.limit not in (Limit.STATES, Limit.VERSIONS):
                return result, ()
            if executor.beside is not None and stop is None and not case.facts.counts:
                found = run.beside(case, executor.beside)
                if found is not None:
                    return found, case.light.notes
        # A number of rounds without a bound goes on for ever where one with a bound ends.
        if turns and case.facts.counts and not asks(case.program):
            found = run.in_turns(case, executor.turns)
            if found is not None and case.uncounted is not None:
                return found, case.uncounted.notes
        return run.last or run.exact(case.reduction.program, None), case.reduction.notes
    except Exceeded as problem:
        return run.ended(case.program, problem.limit), ()


class Searches:
    """Searches of one scenario under common limits.

    seen: what they have met, of each check. seconds: what they took.
    last: one of the reduced program that no other would go beyond. latest: the one
    of a program that means what the scenario does, whatever it found.
    """

    def __init__(self, limits: Limits, search: Search) -> None:
        self.limits = limits
        self.search = search
        self.seen: tuple[CheckResult, ...] = ()
        self.seconds = 0.0
        self.last: Result | None = None
        self.latest: Result | None = None

    def in_turns(self, case: Case, turns: Turns) -> Result | None:
        """A proof by the program without counters; None where it is for the reduced one to say."""
        whole: Result | None = None
        before: int | None = 0
        for states, more in turns:
            result = self.exact(case.reduction.program, states)
            own = self.states(states) == self.limits.states
            if result.limit is not Limit.STATES or own:
                self.last = result
            if result.limit not in (Limit.STATES, Limit.MEMORY) or broken(self.seen):
                return None
            wider = case.uncounted
            if wider is None:
                return None
            if whole is None and self.states(more) != before:
                before = self.states(more)
                found = self.within(wider.program, more, share=0.5)
                if found.limit is Limit.INTERRUPT:
                    self.last = found._replace(checks=self.seen)
                    return None
                if found.limit not in (None, Limit.STATES) or broken(found.checks):
                    return None
                whole = found if found.limit is None else None
            proof = proved(self.seen, whole) if whole is not None else None
            if proof is not None or self.last is not None:
                return proof
        return None

    def beside(self, case: Case, states: int) -> Result | None:
        """The search of the light program; None where it takes more than so many states, and
        then the other reductions are made. Where it goes on for long, they are made meanwhile."""
        ends = (case.ends.get() or (None,))[0]
        if ends is False:
            return None
        from concurrent.futures import ThreadPoolExecutor

        begun = monotonic()
        program = case.light.program
        patience = PATIENCE * (monotonic() - begun)
        with ThreadPoolExecutor(1) as pool:
            limits = self.left(states, share=1)
            going = pool.submit(self.search, program, limits=limits)
            try:
                if not ends and not is_whole_within(going, patience):
                    unless(lambda: is_whole(going), lambda: case.reduction)
            except Exceeded:
                if going.result().limit is not None:
                    raise
        result = going.result()
        self.seconds += result.seconds
        if result.limit is None:
            case.ends.put((True,))
            case.__dict__.pop("reduction", None)  # whether it was ready in time tells nothing
            return result
        if limits.states == states and result.limit is Limit.STATES:
            case.ends.put((False,))
        self.seen = both(self.seen, result.checks)
        self.latest = result
        case.__dict__.pop("light", None)
        return None

    def exact(self, program: Program, states: int | None) -> Result:
        """A search of a program that means what the scenario does."""
        result = self.within(program, states)
        self.seen = both(self.seen, result.checks) if self.seen else result.checks
        self.latest = result
        return result

    def ended(self, program: Program, limit: Limit) -> Result:
        """What there is when there is nothing left to search with."""
        if self.latest is not None:
            return self.latest._replace(limit=limit, checks=self.seen)
        unknown = (
            CheckResult(check=CheckId(n), verdict=Verdict.UNDECIDED, depth=None, covered=False)
            for n in range(len(program.checks))
        )
        return nothing(limit)._replace(checks=tuple(unknown))

    def within(self, program: Program, states: int | None, *, share: float = 1) -> Result:
        """A search under what is left of the limits. share: of the time, that it may take."""
        result = self.search(program, limits=self.left(states, share))
        self.seconds += result.seconds
        return result

    def left(self, states: int | None, share: float) -> Limits:
        limits = self.limits._replace(states=self.states(states))
        if limits.time_s is None:
            return limits
        left = [limits.time_s - self.seconds, *(s for s in (left_s(),) if s is not None)]
        return limits._replace(time_s=max(0.001, share * min(left)))

    def states(self, states: int | None) -> int | None:
        given = [n for n in (self.limits.states, states) if n is not None]
        return min(given, default=None)


def nothing(limit: Limit) -> Result:
    """The result where no search has begun."""
    return Result(
        checks=(),
        states=0,
        transitions=0,
        depth=0,
        quiescent=0,
        limit=limit,
        seconds=0.0,
        executor="none",
        bytes_per_state=0.0,
    )


def is_whole_within(going: Future[Result], seconds: float) -> bool:
    """Whether a search ends within some seconds, and by itself."""
    from concurrent.futures import wait

    left = left_s()
    wait([going], seconds if left is None else min(seconds, left))
    return is_whole(going)


def is_whole(going: Future[Result]) -> bool:
    """Whether a search has ended, and by itself."""
    return going.done() and going.result().limit is None


def broken(checks: tuple[CheckResult, ...]) -> bool:
    return any(check.verdict is Verdict.VIOLATED for check in checks)
