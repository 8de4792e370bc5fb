"""Statements of the tree, written out: one list of instructions for each thread and agent's step.

Calls stand where they are called, loops over known lists are turns one after the other,
jumps go to a number. Nothing else happens here: an instruction is a statement.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, evolve, field
from support.oracle.tree_cells import the_cell
from support.oracle.tree_declared import type_of
from support.oracle.tree_forms import form, return_value
from support.oracle.tree_instr import Asked, Called, Instr, Label, Slot
from support.oracle.tree_locks import attempt, release, take
from support.oracle.tree_made import apply, at, choice, const
from support.oracle.tree_order import Through
from support.oracle.tree_steps import Steps
from support.oracle.tree_terms import Unwalkable, View, World, drained, meaning, members, single
from support.oracle.tree_types import LockRef, Meaning, Place, Term, Type, Value, same

from mmscn.syntax import tree as t

REPEAT_MAX = 64


@define
class Writer:
    """Writes one thread's (agent step's, init block's) instructions."""

    world: World
    slots: list[Slot]
    checks: list[Asked]
    hooks: dict[str, list[tuple[tuple[str, ...], t.Block]]]
    thread: int
    depth: Place | None = None
    code: list[Instr] = field(factory=list)
    exit: Label | None = None
    cpu: Value = None
    locked: bool = False
    hardware: bool = False

    @property
    def direct(self) -> bool:
        """Whether what is written now reads and writes memory itself."""
        return self.world.buffers is None or self.thread == -1 or self.locked or self.hardware

    @property
    def through(self) -> Through | None:
        buffers = self.world.buffers
        if buffers is None or self.direct:
            return None
        return Through(buffers, self.cpu[1], self.check("bound", "store_buffer", None))

    # ---- instructions -------------------------------------------------------

    def local(self, name: str, type_: Type | None = None, of: Term | None = None) -> Place:
        """A variable of this thread: of a type, or for what a term is."""
        type_ = type_ or (of.type if of is not None else None)
        first = type_.unset() if type_ is not None else of.unset() if of is not None else None
        self.slots.append(Slot(name, first, self.thread))
        return Place(len(self.slots) - 1, shared=False, type=type_)

    def here(self, label: Label) -> None:
        label.at = len(self.code)

    def jump(self, label: Label) -> None:
        self.code.append(Instr("jump", to=label))

    def assign(self, pairs: list[tuple[Place, Term]], *, silent: bool = False) -> None:
        """All values and indices are computed before anything changes."""
        ghost = all(place.ghost for place, _ in pairs)

        def do(values: list[Value]) -> None:
            found = [term.get(values) for _, term in pairs]
            keys = [place.keys(values) for place, _ in pairs]
            for (place, _), way in zip(pairs, keys, strict=True):
                place.exists(values, way)
            for (place, _), way, value in zip(pairs, keys, found, strict=True):
                place.write(values, way, value)

        looks = any(place.looks() or term.shared for place, term in pairs)
        self.code.append(
            Instr(
                "do",
                step=looks and not ghost and not silent,
                do=do,
                fresh=any(term.fresh for _, term in pairs),
                pairs=pairs,
                through=self.through,
            )
        )

    def branch(self, term: Term, to: Label) -> None:
        self.code.append(Instr("if", step=term.shared, term=term, to=to, through=self.through))

    def wait(self, term: Term) -> None:
        self.code.append(Instr("await", step=True, term=term, through=self.through))

    def asserting(self, term: Term, check: int) -> None:
        step = term.shared
        self.code.append(Instr("assert", step=step, term=term, check=check, through=self.through))

    def atomic(self, body: Callable[[], None], *, drains: bool = True) -> None:
        """drains: it waits for the store buffer, if it is no hardware's."""
        end = Label()
        self.code.append(Instr("atomic", step=True, to=end))
        before = self.locked
        if drains and not self.direct:
            self.wait(drained(self.world, const(self.cpu)))
            self.locked = True
        body()
        self.locked = before
        self.here(end)

    def check(self, kind: str, name: str, start: int | None) -> int:
        for n, asked in enumerate(self.checks):
            if (asked.kind, asked.start) == (kind, start) and (start or asked.name == name):
                return n
        self.checks.append(Asked(name, kind, start))
        return len(self.checks) - 1

    # ---- statements ---------------------------------------------------------

    def block(self, see: Scope, b: t.Block) -> None:
        self.statements(see.inner(), b)

    def statements(self, see: Scope, b: t.Block) -> None:
        for s in b.statements:
            if isinstance(s, t.LabelMark):
                see.labels[s.name] = Label()
        for s in b.statements:
            self.statement(see, s)

    def statement(self, see: Scope, s: t.Stmt) -> None:
        view = see.view
        view.writer = None if isinstance(s, t.Await) else Steps(self, see)
        match s:
            case t.Let(name=name, value=value):
                view.names[name] = self.value(see, name, value, binding=True)
            case t.LetSeveral() | t.ChooseOne():
                form(self, see, s)
            case t.LocalVar(name=name, type=type_, value=value):
                given = self.value(see, name, value)
                if type_ is None or not isinstance(given, Term):
                    raise Unwalkable("a variable without a type")
                place = self.local(name, type_of(view, type_))
                view.names[name] = at(place)
                self.assign([(place, given)])
            case t.Assign(target=target, value=value):
                place = place_of(single(view, target))
                self.assign([(place, want(self.value(see, "result", value)))])
            case t.Update(target=target, op=op, value=value):
                old = single(view, target)
                new = single(view, t.Binary(s.span, op, target, value))
                self.assign([(place_of(old), new)])
            case t.CallStmt(call=c):
                self.call(see, c, used=False)
            case t.If(condition=c, then=then, otherwise=otherwise):
                self.if_(see, single(view, c), then, otherwise)
            case t.For(name=name, over=over, body=body):
                self.turns(see, name, members(view, over), body)
            case t.Repeat(times=times, name=name, body=body):
                count = single(view, times).value
                turns = [(n, const(True)) for n in range(count)]
                self.turns(see, name, turns, body)
            case t.While(condition=c, body=body):
                self.while_(see, c, body)
            case t.Choose(branches=branches):
                self.choose(see, branches)
            case t.Await(condition=c):
                self.wait(single(view, c))
            case t.Atomic(body=body):
                self.atomic(lambda: self.block(see, body))
            case t.Fence(kind=kind):
                if self.thread == -1:
                    raise Unwalkable("a fence outside of a thread")
                if kind == "full" and self.world.buffers is not None:
                    self.wait(drained(self.world, const(self.cpu)))
            case t.Store(order="release", address=address, value=value):
                place = place_of(single(view, address))
                self.assign([(place, single(view, value))])
            case t.Goto(label=label):
                self.jump(see.labels[label])
            case t.LabelMark(name=name):
                self.here(see.labels[name])
            case t.Return(value=value):
                self.return_(see, value)
            case t.Break() | t.Continue():
                self.jump(see.loop[isinstance(s, t.Continue)])
            case t.Exit():
                assert self.exit is not None
                self.jump(self.exit)
            case t.Assert(condition=c, text=text):
                term = single(view, c)
                self.asserting(term, self.check("assert", text or c.span.text, s.span.start))
            case t.Bug(text=text):
                check = self.check("bug", text or "BUG", s.span.start)
                self.code.append(Instr("bug", check=check))
            case t.Mark(name=name):
                self.assign([(self.world.variables[None, f"mark.{name}"], const(True))])
            case t.Lock(lock=lock, mode=mode, body=body):
                found = lock_of(meaning(view, lock))
                take(self, found, mode)
                if body is not None:
                    self.block(see, body)
                    release(self, found)
            case t.Unlock(lock=lock):
                release(self, lock_of(meaning(view, lock)))
            case t.SourceNote():
                pass
            case _:
                raise Unwalkable(type(s).__name__)

    def value(self, see: Scope, name: str, e: t.Expr, *, binding: bool = False) -> Meaning:
        """What stands on the right; binding: for a `let`, which keeps it under a name."""
        view = see.view
        match e:
            case t.Xchg(cell=cell, value=value):
                place = place_of(single(view, cell))
                new = single(view, value)
                return self.exchange(name, place, new)
            case t.Cmpxchg(cell=cell, expected=expected, value=value):
                old = single(view, cell)
                is_so = apply(same, old, single(view, expected))
                new = choice(is_so, single(view, value), old)
                return self.exchange(name, place_of(old), new)
            case t.Load(order="acquire", address=address):
                return self.kept(name, single(view, address))
            case t.Trylock(lock=lock, mode=mode):
                return attempt(self, lock_of(meaning(view, lock)), mode)
            case t.CallValue():
                found = self.call(see, e, used=True)
                assert found is not None
                return found
        found = meaning(view, e)
        if binding and isinstance(found, Term) and not found.known:
            return self.settled_local(name, found)
        return found

    def settled_local(self, name: str, term: Term) -> Term:
        """A local that has the value that the term has here."""
        place = self.local(name, of=term)
        self.assign([(place, term)])
        return at(place, settled=True, of=term)

    def exchange(self, name: str, place: Place, new: Term) -> Term:
        there = at(place)
        old = self.local(name, of=there)
        if self.direct:
            self.assign([(old, there), (place, new)])
        else:
            self.atomic(lambda: self.assign([(old, there), (place, new)]))
        return at(old, settled=True, of=there)

    def if_(self, see: Scope, term: Term, then: t.Block, otherwise: t.Block | None) -> None:
        if term.known:
            chosen = then if term.value else otherwise
            if chosen is not None:
                self.block(see, chosen)
            return
        no, end = Label(), Label()
        self.branch(term, no)
        self.block(see, then)
        self.jump(end)
        self.here(no)
        if otherwise is not None:
            self.block(see, otherwise)
        self.here(end)

    def turns(
        self, see: Scope, name: str | None, every: list[tuple[Value, Term]], body: t.Block
    ) -> None:
        end = Label()
        for item, belongs in every:
            next_ = Label()
            inner = see.inner(loop=(end, next_))
            if name is not None:
                inner.view.names[name] = const(item)
            if not belongs.known:
                self.branch(belongs, next_)
            self.statements(inner, body)
            self.here(next_)
        self.here(end)

    def while_(self, see: Scope, c: t.Expr, body: t.Block) -> None:
        again, end = Label(), Label()
        self.here(again)
        self.branch(single(see.view, c), end)
        self.statements(see.inner(loop=(end, again)), body)
        self.jump(again)
        self.here(end)

    def choose(self, see: Scope, branches: tuple[t.Block, ...]) -> None:
        chosen, end = Instr("choose", step=True), Label()
        self.code.append(chosen)
        for branch in branches:
            begins = Label()
            self.here(begins)
            chosen.branches.append(begins)
            self.block(see, branch)
            self.jump(end)
        self.here(end)

    # ---- calls --------------------------------------------------------------

    def call(self, see: Scope, c: t.CallValue, *, used: bool) -> Meaning | None:
        args = [meaning(see.view, a) for a in c.args]
        if c.name in self.hooks:
            bodies = self.hooks[c.name]
            if len(bodies) > 1:
                names = bodies[0][0]
                args = [self.still(name, arg) for name, arg in zip(names, args, strict=True)]
            for params, body in bodies:
                self.inline(see, params, args, body)
            return None
        proc = self.variant(c.name)
        return self.inline(see, proc.params, args, proc.body, proc.cells, hardware=proc.hardware)

    def variant(self, name: str) -> t.Proc:
        """The one whose `when` holds; one without `when` is for all other cases."""
        nowhere = View(self.world)
        holds = [
            p for p in self.world.procs[name] if p.when is None or single(nowhere, p.when).value
        ]
        chosen = [p for p in holds if p.when is not None] or holds
        if len(chosen) != 1:
            raise Unwalkable("no variant, or several")
        return chosen[0]

    def inline(
        self,
        see: Scope,
        params: tuple[str, ...],
        args: list[Meaning],
        body: t.Block,
        cells: tuple[str, ...] = (),
        *,
        hardware: bool = False,
    ) -> Meaning | None:
        """Arguments are values: what may change behind the call is looked at in front of it."""
        names = {
            p: the_cell(self, arg) if p in cells else self.still(p, arg)
            for p, arg in zip(params, args, strict=True)
        }
        last = body.statements[-1] if body.statements else None
        returns = sum(map(returns_in, body.statements))
        called = Called(Label(), returns=1 if isinstance(last, t.Return) and returns == 1 else 99)
        inner = Scope(view=evolve(see.view, names=names), writer=self, called=called)
        before, self.hardware = self.hardware, hardware
        self.statements(inner, body)
        self.hardware = before
        self.here(called.end)
        return called.result

    def still(self, name: str, arg: Meaning) -> Meaning:
        """What keeps its value of this moment."""
        return self.settled_local(name, arg) if isinstance(arg, Term) and not arg.settled else arg

    def return_(self, see: Scope, e: t.Expr | None) -> None:
        called = see.called
        assert called is not None
        if e is not None:
            return_value(self, see.view, called, e)
        self.jump(called.end)


