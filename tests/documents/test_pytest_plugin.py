"""The pytest plugin, seen from a pytest run in another folder."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest

import mmscn.documents.outcome  # loaded before pytester looks, so it stays loaded
import mmscn.judge.prepare
import mmscn.syntax.parse

assert mmscn
with suppress(ImportError):
    import_module("mmscn.documents.rst")
    import_module("docutils.core")
pytest_plugins = ["pytester"]
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")

SCENARIO = """\
// the lost update
scenario counting
param times = 1 | 2
param how = plain | atomic_op
var counter: 0..2
concurrent {
  thread a on cpu 0 { if how == plain { let n = counter; counter = n + 1 } else { counter += 1 } }
  thread b on cpu 1 { if times == 2 { counter += 1 } }
}
finally "all are counted" counter == times
"""
EXPECT = """\
expect violated "all are counted" when how == plain and times == 2
expect holds otherwise
"""
MODULE = "/* used by\nscenario counting */\nmodule lib\n"
PAGE = f"# x\n\n```mmscn name=good\n{SCENARIO}{EXPECT}```\n\n```mmscn name=bad\n{SCENARIO}```\n"


@pytest.fixture(autouse=True)
def cache(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parser tables are kept where they are always kept; pytester moves HOME."""
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:cacheprovider")


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".mmscn", counting=SCENARIO + EXPECT, lib=MODULE)
    pytester.makeini("[pytest]\n")
    return pytester


