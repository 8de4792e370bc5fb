"""The last line of a run of many scenarios: how many came out as expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mmscn.plain_text import counted
from mmscn.runtime.result import Verdict


def summary(reasons: Sequence[Verdict], *, scenarios: int, rejected: int = 0) -> str:
    """`8 runs of 2 scenarios: 7 as expected, 1 not`, without the line's end.

    reasons: of each run, HOLDS where it is as expected.
    """
    count = Counter(reasons)
    words = {
        Verdict.VIOLATED: "not",
        Verdict.UNDECIDED: "not decided",
        Verdict.VACUOUS: "vacuous",
    }
    parts = [
        f"{count[Verdict.HOLDS]} as expected",
        *(f"{count[why]} {word}" for why, word in words.items() if count[why]),
        f"{counted(rejected, 'scenario')} rejected" if rejected else "",
    ]
    of = f" of {scenarios} scenarios" if scenarios > 1 else ""
    return f"{counted(len(reasons), 'run')}{of}: {', '.join(p for p in parts if p)}"
