"""Which statements of a thread store to memory through a buffer, and how many wait at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import assert_never

from mmscn.check import core
from mmscn.check.order.buffers import Entry, is_index
from mmscn.check.order.cells import all_same, key_of

ENDLESS = 1_000


class Stores:
    """Asks statements of one program. families, origins: of the program."""

    def __init__(
        self, families: Mapping[str, core.Family], origins: Mapping[int, core.Origin]
    ) -> None:
        self.families = families
        self.origins = origins

    # ---- what is what -----------------------------------------------------------

    def memory(self, family: str) -> bool:
        found = self.families.get(family)
        return found is not None and not (found.hardware or found.ghost or found.lock)

    def buffered(self, s: core.Assign) -> tuple[core.Cell, ...]:
        """The cells that a statement of a thread puts into the buffer."""
        origin = self.origins[s.origin]
        if s.ghost or origin.hardware or origin.order == "full":
            return ()
        cells = (t for t in s.targets if isinstance(t, core.Cell))
        return tuple(c for c in cells if self.memory(c.family) or self.spinlock(c.family))

    def spinlock(self, family: str) -> bool:
        found = self.families.get(family)
        return found is not None and found.lock == "spinlock"

    def drains(self, s: core.Atomic) -> bool:
        """Whether it waits for the buffer: what is not hardware's, and lets no spinlock go."""
        return not (self.origins[s.origin].hardware or self.lets_go(s))

    def lets_go(self, s: core.Atomic) -> bool:
        if self.origins[s.origin].kind != "unlock":
            return False
        writes = (a for a in in_order(s.body) if isinstance(a, core.Assign))
        cells = (c for a in writes for c in a.targets if isinstance(c, core.Cell))
        return all(self.spinlock(c.family) for c in cells)

    def entries(self, s: core.Assign) -> list[tuple[core.Expr | None, Entry]]:
        """What a statement may store to, each with the condition under which it does."""
        cells = self.buffered(s)
        open_: list[core.Cell] = []
        for cell in cells:
            known = all(isinstance(i, core.Const) for i in cell.index)
            if not known and not any(all_same(cell.index, o.index) for o in open_):
                open_.append(cell)
        choices = [list(product(*self.families[cell.family].indices)) for cell in open_]
        found: list[tuple[core.Expr | None, Entry]] = []
        for chosen in product(*choices):
            condition: core.Expr | None = None
            for cell, values in zip(open_, chosen, strict=True):
                here = is_index(cell, values)
                both = core.Apply("and", (condition, here)) if condition else here
                condition = both
            if condition is not None and is_false(condition):
                continue
            entry = []
            for cell in cells:
                meant = (
                    v for o, v in zip(open_, chosen, strict=True) if all_same(o.index, cell.index)
                )
                index = next(meant, None)
                entry.append((cell.family, key_of(cell)[1] if index is None else index))
            found.append((condition, tuple(entry)))
        return found

    # ---- all of a thread ----------------------------------------------------------

    def of(self, s: core.Stmt, *, drained: bool = False) -> Iterator[core.Assign]:
        """The statements that put something into the buffer."""
        match s:
            case core.Assign():
                if not drained and self.buffered(s):
                    yield s
            case core.Atomic(body=body):
                yield from self.of(body, drained=drained or self.drains(s))
            case core.Block(statements=inner):
                for one in inner:
                    yield from self.of(one, drained=drained)
            case core.If(then=then, otherwise=otherwise):
                yield from self.of(then, drained=drained)
                yield from self.of(otherwise, drained=drained)
            case core.Choose(branches=branches):
                for branch in branches:
                    yield from self.of(branch, drained=drained)
            case core.Await() | core.Label() | core.Goto() | core.Assert() | core.Bug():
                pass
            case _:
                assert_never(s)

    def waiting(self, thread: core.Thread) -> int:
        """How many entries of a thread wait at once, at most; ENDLESS where it goes round."""
        if next(self.of(thread.body), None) is None:
            return 0
        if thread.daemon or self.goes_round(thread.body):
            return ENDLESS
        return self.longest(thread.body, 0)[1]

    def goes_round(self, body: core.Stmt) -> bool:
        """Whether a store may be done again: a jump leads back to a label in front of it."""
        buffered = {id(s) for s in self.of(body)}
        seen: dict[int, int] = {}
        stores = 0
        for s in in_order(body):
            match s:
                case core.Assign():
                    stores += id(s) in buffered
                case core.Label(number=number):
                    seen[number] = stores
                case core.Goto(label=label):
                    if seen.get(label, stores) < stores:
                        return True
        return False

    def longest(self, s: core.Stmt, before: int, most: int = 0) -> tuple[int, int]:
        """How many wait behind a statement, and the most so far. Jumps forward skip some."""
        match s:
            case core.Assign():
                behind = before + bool(self.buffered(s))
                return behind, max(most, behind)
            case core.Atomic(body=body):
                return (before, most) if self.drains(s) else self.longest(body, before, most)
            case core.Block(statements=inner):
                for one in inner:
                    before, most = self.longest(one, before, most)
                return before, most
            case core.If(then=then, otherwise=otherwise):
                ways = [self.longest(b, before, most) for b in (then, otherwise)]
            case core.Choose(branches=branches):
                ways = [self.longest(b, before, most) for b in branches]
            case core.Await() | core.Label() | core.Goto() | core.Assert() | core.Bug():
                return before, most
            case _:
                assert_never(s)
        return max(b for b, _ in ways), max(m for _, m in ways)


def in_order(s: core.Stmt) -> Iterator[core.Stmt]:
    """The statements of a body that have none within them, as they stand."""
    match s:
        case core.Atomic(body=body):
            yield from in_order(body)
        case core.Block(statements=inner):
            for one in inner:
                yield from in_order(one)
        case core.If(then=then, otherwise=otherwise):
            yield from in_order(then)
            yield from in_order(otherwise)
        case core.Choose(branches=branches):
            for branch in branches:
                yield from in_order(branch)
        case core.Assign() | core.Await() | core.Label() | core.Goto() | core.Assert() | core.Bug():
            yield s
        case _:
            assert_never(s)


def is_false(e: core.Expr) -> bool:
    match e:
        case core.Const(value):
            return value is False
        case core.Apply(op="and", args=args):
            return any(map(is_false, args))
    return False
