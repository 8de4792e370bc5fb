"""AArch64: what the instructions of a thread do, as far as they read and write variables and
page-table entries, invalidate translations, and handle faults.
"""

from __future__ import annotations

import re
from functools import partial

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus.aarch64_operands import EXTENDED, Operands, canonical
from mmscn.litmus.architectures import (
    COMPLETE_ALL,
    COMPLETE_LOADS,
    COMPLETE_STORES,
    FULL,
    INSTRUCTIONS,
    LOADS,
    STORES,
)
from mmscn.litmus.fetches import checked_numbers, checked_store, copied, fetched, is_code
from mmscn.litmus.maintenance import invalidation, of_caches
from mmscn.litmus.ops import (
    Bits,
    Branch,
    Const,
    Fence,
    Jump,
    Load,
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
    operations_of,
    unsupported,
)
from mmscn.litmus.pages import at_el0, entry_of
from mmscn.litmus.registers import Registers
from mmscn.plain_text import counted

BARRIERS = {"SY": FULL, "ISH": FULL, "OSH": FULL, "LD": LOADS, "ISHLD": LOADS, "OSHLD": LOADS,
            "ST": STORES, "ISHST": STORES, "OSHST": STORES}  # fmt: skip
CONDITIONS = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
COMPLETE = {FULL: COMPLETE_ALL, LOADS: COMPLETE_LOADS, STORES: COMPLETE_STORES}
LOADED = {"LDR": "", "LDAR": "acquire", "LDAPR": "acquire_pc"}
STORED = {"STR": "", "STLR": "release"}
ATOMIC = re.compile(r"(SWP|CAS|LDADD|STADD|LDSET|STSET|LDCLR|STCLR)(A|L|AL)?$")
UPDATES = {"ADD": "add", "SET": "set", "CLR": "clear"}
"""LDADD, STADD and the like: what they do with what they read; the ST ones keep nothing."""
ORDERS = {None: "relaxed", "A": "acquire", "L": "release", "AL": "full"}
CAUSES = {
    "AT": "a translation that is asked for",
    "LDXR": "an exclusive access",
    "STXR": "an exclusive access",
    "LDAXR": "an exclusive access",
    "STLXR": "an exclusive access",
    "LDP": "an access of two registers",
    "STP": "an access of two registers",
}
PAGE_BITS = 12
REGISTER_BITS = 64


def operations(litmus: t.Litmus, thread: t.Thread, registers: Registers) -> tuple[Op, ...]:
    """Raises Rejected for an instruction that is not known."""
    named = {o.text for i in thread.code for o in i.operands if isinstance(o, t.Word)}
    reader = Reader(
        registers, largest(litmus), thread.handler, named, el0=at_el0(litmus, thread.number)
    )
    return operations_of(thread, reader)


def largest(litmus: t.Litmus) -> int:
    """The largest number that a test sets a place or a register to."""
    found = [s.value.value for s in litmus.settings if isinstance(s.value, t.Number)]
    for thread in litmus.threads:
        for i in thread.code:
            if i.name in ("MOV", "ADD", "SUB"):
                found += [o.value for o in i.operands if isinstance(o, t.Number)]
    return sum(map(abs, found))


