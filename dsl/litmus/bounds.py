"""The numbers that a litmus test is about: the least and the largest, arithmetic included."""

from __future__ import annotations

from collections.abc import Iterator

from mmscn.litmus import tree as t
from mmscn.litmus.ops import (
    Code,
    Const,
    Fence,
    Jump,
    Label,
    Load,
    Lock,
    Op,
    Set,
    Store,
    Sum,
    Update,
    constants,
    every,
    parts_of,
    unsupported,
)
from mmscn.source import Span

VALUE_MAX = 1000


def bounds(code: Code) -> tuple[int, int]:
    """The least and the largest number that anything may hold. Raises Rejected for large ones."""
    values = [0, *code.initial.values(), *code.registers.values()]
    values += [v.value for v in numbers(code.litmus.condition)]
    up = down = 0
    for ops in (*code.threads.values(), *code.handlers.values()):
        for op in every(ops):
            for value in parts_of(op):
                values += constants(value)
            grown = growth(op, max(map(abs, values)))
            up, down = up + max(grown, 0), down + min(grown, 0)
            if grown and loops(ops):
                raise unsupported("arithmetic in a loop", Span(code.litmus.source, 0, 1))
    for number, span in written_numbers(code):
        if abs(number) > VALUE_MAX:
            raise unsupported(f"a number beyond {VALUE_MAX}", span)
    low, high = min(values) + down, max(values) + up
    if low < -VALUE_MAX or high > VALUE_MAX:
        raise unsupported(f"a number beyond {VALUE_MAX}", code.litmus.span)
    return low, high


def written_numbers(code: Code) -> Iterator[tuple[int, Span]]:
    """The numbers that stand in a test, and where."""
    settings = [s.value for s in code.litmus.settings if isinstance(s.value, t.Number)]
    for number in (*settings, *numbers(code.litmus.condition)):
        yield number.value, number.span
    for ops in (*code.threads.values(), *code.handlers.values()):
        for op in every(ops):
            for value in parts_of(op):
                for constant in constants(value):
                    assert not isinstance(op, Load | Fence | Lock | Label)
                    yield constant, op.span


def growth(op: Op, largest: int) -> int:
    """By how much an operation makes what it computes larger than what is there, at most."""
    match op:
        case Update(kind="add", value=Const(value=value)):
            return value
        case Update(kind="add"):
            return largest
        case Set(value=Sum(right=Const(value=value), sign=sign)):
            return sign * value
        case Set(value=Sum(sign=sign)) | Store(value=Sum(sign=sign)):
            return sign * largest
    return 0


def loops(ops: tuple[Op, ...]) -> bool:
    seen: set[str] = set()
    for op in ops:
        if isinstance(op, Label):
            seen.add(op.name)
        if isinstance(op, Jump) and op.to in seen:
            return True
    return False


def numbers(condition: t.Condition) -> list[t.Number]:
    match condition:
        case t.Equal(value=t.Number() as value):
            return [value]
        case t.Not(part=part):
            return numbers(part)
        case t.Both(parts=parts):
            return [n for part in parts for n in numbers(part)]
    return []
