"""A litmus test as it is written: its initial state, its threads' code, and what is asked."""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen
from lark import Token, Tree

from mmscn.source import Source, Span

# ---- places and values --------------------------------------------------------


@frozen
class Register:
    """A register of a thread, as the test spells it."""

    thread: int
    name: str
    span: Span = field(eq=False, repr=False)


@frozen
class Location:
    """A variable; index: of an element of an array."""

    name: str
    span: Span = field(eq=False, repr=False)
    index: int | None = None


@frozen
class Of:
    """What belongs to a variable: `PTE(x)`, `PA(x)`, `TTD(x)`."""

    what: str
    name: str
    span: Span = field(eq=False, repr=False)


Place: TypeAlias = Register | Location | Of


@frozen
class Number:
    value: int
    span: Span = field(eq=False, repr=False)


@frozen
class Symbol:
    """The address of a variable or a label."""

    name: str
    span: Span = field(eq=False, repr=False)


@frozen
class Entry:
    """A page-table entry: `(oa:PA(x), valid:0)`. tag: what stands in front of it."""

    fields: tuple[tuple[str, Value], ...]
    span: Span = field(eq=False, repr=False)
    tag: str = ""


@frozen
class Values:
    """Of an array."""

    items: tuple[Value, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Strange:
    """A value of a kind that is read and not understood further: `label:"P0:L0"`."""

    text: str
    span: Span = field(eq=False, repr=False)


@frozen
class Instr:
    """An instruction as a value: `instr:"NOP"`."""

    text: str
    span: Span = field(eq=False, repr=False)


@frozen
class CodeLabel:
    """The address of an instruction of a thread: `P0:L2`."""

    thread: int
    name: str
    span: Span = field(eq=False, repr=False)

    @property
    def place(self) -> str:
        """The location that it is of."""
        return f"P{self.thread}:{self.name}"


@frozen
class Tagged:
    """The address of a variable with a tag: `x:red`."""

    name: str
    tag: str
    span: Span = field(eq=False, repr=False)


Value: TypeAlias = Number | Symbol | Of | Entry | Values | Strange | Instr | CodeLabel | Tagged


@frozen(kw_only=True)
class Setting:
    """A place at the start; without a value it begins as 0."""

    place: Place
    value: Value | None
    type: str
    span: Span = field(eq=False, repr=False)


# ---- code ---------------------------------------------------------------------


@frozen
class Word:
    """A register, a condition, the name of a barrier or of a label."""

    text: str
    span: Span = field(eq=False, repr=False)


@frozen
class Memory:
    """`[X1, W2, SXTW]`, `8(%rax)`. back: the base register is written back."""

    parts: tuple[Operand, ...]
    back: bool
    span: Span = field(eq=False, repr=False)


@frozen
class Shift:
    """`LSL #3` of the operand before it."""

    name: str
    by: int
    span: Span = field(eq=False, repr=False)


Operand: TypeAlias = Number | Symbol | Word | Memory | Shift


@frozen(kw_only=True)
class Instruction:
    """labels: that stand in front. name: in capitals, empty where a cell has labels alone."""

    labels: tuple[str, ...]
    name: str
    operands: tuple[Operand, ...]
    lock: bool
    span: Span = field(eq=False, repr=False)


@frozen(kw_only=True)
class Thread:
    """handler: its code runs when an access of the thread of that number faults."""

    number: int
    handler: bool
    code: tuple[Instruction, ...]
    span: Span = field(eq=False, repr=False)


# ---- what is asked ------------------------------------------------------------


@frozen
class Fault:
    """Whether an access of a thread faulted.

    label: of the instruction. place: what it wanted. kinds: `MMU`, `Translation`, …
    """

    thread: int
    label: str | None
    place: Location | Of | None
    kinds: tuple[str, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Refused:
    """What an operation of a thread was refused for: a number, 0 where it was not. instruction: as
    it is named. kinds: by number, from 1.
    """

    thread: int
    operation: int
    instruction: str
    kinds: tuple[str, ...]
    span: Span = field(eq=False, repr=False)


@frozen
class Means:
    """A part of a condition in other words: it is shown as it stands."""

    stands: Fault
    part: Condition


@frozen
class Equal:
    """place: a place or a register; equal: or not."""

    place: Place | Refused
    value: Value
    equal: bool


@frozen
class Truth:
    value: bool


@frozen
class Not:
    part: Condition


@frozen
class Both:
    """op: `/\\`, `\\/` or `=>`."""

    op: str
    parts: tuple[Condition, ...]


Condition: TypeAlias = Fault | Equal | Truth | Not | Both | Means
Listed: TypeAlias = Place | Fault | Refused


@frozen(kw_only=True, eq=False)
class Litmus:
    """arch: X86, X86_64, AArch64 or C. keys: the lines in front of the initial state, by name.

    quantifier: `exists`, `~exists` or `forall`. program: in place of threads, of C.
    """

    source: Source
    arch: str
    name: str
    keys: dict[str, str]
    settings: tuple[Setting, ...]
    threads: tuple[Thread, ...]
    program: Tree[Token] | None = None
    locations: tuple[Listed, ...]
    filter: Condition | None
    quantifier: str
    condition: Condition
    span: Span
