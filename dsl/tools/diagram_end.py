"""What stands below a drawing: the state that breaks a property, who waits for what."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.check.core import Await, CheckInfo, Expr
from mmscn.check.values import Elem, show
from mmscn.lower.compiled import Compiled
from mmscn.runtime.bytecode import Process, State
from mmscn.runtime.interpreter import dispatched, read
from mmscn.runtime.result import Trace
from mmscn.tools.diagram_columns import GAP, MARGIN, broken, notes_in_a_row
from mmscn.tools.notes import Snapshot, snapshots, things, value_text
from mmscn.tools.steps import Step, opened
from mmscn.tools.touches import by_origin, cells_read

VALUES_MAX = 6


def last_lines(
    compiled: Compiled, trace: Trace, info: CheckInfo, found: tuple[Step, ...], width: int
) -> list[str]:
    """The lines below the columns; none where the violation is marked in them."""
    broken_ = mark(info)
    match info.kind:
        case "deadlock":
            return [
                "",
                *with_mark("no thread can go on:", [], broken_, width),
                *deadlock(compiled, trace, found, width),
            ]
        case "finally":
            return [
                "",
                *with_mark("in the end", values(compiled, trace, info, found), broken_, width),
            ]
        case "reachable":
            shown = values(compiled, trace, info, found)
            return ["", *with_mark("reached", shown, mark(info, "REACHED"), width)]
    return [] if found else ["", *with_mark("at the start", [], broken_, width)]


def mark(info: CheckInfo, word: str = "VIOLATED", beside: str = "") -> str:
    """`<--- VIOLATED no_lost_write`; without the name where it stands beside it already."""
    name = info.name if info.name.replace("_", "").isalnum() else f'"{info.name}"'
    return f"<--- {word}" if name in beside else f"<--- {word} {name}"


def with_mark(what: str, shown: list[str], mark: str, width: int) -> list[str]:
    lines = notes_in_a_row(what, shown, width)
    if len(lines[-1]) + GAP + len(mark) <= width:
        return [*lines[:-1], lines[-1] + mark.rjust(width - len(lines[-1]))]
    return [*lines, mark.rjust(width)]


def values(compiled: Compiled, trace: Trace, info: CheckInfo, found: tuple[Step, ...]) -> list[str]:
    """The things that a condition of states looks at and that the trace has changed."""
    if info.condition is None:
        return []
    last = snapshots(compiled, trace)[-1]
    keys = set(cells_read(info.condition, last))
    changed = {c.what for s in found for c in s.changes}
    shown = [
        f"[{thing.name}: {value_text(compiled.checked, thing, last.cells)}]"
        for thing in things(compiled)
        if not thing.quiet
        and thing.name in changed
        and any(key in keys for _, key in thing.members)
    ]
    return shown[:VALUES_MAX] + (["..."] if len(shown) > VALUES_MAX else [])


# ---- deadlocks --------------------------------------------------------------


def deadlock(compiled: Compiled, trace: Trace, found: tuple[Step, ...], width: int) -> list[str]:
    """Who waits at which statement, and who has the lock that it wants."""
    last = snapshots(compiled, trace)[-1]
    lines = []
    for n, thread in enumerate(compiled.checked.threads):
        process = process_of(compiled, n)
        if thread.daemon or process is None or process.pc is None:
            continue
        if read(compiled.program, trace.states[-1], process.pc) in process.rest:
            continue
        text, holders = waits(compiled, process, trace.states[-1], last)
        before = [s.text for s in found if s.thread == n]
        if text is not None:
            line = f"{thread.name} waits at {text}"
        elif before:
            line = f"{thread.name} is stuck in {before[-1]}"
        else:
            line = f"{thread.name} cannot begin"
        if holders:
            line += f", held by {' and '.join(holders)}"
        lines += broken(f"CPU{thread.cpu}: {line}", MARGIN + 2, MARGIN + 6, width)
    return lines


def process_of(compiled: Compiled, thread: int) -> Process | None:
    """The process of a thread: the one whose rules are the thread's."""
    for rule in compiled.program.rules:
        if compiled.lines[rule.origin].thread == thread:
            return compiled.program.processes[rule.process]
    return None


def waits(
    compiled: Compiled, process: Process, state: State, last: Snapshot
) -> tuple[str | None, list[str]]:
    """The statement that a thread stands at, and the threads that hold what it wants.

    None where the machine has no rule that could ever move it on.
    """
    rules = dispatched(compiled.program, process, state)
    lines = [compiled.lines[compiled.program.rules[r].origin] for r in rules]
    numbers = [number for line in lines for number in line.origins[:2]]
    if not numbers:
        return None, []
    origin = compiled.checked.origins[numbers[0]]
    calls, instruction = opened(origin.path, origin.span)
    text = instruction.text() if instruction else origin.text()
    where = f" in {calls[-1].text()}" if calls else ""
    statements = by_origin(compiled.checked)
    holders: dict[str, None] = {}
    for number in numbers:
        for s in statements.get(number, ()):
            if isinstance(s, Await):
                holders.update(dict.fromkeys(owners(compiled, s.condition, last)))
    return text + where, list(holders)


def owners(compiled: Compiled, e: Expr, last: Snapshot) -> Iterator[str]:
    """The threads that own the locks that a condition looks at."""
    families = compiled.checked.families
    for family, index in cells_read(e, last):
        value = last.cells.get((family, index))
        lock = family.removesuffix(".readers")
        if families[family].lock is not None and isinstance(value, Elem):
            yield show(value)
        elif lock != family and families[lock].lock is not None and value is True:
            yield show(index[-1])
