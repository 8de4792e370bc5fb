"""All shortest counterexamples, one of each class: compared with all paths there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

import pytest

from mmscn import load, loads
from mmscn.runtime.bytecode import CheckId, Program, RuleId, State
from mmscn.runtime.explore.every_trace import (
    Touched,
    column_of,
    every_counterexample,
    footprint,
    independent,
)
from mmscn.runtime.interpreter import canonical_versions, enabled
from mmscn.runtime.judged import fails
from mmscn.runtime.result import Limits

APART = """scenario apart
var x: 0..2
var y: 0..2
concurrent {
  thread a on cpu 0 { x = 1; x = 2 }
  thread b on cpu 1 { y = 1; y = 2 }
}
always x + y < 4
"""
TOGETHER = APART.replace("y = 1; y = 2", "x = 1; x = 2").replace("x + y < 4", "x != 1")
FRESH = """scenario stored
machine x86 { cpus 2; frames 2 }
concurrent {
  thread a on cpu 0 { frame 0.content = fresh }
  thread b on cpu 1 { frame 1.content = fresh }
}
always frame 0.content == frame 1.content
"""
TEXTS = {"apart": APART, "together": TOGETHER, "fresh": FRESH}


def paths(program: Program, check: CheckId, depth: int) -> Iterator[tuple[RuleId, ...]]:
    """All paths of a length that end in what fails a check, by the reference interpreter."""

    def go(state: State, rules: tuple[RuleId, ...]) -> Iterator[tuple[RuleId, ...]]:
        if len(rules) == depth:
            if fails(program, check, rules, state):
                yield rules
        elif not (rules and program.rules[rules[-1]].halts):
            for rule, after in enabled(program, state):
                yield from go(after, (*rules, rule))

    for start in program.initial:
        yield from go(canonical_versions(program, start), ())


def least(program: Program, rules: Sequence[RuleId], touched: Touched) -> tuple[RuleId, ...]:
    """The member of a class whose rules come first."""
    left, made = list(rules), []
    while left:
        free = [
            n
            for n, rule in enumerate(left)
            if all(independent(program, before, rule, touched) for before in left[:n])
        ]
        made.append(left.pop(min(free, key=lambda n: left[n])))
    return tuple(made)


@pytest.mark.parametrize("name", [*TEXTS, "flush_before_clear", "page_lock"])
def test_one_of_each_class_is_found_and_no_other(name: str) -> None:
    scenario = loads(TEXTS[name]) if name in TEXTS else load(name)
    seen = 0
    for run in scenario.check().runs:
        program = run.case.program
        touched = cache(lambda rule, program=program: footprint(program, rule))
        for check in (CheckId(c) for p in run.violated() for c in p.checks):
            found = every_counterexample(program, check, limits=Limits(), most=100)
            if not found.traces:
                continue
            assert found.complete
            depth = len(found.traces[0].rules)
            classes = [least(program, trace.rules, touched) for trace in found.traces]
            assert len(classes) == len(set(classes))
            everything = {least(program, path, touched) for path in paths(program, check, depth)}
            assert set(classes) == everything
            seen += len(classes)
    assert seen


def test_what_has_nothing_in_common_is_one_execution() -> None:
    (run,) = loads(APART).check().runs
    (p,) = run.violated()
    found = every_counterexample(run.case.program, CheckId(p.checks[0]), limits=Limits(), most=9)
    (trace,) = found.traces
    columns = [column_of(run.case.program, rule) for rule in trace.rules]
    assert columns in ([0, 0, 1, 1], [1, 1, 0, 0])


def test_more_than_are_wanted_are_said_to_be_there() -> None:
    (run,) = load("flush_before_clear").check({"order": "flush_first", "spec_fill": "on"}).runs
    check = CheckId(run.violated()[0].checks[0])
    found = every_counterexample(run.case.program, check, limits=Limits(), most=2)
    assert (len(found.traces), found.complete) == (2, False)
