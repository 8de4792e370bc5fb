"""`pip install` with and without a compiler, plain and editable, into a target of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.house import ROOT

pytestmark = pytest.mark.slow

TRY = """
from mmscn.runtime.bytecode import Program
try:
    from mmscn.runtime import native
except ImportError as error:
    print("ImportError")
else:
    print(native.search(Program(
        words=1, fields=(), initial=((0,),), processes=(), rules=())).states, native.__file__)
"""


def install(tmp_path: Path, compiler: str, *options: str) -> str:
    """What a fresh environment prints for TRY after an installation from a copy of the tree."""
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "build", "*.so", "__pycache__", "*.egg-info")
    shutil.copytree(ROOT, source, ignore=ignored)
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    python = venv / "bin" / "python"
    environment = {**os.environ, "CC": compiler}
    environment.pop("PYTHONPATH", None)
    built = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *options, str(source)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    tried = subprocess.run(
        [python, "-c", TRY], env=environment, capture_output=True, text=True, cwd=tmp_path
    )
    assert tried.returncode == 0, tried.stderr
    return tried.stdout


@pytest.mark.parametrize("options", [(), ("--editable",)], ids=["plain", "editable"])
def test_without_a_compiler_the_installation_succeeds_and_native_is_missing(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    assert install(tmp_path, "/bin/false", *options) == "ImportError\n"


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc to build the extension with")
@pytest.mark.parametrize("options", [(), ("--editable",)], ids=["plain", "editable"])
def test_with_a_compiler_the_native_executor_is_built(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    states, where = install(tmp_path, "gcc", *options).split()
    assert states == "1"
    assert where.startswith(str(tmp_path))
