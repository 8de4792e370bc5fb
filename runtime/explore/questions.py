"""What a search asks of every state, asked once for all states that look alike.

A question is dropped when some state has answered it with yes: the depth of a
check is that of its first violation, and a covered check stays covered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from operator import or_

from mmscn.runtime.explore.packed import Predicate

SEEN_BITS_MAX = 20
"""Questions are asked together while they see at most this many bits."""

REMEMBERED_MAX = 1 << 20
"""Of the looks of one lot; they start again when there are more."""

Answer = Callable[[], None]
"""What to do at the first yes."""


class Questions:
    """Questions that no state has answered yes to so far."""

    def __init__(self, asked: Iterable[tuple[Predicate, Answer]]) -> None:
        self._lots = [_Lot(lot) for lot in _lots(asked)]

    def ask(self, states: Iterable[int]) -> None:
        """Ask all states; `states` is gone through more than once."""
        for lot in self._lots:
            lot.ask(states)
        if not all(lot.questions for lot in self._lots):
            self._lots = [lot for lot in self._lots if lot.questions]


class _Lot:
    """Questions that see the same few bits."""

    def __init__(self, questions: list[tuple[Predicate, Answer]]) -> None:
        self.questions = questions
        self._see()

    def _see(self) -> None:
        self._seen = reduce(or_, (p.footprint for p, _ in self.questions), 0)
        self._looks: set[int] = set()

    def ask(self, states: Iterable[int]) -> None:
        looks = set(map(self._seen.__and__, states)) - self._looks
        if not looks:
            return
        if len(self._looks) > REMEMBERED_MAX:
            self._looks = set()
        self._looks |= looks
        open_ = []
        for question, answer in self.questions:
            if any(map(question.holds, looks)):
                answer()
            else:
                open_.append((question, answer))
        if len(open_) < len(self.questions):
            self.questions = open_
            looks_seen, before = self._looks, self._seen
            self._see()
            if self._seen == before:
                self._looks = looks_seen


def _lots(asked: Iterable[tuple[Predicate, Answer]]) -> Iterator[list[tuple[Predicate, Answer]]]:
    lots: list[tuple[int, list[tuple[Predicate, Answer]]]] = []
    for question in asked:
        own = question[0].footprint
        for i, (seen, lot) in enumerate(lots):
            if (seen | own) in (seen, own) or (seen | own).bit_count() <= SEEN_BITS_MAX:
                lots[i] = (seen | own, [*lot, question])
                break
        else:
            lots.append((own, [question]))
    for _, lot in lots:
        yield lot
