"""Settings: the command line goes before the environment, and that before the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command import Command

from mmscn.cli.commands import mmscn as commands
from mmscn.cli.settings import NAMES, defaults, variable

RACE = """scenario race
var x: 0..3
thread t { x = 1; x = 2; x = 3 }
finally x == 3

expect holds
"""


@pytest.fixture
def folder(mmscn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a scenario, and none of the settings; commands run in one below it."""
    _ = mmscn  # which goes to a folder of its own first
    (tmp_path / "race.mmscn").write_text(RACE)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    for name in NAMES:
        monkeypatch.delenv(variable(name), raising=False)
    return tmp_path


RUN = ("run", "../race.mmscn")


def told(text: str) -> dict[str, tuple[str, str]]:
    lines = (line.split(maxsplit=2) for line in text.splitlines())
    return {name: (value, where) for name, value, where in lines}


def test_what_counts_is_shown_with_where_it_is_from(
    folder: Path, mmscn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "mmscn.toml"
    file.write_text('states = 5\ndepth = 6\nwidth = 90\ndiagrams = "all"\n')
    monkeypatch.setenv("MMSCN_DEPTH", "7")
    monkeypatch.setenv("MMSCN_WIDTH", "80")
    found = mmscn(*RUN, "--width", "70", "--show-settings")
    assert (found.code, found.err) == (0, "")
    shown = told(found.out)
    assert shown["states"] == ("5", str(file))
    assert shown["depth"] == ("7", "MMSCN_DEPTH")
    assert shown["width"] == ("70", "the command line")
    assert shown["diagrams"] == ("all", str(file))
    assert shown["executor"] == ("auto", "default")
    assert shown["time"] == ("none", "default")


@pytest.mark.parametrize(
    ("name", "text"),
    [("mmscn.toml", "states = 1\n"), ("pyproject.toml", "[tool.mmscn]\nstates = 1\n")],
)
def test_a_setting_does_what_the_option_does(
    name: str, text: str, folder: Path, mmscn: Command
) -> None:
    assert mmscn(*RUN).code == 0
    (folder / name).write_text(text)
    limited = mmscn(*RUN)
    assert (limited.code, limited.out) == (3, mmscn(*RUN, "--states", "1").out)
    assert mmscn(*RUN, "--states", "100").code == 0


def test_reductions_are_left_out_for_a_folder(folder: Path, mmscn: Command) -> None:
    (folder / "mmscn.toml").write_text('no-reduce = "caches,symmetry"\n')
    assert defaults(commands.commands["run"])["no_reduce"] == ("caches,symmetry",)
    assert mmscn(*RUN).code == 0
    shown = told(mmscn(*RUN, "--show-settings").out)
    assert shown["no-reduce"] == ("caches,symmetry", str(folder / "mmscn.toml"))
    assert told(mmscn(*RUN, "--no-reduce", "--show-settings").out)["no-reduce"][0] == "all"
    assert mmscn(*RUN, "--simulate", "2").code == 3
    (folder / "mmscn.toml").write_text('no-reduce = "cashes"\n')
    assert mmscn(*RUN).code == 2


def test_the_nearest_file_counts_and_no_other(folder: Path, mmscn: Command) -> None:
    (folder / "mmscn.toml").write_text("states = 1\n")
    (folder / "below" / "mmscn.toml").write_text("")
    assert mmscn(*RUN).code == 0
    (folder / "below" / "mmscn.toml").unlink()
    (folder / "below" / "pyproject.toml").write_text("[tool.other]\n")
    assert mmscn(*RUN).code == 3


def test_a_flag_is_set_and_unset(
    folder: Path, mmscn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "mmscn.toml").write_text("strict = true\n")
    (folder / "race.mmscn").write_text(RACE.replace("var x", "var y: bool\nvar x"))
    assert mmscn("check", "../race.mmscn").code == 2
    monkeypatch.setenv("MMSCN_STRICT", "no")
    assert mmscn("check", "../race.mmscn").code == 0


def test_what_is_called_alike_in_another_command_is_not_set(folder: Path) -> None:
    (folder / "below" / "mmscn.toml").write_text('diagrams = "all"\nstates = 3\nstrict = true\n')
    assert defaults(commands.commands["ablate"]) == {"states": 3}
    assert defaults(commands.commands["run"]) == {"diagrams": "all", "states": 3}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stats = 2\n", "mmscn.toml: there is no setting `stats`; did you mean `states`?"),
        ("zzz = 2\n", "mmscn.toml: there is no setting `zzz`; there are cluster,"),
        ("states = 0\n", "mmscn.toml: `states` is 0: 0 is not in the range x>=1."),
        ('time = "long"\n', "mmscn.toml: `time` is 'long': 'long' is not a valid float range."),
        ("states = true\n", "`states` is True, which is no value of --states"),
        ("states = [1]\n", "`states` is [1], which is no value of --states"),
        ("quiet = 1\n", "`quiet` is 1, and should be true or false"),
        ('executor = "fast"\n', "`executor` is 'fast': 'fast' is not one of"),
        ("states = \n", "mmscn.toml is no TOML: "),
    ],
)
def test_a_setting_that_is_none_is_told(
    text: str, said: str, folder: Path, mmscn: Command
) -> None:
    (folder / "mmscn.toml").write_text(text)
    found = mmscn(*RUN)
    assert (found.code, found.out) == (2, "")
    assert said in " ".join(found.err.split())


def test_a_variable_that_is_wrong_is_told(
    folder: Path, mmscn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMSCN_JOBS", "many")
    found = mmscn(*RUN)
    assert found.code == 2
    assert "MMSCN_JOBS: `jobs` is 'many': 'many' is not a valid integer range." in found.err


def test_each_setting_is_an_option_of_run_or_check() -> None:
    params = [p for name in ("run", "check") for p in commands.commands[name].params]
    every = {opt for p in params for opt in p.opts}
    assert {f"--{name}" for name in NAMES} <= every
