"""AArch64: what operands are: registers, numbers, and the places at addresses."""

from __future__ import annotations

import re

from mmscn.diagnostics import one
from mmscn.litmus import tree as t
from mmscn.litmus.fetches import register_of
from mmscn.litmus.ops import Const, Load, Op, Raise, Reg, Set, Update, Value, Zero, unsupported
from mmscn.litmus.pages import entry_of
from mmscn.litmus.registers import Registers

UNTAGGED = "green"
"""The tag that memory has, and an address that says none."""
ZERO = ("WZR", "XZR")
EXTENDED = ("SXTW", "UXTW", "LSL", "SXTX")
"""What is done to a register that is added to an address."""
REGISTER = re.compile(r"[WX](\d|[12]\d|30)$")


def canonical(name: str) -> str | None:
    """`X5` for `W5` and `X5`; None for what is no register."""
    match = REGISTER.match(name.upper())
    return f"X{match[1]}" if match else None


class Operands:
    """Of one thread's instructions. out: the operations so far. zeros: registers that are 0
    whatever was read.

    constants: numbers that registers have, whatever was read; entries: registers that have a
    page-table entry. largest: that numbers of the test are, added up. el0: whether it is user code.
    """

    def __init__(self, registers: Registers, largest: int, el0: bool) -> None:
        self.el0 = el0
        self.registers = registers
        self.largest = largest
        self.out: list[Op] = []
        self.zeros: set[str] = set()
        self.constants: dict[str, int] = {}
        self.entries: set[str] = set()

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
                case t.Word(text=text) if text.upper() in EXTENDED:
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
        if isinstance(operand, t.Word) and operand.text.upper() in ZERO:
            return "XZR"
        if isinstance(operand, t.Word):
            register = self.registers.named(operand.text, operand.span)
            self.registers.addresses.pop(register, None)
            self.registers.made_of.pop(register, None)
            self.registers.tags.pop(register, None)
            self.registers.constant_code.pop(register, None)
            self.registers.coded.discard(register)
            self.registers.written.add(register)
            self.zeros.discard(register)
            self.constants.pop(register, None)
            self.entries.discard(register)
            return register
        raise one("MM802", "a register is wanted here", operand.span)

    def value(self, operand: t.Operand) -> Value:
        match operand:
            case t.Number(value=number):
                return Const(number)
            case t.Word(text=text) if text.upper() in ZERO:
                return Const(0)
            case t.Word(text=text, span=span):
                register = self.registers.named(text, span)
                if register in self.registers.addresses:
                    raise unsupported("an address as a value", operand.span)
                if register in self.registers.bits:
                    raise unsupported("a shifted number as a value", operand.span)
                return Reg(register)
        raise unsupported("an operand of this kind", operand.span)

    def named(self, *operands: t.Word) -> tuple[str, ...]:
        """The registers that operands are; none where one is none."""
        if not all(canonical(o.text) for o in operands):
            return ()
        return tuple(self.registers.named(o.text, o.span) for o in operands)

    def copies(self, to: t.Operand, register: str, depends: tuple[str, ...]) -> None:
        """A register has the address that another has, or the number of its page."""
        place = self.registers.addresses[register]
        tag = self.registers.tags.get(register)
        target = self.target(to)
        self.registers.points(target, place)
        if tag is not None:
            self.registers.tags[target] = tag
        if depends:
            self.registers.made_of[target] = depends

    def refused(
        self, place: str, operand: t.Operand, depends: tuple[str, ...], i: t.Instruction
    ) -> bool:
        """Whether an access is refused because of its address's tag, or because user code may not
        access page tables, which is then said.
        """
        assert isinstance(operand, t.Memory)
        if self.el0 and entry_of(place) is not None:
            self.out.append(Raise(what="Permission", place=place, depends=depends, span=i.span))
            return True
        base = register_of(operand.parts[0], self.registers)
        if base is None or self.registers.tags.get(base, UNTAGGED) == UNTAGGED:
            return False
        self.out.append(Raise(what="TagCheck", place=place, depends=depends, span=i.span))
        return True

    def untouched(self, register: str) -> bool:
        """Whether a register is what it is where nothing is said of it: 0."""
        written = {op.to for op in self.out if isinstance(op, Set | Load | Update)}
        return register not in written | self.registers.given

    def zero(self, operand: t.Operand) -> Value:
        value = self.value(operand)
        return Zero(value.name) if isinstance(value, Reg) else Const(0)

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

    def beyond(self, bits: int) -> bool:
        """Whether no number of the test has one of some bits."""
        return bits == 0 or (bits & (bits - 1) == 0 and bits > self.largest)