def test_each_combination_is_a_test(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--collect-only", "-q")
    assert [line for line in result.outlines if "::" in line] == [
        "counting.mmscn::counting[times=1-how=plain]",
        "counting.mmscn::counting[times=1-how=atomic_op]",
        "counting.mmscn::counting[times=2-how=plain]",
        "counting.mmscn::counting[times=2-how=atomic_op]",
    ]


def test_k_selects_by_params(project: pytest.Pytester) -> None:
    project.runpytest_inprocess("-k", "counting and plain").assert_outcomes(passed=2, deselected=2)


def test_a_node_id_selects_one(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("counting.mmscn::counting[times=2-how=plain]")
    result.assert_outcomes(passed=1)


def test_a_failure_shows_the_race_and_the_place(pytester: pytest.Pytester) -> None:
    pytester.makefile(".mmscn", counting=SCENARIO)
    result = pytester.runpytest_inprocess("-k", "plain")
    result.assert_outcomes(passed=1, failed=1, deselected=2)
    result.stdout.fnmatch_lines(
        [
            "*counting.mmscn:2: not as expected",
            "*VIOLATED*NOT EXPECTED",
            "*CPU0: a*CPU1: b",
            "*<--- VIOLATED*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_text_that_is_rejected_fails_and_the_rest_runs(project: pytest.Pytester) -> None:
    project.makefile(".mmscn", broken="scenario broken\nvar a = = 2\n")
    project.makefile(".mmscn", other="scenario other\nvar a: nothing\n")
    result = project.runpytest_inprocess()
    result.assert_outcomes(passed=4, failed=2)
    result.stdout.fnmatch_lines(["error MM*", "*broken.mmscn:2:7"])


def test_mmscn_files_says_which_are_collected(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nmmscn_files = races/*\n")
    project.mkdir("races").joinpath("x.mmscn").write_text(SCENARIO + EXPECT)
    project.runpytest_inprocess().assert_outcomes(passed=4)


# ---- documents ----------------------------------------------------------------


def test_documents_are_collected_when_asked_for(pytester: pytest.Pytester) -> None:
    pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    pytester.makefile(".md", page=PAGE)
    assert pytester.runpytest_inprocess().ret == pytest.ExitCode.NO_TESTS_COLLECTED
    result = pytester.runpytest_inprocess("--mmscn-docs")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["page.md:18: bad is not as expected", "*CPU0: a*CPU1: b"])
    pytester.makeini("[pytest]\nmmscn_docs = true\n")
    pytester.runpytest_inprocess("-k", "good").assert_outcomes(passed=1, deselected=1)


def test_a_block_that_cannot_be_read_fails_at_its_line(pytester: pytest.Pytester) -> None:
    pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    text = "```mmscn nmae=a\nscenario x\n```\n\n```mmscn name=b\nscenario x\nvar a = = 1\n```\n"
    pytester.makefile(".md", page=text + PAGE)
    result = pytester.runpytest_inprocess("--mmscn-docs")
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(["error: there is no key `nmae`", "  --> page.md:1"])
    result.stdout.fnmatch_lines(["error MM*", "*--> page.md:7:7"])


def test_outputs_and_skips_of_documents(pytester: pytest.Pytester) -> None:
    pytest.importorskip("docutils", reason="docutils is not installed")
    text = "scenario x\nvar a: 0..1\nconcurrent { thread t { a = 1 } }\nfinally a == 1\n"
    body = "".join(f"   {line}\n" for line in text.splitlines())
    pytester.makefile(
        ".rst",
        page=f".. mmscn:: name=a\n\n{body}\n.. mmscn-output:: of=a\n\n   NEVER\n\n"
        f'.. mmscn:: name=b skip="no time"\n\n{body}',
    )
    result = pytester.runpytest_inprocess("--mmscn-docs", "-rs")
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["*--> page.rst:8", "-NEVER", "+HOLDS"])


# ---- the fixture --------------------------------------------------------------


def test_the_fixture_checks_files_texts_and_shipped_scenarios(project: pytest.Pytester) -> None:
    project.makepyfile(
        '''
        TEXT = """scenario x
        var a: 0..1
        concurrent { thread t on cpu 0 { a = 1 } }
        finally "set" a == WANTED
        """

        def test_file(mmscn):
            report = mmscn.check("counting.mmscn", how="plain")
            assert [r.verdict.name for r in report.runs] == ["HOLDS", "VIOLATED"]
            mmscn.met("counting.mmscn")
            mmscn.holds("counting.mmscn", how="atomic_op", times=[1, 2])
            mmscn.violated("counting.mmscn", "all are counted", how="plain", times=2)

        def test_text(mmscn):
            mmscn.holds(TEXT.replace("WANTED", "1"))

        def test_shipped(mmscn):
            assert mmscn.load("racewrite").name == "racewrite"

        def test_that_fails(mmscn):
            mmscn.holds(TEXT.replace("WANTED", "0"))

        def test_that_is_rejected(mmscn):
            mmscn.holds("scenario x\\nvar a: nothing\\n")
        '''
    )
    result = project.runpytest_inprocess("-k", "test_")
    result.assert_outcomes(passed=3, failed=2, deselected=4)
    result.stdout.fnmatch_lines(["x does not hold", "*CPU0: t"])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


# ---- what nothing uses --------------------------------------------------------

UNUSED = "scenario x\nvar idle: bool\nvar a: 0..1\nthread t { a = 1 }\nfinally a == 1\n"
FIXTURE = f"""
def test_it(mmscn):
    mmscn.holds({UNUSED!r})
"""


def with_warnings(pytester: pytest.Pytester) -> None:
    pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    pytester.makefile(".mmscn", x=UNUSED)
    pytester.makefile(".md", page=f"# x\n\n```mmscn name=a\n{UNUSED}```\n")
    pytester.makepyfile(FIXTURE)


def test_warnings_are_in_the_summary_of_the_run(pytester: pytest.Pytester) -> None:
    with_warnings(pytester)
    result = pytester.runpytest_inprocess("--mmscn-docs", "-W", "default")
    result.assert_outcomes(passed=3, warnings=3)
    result.stdout.fnmatch_lines_random(
        [
            "*page.md:5: ScenarioWarning: *page.md:5: MM601: nothing reads `idle`",
            "*x.mmscn:2: ScenarioWarning: *x.mmscn:2: MM601: nothing reads `idle`",
            "*<text>:2: ScenarioWarning: *<text>:2: MM601: nothing reads `idle`",
        ]
    )


@pytest.mark.parametrize("ini", ["", "mmscn_strict = true\n"])
def test_warnings_are_failures_where_that_is_asked_for(
    ini: str, pytester: pytest.Pytester
) -> None:
    with_warnings(pytester)
    pytester.makeini(f"[pytest]\n{ini}")
    result = pytester.runpytest_inprocess("--mmscn-docs", *([] if ini else ["--mmscn-strict"]))
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["error MM601: nothing reads `idle`", "*--> page.md:5:1"])


def test_a_warning_that_pytest_makes_an_error_fails_without_a_traceback(
    pytester: pytest.Pytester,
) -> None:
    pytester.makefile(".mmscn", x=UNUSED)
    result = pytester.runpytest_inprocess("-W", "error")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*x.mmscn:2: MM601: nothing reads `idle`"])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


# ---- xdist --------------------------------------------------------------------


def test_it_works_under_xdist(project: pytest.Pytester) -> None:
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    project.makefile(".mmscn", failing=SCENARIO.replace("counting", "failing"))
    result = project.runpytest_subprocess("-n", "2")
    result.assert_outcomes(passed=7, failed=1)
    result.stdout.fnmatch_lines(["*CPU0: a*CPU1: b"])


# ---- what it costs others -----------------------------------------------------

LOADED = """
import sys, pytest
before = set(sys.modules)
import mmscn.documents.pytest_plugin
print(*sorted(set(sys.modules) - before))
"""


def test_importing_the_plugin_loads_three_modules() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["mmscn", "mmscn.documents", "mmscn.documents.pytest_plugin"]


def test_a_project_without_scenarios_loads_none_of_the_language(
    pytester: pytest.Pytester,
) -> None:
    pytester.makefile(".mmscn", lib="module lib\n")
    pytester.makefile(".md", page="# nothing\n")
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            heavy = {"lark", "attrs", "attr", "click", "markdown_it", "docutils"}
            assert not heavy & set(sys.modules)
        """
    )
    pytester.runpytest_subprocess("--mmscn-docs").assert_outcomes(passed=1)


def test_what_a_verdict_is_worth_is_said_when_it_is_asked_for(project: pytest.Pytester) -> None:
    result = project.runpytest_inprocess("--mmscn-explain", "-rP")
    result.stdout.fnmatch_lines(["*mmscn explain*", "*These verdicts assume:*"])
    assert "These verdicts assume" not in project.runpytest_inprocess("-rP").stdout.str()
