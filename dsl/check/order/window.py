"""A stretch of a thread's statements as nodes that are done out of order: what each waits for.

Every access is a node, as is every check, ghost and atomic step. Locals are no places here: what
a local is at a point of the text is an expression over the results of nodes (`Window.now`), so
that the dependencies of a node are the nodes whose results its expressions name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from attrs import define, evolve, field, frozen

from mmscn.check import core
from mmscn.check.core import Apply, Cell, Const, Expr

NODES_MAX = 48
TRUE, FALSE = Const(True), Const(False)


@frozen(eq=False)
class Path:
    """When a node is done at all: a condition, and the branches that it is made of."""

    condition: Expr = TRUE
    branches: frozenset[int] = frozenset()

    @property
    def always(self) -> bool:
        return self.condition is TRUE


@define(eq=False)
class Node:
    """One thing that is done in a step.

    kind: `load`, `store`, `update` (both in one), `atomic` (which nothing passes), `lock`,
    `unlock`, `walk`, `sure_walk`, `late_walk` (the hardware looks for a translation), `record` (it
    writes to the table), `fault` (an access that is refused), `invalidation` (of translations),
    `check` (asserts), or `last` (what is done when all in front of it is). done: the local that
    says that it is. awaits: what a load waits for, besides.
    cells: what is read or written. values: what is stored. order: of its origin. body: made of
    what it does. branches: the nodes that branches in front of it look at. behind: those that
    barriers, acquiring loads and locks put in front of it. wanted: whether what it reads is looked
    at; where it is not, no barrier for loads keeps it.
    """

    number: int
    kind: str
    origin: int
    path: Path
    done: core.Local
    cells: tuple[Cell, ...] = ()
    results: tuple[core.Local, ...] = ()
    values: tuple[Expr, ...] = ()
    body: tuple[core.Stmt, ...] = ()
    condition: Expr | None = None
    order: str = "plain"
    awaits: tuple[core.Await, ...] = ()
    wanted: bool = True
    branches: frozenset[int] = frozenset()
    behind: frozenset[int] = frozenset()


@define(eq=False)
class Window:
    """nodes: in the order of the text. of: the node that a local is the result of. now: what
    locals are.
    """

    families: Mapping[str, core.Family]
    nodes: list[Node] = field(factory=list)
    of: dict[int, int] = field(factory=dict)
    now: dict[int, Expr] = field(factory=dict)

    # ---- what an expression is made of --------------------------------------------

    def at(self, e: Expr) -> Expr:
        """An expression with what its locals are here."""
        return renamed(e, self.now)

    def needs(self, *parts: Expr) -> set[int]:
        """The nodes whose results some expressions name."""
        return {self.of[n] for e in parts for n in locals_of(e) if n in self.of}

    # ---- conditions ---------------------------------------------------------------

    def complete(self, number: int) -> Expr:
        """Whether a node is done, or is known not to be on the way that is gone."""
        node = self.nodes[number]
        if node.path.always:
            return node.done
        known = self.ready(self.needs(node.path.condition))
        off = both(known, Apply("not", (node.path.condition,)))
        return Apply("or", (node.done, off))

    def settled(self, number: int) -> Expr:
        """Whether a node is done, or not on the way that is gone; where all before it are so."""
        node = self.nodes[number]
        if node.path.always:
            return node.done
        return either(node.done, Apply("not", (node.path.condition,)))

    def ready(self, numbers: Iterable[int]) -> Expr:
        return every(self.complete(n) for n in sorted(numbers))

    def taken(self, path: Path) -> Expr:
        """Whether the way to a node is known, and gone."""
        return both(self.ready(self.needs(path.condition)), path.condition)

    def open_(self, path: Path) -> Expr:
        """Whether a way may still be gone, as far as is known."""
        if path.always:
            return TRUE
        known = self.ready(self.needs(path.condition))
        return Apply("implies", (known, path.condition))

    def there(self, cell: Cell) -> Expr:
        """Whether a cell's indices are some that there are; only where they are known."""
        found: Expr = TRUE
        for index, domain in zip(cell.index, self.families[cell.family].indices, strict=True):
            if not isinstance(index, Const):
                one: Expr = FALSE
                for value in domain:
                    one = either(one, Apply("==", (index, Const(value))))
                found = both(found, one)
        return found

    def same_place(self, a: Cell, b: Cell) -> Expr:
        """Whether two cells are one; only where the indices of both are known."""
        if a.family != b.family:
            return FALSE
        found: Expr = TRUE
        for i, j in zip(a.index, b.index, strict=True):
            if isinstance(i, Const) and isinstance(j, Const):
                if (type(i.value), i.value) != (type(j.value), j.value):
                    return FALSE
                continue
            found = both(found, Apply("==", (i, j)))
        return found

    def overlap(self, a: Sequence[Cell], b: Sequence[Cell]) -> Expr:
        found: Expr = FALSE
        for x in a:
            for y in b:
                found = either(found, self.same_place(x, y))
        return found

    def places_known(self, node: Node) -> Expr:
        """Whether it is known where a node reads or writes."""
        known = self.ready(self.needs(*(i for c in node.cells for i in c.index)))
        if node.path.always or known is TRUE:
            return known
        return either(self.complete(node.number), known)

    def passed(self, node: Node, other: Node) -> Expr:
        """That an earlier node is done, or is known to be about another place."""
        same = self.overlap(node.cells, other.cells)
        if same is FALSE:
            return TRUE
        if same is TRUE:
            return self.complete(other.number)
        known = self.places_known(other)
        return either(self.complete(other.number), both(known, Apply("not", (same,))))


