"""`atomic` steps that say in which order they are: accesses, walks, invalidations.

    atomic { fence relaxed; await current(w, A); X0 = word(w.page) }      a load
    atomic { fence release; …; A.entry = new }                            a store
    atomic { fence acquire; X0 = lock; lock = 1 }                         both, in one step
    atomic { fence walk; … }                                              a walk of the tables
    atomic { fence fetch; … }                                             an instruction is fetched

What an `await` within waits for, the step waits for. What the hardware does within does not make
a step an access.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve, frozen

from mmscn.check import core
from mmscn.check.core import Cell, Expr
from mmscn.check.fences import INSIDE
from mmscn.check.order.cells import cells_of, has_cell, parts_of
from mmscn.check.order.stores import in_order
from mmscn.check.order.window import expressions_of, locals_of, renamed_body
from mmscn.check.within import with_blocks

ORDERS = ("relaxed", "acquire", "acquire_pc", "release", "acquire_release")


def order_said(s: core.Stmt, origins: Mapping[int, core.Origin]) -> str:
    """What a step says of its order by a fence within; empty where it says nothing."""
    if isinstance(s, core.Atomic):
        for part in parts_of(s.body):
            if isinstance(part, core.Await) and origins[part.origin].kind == "fence":
                order = origins[part.origin].order
                if order in INSIDE:
                    return order
    return ""


@frozen(eq=False, repr=False, kw_only=True)
class Event:
    """kind: of the node. cells: of memory, that the thread reads or writes. results: the locals
    that it changes, and those that hold them afterwards. awaits: what it waits for.
    """

    kind: str
    body: tuple[core.Stmt, ...]
    cells: tuple[Cell, ...]
    values: tuple[Expr, ...]
    results: dict[int, core.Local]
    awaits: tuple[core.Await, ...]


class Reader:
    """memory: whether a family is. local: makes a local like one that there is."""

    def __init__(
        self,
        origins: Mapping[int, core.Origin],
        memory: Callable[[str], bool],
        local: Callable[[int], core.Local],
    ) -> None:
        self.origins = origins
        self.memory = memory
        self.local = local

    def event(self, s: core.Atomic, said: str, now: dict[int, Expr]) -> Event:
        """The node that a step is. now: what locals are in front of it."""
        inside = without_fence(s.body, self.origins)
        changed = list(
            dict.fromkeys(
                target.number
                for part in in_order(inside)
                if isinstance(part, core.Assign)
                for target in part.targets
                if isinstance(target, core.Local)
            )
        )
        results = {n: self.local(n) for n in changed}
        first = tuple(
            core.Assign(targets=(made,), values=(now.get(n, core.Local(n)),), origin=s.origin)
            for n, made in results.items()
            if not set_at_once(inside, n)
        )
        # What a local is behind where it is changed here is what holds it afterwards.
        body = renamed_body(retargeted(inside, results), {**now, **results})
        assert isinstance(body, core.Block)
        reads, writes, values = self.accesses(body)
        kind = said if said not in ORDERS else "update"
        if kind == "update" and not writes:
            kind = "load"
        elif kind == "update" and not reads:
            kind = "store"
        cells = (*writes, *reads) if kind in ("load", "store", "update", "cleaning") else ()
        return Event(
            kind=kind,
            body=(*first, *body.statements),
            cells=cells if kind != "store" else writes,
            values=values if kind == "store" or known_before(body, values, results) else (),
            results=results,
            awaits=tuple(p for p in body.statements if isinstance(p, core.Await)),
        )

    def accesses(
        self, body: core.Block
    ) -> tuple[tuple[Cell, ...], tuple[Cell, ...], tuple[Expr, ...]]:
        """The cells of memory that the thread itself reads and writes, and what it writes."""
        reads: list[Cell] = []
        writes: list[Cell] = []
        values: list[Expr] = []
        for part in parts_of(body):
            match part:
                case core.Assign(targets=targets, values=given, origin=origin):
                    if self.origins[origin].hardware:
                        continue
                    reads += (c for v in given for c in cells_of(v) if self.memory(c.family))
                    for target, value in zip(targets, given, strict=True):
                        if isinstance(target, Cell) and self.memory(target.family):
                            writes.append(target)
                            values.append(value)
                case core.If(condition=condition, origin=origin):
                    if not self.origins[origin].hardware:
                        reads += (c for c in cells_of(condition) if self.memory(c.family))
        return tuple(reads), tuple(writes), tuple(values)


def without_fence(s: core.Block, origins: Mapping[int, core.Origin]) -> core.Block:
    """A body without the fences within, and without blocks at its outermost."""
    found: list[core.Stmt] = []
    for part in s.statements:
        match part:
            case core.Await(origin=origin) if origins[origin].kind == "fence":
                continue
            case core.Block():
                found += without_fence(part, origins).statements
            case _:
                found.append(part)
    return core.Block(statements=tuple(found))


def known_before(
    body: core.Block, values: tuple[Expr, ...], results: Mapping[int, core.Local]
) -> bool:
    """Whether it is known what a load and store in one will store, without what it loads."""
    made = {local.number for local in results.values()}
    always = all(isinstance(part, core.Await | core.Assign) for part in body.statements)
    return always and not any(has_cell(v) or locals_of(v) & made for v in values)


def set_at_once(body: core.Block, number: int) -> bool:
    """Whether a body sets a local before anything may look at it."""
    for part in body.statements:
        if not isinstance(part, core.Await | core.Assign):
            return False
        if number in set().union(*map(locals_of, expressions_of((part,)))):
            return False
        targets = part.targets if isinstance(part, core.Assign) else ()
        if any(isinstance(t, core.Local) and t.number == number for t in targets):
            return True
    return False


def retargeted(s: core.Stmt, results: dict[int, core.Local]) -> core.Stmt:
    """A statement that changes other locals instead."""

    def block(b: core.Block) -> core.Block:
        return core.Block(statements=tuple(retargeted(part, results) for part in b.statements))

    if not isinstance(s, core.Assign):
        return with_blocks(s, block)
    new = (results.get(t.number, t) if isinstance(t, core.Local) else t for t in s.targets)
    return evolve(s, targets=tuple(new))
