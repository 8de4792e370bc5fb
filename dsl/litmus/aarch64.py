"""AArch64: what the instructions of a thread do, as far as they read and write variables and
page-table entries, invalidate translations, and handle faults.
"""

from __future__ import annotations

import re
from functools import partial

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus.architectures import (
    COMPLETE_ALL,
    COMPLETE_LOADS,
    COMPLETE_STORES,
    FULL,
    INSTRUCTIONS,
    LOADS,
    STORES,
)
from mmscn.litmus.ops import (
    Bits,
    Branch,
    Const,
    Fence,
    Invalidate,
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
from mmscn.litmus.pages import entry_of
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
    "DC": "the maintenance of caches",
    "IC": "the maintenance of caches",
    "LDXR": "an exclusive access",
    "STXR": "an exclusive access",
    "LDAXR": "an exclusive access",
    "STLXR": "an exclusive access",
    "LDP": "an access of two registers",
    "STP": "an access of two registers",
}
TLBI = re.compile(r"(V[AM]\w+?)(IS)?$")
"""What is invalidated, and whether on all CPUs."""
PAGE_BITS = 12
REGISTER_BITS = 64
REGISTER = re.compile(r"[WX](\d|[12]\d|30)$")


def canonical(name: str) -> str | None:
    """`X5` for `W5` and `X5`; None for what is no register."""
    match = REGISTER.match(name.upper())
    return f"X{match[1]}" if match else None


def operations(litmus: t.Litmus, thread: t.Thread, registers: Registers) -> tuple[Op, ...]:
    """Raises Rejected for an instruction that is not known."""
    return operations_of(thread, Reader(registers, largest(litmus)))


def largest(litmus: t.Litmus) -> int:
    """The largest number that a test sets a place or a register to."""
    found = [s.value.value for s in litmus.settings if isinstance(s.value, t.Number)]
    for thread in litmus.threads:
        for i in thread.code:
            if i.name in ("MOV", "ADD", "SUB"):
                found += [o.value for o in i.operands if isinstance(o, t.Number)]
    return sum(map(abs, found))


