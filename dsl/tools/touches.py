"""Which cells the steps of a trace look at and write, and what their conditions say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Final

from attrs import frozen

from mmscn.check import core
from mmscn.check.values import Value
from mmscn.lower.compiled import Compiled
from mmscn.runtime.bytecode import Op, Rule
from mmscn.tools.notes import CellKey, Snapshot


class Unknown(Enum):
    UNKNOWN = 0


UNKNOWN: Final = Unknown.UNKNOWN


@frozen(kw_only=True)
class Touch:
    """What a step did, statement by statement.

    reads, writes: the cells, ghosts left out. guards: the cells that decide
    whether it may be taken. locals: the locals that it
    assigned, with their values; UNKNOWN where the text does not tell. seen:
    the state as each of its origins met it, by position.
    """

    reads: frozenset[CellKey]
    writes: frozenset[CellKey]
    guards: frozenset[CellKey]
    locals: Mapping[int, Value | Unknown]
    seen: tuple[Snapshot, ...]


Statements = dict[int, tuple[core.Stmt, ...]]
"""By origin, the statements that come from it."""


def by_origin(checked: core.Checked) -> Statements:
    found: dict[int, list[core.Stmt]] = {}
    bodies = [t.body for t in checked.threads] + [a.body for a in checked.agents]
    for body in bodies:
        for s in _inside(body):
            if not isinstance(s, core.Block | core.Label | core.Goto):
                found.setdefault(s.origin, []).append(s)
    return {origin: tuple(statements) for origin, statements in found.items()}


def _inside(s: core.Stmt) -> Iterator[core.Stmt]:
    yield s
    match s:
        case core.Block(statements=statements):
            for inner in statements:
                yield from _inside(inner)
        case core.Atomic(body=body):
            yield from _inside(body)
        case core.If(then=then, otherwise=otherwise):
            yield from _inside(then)
            yield from _inside(otherwise)
        case core.Choose(branches=branches):
            for branch in branches:
                yield from _inside(branch)


def touch(
    statements: Statements,
    origins: tuple[int, ...],
    before: Snapshot,
    guards: frozenset[CellKey] = frozenset(),
) -> Touch:
    """Run the statements of a step again, from the state that it starts from."""
    reads: set[CellKey] = set()
    writes: set[CellKey] = set()
    cells, locals_ = dict(before.cells), dict(before.locals)
    now = Snapshot(cells=cells, locals=locals_)
    assigned: dict[int, Value | Unknown] = {}
    seen: list[Snapshot] = []
    for origin in origins:
        seen.append(Snapshot(cells=dict(cells), locals=dict(locals_)))
        sure = sum(isinstance(s, core.Assign) for s in statements.get(origin, ())) == 1
        for s in statements.get(origin, ()):
            match s:
                case core.Assign(targets=targets, values=values, ghost=ghost):
                    if not ghost:
                        reads.update(k for v in values for k in cells_read(v, now))
                        reads.update(k for t in targets for k in index_read(t, now))
                        writes.update(
                            k for t in targets if isinstance(t, core.Cell) for k in _cell(t, now)
                        )
                    results = [evaluate(v, now) if sure else UNKNOWN for v in values]
                    for target, result in zip(targets, results, strict=True):
                        _put(target, result, now, cells, locals_, assigned)
                case core.Await(condition=c) | core.If(condition=c) | core.Assert(condition=c):
                    reads.update(cells_read(c, now))
    return Touch(
        reads=frozenset(reads),
        writes=frozenset(writes),
        guards=guards,
        locals=assigned,
        seen=tuple(seen),
    )


def guards(compiled: Compiled, rule: Rule) -> frozenset[CellKey]:
    """The cells that the tests of a rule look at."""
    fields = compiled.program.fields
    found = set()
    for place in compiled.places:
        if place.field is None or place.family is None:
            continue
        field = fields[place.field]
        bits = (1 << field.width) - 1 << field.shift
        for op, *operands in rule.tests:
            match Op(op):
                case Op.MATCH | Op.MISMATCH:
                    hit = operands[0] == field.word and operands[1] & bits != 0
                case Op.LOOKUP:
                    hit = place.field in operands[1:]
                case _:
                    hit = place.field in operands
            if hit:
                found.add((place.family, place.indices))
    return frozenset(found)


def _put(
    target: core.Cell | core.Local,
    value: Value | Unknown,
    now: Snapshot,
    cells: dict[CellKey, Value],
    locals_: dict[int, Value],
    assigned: dict[int, Value | Unknown],
) -> None:
    if isinstance(target, core.Local):
        assigned[target.number] = value
        locals_.pop(target.number, None)
        if value is not UNKNOWN:
            locals_[target.number] = value
        return
    for key in list(_cell(target, now)):
        cells.pop(key, None)
        if value is not UNKNOWN:
            cells[key] = value


def index_read(target: core.Cell | core.Local, at: Snapshot) -> Iterator[CellKey]:
    if isinstance(target, core.Cell):
        for e in target.index:
            yield from cells_read(e, at)


def cells_read(e: core.Expr, before: Snapshot) -> Iterator[CellKey]:
    """The cells that the value of an expression depends on, as far as they are known."""
    match e:
        case core.Cell(index=index):
            yield from _cell(e, before)
            for i in index:
                yield from cells_read(i, before)
        case core.Apply(args=args):
            for a in args:
                yield from cells_read(a, before)


def _cell(cell: core.Cell, before: Snapshot) -> Iterator[CellKey]:
    index: list[Value] = []
    for e in cell.index:
        value = evaluate(e, before)
        if value is UNKNOWN:
            return
        index.append(value)
    yield cell.family, tuple(index)


def evaluate(e: core.Expr, at: Snapshot) -> Value | Unknown:
    """The value of an expression in a state, UNKNOWN where the state does not say."""
    match e:
        case core.Const(value=value):
            return value
        case core.Local(number=number):
            return at.locals.get(number, UNKNOWN)
        case core.Cell(family=family, index=index):
            where: list[Value] = []
            for i in index:
                part = evaluate(i, at)
                if part is UNKNOWN:
                    return UNKNOWN
                where.append(part)
            return at.cells.get((family, tuple(where)), UNKNOWN)
        case core.Apply(op=op, args=args):
            return _apply(op, [evaluate(a, at) for a in args])
    return UNKNOWN


def _apply(op: str, args: list[Value | Unknown]) -> Value | Unknown:
    if op == "ite":
        return UNKNOWN if args[0] is UNKNOWN else args[1 if args[0] else 2]
    if op == "and" and any(a is False for a in args):
        return False
    if op == "or" and any(a is True for a in args):
        return True
    if op == "implies" and (args[0] is False or args[1] is True):
        return True
    if any(a is UNKNOWN for a in args):
        return UNKNOWN
    a, b = args[0], args[-1]
    match op:
        case "and":
            return True
        case "or" | "implies":
            return False
        case "not":
            return not a
        case "==" | "!=":
            same = isinstance(a, bool) == isinstance(b, bool) and a == b
            return same == (op == "==")
    if not (isinstance(a, int) and isinstance(b, int)):
        return UNKNOWN
    match op:
        case "<":
            return a < b
        case "<=":
            return a <= b
        case ">":
            return a > b
        case ">=":
            return a >= b
        case "+":
            return a + b
        case "-":
            return a - b
    return UNKNOWN
