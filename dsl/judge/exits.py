"""How a command ends: exit codes, as the README lists them, and words that make no sense."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mmscn.runtime.result import Verdict

if TYPE_CHECKING:
    from mmscn.judge.report import Report

OK, REFUTED, USAGE, UNDECIDED, VACUOUS = 0, 1, 2, 3, 4
INTERRUPTED = 130
WORST_FIRST = (INTERRUPTED, USAGE, REFUTED, UNDECIDED, VACUOUS)
BY_REASON = {
    Verdict.VIOLATED: REFUTED,
    Verdict.UNDECIDED: UNDECIDED,
    Verdict.VACUOUS: VACUOUS,
}


class Usage(Exception):
    """A command line that cannot be followed; the text says why."""


def worst(codes: Sequence[int]) -> int:
    """The exit code of a command whose parts ended with these."""
    return next((code for code in WORST_FIRST if code in codes), OK)


def exit_code(report: Report) -> int:
    """Of one scenario."""
    reasons = {u.because for r in report.runs for u in r.unmet}
    codes = [INTERRUPTED] if report.interrupted else []
    codes += [code for reason, code in BY_REASON.items() if reason in reasons]
    if not report.runs and not report.interrupted:
        codes.append(VACUOUS)
    return worst(codes)


def is_terminal(stream: Any) -> bool:
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"