# ---- expressions ----------------------------------------------------------------------


def both(a: Expr, b: Expr) -> Expr:
    if a is TRUE or b is FALSE:
        return b
    return a if b is TRUE or a is FALSE else Apply("and", (a, b))


def either(a: Expr, b: Expr) -> Expr:
    if a is FALSE or b is TRUE:
        return b
    return a if b is FALSE or a is TRUE else Apply("or", (a, b))


def every(parts: Iterable[Expr]) -> Expr:
    found: Expr = TRUE
    for part in parts:
        found = both(found, part)
    return found


def locals_of(e: Expr) -> set[int]:
    match e:
        case core.Local(number=n):
            return {n}
        case core.Cell(index=parts) | core.Apply(args=parts):
            return set().union(*map(locals_of, parts))
    return set()


def renamed(e: Expr, now: dict[int, Expr]) -> Expr:
    match e:
        case core.Local(number=n):
            return now.get(n, e)
        case core.Cell(family=family, index=index):
            return Cell(family, tuple(renamed(i, now) for i in index))
        case core.Apply(op=op, args=args):
            return Apply(op, tuple(renamed(a, now) for a in args))
    return e


def expressions_of(body: Sequence[core.Stmt]) -> list[Expr]:
    """All that some statements look at."""
    found: list[Expr] = []
    for s in body:
        match s:
            case core.Assign(targets=targets, values=values):
                found += values
                found += (i for t in targets if isinstance(t, Cell) for i in t.index)
            case core.Await(condition=c) | core.Assert(condition=c):
                found.append(c)
            case core.If(condition=c, then=then, otherwise=otherwise):
                found += [c, *expressions_of((then, otherwise))]
            case core.Block(statements=inner):
                found += expressions_of(inner)
            case core.Choose(branches=branches):
                found += expressions_of(branches)
            case core.Atomic(body=inside):
                found += expressions_of((inside,))
    return found


def renamed_body(s: core.Stmt, now: dict[int, Expr]) -> core.Stmt:
    """A statement with what the locals are that it reads."""

    def e(x: Expr) -> Expr:
        return renamed(x, now)

    match s:
        case core.Assign(targets=targets, values=values):
            places = tuple(
                t if isinstance(t, core.Local) else Cell(t.family, tuple(map(e, t.index)))
                for t in targets
            )
            return evolve(s, targets=places, values=tuple(map(e, values)))
        case core.Await(condition=c) | core.Assert(condition=c):
            return evolve(s, condition=e(c))
        case core.If(condition=c, then=then, otherwise=otherwise, origin=origin):
            yes, no = renamed_block(then, now), renamed_block(otherwise, now)
            return core.If(condition=e(c), then=yes, otherwise=no, origin=origin)
        case core.Block():
            return renamed_block(s, now)
        case core.Choose(branches=branches):
            return evolve(s, branches=tuple(renamed_block(b, now) for b in branches))
        case core.Atomic(body=body):
            return evolve(s, body=renamed_block(body, now))
        case core.Label() | core.Goto() | core.Bug():
            return s
        case _:
            assert_never(s)


def renamed_block(b: core.Block, now: dict[int, Expr]) -> core.Block:
    return core.Block(statements=tuple(renamed_body(s, now) for s in b.statements))
