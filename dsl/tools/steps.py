"""A trace, step by step, in the words of the scenario."""

from __future__ import annotations

from itertools import pairwise

from attrs import frozen

from mmscn.check.core import Assign, Call, Checked, If, Origin
from mmscn.lower.compiled import Compiled, Line
from mmscn.runtime.result import Trace
from mmscn.source import Span
from mmscn.tools.notes import CellKey, Cells, Snapshot, Thing, snapshots, things, value_text
from mmscn.tools.touches import UNKNOWN, Statements, Touch, by_origin, evaluate, touch

TLB, PTE = "cpu.tlb", "va.pte"
"""What hw.mmu calls the two places of a translation."""


@frozen(kw_only=True)
class Change:
    """A thing that has another value after a step. quiet: not worth a note in a drawing."""

    what: str
    before: str
    after: str
    quiet: bool = False

    def __str__(self) -> str:
        return f"{self.what}: {self.before} -> {self.after}"


@frozen(kw_only=True)
class Step:
    """One step of a trace.

    number: from 1. cpu: whose column it belongs to, None for a device. actor:
    the thread, or the piece of hardware. calls: the calls around it, without
    the machine's own. instruction: the machine's instruction that it is a part
    of, if it is. text: that instruction, or the statement, with the outcome of
    a condition. remark: what the text does not say. touch: the cells that it
    reads and writes. violates: the names of the checks that it breaks.
    """

    number: int
    cpu: int | None
    actor: str
    thread: int | None
    calls: tuple[Call, ...]
    instruction: Call | None
    text: str
    span: Span
    changes: tuple[Change, ...]
    touch: Touch
    remark: str | None
    violates: tuple[str, ...]

    @property
    def hardware(self) -> bool:
        return self.thread is None

    @property
    def notes(self) -> tuple[Change, ...]:
        """The changes that are worth a note."""
        return tuple(c for c in self.changes if not c.quiet)


def steps(compiled: Compiled, trace: Trace) -> tuple[Step, ...]:
    """The steps of a trace of `compiled.program`."""
    checked = compiled.checked
    states = snapshots(compiled, trace)
    known = things(checked)
    statements = by_origin(checked)
    made = []
    for number, (rule_id, (before, after)) in enumerate(
        zip(trace.rules, pairwise(states), strict=True), 1
    ):
        rule = compiled.program.rules[rule_id]
        line = compiled.lines[rule.origin]
        origin = checked.origins[line.origins[0]]
        touched = touch(statements, line.origins, before)
        calls, instruction = opened(origin.path, origin.span)
        if line.thread is None:
            calls, instruction = (), origin.path[0] if origin.path else None
        made.append(
            Step(
                number=number,
                cpu=line.cpu,
                actor=_actor(checked, line),
                thread=line.thread,
                calls=calls,
                instruction=instruction,
                text=instruction.text() if instruction else _text(checked, statements, line, before),
                span=(calls[0].span if calls and instruction else origin.span),
                changes=_changes(checked, known, before, after)
                + _local_changes(checked, statements, line, before, after),
                touch=touched,
                remark=_remark(touched, before.cells),
                violates=tuple(
                    dict.fromkeys(
                        checked.checks[compiled.checks[c]].name for c in rule.violates
                    )
                ),
            )
        )
    return tuple(made)


def opened(path: tuple[Call, ...], span: Span) -> tuple[tuple[Call, ...], Call | None]:
    """The calls to show around a step, and the instruction that it is a part of.

    What an instruction calls in its own module is its own affair; from there
    on where it calls another one (a fault handler) the calls are shown again.
    """
    first = next((i for i, call in enumerate(path) if call.instruction), None)
    if first is None:
        return path, None
    within = [call.span.source.name for call in path[1:]] + [span.source.name]
    for i in range(first + 1, len(path)):
        if within[i] != within[first]:
            inner, instruction = opened(path[i:], span)
            return path[:first] + inner, instruction
    return path[:first], path[first]


