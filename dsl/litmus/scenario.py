"""A litmus test as the text of a scenario, laid out to be read and gone on with.

A location is a `var`, a register a variable of its thread; what is asked of a register is copied
to a ghost at the end, which takes no time. So a step is an access, and the final states are those
of the test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from mmscn.check.clashes import RESERVED as RESERVED_NAMES
from mmscn.diagnostics import one
from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.litmus import tree as t
from mmscn.litmus.architectures import ARCHITECTURES, STORE_BUFFERS, WEAKEST
from mmscn.litmus.bounds import bounds
from mmscn.litmus.code import names, used
from mmscn.litmus.modelled import words
from mmscn.litmus.ops import (
    Branch,
    Code,
    Const,
    Fence,
    Jump,
    Label,
    Load,
    Lock,
    Op,
    Reg,
    Set,
    Store,
    Sum,
    Update,
    Value,
    Zero,
    every,
    unsupported,
)

BUFFER, BUFFER_MAX = 4, 8
"""Stores of a CPU that wait at most, if nothing else is said, and at all."""


@frozen(kw_only=True)
class Shown:
    """A place whose final value is wanted. herd: as a litmus test spells it; ours: the scenario."""

    herd: str
    ours: str


@frozen(kw_only=True)
class Text:
    """text: the scenario. shown: what `outcomes` lists. name: of the `reachable` or `finally`."""

    text: str
    shown: tuple[Shown, ...]
    name: str


def scenario(code: Code, orders: tuple[str, ...], order: str) -> Text:
    """The scenario of a test under a memory order.

    orders: those that `hw.memory` knows; where it knows one alone, none is said. Raises Rejected.
    """
    return Writer(code, orders, order).text()


class Writer:
    def __init__(self, code: Code, orders: tuple[str, ...], order: str) -> None:
        self.code = code
        self.litmus = code.litmus
        self.ordered = len(orders) > 1
        self.order = order
        self.low, self.high = bounds(code)
        self.name = plain(litmus_name(code))
        self.taken: set[str] = set()
        names_ = (*code.initial, *sorted(code.locks))
        self.locations = {name: free(name, self.taken) for name in names_}
        every_op = [op for ops in code.threads.values() for op in every(ops)]
        self.indexed = {op.place for op in every_op if isinstance(op, Load | Store) and op.depends}
        self.ghosts: dict[tuple[int, str], str] = {}
        self.registers: dict[tuple[int, str], str] = {}
        self.shown = tuple(self.places())
        for thread, ops in code.threads.items():
            own = set(self.taken)
            for name in sorted({*written(ops), *(r for op in every(ops) for r in used(op))}):
                self.registers[thread, name] = free(name, own)

    def text(self) -> Text:
        litmus = self.litmus
        lines = [f"// The litmus test {self.name} ({litmus.arch})."]
        lines += [f"scenario {free(identifier(self.name), set())} {quoted(self.name)}", ""]
        lines += self.orders()
        cpus = max(self.code.threads, default=0) + 1
        lines += [f"machine {ARCHITECTURES[litmus.arch].machine} {{ cpus {cpus} }}", ""]
        lines += [f"spinlock {self.locations[name]}" for name in sorted(self.code.locks)]
        for name in self.code.initial:
            ours = self.locations[name]
            first = self.code.initial[name]
            begins = "" if first == self.low else f" = {first}"
            index = "[0..0]" if name in self.indexed else ""
            lines.append(f"var {ours}{index}: {self.low}..{self.high}{begins}")
        for (thread, name), ghost in self.ghosts.items():
            lines.append(f"ghost var {ghost}: {self.low}..{self.high}  // {thread}:{name}")
        lines += ["", "concurrent {"]
        for thread, ops in self.code.threads.items():
            lines += [f"  thread P{thread} on cpu {thread} {{"]
            lines += [f"    {line}" for line in self.thread(thread, ops)]
            lines += ["  }"]
        lines += ["}", "", self.asked(), *self.listing()]
        text = "".join(f"{line}\n" for line in lines)
        return Text(text=text, shown=self.shown, name=self.name)

    def orders(self) -> list[str]:
        if not self.ordered:
            return []
        stores = [
            sum(isinstance(op, Store | Update) for op in every(ops))
            for ops in self.code.threads.values()
        ]
        lines = ["import hw.memory", "", f"param memory = {self.order}"]
        if self.order == STORE_BUFFERS and max(stores, default=0) > BUFFER:
            lines.append(f"param store_buffer = {min(BUFFER_MAX, max(stores))}")
        return [*lines, ""]

    # ---- what is asked ------------------------------------------------------------

    def places(self) -> Iterator[Shown]:
        found: dict[tuple[object, ...], Shown] = {}
        filtered = looked_at(self.litmus.filter) if self.litmus.filter is not None else []
        for place in (*self.litmus.locations, *looked_at(self.litmus.condition), *filtered):
            match place:
                case t.Register(thread=thread, name=name):
                    ours = self.ghost(place)
                    found[0, thread, natural(name)] = Shown(herd=f"{thread}:{name}", ours=ours)
                case t.Location(name=name):
                    found[1, name] = Shown(herd=f"[{name}]", ours=self.located(name))
        for key in sorted(found):
            yield found[key]

    def located(self, name: str) -> str:
        return self.locations[name] + ("[0]" if name in self.indexed else "")

    def ghost(self, place: t.Register) -> str:
        """The ghost that has what a register held at the end. Raises Rejected."""
        spelt = self.code.spelling(place)
        if place.thread not in self.code.threads:
            raise one("MM806", f"there is no thread P{place.thread}", place.span)
        key = place.thread, spelt
        if key not in self.ghosts:
            self.ghosts[key] = free(f"P{place.thread}_{spelt}", self.taken)
        return self.ghosts[key]

    def asked(self) -> str:
        asked, only = self.litmus.condition, self.litmus.filter
        if self.litmus.quantifier == "~exists":
            asked = t.Not(asked)
        if self.litmus.quantifier == "exists":
            asked = asked if only is None else t.Both("/\\", (only, asked))
            return f"reachable finally {quoted(self.name)} {self.condition(asked, 0)}"
        asked = asked if only is None else t.Both("=>", (only, asked))
        return f"finally {quoted(self.name)} {self.condition(asked, 0)}"

    def listing(self) -> list[str]:
        return [f"outcomes {', '.join(s.ours for s in self.shown)}"] if self.shown else []

    def condition(self, e: t.Condition, around: int) -> str:
        match e:
            case t.Truth(value=value):
                return "true" if value else "false"
            case t.Equal(place=place, value=t.Number(value=value), equal=equal):
                ours = self.ghost(place) if isinstance(place, t.Register) else ""
                if isinstance(place, t.Location):
                    ours = self.located(place.name)
                return f"{ours} {'==' if equal else '!='} {value}"
            case t.Not(part=part):
                return f"not {self.condition(part, 3)}"
            case t.Both(op=op, parts=parts):
                word, strength = {"/\\": ("and", 2), "\\/": ("or", 1), "=>": ("implies", 0)}[op]
                inner = f" {word} ".join(self.condition(p, strength + 1) for p in parts)
                return f"({inner})" if around > strength else inner
        raise AssertionError(e)

    # ---- code ---------------------------------------------------------------------

    def thread(self, thread: int, ops: tuple[Op, ...]) -> list[str]:
        own = Body(self, thread, ops)
        lines = own.declared()
        for op in ops:
            lines += own.lines(op)
        for (number, name), ghost in self.ghosts.items():
            if number == thread:
                lines.append(f"{ghost} = {own.final(name)}")
        return lines


class Body:
    """The lines of one thread. early: registers that are variables from the start on."""

    def __init__(self, writer: Writer, thread: int, ops: tuple[Op, ...]) -> None:
        self.writer = writer
        self.thread = thread
        self.ops = ops
        targets = [name for op in every(ops) for name in written((op,), deep=False)]
        jumps = any(isinstance(op, Jump | Branch) for op in ops)
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
            if isinstance(op, Update) and op.kind == "add" and op.whole and op.to is not None
        }
        self.let = {name for name in targets if name not in self.early}
        self.temporary = 0

    def name(self, register: str) -> str:
        return self.writer.registers[self.thread, register]

    def declared(self) -> list[str]:
        low, high = self.writer.low, self.writer.high
        given = self.writer.code.registers
        return [
            f"var {self.name(r)}: {low}..{high} = {given.get((self.thread, r), 0)}"
            for r in sorted(self.early, key=natural)
        ]

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
            case Sum(left=left, right=right, sign=sign):
                return f"{self.value(left)} {'+' if sign > 0 else '-'} {self.value(right)}"

    def place(self, name: str, depends: tuple[str, ...] = ()) -> str:
        """A location; where its address depends on registers, they are its index, which is 0."""
        ours = self.writer.locations[name]
        if name not in self.writer.indexed:
            return ours
        return f"{ours}[{' + '.join(map(self.name, depends)) or '0'}]"

    def lines(self, op: Op) -> list[str]:
        match op:
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

    def branch(self, op: Branch) -> list[str]:
        lines = [f"if {self.value(op.left)} {op.op} {self.value(op.right)} {{"]
        lines += [f"  {line}" for inner in op.then for line in self.lines(inner)]
        if op.otherwise:
            lines.append("} else {")
            lines += [f"  {line}" for inner in op.otherwise for line in self.lines(inner)]
        return [*lines, "}"]

    def update(self, op: Update) -> list[str]:
        if self.writer.order == WEAKEST and op.order != "full" and op.whole:
            raise unsupported("an atomic operation that does not order all others", op.span)
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


def looked_at(condition: t.Condition) -> list[t.Place]:
    match condition:
        case t.Equal(place=place):
            return [place]
        case t.Not(part=part):
            return looked_at(part)
        case t.Both(parts=parts):
            return [place for part in parts for place in looked_at(part)]
    return []


def natural(name: str) -> tuple[tuple[str, int], ...]:
    """To order names so that X2 comes before X10."""
    return tuple((word, int(digits or 0)) for word, digits in re.findall(r"(\D+)(\d*)", name))


def free(name: str, taken: set[str]) -> str:
    """A name that the language has no other use for, and is not taken."""
    found = re.sub(r"\W", "_", name)
    while found in VOCABULARY or found in RESERVED or found in words() or found in taken:
        found += "_"
    taken.add(found)
    return found


def identifier(name: str) -> str:
    found = re.sub(r"\W+", "_", name).strip("_") or "litmus"
    return found if found[0].isalpha() or found[0] == "_" else f"t_{found}"


def litmus_name(code: Code) -> str:
    """The name of a test; one that the report has another use for is a text of more words."""
    name = code.litmus.name
    return f"test {name}" if name in (*RESERVED_NAMES, "store_buffer") else name


def plain(text: str) -> str:
    """A text on one line, of characters that can be seen."""
    return "".join(c if c.isprintable() else " " for c in text)[:200]


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


RESERVED = (
    "current",
    "this_cpu",
    "this_mm",
    "frame",
    "thread",
    "va",
    "mm",
    "file",
    "vma",
    "memory",
)
"""Words that are no keywords and mean something everywhere."""

__all__ = ["Shown", "Text", "names", "scenario"]