@define(eq=False)
class Scope:
    """Where a statement stands: names, labels, the loop and the call around it."""

    view: View
    writer: Writer
    called: Called | None = None
    labels: dict[str, Label] = field(factory=dict)
    loop: tuple[Label, Label] = field(factory=lambda: (Label(), Label()))

    def inner(self, **changes: Any) -> Scope:
        new = evolve(self, view=self.view.inner(), labels=dict(self.labels))
        return evolve(new, **changes) if changes else new


def place_of(term: Term) -> Place:
    if term.place is None:
        raise Unwalkable("a target that is kept nowhere")
    return term.place


def want(found: Meaning) -> Term:
    if not isinstance(found, Term):
        raise Unwalkable("a value")
    return found


def lock_of(found: Meaning) -> LockRef:
    if not isinstance(found, LockRef):
        raise Unwalkable("a lock")
    return found


def returns_in(s: t.Stmt) -> int:
    blocks: tuple[t.Block, ...] = ()
    match s:
        case t.Return():
            return 1
        case t.If(then=then, otherwise=otherwise):
            blocks = (then, *([otherwise] if otherwise else []))
        case t.For(body=b) | t.Repeat(body=b) | t.While(body=b) | t.Atomic(body=b):
            blocks = (b,)
        case t.Lock(body=t.Block() as b) | t.ChooseOne(body=t.Block() as b):
            blocks = (b,)
        case t.Choose(branches=branches):
            blocks = branches
    return sum(returns_in(x) for b in blocks for x in b.statements)
