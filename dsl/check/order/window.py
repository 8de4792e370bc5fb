"""A stretch of a thread's statements as nodes that are done out of order: what each waits for.

Every access is a node, as is every check, ghost and atomic step. Locals are no places here: what
a local is at a point of the text is an expression over the results of nodes (`Window.now`), so
that the dependencies of a node are the nodes whose results its expressions name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import assert_never

from attrs import define, evolve, field, frozen

from mmscn.check import core
from mmscn.check.core import Apply, Cell, Const, Expr

NODES_MAX = 48
TRUE, FALSE = Const(True), Const(False)


@frozen(eq=False, repr=False)
class Path:
    """When a node is done at all: a condition. outer, own: what it is made of, if of two."""

    condition: Expr = TRUE
    own: Expr = TRUE
    outer: Path | None = None

    @property
    def always(self) -> bool:
        return self.condition is TRUE

    def within(self, condition: Expr) -> Path:
        """The way that is gone where a condition holds, besides."""
        return Path(both(self.condition, condition), condition, self)

    def conditions(self) -> Iterator[Expr]:
        """All that has to hold, each by itself."""
        if self.outer is not None:
            yield from self.outer.conditions()
        if self.own is not TRUE:
            yield self.own


def meeting(ways: Iterable[Path]) -> Path:
    """Where some ways lead. Two that are the only ones on from one are that one."""
    left: list[Path] = []
    for way in ways:
        left.append(way)
        n = 0
        while n < len(left) - 1:
            outer = rejoined(left[n], left[-1])
            if outer is None:
                n += 1
            else:
                left[n:] = [*left[n + 1 : -1], outer]
                n = 0
    if len(left) == 1:
        return left[0]
    condition: Expr = FALSE
    for way in left:
        condition = either(condition, way.condition)
    return Path(condition, condition)


def exclusive(a: Path, b: Path) -> bool:
    """Whether two ways are those on from an `if`, or begin with these."""
    for one, other in ((a, b), (b, a)):
        begins = set(map(id, one.conditions()))
        for own in other.conditions():
            if isinstance(own, core.Apply) and own.op == "not" and id(own.args[0]) in begins:
                return True
    return False


def rejoined(a: Path, b: Path) -> Path | None:
    """The way that two are the only ones on from; None where they are not that."""
    if a.outer is None or a.outer is not b.outer:
        return None
    for one, other in ((a.own, b.own), (b.own, a.own)):
        match one:
            case core.Apply(op="not", args=(inner,)) if inner is other:
                return a.outer
    return None


@define(eq=False, repr=False)
class Node:
    """One thing that is done in a step.

    kind: `load`, `store`, `update` (both in one), `atomic` (which nothing passes), `lock`,
    `unlock`, `walk`, `sure_walk`, `late_walk` (the hardware looks for a translation), `record` (it
    writes to the table), `fault` (an access that is refused), `invalidation` (of translations, of
    what a cache has), `fetch` (of an instruction), `cleaning` (what is stored
    goes where fetches look), `check` (asserts), or `last` (what is done when all in front of it
    is). done: the local that says that it is. awaits: what a load waits for, besides.
    cells: what is read or written. values: what is stored, as far as that is known before. order:
    of its origin. body: made of what it does. branches: the nodes that branches in front of it look
    at. behind: those that barriers, acquiring loads and locks put in front of it. wanted: whether
    what it reads is looked at; where it is not, no barrier for loads keeps it.
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


@define(eq=False, repr=False)
class Window:
    """nodes: in the order of the text. of: the node that a local is the result of. now: what
    locals are. sure: of nodes, what they surely wait for, as far as somebody has asked.
    """

    families: Mapping[str, core.Family]
    nodes: list[Node] = field(factory=list)
    of: dict[int, int] = field(factory=dict)
    now: dict[int, Expr] = field(factory=dict)
    sure: dict[int, frozenset[int]] = field(factory=dict)

    # ---- what an expression is made of --------------------------------------------

    def at(self, e: Expr) -> Expr:
        """An expression with what its locals are here."""
        return renamed(e, self.now)

    def needs(self, *parts: Expr) -> set[int]:
        """The nodes whose results some expressions name."""
        return {self.of[n] for e in parts for n in locals_of(e) if n in self.of}

    # ---- conditions ---------------------------------------------------------------

    def complete(self, number: int) -> Expr:
        """Whether a node is done, or is known not to be on the way that is gone (`skipped`)."""
        return self.nodes[number].done

    def ready(self, numbers: Iterable[int]) -> Expr:
        return every(self.complete(n) for n in sorted(numbers))

    def known(self, path: Path) -> Expr:
        """Whether it is known which way is gone: of a node that is not done, that it is its own."""
        return self.ready(self.needs(path.condition))

    def skipped(self, number: int | None) -> list[tuple[Node, Expr]]:
        """The nodes that may be known not to be on the way that is gone once a node is done, None
        for where none is yet; each with when that is so.

        They count as done. The conditions are meant one after the other. Of a way within another
        each condition is asked by itself: where one fails, the others need not be known. What is
        known because an outer one has failed is not asked of the inner ones again.
        """
        found: list[tuple[Node, Expr]] = []
        changed: dict[int, set[int]] = {} if number is None else {number: {-1}}
        for node in self.nodes[0 if number is None else number + 1 :]:
            off: Expr = FALSE
            conditions = list(node.path.conditions())
            own_way, failed = set(map(id, conditions)), set()
            for own in conditions:
                needs = self.needs(own)
                by = (changed[n] for n in needs if n in changed)
                if any(not why <= own_way for why in by) or (number is None and not needs):
                    off = either(off, both(self.ready(needs), Apply("not", (own,))))
                    failed.add(id(own))
            if failed:
                found.append((node, off))
                changed[node.number] = failed
        return found

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


def conjuncts(e: Expr) -> list[Expr]:
    """What all has to hold where an expression does."""
    match e:
        case core.Apply(op="and", args=args):
            return [part for arg in args for part in conjuncts(arg)]
    return [e]


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
