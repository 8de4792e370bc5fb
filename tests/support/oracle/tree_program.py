"""A scenario's tree to what the walker explores: variables, threads, agents, what is judged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from attrs import define, field
from support.oracle.tree_code import Scope, Writer
from support.oracle.tree_declared import index_of, param_values, type_of
from support.oracle.tree_instr import Asked, Called, Instr, Label, Slot
from support.oracle.tree_made import at, conjunction, const, disjunction, holds, implication
from support.oracle.tree_order import PLACES, Buffers, Waiting
from support.oracle.tree_terms import Unwalkable, View, World, drained, meaning, members, single
from support.oracle.tree_types import (
    BOOL,
    LockRef,
    Many,
    Member,
    Place,
    Shape,
    Term,
    Type,
    Value,
    array,
)

from mmscn.syntax import tree as t

SORTS = ("cpu", "frame", "thread")
RULES = (("no_deadlock", "deadlock"), ("in_range", "rule"), ("lock_rules", "rule"))
DEADLOCK, MODEL_ERROR, LOCK_RULES = range(3)


@define(eq=False)
class Body:
    """Instructions with jumps resolved. after: threads that must have ended before.

    cpu: of a thread. beside: the threads of the same CPU whose spinlocks keep it out.
    """

    name: str
    code: list[Instr]
    daemon: bool = False
    after: tuple[int, ...] = ()
    cpu: Value = None
    beside: frozenset[int] = frozenset()


@define(eq=False)
class Program:
    slots: list[Slot]
    threads: list[Body]
    agents: list[Body]
    busy: list[Term]
    checks: list[Asked]
    locks: list[LockRef]
    world: World
    init: list[Instr] = field(factory=list)


def combinations(tree: t.Text) -> list[dict[str, Value]]:
    """Each choice of the params' values."""
    params = [i for i in tree.items if isinstance(i, t.Param)]
    values = [[v for e in p.values for v in param_values(e)] for p in params]
    names = [p.name for p in params]
    return [dict(zip(names, chosen, strict=True)) for chosen in product(*values)]


def program_of(tree: t.Text, params: dict[str, Value]) -> Program:
    """The program of a text under some params; raises Unwalkable."""
    return Reader(tree, params).program()


