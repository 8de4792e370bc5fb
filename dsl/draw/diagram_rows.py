"""The lines of a drawing, before they have their place."""

from __future__ import annotations

from attrs import define, field, frozen

from mmscn.budget import polled
from mmscn.check.core import Call
from mmscn.draw.diagram_choice import Piece, Pieces
from mmscn.draw.steps import Change, Step
from mmscn.plain_text import counted

CALL = "==> "
INDENT = 2

ASSIGNING = ("assign", "atomic")
"""Statements of which the notes say all."""
WAITING = ("lock", "unlock", "trylock", "await")
GOES_ROUND = "--- from here, for ever ---"
RESTS = "--- from here, nothing happens any more ---"
LEFT_OUT_MIN = 3
"""Steps in a row that are worth a `...`, where nothing was changed by them."""


@frozen(eq=False, repr=False, kw_only=True)
class Row:
    """One line.

    column: index into the drawing's columns. indent: within the column.
    hang: how much deeper it goes on where it has to be broken. remark: behind
    the text. mark: at the right edge. across: it is about all columns.
    """

    column: int
    indent: int
    text: str
    hang: int = 4
    remark: str | None = None
    mark: str | None = None
    across: bool = False


Column = tuple[int, str]
"""A CPU, or -1 and the name of a device."""


def column_of(s: Step) -> Column:
    return (s.cpu, "") if s.cpu is not None else (-1, s.actor)


def rows(
    parts: Pieces,
    columns: tuple[Column, ...],
    *,
    folding: bool,
    locks: bool,
    loop: int | None = None,
) -> list[Row]:
    """All lines in order.

    folding: leave out a text that the notes or the call say again. locks: but
    keep what waits for one. loop: how many steps there are before it goes on for ever.
    """
    running: dict[Column, set[str]] = {}
    calls: dict[int, int] = {}
    for p in parts:
        if isinstance(p, Piece):
            if not p.step.hardware:
                running.setdefault(column_of(p.step), set()).add(p.step.actor)
            for call in p.calls:
                calls[id(call)] = calls.get(id(call), 0) + 1
    shared = frozenset(c for c, actors in running.items() if len(actors) > 1)
    story = Story(columns, shared, calls, folding, locks)
    last = max((n for n, p in enumerate(parts) if isinstance(p, Piece)), default=-1)
    for n, p in enumerate(polled(parts)):
        first = p.step if isinstance(p, Piece) else p
        if loop is not None and first.number == loop + 1:
            story.go_round()
        if isinstance(p, Piece):
            if n == last:
                story.count_left_out(but=p.step.actor)
            story.tell(p)
        else:
            story.leave_out(p)
    story.count_left_out()
    if loop is not None and all(isinstance(p, Step) or p.step.number <= loop for p in parts):
        story.go_round(RESTS)
    return story.rows


