"""The program of a few of the threads among any number: the rows of the last one are nobody's.

Of an instance with one row more than a configuration has, the last row goes: its rules, what
others' rules say of it and do to it. Its name stays, and is *somebody else*: any thread that is
not among the few.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb
from typing import NamedTuple

from attrs import evolve

from mmscn.check.values import Elem
from mmscn.lower.assemble import Assembler
from mmscn.lower.ir import Condition, Guard, Rule, Term, variables
from mmscn.prove.instances import PROVABLE, Instance, anywhere
from mmscn.prove.refused import Refused
from mmscn.prove.rows import Column, Rows
from mmscn.prove.shape import Form, Shape, Shaped
from mmscn.runtime.bytecode import Program
from mmscn.runtime.verify import verify

SETS_MAX = 200
"""Sets of variables that name threads at the same time, of which each is a condition of its own."""


class Few(NamedTuple):
    """A program of `size` threads among any number.

    shared: fields. rows: of each of them its fields, in the same order. names: of a field that
    may hold one, which row each number names, -1 for none and `size` for somebody else.
    weakened: how many conditions were left out of guards. columns: what the shared
    fields, and those of a row, are called.
    """

    program: Program
    size: int
    shared: tuple[int, ...]
    rows: tuple[tuple[int, ...], ...]
    names: dict[int, tuple[int, ...]]
    weakened: int
    columns: tuple[tuple[Column, ...], tuple[Column, ...]]


class Said(NamedTuple):
    """What an instance says, the same for each number of threads."""

    rules: frozenset[Form]
    conditions: frozenset[Form]
    domains: dict[tuple[Column, int | None], Form]
    starts: frozenset[Form]


class Taken(NamedTuple):
    """An instance taken apart."""

    rules: list[tuple[Rule, Shaped]]
    bad: list[list[Shaped]]
    quiescent: list[Shaped]
    said: Said


def taken(shape: Shape) -> Taken:
    """Raises Refused."""
    ir = shape.ir
    rules = [(rule, shape.rule(rule)) for rule in ir.rules]
    bad = [
        [shape.condition(c, 2) for c in check.bad] if check.kind in PROVABLE else []
        for check in ir.checks
    ]
    quiescent = [shape.condition(c, 0) for c in ir.quiescent]
    infos = shape.instance.checked.checks
    asked = {
        (infos[check.info].name, infos[check.info].kind, one.form)
        for check, conditions in zip(ir.checks, bad, strict=True)
        for one in conditions
    }
    said = Said(
        rules=frozenset(one.form for _, one in rules),
        conditions=frozenset(asked | {("quiescent", one.form) for one in quiescent}),
        domains=shape.domains(),
        starts=frozenset(shape.starts()),
    )
    return Taken(rules, bad, quiescent, said)


def compared(one: Said, other: Said) -> None:
    """Raises Refused where two sizes do not say the same."""
    for v in one.domains.keys() | other.domains.keys():
        if one.domains.get(v) != other.domains.get(v):
            what, whose = v[0][0], v[0][1]
            if what == "pc":
                raise Refused(f"the steps of `{whose}` depend on how many there are")
            raise Refused(f"what `{what}` can hold depends on how many there are")
    if one.starts != other.starts:
        raise Refused("the first state depends on how many there are")
    if one.rules != other.rules:
        raise Refused("what a step does depends on how many there are")
    if one.conditions != other.conditions:
        raise Refused("what is asked depends on how many there are")


def few_among_many(instance: Instance, rows: Rows, parts: Taken) -> Few:
    """The program without the last row."""
    last = rows.size - 1
    gone = {v for v, row in rows.row.items() if row == last}
    kept = [n for n in range(len(instance.ir.processes)) if rows.process_row.get(n) != last]
    number = {n: i for i, n in enumerate(kept)}
    rules = [
        evolve(
            rule,
            process=number[rule.process],
            guard={v: values for v, values in one.guard.items() if v not in gone},
            literals={t: w for t, w in one.literals.items() if not reads(t, gone)},
            assigns={v: term for v, term in rule.assigns.items() if v not in gone},
            covers=frozenset(),
            parts=(),
        )
        for rule, one in parts.rules
        if last not in one.essential
    ]
    owners = Owners.of(instance, rows, gone)
    checks = [
        evolve(
            check,
            bad=tuple(
                told
                for one, c in conditions(bad, last, gone)
                for told in owners.among(c, last - len(one.essential))
            ),
            covered=(),
            listed=frozenset(),
        )
        for check, bad in zip(instance.ir.checks, parts.bad, strict=True)
    ]
    ir = instance.ir.having(
        processes=[instance.ir.processes[n] for n in kept],
        rules=rules,
        checks=checks,
        quiescent=[c for _, c in conditions(parts.quiescent, last, gone)],
        dropped=instance.ir.dropped | gone,
    )
    assembler = Assembler(ir, anywhere(instance.checked), canonical=True)
    program, _ = assembler.program()
    verify(program)
    every = [*(one for _, one in parts.rules), *(c for bad in parts.bad for c in bad)]
    return laid_out(program, assembler, rows, sum(one.dropped for one in every))


def conditions(
    found: list[Shaped], last: int, gone: set[int]
) -> Iterator[tuple[Shaped, Condition]]:
    for one in found:
        if last not in one.essential:
            yield (
                one,
                Condition(
                    guard={v: values for v, values in one.guard.items() if v not in gone},
                    literals={t: w for t, w in one.literals.items() if not reads(t, gone)},
                ),
            )


class Owners(NamedTuple):
    """The shared variables that may name one of the threads, as a lock names who has it. few: of
    each the values that do not name somebody else. named: those that name one of them.

    *Lemma.* In a state in which a condition is met, let at most as many of these variables name
    threads as a configuration has room for beside the condition's essential rows. Then the
    condition is met in a configuration with those threads, where none of the variables names
    somebody else. So it need not be looked at where one does, unless there are more of them.
    Test: test_views.py.
    """

    few: Guard
    named: Guard

    @classmethod
    def of(cls, instance: Instance, rows: Rows, gone: set[int]) -> Owners:
        few: Guard = {}
        named: Guard = {}
        layout = instance.assembler.layout
        for v in layout.stored_vars():
            if v in rows.row or v in layout.group_of or v in gone:
                continue
            domain = instance.ir.vars[v].domain
            whose = {x: rows.named[x] for x in domain if isinstance(x, Elem) and x in rows.named}
            if whose:
                few[v] = frozenset(domain) - {x for x, row in whose.items() if row == rows.size - 1}
                named[v] = frozenset(whose)
        return cls(few, named)

    def among(self, condition: Condition, room: int) -> Iterator[Condition]:
        """What is to be looked at instead of a condition, of two rows or less."""
        if not self.few or comb(len(self.few), room + 1) > SETS_MAX:
            yield condition
            return
        sets = [self.few]
        sets += [{v: self.named[v] for v in some} for some in combinations(self.few, room + 1)]
        for asked in sets:
            guard = dict(condition.guard)
            for v, values in asked.items():
                guard[v] = guard[v] & values if v in guard else values
            if all(guard.values()):
                yield Condition(guard=guard, literals=condition.literals)


def laid_out(program: Program, assembler: Assembler, rows: Rows, weakened: int) -> Few:
    layout = assembler.layout
    size = rows.size - 1
    columns: list[dict[Column, int]] = [{} for _ in range(size)]
    shared: dict[int, Column] = {}
    names: dict[int, tuple[int, ...]] = {}
    for v in layout.stored_vars():
        f = int(layout.field_of[v])
        row = rows.row.get(v)
        if row is None:
            shared[f] = rows.column[v]
        else:
            columns[row][rows.column[v]] = f
        domain = assembler.ir.vars[v].domain
        named = [rows.named.get(x, -1) if isinstance(x, Elem) else -1 for x in domain]
        if any(n >= 0 for n in named) and v not in layout.group_of:
            width = 1 << program.fields[f].width
            names[f] = (*named, *(-1 for _ in range(width - len(named))))
    order = list(columns[0])
    if any(set(column) != set(order) for column in columns):
        raise Refused("not every one of them has the same variables")
    return Few(
        program=program,
        size=size,
        shared=tuple(sorted(shared)),
        rows=tuple(tuple(column[name] for name in order) for column in columns),
        names=names,
        weakened=weakened,
        columns=(tuple(shared[f] for f in sorted(shared)), tuple(order)),
    )


def reads(term: Term, gone: set[int]) -> bool:
    return not gone.isdisjoint(variables(term))
