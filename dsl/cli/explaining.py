"""`mmscn explain FILE`: what its verdicts are worth."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from mmscn.budget import Budget, Exceeded
from mmscn.cli.run import Options, select
from mmscn.cli.selection import Broken, defined, nothing, targets_of
from mmscn.diagnostics import Rejected
from mmscn.explain import as_json, depends, near_miss, words
from mmscn.explain.explanation import Explanation, explained
from mmscn.judge import exits
from mmscn.judge.api import Scenario
from mmscn.judge.report import Run
from mmscn.runtime.result import Verdict
from mmscn.show import result_json, table
from mmscn.show.counterexamples import WIDTH
from mmscn.show.paint import say, write


def explain_all(options: Options, *, near: bool = False, knobs: bool = False) -> int:
    """near: also the near miss of each combination that holds. knobs: also which knobs it depends
    on. Raises Usage."""
    params = defined(options.define)
    chosen = targets_of(options.words, every=options.every)
    broken = Broken(options.color, quiet=bool(options.as_json))
    codes: list[int] = []
    found: list[as_json.Told] = []
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
            told = as_json.Told(
                one,
                near_misses(selected.scenario, one, options) if near else None,
                flips(selected.scenario, one, options) if knobs else None,
            )
        except KeyboardInterrupt:
            return exits.INTERRUPTED
        if not options.as_json:
            write("".join(more(told)), options.color, "trace")
        found.append(told)
    if options.as_json:
        unread = [one._asdict() for one in broken.unread]
        not_run = result_json.not_run(broken.found, unread)
        sys.stdout.write(result_json.written(as_json.document(found, not_run)))
    return ended(options.words, codes, broken)


def near_misses(
    scenario: Scenario, explanation: Explanation, options: Options
) -> list[near_miss.Missed]:
    """Of each combination that holds. A limit of time is that of each search, and of all."""
    found = []
    for run in held(explanation):
        where = table.choice(run) or scenario.name
        try:
            with budget(options).spending("looking for a near miss"):
                near = near_miss.near_miss(scenario, run, options.limits)
                found.append(near_miss.Missed(run, where, near, True))
        except Exceeded:
            found.append(near_miss.Missed(run, where, None, False))
    return found


def flips(scenario: Scenario, explanation: Explanation, options: Options) -> list[depends.Flips]:
    """As `near_misses`."""
    found = []
    for run in held(explanation):
        where = table.choice(run) or scenario.name
        try:
            with budget(options).spending("flipping knobs"):
                every = tuple(depends.flipped(scenario, run, options.limits))
                found.append(depends.Flips(run, where, every))
        except Exceeded:
            found.append(depends.Flips(run, where, None))
    return found


def held(explanation: Explanation) -> Iterator[Run]:
    return (run for run in explanation.report.runs if run.verdict is Verdict.HOLDS)


def budget(options: Options) -> Budget:
    return Budget(options.limits.time_s, options.limits.memory_mb)


def more(told: as_json.Told) -> Iterator[str]:
    for missed in told.misses or ():
        yield "\n" + near_miss.text(missed, WIDTH)
    for flipped in told.flips or ():
        yield "\n" + depends.text(flipped)


def ended(asked_for: Sequence[str], codes: list[int], broken: Broken) -> int:
    if broken.found:
        codes.append(exits.USAGE)
    if not codes:
        say(nothing(asked_for), sys.stderr)
        codes.append(exits.VACUOUS)
    return exits.worst(codes)
