"""Completion: what a line may go on with, and that the shells that are installed take it."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command import Command

from mmscn.cli.completion import SCRIPTS

RACE = """scenario race "One"
param zap = rc2 | linus | 0..2 "who flushes"
var x: 0..1
thread t { x = 1 }
finally x == 1
"""


@pytest.mark.parametrize(
    ("line", "some"),
    [
        ("mmscn ru", ["run"]),
        ("mmscn litmus imp", ["import"]),
        ("mmscn completion ", ["bash", "zsh", "fish"]),
        ("mmscn run --fail", ["--fail-fast"]),
        ("mmscn run fadvise_f", ["fadvise_freeze"]),
        ("mmscn run --quiet fadvise_f", ["fadvise_freeze"]),
        ("mmscn run --time 3 fadvise_f", ["fadvise_freeze"]),
        ("mmscn explain MM317", ["MM317"]),
        ("mmscn explain fadvise_f", ["fadvise_freeze"]),
        ("mmscn run MM3", []),
        ("mmscn run --diagrams f", ["first"]),
        ("mmscn run --diagrams=f", ["--diagrams=first"]),
        ("mmscn run --no-reduce=al", ["--no-reduce=alike"]),
        ("mmscn run --no-reduce=fuse,al", ["--no-reduce=fuse,alike"]),
        ("mmscn run --output-format js", ["json", "jsonl"]),
        ("mmscn ablate --only fl", ["flush"]),
        ("mmscn run race.mmscn -D za", ["zap="]),
        ("mmscn run race.mmscn -D zap=", ["zap=rc2", "zap=linus", "zap=0", "zap=1", "zap=2"]),
        ("mmscn run race.mmscn -D zap=l", ["zap=linus"]),
        ("mmscn run race.mmscn -D 'zap=rc2|l", ["zap=rc2|linus"]),
        ("mmscn run race.mmscn -D spec_fill=o", ["spec_fill=on", "spec_fill=off"]),
        ("mmscn run -D za", []),
        ("mmscn run broken.mmscn -D za", []),
        ("mmscn run nothing.mmscn -D za", []),
        ("mmscn run rac", ["race.mmscn", "racewrite", "racewrite_any", "racewrite_rounds"]),
        ("mmscn run sub", ["sub/"]),
        ("mmscn run sub/", ["sub/inner.mmscn"]),
        ("mmscn new ", []),
        ("mmscn nothing ", []),
        ("mmscn run nowhere/", []),
    ],
)
def test_a_line_goes_on_with(
    line: str, some: list[str], mmscn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "race.mmscn").write_text(RACE)
    (tmp_path / "broken.mmscn").write_text("scenario broken\nvar\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "inner.mmscn").write_text(RACE)
    (tmp_path / "sub" / "notes.txt").write_text("")
    monkeypatch.chdir(tmp_path)
    found = mmscn("completion", "--line", line)
    assert (found.code, found.err) == (0, "")
    assert sorted(answer.partition("\t")[0] for answer in found.out.splitlines()) == sorted(some)


def test_an_answer_says_what_it_is(mmscn: Command, tmp_path: Path) -> None:
    file = tmp_path / "race.mmscn"
    file.write_text(RACE)
    assert mmscn("completion", "--line", f"mmscn run {file} -D zap").out == "zap=\twho flushes\n"


def test_without_a_shell_it_says_which_there_are(mmscn: Command) -> None:
    found = mmscn("completion")
    assert found.code == 2
    assert "name a shell: bash, zsh or fish" in found.err


# ---- in the shells ------------------------------------------------------------


def typed(shell: list[str], setup: str, keys: str, folder: Path) -> str:
    """What a shell at a terminal shows for a line that ends with a Tab, put behind `echo`."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.environ |= {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        os.environ |= {"TERM": "dumb", "HOME": str(folder), "COLUMNS": "200"}
        os.execvp(shell[0], shell)
    shown = b""
    try:
        os.write(terminal, f"{setup}; echo is-''ready\n".encode())
        shown = until(terminal, b"is-ready")
        os.write(terminal, f"{keys}\t".encode())
        os.write(terminal, b"\x01echo 'now: \x05'\n")
        shown += until(terminal, b"\nnow: ")
        return until(terminal, b"\n", shown.partition(b"\nnow: ")[2]).decode().splitlines()[0]
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)


def until(terminal: int, end: bytes, shown: bytes = b"") -> bytes:
    """What is shown up to something; fails where it does not come within two minutes."""
    deadline = time.monotonic() + 120
    while end not in shown:
        left = deadline - time.monotonic()
        ready, _, _ = select.select([terminal], [], [], max(left, 0))
        assert ready, shown
        shown += os.read(terminal, 4096)
    return shown


def in_bash(keys: str, folder: Path) -> str:
    shell = ["bash", "--norc", "--noprofile", "-i"]
    return typed(shell, "source <(mmscn completion bash)", keys, folder)


def in_zsh(keys: str, folder: Path) -> str:
    setup = "bindkey -e; autoload -U compinit; compinit -u; source <(mmscn completion zsh)"
    return typed(["zsh", "-f", "-i"], setup, keys, folder)


def in_fish(keys: str, folder: Path) -> str:
    """Fish completes without a terminal, too."""
    file = folder / "mmscn.fish"
    file.write_text(SCRIPTS["fish"])
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    found = subprocess.run(
        ["fish", "--no-config", "-c", f"source {file}; complete -C '{keys}'"],
        cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (answer,) = found.stdout.splitlines()
    return keys.rpartition(" ")[0] + " " + answer.partition("\t")[0]


SHELLS: dict[str, Callable[[str, Path], str]] = {"bash": in_bash, "zsh": in_zsh, "fish": in_fish}


@pytest.mark.slow  # begins a shell for each line
@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_completes_a_line(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    (tmp_path / "race.mmscn").write_text(RACE)
    complete = SHELLS[shell]
    for keys, whole in (
        ("mmscn run fadvise_f", "mmscn run fadvise_freeze"),
        ("mmscn run race.mmscn -D zap=l", "mmscn run race.mmscn -D zap=linus"),
    ):
        assert complete(keys, tmp_path).rstrip() == whole
