"""`%%mmscn`: a cell of a notebook that is a scenario."""

from __future__ import annotations

import shlex
import sys
from typing import Any

from mmscn.diagnostics import Rejected
from mmscn.judge.api import loads
from mmscn.judge.report import Report
from mmscn.runtime.result import Limits
from mmscn.show.messages import messages

USAGE = "%%mmscn [-D NAME=VALUE]... [--time SECONDS]"
NAME = "<cell>"


def load(shell: Any) -> None:
    """What `%load_ext mmscn` does."""
    shell.register_magic_function(cell, "cell", "mmscn")


def cell(line: str, cell: str) -> Report | None:
    """Run a cell; its report shows itself. What is wrong with the text is told on stderr."""
    try:
        params, limits = given(line)
    except ValueError as problem:
        sys.stderr.write(f"{problem}; {USAGE}\n")
        return None
    try:
        scenario = loads(cell, name=NAME)
        if scenario.warnings:
            sys.stderr.write(messages(scenario.warnings))
        return scenario.check(params, limits=limits)
    except Rejected as problem:
        sys.stderr.write(messages(problem.diagnostics))
        return None


def given(line: str) -> tuple[dict[str, str], Limits]:
    """Raises ValueError for what is not understood."""
    params: dict[str, str] = {}
    limits = Limits()
    words = iter(shlex.split(line))
    for word in words:
        if word == "-D":
            name, equals, value = next(words, "").partition("=")
            if not (name and equals and value):
                raise ValueError("-D wants NAME=VALUE")
            params[name] = f"{params[name]}|{value}" if name in params else value
        elif word == "--time":
            limits = limits._replace(time_s=float(next(words, "")))
        else:
            raise ValueError(f"`{word}` is not understood")
    return params, limits
