"""How long scenarios took when they were run before: what took long is begun first.

Kept in the user's own folder, by the text alone. Nothing but the order in which scenarios are
searched follows from it.
"""

from __future__ import annotations

from mmscn import cache as store
from mmscn.diagnostics import Rejected
from mmscn.judge.targets import Target

CHARS_A_SECOND = 1_000_000
"""Of texts that were never run, the longest goes first, before none that took long."""

LEAST_S = 0.2
"""What takes less is not worth a file."""


def file_of(target: Target) -> str | None:
    try:
        return f"seconds-{store.key(target.path, target.source().text)}"
    except (OSError, Rejected):
        return None


def expected(target: Target) -> float:
    """Seconds, as far as they are known."""
    file = file_of(target)
    data = store.read(file) if file is not None else None
    if file is None:
        return 0.0
    try:
        return float(data) if data is not None else len(target.source().text) / CHARS_A_SECOND
    except ValueError:
        return 0.0


def remember(target: Target, seconds: float) -> None:
    file = file_of(target) if seconds >= LEAST_S else None
    if file is not None:
        store.write(file, f"{seconds:.1f}".encode())
