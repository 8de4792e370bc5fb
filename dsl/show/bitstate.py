"""What a search says that remembered bits of states."""

from __future__ import annotations

from mmscn.plain_text import counted
from mmscn.runtime.result import Bitstate


def taken(states: int, found: Bitstate) -> str:
    """How full a table of bits is, and how many states were taken for others."""
    full = f"{found.mb} MB, {percent(found.filled)} of the bits set"
    if found.taken < 1:
        return f"{full}; less than one state is expected to have been taken for another"
    about = f"about {counted(round(found.taken), 'state')}"
    share = percent(found.taken / (states + found.taken))
    were = "was" if about.endswith(" state") else "were"
    rest = "taken for others, and what only they lead to was missed, too"
    return f"{full}; {about} ({share} of those met) {were} {rest}"


def percent(share: float) -> str:
    """With two digits that say something."""
    number = 100 * share
    digits = 0 if number >= 10 else 1 if number >= 1 else 2 if number >= 0.1 else 4
    return f"{number:.{digits}f} %"
