"""The options of `run` and `check` without click are those that click finds, or are left to it."""

from __future__ import annotations

import click
import pytest

from mmscn.cli import commands, quick
from mmscn.cli.run import Options

UNDERSTOOD = [
    "race.mmscn",
    "one two - three",
    "tlb -D NW=3 -D K=1|2 --json --states 1000 --memory 16",
    "--all -q",
    "x --json=1",
    "x --quiet --verbose -v --steps --depth 7",
    "x --states 1000000000 --memory 999999999999",
    "x --no-reduce",
    "x --no-reduce=fuse --no-reduce=symmetry --executor python",
    "x --executor native -D a=b",
    "",
]
LEFT = [
    "x -h",
    "x --no-such-option",
    "x --states",
    "x --states 0",
    "x --states many",
    "x --states 1000000000000",
    "x --executor fast",
    "x -D",
    "x -DNW=3",
    "x -- -y",
    "x --jobs 2",
    "x --states=5",
    "x --json=3",
]


@pytest.mark.parametrize("line", UNDERSTOOD)
def test_the_options_are_those_that_click_finds(line: str) -> None:
    args = commands.spelled(["run", *line.split()])[1:]
    with click.Context(commands.mmscn) as group:
        context = commands.run.make_context("run", args, parent=group)
    assert context.params.pop("show_settings") is False
    assert quick.options(line.split()) == Options(**context.params)


@pytest.mark.parametrize("line", LEFT)
def test_what_is_rare_or_wrong_is_left_to_click(line: str) -> None:
    assert quick.options(line.split()) is None


@pytest.mark.parametrize(
    "line", ["a.mmscn", "--all --strict", "x y -D K=1|2 -D N=3", "--strict x --strict", ""]
)
def test_the_arguments_of_check_are_those_that_click_finds(line: str) -> None:
    with click.Context(commands.mmscn) as group:
        check = commands.mmscn.commands["check"]
        context = check.make_context("check", line.split(), parent=group)
    found = quick.check_options(line.split())
    assert found is not None
    rest = {name: context.params[name] for name in context.params if name not in found}
    assert found == {name: context.params[name] for name in found}
    assert rest == {"time_s": None, "memory": None, "color": "auto", "show_settings": False}


@pytest.mark.parametrize("line", ["x -q", "x --steps", "x --states 5", "x --time 3", "-h", "x -D"])
def test_what_check_does_not_know_is_left_to_click(line: str) -> None:
    assert quick.check_options(line.split()) is None
