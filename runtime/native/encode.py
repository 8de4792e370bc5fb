"""From a `Program` to the flat words that the engine decodes.

A sequence of sections, each a count and then records of as many 64-bit words as
`decoder.c` says. MATCHes on one word become one guard, and the PUTs and ADDs on
one word become one effect of the form `((old & keep) | put) + add`. Expects a
program that `verify` has passed.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import assert_never

from mmscn.runtime.bytecode import (
    LIVENESS,
    Check,
    CheckKind,
    Instr,
    Op,
    ProcessKind,
    Program,
    Rule,
    Tests,
    effect_op,
    test_op,
)

_MAGIC = 0x6D6D_7363_6E00_0002
_NONE = (1 << 64) - 1
_SECTIONS = {
    "words": 2,
    "fields": 3,
    "tables": 2,
    "cells": 1,
    "guards": 3,
    "parts": 1,
    "tests": 6,
    "conjunctions": 4,
    "effects": 5,
    "word_effects": 4,
    "ids": 1,
    "rules": 12,
    "processes": 8,
    "pcs": 2,
    "checks": 5,
    "quiescent": 2,
    "groups": 4,
    "permutations": 2,
    "moves": 3,
    "initial": 1,
}
"""In their order, with the width of a record."""

JOINED_MAX = 384
"""Rules that the engine keeps in one list; where there are more, it has a list for each program
counter of a process. CPU seconds of searches with one list, and with many: 1.19 and 1.35 for 164
rules (`bench.tlb` 2,2,2,2,2 unreduced), 0.037 and 0.033 for 579 (two writers of `scale`), 1.6 and
1.0 for 2012 (in two rounds on two pages)."""


def encode(program: Program) -> bytes:
    """The words of a verified program, in the machine's byte order.

    Those of the last one are remembered: who searches a program also looks for traces of it.
    """
    global _last
    last = _last
    if last is None or last[0] is not program:
        _last = last = (program, _Encoder(program).encode())
    return last[1]


_last: tuple[Program, bytes] | None = None


class _Encoder:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._section: dict[str, list[int]] = {name: [] for name in _SECTIONS}

    def encode(self) -> bytes:
        program = self._program
        self._add("words", program.words, len(program.rules) <= JOINED_MAX)
        for field in program.fields:
            self._add("fields", field.word, field.shift, field.width)
        for cells in program.tables:
            self._add("tables", *self._list("cells", cells))
        for rule in program.rules:
            self._rule(rule)
        for process in program.processes:
            lists = [self._list("ids", rules) for rules in process.dispatch]
            first = self._count("pcs")
            for rules_at in lists:
                self._add("pcs", *rules_at)
            pc = _NONE if process.kind is ProcessKind.AGENT or process.pc is None else process.pc
            rest = self._list("ids", process.rest)
            about = (*rest, process.column, process.prompt)
            self._add("processes", process.kind, pc, first, len(lists), *about)
        for check in program.checks:
            if check.kind in LIVENESS:
                check = Check(CheckKind.STEP, covered=())
            bad, covered = self._disjunction(check.bad), self._disjunction(check.covered)
            self._add("checks", check.kind, *bad, *covered)
        self._add("quiescent", *self._disjunction(program.quiescent))
        for group in program.versions:
            self._add("groups", group.named, group.canonical, *self._list("ids", group.fields))
        for permutation in program.symmetry:
            first = self._count("moves")
            for f, source, table in permutation.moves:
                self._add("moves", f, source, _NONE if table < 0 else table)
            self._add("permutations", first, len(permutation.moves))
        for state in program.initial:
            self._section["initial"].extend(state)
        words = array("Q", [_MAGIC])
        for name in _SECTIONS:
            words.append(self._count(name))
            words.fromlist(self._section[name])
        return words.tobytes()

    def _count(self, name: str) -> int:
        return len(self._section[name]) // _SECTIONS[name]

    def _add(self, name: str, *record: int) -> None:
        assert len(record) == _SECTIONS[name]
        self._section[name].extend(record)

    def _list(self, name: str, values: Sequence[int]) -> tuple[int, int]:
        section = self._section[name]
        first = len(section)
        section.extend(values)
        return first, len(values)

    def _disjunction(self, disjunction: Sequence[Tests]) -> tuple[int, int]:
        first = self._count("conjunctions")
        for tests in disjunction:
            self._conjunction(tests)
        return first, len(disjunction)

    def _conjunction(self, tests: Tests) -> int:
        """Its index; the MATCHes on one word as one guard, the likeliest to fail first."""
        guards: dict[int, tuple[int, int]] = {}
        others = self._section["tests"]
        first = len(others)
        possible = True
        for test in tests:
            op = test_op(test)
            match op:
                case Op.MATCH:
                    _, word, mask, value = test
                    seen, wanted = guards.get(word, (0, 0))
                    possible = possible and not (wanted ^ value) & seen & mask
                    guards[word] = (seen | mask, wanted | value)
                case Op.LOOKUP:
                    _, table, *fields = test
                    others += (op, table, 0, 0, *self._list("parts", fields))
                case Op.MISMATCH | Op.SAME | Op.DIFFER:
                    others += (op, *test[1:], 0, 0, 0)[:6]
                case _:
                    assert_never(op)
        masks = self._section["guards"]
        first_guard = len(masks)
        if not possible:
            masks += (0, 0, 1)  # nothing matches it
        else:
            for word, (mask, value) in sorted(
                guards.items(), key=lambda guard: (-guard[1][0].bit_count(), guard[0])
            ):
                masks += (word, mask, value)
        index = self._count("conjunctions")
        width, guard_width = _SECTIONS["tests"], _SECTIONS["guards"]
        self._section["conjunctions"] += (
            first_guard // guard_width, (len(masks) - first_guard) // guard_width,
            first // width, (len(others) - first) // width,
        )  # fmt: skip
        return index

    def _rule(self, rule: Rule) -> None:
        conjunction = self._conjunction(rule.tests)
        words: dict[int, tuple[int, int, int]] = {}
        first = self._count("effects")
        added: list[int] = []
        for effect in rule.effects:
            op = effect_op(effect)
            match op:
                case Op.PUT:
                    _, word, mask, value = effect
                    own, put, add = words.get(word, (0, 0, 0))
                    words[word] = (own | mask, put | value, add)
                case Op.ADD:
                    _, f, number = effect
                    field = self._program.fields[f]
                    own, put, add = words.get(field.word, (0, 0, 0))
                    words[field.word] = (own, put, add + (number << field.shift) & _NONE)
                    added.append(f)
                case Op.COPY | Op.MAP | Op.FRESH:
                    self._effect(effect)
                case _:
                    assert_never(op)
        first_word = self._count("word_effects")
        changes = self._section["word_effects"]
        for word, (own, put, add) in words.items():
            changes += (word, own, put, add)
        fields, n_fields = self._list("ids", added)
        self._section["rules"] += (
            rule.process, conjunction, first_word, len(words),
            first, self._count("effects") - first,
            *self._list("ids", rule.violates), *self._list("ids", rule.covers),
            fields << 32 | n_fields, rule.halts,
        )  # fmt: skip

    def _effect(self, effect: Instr) -> None:
        op, f, x, *fields = effect
        self._add("effects", op, f, x, *self._list("parts", fields))
