"""What can run a program stands in one place."""

from __future__ import annotations

import ast

import click
import pytest
from support.house import modules

import mmscn
from mmscn.cli import commands, quick
from mmscn.runtime.bytecode import CheckId, Program
from mmscn.runtime.explore import executors
from mmscn.runtime.explore.engine import explore, find_trace
from mmscn.runtime.explore.executors import (
    EXECUTORS,
    Asked,
    Executor,
    ExecutorMissing,
    Python,
    chosen,
    names,
)
from mmscn.runtime.result import Limits, Result, Trace

TEXT = "scenario s\nvar x: 0..2\nthread t { x = 1; x = 2 }\nreachable x == 2\nalways x != 2\n"

EXPLORE = "mmscn.runtime.explore"
OWN = {f"{EXPLORE}.executors", f"{EXPLORE}.bfs", f"{EXPLORE}.walks", "mmscn.runtime.native"}
"""The place, and the executors themselves, which sign their results."""
LANGUAGES = {"mmscn.documents.exercise_pages"}
"""Where a notebook says in which language its cells are."""


class Third(Python):
    """The Python one under another name, or one that is not there."""

    name = "third"

    def __init__(self, reason: str | None = None) -> None:
        self.reason = reason
        self.traced = 0

    def missing(self) -> str | None:
        return self.reason

    def search(self, program: Program, asked: Asked) -> Result:
        return super().search(program, asked)._replace(executor=self.name)

    def trace(self, program: Program, check: CheckId, limits: Limits) -> Trace | None:
        self.traced += 1
        return super().trace(program, check, limits)


def first(monkeypatch: pytest.MonkeyPatch, executor: Third) -> Third:
    monkeypatch.setattr(executors, "EXECUTORS", (executor, *EXECUTORS))
    return executor


def program() -> Program:
    scenario = mmscn.loads(TEXT)
    return scenario.case(scenario.combinations()[0], True)().program


def test_an_executor_is_added_at_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    third = first(monkeypatch, Third())
    assert names() == ("auto", "third", *(executor.name for executor in EXECUTORS))
    assert executors.available()["third"] == "available"
    assert quick.options(["x", "--executor", "third"]) is not None
    for name in ("auto", "third"):
        (run,) = mmscn.loads(TEXT).check(executor=name).runs
        assert run.result.executor == "third"
    p = program()
    checks = [CheckId(c) for c in range(len(p.checks))]
    assert any([find_trace(p, check, executor="third") for check in checks])
    assert third.traced == len(checks)


def test_the_command_line_offers_what_there_is() -> None:
    (option,) = (p for p in commands.run.params if p.name == "executor")
    assert isinstance(option.type, click.Choice)
    assert tuple(option.type.choices) == names()


def test_one_that_is_missing_is_passed_over_and_missed_when_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first(monkeypatch, Third("it was not built"))
    assert chosen("auto") in EXECUTORS
    assert executors.available()["third"] == "it was not built"
    for call in (explore, lambda p, **o: find_trace(p, CheckId(0), **o)):
        with pytest.raises(ExecutorMissing, match="it was not built"):
            call(program(), executor="third")


@pytest.mark.parametrize("executor", EXECUTORS, ids=lambda executor: executor.name)
def test_a_result_has_the_name_that_is_asked_for(executor: Executor) -> None:
    if executor.missing() is None:
        assert explore(program(), executor=executor.name).executor == executor.name


def test_checkpoints_are_asked_of_those_that_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    first(monkeypatch, Third())
    for name in ("third", "python"):
        with pytest.raises(ExecutorMissing, match="are written by the native executor"):
            chosen(name, checkpoints=True)
    if executors.available()["native"] == "available":
        assert chosen("auto", checkpoints=True).name == "native"


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no executor is named fast; there are auto, native, py"):
        mmscn.loads(TEXT).check(executor="fast")


def test_no_other_place_names_an_executor() -> None:
    named = {executor.name for executor in EXECUTORS}
    for module, path in modules():
        if module not in OWN | LANGUAGES:
            text = path.read_text("utf-8")
            if not any(f'"{name}"' in text for name in named):
                continue
            nodes = ast.walk(ast.parse(text))
            found = [n.lineno for n in nodes if isinstance(n, ast.Constant) and n.value in named]
            assert not found, f"{path}:{found}: executors.py says what there is"