def _actor(checked: Checked, line: Line) -> str:
    if line.thread is not None:
        return checked.threads[line.thread].name
    assert line.agent is not None
    return checked.agents[line.agent].name.rpartition(".")[0].partition("[cpu ")[0]


def _text(checked: Checked, statements: Statements, line: Line, before: Snapshot) -> str:
    origin = checked.origins[line.origins[0]]
    text = origin.text()
    if text == "atomic":
        return _atomic(checked, statements, line)
    for s in statements.get(line.origins[0], ()):
        if isinstance(s, If):
            outcome = evaluate(s.condition, before)
            if outcome is not UNKNOWN and text.startswith("if "):
                return f"{text}: {'yes' if outcome else 'no'}"
    return text


def _atomic(checked: Checked, statements: Statements, line: Line) -> str:
    """The assignments that an `atomic` ran, as one line."""
    texts = [
        checked.origins[n].text()
        for n in line.origins[1:]
        if any(isinstance(s, Assign) and not s.ghost for s in statements.get(n, ()))
    ]
    return f"atomic {{ {'; '.join(dict.fromkeys(texts))} }}" if texts else "atomic"


# ---- changes ----------------------------------------------------------------


def _changes(
    checked: Checked, known: tuple[Thing, ...], before: Snapshot, after: Snapshot
) -> tuple[Change, ...]:
    made = []
    for thing in known:
        if all(before.cells[key] == after.cells[key] for _, key in thing.members):
            continue
        made.append(
            Change(
                what=thing.name,
                before=value_text(checked, thing, before.cells),
                after=value_text(checked, thing, after.cells),
                quiet=thing.quiet,
            )
        )
    return tuple(made)


def _local_changes(
    checked: Checked, statements: Statements, line: Line, before: Snapshot, after: Snapshot
) -> tuple[Change, ...]:
    """The locals that the step assigns, and not those that nobody reads any more."""
    from mmscn.check.core import Local
    from mmscn.tools.notes import scalar_text

    made: dict[int, Change] = {}
    for origin in line.origins:
        for s in statements.get(origin, ()):
            if not isinstance(s, Assign):
                continue
            for target in s.targets:
                if not isinstance(target, Local) or target.number not in after.locals:
                    continue
                old, new = before.locals[target.number], after.locals[target.number]
                local = checked.locals[target.number]
                if old != new:
                    made[target.number] = Change(
                        what=local.name,
                        before=scalar_text(old, version=local.version),
                        after=scalar_text(new, version=local.version),
                        quiet=True,
                    )
    return tuple(made.values())


def _remark(touched: Touch, cells: Cells) -> str | None:
    """Whether the step went through a TLB entry that the page table does not grant."""
    for family, index in sorted(touched.reads, key=lambda key: (key[0], str(key[1]))):
        if family != f"{TLB}.present" or not cells[family, index]:
            continue
        cpu, va = index
        walked = any(k[0].startswith(f"{PTE}.") and k[1] == (va,) for k in _all(touched))
        memory = any(k[0].startswith("frame.") for k in _all(touched))
        if walked or not memory:
            continue
        store = any(k[0].startswith("frame.") for k in touched.writes)
        if not _granted(cells, index, (va,), store=store):
            return f"through the stale TLB{getattr(cpu, 'number', '')} entry"
    return None


def _all(touched: Touch) -> frozenset[CellKey]:
    return touched.reads | touched.writes


def _granted(
    cells: Cells, entry: CellKey[1], page: CellKey[1], *, store: bool
) -> bool:
    def tlb(member: str) -> object:
        return cells.get((f"{TLB}.{member}", entry))

    def pte(member: str) -> object:
        return cells.get((f"{PTE}.{member}", page))

    if not pte("present") or pte("page") != tlb("page"):
        return False
    return not store or bool(pte("write") and (pte("dirty") or not tlb("dirty")))
