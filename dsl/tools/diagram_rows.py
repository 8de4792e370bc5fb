"""Which steps of a trace are drawn, and as which lines.

Drawn are the steps that change something worth a note, those that meet
another CPU's (they read what it writes, or take its lock), the machine's
instructions, and the author's own statements. What lies between is `...`.
"""

from __future__ import annotations

import re

from attrs import define, evolve, field, frozen

from mmscn.check.core import Call
from mmscn.tools.notes import CellKey
from mmscn.tools.steps import Change, Step

CALL = "==> "
INDENT = 2

ASSIGNMENT = re.compile(
    r"(?!let |var |if |while |atomic |assert |await )[^=]* [-+]?= (?!xchg |cmpxchg |trylock ).*"
)
"""A statement of which the notes say all."""
BOUND_OPERATION = re.compile(r"(?:let|var) \w+ = (?=(?:xchg|cmpxchg|load|trylock) )")
RESULT = re.compile(r"(?:(?:let|var) )?(\w+) = ")
WAITING = re.compile(r"(?:lock|unlock|await) ")
LOCKING = re.compile(r"(?:lock|unlock) ")
VERSION = re.compile(r"v\d+")


@frozen(kw_only=True)
class Row:
    """One line of a drawing, before it has its place.

    column: index into the drawing's columns. indent: within the column.
    hang: how much deeper it goes on where it has to be broken. remark: behind
    the text. mark: at the right edge.
    """

    column: int
    indent: int
    text: str
    hang: int = 4
    remark: str | None = None
    mark: str | None = None


@frozen(kw_only=True)
class Piece:
    """What is drawn together: one step, or all of an instruction that nobody came between."""

    steps: tuple[Step, ...]
    notes: tuple[Change, ...]
    goes_on: bool = False

    @property
    def step(self) -> Step:
        return self.steps[0]


def column_of(s: Step) -> tuple[int, str]:
    """What steps of one column have in common: the CPU, or the device's name."""
    return (s.cpu, "") if s.cpu is not None else (-1, s.actor)


def pieces(
    all_steps: tuple[Step, ...], *, full: bool, locks: bool
) -> tuple[Piece | Step, ...]:
    """What is drawn, in order; a step by itself is one that is left out.

    full: all of them. locks: all that take or release a lock, too.
    """
    wanted = interesting(all_steps)
    made: list[Piece | Step] = []
    begun: set[int] = set()
    last: Piece | None = None
    for s in all_steps:
        same = s.instruction is not None and id(s.instruction) in begun and not s.hardware
        if same and last is not None and last.step.instruction is s.instruction:
            at = made.index(last)
            last = evolve(last, steps=(*last.steps, s), notes=together(last.notes, s.notes))
            made[at] = last
            continue
        if same:
            shown = bool(s.notes or s.remark or s.violates or s.marks)
            shown = shown or full or s is all_steps[-1]
        else:
            shown = full or s.number in wanted or (locks and LOCKING.match(s.text) is not None)
        if s.instruction is not None:
            begun.add(id(s.instruction))
        if not shown:
            made.append(s)
            continue
        last = Piece(steps=(s,), notes=s.notes, goes_on=same)
        made.append(last)
    return tuple(made)


def together(first: tuple[Change, ...], then: tuple[Change, ...]) -> tuple[Change, ...]:
    """The changes of two steps as those of one."""
    found = {c.what: c for c in first}
    for c in then:
        found[c.what] = evolve(found[c.what], after=c.after) if c.what in found else c
    return tuple(c for c in found.values() if c.before != c.after)


def interesting(all_steps: tuple[Step, ...]) -> frozenset[int]:
    """The numbers of the steps to draw."""
    writers: dict[CellKey, set[tuple[int, str]]] = {}
    readers: dict[CellKey, set[tuple[int, str]]] = {}
    for s in all_steps:
        for key in s.touch.writes:
            writers.setdefault(key, set()).add(who(s))
        for key in s.touch.reads:
            readers.setdefault(key, set()).add(who(s))
    found = set()
    changed: set[CellKey] = set()
    for s in all_steps:
        me = {who(s)}
        met = any(writers.get(key, me) - me for key in s.touch.reads | s.touch.writes) or any(
            readers.get(key, me) - me for key in s.touch.writes
        )
        if not LOCKING.match(s.text):
            met = met or bool(s.touch.reads & changed)
            changed |= s.touch.writes
        own = not s.calls and not s.text.startswith("if ")
        if s.notes or s.violates or s.instruction or s.remark or s.marks or met or own:
            found.add(s.number)
    if all_steps:
        found.add(all_steps[-1].number)
    return frozenset(found)


def who(s: Step) -> tuple[int, str]:
    return (s.thread if s.thread is not None else -1, s.actor if s.hardware else "")


def alone(all_steps: tuple[Step, ...]) -> frozenset[int]:
    """The numbers of the steps that are the only one of their innermost call, and not the last."""
    sizes: dict[int, int] = {}
    final: dict[str, int] = {}
    for s in all_steps:
        final[s.actor] = s.number
        for call in s.calls:
            sizes[id(call)] = sizes.get(id(call), 0) + 1
    return frozenset(
        s.number
        for s in all_steps
        if s.calls and sizes[id(s.calls[-1])] == 1 and final[s.actor] != s.number
    )


# ---- lines ------------------------------------------------------------------


