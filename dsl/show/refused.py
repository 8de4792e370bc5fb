"""That a result cannot be shown in a format."""

from __future__ import annotations


class Refused(Exception):
    """What cannot be drawn; the text says why, and what to do."""
