"""AArch64: instructions that others load or store to: their fetch, and registers that have one."""

from __future__ import annotations

from collections.abc import Callable

from mmscn.litmus import tree as t
from mmscn.litmus.architectures import INSTRUCTIONS
from mmscn.litmus.ops import Const, Fence, Fetch, Jump, Op, Raise, unsupported
from mmscn.litmus.registers import Registers
from mmscn.source import Span


def fetched(i: t.Instruction, registers: Registers, *, handler: bool) -> Fetch | None:
    """The fetch of an instruction that others load or store to; None for what is none."""
    instructions = registers.instructions
    if instructions is None or handler:
        return None
    for label in i.labels:
        place, added = registers.copied.get(label, (f"P{registers.thread}:{label}", ""))
        if place in instructions.words:
            there = instructions.there(place)
            ways = tuple((n, does(text, added, i.span)) for n, text in there)
            return Fetch(place=place, ways=ways, span=i.span)
    return None


def does(text: str, added: str, span: Span) -> tuple[Op, ...]:
    """What an instruction does that stands where others may be. added: to labels, there."""
    name, _, operand = text.partition(" ")
    match name:
        case "NOP":
            return ()
        case "ISB":
            return (Fence(kind=INSTRUCTIONS, text="isb", span=span),)
        case "B":
            return (Jump(to=operand + added, op=None, left=Const(0), right=Const(0), span=span),)
    return (Raise(what=name, span=span),)


def checked_store(place: str, operand: t.Operand, registers: Registers) -> None:
    """Raises Rejected where something is stored that is not known to be an instruction over one, or
    an instruction over something else.
    """
    name = register_of(operand, registers)
    known = registers.instructions
    if known is None or place not in known.words:
        if name in registers.coded:
            raise unsupported("an instruction that is stored as data", operand.span)
        return
    undefined = name is None or (name not in registers.written and registers.numbers.get(name) == 0)
    if name not in registers.constant_code and not undefined:
        raise unsupported("an instruction that is computed", operand.span)


def checked_numbers(registers: Registers, *operands: t.Operand) -> None:
    """Raises Rejected where an instruction is a number in a computation; to be another instruction
    or to be 0 may be asked of it.
    """
    coded = [register_of(o, registers) in registers.coded for o in operands]
    if any(coded) and not all(
        c or o == t.Number(0, o.span) for c, o in zip(coded, operands, strict=True)
    ):
        raise unsupported("an instruction as a number", operands[0].span)


def copied(operand: t.Operand, registers: Registers) -> Callable[[str], None]:
    """What is to be told the register that an instruction is copied to, if it is one."""
    name = register_of(operand, registers)
    coded, constant = name in registers.coded, registers.constant_code.get(name or "")

    def into(target: str) -> None:
        if coded:
            registers.holds_code(target)
        if constant is not None:
            registers.constant_code[target] = constant

    return into


def is_code(place: str, registers: Registers) -> bool:
    """Whether a place is a word of code."""
    return registers.instructions is not None and place in registers.instructions.words


def register_of(operand: t.Operand, registers: Registers) -> str | None:
    if isinstance(operand, t.Word) and registers.canonical(operand.text):
        return registers.named(operand.text, operand.span)
    return None
