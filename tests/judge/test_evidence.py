"""A counterexample is shown only after the reference interpreter has seen it break its check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.lower.reductions_texts import text as generated
from support.runtime.naive import is_deadlock

import mmscn
from mmscn import Limits, Verdict
from mmscn.cli.cli import main
from mmscn.judge import replays
from mmscn.judge.evidence import Evidence
from mmscn.judge.replays import Fault, expanded, replayed
from mmscn.judge.report import Run
from mmscn.runtime.bytecode import LIVENESS, CheckId, CheckKind, Program
from mmscn.runtime.explore.engine import find_trace
from mmscn.runtime.interpreter import matches_any, replay
from mmscn.runtime.result import Trace

BROKEN = """scenario broken
machine x86 { cpus 4; frames 1 }
map A -> frame 0
var x: 0..3
var y: 0..3
var done: bool
spinlock s
spinlock t
concurrent {
  thread a { lock s { x = 1; x = 2 }; assert x != 2 "not two"; lock s { lock t { y = 1 } } }
  thread b {
    lock t { lock s { x = 3 } }
    done = true; mark passed; x = 0
    choose { unlock s } or { y = 2 }
  }
  thread c { let seen = y; await done; if seen == 1 and x == 0 { BUG "stop" } }
}
always "never three" x != 3
finally "three at last" x == 3
reachable "both" x == 2 and y == 1
property p() "behind the mark" { always x != 0 }
check p() after passed
"""

Find = Callable[..., Trace | None]


def run_of(text: str, **options: Any) -> Run:
    (run,) = mmscn.loads(text).check(**options).runs
    return run


def met(program: Program, trace: Trace) -> bool:
    """Whether a trace goes where it says and ends in what its check is about."""
    check, last = program.checks[trace.check], trace.states[-1]
    assert replay(program, trace.rules) == trace.states
    if trace.rules and trace.check in program.rules[trace.rules[-1]].violates:
        return True
    match check.kind:
        case CheckKind.DEADLOCK:
            return is_deadlock(program, last)
        case CheckKind.FINALLY:
            return matches_any(program, program.quiescent, last) and matches_any(
                program, check.bad, last
            )
        case _:
            return matches_any(program, check.bad, last)


def taken_apart(run: Run) -> dict[int, Trace]:
    """What `expanded` makes of each check that was violated or reached."""
    found = {}
    for check in run.result.checks:
        if check.depth is not None:
            trace = expanded(run.case, check.check, Limits())
            assert trace is not None
            assert not trace.shortest
            assert met(run.case.program, trace)
            found[int(check.check)] = trace
    return found


def test_a_counterexample_of_each_kind_is_taken_apart() -> None:
    run = run_of(BROKEN)
    kinds = {run.case.program.checks[c].kind for c in taken_apart(run)}
    assert kinds == set(CheckKind) - set(LIVENESS)


def test_counterexamples_of_generated_scenarios_are_taken_apart() -> None:
    lengths = lengths_of(range(16))
    assert len(lengths) > 20
    assert max(lengths) > 6


@pytest.mark.slow
def test_more_counterexamples_of_generated_scenarios_are_taken_apart() -> None:
    lengths = lengths_of(range(200))
    assert len(lengths) > 250
    assert max(lengths) > 8


def lengths_of(seeds: range) -> list[int]:
    """How long the counterexamples of some scenarios are, each taken apart."""
    lengths = []
    for seed in seeds:
        found = taken_apart(run_of(generated(seed), limits=Limits(states=20_000)))
        lengths += [len(trace.rules) for trace in found.values()]
    return lengths


@pytest.fixture
def only_reduced(monkeypatch: pytest.MonkeyPatch) -> None:
    """The unreduced program is as good as too large to look for a counterexample in."""

    def find(program: Program, check: CheckId, **options: Any) -> Trace | None:
        fused = any(len(rule.parts) > 1 for rule in program.rules)
        return find_trace(program, check, **options) if fused else None

    monkeypatch.setattr(replays, "find_trace", find)


@pytest.mark.usefixtures("only_reduced")
def test_a_counterexample_that_was_taken_apart_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.mmscn").write_text(BROKEN)
    assert main(["run", str(tmp_path / "broken.mmscn")]) == 1
    assert capsys.readouterr().out.count("<--- VIOLATED") == 1


def lying(change: Callable[[Trace], Trace]) -> Find:
    def find(program: Program, check: CheckId, **options: Any) -> Trace | None:
        trace = find_trace(program, check, **options)
        return None if trace is None else change(trace)

    return find


def one_less(trace: Trace) -> Trace:
    return trace._replace(rules=trace.rules[:-1], states=trace.states[:-1])


def elsewhere(trace: Trace) -> Trace:
    return trace._replace(states=(*trace.states[:-1], trace.states[0]))


def backwards(trace: Trace) -> Trace:
    return trace._replace(rules=trace.rules[::-1])


@pytest.mark.parametrize("change", [one_less, elsewhere, backwards])
def test_a_trace_that_is_not_what_it_says_is_a_fault(
    change: Callable[[Trace], Trace], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(BROKEN)
    broken = [c for c in run.result.checks if c.verdict is Verdict.VIOLATED and (c.depth or 0) > 1]
    assert len(broken) > 4
    monkeypatch.setattr(replays, "find_trace", lying(change))
    for check in broken:
        with pytest.raises(Fault):
            Evidence(run.case, Limits()).of((check.check,))


@pytest.mark.usefixtures("only_reduced")
def test_a_reduced_trace_that_breaks_nothing_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(BROKEN)
    monkeypatch.setattr(replays, "find_trace", lying(lambda t: one_less(one_less(t))))
    for check in run.result.checks:
        if check.verdict is Verdict.VIOLATED and (check.depth or 0) > 2:
            with pytest.raises(Fault):
                expanded(run.case, check.check, Limits())


def reachable(run: Run) -> CheckId:
    checks = run.case.program.checks
    return CheckId(next(c for c, check in enumerate(checks) if check.kind is CheckKind.REACHABLE))


@pytest.mark.parametrize("found_by", ["the unreduced search", "the reduced one"])
def test_what_is_never_reached_and_then_is_is_a_fault(
    found_by: str, request: pytest.FixtureRequest
) -> None:
    """What is asked about is violated: the search for verdicts met no such state."""
    run = run_of(BROKEN)
    if found_by == "the reduced one":
        request.getfixturevalue("only_reduced")
    assert Evidence(run.case, Limits()).of((reachable(run),)) is not None
    with pytest.raises(Fault, match="is said to be never reached, and is after"):
        Evidence(run.case, Limits()).against((reachable(run),))


def test_a_contradiction_is_told_where_a_counterexample_is_asked_for() -> None:
    run = run_of(BROKEN)
    lied = [
        p._replace(verdict=Verdict.VIOLATED) if p.name == "both" else p for p in run.properties
    ]
    with pytest.raises(Fault, match="is said to be never reached"):
        run._replace(properties=tuple(lied)).counterexample("both")


def test_what_no_search_reaches_has_no_trace() -> None:
    run = run_of(BROKEN.replace("x == 2 and y == 1", "x == 2 and y == 3"))
    assert run.result.checks[reachable(run)].verdict is Verdict.VIOLATED
    assert Evidence(run.case, Limits()).against((reachable(run),)) is None


def test_a_state_that_hardware_still_helps_out_of_is_no_deadlock() -> None:
    """Not by its own steps: whether it is one, agents decide as well."""
    text = """scenario helped
    var go: bool
    var never: bool
    concurrent { thread a { await go; await never } }
    agent device { step help { go = true } }
    """
    run = run_of(text)
    trace = find_trace(run.case.program, run.result.checks[0].check)
    assert trace is not None
    replayed(run.case.program, trace)
    with pytest.raises(Fault):
        replayed(run.case.program, trace._replace(rules=(), states=trace.states[:1]))


def test_a_fault_is_told_with_what_to_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.mmscn").write_text(BROKEN)
    monkeypatch.setattr(replays, "find_trace", lying(one_less))
    assert main(["run", str(tmp_path / "broken.mmscn")]) == 70
    error = capsys.readouterr().err
    assert "the counterexample of check" in error
    assert "Please report it" in error