@define(eq=False, repr=False)
class Story:
    """Lines one after the other.

    shared: the columns in which several threads act. sizes: how many pieces
    each call has. open: the calls that each thread has open. left_out: by
    thread, the steps since its last line. on: who ran last on a CPU.
    last: who acted last.
    """

    columns: tuple[Column, ...]
    shared: frozenset[Column]
    sizes: dict[int, int]
    folding: bool
    locks: bool
    rows: list[Row] = field(factory=list)
    open: dict[str, tuple[Call, ...]] = field(factory=dict)
    left_out: dict[str, list[Step]] = field(factory=dict)
    on: dict[Column, str] = field(factory=dict)
    last: str | None = None

    def go_round(self, text: str = GOES_ROUND) -> None:
        """What stands in front of what goes on for ever."""
        self.count_left_out()
        self.left_out.clear()
        self.rows.append(Row(column=0, indent=0, text=text, across=True))

    def leave_out(self, s: Step) -> None:
        if not s.hardware and (s.notes or s.instruction is None):
            self.left_out.setdefault(s.actor, []).append(s)

    def count_left_out(self, *, but: str | None = None) -> None:
        """Say of which threads there is more than the lines so far."""
        for actor, skipped in list(self.left_out.items()):
            if actor != but and any(s.notes for s in skipped):
                s = skipped[0]
                if column_of(s) in self.columns:
                    column = self.columns.index(column_of(s))
                    self.change_thread(column, s)
                    self.enter(column, s, self.open.get(actor, ()))

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
        for text in s.begins:
            self.add(column, 0, text)
        fresh = bool(p.calls) and p.calls[-1] not in self.open.get(s.actor, ())
        depth = self.enter(column, s, p.calls)
        if p.bare:
            self.leave_out(s)
        else:
            self.statement(column, depth, p, fresh)
        for x in p.steps:
            for text in x.marks if x is s else (*x.begins, *x.marks):
                self.add(column, 0, text)
            if x.broken:
                around = tuple(c for c in x.broken.calls if c in p.calls)
                if x.broken.calls and x.broken.calls[-1] not in s.calls:
                    around = (*around, x.broken.calls[-1])
                depth = self.enter(column, s, around)
                self.add(column, depth, x.broken.text)
                for value in x.broken.values:
                    self.add(column, depth + INDENT, f"[{value}]")
        self.last = s.actor

    def statement(self, column: int, depth: int, p: Piece, fresh: bool) -> None:
        """The text of a piece, unless all is said without it, and what is to note."""
        s = p.step
        if self.folds(p, fresh):
            self.note(column, depth, p.notes)
            self.unchanged(column, depth, p)
            return
        if not (p.goes_on and s.marks and not p.notes):
            text = f"({s.text} goes on)" if p.goes_on else s.short
            remark = ", ".join([*s.branches, *(x.remark for x in p.steps if x.remark)]) or None
            self.add(column, depth, text, remark=remark)
            self.note(column, depth + INDENT, p.notes)
            self.unchanged(column, depth + INDENT, p)
            if s.violates and s.kind == "assert":
                for c in s.read:
                    self.add(column, depth + INDENT, f"[{c.what}: {c.after}]")
                for value in s.values:
                    self.add(column, depth + INDENT, f"[{value}]")

    def folds(self, p: Piece, fresh: bool) -> bool:
        """Whether the notes, or the call around it, say all that the text would."""
        s = p.step
        if not self.folding or not p.calls or s.instruction or s.remark or s.branches:
            return False
        if s.violates and s.broken is None:
            return False
        if s.kind in ASSIGNING:
            said = p.notes or p.still or [c for c in s.kept if not c.quiet]
            return bool(said) and (fresh or self.last == s.actor)
        if not fresh or len(p.calls) == 1 or self.sizes[id(p.calls[-1])] > 1:
            return False
        if s.kind in WAITING:
            return not self.locks
        return s.kind == "exchange" if p.notes else bool(self.result_text(p))

    def change_thread(self, column: int, s: Step) -> None:
        """Say who runs where a CPU has several threads."""
        key = self.columns[column]
        if key in self.shared and self.on.get(key) != s.actor:
            self.add(column, 0, f"<{s.actor}>")
        self.on[key] = s.actor

    def enter(self, column: int, s: Step, calls: tuple[Call, ...]) -> int:
        """Open the calls that are not open; gives the indentation within them.

        Several steps that were left out are `...`, in the innermost call that goes on;
        with their number where they changed something.
        """
        actor = s.actor
        before = self.open.get(actor)
        common = shared_calls(before or (), calls)
        skipped = self.left_out.pop(actor, [])
        hidden = None
        changed = any(s.notes for s in skipped)
        dots = f"... ({counted(len(skipped), 'step')})" if changed else "..."
        if changed or len(skipped) >= LEFT_OUT_MIN:
            outer = skipped[0].calls
            hidden = outer[: min(shared_calls(outer, other.calls) for other in skipped)]
        back = shared_calls(before or (), hidden or ())
        ahead = shared_calls(calls, hidden or ())
        if hidden is not None and back >= ahead and (changed or before is not None):
            self.add(column, back * INDENT, dots)
        for depth, call in enumerate(calls[common:], common):
            arrow = CALL if depth else ""
            self.add(column, depth * INDENT, arrow + s.called(call), hang=len(CALL) + 4)
            if hidden is not None and ahead == depth + 1 > back:
                self.add(column, ahead * INDENT, dots)
        self.open[actor] = calls
        return len(calls) * INDENT

    # ---- notes ------------------------------------------------------------------

    def note(self, column: int, indent: int, notes: tuple[Change, ...]) -> None:
        for change in notes:
            self.add(column, indent, f"[{change}]")

    def unchanged(self, column: int, indent: int, p: Piece) -> None:
        """What a statement has found, or has written over with the same."""
        kept = tuple(c for c in p.step.kept if not c.quiet and p.step.instruction is None)
        for c in p.still if p.notes else kept:
            self.add(column, indent, f"[{c.what}: still {c.after}]")
        if not p.notes and p.step.instruction is not None and p.step.remark is None:
            for c in p.step.read:
                if c.entry:
                    self.add(column, indent, f"[{c.what}: {c.after}]")
        if not p.notes or p.step.kind == "load":
            found = self.result_text(p)
            if found is not None:
                self.add(column, indent, f"[{found}]")

    def result_text(self, p: Piece) -> str | None:
        """`p0 mapcount: 0`, or the local that a statement has put a value into."""
        name = p.step.name
        if name is None:
            return None
        read = [c for c in p.step.read if not c.quiet]
        if p.step.instruction is None and len(read) == 1 and not p.step.kept:
            return f"{read[0].what}: {read[0].after}"
        found = p.steps[-1].result
        return None if found is None else f"{name} = {found}"

    def add(
        self, column: int, indent: int, text: str, *, remark: str | None = None, hang: int = 4
    ) -> None:
        self.rows.append(Row(column=column, indent=indent, text=text, remark=remark, hang=hang))


def shared_calls(one: tuple[Call, ...], other: tuple[Call, ...]) -> int:
    """How many of the calls, from the outermost on, are also in the other."""
    inside = {id(call) for call in other}
    number = 0
    while number < len(one) and id(one[number]) in inside:
        number += 1
    return number
