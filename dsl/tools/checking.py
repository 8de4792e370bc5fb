"""`mmscn check`: everything but the search."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from mmscn.diagnostics import Rejected
from mmscn.tools import exits
from mmscn.tools.paint import say
from mmscn.tools.selection import Broken, defined, targets_of


def check_all(words: Sequence[str], *, every: bool, define: Sequence[str], color: str) -> int:
    params = defined(define)
    chosen = targets_of(words, every=every)
    broken = Broken(color)
    codes: list[int] = []
    for target in chosen:
        try:
            scenario = target.load(modules=True)
            combinations = scenario.combinations(params)
            for values in combinations:
                scenario.checked(values)
        except Rejected as problem:
            broken.add(target, problem.diagnostics)
            codes.append(exits.USAGE)
        except OSError as problem:
            reason = problem.strerror or str(problem)
            say(f"mmscn: cannot read {target.path}: {reason}", sys.stderr)
            codes.append(exits.USAGE)
        else:
            count = len(combinations)
            plural = "" if count == 1 else "s"
            say(f"{target.path}: no errors in {count} combination{plural}")
            codes.append(exits.OK)
    if not codes:
        sys.stderr.write("nothing was selected\n")
        codes.append(exits.VACUOUS)
    return exits.worst(codes)
