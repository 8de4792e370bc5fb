"""A program as a listing that a person can read.

Masks are taken apart into fields; a test or effect on part of a field shows
the bits it is about. The listing says all that the program says, apart from
the end of a long table, and is the same for the same program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import assert_never

from mmscn.runtime.bytecode import (
    Check,
    FieldId,
    Instr,
    Op,
    Process,
    Program,
    Rule,
    RuleId,
    Tests,
    effect_op,
    test_op,
)

Names = Callable[[FieldId], str]

TABLE_ENTRIES_MAX = 64
"""Shown of one table."""


def disassemble(program: Program, names: Names | None = None) -> str:
    """The listing of a verified program, one line to its end each.

    names: of the fields; without it they are f0, f1 and so on.
    """
    lines = _Listing(program, names or (lambda f: f"f{f}")).lines()
    return "".join(f"{line.rstrip()}\n" for line in lines)


class _Listing:
    def __init__(self, program: Program, names: Names) -> None:
        self._program = program
        self._name = [names(FieldId(f)) for f in range(len(program.fields))]

    def lines(self) -> Iterator[str]:
        program = self._program
        yield f"words {program.words}"
        yield from self._fields()
        for t, table in enumerate(program.tables):
            yield f"table t{t}: {_numbers(table)}"
        for v, group in enumerate(program.versions):
            kind = "canonical" if group.canonical else "counted"
            yield f"versions v{v}: {self._list(group.fields)}; {group.named} named, {kind}"
        for state in program.initial:
            values = (
                f"{name}={state[field.word] >> field.shift & (1 << field.width) - 1}"
                for name, field in zip(self._name, program.fields, strict=True)
            )
            yield f"initial: {' '.join(values)}"
        yield f"quiescent: {self._disjunction(program.quiescent)}"
        for c, check in enumerate(program.checks):
            yield self._check(c, check)
        for s, permutation in enumerate(program.symmetry):
            moves = (
                f"{self._name[f]}={self._name[source] if t < 0 else f't{t}[{self._name[source]}]'}"
                for f, source, t in permutation.moves
            )
            yield f"symmetry s{s}: {'; '.join(moves)}"
        for p, process in enumerate(program.processes):
            yield ""
            yield from self._process(p, process)

    def _fields(self) -> Iterator[str]:
        width = max(map(len, self._name), default=0)
        for name, field in zip(self._name, self._program.fields, strict=True):
            last = field.shift + field.width - 1
            yield f"field {name:{width}}  word {field.word}, bits {field.shift} to {last}"

    def _check(self, c: int, check: Check) -> str:
        text = f"check c{c}: {check.kind.name.lower()}"
        if check.bad:
            text += f", bad {self._disjunction(check.bad)}"
        if check.covered != ((),):
            text += f", covered {self._disjunction(check.covered)}"
        return text

    def _process(self, p: int, process: Process) -> Iterator[str]:
        about = [f"column {process.column}"]
        if process.pc is not None:
            about.append(f"pc {self._name[process.pc]}")
        if process.rest:
            about.append(f"rests at {' '.join(map(str, process.rest))}")
        if process.prompt:
            about.append("prompt")
        yield f"process {p}: {process.kind.name.lower()}, {', '.join(about)}"
        shown: dict[RuleId, int] = {}
        for pc, rules in enumerate(process.dispatch):
            for at, r in enumerate(rules):
                head = f"{pc:4} " if process.pc is not None and at == 0 else " " * 5
                if r in shown:
                    yield f"{head} r{r}: as at {shown[r]}"
                else:
                    shown[r] = pc
                    yield f"{head} r{r}: {self._rule(self._program.rules[r])}"

    def _rule(self, rule: Rule) -> str:
        text = f"{self._conjunction(rule.tests)} -> {self._effects(rule.effects)}"
        notes = [f"violates c{c}" for c in rule.violates] + [f"covers c{c}" for c in rule.covers]
        if rule.halts:
            notes.append("halts")
        if rule.parts:
            notes.append(f"parts {' '.join(f'r{part}' for part in rule.parts)}")
        notes.append(f"line {rule.origin}")
        return f"{text}  [{', '.join(notes)}]"

    def _disjunction(self, disjunction: Iterable[Tests]) -> str:
        return " | ".join(map(self._conjunction, disjunction)) or "never"

    def _conjunction(self, tests: Tests) -> str:
        return " & ".join(map(self._test, tests)) or "always"

    def _effects(self, effects: Iterable[Instr]) -> str:
        return "; ".join(map(self._effect, effects)) or "nothing"

    def _test(self, test: Instr) -> str:
        op = test_op(test)
        match op:
            case Op.MATCH:
                word, mask, value = test[1:]
                return " & ".join(self._masked(word, mask, value, "=="))
            case Op.MISMATCH:
                word, mask, value = test[1:]
                parts = list(self._masked(word, mask, value, "=="))
                if len(parts) > 1:
                    return f"!({' & '.join(parts)})"
                return "".join(self._masked(word, mask, value, "!="))
            case Op.SAME:
                f, g = test[1:]
                return f"{self._name[f]}=={self._name[g]}"
            case Op.DIFFER:
                f, g = test[1:]
                return f"{self._name[f]}!={self._name[g]}"
            case Op.LOOKUP:
                t, *fields = test[1:]
                return f"t{t}[{self._list(fields)}]"
            case _:
                assert_never(op)

    def _effect(self, effect: Instr) -> str:
        op = effect_op(effect)
        match op:
            case Op.PUT:
                word, mask, value = effect[1:]
                return "; ".join(self._masked(word, mask, value, "="))
            case Op.ADD:
                f, number = effect[1:]
                return f"{self._name[f]}{'+' if number > 0 else '-'}={abs(number)}"
            case Op.COPY:
                f, g = effect[1:]
                return f"{self._name[f]}={self._name[g]}"
            case Op.MAP:
                f, t, *fields = effect[1:]
                return f"{self._name[f]}=t{t}[{self._list(fields)}]"
            case Op.FRESH:
                f, v = effect[1:]
                return f"{self._name[f]}=fresh v{v}"
            case _:
                assert_never(op)

    def _masked(self, word: int, mask: int, value: int, relation: str) -> Iterator[str]:
        """What a mask and value say of each field: all of it, or the bits in question."""
        for name, field in zip(self._name, self._program.fields, strict=True):
            whole = (1 << field.width) - 1
            own = mask >> field.shift & whole if field.word == word else 0
            number = value >> field.shift & own
            if own == whole:
                yield f"{name}{relation}{number}"
            elif own:
                yield f"{name}.{own:#b}{relation}{number:#b}"

    def _list(self, fields: Iterable[int]) -> str:
        return " ".join(self._name[f] for f in fields)


def _numbers(table: tuple[int, ...]) -> str:
    text = " ".join(map(str, table[:TABLE_ENTRIES_MAX]))
    rest = len(table) - TABLE_ENTRIES_MAX
    return text if rest <= 0 else f"{text} and {rest} more"
