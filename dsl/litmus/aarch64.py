"""AArch64: what the instructions of a thread do, as far as they read and write variables.

Page-table entries, invalidations and faults are not said here: a test that has them is rejected.
"""

from __future__ import annotations

import re
from functools import partial

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus.architectures import FULL, INSTRUCTIONS, LOADS, STORES
from mmscn.litmus.ops import (
    Branch,
    Const,
    Fence,
    Jump,
    Load,
    Op,
    Reg,
    Set,
    Store,
    Sum,
    Update,
    Value,
    Zero,
    operations_of,
    unsupported,
)
from mmscn.litmus.registers import Registers
from mmscn.plain_text import counted

BARRIERS = {"SY": FULL, "ISH": FULL, "OSH": FULL, "LD": LOADS, "ISHLD": LOADS, "OSHLD": LOADS,
            "ST": STORES, "ISHST": STORES, "OSHST": STORES}  # fmt: skip
CONDITIONS = {"EQ": "==", "NE": "!=", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
LOADED = {"LDR": "", "LDAR": "acquire"}
STORED = {"STR": "", "STLR": "release"}
ATOMIC = re.compile(r"(SWP|CAS|LDADD|STADD)(A|L|AL)?$")
ORDERS = {None: "relaxed", "A": "acquire", "L": "release", "AL": "full"}
CAUSES = {
    "TLBI": "an invalidation of translations",
    "SVC": "an exception",
    "UDF": "an exception",
    "ERET": "an exception",
    "MSR": "a system register",
    "MRS": "a system register",
    "AT": "a translation that is asked for",
    "DC": "the maintenance of caches",
    "IC": "the maintenance of caches",
    "LDAPR": "a load that acquires and passes releases",
    "LDXR": "an exclusive access",
    "STXR": "an exclusive access",
    "LDAXR": "an exclusive access",
    "STLXR": "an exclusive access",
    "LDP": "an access of two registers",
    "STP": "an access of two registers",
}
REGISTER = re.compile(r"[WX](\d|[12]\d|30)$")


def canonical(name: str) -> str | None:
    """`X5` for `W5` and `X5`; None for what is no register."""
    match = REGISTER.match(name.upper())
    return f"X{match[1]}" if match else None


def operations(litmus: t.Litmus, thread: t.Thread, registers: Registers) -> tuple[Op, ...]:
    """Raises Rejected for an instruction that is not known."""
    return operations_of(thread, Reader(registers))


class Reader:
    """compared: what the last CMP looked at. zeros: registers that are 0 whatever was read."""

    def __init__(self, registers: Registers) -> None:
        self.registers = registers
        self.out: list[Op] = []
        self.compared: tuple[Value, Value] | None = None
        self.zeros: set[str] = set()

    def read(self, i: t.Instruction) -> None:
        name, operands = i.name, i.operands
        if name in CAUSES:
            raise unsupported(CAUSES[name], i.span)
        if name in LOADED and len(operands) == 2:
            place, depends = self.place(operands[1])
            to = self.target(operands[0])
            self.out.append(
                Load(to=to, place=place, order=LOADED[name], depends=depends, span=i.span)
            )
        elif name in STORED and len(operands) == 2:
            place, depends = self.place(operands[1])
            value = self.value(operands[0])
            self.out.append(
                Store(place=place, value=value, order=STORED[name], depends=depends, span=i.span)
            )
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

    def compute(self, i: t.Instruction) -> None:
        """What only registers take part in."""
        name, operands = i.name, i.operands
        match name, operands:
            case "MOV", (to, value):
                if isinstance(value, t.Symbol):
                    raise unsupported("an address as a value", i.span)
                self.set(self.target(to), self.value(value), i)
            case "ADD" | "SUB", (to, left, right):
                sign = 1 if name == "ADD" else -1
                self.set(self.target(to), Sum(self.value(left), self.value(right), sign), i)
            case "EOR", (to, left, right) if left == right:
                self.set(self.target(to), self.zero(left), i)
            case "AND", (to, left, t.Number(value=0)):
                self.set(self.target(to), self.zero(left), i)
            case "CMP", (left, right):
                self.compared = self.value(left), self.value(right)
            case "CSET", (to, t.Word(text=word)):
                self.select(self.target(to), Const(1), Const(0), word, i)
            case "CSEL", (to, yes, no, t.Word(text=word)):
                self.select(self.target(to), self.value(yes), self.value(no), word, i)
            case _:
                raise unsupported(f"the instruction {name}", i.span)

    def set(self, to: str, value: Value, i: t.Instruction) -> None:
        self.zeros.discard(to)
        if isinstance(value, Zero) or value == Const(0):
            self.zeros.add(to)
        self.out.append(Set(to=to, value=value, span=i.span))

    def select(self, to: str, yes: Value, no: Value, word: str, i: t.Instruction) -> None:
        left, right = self.flags(i)
        self.zeros.discard(to)
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
        self.out.append(Fence(kind=BARRIERS[words[0]], text=text, span=i.span))

    def atomic(self, name: str, order: str, i: t.Instruction) -> None:
        wanted = 2 if name == "STADD" else 3
        if len(i.operands) != wanted:
            raise one("MM802", f"`{i.name}` takes {counted(wanted, 'operand')}", i.span)
        place, depends = self.place(i.operands[-1])
        first = self.value(i.operands[0])
        update = partial(Update, place=place, order=order, span=i.span)
        if depends:
            raise unsupported("an address that depends on what was read", i.span)
        if name == "SWP":
            self.out.append(update(kind="xchg", to=self.target(i.operands[1]), value=first))
        elif name == "CAS":
            new = self.value(i.operands[1])
            to = self.target(i.operands[0])
            self.out.append(update(kind="cmpxchg", to=to, value=new, expected=first))
        else:
            adds = self.target(i.operands[1]) if name == "LDADD" else None
            self.out.append(update(kind="add", to=adds, value=first))

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
        depends = []
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
            self.zeros.discard(register)
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
                return Reg(register)
        raise unsupported("an operand of this kind", operand.span)
