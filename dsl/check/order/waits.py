"""What a node of a window waits for under `memory = arm`, and where a load has its value from."""

from __future__ import annotations

from mmscn.check import core
from mmscn.check.core import Apply, Cell, Expr
from mmscn.check.order.barriers import ACCESSES, ACQUIRES, RELEASES, WALKS
from mmscn.check.order.cells import replaced
from mmscn.check.order.window import (
    FALSE,
    TRUE,
    Node,
    Path,
    Window,
    both,
    either,
    every,
    exclusive,
    expressions_of,
)

LETS_GO = ("unlock", "atomic")
PLACED = ("load", "store", "update", "cleaning")
"""Nodes that are about places of memory; two about one place keep their order."""


def guard(w: Window, node: Node) -> Expr:
    """When a node may be done.

    It is not done yet, so it is not known to be on a way that is not gone: where that is known,
    it is on the one that is.
    """
    earlier = w.nodes[: node.number]
    parts = [Apply("not", (node.done,)), *(w.complete(n) for n in sorted(node.behind))]
    match node.kind:
        case "load":
            parts += of_a_load(w, node, earlier)
        case "store":
            parts += of_a_store(w, node, earlier)
        case "update":
            parts += of_a_load(w, node, earlier, forwarded=False)
            parts += of_a_store(w, node, earlier)
        case "walk" | "fault" | "fetch":
            parts.append(w.ready(own_needs(w, node)))
        case "late_walk":
            parts.append(w.ready(own_needs(w, node)))
            parts += (w.complete(m.number) for m in earlier if m.kind in ACCESSES)
        case "sure_walk" | "record" | "invalidation":
            parts += [w.known(node.path), w.ready(own_needs(w, node) | node.branches)]
        case "cleaning":
            parts += [w.known(node.path), w.ready(own_needs(w, node) | node.branches)]
            parts += (w.passed(node, m) for m in earlier if m.kind in PLACED)
            parts += (w.complete(m.number) for m in earlier if m.kind == "atomic")
        case "atomic" | "unlock":
            parts.append(w.known(node.path))
            parts += (w.complete(m.number) for m in earlier if m.kind in ACCESSES)
            parts.append(w.ready(w.needs(*expressions_of(node.body)) - {node.number}))
            parts.append(w.ready(node.branches))
        case "lock":
            parts.append(w.known(node.path))
            locks = ("lock", "unlock", "atomic")
            parts += (w.complete(m.number) for m in earlier if m.kind in locks)
            parts.append(
                w.ready((w.needs(*expressions_of(node.body)) - {node.number}) | node.branches)
            )
        case "check":
            parts.append(w.known(node.path))
            locks = ("lock", "unlock", "atomic")
            parts += (w.complete(m.number) for m in earlier if m.kind in locks)
            parts.append(w.ready(w.needs(*expressions_of(node.body)) - {node.number}))
        case "last":
            parts += (w.complete(m.number) for m in earlier)
        case kind:
            raise AssertionError(kind)
    return every(parts)


def own_needs(w: Window, node: Node) -> set[int]:
    """The nodes whose results a node's body looks at."""
    return w.needs(*expressions_of(node.body)) - {node.number}


def of_a_load(w: Window, node: Node, earlier: list[Node], *, forwarded: bool = True) -> list[Expr]:
    """It may be done before the way to it is known, but not where it cannot be.

    forwarded: whether it may read what an earlier store will store.
    """
    indices = [i for c in node.cells for i in c.index]
    parts = [w.ready(w.needs(*indices))]
    if not node.path.always:
        # On a way that is not gone an index may be none of the array's.
        parts.append(either(every(w.there(c) for c in node.cells), w.known(node.path)))
    parts.append(w.ready(w.needs(*(a.condition for a in node.awaits))))
    if node.order in ACQUIRES:
        releases = (m for m in earlier if m.kind in LETS_GO or m.order in RELEASES)
        parts += (w.complete(m.number) for m in releases)
    for m in earlier:
        if m.kind == "load" and forwarded:
            parts.append(past_load(w, node, m))
        elif forwarded and stores_for(node, m):
            parts.append(from_store(w, node, m))
        elif m.kind in PLACED:
            parts.append(w.passed(node, m))
    return parts


def past_load(w: Window, node: Node, m: Node) -> Expr:
    """That an earlier load is done, or is of another place, as far as is known (`early`).

    Nor does a load wait that reads what its thread is to store behind the earlier one.
    """
    if may_be_far(w, node, m) and exclusive(node.path, m.path):
        return TRUE
    passed = w.passed(node, m)
    if may_be_early(w, node, m):
        passed = either(passed, Apply("not", (w.places_known(m),)))
    return either(passed, forwards(w, node, m))


