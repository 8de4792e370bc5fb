"""Workers in this process, of which some die."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Container
from typing import Any

from mmscn.cli.workers import Died, Workers, guarded


class Here(Workers):
    """Does a piece when it is waited for, the last that was begun first.

    dying: the numbers of the pieces over which a worker dies, each once. What goes in and out has
    travelled. closed: whether it was.
    """

    def __init__(self, count: int, dying: Container[int] = ()) -> None:
        self.places = count
        self.dying = dying
        self.waiting: list[tuple[int, bytes]] = []
        self.begun = 0
        self.closed = False

    @property
    def count(self) -> int:
        return self.places

    def begin(self, work: Callable[[Any], Any], piece: Any) -> int:
        self.begun += 1
        self.waiting.append((self.begun, pickle.dumps((work, piece))))
        return self.begun

    def ended(self) -> tuple[int, Any]:
        number, data = self.waiting.pop()
        if number in self.dying:
            return number, Died("it was killed")
        work, piece = pickle.loads(data)
        return number, pickle.loads(pickle.dumps(guarded(work, piece)))

    def close(self) -> None:
        self.closed = True
