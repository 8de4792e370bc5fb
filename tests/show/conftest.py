"""The fixtures `mmscn`, the command line, `alone`, in this process, and `hasty`, without time."""

from itertools import count

import pytest
from support.command import alone as alone
from support.command import mmscn as mmscn

from mmscn import budget


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second goes by with each look at the clock."""
    monkeypatch.setattr(budget, "monotonic", count().__next__)
