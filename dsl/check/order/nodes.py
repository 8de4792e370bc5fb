"""The nodes of a thread as they are made: what each reads, waits for, and is refused for."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from attrs import evolve

from mmscn.check import core
from mmscn.check.core import Apply, Cell, Expr
from mmscn.check.numbers import added
from mmscn.check.order.barriers import PASSING, Barriers
from mmscn.check.order.cells import all_same, has_cell, parts_of
from mmscn.check.order.joins import Way
from mmscn.check.order.stores import Stores
from mmscn.check.order.window import NODES_MAX, Node, Path, Window
from mmscn.check.values import BOOLS, Domain
from mmscn.diagnostics import one


class Nodes:
    """Of one thread after the other. jumps: of each label, the ways that lead there."""

    def __init__(self, checked: core.Checked) -> None:
        self.checked = checked
        self.stores = Stores(checked.families, checked.origins)
        self.locals = dict(checked.locals)
        self.origins = dict(checked.origins)
        bodies = [t.body for t in checked.threads] + [a.body for a in checked.agents]
        parts = (s for body in bodies for s in parts_of(body))
        self.labels = max((s.number for s in parts if isinstance(s, core.Label)), default=0)
        self.owner = 0
        self.kept: set[int] = set()
        self.begin()

    def begin(self) -> None:
        self.window = Window(self.checked.families)
        self.last_origin = 0
        self.passed: set[int] = set()
        self.out: list[core.Stmt] = []
        self.jumps: dict[int, list[Way]] = {}
        self.barriers = Barriers()

    def refuse(self, origin: int, what: str) -> None:
        found = self.checked.origins[origin]
        spans = [*(call.span for call in found.path), found.span]
        # The author's own line, where it is a module's that is not modelled.
        where = [span for span in spans if span.source is spans[0].source][-1]
        raise one("MM314", f"`memory = arm` does not model {what}", where)

    # ---- reads ------------------------------------------------------------------------

    def read(self, e: Expr, path: Path, origin: int, order: str) -> Expr:
        """An expression over results: each cell in it is loaded, under the condition it has."""
        match e:
            case core.Local(number=n):
                return self.window.now.get(n, e)
            case core.Cell(family=family, index=index):
                known = tuple(self.read(i, path, origin, "plain") for i in index)
                cell = Cell(family, known)
                node = self.load((cell,), path, origin, order, None)
                if node is None:
                    self.refuse(origin, "reading the state of the hardware or a lock")
                assert node is not None
                return node.results[0]
            case core.Apply(op="and" | "or" | "implies" | "ite" as op, args=(first, *rest)):
                left = self.read(first, path, origin, order)
                if not any(map(has_cell, rest)):
                    return Apply(op, (left, *(self.window.at(r) for r in rest)))
                yes = path.within(left)
                no = path.within(Apply("not", (left,)))
                ways = {"and": (yes,), "or": (no,), "implies": (yes,), "ite": (yes, no)}[op]
                parts = (self.read(r, w, origin, order) for r, w in zip(rest, ways, strict=True))
                return Apply(op, (left, *parts))
            case core.Apply(op=op, args=args):
                return Apply(op, tuple(self.read(a, path, origin, order) for a in args))
            case core.Fresh():
                return e
        return e

    def load(
        self, cells: tuple[Cell, ...], path: Path, origin: int, order: str, condition: Expr | None
    ) -> Node | None:
        """A node that reads some cells, with a condition until that holds; None for no memory."""
        if not cells or not all(self.stores.memory(c.family) for c in cells):
            return None
        if condition is None:
            # The same cell read again in one statement is one load.
            for node in reversed(self.window.nodes):
                if node.kind != "load" or node.origin != origin or node.path is not path:
                    break
                if node.condition is None and all_same(node.cells, cells):
                    return node
        results = []
        for cell in cells if condition is None else ():
            family = self.checked.families[cell.family]
            results.append(self.local(f"{family.name}()", family.domain, version=family.version))
        node = self.add(
            "load", origin, path, cells=cells, results=tuple(results), order=order,
            condition=condition,
        )  # fmt: skip
        for result in results:
            self.window.of[result.number] = node.number
        return node

    def like(self, number: int) -> core.Local:
        """Another local of the kind of one."""
        found = self.locals[number]
        return self.local(found.name, found.domain, version=found.version)

    # ---- nodes ------------------------------------------------------------------------

    def local(self, name: str, domain: Domain, *, version: bool = False) -> core.Local:
        made = core.LocalVar(name=name, thread=self.owner, domain=domain, version=version)
        return core.Local(added(self.locals, made))

    def add(self, kind: str, origin: int, path: Path, **more: Any) -> Node:
        number = len(self.window.nodes)
        if number >= NODES_MAX:
            self.refuse(origin, f"more than {NODES_MAX} accesses between two full barriers")
        done = self.local(f"done {number})", BOOLS)
        node = Node(number, kind, origin, path, done, **more)
        node.branches, node.behind = self.barriers.branches, self.barriers.of(kind)
        self.window.nodes.append(node)
        if node.order in PASSING or kind == "lock":
            self.wait_for({number})
        if kind == "fetch":
            # What is not fetched is not done.
            synced = self.barriers.synced | {number}
            self.barriers = evolve(self.barriers, synced=synced)
        return node

    def branch_on(self, numbers: Set[int]) -> None:
        self.barriers = evolve(self.barriers, branches=self.barriers.branches | numbers)

    def wait_for(self, numbers: Set[int]) -> None:
        self.barriers = evolve(self.barriers, accesses=self.barriers.accesses | numbers)
