"""What is asked and never put to the test, and scenarios that ask nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command import Command

from mmscn.judge.api import loads
from mmscn.judge.exits import exit_code
from mmscn.runtime.result import Verdict

STORE = "var x: 0..2\nconcurrent { thread a on cpu 0 { x = 1 } }\n"
DEAD = """\
var x: 0..2
concurrent {
  thread a on cpu 0 { x = 1 }
  thread b on cpu 1 { x = 2; if x == 0 { assert x == 2 "dead" } }
}
always "two" x != 2
always "empty" x == 0 and x == 1 implies x == 2
"""
LIBRARY = """\
import linux.vma
import linux.writeback
machine x86 { cpus 1 }
file data on ext4 { pages 1 }
mm user { map buf = data[0] shared rw populated }
thread t on cpu 0 in user { store buf = 1 }
"""

CASES = {
    "nothing": (STORE, ["nothing was asked"], 4),
    "expect holds is no question": (STORE + "expect holds\n", ["nothing was asked"], 4),
    "library assertions are no questions": (LIBRARY, ["nothing was asked"], 4),
    "library assertions may be out of reach": (LIBRARY + "finally true\n", [], 0),
    "announced": (STORE + "expect vacuous\n", [], 0),
    "announced, and asked": (
        STORE + "finally x == 1\nexpect vacuous\n", ["something was asked"], 1,
    ),
    "what is implicit is asked for where it is announced": (
        "spinlock l\nthread a on cpu 0 { lock l; lock l }\nexpect violated no_deadlock\n", [], 0,
    ),
    "an implicit rule that holds refutes": (
        STORE + "expect violated no_deadlock\n", ["no_deadlock holds"], 1,
    ),
    "a bug is a question": (STORE.replace("x = 1", 'if x == 2 { BUG "no" }'), [], 0),
    "an announced violation hides nothing": (
        DEAD + 'expect violated "two"\n',
        ["empty was never put to the test", '"dead" was never put to the test'],
        4,
    ),
    "each may be announced": (
        DEAD + 'expect violated "two"\nexpect vacuous "empty", "dead"\n', [], 0,
    ),
    "one is announced": (
        DEAD + 'expect violated "two"\nexpect vacuous "empty"\n',
        ['"dead" was never put to the test'],
        4,
    ),
    "a violation goes before vacuity": (
        DEAD, ["two is violated, and no `expect` says so", "empty was never put to the test",
               '"dead" was never put to the test'], 1,
    ),
    "what holds is not vacuous": (
        STORE + 'finally "one" x == 1\nexpect vacuous "one"\n',
        ["one is put to the test, and holds"],
        1,
    ),
    "what is violated is not vacuous": (
        STORE + 'finally "two" x == 2\nexpect vacuous "two"\n',
        ["two is violated, and no `expect` says so"],
        1,
    ),
    "a violation that is vacuous": (
        STORE + 'always "empty" x == 2 implies x == 1\nexpect violated "empty"\n',
        ["empty was never put to the test"],
        4,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_question_is_put_to_the_test_or_it_is_said(name: str) -> None:
    text, unmet, code = CASES[name]
    report = loads(f"scenario s\n{text}").check()
    assert [u.text for run in report.runs for u in run.unmet] == unmet
    assert exit_code(report) == code


def test_a_check_is_asked_where_its_condition_holds() -> None:
    text = (
        "scenario s\nparam p = 0 | 1\n" + STORE + "property ends() { finally x == 1 }\n"
        "check ends when p == 0\n"
    )
    report = loads(text).check()
    assert [run.verdict for run in report.runs] == [Verdict.HOLDS, Verdict.VACUOUS]
    assert loads(f"{text}expect vacuous when p == 1\n").check().met


def test_otherwise_is_among_vacuous_ones_and_among_the_others() -> None:
    text = "scenario s\nparam p = 0 | 1\n" + DEAD + (
        'expect violated "two" otherwise\n'
        'expect vacuous "dead", "empty" when p == 0\n'
        'expect vacuous "empty", "dead" otherwise\n'
    )
    report = loads(text).check()
    assert [run.unmet for run in report.runs] == [(), ()]


def test_assertions_of_modules_of_ones_own_are_questions(tmp_path: Path) -> None:
    module = 'module own\nvar y: 0..1\nproc go() { if y == 1 { assert y == 0 "in own" } }\n'
    (tmp_path / "own.mmscn").write_text(module)
    text = "scenario s\nimport own\nthread t on cpu 0 { call go() }\n"
    report = loads(text, beside=tmp_path).check()
    assert [u.text for run in report.runs for u in run.unmet] == [
        '"in own" was never put to the test'
    ]


def test_racewrite_without_its_checks_asks_nothing() -> None:
    from mmscn.judge.shipped import shipped_scenario

    found = shipped_scenario("racewrite")
    assert found is not None
    text, check, _ = found.file.read_text().partition("\ncheck ")
    text, asserts = re.subn(r"\n *assert .*", "", text)
    assert (check, asserts) == ("\ncheck ", 1)
    report = loads(text).check({"zap": "rc2"})
    assert report.runs
    assert {run.verdict for run in report.runs} == {Verdict.VACUOUS}


def test_the_table_counts_what_is_partly_vacuous(mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "partly.mmscn"
    file.write_text(f'scenario partly\n{DEAD}expect violated "two"\n')
    ended = mmscn("run", str(file), "--diagrams", "none")
    assert ended.code == 4
    assert "VIOLATED  8 states  as expected, partly vacuous" in ended.out
    assert ended.out.endswith("1 run: 0 as expected, 1 vacuous\n")
