"""The fixtures `mmscn`, the command line, and `hasty`, whose time is over at once."""

from itertools import count

import pytest
from support.command import mmscn as mmscn

from mmscn import budget


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second goes by with each look at the clock."""
    monkeypatch.setattr(budget, "monotonic", count().__next__)
