"""Work side by side leaves nothing behind."""

from __future__ import annotations

import contextlib
import threading

import pytest

from mmscn.cli.parallel import mapped
from mmscn.cli.workers import Lost

PIECES = [-1, -2, -3, -4]


def inverse(number: int) -> float:
    return 1 / number


def test_results_come_in_the_order_of_the_pieces() -> None:
    assert list(mapped(abs, PIECES, 2)) == [1, 2, 3, 4]


@pytest.mark.parametrize("pieces", [PIECES, [1, 0, 1, 1]], ids=["all end", "one raises"])
def test_nothing_of_the_pool_is_alive_at_the_end(pieces: list[int]) -> None:
    """What is left would be waited for at exit, where the pool's pipes are closed already."""
    before = set(threading.enumerate())
    with contextlib.suppress(Lost):
        list(mapped(inverse, pieces, 2))
    assert set(threading.enumerate()) <= before
