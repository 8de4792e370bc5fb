"""A document that a command has made: to a file, or to the standard output."""

from __future__ import annotations

import sys
from pathlib import Path

from mmscn.judge.exits import Usage
from mmscn.judge.targets import STDIN
from mmscn.replace import replace_file


def write_to(output: str | None, made: str) -> None:
    """output: a file, replaced as a whole; None and `-` are the standard output.

    Raises Usage where it cannot be written.
    """
    if output is None or output == STDIN:
        sys.stdout.write(made)
        return
    try:
        replace_file(Path(output), made.encode("utf-8"))
    except OSError as problem:
        raise Usage(f"{output} cannot be written: {problem.strerror or problem}") from problem
