"""When a search may end before it is complete: what counts as a violation there.

`first` is the first of any name, `unexpected` the first that no `expect` announces, and a number
so many names. A bound of the model that is met is none, and a `reachable` that is not met
is known only when all was looked at.
"""

from __future__ import annotations

from mmscn.judge.case import CaseFacts
from mmscn.runtime.result import Stop

FIRST, UNEXPECTED, NEVER = "first", "unexpected", "never"
"""The last is a command's, where another would count unless it is said."""

SMALL = 20_000
"""States of the unreduced program that are tried first, whatever searches them: which program is
searched decides what is violated first."""


def is_stop(word: str) -> bool:
    """Whether a word says when to end."""
    return word in (FIRST, UNEXPECTED) or (
        word.isascii() and word.isdecimal() and len(word) < 10 and int(word) > 0
    )


def stop_of(facts: CaseFacts, word: str) -> Stop:
    """What a word means for the checks of a combination."""
    announced = {name for e in facts.expects for name in e.violated}
    numbers: dict[str, int] = {}
    groups = []
    for asked in (facts.asked[n] for n in facts.checks):
        left = word == UNEXPECTED and asked.name in announced
        left = left or asked.kind == "bound"
        groups.append(-1 if left else numbers.setdefault(asked.name, len(numbers)))
    return Stop(tuple(groups), int(word) if word.isdecimal() else 1)
