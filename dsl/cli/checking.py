"""`mmscn check`: everything but the search, and what it makes is kept for `mmscn run`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mmscn.budget import Budget, Exceeded
from mmscn.cli.run import READING
from mmscn.cli.selection import Broken, defined, nothing, targets_of
from mmscn.diagnostics import Rejected
from mmscn.judge import exits
from mmscn.judge.targets import LITMUS
from mmscn.plain_text import counted
from mmscn.runtime.result import Limits
from mmscn.show.paint import say


def check_all(
    words: Sequence[str],
    *,
    every: bool,
    define: Sequence[str],
    color: str = "auto",
    strict: bool = False,
    limits: Limits = Limits(),  # noqa: B008 (frozen)
) -> int:
    """strict: what is a warning is an error. limits: of reading a text, and of each combination."""
    params = defined(define)
    chosen = targets_of(words, every=every)
    broken = Broken(color)
    codes: list[int] = []
    for target in chosen:
        if target.path.endswith(LITMUS):
            from mmscn.cli import litmus

            codes.append(litmus.check_test(target, color))
            continue
        try:
            with Budget(limits.time_s, limits.memory_mb).spending(READING):
                scenario = target.load(modules=True)
                combinations = scenario.combinations(params)
                warnings = scenario.warnings
            if strict and warnings:
                raise Rejected(tuple(d._replace(severity="error") for d in warnings))
            broken.warn(target, warnings)
            for values in combinations:
                with Budget(limits.time_s, limits.memory_mb).spending("making the program"):
                    scenario.case(values, True)()
        except Exceeded as problem:
            codes.append(broken.ended(target, problem))
        except Rejected as problem:
            broken.add(target, problem.diagnostics)
            codes.append(exits.USAGE)
        except OSError as problem:
            codes.append(broken.unreadable(target, problem))
        else:
            also = f", {counted(len(warnings), 'warning')}" if warnings else ""
            number = counted(len(combinations), "combination")
            say(f"{target.path}: no errors{also} in {number}")
            codes.append(exits.OK)
    if not codes:
        say(nothing(words), sys.stderr)
        codes.append(exits.VACUOUS)
    return exits.worst(codes)
