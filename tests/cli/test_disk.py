"""`--disk`: a search that memory has no room for goes on in a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mmscn.cli.cli import main

pytest.importorskip("mmscn.runtime.native", reason="a disk is the native executor's")
SIZE = ["-D", "NW=2", "-D", "NP=1", "-D", "K=2", "-D", "Z=2"]


def result(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    main(["run", *words, "--json"])
    (scenario,) = json.loads(capsys.readouterr().out)["scenarios"]
    (run,) = scenario["runs"]
    for changing in ("seconds", "bytes_per_state"):
        run["stats"].pop(changing)
    run["bounds"]["limits"].pop("memory_mb")
    found: dict[str, object] = run
    return found


@pytest.mark.parametrize("variant", ["1", "2"])
def test_what_is_found_is_what_more_memory_finds(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, variant: str
) -> None:
    size = [*SIZE, "-D", f"VAR={variant}", "--no-reduce"]
    whole = result(capsys, "tlb", *size)
    few = ["tlb", *size, "--memory", "1"]
    assert result(capsys, *few) != whole
    assert result(capsys, *few, "--disk", str(tmp_path)) == whole
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    none = str(tmp_path / "none")
    assert main(["run", "tlb", *SIZE, "-D", "VAR=2", "--disk", none]) == 2
    assert f"--disk {none}: No such file or directory" in capsys.readouterr().err


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    program = """
import resource, sys
from mmscn.cli.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
raise SystemExit(main(sys.argv[1:]))
"""
    words = ["run", "tlb", *SIZE, "-D", "VAR=2", "--no-reduce", "--memory", "1"]
    words += ["--disk", str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].endswith(f"--disk {tmp_path}: File too large")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--checkpoint", "f"], "--checkpoint is of a search in memory"),
        (["--executor", "python"], "a disk is used by the native executor"),
        (["--simulate", "9"], "--disk is about a search"),
        (["--cluster", "local"], "--disk is a folder of this machine"),
    ],
)
def test_what_does_not_go_with_it_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, more: list[str], said: str
) -> None:
    assert main(["run", "tlb", *SIZE, "-D", "VAR=2", "--disk", str(tmp_path), *more]) == 2
    assert said in capsys.readouterr().err
