"""AArch64: calls, written out where they stand. BL, BLR and BR are what they call, up to its RET.

What is called may stand in another thread's column: it is code, and whoever comes there does it. A
word of it that is stored to is one word, wherever it is fetched.
"""

from __future__ import annotations

from attrs import define, evolve, field

from mmscn.litmus import tree as t
from mmscn.litmus.aarch64_operands import canonical
from mmscn.litmus.instructions import Instructions
from mmscn.litmus.ops import unsupported

CALLS = ("BL", "BLR", "BR", "RET")
READS = ("STR", "STLR", "CMP", "CBZ", "CBNZ", "BLR", "BR", "DC", "IC", "TLBI")
"""Instructions that write to no register that they name."""
LINK = "X30"
DEPTH_MAX, INSTRUCTIONS_MAX = 4, 400
END = "end_of_calls"

Copied = dict[str, tuple[str, str]]
"""Of labels in front of code that is written out again: the location that each is, and what is
added to its labels."""


@define
class Column:
    """code: the instructions. at: where labels stand."""

    code: list[t.Instruction] = field(factory=list)
    at: dict[str, int] = field(factory=dict)

    def labels(self, k: int) -> tuple[str, ...]:
        return tuple(label for label, at in self.at.items() if at == k)


def written_out(
    litmus: t.Litmus, thread: t.Thread, instructions: Instructions | None
) -> tuple[t.Thread, Copied]:
    """A thread without calls. Raises Rejected for calls that are not known."""
    if thread.handler or not any(i.name in CALLS for i in thread.code):
        return thread, {}
    calls = Calls(litmus, thread, instructions)
    column = calls.columns[thread.number]
    calls.copy(column, thread.number, 0, "", None, 0)
    calls.out.append(bare(thread.code[-1], (END,)))
    return evolve(thread, code=tuple(calls.out)), calls.copied


class Calls:
    """Of one thread. out: its code so far."""

    def __init__(
        self, litmus: t.Litmus, thread: t.Thread, instructions: Instructions | None
    ) -> None:
        self.thread = thread
        self.words = instructions.words if instructions is not None else []
        self.columns = {o.number: column_of(o) for o in litmus.threads if not o.handler}
        self.points = {
            canonical(s.place.name): s.value
            for s in litmus.settings
            if isinstance(s.place, t.Register) and s.place.thread == thread.number
        }
        self.out: list[t.Instruction] = []
        self.copied: Copied = {}
        self.count = 0

    def copy(
        self, column: Column, number: int, start: int, added: str, back: str | None, depth: int
    ) -> None:
        """What is done from a place on. added: to its labels; back: where RET goes."""
        there = self.reached(column, number, start)
        if depth > DEPTH_MAX or len(self.out) > INSTRUCTIONS_MAX or min(there) < start:
            raise unsupported("a call that goes round", self.thread.span)
        for k in sorted(there):
            labels = tuple(label + added for label in column.labels(k))
            for label in column.labels(k) if added else ():
                self.copied[label + added] = (f"P{number}:{label}", added)
            if k == len(column.code):
                last = bare(column.code[-1], labels)
                self.out.append(jump(last, END) if added else last)
                continue
            i = evolve(column.code[k], labels=labels)
            if any(isinstance(o, t.Word) and canonical(o.text) == LINK for o in i.operands):
                raise unsupported("the link register", i.span)
            if i.name == "RET":
                if back is None:
                    raise unsupported("the instruction RET, of no call", i.span)
                self.out.append(jump(i, back))
            elif i.name in CALLS:
                self.call(i, number, added, back, depth)
            elif i.name == "ADR" and added:
                raise unsupported("the address of an instruction that is called", i.span)
            else:
                self.out.append(renamed(i, added) if goes(i) else i)

    def call(self, i: t.Instruction, number: int, added: str, back: str | None, depth: int) -> None:
        self.count += 1
        mine = f"_call{self.count}"
        to, label = self.target(i, number)
        column = self.columns.get(to)
        if column is None or label not in column.at:
            raise unsupported("a call of no label", i.span)
        self.out.append(bare(i, i.labels))
        behind = f"behind{mine}"
        returns = back if i.name == "BR" else behind
        self.copy(column, to, column.at[label], mine, returns, depth + 1)
        if i.name != "BR":
            self.out.append(bare(i, (behind,)))

    def target(self, i: t.Instruction, number: int) -> tuple[int, str]:
        """The thread and the label that a call goes to."""
        match i.name, i.operands:
            case "BL", (t.Word(text=label),):
                return number, label
            case (("BLR" | "BR"), (t.Word(text=text),)):
                found = self.points.get(canonical(text))
                if isinstance(found, t.CodeLabel) and not self.writes(canonical(text)):
                    return found.thread, found.name
        raise unsupported("a call of what is computed", i.span)

    def writes(self, register: str | None) -> bool:
        """Whether an instruction may write to a register."""
        return any(
            isinstance(o, t.Word) and canonical(o.text) == register
            for column in self.columns.values()
            for i in column.code
            if i.name not in READS
            for o in i.operands
        )

    def reached(self, column: Column, number: int, start: int) -> set[int]:
        """The instructions that are come to; where one is stored to, by what may be there."""
        found: set[int] = set()
        todo = [start]
        while todo:
            k = todo.pop()
            if k in found:
                continue
            found.add(k)
            if k == len(column.code):
                continue
            i = column.code[k]
            changes = any(f"P{number}:{label}" in self.words for label in column.labels(k))
            if i.name not in ("B", "RET", "BR") or changes:
                todo.append(k + 1)
            if goes(i) and isinstance(i.operands[-1], t.Word):
                todo += [column.at[label] for label in (i.operands[-1].text,) if label in column.at]
        return found


def column_of(thread: t.Thread) -> Column:
    found = Column()
    for i in thread.code:
        found.at |= dict.fromkeys(i.labels, len(found.code))
        if i.name:
            found.code.append(evolve(i, labels=()))
    return found


def goes(i: t.Instruction) -> bool:
    """Whether it is a branch to a label, in its last operand."""
    return bool(i.operands) and (i.name in ("B", "CBZ", "CBNZ") or i.name.startswith("B."))


def bare(i: t.Instruction, labels: tuple[str, ...]) -> t.Instruction:
    return evolve(i, labels=labels, name="", operands=())


def jump(i: t.Instruction, to: str) -> t.Instruction:
    return evolve(i, name="B", operands=(t.Word(to, i.span),))


def renamed(i: t.Instruction, added: str) -> t.Instruction:
    match i.operands:
        case (*others, t.Word(text=label, span=span)):
            return evolve(i, operands=(*others, t.Word(label + added, span)))
    return i
