"""Counterexamples, found when they are asked for and replayed before anyone sees them.

The search for verdicts runs on the reduced program; the path that a person
reads is one of the unreduced program, where every step is a step of the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from attrs import define, evolve, field, frozen

from mmscn.check.core import Origin
from mmscn.lower.compiled import Compiled, Line
from mmscn.runtime.bytecode import CheckId, RuleId
from mmscn.runtime.explore.engine import find_trace
from mmscn.runtime.interpreter import NotEnabled, VersionOverflow, replay
from mmscn.runtime.result import Limits, Trace


class Fault(Exception):
    """The tool contradicts itself; nothing that the author can mend."""


@frozen(kw_only=True, eq=False)
class Counterexample:
    """trace: a path of `compiled.program`. trace.shortest: that there is no shorter one."""

    compiled: Compiled
    trace: Trace

    @property
    def at(self) -> str:
        """The statement of the last step: the operation at which it breaks."""
        ops = self.operations()
        return ops[0] if ops else "the initial state"

    def operations(self) -> tuple[str, ...]:
        """The texts of all that happened in the last step, the one it is known by first."""
        found = [operation(origin) for origin in self._last()]
        return tuple(dict.fromkeys(found))

    def breaks_at(self, wanted: str) -> bool:
        """Whether the last step is the operation that an `at` names: by its text or procedure."""
        for origin in self._last():
            texts = [origin.text(), *(call.text() for call in origin.path)]
            if any(wanted in text for text in texts):
                return True
        return False

    def _last(self) -> list[Origin]:
        if not self.trace.rules:
            return []
        line = self.line(self.trace.rules[-1])
        return [self.compiled.checked.origins[o] for o in line.origins]

    def line(self, rule: RuleId) -> Line:
        return self.compiled.lines[self.compiled.program.rules[rule].origin]


def operation(origin: Origin) -> str:
    """`store A = 1`: the instruction that a step is part of, else its own statement."""
    for call in origin.path:
        if call.instruction:
            return call.text()
    return origin.text()


@define(eq=False)
class Evidence:
    """The counterexamples of one run, each looked for once."""

    compiled: Compiled
    limits: Limits
    found: dict[tuple[int, ...], Counterexample | None] = field(factory=dict)

    def of(self, checks: tuple[int, ...]) -> Counterexample | None:
        """The shortest, then with the fewest switches, that breaks one of some checks."""
        if checks not in self.found:
            traces = list(self._traces(checks))
            best = min(traces, key=lambda t: (len(t.rules), t.switches), default=None)
            self.found[checks] = (
                None if best is None else Counterexample(compiled=self.compiled, trace=best)
            )
        return self.found[checks]

    def _traces(self, checks: tuple[int, ...]) -> Iterator[Trace]:
        limits = self.limits
        reached = False
        for check in checks:
            trace = find_trace(self.compiled.program, CheckId(check), limits=limits)
            if trace is not None:
                replayed(self.compiled, trace)
                reached = True
                limits = evolve(limits, depth=len(trace.rules))
                yield trace
        if not reached:
            for check in checks:
                trace = expanded(self.compiled, CheckId(check), self.limits)
                if trace is not None:
                    yield trace


def expanded(compiled: Compiled, check: CheckId, limits: Limits) -> Trace | None:
    """A counterexample of the reduced program, each step taken apart; it may not be the shortest."""
    short = find_trace(compiled.reduced, check, limits=limits)
    if short is None:
        return None
    rules: list[RuleId] = []
    for rule in short.rules:
        rules.extend(compiled.reduced.rules[rule].parts or (rule,))
    program = compiled.program
    for index in range(len(program.initial)):
        try:
            states = replay(program, rules, index)
        except (NotEnabled, VersionOverflow):
            continue
        columns = [program.processes[program.rules[r].process].column for r in rules]
        switches = sum(a != b for a, b in pairwise(columns))
        return Trace(
            check=check, rules=tuple(rules), states=states, switches=switches, shortest=False
        )
    raise Fault(f"the counterexample of check {check} cannot be replayed step by step")


def replayed(compiled: Compiled, trace: Trace) -> None:
    """Walk a trace on the reference interpreter. Raises Fault where it does not go that way."""
    program = compiled.program
    for index in range(len(program.initial)):
        try:
            if replay(program, trace.rules, index) == trace.states:
                return
        except (NotEnabled, VersionOverflow):
            continue
    raise Fault(f"the counterexample of check {trace.check} fails its replay")