def may_be_early(w: Window, node: Node, m: Node) -> bool:
    """Whether a load may be done before it is known where an earlier one goes."""
    if not may_be_far(w, node, m) or exclusive(node.path, m.path):
        return False
    sure = surely(w, node)
    return m.number not in sure and not w.needs(*m.cells[0].index) <= sure


def surely(w: Window, node: Node) -> frozenset[int]:
    """Nodes that are done when one is, whatever happens: those it waits for, and so on."""
    if node.number not in w.sure:
        parts = [*(i for c in node.cells for i in c.index), *(a.condition for a in node.awaits)]
        found = node.behind | w.needs(*parts, *node.values, *expressions_of(node.body))
        found -= {node.number}
        for n in found:
            if implies(node.path, w.nodes[n].path):
                found |= surely(w, w.nodes[n])
        w.sure[node.number] = frozenset(found)
    return w.sure[node.number]


def may_be_far(w: Window, node: Node, m: Node) -> bool:
    """Whether two loads may be of one place, and that depends on what the earlier one's is."""
    alone = node.kind == m.kind == "load" and len(node.cells) == 1 == len(m.cells)
    if not alone or w.overlap(node.cells, m.cells) is FALSE:
        return False
    return node.number > m.number and bool(w.needs(*m.cells[0].index))


def forwards(w: Window, node: Node, m: Node | None) -> Expr:
    """That a load finds its place among what its thread is to store, behind an earlier node."""
    found: Expr = FALSE
    if len(node.cells) != 1 or node.kind != "load":
        return found
    for s in w.nodes[: node.number] if m is None else w.nodes[m.number + 1 : node.number]:
        if not stores_for(node, s):
            continue
        known = w.ready(w.needs(*(i for c in s.cells for i in c.index)))
        if not implies(node.path, s.path):
            known = both(known, w.known(s.path))
        here = both(w.overlap(node.cells, s.cells), Apply("not", (s.done,)))
        found = either(found, both(known, here))
    return found


def stores_for(node: Node, m: Node) -> bool:
    """Whether a load may read what a node is to store: an exchange, but where it acquires."""
    exchange = m.kind == "update" and bool(m.values) and node.order not in ACQUIRES
    return m.kind == "store" or exchange


def from_store(w: Window, node: Node, store: Node) -> Expr:
    """That an earlier store is done, is none to this place, or can be read before it is done."""
    same = w.overlap(node.cells, store.cells)
    if same is FALSE:
        return TRUE
    known = w.ready(w.needs(*(i for c in store.cells for i in c.index)))
    value = w.ready(w.needs(*store.values))
    if not implies(node.path, store.path):
        value = both(value, w.known(store.path))
    other = FALSE if same is TRUE else Apply("not", (same,))
    return either(w.complete(store.number), both(known, either(other, value)))


def of_a_store(w: Window, node: Node, earlier: list[Node]) -> list[Expr]:
    """It waits for branches, for its value, and for where earlier accesses go."""
    indices = [i for c in node.cells for i in c.index]
    needs = w.needs(*indices, *node.values) | own_needs(w, node)
    parts = [w.known(node.path), w.ready(needs | node.branches)]
    for m in earlier:
        if m.kind in WALKS:
            parts.append(w.complete(m.number))
        if m.kind == "cleaning":
            parts.append(w.passed(node, m))
        if m.kind not in ACCESSES:
            continue
        if node.order in RELEASES:
            parts.append(w.complete(m.number))
        elif m.kind in ("load", "store", "update"):
            parts += (w.places_known(m), w.passed(node, m))
        elif m.kind == "atomic":
            parts.append(w.complete(m.number))
    return parts


def of_load(w: Window, node: Node) -> tuple[core.Stmt, ...]:
    """What a load does: it reads, from the newest earlier store that is not done, or memory."""
    earlier = [m for m in w.nodes[: node.number] if stores_for(node, m)]

    def value(cell: Cell) -> Expr:
        found: Expr = cell
        for m in earlier:
            for place, stored in zip(m.cells[: len(m.values)], m.values, strict=True):
                same = w.same_place(cell, place)
                if same is FALSE:
                    continue
                waits = both(Apply("not", (m.done,)), same)
                if not implies(node.path, m.path):
                    waits = both(waits, w.known(m.path))
                found = Apply("ite", (waits, stored, found))
        return found

    if node.condition is not None:
        condition = replaced(node.condition, value)
        return (core.Await(condition=condition, origin=node.origin),)
    values = tuple(value(cell) for cell in node.cells)
    return (*node.awaits, core.Assign(targets=node.results, values=values, origin=node.origin))


def implies(one: Path, other: Path) -> bool:
    """Whether who goes the one way goes the other: it begins with it."""
    wanted, found = other.condition, one.condition
    while True:
        if wanted is TRUE or found is wanted:
            return True
        match found:
            case core.Apply(op="and", args=(outer, _)):
                found = outer
            case _:
                return False
