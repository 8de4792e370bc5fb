"""What the statements of a trace did: lowering's own execution of each step, on its one state.

A rule stands for every state that it may fire in, and says only what comes of it. Here its step
is run again by the same code that made the rule, with a path on which every variable has one
value: nothing is left to decide but the branch of a `choose`, and of those ways the one is taken
that leads to the next state of the trace, and on through all that follow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import TypeAlias, assert_never

from attrs import define, evolve, field, frozen

from mmscn.check import core
from mmscn.check.values import Value
from mmscn.lower.compiled import Line
from mmscn.lower.flow import Flow, Node
from mmscn.lower.ir import Term, VarId
from mmscn.lower.model_errors import ModelError
from mmscn.lower.path import Path
from mmscn.lower.paths import Executor
from mmscn.lower.rule_builder import Builder

CellKey: TypeAlias = tuple[str, tuple[Value, ...]]
"""A family and an index."""
Cells: TypeAlias = Mapping[CellKey, Value]


@frozen(eq=False, repr=False, kw_only=True)
class Event:
    """What one statement did.

    inside: whether it ran in an `atomic`. reads, writes: cells, with the value that was met or
    put there. locals_read, locals: the same of the locals, by number.
    step: whether the statement makes the step: it is the one that takes time.
    outcome: of a condition or a claim. branch: of a `choose`, from 0. error: how it left
    the model.
    """

    stmt: core.Assign | core.Await | core.If | core.Choose | core.Atomic | core.Assert | core.Bug
    step: bool = False
    inside: bool = False
    reads: Cells = field(factory=dict)
    writes: Cells = field(factory=dict)
    locals_read: Mapping[int, Value] = field(factory=dict)
    locals: Mapping[int, Value] = field(factory=dict)
    outcome: bool | None = None
    branch: int | None = None
    error: ModelError | None = None

    @property
    def origin(self) -> int:
        return self.stmt.origin

    @property
    def ghost(self) -> bool:
        return isinstance(self.stmt, core.Assign) and self.stmt.ghost


@frozen(eq=False, repr=False, kw_only=True)
class Taken:
    """A step of a trace, as the program has it. fresh: the number of the version that it makes."""

    line: Line
    halts: bool
    fresh: int | None


@frozen(eq=False, repr=False, kw_only=True)
class Moment:
    """A state of a trace, and the step that led to it.

    cells: all, also those that the compiler has dropped. locals: by number. values: both, by
    variable. standing: by thread, the origins of the statements that it may go on with; None at
    its end.
    """

    cells: Cells
    locals: Mapping[int, Value]
    values: Mapping[VarId, Value]
    standing: tuple[tuple[int, ...] | None, ...]
    events: tuple[Event, ...]
    nodes: tuple[Node, ...] = field(repr=False)


class Astray(Exception):
    """No way through the text goes through these states."""


def retrace(
    again: Retracer, taken: tuple[Taken, ...], states: tuple[Cells, ...]
) -> tuple[Moment, ...]:
    """The moments of a trace. states: what is known of each. Raises Astray."""
    chain: list[Moment] = []
    ways = [again.beginnings(states[0])]
    while ways:
        moment = next(ways[-1], None)
        if moment is None:
            ways.pop()
            del chain[-1:]
        else:
            chain.append(moment)
            if len(chain) == len(states):
                return tuple(chain)
            step = taken[len(chain) - 1]
            ways.append(again.following(moment, step, states[len(chain)]))
    raise Astray


@define(eq=False, repr=False)
class Walk(Path):
    """A path that keeps what its statements did. cells_read, locals_read, targets, error: of
    the last one. start: the guard that it began with."""

    start: dict[VarId, frozenset[Value]] = field(factory=dict)
    events: list[Event] = field(factory=list)
    cells_read: dict[CellKey, Value] = field(factory=dict)
    locals_read: dict[int, Value] = field(factory=dict)
    targets: list[VarId] = field(factory=list)
    number: int = 0
    error: ModelError | None = None

    def narrowed(self) -> dict[VarId, frozenset[Value]]:
        return {} if self.guard == self.start else self.guard

    def copy(self) -> Walk:
        plain = super().copy()
        return Walk(
            plain.guard, plain.literals, plain.values, plain.violates, plain.covers, plain.origins,
            plain.halts, plain.fresh, plain.first, plain.granted,
            start=self.start,
            events=list(self.events),
            cells_read=dict(self.cells_read),
            locals_read=dict(self.locals_read),
            targets=list(self.targets),
            number=self.number,
            error=self.error,
        )  # fmt: skip

    def begin(self, event: Event) -> None:
        self.events.append(event)
        self.cells_read, self.locals_read, self.targets = {}, {}, []


class Watched(Executor):
    """An executor that tells walks what they read and write. looked_at: what all of them read."""

    looked_at: dict[CellKey, Value]
    effort_max = inf

    def evaluate(self, path: Path, e: core.Expr) -> Iterator[tuple[Path, Term]]:
        if not isinstance(path, Walk) or not isinstance(e, core.Cell | core.Local):
            yield from super().evaluate(path, e)
            return
        for way, term in super().evaluate(path, e):
            assert isinstance(way, Walk)
            if isinstance(e, core.Local):
                way.locals_read[e.number] = constant(term)
            yield way, term

    def cell(self, path: Path, cell: core.Cell) -> Iterator[tuple[Path, VarId]]:
        for way, var in super().cell(path, cell):
            if isinstance(way, Walk):
                key = cell.family, self.vars[var].index
                term = way.values.get(var) or self.decided_value(way, var)
                way.cells_read[key] = self.looked_at[key] = constant(term)
            yield way, var

    def places(
        self, path: Path, targets: tuple[core.Cell | core.Local, ...], done: tuple[VarId, ...]
    ) -> Iterator[tuple[Path, tuple[VarId, ...]]]:
        """A target is not read; its index is."""
        read = dict(path.cells_read) if isinstance(path, Walk) else {}
        for way, vars_ in super().places(path, targets, done):
            if isinstance(way, Walk) and targets and isinstance(targets[0], core.Cell):
                key = targets[0].family, self.vars[vars_[len(done)]].index
                if key not in read:
                    way.cells_read.pop(key, None)
            yield way, vars_

    def store(
        self, path: Path, vars_: tuple[VarId, ...], values: tuple[Term, ...]
    ) -> Iterator[Path]:
        if isinstance(path, Walk):
            path.targets = list(vars_)
        yield from super().store(path, vars_, values)

    def fail(self, path: Path, why: ModelError | None = None) -> None:
        if isinstance(path, Walk):
            path.error = why
        super().fail(path, why)

    def fresh(self, path: Path) -> Term:
        term = super().fresh(path)
        return ("c", path.number) if isinstance(path, Walk) and path.first is None else term


def constant(term: Term) -> Value:
    assert term[0] == "c", term
    value: Value = term[1]
    return value


class Retracer(Builder):
    """Runs single steps. number_of: the local of a variable, key_of: the cell.

    One moment differs from the next in few variables. So what is made of a state is made of the
    one before it: keys of cells take a call of Python each to be looked up.
    """

    def __init__(self, checked: core.Checked) -> None:
        super().__init__(checked)
        watched = Watched(self.vars, self.cells, checked.families, self.locals, self.pcs)
        watched.busy = checked.busy
        watched.looked_at = {}
        watched.begin()
        self.executor = watched
        self.number_of = {var: n for n, var in self.locals.items()}
        self.key_of = {var: key for key, var in self.cells.items()}
        self.known: tuple[tuple[CellKey, ...], tuple[VarId, ...]] = (), ()
        self.last: tuple[Mapping[VarId, Value], dict[VarId, frozenset[Value]]] = {}, {}
        self.numbers, self.begun = self.starts()
        self.hardware = [
            Flow().statement(core.Atomic(body=a.body, origin=a.origin), Node("end"), None)
            for a in checked.agents
        ]

    # ---- moments --------------------------------------------------------------

    def beginnings(self, state: Cells) -> Iterator[Moment]:
        for path, nodes in self.begun:
            values = {var: constant(term) for var, term in path.values.items()}
            if all(values[self.cells[key]] == value for key, value in state.items()):
                yield Moment(
                    cells={key: values[var] for key, var in self.cells.items()},
                    locals={n: values[var] for n, var in self.locals.items()},
                    values={v: values[v] for v in (*self.cells.values(), *self.locals.values())},
                    standing=tuple(map(standing, nodes)), events=(), nodes=tuple(nodes),
                )  # fmt: skip

    def moment(
        self,
        before: Moment,
        changed: Mapping[VarId, Value],
        nodes: tuple[Node, ...],
        events: tuple[Event, ...],
    ) -> Moment:
        cells, locals_, values = dict(before.cells), dict(before.locals), dict(before.values)
        for var, value in changed.items():
            if var in self.key_of:
                cells[self.key_of[var]] = values[var] = value
            elif var in self.number_of:
                locals_[self.number_of[var]] = values[var] = value
        return Moment(
            cells=cells, locals=locals_, values=values,
            standing=tuple(map(standing, nodes)), events=events, nodes=nodes,
        )  # fmt: skip

    def wanted(self, state: Cells) -> list[tuple[VarId, Value]]:
        """What is known of a state, by variable. Most states have the keys of the one before."""
        keys = tuple(state)
        if keys != self.known[0]:
            self.known = keys, tuple(self.cells[key] for key in keys)
        return list(zip(self.known[1], state.values(), strict=True))

    def following(self, before: Moment, step: Taken, state: Cells) -> Iterator[Moment]:
        """Where a step may lead, those ways first that run the statements of its rule."""
        n = step.line.thread
        node = self.hardware[step.line.agent or 0] if n is None else before.nodes[n]
        name = "" if n is None else self.checked.threads[n].name
        self.executor.begin()
        start = self.pinned(before, step.fresh)
        ways = [(way, after) for way, after in self.steps(start, node, name)]
        for way in self.executor.failed:
            assert isinstance(way, Walk)
            way.targets = []
            self.finish(way)
            ways.append((way, node))
        ways.sort(key=lambda way: tuple(way[0].origins) != step.line.origins)
        wanted = self.wanted(state)
        for way, after in ways:
            changed = self.changed(way)
            values = {**before.values, **changed}
            fits = all(values[var] == value for var, value in wanted)
            if not fits or way.halts is not step.halts:
                continue
            assert isinstance(way, Walk)
            nodes = before.nodes
            if n is not None and not way.halts:
                nodes = (*nodes[:n], after, *nodes[n + 1 :])
            if way.halts:
                changed |= self.put_before(way.events)
            yield self.moment(before, changed, nodes, tuple(way.events))

    def pinned(self, at: Moment, fresh: int | None = None) -> Walk:
        """A path on which every variable has its one value."""
        values = dict(at.values)
        for n, node in enumerate(at.nodes):
            values[self.pcs[n]] = self.number(self.numbers[n], node)
        known, last = self.last
        guard = {
            v: last[v] if known.get(v, self) is x else frozenset((x,)) for v, x in values.items()
        }
        self.last = values, guard
        if fresh is None:
            # A version that nothing keeps behind the step is none that is held or named, either.
            held = [v + 1 for v in at.values.values() if type(v) is int]
            fresh = max([self.checked.named_versions, *held])
        return Walk(guard=guard.copy(), start=guard, number=fresh)

    def changed(self, way: Path) -> dict[VarId, Value]:
        """What a way has assigned to cells and locals."""
        if way.halts:
            return {}
        return {
            var: constant(term) for var, term in way.values.items() if self.vars[var].thread != -1
        }

    def put_before(self, events: list[Event]) -> dict[VarId, Value]:
        """What the statements in front of the one at which a step stops the machine have put into
        cells and locals: the program keeps none of it, for nothing comes behind.
        """
        found: dict[VarId, Value] = {}
        for event in events:
            if event.error is None:
                found |= {self.cells[key]: value for key, value in event.writes.items()}
                found |= {self.locals[n]: value for n, value in event.locals.items()}
        return found

    # ---- questions about a moment -------------------------------------------------

    def reads(self, at: Moment, e: core.Expr) -> Cells:
        """The cells that the value of an expression depends on."""
        self.executor.begin()
        walk = self.pinned(at)
        found = dict(walk.cells_read)
        for way, _ in self.executor.evaluate(walk, e):
            assert isinstance(way, Walk)
            found |= way.cells_read
        return found

    def value(self, at: Moment, e: core.Expr) -> Value:
        """The value of an expression. Raises ValueError where it has none."""
        self.executor.begin()
        for _, term in self.executor.evaluate(self.pinned(at), e):
            return constant(term)
        raise ValueError("no value")

    def attempt(self, at: Moment, thread: int) -> Cells:
        """The cells that a thread looks at in vain."""
        watched = self.executor
        assert isinstance(watched, Watched)
        watched.begin()
        watched.looked_at = {}
        for _ in self.steps(self.pinned(at), at.nodes[thread], self.checked.threads[thread].name):
            pass
        return watched.looked_at

    # ---- statements -------------------------------------------------------------

    def execute(self, path: Path, node: Node, name: str) -> Iterator[tuple[Path, Node]]:
        if not isinstance(path, Walk):
            yield from super().execute(path, node, name)
            return
        inside, step = node.atomic is not None, node.kind == "step"
        s = node.stmt
        match s:
            case core.Atomic():
                path.begin(Event(stmt=s, step=step, inside=inside))
                yield from super().execute(path, node, name)
            case core.If(condition=condition):
                path.begin(Event(stmt=s, step=step, inside=inside))
                if node.kind == "step":
                    path.origins.append(s.origin)
                for way, term in self.executor.evaluate(path, condition):
                    for decided, holds in self.executor.decide(way, term):
                        self.finish(decided, outcome=holds)
                        yield decided, node.branches[0 if holds else 1]
            case core.Assert(check=check):
                path.begin(Event(stmt=s, step=step, inside=inside))
                already = check in path.violates
                path.violates.discard(check)
                for way, next_ in super().execute(path, node, name):
                    self.finish(way, outcome=check not in way.violates)
                    way.violates |= {check} if already else set()
                    yield way, next_
            case core.Assign() | core.Await() | core.Bug():
                path.begin(Event(stmt=s, step=step, inside=inside))
                for way, next_ in super().execute(path, node, name):
                    self.finish(way)
                    yield way, next_
            case None | core.Choose():
                yield from super().execute(path, node, name)
            case core.Block() | core.Label() | core.Goto():
                raise AssertionError(s)  # the flow has none
            case _:
                assert_never(s)

    def chosen(self, path: Path, node: Node) -> Iterator[tuple[Path, Node]]:
        for branch, (way, next_) in enumerate(super().chosen(path, node)):
            if isinstance(way, Walk) and isinstance(node.stmt, core.Choose):
                inside = node.atomic is not None
                way.begin(Event(stmt=node.stmt, inside=inside, branch=branch))
            yield way, next_

    def finish(self, path: Path, outcome: bool | None = None) -> None:
        """Write down what the last statement did."""
        if not isinstance(path, Walk):
            return
        writes, locals_ = {}, {}
        for var in path.targets:
            value = constant(path.values[var]) if var in path.values else None
            if var in self.number_of:
                locals_[self.number_of[var]] = value
            else:
                family = self.vars[var].family
                assert family is not None
                writes[family, self.vars[var].index] = value
        path.events[-1] = evolve(
            path.events[-1],
            reads=dict(path.cells_read),
            writes=writes,
            locals_read=dict(path.locals_read),
            locals=locals_,
            outcome=outcome,
            error=path.error,
        )


def standing(node: Node) -> tuple[int, ...] | None:
    """The origins of what may come next; None at the end."""
    found: dict[int, None] = {}
    todo, seen = [node], set()
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        if at.kind == "end":
            return None if at is node else tuple(found)
        if at.stmt is not None and not isinstance(at.stmt, core.Block | core.Label | core.Goto):
            found[at.stmt.origin] = None
        elif at.branches:
            todo.extend(reversed(at.branches))
        elif at.next is not None:
            todo.append(at.next)
    return tuple(found)
