"""What a scenario says, written as a litmus test: in C, of X86 or of AArch64."""

from __future__ import annotations

from abc import ABC, abstractmethod

from mmscn.litmus import tree as t
from mmscn.litmus.architectures import FULL, INSTRUCTIONS, LOADS, STORES
from mmscn.litmus.export import Exported
from mmscn.litmus.ops import (
    Const,
    Fence,
    Load,
    Op,
    Reg,
    Set,
    Store,
    Sum,
    Update,
    Value,
    every,
    unsupported,
)
from mmscn.source import Span

ARCHITECTURES = ("C", "X86", "AArch64")
X86_REGISTERS = ("EAX", "EBX", "ECX", "EDX", "ESI", "EDI")
C_FENCES = {FULL: "smp_mb()", LOADS: "smp_rmb()", STORES: "smp_wmb()"}
X86_FENCES = {FULL: "MFENCE", LOADS: "LFENCE", STORES: "SFENCE"}
A64_FENCES = {FULL: "DMB SY", LOADS: "DMB LD", STORES: "DMB ST", INSTRUCTIONS: "ISB"}


def litmus_text(found: Exported, arch: str) -> str:
    """Raises Rejected for what the architecture cannot say."""
    writers: dict[str, type[Writer]] = {"C": InC, "X86": X86, "AArch64": AArch64}
    return writers[arch](found).text()


class Writer(ABC):
    """registers: of each thread, by the scenario's name."""

    arch = ""

    def __init__(self, found: Exported) -> None:
        self.found = found
        self.registers: list[dict[str, str]] = []
        for ops in found.threads:
            own: dict[str, str] = {}
            for op in every(ops):
                name = op.to if isinstance(op, Load | Set | Update) else None
                if name is not None and name not in own:
                    own[name] = self.register(name, len(own), op)
            self.registers.append(own)

    def register(self, name: str, index: int, op: Op) -> str:
        return name

    def text(self) -> str:
        name = self.found.name
        return "\n".join([f"{self.arch} {name}", self.init(), *self.program(), self.asked(), ""])

    def settings(self) -> list[str]:
        return [f"{name}={value};" for name, value in self.found.initial.items()]

    def init(self) -> str:
        return "{ " + " ".join([*self.settings(), "}"])

    def program(self) -> list[str]:
        columns = [
            [f"P{n}", *(line for op in ops for line in self.lines(n, op))]
            for n, ops in enumerate(self.found.threads)
        ]
        rows = max(map(len, columns))
        wide = [max(map(len, column)) for column in columns]
        return [
            " "
            + " | ".join(
                (column[row] if row < len(column) else "").ljust(w)
                for column, w in zip(columns, wide, strict=True)
            )
            + " ;"
            for row in range(rows)
        ]

    @abstractmethod
    def lines(self, n: int, op: Op) -> list[str]:
        """What thread `n` has for an operation. Raises Rejected where there is nothing for it."""

    def span(self) -> Span:
        return next(op.span for ops in self.found.threads for op in ops)

    # ---- what is asked ------------------------------------------------------------

    def asked(self) -> str:
        lines = []
        shown = [self.spelt(self.place(name)) for name in self.found.shown]
        if shown:
            lines.append(f"locations [{' '.join(f'{place};' for place in shown)}]")
        if self.found.quantifier != "forall" or self.found.condition != t.Truth(True):
            lines.append(f"{self.found.quantifier} ({self.condition(self.found.condition, 0)})")
        return "\n".join(lines)

    def place(self, name: str) -> t.Place:
        if name in self.found.results:
            return t.Register(*self.found.results[name], self.span())
        return t.Location(name, self.span())

    def spelt(self, place: t.Place | t.Refused) -> str:
        if isinstance(place, t.Register):
            return f"{place.thread}:{self.registers[place.thread].get(place.name, place.name)}"
        assert isinstance(place, t.Location)
        return place.name

    def condition(self, e: t.Condition, around: int) -> str:
        match e:
            case t.Truth(value=value):
                return "true" if value else "false"
            case t.Equal(place=place, value=t.Number(value=value), equal=equal):
                text = f"{self.spelt(place)}={value}"
                return text if equal else f"not ({text})"
            case t.Not(part=part):
                return f"not ({self.condition(part, 0)})"
            case t.Both(op=op, parts=parts):
                strength = {"=>": 0, "\\/": 1, "/\\": 2}[op]
                inner = f" {op} ".join(self.condition(p, strength + 1) for p in parts)
                inner = inner if op != "=>" else self.implied(parts)
                return f"({inner})" if around > strength else inner
        raise AssertionError(e)

    def implied(self, parts: tuple[t.Condition, ...]) -> str:
        left, right = (self.condition(p, 2) for p in parts)
        return f"not ({left}) \\/ {right}"


