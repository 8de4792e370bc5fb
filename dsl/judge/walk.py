"""An execution that somebody makes step by step, with the steps that could be next."""

from __future__ import annotations

from typing import NamedTuple

from mmscn.draw.steps import Step, steps
from mmscn.judge.token import broken_by, choices, name_of, starts_of
from mmscn.lower.compiled import Compiled
from mmscn.runtime.bytecode import CheckId, CheckKind, RuleId, State
from mmscn.runtime.explore.engine import find_trace
from mmscn.runtime.interpreter import VersionOverflow, fire
from mmscn.runtime.judged import trace_of
from mmscn.runtime.result import Limits, Trace


class Option(NamedTuple):
    """A step that could be taken."""

    rule: RuleId
    state: State
    step: Step


class Walk:
    """rules, states: the path so far; one more state than rules."""

    def __init__(self, compiled: Compiled, trace: Trace | None = None) -> None:
        self.compiled = compiled
        self.rules: list[RuleId] = list(trace.rules) if trace is not None else []
        first = starts_of(compiled.program)[:1]
        self.states: list[State] = list(trace.states) if trace is not None else first

    @property
    def halted(self) -> bool:
        return bool(self.rules) and self.compiled.program.rules[self.rules[-1]].halts

    def broken(self) -> list[CheckId]:
        """The checks that are broken, or reached, where it stands."""
        return list(broken_by(self.compiled.program, self.rules, tuple(self.states), None))

    def broken_names(self) -> list[str]:
        return list(dict.fromkeys(name_of(self.compiled, c) for c in self.broken()))

    def reaches(self, check: CheckId) -> bool:
        return self.compiled.program.checks[check].kind is CheckKind.REACHABLE

    def trace(self, *more: tuple[RuleId, State]) -> Trace:
        """The path, and some steps more; of the first check that is broken in the end."""
        rules = [*self.rules, *(rule for rule, _ in more)]
        states = (*self.states, *(state for _, state in more))
        program = self.compiled.program
        broken = list(broken_by(program, rules, states, None))
        check = broken[0] if broken else CheckId(0)
        return trace_of(program, check, rules, states, shortest=False)

    def options(self) -> list[Option]:
        """The steps that could be next, in the order in which they are numbered."""
        if self.halted:
            return []
        found = []
        program = self.compiled.program
        for rule in choices(program, self.states[-1]):
            try:
                state = fire(program, program.rules[rule], self.states[-1])
            except VersionOverflow:
                continue
            step = steps(self.compiled, self.trace((rule, state)))[-1]
            found.append(Option(rule, state, step))
        return found

    def take(self, option: Option) -> None:
        self.rules.append(option.rule)
        self.states.append(option.state)

    def back(self, count: int) -> None:
        keep = max(0, len(self.rules) - count)
        del self.rules[keep:], self.states[keep + 1 :]

    def go(self, name: str, limits: Limits) -> bool:
        """Go on by the fewest steps until something of a name breaks; False where none is found."""
        program = self.compiled.program._replace(initial=(self.states[-1],))
        numbers = [CheckId(c) for c in range(len(program.checks))]
        checks = [c for c in numbers if name_of(self.compiled, c) == name]
        found = [find_trace(program, check, limits=limits) for check in checks]
        traces = [trace for trace in found if trace is not None]
        if not traces or self.halted:
            return False
        best = min(traces, key=lambda trace: len(trace.rules))
        self.rules += best.rules
        self.states += best.states[1:]
        return True

    def names(self) -> list[str]:
        """What can be broken or reached."""
        count = len(self.compiled.program.checks)
        return list(dict.fromkeys(name_of(self.compiled, CheckId(c)) for c in range(count)))