class Reader:
    """Reads the items of one text."""

    def __init__(self, tree: t.Text, params: dict[str, Value]) -> None:
        self.tree = tree
        self.world = World(params=dict(params))
        self.nowhere = View(self.world)
        self.slots: list[Slot] = []
        self.checks = [Asked(name, kind, None) for name, kind in RULES]
        self.hooks: dict[str, list[tuple[tuple[str, ...], t.Block]]] = {}
        self.all_locks: list[LockRef] = []
        self.no_memory: set[int] = set()
        self.threads: list[Body] = []
        self.plans: list[tuple[t.Thread, dict[str, Value], tuple[int, ...]]] = []

    def of(self, *kinds: type[t.Item]) -> Iterator[t.Item]:
        return (item for item in self.tree.items if isinstance(item, kinds))

    def program(self) -> Program:
        self.unknown_items()
        self.words()
        self.sorts()
        for item in self.tree.items:
            self.declaration(item)
        self.memory()
        self.marks(self.tree)
        init = self.init()
        for n, (thread, names, after) in enumerate(self.plans):
            self.threads.append(self.thread(n, thread, names, after))
        self.beside()
        agents, busy = self.agents()
        self.judged()
        return Program(
            self.slots, self.threads, agents, busy, self.checks, self.all_locks, self.world, init
        )

    def unknown_items(self) -> None:
        known = (
            t.Scenario | t.Param | t.Const | t.Machine | t.Enum | t.Struct | t.Var | t.LockDecl
            | t.Each | t.Init | t.Proc | t.Hook | t.OnHook | t.Agent | t.Thread | t.Composition
            | t.Predicate | t.Property | t.Check | t.Expect | t.Outcomes | t.SourceNote | t.Claim
        )  # fmt: skip
        for item in self.tree.items:
            if not isinstance(item, known):
                raise Unwalkable(type(item).__name__)

    def memory(self) -> None:
        """Stores wait to what is no ghost's, hardware's or lock's, and to let a spinlock go."""
        if self.world.params.get("memory") != "tso":
            return
        owners = {lock.owner.slot for lock in self.all_locks if lock.kind == "spinlock"}
        others = {
            slot
            for lock in self.all_locks
            for slot in (lock.owner.slot, lock.readers.slot if lock.readers else -1)
        }
        slots = {n for n in range(len(self.slots)) if n not in self.no_memory | others}
        empty = Waiting([Waiting()] * len(self.world.sorts["cpu"]))
        self.slots.append(Slot("store buffers", empty, -2))
        places = self.world.params.get("store_buffer", PLACES)
        self.world.buffers = Buffers(len(self.slots) - 1, frozenset(slots | owners), places)

    # ---- names --------------------------------------------------------------

    def words(self) -> None:
        for item in self.tree.items:
            match item:
                case t.Param(values=values):
                    self.world.words |= {e.text for e in values if isinstance(e, t.Name)}
                case t.Const(name=name, value=value):
                    self.world.consts[name] = value
                case t.Enum(name=name, members=found):
                    self.world.enums[name] = found
                    self.world.words |= set(found)
                case t.Proc(name=name):
                    self.world.procs.setdefault(name, []).append(item)
                case t.Hook(name=name, params=params, body=body):
                    self.hooks[name] = [(params, body)] if body is not None else []
        handled = {i.name for i in self.of(t.OnHook) if isinstance(i, t.OnHook)}
        for name in handled:
            self.hooks[name] = []
        for item in self.of(t.OnHook):
            assert isinstance(item, t.OnHook)
            self.hooks[item.name].append((item.params, item.body))

    def sorts(self) -> None:
        counts = {"cpus": 2, "frames": 1}
        for item in self.of(t.Machine):
            assert isinstance(item, t.Machine)
            for setting in item.settings:
                if setting.name in counts:
                    counts[setting.name] = single(self.nowhere, setting.value).value
        self.world.sorts["cpu"] = tuple(("cpu", n) for n in range(counts["cpus"]))
        self.world.sorts["frame"] = tuple(("frame", n) for n in range(counts["frames"]))
        for item in self.of(t.Thread, t.Composition):
            assert isinstance(item, t.Thread | t.Composition)
            self.place(item, ())
        threads = range(len(self.plans))
        self.world.sorts["thread"] = tuple(("thread", n) for n in threads)

    def place(self, part: t.Composable, after: tuple[int, ...]) -> tuple[int, ...]:
        """Lay out threads that begin after some others; gives those that it ends with."""
        if isinstance(part, t.Thread):
            made = []
            values: list[tuple[str, Value] | None] = [None]
            if part.replica is not None:
                many = meaning(self.nowhere, part.replica.over)
                assert isinstance(many, Many)
                values = [(part.replica.name, value) for value in many.items]
            for value in values:
                made.append(len(self.plans))
                self.plans.append((part, {} if value is None else {value[0]: value[1]}, after))
            return () if part.daemon else tuple(made)
        ends: tuple[int, ...] = ()
        for inner in part.parts:
            ends_here = self.place(inner, after)
            if part.kind == "ordered":
                after = ends_here or after
            ends += ends_here
        return after if part.kind == "ordered" else ends

    # ---- state --------------------------------------------------------------

    def variable(self, name: str, type_: Type, first: Value, *, ghost: bool = False) -> Place:
        self.slots.append(Slot(name, first, None))
        return Place(len(self.slots) - 1, shared=True, ghost=ghost, type=type_)

    def declaration(self, item: t.Item) -> None:
        match item:
            case t.Struct(name=name, members=found):
                types = tuple(type_of(self.nowhere, m.type) for m in found)
                positions = {Member(m.name): n + 1 for n, m in enumerate(found)}
                struct = Type("struct", shape=Shape(dict(positions), types))
                self.world.structs[name] = struct
            case t.Var() | t.LockDecl():
                self.declare(None, item, (), item.name)
            case t.Each(sort=sort, members=found):
                for member in found:
                    self.declare(sort, member, (self.world.sorts[sort],), f"{sort}.{member.name}")

    def declare(
        self,
        sort: str | None,
        item: t.Var | t.LockDecl,
        first: tuple[tuple[Value, ...], ...],
        name: str,
    ) -> None:
        indices = first + tuple(index_of(self.nowhere, i) for i in item.indices)
        key = (sort, item.name)
        if isinstance(item, t.LockDecl):
            threads = self.world.sorts["thread"]
            owner = array(indices, Type("lock", values=(None, *threads), lock=item.kind))
            lock = LockRef(item.kind, self.variable(name, owner, owner.first()), None)
            if item.kind == "rwsem":
                reading = array((*indices, threads), BOOL)
                readers = self.variable(f"{name}.readers", reading, reading.first())
                lock = LockRef(item.kind, lock.owner, readers)
            self.world.locks[key] = lock
            self.all_locks.append(lock)
            return
        type_ = array(indices, type_of(self.nowhere, item.type))
        begins = type_.first()
        if item.value is not None:
            begins = type_.every(single(self.nowhere, item.value).value)
        self.world.variables[key] = place = self.variable(name, type_, begins, ghost=item.ghost)
        if item.ghost or item.hardware:
            self.no_memory.add(place.slot)

    def marks(self, node: object) -> None:
        """A ghost flag for each mark of the text, in its order."""
        if isinstance(node, t.Mark) and (None, f"mark.{node.name}") not in self.world.variables:
            place = self.variable(f"mark.{node.name}", BOOL, False, ghost=True)
            self.world.variables[None, f"mark.{node.name}"] = place
        if isinstance(node, t.Node):
            for name in getattr(type(node), "__attrs_attrs__", ()):
                self.marks(getattr(node, name.name))
        elif isinstance(node, tuple):
            for inner in node:
                self.marks(inner)

    # ---- bodies -------------------------------------------------------------

    def writer(self, thread: int) -> Writer:
        return Writer(self.world, self.slots, self.checks, self.hooks, thread)

    def init(self) -> list[Instr]:
        writer = self.writer(-1)
        for item in self.of(t.Init):
            assert isinstance(item, t.Init)
            writer.block(Scope(view=self.nowhere.inner(), writer=writer), item.body)
        return writer.code

    def thread(
        self, n: int, item: t.Thread, names: dict[str, Value], after: tuple[int, ...]
    ) -> Body:
        view = View(self.world, {k: const(v) for k, v in names.items()})
        cpu = ("cpu", n) if item.cpu is None else single(view, item.cpu).value
        view.thread, view.cpu = n, ("cpu", cpu) if isinstance(cpu, int) else cpu
        writer = self.writer(n)
        writer.depth = writer.local("spinlocks held", Type("range", high=8))
        writer.exit = Label()
        writer.cpu = view.cpu
        if after and not item.daemon and self.world.buffers is not None:
            writer.wait(self.written(after))
        called = Called(writer.exit)
        writer.statements(Scope(view=view, writer=writer, called=called), item.body)
        writer.here(writer.exit)
        if item.daemon:
            writer.jump(Label(at=0))
        return Body(item.name, writer.code, item.daemon, after, view.cpu)

    def written(self, after: tuple[int, ...]) -> Term:
        """Whether all that some threads have stored has reached memory."""
        found = const(True)
        for n in after:
            found = conjunction(found, drained(self.world, const(self.threads[n].cpu)))
        return found

    def beside(self) -> None:
        """Of two threads in an order one has ended when the other runs."""
        before: list[set[int]] = []
        for n, thread in enumerate(self.threads):
            before.append(set(thread.after))
            for m in thread.after:
                before[n] |= before[m]
        for n, thread in enumerate(self.threads):
            thread.beside = frozenset(
                m
                for m, other in enumerate(self.threads)
                if m != n and other.cpu == thread.cpu and not {n, m} & (before[m] | before[n])
            )

    def agents(self) -> tuple[list[Body], list[Term]]:
        found: list[Body] = []
        busy: list[Term] = []
        for agent in self.of(t.Agent):
            assert isinstance(agent, t.Agent)
            for names, suffix in self.replicas([agent.replica] if agent.replica else []):
                view = View(self.world, {k: const(v) for k, v in names.items()})
                for value in names.values():
                    view.cpu = value if isinstance(value, tuple) and value[0] == "cpu" else None
                name = f"{agent.name}[{suffix}]" if suffix else agent.name
                self.agent(agent, view, name, found, busy)
        return found, busy

    def agent(
        self, agent: t.Agent, view: View, name: str, found: list[Body], busy: list[Term]
    ) -> None:
        for member in agent.members:
            if isinstance(member, t.Var):
                type_ = type_of(view, member.type)
                first = type_.first() if member.value is None else single(view, member.value).value
                place = self.variable(f"{name}.{member.name}", type_, first, ghost=member.ghost)
                view.names[member.name] = at(place)
        for member in agent.members:
            if isinstance(member, t.Busy):
                busy.append(single(view, member.when))
            elif isinstance(member, t.Step):
                for names, _ in self.replicas(list(member.replicas)):
                    inner = view.inner()
                    inner.names |= {k: const(v) for k, v in names.items()}
                    guard = const(True) if member.when is None else single(inner, member.when)
                    if not guard.known or guard.value:
                        found.append(self.agent_step(f"{name}.{member.name}", inner, guard, member))

    def agent_step(self, name: str, view: View, guard: Term, step: t.Step) -> Body:
        writer = self.writer(-1)
        end = Label()
        writer.wait(guard)
        writer.statements(Scope(view=view, writer=writer, called=Called(end)), step.body)
        writer.here(end)
        return Body(name, writer.code)

    def replicas(self, left: list[t.Replica]) -> Iterator[tuple[dict[str, Value], str]]:
        lists = []
        for replica in left:
            many = meaning(self.nowhere, replica.over)
            assert isinstance(many, Many)
            lists.append(many.items)
        for values in product(*lists):
            shown = [" ".join(map(str, v)) if isinstance(v, tuple) else str(v) for v in values]
            yield dict(zip([r.name for r in left], values, strict=True)), ", ".join(shown)

    # ---- what is judged -----------------------------------------------------

    def judged(self) -> None:
        properties = {i.name: i for i in self.of(t.Property) if isinstance(i, t.Property)}
        for item in self.tree.items:
            if isinstance(item, t.Predicate):
                name = item.text or item.condition.span.text
                self.predicate(self.nowhere, name, item, const(True))
        for item in self.tree.items:
            if isinstance(item, t.Check) and self.applies(item.when):
                after = const(True)
                if item.after is not None:
                    if (None, f"mark.{item.after}") not in self.world.variables:
                        raise Unwalkable("a mark that stands where nothing goes")
                    after = at(self.world.variables[None, f"mark.{item.after}"])
                for use in item.uses:
                    if use.name in dict(RULES):
                        continue  # it is judged anyway
                    property_ = properties[use.name]
                    view = self.nowhere.inner()
                    args = [meaning(self.nowhere, a) for a in use.args]
                    view.names |= dict(zip(property_.params, args, strict=True))
                    for predicate in property_.predicates:
                        self.predicate(view, use.name, predicate, after)
        for item in self.tree.items:
            if isinstance(item, t.Expect) and item.kind == "outcomes":
                self.outcomes(item)
        for item in self.tree.items:
            if isinstance(item, t.Outcomes) and self.applies(item.when):
                always = const(True)
                asked = Asked(item.span.text, "finally", item.span.start, always, always)
                self.checks.append(asked)

    def applies(self, when: t.Expr | None) -> bool:
        return when is None or bool(single(self.nowhere, when).value)

    def predicate(self, view: View, name: str, item: t.Predicate, after: Term) -> None:
        condition = single(view, item.condition)
        covered = self.chance(view, item.condition)
        if item.kind.startswith("reachable"):
            condition = conjunction(after, condition)
        else:
            condition = implication(after, condition)
            covered = covered if after.known else after
        kind = "outcome" if item.kind == "reachable finally" else item.kind
        self.checks.append(Asked(name, kind, item.span.start, condition, covered))

    def chance(self, view: View, e: t.Expr) -> Term:
        """Where a condition may fail: where what stands left of its `implies` holds."""
        match e:
            case t.Binary(op="implies", left=left, right=right):
                when = single(view, left)
                if when.known and not when.value:
                    return when
                return conjunction(when, self.chance(view, right))
            case t.Binary(op="and", left=left, right=right):
                return disjunction(self.chance(view, left), self.chance(view, right))
            case t.Quantified(kind="all", name=name, over=over, body=body):
                found = const(False)
                for item, belongs in members(view, over):
                    inner = view.inner()
                    inner.names[name] = const(item)
                    found = disjunction(found, conjunction(belongs, self.chance(inner, body)))
                return found
        return const(True)

    def outcomes(self, item: t.Expect) -> None:
        """Each is that of a final state, and there are no other final states."""
        if item.when is not None or item.otherwise:
            raise Unwalkable("outcomes under a condition")
        allowed = const(False)
        for e in item.outcomes:
            condition = holds(single(self.nowhere, e))
            allowed = disjunction(allowed, condition)
            name = f"outcome {e.span.text}"
            self.checks.append(Asked(name, "outcome", e.span.start, condition, const(True)))
        self.checks.append(Asked("outcomes", "finally", item.span.start, allowed, const(True)))