class InC(Writer):
    arch = "C"

    def settings(self) -> list[str]:
        return [f"int {name} = {value};" for name, value in self.found.initial.items()]

    def program(self) -> list[str]:
        lines = []
        params = ", ".join(f"int *{name}" for name in self.found.initial)
        for n, ops in enumerate(self.found.threads):
            lines += ["", f"P{n}({params})", "{"]
            lines += [f"\tint {name};" for name in self.registers[n].values()]
            lines += [f"\t{line}" for op in ops for line in self.lines(n, op)]
            lines.append("}")
        return [*lines, ""]

    def value(self, value: Value) -> str:
        match value:
            case Const(value=number):
                return str(number)
            case Reg(name=name):
                return name
            case Sum(left=left, right=right, sign=sign):
                return f"{self.value(left)} {'+' if sign > 0 else '-'} {self.value(right)}"
        raise AssertionError(value)

    def lines(self, n: int, op: Op) -> list[str]:
        match op:
            case Load(to=to, place=place, order=order):
                call = f"smp_load_acquire({place})" if order else f"READ_ONCE(*{place})"
                return [f"{to} = {call};"]
            case Store(place=place, value=value, order=order):
                if order:
                    return [f"smp_store_release({place}, {self.value(value)});"]
                return [f"WRITE_ONCE(*{place}, {self.value(value)});"]
            case Set(to=to, value=value):
                return [f"{to} = {self.value(value)};"]
            case Fence(kind=kind) if kind in C_FENCES:
                return [f"{C_FENCES[kind]};"]
            case Update(kind="xchg", to=to, place=place, value=value):
                return [f"{to} = xchg({place}, {self.value(value)});"]
            case Update(kind="cmpxchg", to=to, place=place, value=value, expected=old):
                assert old is not None
                return [f"{to} = cmpxchg({place}, {self.value(old)}, {self.value(value)});"]
            case Update(place=place, value=value):
                return ["smp_mb();", f"atomic_add({self.value(value)}, {place});", "smp_mb();"]
        raise unsupported("this operation in C", op.span)


class X86(Writer):
    arch = "X86"

    def register(self, name: str, index: int, op: Op) -> str:
        if index >= len(X86_REGISTERS):
            raise unsupported("so many locals of a thread", op.span)
        return X86_REGISTERS[index]

    def lines(self, n: int, op: Op) -> list[str]:
        own = self.registers[n]
        match op:
            case Load(to=to, place=place):
                return [f"MOV {own[to]},[{place}]"]
            case Store(place=place, value=value):
                before, text = self.operand(n, value, op)
                return [*before, f"MOV [{place}],{text}"]
            case Set(to=to, value=value):
                before, text = self.operand(n, value, op)
                return [*before, *([] if text == own[to] else [f"MOV {own[to]},{text}"])]
            case Fence(kind=kind) if kind in X86_FENCES:
                return [X86_FENCES[kind]]
            case Update(kind="xchg", to=to, place=place, value=value) if to is not None:
                before, text = self.operand(n, value, op)
                return [*before, f"MOV {own[to]},{text}", f"XCHG [{place}],{own[to]}"]
            case Update(kind="add", to=None, place=place, value=Const(value=amount)):
                return [f"LOCK ADD [{place}],${amount}"]
        raise unsupported("this operation of X86", op.span)

    def operand(self, n: int, value: Value, op: Op) -> tuple[list[str], str]:
        match value:
            case Const(value=number):
                return [], f"${number}"
            case Reg(name=name):
                return [], self.registers[n][name]
        raise unsupported("arithmetic in a test of X86", op.span)


class AArch64(Writer):
    """X0 to X15 are locals; the registers behind them hold the addresses, and the last is spare."""

    arch = "AArch64"

    def register(self, name: str, index: int, op: Op) -> str:
        if index > 15:
            raise unsupported("so many locals of a thread", op.span)
        return f"X{index}"

    def address(self, place: str) -> str:
        return f"X{16 + list(self.found.initial).index(place)}"

    def settings(self) -> list[str]:
        if len(self.found.initial) > 12:
            raise unsupported("so many variables", self.span())
        found = super().settings()
        for n, ops in enumerate(self.found.threads):
            used = {op.place for op in every(ops) if isinstance(op, Load | Store | Update)}
            for place in self.found.initial:
                if place in used:
                    found.append(f"{n}:{self.address(place)}={place};")
        return found

    def lines(self, n: int, op: Op) -> list[str]:
        own = {name: f"W{register[1:]}" for name, register in self.registers[n].items()}
        match op:
            case Load(to=to, place=place, order=order):
                return [f"{'LDAR' if order else 'LDR'} {own[to]},[{self.address(place)}]"]
            case Store(place=place, value=value, order=order):
                before, text = self.operand(own, value, "W29")
                name = "STLR" if order else "STR"
                return [*before, f"{name} {text},[{self.address(place)}]"]
            case Set(to=to, value=value):
                before, text = self.operand(own, value, own[to])
                return [*before, *([] if text == own[to] else [f"MOV {own[to]},{text}"])]
            case Fence(kind=kind):
                return [A64_FENCES[kind]]
            case Update(kind="xchg", to=to, place=place, value=value) if to is not None:
                before, text = self.operand(own, value, "W29")
                swap = f"SWPAL {text},{own[to]},[{self.address(place)}]"
                return [*before, "DMB SY", swap, "DMB SY"]
            case Update(kind="add", to=None, place=place, value=value):
                before, text = self.operand(own, value, "W29")
                return [*before, "DMB SY", f"STADD {text},[{self.address(place)}]", "DMB SY"]
            case Update(kind="cmpxchg", to=to, place=place, value=value, expected=old) if to:
                assert old is not None
                before, first = self.operand(own, old, own[to])
                more, new = self.operand(own, value, "W29")
                before += [] if first == own[to] else [f"MOV {own[to]},{first}"]
                swap = f"CASAL {own[to]},{new},[{self.address(place)}]"
                return [*before, *more, "DMB SY", swap, "DMB SY"]
        raise unsupported("this operation of AArch64", op.span)

    def operand(self, own: dict[str, str], value: Value, spare: str) -> tuple[list[str], str]:
        """The register that has a value, and the instructions in front that put it there."""
        match value:
            case Const(value=0):
                return [], "WZR"
            case Const(value=number):
                return [f"MOV {spare},#{number}"], spare
            case Reg(name=name):
                return [], own[name]
            case Sum(left=Reg(name=name), right=Const(value=number), sign=sign):
                return [f"{'ADD' if sign > 0 else 'SUB'} {spare},{own[name]},#{number}"], spare
        raise unsupported("arithmetic of this kind", self.span())
