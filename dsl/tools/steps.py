"""A trace, step by step, in the words of the scenario."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from attrs import evolve, frozen

from mmscn.check.core import Apply, Assert, Assign, Bug, Call, Cell, Checked, Expr, If, Local, Stmt
from mmscn.check.values import Value
from mmscn.lower.compiled import Compiled, Line
from mmscn.runtime.result import Trace
from mmscn.source import Span
from mmscn.tools.notes import (
    CellKey,
    Cells,
    Snapshot,
    Thing,
    scalar_text,
    snapshots,
    things,
    value_text,
)
from mmscn.tools.touches import UNKNOWN, Statements, Touch, by_origin, evaluate, guards, touch

TLB, PTE = "cpu.tlb", "va.pte"
"""What hw.mmu calls the two places of a translation."""


NAME = re.compile(r"\b(?!(?:and|or|not|in|implies|true|false|none)\b)[a-z_]\w*", re.IGNORECASE)

MARK = "mark."
"""How the families begin that `mark` statements set."""

HIDDEN_LOCALS = ("spinlocks held", ")")
"""How locals end that the author did not write: what is counted, and what a call returns."""


@frozen(kw_only=True)
class Change:
    """A thing and its value before and after a step.

    quiet: not worth a note in a drawing. version: it holds one. cells: those of the thing that are
    changed, or looked at; none for a local.
    """

    what: str
    before: str
    after: str
    quiet: bool = False
    version: bool = False
    cells: frozenset[CellKey] = frozenset()

    def __str__(self) -> str:
        return f"{self.what}: {self.before} -> {self.after}"


@frozen(kw_only=True)
class Broken:
    """An assertion or a BUG at the end of a step that begins with something else."""

    calls: tuple[Call, ...]
    text: str
    values: tuple[str, ...]


@frozen(kw_only=True)
class Step:
    """One step of a trace.

    number: from 1. cpu: whose column it belongs to, None for a device. actor:
    the thread, or the piece of hardware. calls: the calls around it, without
    the machine's own. instruction: the machine's instruction that it is a part
    of, if it is. text: that instruction, or the statement, with the outcome of
    a condition. kept, read: what it writes without a change, and what it reads.
    remark: what the text does not say. touch: the cells that it reads and
    writes. violates: the names of the checks that it breaks. marks: the `mark`
    statements that it goes on to. broken: the statement that breaks a check,
    where the step is known by another one.
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
    kept: tuple[Change, ...]
    read: tuple[Change, ...]
    touch: Touch
    remark: str | None
    violates: tuple[str, ...]
    marks: tuple[str, ...]
    broken: Broken | None

    @property
    def hardware(self) -> bool:
        return self.thread is None

    @property
    def place(self) -> str:
        """`zap.mmscn:12`: the file, or the module, and the line."""
        return f"{self.span.source.name.rpartition('/')[2]}:{self.span.line}"

    @property
    def notes(self) -> tuple[Change, ...]:
        """The changes that are worth a note."""
        return tuple(c for c in self.changes if not c.quiet)


def steps(compiled: Compiled, trace: Trace) -> tuple[Step, ...]:
    """The steps of a trace of `compiled.program`."""
    checked = compiled.checked
    states = snapshots(compiled, trace)
    known = things(compiled)
    statements = by_origin(checked)
    locals_: dict[int, Value] = {}
    made = []
    for number, (rule_id, (before, after)) in enumerate(
        zip(trace.rules, pairwise(states), strict=True), 1
    ):
        rule = compiled.program.rules[rule_id]
        line = compiled.lines[rule.origin]
        origin = checked.origins[line.origins[0]]
        before = evolve(before, locals={**before.locals, **locals_})
        touched = touch(statements, line.origins, before, guards(compiled, rule))
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
                text=instruction.text()
                if instruction
                else _text(checked, statements, line, before),
                span=instruction.span if instruction else origin.span,
                changes=_changes(checked, known, before, after)
                + _local_changes(checked, touched, before),
                kept=_same(checked, known, touched.writes, before, after),
                read=_same(checked, known, touched.reads, before, before),
                touch=touched,
                remark=_remark(touched, before.cells),
                violates=tuple(
                    dict.fromkeys(checked.checks[compiled.checks[c]].name for c in rule.violates)
                ),
                marks=_marks(checked, statements, line),
                broken=_broken(checked, statements, line, touched) if rule.violates else None,
            )
        )
        for n, value in touched.locals.items():
            locals_.pop(n, None)
            if value is not UNKNOWN:
                locals_[n] = value
    return tuple(made)


