"""The steps of the program of a few threads, and which checks break in them."""

from __future__ import annotations

from mmscn.prove.abstract import Few
from mmscn.runtime.bytecode import CheckId, CheckKind, RuleId
from mmscn.runtime.explore.packed import Layout, some
from mmscn.runtime.explore.successors import Plans, successors


class Engine:
    """broken: checks that a step or state has broken so far. steps: how many were taken."""

    def __init__(self, few: Few) -> None:
        self.program = few.program
        self.layout = Layout(few.program)
        self.broken: set[CheckId] = set()
        self.steps = 0
        self.plans = Plans(self.layout, self.fired)
        self.quiescent = some(self.layout, few.program.quiescent)
        self.asked = [
            (CheckId(c), check.kind is CheckKind.ALWAYS, some(self.layout, check.bad))
            for c, check in enumerate(few.program.checks)
            if check.kind in (CheckKind.ALWAYS, CheckKind.FINALLY) and check.bad
        ]

    def after(self, state: int) -> set[int]:
        """The states that steps lead to, but for those in which the machine has stopped."""
        self.ask(state)
        going_on, ended, _ = successors(self.plans, (state,))
        self.steps += len(going_on) + len(ended)
        for last in ended:
            self.ask(last)
        return set(going_on)

    def ask(self, state: int) -> None:
        for check, always, bad in self.asked:
            if bad.holds(state) and (always or self.quiescent.holds(state)):
                self.broken.add(check)

    def fired(self, rule: RuleId) -> None:
        self.broken.update(self.program.rules[rule].violates)
