"""Running the command line, and the scenarios that it is run on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from mmscn.cli import parallel
from mmscn.cli.cli import main


class Ended(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    out: str
    err: str


SCENARIOS = Path(__file__).parent / "scenarios"
Command = Callable[..., Ended]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No further process is started for several scenarios: for tests that are not about these."""
    monkeypatch.setattr(parallel, "FEWEST", sys.maxsize)


@pytest.fixture
def mmscn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """mmscn("run", "matrix.mmscn"): the command, in the folder of the scenarios."""
    monkeypatch.chdir(SCENARIOS)

    def run(*args: str) -> Ended:
        capsys.readouterr()
        code = main([*args])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return run
