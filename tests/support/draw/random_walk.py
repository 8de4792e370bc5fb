"""Some way through a program."""

from __future__ import annotations

import random

from mmscn.runtime.bytecode import Program, RuleId, State
from mmscn.runtime.interpreter import VersionOverflow, enabled


def random_walk(
    program: Program, chance: random.Random, *, steps_max: int
) -> tuple[tuple[RuleId, ...], tuple[State, ...]]:
    """The rules that are fired, and the states before, between and behind them."""
    rules: list[RuleId] = []
    states = [program.initial[0]]
    while len(rules) < steps_max and not (rules and program.rules[rules[-1]].halts):
        try:
            options = list(enabled(program, states[-1]))
        except VersionOverflow:
            break
        if not options:
            break
        rule, state = chance.choice(options)
        rules.append(rule)
        states.append(state)
    return tuple(rules), tuple(states)