class Reader(Operands):
    """compared: what the last CMP looked at.

    labels: of registers that hold the address of an instruction, that: of a label, empty for the
    one behind the faulting one, None for the faulting one. returns: where a handler returns to.
    handler: whether these are a handler's. operands: what operands say, labels that are jumped to
    among it.
    """

    def __init__(
        self,
        registers: Registers,
        largest: int,
        handler: bool,
        operands: set[str],
        *,
        el0: bool,
    ) -> None:
        super().__init__(registers, largest, el0)
        self.handler = handler
        self.operands = operands
        self.compared: tuple[Value, Value] | None = None
        self.labels: dict[str, str | None] = {}
        self.returns: str | None = None

    def read(self, i: t.Instruction) -> None:
        name, operands = i.name, i.operands
        if fetch := fetched(i, self.registers, handler=self.handler):
            self.out.append(fetch)
            return
        if self.operands.intersection(i.labels):
            # Somebody may come here by another way.
            self.constants.clear()
            self.entries.clear()
        if name in CAUSES:
            raise unsupported(CAUSES[name], i.span)
        if name in LOADED and len(operands) == 2:
            place, depends = self.place(operands[1])
            if self.refused(place, operands[1], depends, i):
                self.target(operands[0])
                return
            to = self.target(operands[0])
            if entry_of(place) is not None:
                self.entries.add(to)
            if is_code(place, self.registers):
                self.registers.holds_code(to)
            self.out.append(
                Load(to=to, place=place, order=LOADED[name], depends=depends, span=i.span)
            )
        elif name in STORED and len(operands) == 2:
            place, depends = self.place(operands[1])
            if self.refused(place, operands[1], depends, i):
                return
            checked_store(place, operands[0], self.registers)
            value = self.value(operands[0])
            self.out.append(
                Store(place=place, value=value, order=STORED[name], depends=depends, span=i.span)
            )
        elif name == "TLBI":
            self.out.append(invalidation(i, self.registers))
        elif name in ("DC", "IC"):
            self.out.append(of_caches(i, self.registers))
        elif name in ("SVC", "UDF"):
            self.out.append(Raise(what=name, span=i.span))
        elif name == "ERET":
            self.out.append(Return(to=self.returns, span=i.span))
        elif name in ("ADR", "MSR", "MRS") or (name == "ADD" and self.behind(i)):
            self.address(i)
        elif name in ("DMB", "DSB", "ISB"):
            self.barrier(i)
        elif match := ATOMIC.match(name):
            self.atomic(match[1], ORDERS[match[2]], i)
        elif name in ("CBZ", "CBNZ") and len(operands) == 2:
            self.jump(
                operands[1], "==" if name == "CBZ" else "!=", self.value(operands[0]), Const(0), i
            )
        elif name == "B" and len(operands) == 1:
            self.jump(operands[0], None, Const(0), Const(0), i)
        elif name.startswith("B.") and len(operands) == 1:
            left, right = self.flags(i)
            self.jump(operands[0], self.condition(name[2:], i), left, right, i)
        elif name != "NOP":
            self.compute(i)

    def behind(self, i: t.Instruction) -> bool:
        """Whether an ADD makes the address of the instruction behind the one that faulted."""
        match i.operands:
            case (_, t.Word(text=text), t.Number(value=4)):
                return canonical(text) in self.labels
        return False

    def address(self, i: t.Instruction) -> None:
        """What has to do with addresses of instructions."""
        match i.name, i.operands:
            case "ADR", (t.Word(text=to), t.Word(text=label)):
                self.labels[canonical(to) or ""] = label
            case "MRS", (t.Word(text=to), t.Word(text=which)) if which.upper() == "ELR_EL1":
                self.labels[canonical(to) or ""] = None
            case "ADD", (t.Word(text=to), *_):
                self.labels[canonical(to) or ""] = ""
            case "MSR", (t.Word(text=which), t.Word(text=value)) if (
                which.upper() == "ELR_EL1" and canonical(value) in self.labels
            ):
                self.returns = self.labels[canonical(value) or ""]
            case _:
                raise unsupported("a system register", i.span)

    def compute(self, i: t.Instruction) -> None:
        """What only registers take part in."""
        name, operands = i.name, i.operands
        if name == "CMP" or (name != "MOV" and len(operands) > 2):
            checked_numbers(self.registers, *(operands if name == "CMP" else operands[1:3]))
        match name, operands:
            case "MOV", (to, value):
                self.move(to, value, i)
            case "LSR" | "LSL", (t.Word() as to, t.Word() as left, t.Number(value=bits)) if (
                bits == PAGE_BITS
                and self.registers.named(left.text, left.span) in self.registers.addresses
            ):
                register = self.registers.named(left.text, left.span)
                self.copies(to, register, self.registers.made_of.get(register, ()))
            case "ADD", (t.Word() as to, t.Word() as left, t.Word() as right, *how) if (
                all(isinstance(h, t.Word) and h.text.upper() in EXTENDED for h in how)
                and (names := self.named(left, right))
                and names[0] in self.registers.addresses
                and (names[1] in self.zeros or self.untouched(names[1]))
            ):
                read = () if self.untouched(names[1]) else names[1:]
                self.copies(to, names[0], (*self.registers.made_of.get(names[0], ()), *read))
            case "ADD", (t.Word() as to, t.Word() as left, t.Number(value=0)) if (
                self.registers.named(left.text, left.span) in self.registers.addresses
            ):
                self.copies(to, self.registers.named(left.text, left.span), ())
            case "ADD" | "SUB", (to, left, right):
                sign = 1 if name == "ADD" else -1
                self.set(self.target(to), Sum(self.value(left), self.value(right), sign), i)
            case "LSL", (t.Word() as to, t.Word() as left, t.Number(value=bits)) if (
                self.constant(left) is not None and 0 <= bits < REGISTER_BITS
            ):
                shifted = (self.bits_of(left) << bits) % (1 << REGISTER_BITS)
                target = self.target(to)
                self.constants[target] = shifted
                self.registers.bits.add(target)
            case "ORR" | "BIC", (t.Word() as to, t.Word() as left, t.Word() as right) if (
                self.constant(right) is not None and self.named(left)[0] in self.entries
            ):
                bits, source = self.bits_of(right), self.named(left)[0]
                pair = (bits, 0) if name == "ORR" else (0, bits)
                target = self.target(to)
                self.entries.add(target)
                self.out.append(Set(to=target, value=Bits(source, *pair), span=i.span))
            case "EOR", (to, left, right) if left == right:
                self.set(self.target(to), self.zero(left), i)
            case "AND", (to, left, t.Number(value=bits)) if self.beyond(bits):
                self.set(self.target(to), self.zero(left), i)
            case "CMP", (left, right):
                self.compared = self.value(left), self.value(right)
            case "CSET", (to, t.Word(text=word)):
                self.select(self.target(to), Const(1), Const(0), word, i)
            case "CSEL", (to, yes, no, t.Word(text=word)):
                self.select(self.target(to), self.value(yes), self.value(no), word, i)
            case _:
                raise unsupported(f"the instruction {name}", i.span)

    def move(self, to: t.Operand, value: t.Operand, i: t.Instruction) -> None:
        if isinstance(value, t.Symbol):
            raise unsupported("an address as a value", i.span)
        if isinstance(value, t.Word) and canonical(value.text):
            register = self.registers.named(value.text, value.span)
            if register in self.registers.addresses:
                self.copies(to, register, ())
                return
        copy, given = copied(value, self.registers), self.value(value)
        target = self.target(to)
        self.set(target, given, i)
        copy(target)

    def set(self, to: str, value: Value, i: t.Instruction) -> None:
        self.zeros.discard(to)
        if isinstance(value, Zero) or value == Const(0):
            self.zeros.add(to)
        if isinstance(value, Const):
            self.constants[to] = value.value
        self.out.append(Set(to=to, value=value, span=i.span))

    def select(self, to: str, yes: Value, no: Value, word: str, i: t.Instruction) -> None:
        left, right = self.flags(i)
        self.zeros.discard(to)
        if yes == no == Const(0) and isinstance(left, Reg):
            # What is picked depends on what is compared, though it is the same.
            self.set(to, Zero(left.name), i)
            return
        self.out.append(
            Branch(
                op=self.condition(word, i),
                left=left,
                right=right,
                then=(Set(to=to, value=yes, span=i.span),),
                otherwise=(Set(to=to, value=no, span=i.span),),
                span=i.span,
            )
        )

    def flags(self, i: t.Instruction) -> tuple[Value, Value]:
        if self.compared is None:
            raise unsupported("flags that no CMP sets", i.span)
        return self.compared

    def condition(self, word: str, i: t.Instruction) -> str:
        if word.upper() not in CONDITIONS:
            raise unsupported(f"the condition {word}", i.span)
        return CONDITIONS[word.upper()]

    def barrier(self, i: t.Instruction) -> None:
        words = [o.text.upper() for o in i.operands if isinstance(o, t.Word)]
        if i.name == "ISB":
            self.out.append(Fence(kind=INSTRUCTIONS, text="isb", span=i.span))
            return
        if len(words) != 1 or words[0] not in BARRIERS:
            raise one("MM802", f"`{i.name}` wants SY, ISH, LD, ST, …", i.span)
        text = f"{i.name} {words[0]}".lower()
        kind = BARRIERS[words[0]]
        self.out.append(
            Fence(kind=kind if i.name == "DMB" else COMPLETE[kind], text=text, span=i.span)
        )

    def atomic(self, name: str, order: str, i: t.Instruction) -> None:
        wanted = 2 if name.startswith("ST") else 3
        if len(i.operands) != wanted:
            raise one("MM802", f"`{i.name}` takes {counted(wanted, 'operand')}", i.span)
        place, depends = self.place(i.operands[-1])
        if is_code(place, self.registers):
            raise unsupported(f"the instruction {name}, of an instruction", i.span)
        if self.refused(place, i.operands[-1], depends, i):
            return
        bits = UPDATES.get(name[2:]) in ("set", "clear")
        first = Const(self.bits_of(i.operands[0])) if bits else self.value(i.operands[0])
        if bits and entry_of(place) is None:
            raise unsupported(f"the instruction {name}, but of a page-table entry", i.span)
        update = partial(Update, place=place, order=order, span=i.span)
        update = partial(update, depends=depends)
        if name == "SWP":
            to = self.target(i.operands[1])
            self.out.append(update(kind="xchg", to=None if to == "XZR" else to, value=first))
        elif name == "CAS":
            new = self.value(i.operands[1])
            to = self.target(i.operands[0])
            self.out.append(update(kind="cmpxchg", to=to, value=new, expected=first))
        else:
            to = self.target(i.operands[1]) if wanted == 3 else "XZR"
            kind = UPDATES[name[2:]]
            self.out.append(update(kind=kind, to=None if to == "XZR" else to, value=first))

    def jump(
        self, target: t.Operand, op: str | None, left: Value, right: Value, i: t.Instruction
    ) -> None:
        if not isinstance(target, t.Word):
            raise one("MM802", f"`{i.name}` wants a label", i.span)
        self.out.append(Jump(to=target.text, op=op, left=left, right=right, span=i.span))
