"""The shortest path to what breaks a check, where several processes have searched together.

A search in which all levels are kept ends behind the one with the failure. Backward, each part says
of its states in a level which have a successor that lies on a shortest path; what all have said is
told to all for the level before. These are few, as a rule; among them the path is chosen here, by
the rules of `native.find_trace`, so it is the same path.
"""

from __future__ import annotations

from typing import Any

import mmscn.runtime.native._engine as _engine
from mmscn.runtime.bytecode import CheckId, Program
from mmscn.runtime.explore.partitioned import Gone, Lost, Partitioned, Parts
from mmscn.runtime.native import bounds, traced
from mmscn.runtime.native.encode import encode
from mmscn.runtime.result import Limits, Trace


def find_trace(program: Program, check: CheckId, parts: Parts, limits: Limits) -> Trace | None:
    """As of `native.find_trace`, but for deadlocks. parts: of a plan that is `tracing`."""
    search = Partitioned(program, parts, limits, None, wanted=check)
    while True:
        search.result(None)
        failure = search.statuses[check][0]
        if failure < 0:
            return None
        try:
            levels = backward(search, check, failure)
            break
        except Lost:
            search.begin_again()
    if levels is None:
        return None
    *_, memory_bytes = bounds(limits)
    return traced(check, _engine.choose(encode(program), check, levels, memory_bytes))


def backward(search: Partitioned, check: CheckId, failure: int) -> list[bytes] | None:
    """The states on shortest paths, by level; None where some part has no memory for them."""
    levels: list[bytes] = []
    after = b""
    for depth in reversed(range(failure)):
        parts, given = search.parts, search.parts.share(after)
        asked = (check, failure, depth, given)
        begun = [
            parts.begin(part, "mark", *asked, box) for part, box in enumerate(search.kept[depth])
        ]
        found = [marked(search, depth, part, asked, one) for part, one in enumerate(begun)]
        if None in found:
            return None
        after = b"".join(states for states in found if states is not None)
        levels.insert(0, after)
    return levels


def marked(search: Partitioned, depth: int, part: int, asked: Any, begun: Any) -> bytes | None:
    """What a part says; one that dies is replaced: it needs nothing but what it is asked."""
    answer = search.parts.end(begun)
    while isinstance(answer, Gone):
        search.died(answer.why)
        search.parts.replace(part)
        box = search.kept[depth][part]
        answer = search.parts.end(search.parts.begin(part, "mark", *asked, box))
    states: bytes | None = answer[0]
    return states
