"""`memory = arm`: a thread's accesses are done out of order, over the one memory.

The semantics is in `check.core`, "Memory order". A thread is a window of nodes (`window.py`), and
a loop in which any node is done that need not wait. Source: Pulte, Flur, Deacon, French, Sarkar,
Sewell, Simplifying ARM Concurrency (POPL 2018), and Arm ARM B2.3, "Ordering requirements".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial, reduce
from typing import Any, assert_never

from attrs import evolve

from mmscn.check import core
from mmscn.check.core import Apply, Cell, Expr
from mmscn.check.numbers import added
from mmscn.check.order.barriers import EARLY, WHOLE, Barriers
from mmscn.check.order.cells import cells_in, cells_of, has_cell, makes, parts_of, without_if
from mmscn.check.order.early import EarlyLoads, Marks
from mmscn.check.order.events import ORDERS, Reader, order_said
from mmscn.check.order.joins import Way, chosen, joined
from mmscn.check.order.nodes import Nodes
from mmscn.check.order.stores import in_order
from mmscn.check.order.waits import guard, of_load
from mmscn.check.order.window import (
    TRUE,
    Node,
    Path,
    Window,
    both,
    conjuncts,
    meeting,
    renamed_body,
)


def arm(checked: core.Checked) -> core.Checked:
    """The program with threads out of order. Raises Rejected for what is not modelled (MM314)."""
    program = OutOfOrder(checked)
    threads = tuple(program.thread(n, thread) for n, thread in enumerate(checked.threads))
    marks = program.marks
    return evolve(
        checked,
        threads=tuple(evolve(t, body=marks.at_stores(t.body, n)) for n, t in enumerate(threads)),
        agents=tuple(evolve(a, body=marks.at_stores(a.body)) for a in checked.agents),
        families=checked.families | marks.families,
        locals=program.locals,
        origins=program.origins,
    )


class OutOfOrder(Nodes):
    """Rewrites one program. marks: of the early loads of its threads."""

    def __init__(self, checked: core.Checked) -> None:
        super().__init__(checked)
        self.marks = Marks(checked)

    def thread(self, n: int, thread: core.Thread) -> core.Thread:
        if not any(self.touches(s) for s in in_order(thread.body)):
            return thread
        if thread.daemon:
            first = next(s for s in in_order(thread.body) if self.touches(s))
            self.refuse(getattr(first, "origin", 0), "a daemon that reads or writes memory")
        self.owner = n
        # How many spinlocks are held is changed and looked at in the order of the text.
        self.kept = {
            target.number
            for s in parts_of(thread.body)
            if isinstance(s, core.Atomic) and self.is_lock(s)
            for inner in in_order(s)
            if isinstance(inner, core.Assign)
            for target in inner.targets
            if isinstance(target, core.Local)
            and self.locals[target.number].name == "spinlocks held"
        }
        self.begin()
        self.early = any(self.said(s) in EARLY for s in parts_of(thread.body))
        self.statement(thread.body, Path())
        # Nobody looks at locals any more.
        self.window.now = {}
        self.close()
        return evolve(thread, body=core.Block(statements=tuple(self.out)))

    # ---- what is asked of statements -----------------------------------------------

    def touches(self, s: core.Stmt) -> bool:
        match s:
            case core.Assign(targets=targets, values=values):
                return any(isinstance(t, Cell) for t in targets) or any(map(has_cell, values))
            case core.Await(condition=c) | core.Assert(condition=c):
                return has_cell(c)
        return False

    def is_lock(self, s: core.Atomic) -> bool:
        return self.checked.origins[s.origin].kind in ("lock", "trylock", "unlock")

    def said(self, s: core.Stmt) -> str:
        return order_said(s, self.checked.origins)

    def hardware(self, family: str) -> bool:
        return self.checked.families[family].hardware and not family.endswith(".readers")

    # ---- statements to nodes --------------------------------------------------------

    def statement(self, s: core.Stmt, path: Path | None) -> Path | None:
        """The way behind a statement; None where none leads on."""
        if isinstance(s, core.Label):
            return self.label(s.number, path)
        if path is None:
            return None
        match s:
            case core.Block(statements=inner):
                for part in inner:
                    path = self.statement(part, path)
                return path
            case core.Goto(label=label):
                if label not in self.jumps and label in self.passed:
                    self.refuse(self.last_origin, "a loop in which memory is read or written")
                self.jumps.setdefault(label, []).append(
                    Way(path, dict(self.window.now), self.barriers)
                )
                return None
            case core.If():
                return self.if_(s, path)
            case core.Choose(origin=origin):
                self.refuse(origin, "`choose`")
            case core.Assign():
                self.assign(s, path)
            case core.Await():
                self.last_origin = s.origin
                self.await_(s, path)
            case core.Assert(condition=condition, origin=origin):
                self.last_origin = origin
                known = self.read(condition, path, origin, "plain")
                self.add("check", origin, path, body=(evolve(s, condition=known),))
            case core.Bug(origin=origin):
                self.add("last", origin, path, body=(s,))
            case core.Atomic():
                self.last_origin = s.origin
                self.atomic(s, path)
            case _:
                assert_never(s)
        return path

    def label(self, number: int, path: Path | None) -> Path | None:
        self.passed.add(number)
        ways = self.jumps.pop(number, [])
        if path is not None:
            ways.append(Way(path, self.window.now, self.barriers))
        if not ways:
            return None
        self.window.now = joined(ways)
        self.barriers = reduce(Barriers.joined, (way.barriers for way in ways))
        if len(ways) < 2:
            return ways[0].path
        return meeting(way.path for way in ways)

    def if_(self, s: core.If, path: Path) -> Path | None:
        self.last_origin = s.origin
        condition = without_if(self.read(s.condition, path, s.origin, "plain"))
        needs = frozenset(self.window.needs(condition))
        self.branch_on(needs)
        before, barriers = dict(self.window.now), self.barriers
        yes = path.within(condition)
        then = self.statement(s.then, yes)
        if_so, self.window.now = self.window.now, before
        first, self.barriers = self.barriers, barriers
        no = path.within(Apply("not", (condition,)))
        otherwise = self.statement(s.otherwise, no)
        self.window.now = chosen(condition, if_so, self.window.now)
        if then is not None and otherwise is not None:
            self.barriers = self.barriers.joined(first)
        elif then is not None:
            self.barriers = first
        ways = [way for way in (then, otherwise) if way is not None]
        return meeting(ways) if ways else None

    def assign(self, s: core.Assign, path: Path) -> None:
        origin = self.checked.origins[s.origin]
        self.last_origin = s.origin
        if origin.hardware and self.touches(s):
            self.refuse(s.origin, "what the hardware does within a thread")
        if s.ghost:
            self.last(s, path)
            return
        if origin.order == "full":
            self.atomic(core.Atomic(body=core.Block(statements=(s,)), origin=s.origin), path)
            return
        cells = [t for t in s.targets if isinstance(t, Cell)]
        hardware = [c for c in cells if not self.stores.memory(c.family)]
        if hardware:
            if len(hardware) < len(cells) or any(has_cell(v) for v in s.values):
                self.refuse(s.origin, "hardware and memory in one statement")
            self.last(s, path)
            return
        values = [self.read(v, path, s.origin, origin.order) for v in s.values]
        into: list[Cell] = []
        stored: list[Expr] = []
        for target, value in zip(s.targets, values, strict=True):
            if isinstance(target, core.Local):
                self.window.now[target.number] = value
            else:
                index = tuple(self.read(i, path, s.origin, "plain") for i in target.index)
                into.append(Cell(target.family, index))
                stored.append(value)
        if into and any(map(makes, stored)):
            self.refuse(s.origin, "`fresh`")
        if into:
            store = evolve(s, targets=tuple(into), values=tuple(stored))
            self.add(
                "store", s.origin, path, cells=tuple(into), values=tuple(stored),
                body=(store,), order=origin.order,
            )  # fmt: skip

    def last(self, s: core.Assign, path: Path) -> None:
        """A ghost, or a register of the hardware: what is in front of it is done."""
        new = evolve(
            s,
            targets=tuple(
                t if isinstance(t, core.Local) else at(self.window, t) for t in s.targets
            ),
            values=tuple(self.window.at(v) for v in s.values),
        )
        self.add("last", s.origin, path, body=(new,))

    def await_(self, s: core.Await, path: Path) -> None:
        """Reads until the condition holds; what is behind it is behind a branch."""
        if self.checked.origins[s.origin].kind == "fence":
            self.fence(self.checked.origins[s.origin].order, path)
            return
        condition = self.window.at(s.condition)
        found = self.load(cells_of(condition), path, s.origin, "plain", condition)
        if found is not None:
            self.branch_on({found.number})
        elif has_cell(condition):
            self.refuse(s.origin, "waiting for the hardware")
        else:
            known = frozenset(self.window.needs(condition))
            self.add("check", s.origin, path, body=(evolve(s, condition=condition),))
            self.branch_on(known | {self.window.nodes[-1].number})

    def atomic(self, s: core.Atomic, path: Path) -> None:
        """One step that nothing passes, or that acquires or releases a lock."""
        kind = self.checked.origins[s.origin].kind
        if said := self.said(s):
            self.event(s, said, path)
            return
        if self.checked.origins[s.origin].hardware:
            self.refuse(s.origin, "what the hardware does within a thread")
        inside = list(parts_of(s.body))
        here = {part.number for part in inside if isinstance(part, core.Label)}
        if any(isinstance(part, core.Goto) and part.label not in here for part in inside):
            self.refuse(s.origin, "a jump out of an atomic step")
        families = {c.family for c in cells_in(s.body)}
        if any(map(self.hardware, families)):
            self.refuse(s.origin, "what the hardware does within a thread")
        lock = {"lock": "lock", "trylock": "lock", "unlock": "unlock"}.get(kind, "atomic")
        results = {
            t.number
            for inner in in_order(s.body)
            if isinstance(inner, core.Assign)
            for t in inner.targets
            if isinstance(t, core.Local) and t.number not in self.kept
        }
        now = self.window.now
        before = {n: now[n] for n in results if n in now}
        if not path.always and before:
            self.refuse(s.origin, "a variable that an atomic step behind a condition changes")
        body: list[core.Stmt] = [
            renamed_body(s.body, {n: e for n, e in now.items() if n not in results})
        ]
        if before:
            targets = tuple(map(core.Local, before))
            values = tuple(before.values())
            body.insert(0, core.Assign(targets=targets, values=values, origin=s.origin))
        node = self.add(lock, s.origin, path, body=tuple(body))
        for number in results:
            now.pop(number, None)
            self.window.of[number] = node.number
        if lock == "atomic":
            self.wait_for(frozenset(range(len(self.window.nodes))))
            if path.always and not self.early:
                self.close()

    def event(self, s: core.Atomic, said: str, path: Path) -> None:
        """A step that says in which order it is."""
        reader = Reader(self.checked.origins, self.stores.memory, self.like)
        found = reader.event(s, said, self.window.now)
        order = said if said in ORDERS else "plain"
        more: dict[str, Any] = {"body": found.body, "values": found.values}
        if found.kind == "load":
            *awaits, last = found.body
            if not isinstance(last, core.Assign) or len(awaits) > len(found.awaits):
                self.refuse(s.origin, "an atomic step that loads and computes")
            assert isinstance(last, core.Assign)
            more = {"awaits": found.awaits, "results": last.targets}
        wanted = found.kind != "update" or bool(found.results)
        node = self.add(
            found.kind, s.origin, path, cells=found.cells, order=order, wanted=wanted, **more
        )
        for number, made in found.results.items():
            self.window.now[number] = made
            self.window.of[made.number] = node.number

    # ---- rounds -----------------------------------------------------------------------

    def fence(self, kind: str, path: Path) -> None:
        """What is added behind a fence waits for what is in front of it."""
        self.barriers = self.barriers.fence(kind, self.window)
        whole = kind in WHOLE and not self.early
        if path.always and (whole or self.barriers.behind_all(self.window)):
            self.close()

    def close(self) -> None:
        """The nodes so far are done, in any order that their guards leave, before what follows."""
        window = self.window
        nodes = window.nodes
        if nodes:
            self.out += self.turns(nodes)
        changed = {
            n: e for n, e in window.now.items() if not (isinstance(e, core.Local) and e.number == n)
        }
        if changed:
            values = core.Assign(
                targets=tuple(core.Local(n) for n in changed),
                values=tuple(changed.values()),
                origin=self.last_origin,
            )
            self.out.append(values)
        self.window = Window(self.checked.families)
        self.barriers = Barriers()

    def next_one(self, origin: int) -> int:
        """Where it is chosen which node comes next."""
        return added(self.origins, evolve(self.origins[origin], kind="order"))

    def turns(self, nodes: list[Node]) -> list[core.Stmt]:
        """One node after the other is done, until all are."""
        turn, end = self.new_label(), self.new_label()
        origin = nodes[0].origin
        guards = [guard(self.window, node) for node in nodes]
        early = EarlyLoads(self.window, guards, partial(self.marks.of, owner=self.owner))
        guards = [both(g, early.guard(node)) for g, node in zip(guards, nodes, strict=True)]
        everything = self.window.ready(node.number for node in nodes)
        over = core.If(
            condition=everything,
            then=core.Block(statements=(core.Goto(label=end),)),
            otherwise=core.Block(statements=()),
            origin=origin,
        )
        waited = [frozenset(locals_among(conjuncts(free))) for free in guards]
        branches = []
        for node, free in zip(nodes, guards, strict=True):
            # What surely waits for a node is not done behind it: so not all are.
            waits = any(
                node.done.number in w and (n.path.always or n.path is node.path)
                for n, w in zip(nodes, waited, strict=True)
                if n is not node
            )
            branches.append(self.branch(node, free, early, () if waits else (over,)))
        branches += (early.undo(load, self.first) for load in early.loads)
        choice = core.Choose(branches=tuple(branches), origin=self.next_one(origin))
        first: list[core.Stmt] = list(self.skips(None, self.last_origin))
        if first:
            first.append(over)
        return [*first, core.Label(number=turn), choice, core.Goto(label=turn),
                core.Label(number=end)]  # fmt: skip

    def branch(
        self, node: Node, free: Expr, early: EarlyLoads, rest: Sequence[core.Stmt]
    ) -> core.Block:
        """One way of a turn: a node that may be done is done. rest: what comes behind it."""
        done = core.Assign(targets=(node.done,), values=(TRUE,), origin=node.origin)
        await_ = core.Await(condition=free, origin=node.origin)
        body: tuple[core.Stmt, ...] = node.body
        if node.kind == "load":
            body = of_load(self.window, node)
        body = early.body(node, body)
        skips = self.skips(node.number, node.origin)
        inside = core.Block(statements=(await_, *body, done, *skips))
        step = core.Atomic(body=inside, origin=node.origin)
        return core.Block(statements=(step, *rest))

    def skips(self, number: int | None, origin: int) -> Iterator[core.Stmt]:
        """What else counts as done once a node is: what is known to be on no way that is gone."""
        for node, off in self.window.skipped(number):
            value = Apply("or", (node.done, off))
            yield core.Assign(targets=(node.done,), values=(value,), origin=origin)

    def first(self, local: core.Local) -> Expr:
        """What a local begins with."""
        domain = self.locals[local.number].domain
        zeros = (value for value in domain if type(value) is int and value == 0)
        return core.Const(None if None in domain else next(zeros, domain[0]))

    def new_label(self) -> int:
        self.labels += 1
        return self.labels


def locals_among(parts: Sequence[Expr]) -> Iterator[int]:
    return (part.number for part in parts if isinstance(part, core.Local))


def at(window: Window, cell: Cell) -> Cell:
    return Cell(cell.family, tuple(window.at(i) for i in cell.index))