def _marks(checked: Checked, statements: Statements, line: Line) -> tuple[str, ...]:
    texts = []
    for number in line.origins:
        for s in statements.get(number, ()):
            if isinstance(s, Assign) and any(
                isinstance(target, Cell) and target.family.startswith(MARK) for target in s.targets
            ):
                texts.append(checked.origins[number].text())
    return tuple(texts)


def _broken(checked: Checked, statements: Statements, line: Line, touched: Touch) -> Broken | None:
    """The statement behind the first that a violation is about; locals as it sees them."""
    for number, at in zip(line.origins[1:], touched.seen[1:], strict=True):
        for s in statements.get(number, ()):
            if isinstance(s, Assert) and evaluate(s.condition, at) is True:
                continue
            if isinstance(s, Assert | Bug) and number != line.origins[0]:
                origin = checked.origins[number]
                calls, _ = opened(origin.path, origin.span)
                values: tuple[str, ...] = ()
                if isinstance(s, Assert):
                    values = local_values(checked, s.condition, at, origin.text())
                return Broken(calls=calls, text=origin.text(), values=values)
    return None


def local_values(checked: Checked, e: Expr, at: Snapshot, text: str) -> tuple[str, ...]:
    """`seen = v1`: the locals that the expression of a statement looks at.

    What a call has returned may be a local of another name than in the text;
    it has the text's where there is only one of each.
    """
    numbers = dict.fromkeys(_locals(e))
    names = dict.fromkeys(NAME.findall(text.partition(" ")[2]))
    found = []
    for number in numbers:
        local = checked.locals[number]
        name = next(iter(names)) if len(names) == len(numbers) == 1 else local.name
        if number in at.locals:
            found.append(f"{name} = {scalar_text(at.locals[number], version=local.version)}")
    return tuple(dict.fromkeys(found))


def _locals(e: Expr) -> Iterator[int]:
    match e:
        case Local(number=number):
            yield number
        case Apply(args=args):
            for a in args:
                yield from _locals(a)
        case Cell(index=index):
            for i in index:
                yield from _locals(i)


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
        if any(_changes_cell(s) for s in statements.get(n, ()))
    ]
    return f"atomic {{ {'; '.join(dict.fromkeys(texts))} }}" if texts else "atomic"


def _changes_cell(s: Stmt) -> bool:
    return isinstance(s, Assign) and not s.ghost and any(isinstance(c, Cell) for c in s.targets)


# ---- changes ----------------------------------------------------------------


def _changes(
    checked: Checked, known: tuple[Thing, ...], before: Snapshot, after: Snapshot
) -> tuple[Change, ...]:
    made = []
    for thing in known:
        keys = (key for _, key in thing.members)
        changed = frozenset(key for key in keys if before.cells[key] != after.cells[key])
        if not changed:
            continue
        made.append(
            Change(
                what=thing.name,
                before=value_text(checked, thing, before.cells),
                after=value_text(checked, thing, after.cells),
                quiet=thing.quiet,
                version=any(checked.families[family].version for family, _ in changed),
                cells=changed,
            )
        )
    return tuple(made)


def _same(
    checked: Checked,
    known: tuple[Thing, ...],
    touched: frozenset[CellKey],
    before: Snapshot,
    after: Snapshot,
) -> tuple[Change, ...]:
    """Of what is touched, the things that keep their value."""
    made = []
    for thing in known:
        keys = frozenset(key for _, key in thing.members)
        if keys & touched and all(before.cells[key] == after.cells[key] for key in keys):
            value = value_text(checked, thing, after.cells)
            made.append(
                Change(
                    what=thing.name,
                    before=value,
                    after=value,
                    quiet=thing.quiet,
                    cells=keys & touched,
                )
            )
    return tuple(made)


