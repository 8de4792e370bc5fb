"""`mmscn run`: what it prints, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.command import Command

from mmscn.cli import cli, commands
from mmscn.cli.cli import main
from mmscn.cli.run import Options
from mmscn.lower.compile import REDUCTIONS

OUTPUTS = {
    "matrix": ["matrix.mmscn"],
    "matrix-narrowed": ["matrix.mmscn", "-D", "how=two_steps", "-D", "start=0", "--steps"],
    "holds": ["holds.mmscn"],
    "unannounced": ["unannounced.mmscn"],
    "refuted": ["refuted.mmscn"],
    "elsewhere": ["elsewhere.mmscn", "--diagrams", "none"],
    "vacuous": ["vacuous.mmscn"],
    "partly-vacuous": ["partly_vacuous.mmscn"],
    "several": ["several.mmscn", "--diagrams", "none"],
    "outcomes": ["outcomes.mmscn"],
    "undeclared": ["undeclared.mmscn"],
    "quiet": [".", "--quiet"],
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_output(name: str, mmscn: Command, golden: Callable[[str, str], None]) -> None:
    ended = mmscn("run", *OUTPUTS[name])
    golden(f"cli/{name}.txt", f"{ended.out}{ended.err}exit {ended.code}\n")


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["matrix.mmscn"], 0),
        (["holds.mmscn"], 0),
        (["unannounced.mmscn"], 1),
        (["refuted.mmscn"], 1),
        (["elsewhere.mmscn"], 1),
        (["elsewhere.mmscn", "-D", "where=there"], 0),
        ([], 2),
        (["no_such_file.mmscn"], 2),
        (["no_such_scenario"], 2),
        (["undeclared.mmscn"], 2),
        (["matrix.mmscn", "-D", "how=three_steps"], 2),
        (["matrix.mmscn", "-D", "how"], 2),
        (["matrix.mmscn", "-D", f"start={'1' * 5000}"], 2),
        (["matrix.mmscn", "--states", "1" * 5000], 2),
        (["matrix.mmscn", "--no-reduce=nothing"], 2),
        (["matrix.mmscn", "--no-reduce=caches,nothing"], 2),
        (["matrix.mmscn", "--no-reduce=caches,symmetry"], 0),
        (["matrix.mmscn", "--states", "zero"], 2),
        (["--no-such-option"], 2),
        (["matrix.mmscn", "--states", "3"], 3),
        (["matrix.mmscn", "--depth", "1"], 3),
        (["vacuous.mmscn"], 4),
        (["partly_vacuous.mmscn"], 4),
        (["../empty"], 4),
        (["holds.mmscn", "undeclared.mmscn"], 2),
        (["unannounced.mmscn", "vacuous.mmscn"], 1),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else str(x),
)
def test_exit_code(args: list[str], code: int, mmscn: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    args = [str(tmp_path / "empty") if a == "../empty" else a for a in args]
    assert mmscn("run", *args).code == code


def test_what_can_be_run_is_run_beside_what_is_rejected(mmscn: Command) -> None:
    ended = mmscn("run", "undeclared.mmscn", "holds.mmscn")
    assert "HOLDS" in ended.out
    assert "1 scenario rejected" in ended.out
    assert "MM101" in ended.err


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ([], True),
        (["all"], False),
        (["caches,all"], False),
        (["caches"], {"caches"}),
        (["caches, symmetry", "fuse"], {"caches", "symmetry", "fuse"}),
    ],
)
def test_reductions_are_left_out_by_their_names(names: list[str], left: bool | set[str]) -> None:
    kept = Options(words=(), no_reduce=tuple(names)).reduce
    assert kept == (left if isinstance(left, bool) else REDUCTIONS.keys() - left)


def test_the_reductions_stand_in_the_documents() -> None:
    page = (Path(__file__).parents[2] / "docs/command_line.md").read_text()
    rows = "".join(f"| `{name}` | {what} |\n" for name, (_, what) in REDUCTIONS.items())
    assert f"|---|---|\n{rows}\n" in page


def test_a_reduction_that_there_is_not_is_told_with_those_that_there_are(mmscn: Command) -> None:
    said = mmscn("run", "matrix.mmscn", "--no-reduce=caches,cashes").err
    assert f"there is no reduction `cashes`; there are {', '.join(REDUCTIONS)}" in said


@pytest.mark.parametrize("reduce", [[], ["--no-reduce"], ["--no-reduce=fuse"]])
@pytest.mark.parametrize("executor", ["auto", "python"])
def test_the_answer_does_not_depend_on_how_it_is_found(reduce, executor, mmscn: Command) -> None:
    args = ["matrix.mmscn", "--diagrams", "all", "--executor", executor]
    ended = mmscn("run", *args, *reduce)
    plain = mmscn("run", "matrix.mmscn", "--diagrams", "all")
    assert ended.code == 0
    assert ended.out.partition('VIOLATED "')[2] == plain.out.partition('VIOLATED "')[2]


def test_of_several_scenarios_those_without_the_param_are_passed_over(mmscn: Command) -> None:
    ended = mmscn("run", "matrix.mmscn", "holds.mmscn", "-D", "how=one_step")
    assert ended.code == 0
    assert "2 runs: 2 as expected" in ended.out


def test_colour_changes_nothing_but_colour(mmscn: Command) -> None:
    plain = mmscn("run", "matrix.mmscn")
    coloured = mmscn("run", "matrix.mmscn", "--color", "always")
    assert "\x1b[" in coloured.out
    assert click_unstyle(coloured.out) == plain.out


def click_unstyle(text: str) -> str:
    import click

    return click.unstyle(text)


def test_a_module_is_looked_at_and_not_run(mmscn: Command, tmp_path: Path) -> None:
    (tmp_path / "m.mmscn").write_text("module m\nvar x: bool\n")
    assert "MM215" in mmscn("run", str(tmp_path / "m.mmscn")).err
    ended = mmscn("check", str(tmp_path / "m.mmscn"))
    assert (ended.code, ended.err) == (0, "")


def test_check_finds_what_is_wrong_in_any_combination(mmscn: Command, tmp_path: Path) -> None:
    text = "scenario s\nparam p = a | b\nvar x: 0..3\nthread t { x = 1 }\n"
    (tmp_path / "s.mmscn").write_text(text + 'expect violated "nothing" when p == b\n')
    ended = mmscn("check", str(tmp_path / "s.mmscn"))
    assert ended.code == 2
    assert "MM214" in ended.err


def test_a_scenario_comes_from_standard_input() -> None:
    text = "scenario s\nvar x: bool\nthread a { x = true }\nfinally x\n"
    result = CliRunner().invoke(commands.mmscn, ["run", "-"], input=text, standalone_mode=False)
    assert result.return_value == 0
    assert "HOLDS" in result.output


def test_no_traceback_reaches_the_user(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "invoked", lambda args: 1 // 0)
    assert main(["run", "x"]) == 70
    error = capsys.readouterr().err
    assert "mmscn: fault: ZeroDivisionError" in error
    assert "Traceback" not in error
    assert "mmscn run x" in error


def test_an_interrupted_run_shows_what_was_found(
    mmscn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mmscn.judge import api

    real, runs = api.explore, []

    def explore(*args, **options):
        if runs:
            raise KeyboardInterrupt
        runs.append(None)
        return real(*args, **options)

    monkeypatch.setattr(api, "explore", explore)
    ended = mmscn("run", "matrix.mmscn", "holds.mmscn")
    assert ended.code == 130
    assert "interrupted: 1 of 4 runs are complete" in ended.out
    assert "VIOLATED" in ended.out
    assert "Nothing can go wrong" not in ended.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_full_disk_is_no_fault() -> None:
    import subprocess
    import sys

    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "mmscn", "list"]
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert ended.returncode == 2
    assert ended.stderr.startswith("mmscn: No space left")
