"""`mmscn explain FILE`: what its verdicts are worth."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TypeAlias

from mmscn.budget import Budget, Exceeded
from mmscn.cli.run import Options, select
from mmscn.cli.selection import Broken, defined, nothing, targets_of
from mmscn.diagnostics import Rejected
from mmscn.explain import as_json, near_miss, words
from mmscn.explain.explanation import Explanation, explained
from mmscn.judge import exits
from mmscn.judge.api import Scenario
from mmscn.runtime.result import Verdict
from mmscn.show import result_json, table
from mmscn.show.counterexamples import WIDTH
from mmscn.show.paint import say, write

Misses: TypeAlias = list[near_miss.Missed]


def explain_all(options: Options, *, near: bool = False) -> int:
    """near: also the near miss of each combination that holds. Raises Usage."""
    params = defined(options.define)
    chosen = targets_of(options.words, every=options.every)
    broken = Broken(options.color, quiet=bool(options.as_json))
    codes: list[int] = []
    found: list[tuple[Explanation, Misses | None]] = []
    for selected in select(chosen, params, broken, codes, options.limits):
        try:
            one = explained(selected.scenario, selected.combinations, options.limits)
        except Rejected as problem:
            broken.add(selected.target, problem.diagnostics)
            continue
        except KeyboardInterrupt:
            return exits.INTERRUPTED
        codes.append(exits.exit_code(one.report))
        if not options.as_json:
            gap = "\n" if found else ""
            write(gap + words.text(one, verbose=options.verbose), options.color, "trace")
        try:
            misses = near_misses(selected.scenario, one, options) if near else None
        except KeyboardInterrupt:
            return exits.INTERRUPTED
        if misses and not options.as_json:
            write("".join(map(told, misses)), options.color, "trace")
        found.append((one, misses))
    if options.as_json:
        unread = [one._asdict() for one in broken.unread]
        not_run = result_json.not_run(broken.found, unread)
        sys.stdout.write(result_json.written(as_json.document(found, not_run)))
    return ended(options.words, codes, broken)


def near_misses(
    scenario: Scenario, explanation: Explanation, options: Options
) -> Misses:
    """Of each combination that holds. A limit of time is that of each search, and of all."""
    found: Misses = []
    for run in explanation.report.runs:
        if run.verdict is not Verdict.HOLDS:
            continue
        budget = Budget(options.limits.time_s, options.limits.memory_mb)
        where = table.choice(run) or scenario.name
        try:
            with budget.spending("looking for a near miss"):
                near = near_miss.near_miss(scenario, run, options.limits)
                found.append(near_miss.Missed(run, where, near, True))
        except Exceeded:
            found.append(near_miss.Missed(run, where, None, False))
    return found


def told(missed: near_miss.Missed) -> str:
    return "\n" + near_miss.text(missed, WIDTH)


def ended(asked_for: Sequence[str], codes: list[int], broken: Broken) -> int:
    if broken.found:
        codes.append(exits.USAGE)
    if not codes:
        say(nothing(asked_for), sys.stderr)
        codes.append(exits.VACUOUS)
    return exits.worst(codes)