@define
class Story:
    """Lines one after the other.

    shared: the columns in which several threads act. alone: the numbers of the
    steps that are all of a call. open: the calls that each thread has open.
    left_out: the calls around what was left out last, by thread, for those in
    `elided`. on: who ran last on a CPU. last: who acted last.
    """

    columns: tuple[tuple[int, str], ...]
    shared: frozenset[tuple[int, str]]
    alone: frozenset[int]
    rows: list[Row] = field(factory=list)
    open: dict[str, tuple[Call, ...]] = field(factory=dict)
    left_out: dict[str, tuple[Call, ...]] = field(factory=dict)
    elided: set[str] = field(factory=set)
    on: dict[tuple[int, str], str] = field(factory=dict)
    last: str | None = None

    def leave_out(self, s: Step) -> None:
        if not s.hardware and s.instruction is None and not LOCKING.match(s.text):
            self.left_out[s.actor] = s.calls
            self.elided.add(s.actor)

    def tell(self, p: Piece) -> None:
        s = p.step
        column = self.columns.index(column_of(s))
        if s.hardware:
            text = f"({s.actor}: {s.text})" if s.cpu is not None else s.text
            self.add(column, 0, text, remark=s.remark)
            self.note(column, INDENT, p.notes)
            self.last = None
            return
        self.change_thread(column, s)
        folds = self.folds(p)
        depth = self.enter(column, s.actor, s.calls)
        if folds:
            self.note(column, depth, p.notes)
        elif not (p.goes_on and p.step.marks and not p.notes):
            text = f"({s.text} goes on)" if p.goes_on else BOUND_OPERATION.sub("", s.text)
            remark = next((x.remark for x in p.steps if x.remark), None)
            self.add(column, depth, text, remark=remark)
            self.note(column, depth + INDENT, p.notes)
            if not p.notes:
                self.still(column, depth + INDENT, p)
            if not p.notes or "load " in s.text:
                self.read(column, depth + INDENT, p)
        self.last = s.actor
        for x in p.steps:
            for text in x.marks:
                self.add(column, 0, text)
            if x.broken:
                depth = self.enter(column, s.actor, x.broken.calls)
                self.add(column, depth, x.broken.text)
                for value in x.broken.values:
                    self.add(column, depth + INDENT, f"[{value}]")

    def change_thread(self, column: int, s: Step) -> None:
        """Say who runs where a CPU has several threads."""
        key = self.columns[column]
        if key in self.shared and self.on.get(key) != s.actor:
            self.add(column, 0, f"<{s.actor}>")
        self.on[key] = s.actor

    def enter(self, column: int, actor: str, calls: tuple[Call, ...]) -> int:
        """Open the calls that are not open; gives the indentation within them.

        Steps that were left out are `...`, in the innermost call that goes on.
        """
        before = self.open.get(actor)
        common = shared_calls(before or (), calls)
        hidden = self.left_out.pop(actor, ())
        back, ahead = shared_calls(hidden, before or ()), shared_calls(hidden, calls)
        elided = actor in self.elided
        self.elided.discard(actor)
        if elided and before is not None and back >= ahead:
            self.add(column, back * INDENT, "...")
        for depth, call in enumerate(calls[common:], common):
            arrow = CALL if depth else ""
            self.add(column, depth * INDENT, arrow + call.text(), hang=len(CALL) + 4)
            if elided and ahead == depth + 1 and ahead > back:
                self.add(column, ahead * INDENT, "...")
        self.open[actor] = calls
        return len(calls) * INDENT

    def folds(self, p: Piece) -> bool:
        """Whether the notes, or the call around it, say all that the step's text would."""
        s = p.step
        if not s.calls or s.instruction is not None or s.violates or s.remark:
            return False
        fresh = s.calls[-1] not in self.open.get(s.actor, ())
        if p.notes:
            return bool(ASSIGNMENT.fullmatch(s.text)) and (fresh or self.last == s.actor)
        return fresh and s.number in self.alone and bool(WAITING.match(s.text))

    def note(self, column: int, indent: int, notes: tuple[Change, ...]) -> None:
        for change in notes:
            self.add(column, indent, f"[{change}]")

    def still(self, column: int, indent: int, p: Piece) -> None:
        """That a statement has written what was there already."""
        if p.step.instruction is None and ASSIGNMENT.fullmatch(p.step.text):
            for name, value in p.step.kept:
                self.add(column, indent, f"[{name}: still {value}]")

    def read(self, column: int, indent: int, p: Piece) -> None:
        """What a step has found that puts something into a local."""
        bound = RESULT.match(p.step.text)
        if bound is None:
            return
        found = [c for s in p.steps for c in s.changes if c.quiet]
        named = [c for c in found if c.what == bound[1]]
        if not named and p.step.instruction is not None:
            named = [c for c in found if VERSION.fullmatch(c.after)]
        if named:
            self.add(column, indent, f"[{bound[1]} = {named[-1].after}]")

    def add(
        self, column: int, indent: int, text: str, *, remark: str | None = None, hang: int = 4
    ) -> None:
        self.rows.append(
            Row(column=column, indent=indent, text=text, remark=remark, hang=hang)
        )


def shared_calls(one: tuple[Call, ...], other: tuple[Call, ...]) -> int:
    """How many calls, from the outermost on, are the same."""
    count = 0
    while count < min(len(one), len(other)) and one[count] is other[count]:
        count += 1
    return count
