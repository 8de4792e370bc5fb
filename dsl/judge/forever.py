"""What goes on for ever: searched when the states are known, and added to what they say.

The unreduced program is searched (`runtime.explore.liveness`), by Python alone, whatever executor
looked for the states: no reduction is known to keep what goes on for ever.
"""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.budget import left_s
from mmscn.judge.case import Case, asks
from mmscn.runtime.bytecode import CheckId, Op, Process, ProcessKind, Program
from mmscn.runtime.explore import elsewhere
from mmscn.runtime.explore.components import components
from mmscn.runtime.explore.executors import AUTO, Python
from mmscn.runtime.explore.liveness import search
from mmscn.runtime.fairness import breaks
from mmscn.runtime.interpreter import NotEnabled, VersionOverflow, replay
from mmscn.runtime.judged import trace_of
from mmscn.runtime.result import Limit, Limits, Result, Trace, Verdict

LIMITS = {
    Limit.STATES: "of states",
    Limit.DEPTH: "of depth",
    Limit.TIME: "of time",
    Limit.MEMORY: "of memory",
    Limit.VERSIONS: "of versions of content",
}


def with_forever(
    case: Case, result: Result, limits: Limits, executor: str = AUTO
) -> tuple[Result, tuple[str, ...]]:
    """The result with the verdicts about what goes on for ever, and what they take for granted.

    Where a limit ended the search for states, they stay undecided. executor: what was asked for;
    where that searches states only, a note says so.
    """
    program = case.program
    if not asks(program) or result.limit is not None:
        return result, ()
    left = [s for s in (limits.time_s and limits.time_s - result.seconds, left_s()) if s]
    time_s = max(0.001, min(left)) if left else None
    found = search(program, limits=limits._replace(time_s=time_s))
    case.lassos = found.lassos
    checks = tuple(found.results.get(c.check, c) for c in result.checks)
    limit = Limit.INTERRUPT if found.limit is Limit.INTERRUPT else None
    notes: tuple[str, ...] = ("".join(fairness(case)),)
    if elsewhere.CURRENT.get() is not None:
        notes += (
            "the states were searched by several workers; what goes on for ever is searched in "
            "Python, in one thread, here",
        )
    elif executor not in (AUTO, Python.name):
        notes += (
            f"the {executor} executor has searched the states; what goes on for ever is searched "
            "in Python, in one thread",
        )
    undecided = any(c.verdict is Verdict.UNDECIDED for c in found.results.values())
    if undecided and found.limit is not None and limit is None:
        which = LIMITS[found.limit]
        notes += (
            f"what goes on for ever is undecided: the limit {which} was reached at {found.states} "
            "states (they are searched without reductions)",
        )
    return result._replace(checks=checks, limit=limit), notes


def fairness(case: Case) -> Iterator[str]:
    """What is taken for granted of who gets on, in words."""
    program = case.program
    yield "fair: a thread or daemon that can go on at any time goes on in the end"
    agents = [p for p in program.processes if p.pc is None]
    if any(p.fair for p in agents):
        yield ", and hardware, interrupts among it, takes a step that it can take at any time"
    if not all(p.fair for p in agents):
        yield " (but none that it only may take)"
    if any(rule.granted for rule in program.rules):
        kinds = dict.fromkeys(kind for kind, granted in case.facts.locks if granted)
        yield f"; who waits for a {' or '.join(kinds)} gets it in the end"
    others = dict.fromkeys(kind for kind, granted in case.facts.locks if not granted)
    if others:
        yield f"; who waits for a {' or '.join(others)} may wait for ever"
    yield "; nothing else is fair: no `choose`, no `trylock`, no condition that comes and goes"


def goes_round(program: Program) -> bool:
    """Whether the code of some thread that has to end has a loop."""
    return any(
        process.kind is ProcessKind.THREAD and process.pc is not None and loops(program, process)
        for process in program.processes
    )


def loops(program: Program, process: Process) -> bool:
    assert process.pc is not None
    field = program.fields[process.pc]
    mask = (1 << field.width) - 1
    leads: dict[int, set[int]] = {}
    for at, rules in enumerate(process.dispatch):
        for r in rules:
            to = at
            for effect in program.rules[r].effects:
                if effect[0] == Op.PUT and effect[1] == field.word:
                    own = effect[2] >> field.shift & mask
                    to = to & ~own | effect[3] >> field.shift & own
            if not program.rules[r].halts:
                leads.setdefault(at, set()).add(to)
    found = components(range(len(process.dispatch)), lambda at: leads.get(at, ()))
    return any(len(c) > 1 or c[0] in leads.get(c[0], ()) for c in found)


def lasso_of(case: Case, check: CheckId) -> Trace | None:
    """The execution that breaks a check for ever, replayed and judged by the interpreter.

    None where there is none, or where its contents have not numbers enough to be told.
    """
    lasso = case.lassos.get(check)
    if lasso is None:
        return None
    program = case.program
    for index in range(len(program.initial)):
        try:
            states = replay(program, lasso.rules, index)
            if breaks(program, check, lasso.rules, states, lasso.loop):
                trace = trace_of(program, check, lasso.rules, states, shortest=False)
                return trace._replace(loop=lasso.loop)
        except NotEnabled:
            continue
        except VersionOverflow:
            return None
    from mmscn.judge.replays import Fault

    raise Fault(f"the execution that breaks check {check} for ever fails its replay")
