"""Loads that are done before it is known where a load in front of them goes.

If that turns out to be their own place, both have to read the same store. So an early load leaves a
mark at its place, which every store of others takes away. The load in front of it is done while the
mark is there; where it is gone, the early load is undone, with all that has waited for it, as if
none of that had been done: so it is where what the load has waited for (its translation stands) no
longer holds before it is known where that in front of it goes. What cannot be undone waits until
the load need not be. Nor does a load wait for those in front of an own store that it reads.

Source: herd7, `aarch64.cat`, Exp-haz-ob: of two loads of one place the first is before what
overwrites what the second has read, and nothing else keeps them in order; TLBI-ob: a translation
is before an invalidation that comes after the translation of an access behind it. Pulte et al.,
Simplifying ARM Concurrency (POPL 2018), "restart".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import prod

from attrs import evolve, frozen

from mmscn.check import core
from mmscn.check.core import Apply, Cell, Const, Expr
from mmscn.check.order.buffers import family
from mmscn.check.order.cells import parts_of
from mmscn.check.order.waits import forwards, may_be_early, stores_for
from mmscn.check.order.window import (
    FALSE,
    TRUE,
    Node,
    Window,
    both,
    either,
    every,
    locals_of,
)
from mmscn.check.values import Domain
from mmscn.check.within import with_blocks

UNDONE = ("load", "walk", "late_walk", "fetch", "fault")
"""Nodes that change nothing but locals, as far as the kind says."""


def no(e: Expr) -> Expr:
    return FALSE if e is TRUE else TRUE if e is FALSE else Apply("not", (e,))


NONE = Const(0)
"""A mark of no early load."""


@frozen(eq=False)
class Early:
    """An early load: those in front of it whose places it does not wait for, its mark with the
    place that it is about, and the nodes that wait for it, by number.
    """

    node: Node
    passes: tuple[Node, ...]
    mark: Mark
    waiting: tuple[int, ...]


@frozen(eq=False)
class Mark:
    """0, or one more than the number of the place that it is about; behind those, the same places
    again, where it is taken away. indices: of the places.
    """

    cell: Cell
    indices: tuple[Domain, ...]

    @property
    def places(self) -> int:
        return prod(map(len, self.indices))

    @property
    def there(self) -> Expr:
        return Apply("!=", (self.cell, NONE))

    def left(self, cell: Cell) -> Expr:
        """What it is where it is about a place."""
        number: Expr = Const(1)
        stride = self.places
        for index, domain in zip(cell.index, self.indices, strict=True):
            stride //= len(domain)
            number = plus(number, rank(index, domain, stride))
        return number

    def is_left(self, cell: Cell) -> Expr:
        return Apply("==", (self.cell, self.left(cell)))

    def gone(self, cell: Cell) -> Expr:
        """What it is where it was taken away."""
        return plus(self.left(cell), Const(self.places))

    def is_gone(self, cell: Cell) -> Expr:
        return Apply("==", (self.cell, self.gone(cell)))


class EarlyLoads:
    """Of one window. guards: of its nodes, without this. mark: one for a load."""

    def __init__(
        self, window: Window, guards: Sequence[Expr], mark: Callable[[Node], Mark]
    ) -> None:
        self.window = window
        self.guards = guards
        self.loads: list[Early] = []
        for node in window.nodes:
            earlier = window.nodes[: node.number]
            if passes := tuple(m for m in earlier if may_be_early(window, node, m)):
                self.loads.append(Early(node, passes, mark(node), tuple(self.waiting(node))))

    def waiting(self, node: Node) -> Iterator[int]:
        """The nodes that may have waited for one, each for itself or for another of them."""
        w, found = self.window, {node.number}
        names = {n.done.number: n.number for n in w.nodes} | w.of
        for n in w.nodes[node.number + 1 :]:
            seen = {names[number] for number in locals_of(self.guards[n.number]) if number in names}
            if (seen | w.needs(n.path.condition)) & found:
                found.add(n.number)
                yield n.number

    # ---- conditions -------------------------------------------------------------------

    def settled(self, early: Early, m: Node) -> Expr:
        """Of a load that is done early: that one in front of it says nothing of it any more."""
        w, mark = self.window, early.mark
        elsewhere = both(no(mark.is_left(m.cells[0])), no(mark.is_gone(m.cells[0])))
        elsewhere = both(w.places_known(m), elsewhere)
        return either(w.complete(m.number), either(elsewhere, forwards(w, early.node, m)))

    def is_settled(self, early: Early) -> Expr:
        all_ = every(self.settled(early, m) for m in early.passes)
        return either(no(early.mark.there), either(self.off(early.node), all_))

    def broken(self, early: Early, m: Node) -> Expr:
        """That it has to be undone, for what one in front of it would read is something else; or
        for what it has waited for no longer holds, and it is not known where that one goes.
        """
        w, mark = self.window, early.mark
        other = both(no(forwards(w, early.node, None)), mark.is_gone(m.cells[0]))
        outdated = both(no(w.places_known(m)), both(mark.there, no(holds(early))))
        found = either(both(w.places_known(m), other), outdated)
        return both(no(w.complete(m.number)), both(no(self.off(early.node)), found))

    def guard(self, node: Node) -> Expr:
        """What a node waits for, besides."""
        w, parts = self.window, []
        for early in self.loads:
            mark, off = early.mark, self.off(early.node)
            if node in early.passes:
                other = either(no(mark.is_gone(node.cells[0])), forwards(w, early.node, None))
                parts.append(either(off, other))
            if any(node.number in w.needs(*m.cells[0].index) for m in early.passes):
                parts.append(either(off, either(no(mark.there), holds(early))))
            if node.number in early.waiting and not undoable(node) and node.kind != "last":
                parts.append(self.is_settled(early))
        return every(part for part in parts if part is not TRUE)

    def off(self, node: Node) -> Expr:
        """Whether a node is known not to be on the way that is gone."""
        w = self.window
        return any_of(both(w.ready(w.needs(own)), no(own)) for own in node.path.conditions())

    # ---- steps ------------------------------------------------------------------------

    def body(self, node: Node, body: tuple[core.Stmt, ...]) -> tuple[core.Stmt, ...]:
        """What a node does, with the marks of early loads."""
        w = self.window
        more: list[core.Stmt] = []
        for early in self.loads:
            mark = early.mark
            now: Expr = mark.cell
            ready = every(w.complete(m.number) for m in early.passes if m is not node)
            if node is early.node:
                now = Apply("ite", (ready, NONE, mark.left(node.cells[0])))
            elif node in early.passes:
                now = NONE if ready is TRUE else Apply("ite", (ready, NONE, now))
            elif stores_for(early.node, node) and node.number < early.node.number:
                for cell in node.cells:
                    if cell.family == early.node.cells[0].family:
                        now = Apply("ite", (mark.is_gone(cell), mark.left(cell), now))
            if now is not mark.cell:
                more.append(assign(mark.cell, now, node.origin))
        return (*body, *more)

    def undo(self, early: Early, first: Callable[[core.Local], Expr]) -> core.Block:
        """An early load, and what has waited for it, is as if it had not been done. first: what
        locals begin with.
        """
        w, origin = self.window, early.node.origin
        numbers = {early.node.number, *early.waiting}
        broken = any_of(self.broken(early, m) for m in early.passes)
        inside: list[core.Stmt] = [core.Await(condition=broken, origin=origin)]
        inside += (
            assign(e.mark.cell, NONE, origin) for e in self.loads if e.node.number in numbers
        )
        for number in sorted(numbers):
            node = w.nodes[number]
            if undoable(node) or w.needs(node.path.condition) & numbers:
                inside.append(assign(node.done, self.off(node), origin))
            if undoable(node):
                inside += (assign(r, first(r), origin) for r in results_of(w, node))
        step = core.Atomic(body=core.Block(statements=tuple(inside)), origin=origin)
        return core.Block(statements=(step,))


def holds(early: Early) -> Expr:
    """What the load has waited for."""
    return every(a.condition for a in early.node.awaits)


def any_of(parts: Iterable[Expr]) -> Expr:
    found: Expr = FALSE
    for part in parts:
        found = either(found, part)
    return found


def results_of(w: Window, node: Node) -> Iterator[core.Local]:
    return (core.Local(n) for n, by in w.of.items() if by == node.number)


def undoable(node: Node) -> bool:
    """Whether a node changes nothing but locals."""
    assigns = (s for part in node.body for s in parts_of(part) if isinstance(s, core.Assign))
    return node.kind in UNDONE and all(
        isinstance(t, core.Local) for s in assigns for t in s.targets
    )


def assign(target: core.Local | Cell, value: Expr, origin: int) -> core.Assign:
    return core.Assign(targets=(target,), values=(value,), origin=origin)


def plus(a: Expr, b: Expr) -> Expr:
    match a, b:
        case core.Const(int() as x), core.Const(int() as y):
            return Const(x + y)
        case _, core.Const(0):
            return a
        case core.Const(0), _:
            return b
    return Apply("+", (a, b))


def rank(index: Expr, domain: Domain, stride: int) -> Expr:
    """Which value of a domain an index is, times the stride."""
    if isinstance(index, Const):
        same = ((type(v), v) == (type(index.value), index.value) for v in domain)
        return Const(next((n for n, is_it in enumerate(same) if is_it), 0) * stride)
    if stride == 1 and domain == tuple(range(len(domain))) and type(domain[0]) is int:
        return index
    *others, last = range(len(domain))
    found: Expr = Const(last * stride)
    for n in reversed(others):
        is_it = Apply("==", (index, Const(domain[n])))
        found = Apply("ite", (is_it, Const(n * stride), found))
    return found


# ---- marks, and stores of others ----------------------------------------------------------


class Marks:
    """Of all early loads of a program. families: what they are made of, by name. at: those of a
    family, each with the thread that it belongs to.
    """

    def __init__(self, checked: core.Checked) -> None:
        self.checked = checked
        self.families: dict[str, core.Family] = {}
        self.at: dict[str, list[tuple[int, Mark]]] = {}

    def of(self, node: Node, owner: int) -> Mark:
        """The mark of a load of a thread."""
        about = node.cells[0].family
        name = f"early load {len(self.families) + 1}"
        mark = Mark(Cell(name, ()), self.checked.families[about].indices)
        self.families[name] = family(name, (), tuple(range(2 * mark.places + 1)), 0)
        self.at.setdefault(about, []).append((owner, mark))
        return mark

    def at_stores(self, body: core.Block, owner: int | None = None) -> core.Block:
        """A body whose stores take the marks of others away."""
        others = {
            about: [mark for by, mark in marks if by != owner] for about, marks in self.at.items()
        }
        found = taken_away(body, others) if any(others.values()) else body
        assert isinstance(found, core.Block)
        return found


def taken_away(s: core.Stmt, marks: Mapping[str, Sequence[Mark]]) -> core.Stmt:
    """A statement whose stores take the marks of their places away. marks: of each family."""

    def block(b: core.Block) -> core.Block:
        return core.Block(statements=tuple(taken_away(part, marks) for part in b.statements))

    if not isinstance(s, core.Assign):
        return with_blocks(s, block)
    more: dict[Mark, Expr] = {}
    for t in s.targets:
        for mark in marks.get(t.family, ()) if isinstance(t, Cell) else ():
            assert isinstance(t, Cell)
            now = more.get(mark, mark.cell)
            more[mark] = Apply("ite", (mark.is_left(t), mark.gone(t), now))
    cells = (mark.cell for mark in more)
    return evolve(s, targets=(*s.targets, *cells), values=(*s.values, *more.values()))
