"""What a verdict takes for granted, in words: bounds, machine, order of memory, reductions."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.check.order.orders import Order
from mmscn.check.values import show
from mmscn.explain.explanation import Explanation
from mmscn.judge.case import Bounds, asks
from mmscn.judge.forever import goes_round
from mmscn.plain_text import either
from mmscn.runtime.result import Limit
from mmscn.show.table import LIMITS

ORDERS: dict[Order, str] = {
    "sc": "each access of memory is one step, and all CPUs see them in one order",
    "tso": "stores wait in the buffer of their CPU, and all CPUs see them in one order (TSO)",
    "arm": "accesses are done in any order that Arm allows, and a store is seen by all other CPUs "
    "at once",
}
"""By the value of the knob `memory`."""


def assumptions(explanation: Explanation) -> list[str]:
    """One sentence each."""
    runs = explanation.report.runs
    known = [run.bounds for run in runs if run.bounds.cpus]
    found = [*bounds(known)]
    coverages = [e.coverage for e in explanation.combinations if e.coverage is not None]
    memory = dict.fromkeys(str(c.knobs.get("memory", "sc")) for c in coverages)
    found += [sentence for word in memory for order, sentence in ORDERS.items() if order == word]
    stated = dict.fromkeys(f"{n}={show(v)}" for b in known for n, v in b.knobs)
    if stated:
        found.append(f"the machine is as the scenario says: {', '.join(stated)}")
    found.append("every other knob has its default")
    for report in (*explanation.report.overrides, *explanation.report.stand_ins):
        found.append(f"replaced by the author: {report}")
    found += dict.fromkeys(note for run in runs for note in run.notes)
    cases = [run.case for run in runs if run.bounds.cpus]
    if any(goes_round(case.program) and not asks(case.program) for case in cases):
        found.append(
            "nothing is said of executions that go on for ever, and a thread has a loop; "
            "`check no_livelock` asks"
        )
    if any(c.reduced for c in coverages):
        found.append(
            "reductions that keep every verdict were used; `mmscn run --no-reduce` does without"
        )
    limits = {run.result.limit for run in runs if run.result.limit is not None}
    found += [f"undecided in part: {LIMITS[limit]}" for limit in Limit if limit in limits]
    return found


def bounds(known: list[Bounds]) -> Iterator[str]:
    if not known:
        return
    parts = [
        either((b.cpus for b in known), "CPU"),
        either((b.threads for b in known), "thread"),
        either((b.pages for b in known), "page"),
        either((b.frames for b in known), "frame"),
    ]
    yield f"there are {', '.join(parts)}; nothing is said of more"
    repeats = sorted({n for b in known for n in b.repeats})
    if repeats:
        yield f"loops go round {either(repeats, 'time')}; nothing is said of more"
