"""The lines of one thread of a litmus test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmscn.litmus.architectures import COMPLETES, ORDERED, WEAKEST
from mmscn.litmus.code import used
from mmscn.litmus.naming import free, natural
from mmscn.litmus.ops import (
    Bits,
    Branch,
    Const,
    Fence,
    Fetch,
    Invalidate,
    Jump,
    Label,
    Load,
    Lock,
    Maintain,
    Op,
    Raise,
    Reg,
    Return,
    Set,
    Store,
    Sum,
    Update,
    Value,
    Zero,
    every,
    unsupported,
)
from mmscn.litmus.pages import entry_of
from mmscn.litmus.refusals import NUMBERS
from mmscn.litmus.walks import Walks

if TYPE_CHECKING:
    from mmscn.litmus.scenario import Writer


class Body:
    """The lines of one thread. early: registers that are variables from the start on."""

    def __init__(self, writer: Writer, thread: int, ops: tuple[Op, ...]) -> None:
        self.writer = writer
        self.thread = thread
        self.end = "end_of_thread"
        self.walks = Walks(self, writer.code, thread) if writer.code.pages else None
        ops = (*ops, *writer.code.handlers.get(thread, ()))
        self.ops = ops
        targets = [name for op in every(ops) for name in written((op,), deep=False)]
        jumps = self.walks is not None or any(isinstance(op, Jump | Branch) for op in ops)
        first: dict[str, bool] = {}
        for op in every(ops):
            for name in used(op):
                first.setdefault(name, False)
            for name in written((op,), deep=False):
                first.setdefault(name, True)
        given = {name for number, name in writer.code.registers if number == thread}
        self.early: set[str] = {
            name
            for name in first
            if not first[name] or targets.count(name) > 1 or jumps or name in given
        }
        self.early |= {
            op.to
            for op in every(ops)
            if isinstance(op, Update)
            and op.whole
            and op.to is not None
            and (op.kind == "add" or (op.order != "full" and writer.order == WEAKEST))
        }
        self.let = {name for name in targets if name not in self.early}
        self.temporary = 0
        self.fetches = 0

    def name(self, register: str) -> str:
        return self.writer.registers[self.thread, register]

    def declared(self) -> list[str]:
        low, high = self.writer.low, self.writer.high
        given = self.writer.code.registers
        registers = [
            f"var {self.name(r)}: {low}..{high} = {given.get((self.thread, r), 0)}"
            for r in sorted(self.early, key=natural)
        ]
        asked = [n for thread, n in self.writer.code.tracked if thread == self.thread]
        return [*registers, *(f"var refused{n}: 0..{len(NUMBERS)} = 0" for n in asked)]

    def final(self, register: str) -> str:
        if register in self.early or register in self.let:
            return self.name(register)
        return str(self.writer.code.registers.get((self.thread, register), 0))

    def to(self, register: str) -> str:
        return self.name(register) if register in self.early else f"let {self.name(register)}"

    def value(self, value: Value) -> str:
        match value:
            case Const(value=number):
                return str(number)
            case Reg(name=name):
                return self.name(name)
            case Zero(name=name):
                return f"({self.name(name)} - {self.name(name)})"
            case Bits(name=name, sets=sets, clears=clears):
                pages = self.writer.code.pages
                assert pages is not None
                return pages.mapped(self.name(name), sets, clears)
            case Sum(left=left, right=right, sign=sign):
                return f"{self.value(left)} {'+' if sign > 0 else '-'} {self.value(right)}"

    def place(self, name: str, depends: tuple[str, ...] = ()) -> str:
        """A location; where its address depends on registers, they are its index, which is 0."""
        ours = self.writer.locations[name]
        if ours.startswith(("word[", "code[")) and depends:
            return f"{ours[:-1]} + {' + '.join(map(self.name, depends))}]"
        if "[" in ours or "." in ours:
            if depends:
                raise unsupported("an address that depends on what was read", self.ops[0].span)
            return ours
        if name not in self.writer.indexed:
            return ours
        return f"{ours}[{' + '.join(map(self.name, depends)) or '0'}]"

    def label(self, name: str) -> str:
        return free(name, set())

    def lines(self, op: Op) -> list[str]:
        if self.walks is not None and (found := self.paged(self.walks, op)) is not None:
            return found
        match op:
            case Load(to=to, place=place, order="acquire_pc", depends=depends):
                step = f"{self.name(to)} = {self.place(place, depends)}"
                return [f"atomic {{ fence acquire_pc; {step} }}"]
            case Load(to=to, place=place, order=order, depends=depends):
                word = f"load {order} " if order and self.writer.ordered else ""
                return [f"{self.to(to)} = {word}{self.place(place, depends)}"]
            case Store(place=place, value=value, order=order, depends=depends):
                word = f"store {order} " if order and self.writer.ordered else ""
                return [f"{word}{self.place(place, depends)} = {self.value(value)}"]
            case Set(to=to, value=Zero(name=name)):
                return [f"{self.to(to)} = {self.name(name)} - {self.name(name)}"]
            case Set(to=to, value=value):
                return [f"{self.to(to)} = {self.value(value)}"]
            case Fence(kind=kind, text=text):
                kind = ORDERED.get(kind, kind)
                return [f"fence {kind}  // {text}"] if self.writer.ordered else [f"// {text}"]
            case Lock(place=place, taken=taken):
                return [f"{'lock' if taken else 'unlock'} {self.writer.locations[place]}"]
            case Label(name=name):
                return [f"{free(name, set())}:"]
            case Jump(to=to, op=None):
                return [f"goto {free(to, set())}"]
            case Jump(to=to, op=compare, left=left, right=right):
                goto = f"goto {free(to, set())}"
                return [f"if {self.value(left)} {compare} {self.value(right)} {{ {goto} }}"]
            case Branch():
                return self.branch(op)
            case Update():
                return self.update(op)
            case Invalidate(place=place):
                return [f"// tlbi of {place or 'all'}: no entry changes"]
            case Raise() | Return() | Fetch() | Maintain():
                raise unsupported("an exception without a page table", op.span)

    def paged(self, walks: Walks, op: Op) -> list[str] | None:
        """The lines of what page tables take part in; None for all else."""
        match op:
            case Load() | Store() | Update() if op.place in self.writer.code.walked:
                return walks.access(op)
            case Store() | Update() if entry_of(op.place):
                return walks.entry(op)
            case Store() if self.writer.locations[op.place].startswith("code["):
                word = self.word(op.place)
                place = self.place(op.place, op.depends)
                return walks.atomic(op, place, f"call change_code({word})")
            case Fetch():
                return self.fetch(op)
            case Maintain(what=what, place=name, depends=depends):
                return [f"call {what}({self.word(name)}, {walks.after(depends)})"]
            case Invalidate():
                return walks.invalidate(op)
            case Raise():
                return walks.raised(op)
            case Fence(kind=kind) if kind in COMPLETES:
                return [f"call {COMPLETES[kind]}()"]
        return None

    def word(self, place: str) -> int:
        """The number of a word of code."""
        instructions = self.writer.code.instructions
        assert instructions is not None
        return instructions.words.index(place)

    def fetch(self, op: Fetch) -> list[str]:
        """An instruction is fetched, and done."""
        self.fetches += 1
        name = free(f"fetched{self.fetches}", self.writer.taken)
        lines = [f"let {name} = call fetch({self.word(op.place)})"]
        for number, ops in op.ways:
            if inside := [line for inner in ops for line in self.lines(inner)]:
                head = f"if {name} == {self.writer.instructions[number]} {{"
                alone = len(inside) == 1 and "//" not in inside[0]
                whole = [head, *(f"  {line}" for line in inside), "}"]
                lines += [f"{head} {inside[0]} }}"] if alone else whole
        return lines

    def branch(self, op: Branch) -> list[str]:
        lines = [f"if {self.value(op.left)} {op.op} {self.value(op.right)} {{"]
        lines += [f"  {line}" for inner in op.then for line in self.lines(inner)]
        if op.otherwise:
            lines.append("} else {")
            lines += [f"  {line}" for inner in op.otherwise for line in self.lines(inner)]
        return [*lines, "}"]

    def update(self, op: Update) -> list[str]:
        if self.writer.order == WEAKEST and op.order != "full" and op.whole:
            walks = Walks(self, self.writer.code, self.thread)
            return walks.atomic(op, self.place(op.place, op.depends), "")
        place, value = self.place(op.place), self.value(op.value)
        if op.kind == "xchg":
            target = self.to(op.to) if op.to else f"let {self.spare()}"
            return [f"{target} = xchg {place}, {value}"]
        if op.kind == "cmpxchg" and op.whole:
            assert op.expected is not None
            target = self.to(op.to) if op.to else f"let {self.spare()}"
            return [f"{target} = cmpxchg {place}, {self.value(op.expected)}, {value}"]
        if op.kind == "cmpxchg":
            raise unsupported("CMPXCHG without LOCK", op.span)
        old = self.spare()
        lines = [f"let {old} = {place}", f"{place} = {old} + {value}"]
        if value.startswith("-"):
            lines[1] = f"{place} = {old} - {value[1:]}"
        if op.to:
            lines.append(f"{self.to(op.to)} = {lines[1].partition(' = ')[2] if op.new else old}")
        if op.whole:
            outside = [f"var {old}: {self.writer.low}..{self.writer.high} = 0"]
            inner = [lines[0].removeprefix("let "), *lines[1:]]
            return [*outside, "atomic {", *(f"  {line}" for line in inner), "}"]
        return lines

    def spare(self) -> str:
        self.temporary += 1
        return free(f"old{self.temporary}" if self.temporary > 1 else "old", self.writer.taken)


def written(ops: tuple[Op, ...], *, deep: bool = True) -> list[str]:
    """The registers that operations write."""
    found = []
    for op in every(ops) if deep else ops:
        if isinstance(op, Load | Set | Update) and op.to is not None:
            found.append(op.to)
    return found