def _local_changes(checked: Checked, touched: Touch, before: Snapshot) -> tuple[Change, ...]:
    """The locals that the step assigns, also where the value is the same."""
    made = []
    for number, value in touched.locals.items():
        local = checked.locals[number]
        first = None if None in local.domain else local.domain[0]
        if value is not UNKNOWN and not local.name.endswith(HIDDEN_LOCALS):
            made.append(
                Change(
                    what=local.name,
                    before=scalar_text(before.locals.get(number, first), version=local.version),
                    after=scalar_text(value, version=local.version),
                    quiet=True,
                )
            )
    return tuple(made)


def _remark(touched: Touch, cells: Cells) -> str | None:
    """Whether the step went through a TLB entry that the page table does not grant."""
    both = touched.reads | touched.writes
    entries = {i for f, i in touched.reads if f.startswith(f"{TLB}.") and len(i) == 2}
    memory = any(f.startswith("frame.") for f, _ in both)
    for index in sorted(entries, key=str):
        cpu, va = index
        walked = any(f.startswith(f"{PTE}.") and i == (va,) for f, i in both)
        if not memory or walked or cells.get((f"{TLB}.page", index)) is None:
            continue
        store = any(f.startswith("frame.") for f, _ in touched.writes)
        if not _granted(cells, index, (va,), store=store):
            return f"through the stale TLB{getattr(cpu, 'number', '')} entry"
    return None


def _granted(
    cells: Cells, entry: tuple[Value, ...], page: tuple[Value, ...], *, store: bool
) -> bool:
    """Whether the page table has what the entry has; a bit that nothing keeps counts as set."""

    def tlb(member: str) -> Value:
        return cells.get((f"{TLB}.{member}", entry), True)

    def pte(member: str) -> Value:
        return cells.get((f"{PTE}.{member}", page), True)

    if not pte("present") or pte("page") != tlb("page"):
        return False
    return not store or bool(pte("write") and (pte("dirty") or not tlb("dirty")))


# ---- as text and as JSON ----------------------------------------------------


def list_steps(compiled: Compiled, trace: Trace) -> str:
    """Every step with its number, actor, position, and all that it changes."""
    found = steps(compiled, trace)
    who = max((len(_who(s)) for s in found), default=0)
    digits = len(str(len(found)))
    lines = []
    open_: tuple[Call, ...] = ()
    for s in found:
        if s.calls and s.calls != open_:
            where = " > ".join(call.text() for call in s.calls)
            lines.append(f"{'':{digits}}  {_who(s):{who}}  in {where}")
        open_ = s.calls
        text = f"{s.number:{digits}}  {_who(s):{who}}  {s.text}"
        lines.append(f"{text}{f' ({s.remark})' if s.remark else ''}  @ {s.place}")
        margin = " " * (digits + who + 6)
        lines += [f"{margin}[{change}]" for change in s.changes if change.before != change.after]
        if s.broken:
            lines.append(f"{margin}{s.broken.text}")
        if s.violates:
            lines.append(f"{margin}<--- VIOLATED {', '.join(s.violates)}")
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _who(s: Step) -> str:
    if s.cpu is None:
        return s.actor
    return f"CPU{s.cpu} {f'({s.actor})' if s.hardware else s.actor}"


def trace_json(compiled: Compiled, trace: Trace) -> dict[str, object]:
    """A trace as the JSON result has it."""
    return {
        "steps": [
            {
                "n": s.number,
                "cpu": s.cpu,
                "actor": s.actor,
                "text": s.text,
                "calls": [call.text() for call in s.calls],
                "line": s.span.line,
                "file": s.span.source.name.rpartition("/")[2],
                "changes": [
                    {"what": c.what, "from": c.before, "to": c.after}
                    for c in s.changes
                    if c.before != c.after
                ],
                "hardware": s.hardware,
                "remark": s.remark,
                "violates": list(s.violates),
            }
            for s in steps(compiled, trace)
        ],
        "switches": trace.switches,
        "shortest": trace.shortest,
    }
