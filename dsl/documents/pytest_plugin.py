"""The pytest plugin: scenarios as tests, in files and in documents, and the fixture `mmscn`.

Every pytest run of an environment imports this module, so it imports nothing
but pytest before a scenario is met.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from mmscn.diagnostics import Diagnostic
    from mmscn.documents.document import Block, Document, Output
    from mmscn.documents.options import Problem
    from mmscn.documents.outcome import Runner
    from mmscn.judge.api import Scenario
    from mmscn.judge.report import Report

SUFFIX = ".mmscn"
DOCUMENTS = (".md", ".markdown", ".rst")
LIKELY_SCENARIO = re.compile(rb"^[ \t]*scenario\b|\*/[ \t]*scenario\b", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("mmscn")
    group.addoption(
        "--mmscn-docs",
        action="store_true",
        help="collect the scenarios in *.md and *.rst documents",
    )
    group.addoption("--mmscn-strict", action="store_true", help="a scenario with warnings fails")
    group.addoption(
        "--mmscn-explain",
        action="store_true",
        help="say of each scenario what its verdict is worth (with -rP)",
    )
    parser.addini("mmscn_strict", "a scenario with warnings fails", "bool", False)
    parser.addini("mmscn_docs", "collect the scenarios in *.md and *.rst documents", "bool", False)
    parser.addini(
        "mmscn_files",
        "the scenario files to collect, as patterns relative to the rootdir",
        "linelist",
        ["*.mmscn"],
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    suffix = file_path.suffix
    if suffix == SUFFIX and is_wanted(file_path, parent.config) and is_scenario(file_path):
        return ScenarioFile.from_parent(parent, path=file_path)
    if suffix in DOCUMENTS and wants_documents(parent.config) and b"mmscn" in text_of(file_path):
        return DocumentFile.from_parent(parent, path=file_path)
    return None


def is_wanted(path: Path, config: pytest.Config) -> bool:
    """Whether a pattern of `mmscn_files` matches the name, or the path below the rootdir."""
    from fnmatch import fnmatch

    below = path.relative_to(config.rootpath) if path.is_relative_to(config.rootpath) else path
    patterns = config.getini("mmscn_files")
    return any(fnmatch(path.name, p) or fnmatch(below.as_posix(), p) for p in patterns)


def wants_documents(config: pytest.Config) -> bool:
    return bool(config.getoption("--mmscn-docs") or config.getini("mmscn_docs"))


def is_strict(config: pytest.Config) -> bool:
    return bool(config.getoption("--mmscn-strict") or config.getini("mmscn_strict"))


def text_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def is_scenario(path: Path) -> bool:
    """Whether the text of a file is a scenario, not a module; what looks like one is looked at."""
    data = text_of(path)
    if not LIKELY_SCENARIO.search(data):
        return False
    from mmscn.judge.shipped import header

    return (header(data.decode("utf-8", "replace")) or ("",))[0] == "scenario"


class Failed(Exception):
    """A scenario is not as it should be; the argument is the report as text."""


class ScenarioWarning(UserWarning):
    """Something that a scenario declares and nothing uses; the argument has its place, too."""


def warn(diagnostics: Iterable[Diagnostic]) -> None:
    """Tell what can be run all the same."""
    for d in diagnostics:
        file, line = d.span.source.name, d.span.line
        warnings.warn_explicit(
            ScenarioWarning(f"{file}:{line}: {d.code}: {d.message}"), None, file, line
        )


class MmscnItem(pytest.Item):
    """A test whose failure is told by its own text, without a traceback."""

    line = 1

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Failed | ScenarioWarning):
            return str(excinfo.value).rstrip("\n")
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.line - 1, self.name


# ---- files of scenarios -------------------------------------------------------


class ScenarioFile(pytest.File):
    """A file with one scenario: an item for each combination of its params."""

    def collect(self) -> Iterator[pytest.Item]:
        from mmscn.diagnostics import Rejected
        from mmscn.judge.api import load

        shown = path_below(self.path, self.config)
        try:
            scenario = load(self.path)
            combinations = scenario.combinations()
            if is_strict(self.config):
                no_warnings(scenario.warnings)
        except Rejected as problem:
            yield RejectedItem.from_parent(
                self, name=self.path.stem, diagnostics=problem.diagnostics
            )
            return
        for values in combinations:
            yield ScenarioItem.from_parent(
                self,
                name=item_name(scenario.name, values),
                scenario=scenario,
                values=values,
                shown=shown,
            )


def no_warnings(diagnostics: tuple[Diagnostic, ...]) -> None:
    """Raises Rejected where there are any, as errors."""
    from mmscn.diagnostics import Rejected

    if diagnostics:
        raise Rejected(tuple(d._replace(severity="error") for d in diagnostics))


def path_below(path: Path, config: pytest.Config) -> str:
    root = config.rootpath
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def item_name(name: str, values: dict[str, Any]) -> str:
    """`racewrite[zap=rc2-mapped_exit=locked]`"""
    from mmscn.check.values import show

    choice = "-".join(f"{key}={show(value)}" for key, value in values.items())
    return f"{name}[{choice}]" if choice else name


class ScenarioItem(MmscnItem):
    """One combination of a scenario's params: passes if its expectations are met."""

    def __init__(
        self, *, scenario: Scenario, values: dict[str, Any], shown: str, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.scenario = scenario
        self.values = values
        self.shown = shown
        self.line = scenario.front.line

    def runtest(self) -> None:
        from mmscn.diagnostics import Rejected
        from mmscn.show.messages import messages

        scenario = self.scenario
        warn(scenario.warnings)
        try:
            report = scenario.report(1, tuple(scenario.runs([self.values])))
        except Rejected as problem:
            raise Failed(messages(problem.diagnostics)) from problem
        if not report.runs or report.interrupted:
            raise KeyboardInterrupt
        if not report.met:
            raise Failed(f"{self.shown}:{self.line}: not as expected\n\n{account(report)}")
        if self.config.getoption("mmscn_explain"):
            from mmscn.documents.outcome import explanation

            self.add_report_section("call", "mmscn explain", explanation(scenario, report))


class RejectedItem(MmscnItem):
    """A text that cannot be run: fails with what is wrong with it."""

    def __init__(self, *, diagnostics: tuple[Diagnostic, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.diagnostics = diagnostics

    def runtest(self) -> None:
        from mmscn.show.messages import messages

        raise Failed(messages(self.diagnostics))


def account(report: Report) -> str:
    """The table of a report, and the diagrams that tell the most."""
    from mmscn.documents.outcome import WIDTH, diagrams
    from mmscn.show import table

    drawn = diagrams(report, WIDTH, None)
    return table.text(report) + (f"\n{drawn}" if drawn else "")


# ---- documents ----------------------------------------------------------------


class DocumentFile(pytest.File):
    """A document: an item for each block that is run, each output, each thing that is wrong."""

    def collect(self) -> Iterator[pytest.Item]:
        from mmscn.documents.document import MissingExtra, NotADocument, parsed
        from mmscn.documents.outcome import Runner

        try:
            text = self.path.read_bytes().decode("utf-8")
            shown = path_below(self.path, self.config)
            document = parsed(text, shown, self.path.parent)
        except MissingExtra as problem:
            raise pytest.UsageError(f"mmscn: {problem}") from problem
        except (NotADocument, UnicodeDecodeError) as problem:
            raise self.CollectError(str(problem)) from problem
        yield from self.items(document, Runner(document, strict=is_strict(self.config)))

    def items(self, document: Document, runner: Runner) -> Iterable[pytest.Item]:
        for problem in document.problems:
            yield ProblemItem.from_parent(self, name=f"line {problem.line}", problem=problem)
        for block in document.blocks:
            if document.runs(block) or block.skip is not None:
                yield BlockItem.from_parent(self, name=block.label, block=block, runner=runner)
        numbers: dict[str, int] = {}
        for output in document.outputs:
            if output.compared and output.block is not None:
                name = f"{output.block.label}:{output.show}"
                numbers[name] = numbers.get(name, 0) + 1
                again = f"-{numbers[name]}" if numbers[name] > 1 else ""
                yield OutputItem.from_parent(
                    self, name=f"{name}{again}", output=output, runner=runner
                )


class ProblemItem(MmscnItem):
    """A block that cannot be read: fails with what is wrong with it."""

    def __init__(self, *, problem: Problem, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.problem = problem
        self.line = problem.line

    def runtest(self) -> None:
        raise Failed(self.problem.text(path_below(self.path, self.config)))


class BlockItem(MmscnItem):
    """A block of a document, with all combinations of its params."""

    def __init__(self, *, block: Block, runner: Runner, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.block = block
        self.runner = runner
        self.line = block.line

    def runtest(self) -> None:
        if self.block.skip is not None:
            pytest.skip(self.block.skip)
        found = self.runner.of(self.block)
        if found.wrong is not None:
            raise Failed(found.wrong)
        warn(found.warnings)


class OutputItem(MmscnItem):
    """What a document says that a block finds."""

    def __init__(self, *, output: Output, runner: Runner, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.output = output
        self.runner = runner
        self.line = output.fence.line

    def runtest(self) -> None:
        block = self.output.block
        assert block is not None
        if block.skip is not None:
            pytest.skip(block.skip)
        if self.runner.of(block).wrong is not None:
            pytest.skip(f"`{block.label}` is not as expected")
        difference = self.runner.output(self.output)
        if difference is not None:
            raise Failed(difference.text())


# ---- the fixture --------------------------------------------------------------


class Checker:
    """Scenarios in Python tests.

    A target is a path (looked for beside the test, then below the current
    folder), the name of a shipped scenario, or the text of a scenario.
    Params narrow the run: `zap="rc2"`, `fs=["ext4", "tmpfs"]`.
    """

    def __init__(self, folder: Path, *, strict: bool = False) -> None:
        self.folder = folder
        self.strict = strict

    def load(self, target: str | Path) -> Scenario:
        """Raises Rejected and OSError."""
        from mmscn.judge import api

        if isinstance(target, str) and is_text(target):
            return api.loads(target, beside=self.folder)
        beside = self.folder / target
        return api.load(beside if beside.is_file() else target)

    def check(self, target: str | Path, **params: object) -> Report:
        """Run a scenario; says nothing about what it should find. Raises Rejected and OSError."""
        report = self.load(target).check(params)
        if report.interrupted:
            raise KeyboardInterrupt
        return report

    def met(self, target: str | Path, **params: object) -> Report:
        """Run a scenario; the test fails unless it is as the scenario expects."""
        __tracebackhide__ = True
        report = self._checked(target, params)
        if not report.met:
            fail(f"{report.name} is not as expected", report)
        return report

    def holds(self, target: str | Path, **params: object) -> Report:
        """Run a scenario; the test fails unless all that is judged holds, whatever is expected."""
        __tracebackhide__ = True
        report = self._checked(target, params)
        if report.verdict.name != "HOLDS":
            fail(f"{report.name} does not hold", report)
        return report

    def violated(self, target: str | Path, *names: str, **params: object) -> Report:
        """Run a scenario; the test fails unless each run violates just these properties."""
        __tracebackhide__ = True
        report = self._checked(target, params)
        for run in report.runs:
            if {p.name for p in run.violated()} != set(names) or not names:
                fail(f"{report.name} does not violate just {', '.join(names)}", report)
        return report

    def _checked(self, target: str | Path, params: dict[str, object]) -> Report:
        __tracebackhide__ = True
        from mmscn.diagnostics import Rejected
        from mmscn.show.messages import messages

        try:
            report = self.check(target, **params)
            if self.strict:
                no_warnings(report.warnings)
            warn(report.warnings)
            return report
        except Rejected as problem:
            text = messages(problem.diagnostics)
        pytest.fail(text, pytrace=False)


def is_text(target: str) -> bool:
    return "\n" in target or LIKELY_SCENARIO.search(target.encode()) is not None


def fail(why: str, report: Report) -> NoReturn:
    __tracebackhide__ = True
    pytest.fail(f"{why}\n\n{account(report)}", pytrace=False)


@pytest.fixture
def mmscn(request: pytest.FixtureRequest) -> Checker:
    """Scenarios in Python tests: mmscn.check(), met(), holds(), violated(), load()."""
    return Checker(request.path.parent, strict=is_strict(request.config))
