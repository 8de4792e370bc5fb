"""X86 and X86_64: what the instructions of a thread do.

`MOV [x],$1` has its target first, `movl $1,(x)` last. Sizes are not told apart: `eax` and `rax`,
`movl` and `movq` are one.
"""

from __future__ import annotations

import re

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus.architectures import FULL, LOADS, STORES
from mmscn.litmus.ops import (
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
    operations_of,
    unsupported,
)
from mmscn.litmus.registers import Registers

FENCES = {"MFENCE": FULL, "SFENCE": STORES, "LFENCE": LOADS}
"""Source: Intel SDM, volume 3A, 9.2.2."""
SIZED = ("MOV", "XCHG", "CMPXCHG", "XADD", "ADD", "SUB", "INC", "DEC", "CMP", "TEST", "XOR")
JUMPS = {"JE": "==", "JZ": "==", "JNE": "!=", "JNZ": "!=", "JL": "<", "JG": ">", "JLE": "<=",
         "JGE": ">="}  # fmt: skip
REGISTER = re.compile(r"[ER]?([ABCD])[XL]$|[ER]?([SD])IL?$|R(8|9|1[0-5])[DWB]?$")


def canonical(name: str) -> str | None:
    """One name for all sizes of a register; None for what is none."""
    match = REGISTER.match(name.upper())
    if match is None:
        return None
    letter, index, number = match.groups()
    return f"{letter}X" if letter else f"{index}I" if index else f"R{number}"


def operations(litmus: t.Litmus, thread: t.Thread, registers: Registers) -> tuple[Op, ...]:
    """Raises Rejected for an instruction that is not known."""
    return operations_of(thread, Reader(registers, att=litmus.arch == "X86_64"))


class Reader:
    """compared: what the last comparison looked at. att: the target is the last operand."""

    def __init__(self, registers: Registers, *, att: bool) -> None:
        self.registers = registers
        self.att = att
        self.out: list[Op] = []
        self.compared: tuple[Value, Value] | None = None

    def read(self, i: t.Instruction) -> None:
        name = i.name
        if name[:-1] in SIZED and name[-1] in "BWLQ":
            name = name[:-1]
        operands = i.operands[::-1] if self.att else i.operands
        if name in FENCES:
            self.out.append(Fence(kind=FENCES[name], text=i.name.lower(), span=i.span))
        elif name == "JMP" or name in JUMPS:
            self.jump(name, i)
        elif name in ("MOV", "XCHG", "CMPXCHG", "XADD", "ADD", "SUB", "CMP", "XOR"):
            if len(operands) != 2:
                raise one("MM802", f"`{name}` takes two operands", i.span)
            self.two(name, operands[0], operands[1], i)
        elif name in ("INC", "DEC") and len(operands) == 1:
            self.add(operands[0], Const(1), 1 if name == "INC" else -1, i)
        elif name == "NOP":
            pass
        else:
            raise unsupported(f"the instruction {i.name}", i.span)

    def two(self, name: str, to: t.Operand, source: t.Operand, i: t.Instruction) -> None:
        match name:
            case "MOV":
                self.move(to, source, i)
            case "ADD" | "SUB":
                self.add(to, self.value(source), 1 if name == "ADD" else -1, i)
            case "XCHG":
                if self.place(to) is None:
                    to, source = source, to
                self.update("xchg", self.register(source), to, Reg(self.register(source)), i)
            case "XADD":
                self.update("add", self.register(source), to, Reg(self.register(source)), i, i.lock)
            case "CMPXCHG":
                taken = self.registers.named("EAX", i.span)
                expected = Reg(taken)
                self.update("cmpxchg", taken, to, self.value(source), i, i.lock, expected)
                self.compared = None
            case "CMP":
                self.compared = (self.value(to), self.value(source))
            case "XOR":
                if to != source:
                    raise unsupported("XOR of two registers", i.span)
                self.out.append(Set(to=self.register(to), value=Const(0), span=i.span))

    def move(self, to: t.Operand, source: t.Operand, i: t.Instruction) -> None:
        stored, loaded = self.place(to), self.place(source)
        if stored is not None and loaded is not None:
            raise one("MM802", "`MOV` has one operand in memory", i.span)
        if stored is not None:
            self.out.append(Store(place=stored, value=self.value(source), span=i.span))
        elif loaded is not None:
            self.out.append(Load(to=self.register(to), place=loaded, span=i.span))
        elif isinstance(source, t.Symbol):
            self.registers.points(self.register(to), source.name)
        else:
            value = self.value(source)
            self.out.append(Set(to=self.register(to), value=value, span=i.span))

    def add(self, to: t.Operand, value: Value, sign: int, i: t.Instruction) -> None:
        place = self.place(to)
        if place is None:
            register = self.register(to)
            self.out.append(Set(to=register, value=Sum(Reg(register), value, sign), span=i.span))
            return
        amount = Const(-value.value) if sign < 0 and isinstance(value, Const) else value
        if sign < 0 and not isinstance(value, Const):
            raise unsupported("SUB of a register from memory", i.span)
        self.out.append(
            Update(kind="add", to=None, place=place, value=amount, whole=i.lock, span=i.span)
        )

    def update(
        self,
        kind: str,
        to: str,
        operand: t.Operand,
        value: Value,
        i: t.Instruction,
        whole: bool = True,
        expected: Value | None = None,
    ) -> None:
        place = self.place(operand)
        if place is None:
            raise unsupported(f"{i.name} of two registers", i.span)
        self.out.append(
            Update(
                kind=kind,
                to=to,
                place=place,
                value=value,
                expected=expected,
                whole=whole,
                span=i.span,
            )
        )

    def jump(self, name: str, i: t.Instruction) -> None:
        target = i.operands[0] if len(i.operands) == 1 else None
        if not isinstance(target, t.Word):
            raise one("MM802", f"`{i.name}` wants a label", i.span)
        if name == "JMP":
            zero = Const(0)
            self.out.append(Jump(to=target.text, op=None, left=zero, right=zero, span=i.span))
            return
        if self.compared is None:
            raise unsupported("a jump on flags that no CMP sets", i.span)
        left, right = self.compared
        self.out.append(Jump(to=target.text, op=JUMPS[name], left=left, right=right, span=i.span))

    # ---- operands -----------------------------------------------------------------

    def place(self, operand: t.Operand) -> str | None:
        """The location that an operand is; None where it is not in memory."""
        if not isinstance(operand, t.Memory):
            return None
        (*more,) = operand.parts[1:]
        if any(not (isinstance(p, t.Number) and p.value == 0) for p in more):
            raise unsupported("an address that is computed", operand.span)
        first = operand.parts[0]
        if not isinstance(first, t.Word):
            raise unsupported("an address that is a number", operand.span)
        return self.registers.address(first.text, first.span)

    def register(self, operand: t.Operand) -> str:
        if isinstance(operand, t.Word):
            return self.registers.named(operand.text, operand.span)
        raise one("MM802", "a register is wanted here", operand.span)

    def value(self, operand: t.Operand) -> Value:
        match operand:
            case t.Number(value=number):
                return Const(number)
            case t.Word():
                return Reg(self.register(operand))
        raise unsupported("an operand of this kind", operand.span)
