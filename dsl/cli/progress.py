"""How far a long search is, on a terminal's stderr; erased when it ends."""

from __future__ import annotations

import sys
import time
from typing import TextIO

SILENT_S = 0.5
BETWEEN_S = 0.2
LINE = 79


class Meter:
    """Shows states, states/s, depth, frontier and memory of a run that takes longer than SILENT_S.

    With `on` false it shows nothing: where stderr is no terminal.
    """

    def __init__(self, *, on: bool, stream: TextIO = sys.stderr) -> None:
        self.on = on
        self.stream = stream
        self.begin("")

    def begin(self, what: str) -> None:
        """A run begins; `what` names it."""
        self.what = what
        self.started = self.last = time.monotonic()
        self.shown = False

    def __call__(self, states: int, transitions: int, depth: int, frontier: int) -> None:
        now = time.monotonic()
        elapsed = now - self.started
        if not self.on or elapsed < SILENT_S or now - self.last < BETWEEN_S:
            return
        self.last, self.shown = now, True
        text = (
            f"{self.what}: {states} states, {states / elapsed:.0f}/s, depth {depth}, "
            f"frontier {frontier}, {memory_mb():.0f} MB"
        )
        self.stream.write(f"\r{text[:LINE]:<{LINE}}")
        self.stream.flush()

    def end(self) -> None:
        """Erase the line."""
        if self.shown:
            self.stream.write(f"\r{'':<{LINE}}\r")
            self.stream.flush()
            self.shown = False


def memory_mb() -> float:
    """The most that this process has used, in mebibytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
