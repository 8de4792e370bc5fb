"""Running SPIN, and what it makes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def run(*command: str, folder: Path, asked: int = 0) -> str:
    """What a command prints; fails where it does not end with 0."""
    environment = {**os.environ, "ASKED": str(asked)}
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
