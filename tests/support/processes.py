"""Code in processes of its own, in which texts have other hashes."""

from __future__ import annotations

import os
import subprocess
import sys

SEEDS = ("1", "2")


def told_under_seeds(code: str, data: bytes = b"") -> set[str]:
    """What processes with different hashes of texts write. data: for each to read."""
    return {
        subprocess.run(
            [sys.executable, "-c", code],
            input=data,
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.decode()
        for seed in SEEDS
    }
