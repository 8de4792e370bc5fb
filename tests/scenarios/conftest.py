"""What the tests of the library share: one run of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def findings() -> dict[str, list[tuple[str, list[str]]]]:
    """What `findings.py` says about every shipped scenario."""
    done = subprocess.run(
        [sys.executable, str(HERE / "findings.py")],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    found: dict[str, list[tuple[str, list[str]]]] = json.loads(done.stdout)
    return found
