"""`mmscn.load(...).check()`."""

from __future__ import annotations

from typing import Any

import pytest
from support.command import SCENARIOS

import mmscn
from mmscn import Limits, Rejected, Verdict

MATRIX = SCENARIOS / "matrix.mmscn"
HEAD = "scenario s\nvar x: 0..3\n"


def check(body: str, **options: Any) -> mmscn.Report:
    return mmscn.loads(HEAD + body).check(**options)


def test_a_report_has_a_run_for_each_combination() -> None:
    report = mmscn.load(MATRIX).check()
    assert report.met
    assert report.verdict is Verdict.VIOLATED
    assert [dict(run.params)["start"] for run in report.runs] == [0, 1, 0, 1]
    assert [run.verdict for run in report.runs].count(Verdict.HOLDS) == 2


@pytest.mark.parametrize("value", ["one_step", ["one_step"]])
def test_params_narrow_the_combinations(value: object) -> None:
    report = mmscn.load(str(MATRIX)).check({"how": value, "start": 1})
    (run,) = report.runs
    assert run.verdict is Verdict.HOLDS


def test_a_counterexample_ends_with_the_violation() -> None:
    run = mmscn.load(MATRIX).check({"how": "two_steps", "start": 0}).runs[0]
    example = run.counterexample("both are counted")
    assert example is not None
    assert example.trace.shortest
    assert example.at == example.steps[-1].text
    assert run.counterexample("one is counted") is None


def test_a_limit_leaves_it_undecided() -> None:
    report = mmscn.load(MATRIX).check({"how": "one_step"}, limits=Limits(states=2), reduce=False)
    assert report.verdict is Verdict.UNDECIDED
    assert not report.met


def test_a_text_that_cannot_be_run_raises() -> None:
    with pytest.raises(Rejected) as caught:
        mmscn.loads("scenario s\nvar x: boool\nthread a { x = 1 }").check()
    assert [d.code for d in caught.value.diagnostics] == ["MM207"]


def test_what_is_neither_a_file_nor_shipped_is_not_found() -> None:
    with pytest.raises(FileNotFoundError, match="no shipped scenario"):
        mmscn.load("flush_before_claer")


def test_a_shipped_scenario_is_loaded_by_its_name() -> None:
    assert mmscn.load("flush_before_clear").claims == ("A-R1",)


# ---- what meets an expectation ------------------------------------------------

BREAKS = 'thread a { x = 1; assert x == 2 "it is two" }\n'
KEEPS = 'thread a { x = 1; assert x == 1 "it is one" }\n'


@pytest.mark.parametrize(
    ("body", "met"),
    [
        ("", False),
        ("always x == 0", True),
        ("thread a { }", False),
        ("thread a { }\nexpect vacuous", True),
        (KEEPS, True),
        (KEEPS + "expect holds", True),
        (KEEPS + 'expect violated "it is one"', False),
        (BREAKS, False),
        (BREAKS + "expect holds", False),
        (BREAKS + 'expect violated "it is two"', True),
        (BREAKS + 'always "never three" x != 3\nexpect violated "it is two", "never three"', False),
        (BREAKS + 'always "never one" x != 1\nexpect violated "it is two"', False),
        (BREAKS + 'expect violated "it is two" at "assert x == 2"', True),
        (BREAKS + 'expect violated "it is two" at "x = 1"', False),
        (BREAKS + 'param p = a | b\nexpect violated "it is two" when p == a', False),
        (
            BREAKS + 'param p = a | b\nexpect violated "it is two" when p == a\n'
            'expect violated "it is two" otherwise',
            True,
        ),
        (BREAKS + 'param p = a | b\nexpect violated "it is two" when p in [a, b]\n'
         "expect holds otherwise", True),
        (KEEPS + "expect outcomes { x == 1 }", True),
        (KEEPS + "expect outcomes { x == 2 }", False),
        (KEEPS + "expect outcomes { x == 1; x == 2 }", False),
        ('thread a { if x == 1 { assert false "never" } else { x = 2 } }', False),
        ('thread a { if x == 1 { BUG "never" } else { x = 2 } }', True),
        ('thread a { x = 1; BUG "here" }\nexpect violated "here"', True),
        ("thread a { await x == 1 }", False),
        ("thread a { await x == 1 }\nexpect violated no_deadlock", True),
        ("thread a { x = 1 }\nreachable x == 2", False),
        ('thread a { x = 1 }\nreachable "two" x == 2\nexpect violated "two"', True),
        ("thread a { x = 1 }\nalways x == 3 implies x == 2", False),
    ],
)  # fmt: skip
def test_met(body: str, met: bool) -> None:
    assert check(body).met is met


def test_one_name_is_vacuous_only_if_all_of_it_is() -> None:
    body = (
        'thread a { x = 1; if x == 2 { assert x == 2 "as set" } else { assert x == 1 "as set" } }'
    )
    assert check(body).runs[0].property("as set").verdict is Verdict.HOLDS


def test_reductions_and_executors_agree() -> None:
    reports = [
        mmscn.load(MATRIX).check(reduce=reduce, executor=executor)
        for reduce in (True, False, frozenset({"fuse"}))
        for executor in ("auto", "python")
    ]
    verdicts = {
        tuple(p.verdict for run in report.runs for p in run.properties) for report in reports
    }
    assert len(verdicts) == 1
