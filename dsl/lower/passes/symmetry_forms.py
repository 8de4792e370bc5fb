"""An assembled program taken apart: what its rules and conditions say, field by field.

A *form* is what a part of a rule or condition says, without the order of its parts and
without numbers that no field has. `mapped` says what a form becomes when fields are
exchanged and their numbers renamed; two rules whose forms are equal do the same.
A table is compared where it may be asked: its entries under the guard beside it.
"""

from __future__ import annotations

from functools import cached_property
from itertools import product
from typing import Any, assert_never

from mmscn.budget import poll
from mmscn.lower.assemble import Assembler
from mmscn.lower.conjunctions import Conjunction, Truths
from mmscn.runtime.bytecode import Op, Program, Rule, Tests, effect_op, test_op

Mapping = tuple[tuple[int, tuple[int, ...]], ...]
"""Of each field: the field that it goes to, and the number that each of its numbers becomes."""

Counters = list[dict[int, int]]
"""By process: where its program counters go."""

Form = Any
"""What a rule or condition says, independent of the order of its parts and unused numbers."""


class Forms:
    """One program, its rules taken apart field by field."""

    def __init__(self, program: Program, assembler: Assembler) -> None:
        self.program = program
        self.ir = assembler.ir
        self.layout = assembler.layout
        self.used = [0] * len(program.fields)
        for v, place in self.layout.field_of.items():
            f = int(place)
            size = len(self.ir.vars[v].domain)
            if v in self.layout.group_of:
                size = 1 << program.fields[f].width
            self.used[f] = max(self.used[f], size)
        self.full = [frozenset(range(n)) for n in self.used]
        self.group_of: dict[int, int] = {
            int(f): g for g, group in enumerate(program.versions) for f in group.fields
        }
        self.word_fields: list[list[int]] = [[] for _ in range(program.words)]
        for f, field in enumerate(program.fields):
            self.word_fields[field.word].append(f)
        self.pcs = {p.pc: n for n, p in enumerate(program.processes) if p.pc is not None}
        self.at: list[int] = [0] * len(program.rules)
        for process in program.processes:
            for pc, rules in enumerate(process.dispatch):
                for r in rules:
                    self.at[r] = pc
        self.initial = {self.numbered(self.unpacked(state)) for state in program.initial}

    @cached_property
    def parts(self) -> list[tuple[list[Form], list[Form], int]]:
        """The rules taken apart."""
        return [self.rule(r, rule) for r, rule in enumerate(self.program.rules)]

    @cached_property
    def rules(self) -> dict[Form, set[Form]]:
        """The rules as they are."""
        pcs = [{pc: pc for pc in range(len(p.dispatch))} for p in self.program.processes]
        return self.mapped_rules(self.identity(), pcs, list(range(len(pcs))))

    # ---- taking apart

    def rule(self, number: int, rule: Rule) -> tuple[list[Form], list[Form], int]:
        """Tests, effects and the counter that follows."""
        guard, others = self.tests(rule.tests)
        own = self.program.processes[rule.process].pc
        to = self.at[number]
        effects: list[Form] = []
        for effect in rule.effects:
            op = effect_op(effect)
            match op:
                case Op.PUT:
                    word, mask, value = effect[1:]
                    for f in self.word_fields[word]:
                        field = self.program.fields[f]
                        if mask >> field.shift & 1:
                            x = value >> field.shift & (1 << field.width) - 1
                            if f == own:
                                to = x
                            else:
                                effects.append(("put", f, x))
                case Op.ADD:
                    f, n = effect[1:]
                    effects.append(("add", f, n))
                case Op.COPY:
                    f, g = effect[1:]
                    effects.append(("copy", f, g))
                case Op.FRESH:
                    effects.append(("fresh", effect[1]))
                case Op.MAP:
                    f, t, *fields = effect[1:]
                    entries = self.entries(t, fields, guard)
                    effects.append(("map", f, tuple(fields), entries))
                case _:
                    assert_never(op)
        tests: list[Form] = [("in", f, values) for f, values in guard.items()]
        return tests + others, effects, to

    def tests(self, tests: Tests) -> tuple[dict[int, frozenset[int]], list[Form]]:
        guard: dict[int, frozenset[int]] = {}
        others: list[Form] = []
        for test in tests:
            op = test_op(test)
            match op:
                case Op.MATCH | Op.MISMATCH:
                    word, mask, value = test[1:]
                    for f in self.word_fields[word]:
                        field = self.program.fields[f]
                        ones = (1 << field.width) - 1
                        own = mask >> field.shift & ones
                        if own:
                            x = value >> field.shift & ones
                            inside = frozenset(n for n in self.full[f] if n & own == x)
                            if op is Op.MISMATCH:
                                inside = self.full[f] - inside
                            guard[f] = guard.get(f, self.full[f]) & inside
                case Op.SAME | Op.DIFFER:
                    f, g = test[1:]
                    others.append((op.name, (f, g)))
                case Op.LOOKUP:
                    t, *fields = test[1:]
                    if len(fields) != 1:
                        others.append(("lookup", tuple(fields), self.entries(t, fields, guard)))
                        continue
                    (f,) = fields
                    table = self.program.tables[t]
                    inside = frozenset(n for n in self.full[f] if table[n])
                    guard[f] = guard.get(f, self.full[f]) & inside
                case _:
                    assert_never(op)
        for f in [f for f, values in guard.items() if values == self.full[f]]:
            del guard[f]
        return guard, others

    def entries(
        self, table: int, fields: list[int], guard: dict[int, frozenset[int]]
    ) -> tuple[tuple[tuple[int, ...], int], ...]:
        """What a table says where it may be asked."""
        values = self.program.tables[table]
        shifts = []
        shift = 0
        for f in fields:
            shifts.append(shift)
            shift += self.program.fields[f].width
        found = []
        for xs in product(*(sorted(guard.get(f, self.full[f])) for f in fields)):
            found.append((xs, values[sum(x << s for x, s in zip(xs, shifts, strict=True))]))
        return tuple(found)

    def unpacked(self, state: tuple[int, ...]) -> list[int]:
        return [
            state[field.word] >> field.shift & (1 << field.width) - 1
            for field in self.program.fields
        ]

    def numbered(self, values: list[int]) -> tuple[int, ...]:
        """With versions that have no name by first occurrence."""
        values = list(values)
        for group in self.program.versions:
            numbers: dict[int, int] = {}
            for f in group.fields:
                if values[f] >= group.named:
                    values[f] = numbers.setdefault(values[f], group.named + len(numbers))
        return tuple(values)

    def identity(self) -> Mapping:
        return tuple(
            (f, tuple(range(1 << field.width))) for f, field in enumerate(self.program.fields)
        )

    # ---- mapping

    def mapped_rules(
        self, mapping: Mapping, pcs: list[dict[int, int]], processes: list[int]
    ) -> dict[Form, set[Form]]:
        """By what rules do: when they do it, under a mapping."""
        found: dict[Form, set[Form]] = {}
        for number in range(len(self.program.rules)):
            does, when = self.mapped_rule(number, mapping, pcs, processes)
            found.setdefault(does, set()).add(when)
        return found

    def mapped_rule(
        self, number: int, mapping: Mapping, pcs: list[dict[int, int]], processes: list[int]
    ) -> tuple[Form, Form]:
        poll()
        rule = self.program.rules[number]
        tests, effects, to = self.parts[number]
        names = pcs[rule.process]
        does = (
            processes[rule.process],
            names.get(self.at[number], -1),
            names.get(to, -1),
            frozenset(self.mapped(part, mapping) for part in effects),
            rule.violates,
            rule.covers,
            rule.halts,
        )
        return does, frozenset(self.mapped(part, mapping) for part in tests)

    def mapped(self, part: Form, mapping: Mapping) -> Form:
        match part:
            case ("in", int(f), frozenset() as values):
                to, new = mapping[f]
                return ("in", to, frozenset(new[x] for x in values))
            case ("put", int(f), int(x)):
                to, new = mapping[f]
                return ("put", to, new[x])
            case ("add", int(f), n):
                to, new = mapping[f]
                return ("add", to, n, new) if new != tuple(range(len(new))) else ("add", to, n)
            case ("copy", int(f), int(g)):
                return ("copy", mapping[f][0], mapping[g][0], same(mapping[f][1], mapping[g][1]))
            case ("fresh", int(f)):
                return ("fresh", mapping[f][0])
            case ("SAME" | "DIFFER" as op, tuple() as fields):
                where = frozenset(mapping[f][0] for f in fields)
                first, *_, last = (mapping[f][1] for f in fields)
                return (op, where, same(first, last))
            case ("map", int(f), tuple() as fields, tuple() as entries):
                to, new = mapping[f]
                return ("map", to, *self.table(fields, entries, mapping, new))
            case ("lookup", tuple() as fields, tuple() as entries):
                return ("lookup", *self.table(fields, entries, mapping, None))
        raise AssertionError(part)

    def table(
        self,
        fields: tuple[int, ...],
        entries: tuple[tuple[tuple[int, ...], int], ...],
        mapping: Mapping,
        results: tuple[int, ...] | None,
    ) -> tuple[object, object]:
        order = sorted(range(len(fields)), key=lambda i: mapping[fields[i]][0])
        maps = [mapping[f][1] for f in fields]
        found = frozenset(
            (tuple(maps[i][xs[i]] for i in order), y if results is None else results[y])
            for xs, y in entries
        )
        return tuple(mapping[fields[i]][0] for i in order), found

    def condition(self, tests: Tests, mapping: Mapping) -> Form:
        guard, others = self.tests(tests)
        return frozenset(self.mapped(part, mapping) for part in in_form(guard) + others)

    def image(self, state: tuple[int, ...], mapping: Mapping) -> tuple[int, ...]:
        """What a mapping makes of the numbers of the fields."""
        new = list(state)
        for f, (to, values) in enumerate(mapping):
            new[to] = values[state[f]]
        return self.numbered(new)


def in_form(values: dict[int, frozenset[int]]) -> list[Form]:
    return [("in", f, xs) for f, xs in values.items()]


def conjunction(form: Form) -> Conjunction | None:
    """A condition as what fields may be, and what must hold of several; None if it never holds."""
    values: dict[int, frozenset[int]] = {}
    facts: Truths = {}
    for part in form:
        wanted = True
        match part:
            case ("in", f, allowed):
                values[f] = values.get(f, allowed) & allowed
                continue
            case ("SAME" | "DIFFER" as op, *rest):
                part, wanted = ("SAME", *rest), op == "SAME"
        if facts.setdefault(part, wanted) is not wanted:
            return None
    return values, facts


def same(first: tuple[int, ...], second: tuple[int, ...]) -> bool:
    """Whether two renamings of numbers agree where both say something."""
    return all(x == y for x, y in zip(first, second, strict=False))
