"""What the command loads, and that its output depends on nothing but its input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from support.command import SCENARIOS
from support.house import ROOT

import mmscn
from mmscn.cli.cli import PIPE_CLOSED
from mmscn.judge import shipped
from mmscn.judge.targets import Target, targets

LOADED_LATE = {
    "lark", "attr", "pygments", "click", "inspect", "ssl", "_hashlib",
    "mmscn.runtime.interpreter", "mmscn.runtime.explore.trace", "mmscn.judge.replays",
}  # fmt: skip
"""What takes long to load, and is needed for what is new, broken or rarely asked alone."""


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert mmscn.__version__ == project["version"]


def test_the_version_costs_no_imports() -> None:
    code = (
        "import sys; from mmscn.cli.cli import main; main(['--version']); print(sorted("
        "{'lark', 'attr', 'pygments', 'click', 'importlib.metadata'} & {*sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == f"mmscn {mmscn.__version__}\n[]\n"


def test_a_scenario_that_is_known_costs_few_imports(tmp_path: Path) -> None:
    text = (SCENARIOS / "holds.mmscn").read_text("utf-8")
    code = (
        "import sys; from mmscn.cli.cli import main; main(['run', 'holds.mmscn', '--json'])\n"
        f"print(sorted({LOADED_LATE} & {{*sys.modules}}))"
    )
    new = text + "// a comment more\n"
    loaded = "['attr', 'inspect']", "[]", "['attr', 'inspect']", "[]"
    for given, modules in zip((text, text, new, new), loaded, strict=True):
        (tmp_path / "holds.mmscn").write_text(given, "utf-8")
        found = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "MMSCN_CACHE": str(tmp_path / "cache")},
        )
        assert found.stdout.splitlines()[-1] == modules


def test_checking_what_is_known_costs_few_imports(tmp_path: Path) -> None:
    code = (
        "import sys; from mmscn.cli.cli import main; main(['check', 'holds.mmscn', '--strict'])\n"
        f"print(sorted({LOADED_LATE} & {{*sys.modules}}))"
    )
    (tmp_path / "holds.mmscn").write_text((SCENARIOS / "holds.mmscn").read_text("utf-8"), "utf-8")
    for modules in ("['attr', 'inspect']", "[]"):
        found = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "MMSCN_CACHE": str(tmp_path / "cache")},
        )
        assert found.stdout.splitlines() == ["holds.mmscn: no errors in 1 combination", modules]


FEW = ["matrix.mmscn", "outcomes.mmscn", "undeclared.mmscn"]


def commands(files: list[str]) -> list[list[str]]:
    return [
        ["dis", "matrix.mmscn"],
        ["dis", "matrix.mmscn", "--passes"],
        ["run", "matrix.mmscn", "--steps", "--no-reduce"],
        ["run", *files, "--diagrams", "all"],
        ["check", *files],
        ["list"],
        ["explain"],
    ]


EACH = """
import json, sys
from mmscn.cli.cli import main
print(json.dumps([main(args) for args in json.loads(sys.argv[1]) if not print("$", *args)]))
"""
"""Runs one command after the other; the last line has their exit codes."""


@pytest.mark.parametrize(
    ("other", "files"), [("1", FEW), pytest.param("2", ["."], marks=pytest.mark.slow)]
)
def test_the_same_input_gives_the_same_output(other: str, files: list[str]) -> None:
    """Whatever the seed is that hashes of texts begin with."""
    outputs = [
        subprocess.run(
            [sys.executable, "-c", EACH, json.dumps(commands(files))],
            capture_output=True,
            text=True,
            cwd=SCENARIOS,
            env={**os.environ, "PYTHONHASHSEED": seed, "MMSCN_CACHE": ""},
        )
        for seed in ("0", other)
    ]
    first, second = [re.split(r"^\$ ", o.stdout, flags=re.MULTILINE) for o in outputs]
    assert json.loads(first[-1].splitlines()[-1]) == [0, 0, 0, 2, 2, 0, 0]
    assert [len(part.splitlines()) > 2 for part in first[1:]] == [True] * 7
    for one, same in zip(first, second, strict=True):
        assert one == same
    assert len({o.stderr for o in outputs}) == 1


def test_a_terminal_without_unicode_gets_escapes() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "mmscn", "check", "-"],
        input='scenario s\nsource "caf\u00e9" \u00e9\n',
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        encoding="utf-8",
    )
    assert ended.returncode == 2
    assert "\\xe9" in ended.stderr


def test_a_reader_that_has_seen_enough_ends_it_quietly() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "mmscn", "explain"]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (PIPE_CLOSED, "")


def test_a_file_of_ones_own_is_found_without_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.mmscn").write_text("scenario own\n", "utf-8")
    monkeypatch.setattr(shipped, "read_header", None)
    assert targets(["own.mmscn", "."]) == [Target("own.mmscn")]


def test_what_is_left_at_the_end_is_not_looked_through() -> None:
    code = (
        "import gc, sys; from mmscn.cli.cli import main\n"
        "main(['--version']); inside = gc.get_freeze_count()\n"
        "sys.argv = ['mmscn', '--version']; main(); print(inside, gc.get_freeze_count() > 1000)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.splitlines()[-1] == "0 True"


ENDING = """
import atexit, gc, os, sys
from mmscn.cli.cli import main
class Kept:
    def __del__(self, write=os.write):
        write(1, b"let go\\n")
kept = Kept()
{before}
code = main()
gc.unfreeze()
atexit.register(print, "called")
{behind}
"""
"""Runs the command of its arguments, as the process's own."""


@pytest.mark.parametrize(
    ("args", "before", "behind", "told", "status"),
    [
        (["--version"], "", "", ["called"], 0),
        (["run", "--nothing"], "", "sys.exit(code)", ["called"], 2),
        (["--version"], "", "raise ValueError", ["called", "let go"], 1),
        (["--version"], "atexit.register(print, 'first')", "", ["called", "first", "let go"], 0),
    ],
)
def test_a_process_ends_at_once_where_nothing_is_left_to_be_called(
    args: list[str], before: str, behind: str, told: list[str], status: int
) -> None:
    code = ENDING.format(before=before, behind=behind)
    ended = subprocess.run([sys.executable, "-c", code, *args], capture_output=True, text=True)
    lines = [line for line in ended.stdout.splitlines() if not line.startswith("mmscn ")]
    assert (lines, ended.returncode) == (told, status)


def test_named_tuples_of_a_known_run_have_their_types_as_types(tmp_path: Path) -> None:
    """As texts, each is compiled when the class is made."""
    code = (
        "import sys, typing; from mmscn.cli.cli import main; main(['run', 'holds.mmscn'])\n"
        "named = {kind for module in list(sys.modules.values()) for kind in vars(module).values()\n"
        "         if isinstance(kind, type) and hasattr(kind, '_field_defaults')\n"
        "         and kind.__module__.startswith('mmscn')}\n"
        "texts = {kind.__name__ for kind in named for what in kind.__annotations__.values()\n"
        "         if isinstance(what, typing.ForwardRef)}\n"
        "print(len(named) > 30, sorted(texts))"
    )
    env = {**os.environ, "MMSCN_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", code]
    for _ in range(2):
        found = subprocess.run(command, capture_output=True, text=True, cwd=SCENARIOS, env=env)
    assert found.stdout.splitlines()[-1] == "True []"
