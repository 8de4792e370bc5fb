"""How far a long search is: a line on a terminal, erased when it ends; elsewhere one each 10 s."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from mmscn.judge.exits import is_terminal
from mmscn.plain_text import counted, printable
from mmscn.runtime.result import Limits

SILENT_S = 0.5
BETWEEN_S = 0.2
LINES_BETWEEN_S = 10.0
"""Where there is no terminal."""
LINE = 79


class Meter:
    """Shows states, states/s, depth, frontier and memory of a run that takes longer than SILENT_S,
    and how much of its limits that is.

    With `on` false it shows nothing. Without a terminal it writes a line every LINES_BETWEEN_S.
    """

    def __init__(
        self,
        *,
        on: bool,
        limits: Limits,
        terminal: bool = True,
        stream: TextIO = sys.stderr,
    ) -> None:
        self.on = on
        self.limits = limits
        self.terminal = terminal
        self.columns = LINE
        self.stream = stream
        self.begin("")

    def begin(self, what: str) -> None:
        """A run begins; `what` names it."""
        self.what = what
        self.started = self.last = time.monotonic()
        self.shown = False
        if self.terminal and self.on:
            from shutil import get_terminal_size

            self.columns = max(20, get_terminal_size((LINE + 1, 24)).columns - 1)

    def __call__(self, states: int, transitions: int, depth: int, frontier: int) -> None:
        now = time.monotonic()
        elapsed = now - self.started
        between = BETWEEN_S if self.terminal else LINES_BETWEEN_S
        if not self.on or elapsed < SILENT_S or now - self.last < between:
            return
        self.last = now
        text = (
            f"{self.what}: {counted(states, 'state')}{self.share(states, depth, elapsed)}, "
            f"{states / elapsed:.0f}/s, depth {depth}, frontier {frontier}, {memory_mb():.0f} MB"
        )
        if self.terminal:
            self.shown = True
            text = f"\r{text[: self.columns]:<{self.columns}}"
        else:
            text = f"mmscn: {text}\n"
        self.stream.write(text)
        self.stream.flush()

    def share(self, states: int, depth: int, elapsed: float) -> str:
        """` (40% of --states)`: of the limit that is nearest.

        Memory is left out: what the process has used at most may be an earlier run's.
        """
        limits = self.limits
        bounds = (
            ("states", states, limits.states),
            ("depth", depth, limits.depth),
            ("time", elapsed, limits.time_s),
        )
        shares = [(used / most, name) for name, used, most in bounds if most]
        if not shares:
            return ""
        share, name = max(shares)
        return f" ({share:.0%} of --{name})"

    def end(self) -> None:
        """Erase the line."""
        if self.shown:
            self.stream.write(f"\r{'':<{self.columns}}\r")
            self.stream.flush()
            self.shown = False


class Tally:
    """How many of so many things are done: as a `Meter`, of what is no search."""

    def __init__(self, what: str, of: int, stream: TextIO | None = None) -> None:
        self.what = what
        self.of = of
        self.done = 0
        self.stream = sys.stderr if stream is None else stream
        self.terminal = is_terminal(self.stream)
        self.last = time.monotonic()
        self.shown = False

    def __call__(self, name: str) -> None:
        """One more is done: this one."""
        self.done += 1
        now = time.monotonic()
        if now - self.last < (BETWEEN_S if self.terminal else LINES_BETWEEN_S):
            return
        self.last = now
        text = f"{self.what}: {self.done} of {self.of}, {name}"
        if self.terminal:
            self.shown = True
            self.stream.write(f"\r{printable(text)[:LINE]:<{LINE}}")
        else:
            self.stream.write(f"mmscn: {printable(text)}\n")
        self.stream.flush()

    def end(self) -> None:
        """Erase the line."""
        if self.shown:
            self.stream.write(f"\r{'':<{LINE}}\r")
            self.stream.flush()
            self.shown = False


def terminal_columns() -> int | None:
    """How wide the terminal is that the output goes to, 20 at least; None where it goes to none."""
    if not is_terminal(sys.stdout):
        return None
    from shutil import get_terminal_size

    return max(20, get_terminal_size((LINE + 1, 24)).columns)


def memory_mb() -> float:
    """The most that this process has used, in mebibytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
