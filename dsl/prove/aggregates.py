"""That no step or condition counts the interchangeable threads.

Rules of two sizes can be the same and those of a third be others, if something takes five of
them (`count c in cpu: busy[c] >= 5`). So what looks at rows is looked at in the checked program: a
condition may be a conjunction or disjunction of parts that each look at two rows at most
beside the own one, and one step may look at LOOKS_MAX rows in this way altogether. A loop over
all rows that does something with each row alone looks at none: it is a broadcast.

*Lemma (looks).* A way through a step of the program with n threads is decided by at most
LOOKS_MAX rows beside its own and by what all others have in common. So it is, with these
rows, a way through the step for size LOOKS_MAX + 2, if that is compared: what takes more rows than
two sizes have is in none. Test: test_aggregates.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from mmscn.check import core
from mmscn.check.values import Elem
from mmscn.prove.instances import Instance
from mmscn.prove.refused import Refused
from mmscn.prove.rows import Rows
from mmscn.source import Span

LOOKS_MAX = 2
SOME = -1
"""Stands for a row that a value names."""

COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
BOOLEAN = ("and", "or", "not", "implies", "holds")


def counts_none(instance: Instance, rows: Rows) -> None:
    """Raises Refused where a step or condition may count threads."""
    Looks(instance, rows).whole()


class Looks:
    """One checked program, and which row each of its cells and locals is in."""

    def __init__(self, instance: Instance, rows: Rows) -> None:
        self.checked = instance.checked
        self.rows = rows
        layout = instance.assembler.layout
        self.kept = set(layout.stored_vars())
        self.cells: dict[str, dict[tuple[object, ...], int]] = {}
        number = 0
        for key, family in self.checked.families.items():
            self.cells[key] = {}
            for index in product(*family.indices):
                self.cells[key][index] = number
                number += 1
        self.first_local = number
        self.mine: int | None = None
        self.read: set[str | int] = set(self.all_read())

    def whole(self) -> None:
        for n, thread in enumerate(self.checked.threads):
            self.mine = self.rows.process_row.get(n)
            self.thread(thread.body)
        for agent in self.checked.agents:
            self.mine = None
            rows = {row for row in self.mentioned(agent.body) if row != SOME}
            self.mine = min(rows) if len(rows) == 1 else None
            self.few(self.looks(agent.body), agent.body, agent.origin)
        self.mine = None
        for info in self.checked.checks:
            for condition in (info.condition, info.covered):
                if condition is not None and self.condition(condition) > LOOKS_MAX:
                    raise Refused(f"`{info.name}` looks at too many of them", info.span)
        for busy in self.checked.busy:
            self.condition(busy)

    def thread(self, body: core.Block) -> None:
        silent = most = 0
        at: int | None = None
        for s in steps(body):
            looks = self.looks_at_once(s)
            if self.is_silent(s):
                silent += looks
            else:
                most = max(most, looks)
            at = origin_of(s) if looks else at
            if isinstance(s, core.Atomic):
                self.few(looks, s, s.origin)
        if most + silent > LOOKS_MAX or (silent and goes_back(body)):
            raise Refused("a step looks at too many of them", self.span(at))

    def few(self, looks: int, body: core.Stmt, origin: int) -> None:
        if looks > LOOKS_MAX or (looks and goes_back(body)):
            raise Refused("a step looks at too many of them", self.span(origin))

    def span(self, origin: int | None) -> Span | None:
        return None if origin is None else self.checked.origins[origin].span

    # ---- statements

    def looks_at_once(self, s: core.Stmt) -> int:
        """Of one statement, without those that are steps of their own."""
        match s:
            case core.If(condition=condition):
                return 0 if self.is_broadcast(s) else self.condition(condition)
            case core.Choose() | core.Block():
                return 0
        return self.looks(s)

    def looks(self, s: core.Stmt) -> int:
        """How many rows decide what a statement does."""
        match s:
            case core.Block(statements=statements):
                return sum(map(self.looks, statements))
            case core.Atomic(body=body):
                return self.looks(body)
            case core.Choose(branches=branches):
                return sum(map(self.looks, branches))
            case core.If(condition=condition, then=then, otherwise=otherwise):
                if self.is_broadcast(s):
                    return 0
                return self.condition(condition) + self.looks(then) + self.looks(otherwise)
            case core.Await(condition=condition) | core.Assert(condition=condition):
                return self.condition(condition)
            case core.Assign(targets=targets, values=values):
                pairs = zip(targets, values, strict=True)
                return sum(self.assignment(target, value) for target, value in pairs)
        return 0

    def assignment(self, target: core.Cell | core.Local, value: core.Expr) -> int:
        if not self.is_read(target):
            return 0
        where, seen = self.of(target), self.in_expression(value)
        if SOME in where:
            return 1 + self.condition(value)
        return 0 if seen <= where else self.condition(value)

    def is_broadcast(self, s: core.If) -> bool:
        """Whether it looks at one row and does something with that alone."""
        row = self.in_expression(s.condition)
        return len(row) == 1 and SOME not in row and self.stays(s, row)

    def stays(self, s: core.Stmt, row: set[int]) -> bool:
        match s:
            case core.Block(statements=statements):
                return all(self.stays(inner, row) for inner in statements)
            case core.If(condition=condition, then=then, otherwise=otherwise):
                inside = self.in_expression(condition) <= row
                return inside and self.stays(then, row) and self.stays(otherwise, row)
            case core.Assign(targets=targets, values=values):
                return all(
                    not self.is_read(target)
                    or (self.of(target) == row and self.in_expression(value) <= row)
                    for target, value in zip(targets, values, strict=True)
                )
        return False

    def is_silent(self, s: core.Stmt) -> bool:
        """Whether it takes no time: it is done in the step in front of it."""
        if isinstance(s, core.Await | core.Choose | core.Atomic):
            return False
        if isinstance(s, core.Assign) and s.ghost:
            return True
        return not any(
            isinstance(e, core.Cell) and not self.checked.families[e.family].ghost
            for top in expressions(s, deep=not isinstance(s, core.If))
            for e in within(top)
        )

    # ---- expressions

    def condition(self, e: core.Expr) -> int:
        """How many rows decide a value. Raises Refused where it may be any number."""
        seen = self.in_expression(e)
        if not seen:
            return 0
        if not isinstance(e, core.Apply):
            return 1
        if e.op in BOOLEAN:
            few, more = 0, 0
            for part in flat(e):
                there = self.in_expression(part)
                if len(there) <= 2 and self.is_plain(part):
                    few = max(few, len(there))
                else:
                    more += self.condition(part)
            return few + more
        if len(seen) > (2 if e.op in COMPARISONS else 1):
            raise Refused("a value depends on many of them")
        return len(seen)

    def is_plain(self, e: core.Expr) -> bool:
        """Whether rows are put together in it by comparisons and logic alone."""
        if not isinstance(e, core.Apply):
            return True
        joins = e.op in BOOLEAN or e.op in COMPARISONS or len(self.in_expression(e)) <= 1
        return joins and all(map(self.is_plain, e.args))

    def in_expression(self, e: core.Expr) -> set[int]:
        """The rows that a value depends on, but for the own one."""
        found: set[int] = set()
        for part in within(e):
            match part:
                case core.Cell() | core.Local():
                    found |= self.of(part)
                case core.Const(value=Elem() as value) if value in self.rows.named:
                    found.add(self.rows.named[value])
                case core.Ended(thread=thread):
                    row = self.rows.process_row.get(thread)
                    found |= set() if row is None else {row}
        return found - {self.mine}

    def of(self, e: core.Cell | core.Local) -> set[int]:
        """The row that a variable is in, but for the own one; SOME where a value says which."""
        if isinstance(e, core.Local):
            row = self.rows.row.get(self.first_local + e.number)
            return set() if row in (None, self.mine) else {row}
        known = [part.value if isinstance(part, core.Const) else part for part in e.index]
        found = {
            self.rows.row.get(v)
            for index, v in self.cells[e.family].items()
            if v in self.kept
            and all(isinstance(a, core.Expr) or a == b for a, b in zip(known, index, strict=True))
        } - {None}
        rows = {row for row in found if row is not None}
        return {SOME} if len(rows) > 1 else rows - {self.mine}

    def is_read(self, e: core.Cell | core.Local) -> bool:
        """Whether anybody looks at a variable, but for who gives it its next value.

        That it stays in its range is looked at, too; a ghost does.
        """
        ghost = isinstance(e, core.Cell) and self.checked.families[e.family].ghost
        return not ghost or name_of(e) in self.read

    def all_read(self) -> Iterator[str | int]:
        """The families and locals that something depends on."""
        bodies = [*(t.body for t in self.checked.threads), *(a.body for a in self.checked.agents)]
        for body in bodies:
            for target, e in uses(body):
                yield from names_in(e, target)
        asked = [c for info in self.checked.checks for c in (info.condition, info.covered)]
        for condition in (*asked, *self.checked.busy):
            if condition is not None:
                yield from names_in(condition, None)

    def mentioned(self, s: core.Stmt) -> set[int]:
        """The rows in a statement and in all within it."""
        return {row for e in expressions(s, deep=True) for row in self.in_expression(e)}


def origin_of(s: core.Stmt) -> int | None:
    match s:
        case core.Label() | core.Goto() | core.Block():
            return None
    return s.origin


def uses(s: core.Stmt) -> Iterator[tuple[str | int | None, core.Expr]]:
    """What a statement looks at, and what variable that is to give a value."""
    match s:
        case core.Assign(targets=targets, values=values):
            for target, value in zip(targets, values, strict=True):
                yield name_of(target), value
                for index in target.index if isinstance(target, core.Cell) else ():
                    yield None, index
        case core.Await(condition=condition) | core.Assert(condition=condition):
            yield None, condition
        case core.If(condition=condition):
            yield None, condition
    for inner in parts_of(s):
        yield from uses(inner)


def names_in(e: core.Expr, target: str | int | None) -> Iterator[str | int]:
    """The variables in an expression but for the one that it is a value of."""
    for part in within(e):
        if isinstance(part, core.Cell | core.Local) and name_of(part) != target:
            yield name_of(part)


def name_of(e: core.Cell | core.Local) -> str | int:
    return e.family if isinstance(e, core.Cell) else e.number


def flat(e: core.Expr) -> Iterator[core.Expr]:
    """The parts of a conjunction or disjunction, those of parts of its kind among them."""
    match e:
        case core.Apply(op="not" | "holds", args=(core.Apply(op=op) as inner,)) if op in BOOLEAN:
            yield from flat(inner)
        case core.Apply(op=op, args=args):
            for part in args:
                joins = isinstance(part, core.Apply) and part.op == op and op in ("and", "or")
                yield from flat(part) if joins else (part,)


def within(e: core.Expr) -> Iterator[core.Expr]:
    yield e
    parts: Iterable[core.Expr] = ()
    if isinstance(e, core.Apply):
        parts = e.args
    elif isinstance(e, core.Cell):
        parts = e.index
    for part in parts:
        yield from within(part)


def steps(s: core.Stmt) -> Iterator[core.Stmt]:
    """The statements of a thread, an atomic one whole."""
    match s:
        case core.Block(statements=statements):
            for inner in statements:
                yield from steps(inner)
        case core.If(then=then, otherwise=otherwise):
            yield s
            yield from steps(then)
            yield from steps(otherwise)
        case core.Choose(branches=branches):
            for branch in branches:
                yield from steps(branch)
        case _:
            yield s


def parts_of(s: core.Stmt) -> Iterator[core.Stmt]:
    match s:
        case core.Block(statements=statements):
            yield from statements
        case core.Atomic(body=body):
            yield body
        case core.Choose(branches=branches):
            yield from branches
        case core.If(then=then, otherwise=otherwise):
            yield then
            yield otherwise


def expressions(s: core.Stmt, *, deep: bool) -> Iterator[core.Expr]:
    """What stands in a statement, targets among them; `deep`: in those within it, too."""
    match s:
        case core.Assign(targets=targets, values=values):
            yield from targets
            yield from values
        case (
            core.Await(condition=condition)
            | core.Assert(condition=condition)
            | core.If(condition=condition)
        ):
            yield condition
    if deep:
        for inner in parts_of(s):
            yield from expressions(inner, deep=True)


def goes_back(s: core.Stmt) -> bool:
    """Whether a jump may lead back, so that something is looked at again."""
    passed: set[int] = set()
    for one in in_order(s):
        match one:
            case core.Label(number=number):
                passed.add(number)
            case core.Goto(label=label) if label in passed:
                return True
    return False


def in_order(s: core.Stmt) -> Iterator[core.Stmt]:
    yield s
    for inner in parts_of(s):
        yield from in_order(inner)