class Reader:
    """compared: what the last CMP looked at. zeros: registers that are 0 whatever was read.

    constants: numbers that registers have, whatever was read; entries: registers that have a
    page-table entry.

    labels: of registers that hold the address of an instruction, that: of a label, empty for the
    one behind the faulting one, None for the faulting one. returns: where a handler returns to.
    largest: that numbers of the test are, added up.
    """

    def __init__(self, registers: Registers, largest: int) -> None:
        self.registers = registers
        self.largest = largest
        self.out: list[Op] = []
        self.compared: tuple[Value, Value] | None = None
        self.zeros: set[str] = set()
        self.constants: dict[str, int] = {}
        self.entries: set[str] = set()
        self.labels: dict[str, str | None] = {}
        self.returns: str | None = None

    def read(self, i: t.Instruction) -> None:
        name, operands = i.name, i.operands
        if i.labels:
            # Somebody may come here by another way.
            self.constants.clear()
            self.entries.clear()
        if name in CAUSES:
            raise unsupported(CAUSES[name], i.span)
        if name in LOADED and len(operands) == 2:
            place, depends = self.place(operands[1])
            to = self.target(operands[0])
            if entry_of(place) is not None:
                self.entries.add(to)
            self.out.append(
                Load(to=to, place=place, order=LOADED[name], depends=depends, span=i.span)
            )
        elif name in STORED and len(operands) == 2:
            place, depends = self.place(operands[1])
            value = self.value(operands[0])
            self.out.append(
                Store(place=place, value=value, order=STORED[name], depends=depends, span=i.span)
            )
        elif name == "TLBI":
            self.invalidate(i)
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

    def invalidate(self, i: t.Instruction) -> None:
        """TLBI: of a page, or of all."""
        match i.operands:
            case (t.Word(text=what), *rest) if (found := TLBI.match(what.upper())) and len(
                rest
            ) < 2:
                here = found[2] is None
                if found[1].startswith("VM"):
                    self.out.append(Invalidate(place=None, here=here, span=i.span))
                    return
                if found[1].startswith("VA") and rest and isinstance(rest[0], t.Word):
                    register = self.registers.named(rest[0].text, rest[0].span)
                    place = self.registers.address(rest[0].text, rest[0].span)
                    depends = self.registers.made_of.get(register, ())
                    self.out.append(
                        Invalidate(place=place, here=here, depends=depends, span=i.span)
                    )
                    return
        raise unsupported("an invalidation of this kind", i.span)

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
        match name, operands:
            case "MOV", (to, value):
                if isinstance(value, t.Symbol):
                    raise unsupported("an address as a value", i.span)
                if isinstance(value, t.Word) and canonical(value.text):
                    register = self.registers.named(value.text, value.span)
                    if register in self.registers.addresses:
                        self.copies(to, register, ())
                        return
                self.set(self.target(to), self.value(value), i)
            case "ADD" | "SUB", (to, left, right):
                sign = 1 if name == "ADD" else -1
                self.set(self.target(to), Sum(self.value(left), self.value(right), sign), i)
            case "LSR" | "LSL", (t.Word() as to, t.Word() as left, t.Number(value=bits)) if (
                bits == PAGE_BITS
                and self.registers.named(left.text, left.span) in self.registers.addresses
            ):
                register = self.registers.named(left.text, left.span)
                self.copies(to, register, self.registers.made_of.get(register, ()))
            case "ADD", (t.Word() as to, t.Word() as left, t.Word() as right) if (
                (names := self.named(left, right))
                and names[0] in self.registers.addresses
                and (names[1] in self.zeros or self.untouched(names[1]))
            ):
                self.copies(to, names[0], (*self.registers.made_of.get(names[0], ()), names[1]))
            case "ADD", (t.Word() as to, t.Word() as left, t.Number(value=0)) if (
                self.registers.named(left.text, left.span) in self.registers.addresses
            ):
                self.copies(to, self.registers.named(left.text, left.span), ())
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

    def named(self, *operands: t.Word) -> tuple[str, ...]:
        """The registers that operands are; none where one is none."""
        if not all(canonical(o.text) for o in operands):
            return ()
        return tuple(self.registers.named(o.text, o.span) for o in operands)

    def untouched(self, register: str) -> bool:
        """Whether a register is what it is where nothing is said of it: 0."""
        written = {op.to for op in self.out if isinstance(op, Set | Load | Update)}
        return register not in written | self.registers.given

    def copies(self, to: t.Operand, register: str, depends: tuple[str, ...]) -> None:
        """A register has the address that another has, or the number of its page."""
        place = self.registers.addresses[register]
        target = self.target(to)
        self.registers.points(target, place)
        if depends:
            self.registers.made_of[target] = depends

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

    def beyond(self, bits: int) -> bool:
        """Whether no number of the test has one of some bits."""
        return bits == 0 or (bits & (bits - 1) == 0 and bits > self.largest)

    def constant(self, operand: t.Operand) -> int | None:
        """The number that an operand is, whatever was read; None where that is not known."""
        match operand:
            case t.Number(value=number):
                return number
            case t.Word() as word if named := self.named(word):
                return self.constants.get(named[0])
        return None

    def bits_of(self, operand: t.Operand) -> int:
        """The same, where it is. Raises Rejected."""
        found = self.constant(operand)
        if found is None:
            raise unsupported("bits that are computed", operand.span)
        return found

    def zero(self, operand: t.Operand) -> Value:
        value = self.value(operand)
        return Zero(value.name) if isinstance(value, Reg) else Const(0)

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

    # ---- operands -----------------------------------------------------------------

    def place(self, operand: t.Operand) -> tuple[str, tuple[str, ...]]:
        """The variable of an access, and the registers that its address only depends on."""
        if not isinstance(operand, t.Memory) or operand.back:
            raise unsupported("an address of this kind", operand.span)
        base, *more = operand.parts
        if not isinstance(base, t.Word):
            raise unsupported("an address of this kind", operand.span)
        depends: list[str] = []
        if canonical(base.text):
            register = self.registers.named(base.text, base.span)
            depends += self.registers.made_of.get(register, ())
        for part in more:
            match part:
                case t.Number(value=0) | t.Shift():
                    pass
                case t.Word(text=text) if text.upper() in ("SXTW", "UXTW", "LSL", "SXTX"):
                    pass
                case t.Word(text=text, span=span) if canonical(text):
                    register = self.registers.named(text, span)
                    if register not in self.zeros:
                        raise unsupported("an address that is computed", operand.span)
                    depends.append(register)
                case _:
                    raise unsupported("an address that is computed", operand.span)
        return self.registers.address(base.text, base.span), tuple(depends)

    def target(self, operand: t.Operand) -> str:
        if isinstance(operand, t.Word) and operand.text.upper() in ("WZR", "XZR"):
            return "XZR"
        if isinstance(operand, t.Word):
            register = self.registers.named(operand.text, operand.span)
            self.registers.addresses.pop(register, None)
            self.registers.made_of.pop(register, None)
            self.zeros.discard(register)
            self.constants.pop(register, None)
            self.entries.discard(register)
            return register
        raise one("MM802", "a register is wanted here", operand.span)

    def value(self, operand: t.Operand) -> Value:
        match operand:
            case t.Number(value=number):
                return Const(number)
            case t.Word(text=text) if text.upper() in ("WZR", "XZR"):
                return Const(0)
            case t.Word(text=text, span=span):
                register = self.registers.named(text, span)
                if register in self.registers.addresses:
                    raise unsupported("an address as a value", operand.span)
                if register in self.registers.bits:
                    raise unsupported("a shifted number as a value", operand.span)
                return Reg(register)
        raise unsupported("an operand of this kind", operand.span)
