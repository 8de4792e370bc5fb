"""Why nothing is proved: a side condition that is not met, in words."""

from __future__ import annotations

from mmscn.source import Span


class Refused(Exception):
    """A side condition is not met. reason: which, in words. span: where, if at one place."""

    def __init__(self, reason: str, span: Span | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.span = span
