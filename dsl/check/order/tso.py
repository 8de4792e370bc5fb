"""`memory = tso`: each CPU's stores wait in its buffer, and are written in their order.

The semantics is in `check.core`, "Memory order". What comes out knows one order only: buffers are
families (`buffers.py`), a store puts an entry in, a read looks there first, and an agent of each
CPU takes the oldest out. Source: Sewell, Sarkar, Owens, Nardelli, Myreen, x86-TSO (CACM 2010).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from attrs import evolve

from mmscn.check import core
from mmscn.check.numbers import added, first_origin
from mmscn.check.order.buffers import BOUND, ENTRIES_MAX, Buffers, Entry
from mmscn.check.order.cells import replaced
from mmscn.check.order.stores import Stores
from mmscn.check.values import Elem
from mmscn.check.words import Words
from mmscn.diagnostics import one


def tso(checked: core.Checked, places: int) -> core.Checked:
    """The program with store buffers. places: of each buffer, at most. Raises Rejected."""
    cpus = checked.sorts["cpu"]
    stores = Stores(checked.families, checked.origins)
    waiting = dict.fromkeys(cpus, 0)
    entries: dict[Elem, list[Entry]] = {}
    spans: dict[Entry, int] = {}
    for thread in checked.threads:
        cpu = cpus[thread.cpu]
        waiting[cpu] += stores.waiting(thread)
        for s in stores.of(thread.body):
            for _, entry in stores.entries(s):
                spans.setdefault(entry, s.origin)
                if entry not in entries.setdefault(cpu, []):
                    entries[cpu].append(entry)
            if len(spans) > ENTRIES_MAX:
                what = f"stores go to more than {ENTRIES_MAX} different things"
                raise one("MM504", what, checked.origins[s.origin].span)
    fit = {cpu: min(places, waiting[cpu]) for cpu in entries}
    buffers = Buffers(checked.families, tuple(entries), fit, entries)
    ends = any(waiting[cpu] > places for cpu in entries)
    return Buffered(checked, stores, buffers, spans, ends=ends).program()


class Buffered:
    """Rewrites one program. spans: of each entry, the origin of a store to it. ends: whether
    there may be more stores than places.
    """

    def __init__(
        self,
        checked: core.Checked,
        stores: Stores,
        buffers: Buffers,
        spans: dict[Entry, int],
        *,
        ends: bool,
    ) -> None:
        self.checked = checked
        self.stores = stores
        self.buffers = buffers
        self.spans = spans
        self.ends = ends
        self.bound = len(checked.checks) if ends else None
        self.origins = dict(checked.origins)

    def program(self) -> core.Checked:
        checked, cpus = self.checked, self.checked.sorts["cpu"]
        threads = tuple(self.thread(thread) for thread in checked.threads)
        writers = tuple(
            self.writer(cpu, entry)
            for cpu in self.buffers.cpus
            for entry in self.buffers.entries[cpu]
        )
        busy = tuple(core.Apply("not", (self.buffers.empty(cpu),)) for cpu in self.buffers.cpus)
        text = f"store buffers of {self.buffers.places_max}"
        bounds = [core.CheckInfo(name=BOUND, kind="bound", span=None, text=text)] * self.ends
        return evolve(
            checked,
            families={**checked.families, **self.buffers.made(cpus)},
            threads=threads,
            agents=(*checked.agents, *writers),
            busy=(*checked.busy, *busy),
            busy_at=(*checked.busy_at, *(first_origin(checked).span for _ in busy)),
            checks=(*map(self.check, checked.checks), *bounds),
            origins=self.origins,
            stored=self.buffers.stored(),
        )

    def thread(self, thread: core.Thread) -> core.Thread:
        cpus = self.checked.sorts["cpu"]
        body = self.block(thread.body, cpus[thread.cpu])
        if thread.daemon or not thread.after:
            return evolve(thread, body=body)
        written: core.Expr = core.Const(True)
        for cpu in sorted({cpus[self.checked.threads[n].cpu] for n in thread.after}):
            written = core.Apply("and", (written, self.buffers.empty(cpu)))
        text = core.Said(Words(before="", parts=("(begins)",)))
        where = first_origin(self.checked).span
        begins = core.Origin(span=where, text=text, path=(), kind="await")
        wait = core.Await(condition=written, origin=added(self.origins, begins))
        return evolve(thread, body=core.Block(statements=(wait, body)))

    def wait(self, cpu: Elem, origin: int) -> core.Stmt:
        return core.Await(condition=self.buffers.empty(cpu), origin=origin)

    def writer(self, cpu: Elem, entry: Entry) -> core.Agent:
        """The step in which an entry reaches memory."""
        where = self.checked.origins[self.spans[entry]].span
        text = core.Said(Words(before="", parts=(f"{self.buffers.numbers[entry]} reaches memory",)))
        site = core.Call(text, where, True)
        writes = core.Origin(span=where, text=text, path=(site,), kind="atomic")
        origin = added(self.origins, writes)
        body = self.buffers.taken_out(cpu, entry, origin)
        name = f"store buffer[{cpu}].write"
        return core.Agent(name=name, cpu=cpu.number, body=body, origin=origin, prompt=False)

    def check(self, info: core.CheckInfo) -> core.CheckInfo:
        """A spinlock that is let go is held by nobody, even where that waits in a buffer."""
        if info.name != "lock_rules" or info.condition is None:
            return info

        def held(cell: core.Cell) -> core.Expr:
            found: core.Expr = cell
            for cpu in self.buffers.cpus if self.stores.spinlock(cell.family) else ():
                found = self.buffers.seen(cpu, cell, found)
            return found

        return evolve(info, condition=replaced(info.condition, held))

    # ---- statements -----------------------------------------------------------------

    def seen(self, e: core.Expr, cpu: Elem, origin: int) -> core.Expr:
        """An expression as a thread of a CPU reads it."""
        if self.checked.origins[origin].hardware or cpu not in self.buffers.places:
            return e

        def newest(cell: core.Cell) -> core.Expr:
            family = cell.family
            read = self.stores.memory(family) or self.stores.spinlock(family)
            return self.buffers.seen(cpu, cell, cell) if read else cell

        return replaced(e, newest)

    def block(self, b: core.Block, cpu: Elem, *, inside: bool = False) -> core.Block:
        new = tuple(self.statement(s, cpu, inside) for s in b.statements)
        return core.Block(statements=new)

    def statement(self, s: core.Stmt, cpu: Elem, inside: bool) -> core.Stmt:
        """inside: of a step, which it is no step of its own in."""
        match s:
            case core.Block():
                return self.block(s, cpu, inside=inside)
            case core.Assign():
                return self.assign(s, cpu, inside)
            case core.Await(condition=condition, origin=origin):
                return evolve(s, condition=self.seen(condition, cpu, origin))
            case core.Assert(condition=condition, origin=origin):
                return evolve(s, condition=self.seen(condition, cpu, origin))
            case core.If(condition=condition, then=then, otherwise=otherwise, origin=origin):
                return core.If(
                    condition=self.seen(condition, cpu, origin),
                    then=self.block(then, cpu, inside=inside),
                    otherwise=self.block(otherwise, cpu, inside=inside),
                    origin=origin,
                )
            case core.Choose(branches=branches, origin=origin):
                new = tuple(self.block(b, cpu, inside=inside) for b in branches)
                return core.Choose(branches=new, origin=origin)
            case core.Atomic(body=body, origin=origin):
                if not self.stores.drains(s):
                    return evolve(s, body=self.block(body, cpu, inside=True))
                return self.drained(body.statements, cpu, origin, granted=s.granted)
            case core.Label() | core.Goto() | core.Bug():
                return s
            case _:
                assert_never(s)

    def drained(
        self, body: Sequence[core.Stmt], cpu: Elem, origin: int, *, granted: bool = False
    ) -> core.Stmt:
        """What waits for the buffer, and reads and writes memory itself then."""
        first = (self.wait(cpu, origin),) if cpu in self.buffers.places else ()
        inner = core.Block(statements=(*first, *body))
        return core.Atomic(body=inner, origin=origin, granted=granted)

    def assign(self, s: core.Assign, cpu: Elem, inside: bool) -> core.Stmt:
        origin = s.origin
        if self.checked.origins[origin].order == "full" and not (
            self.checked.origins[origin].hardware or cpu not in self.buffers.places
        ):
            return self.drained((s,), cpu, origin)
        cells = self.stores.buffered(s)
        values = [self.seen(v, cpu, origin) for v in s.values]
        targets = [self.target(t, cpu, origin) for t in s.targets]
        if not cells:
            return evolve(s, targets=tuple(targets), values=tuple(values))
        into = [v for t, v in zip(s.targets, values, strict=True) if t in cells]
        others = [
            (new, v) for t, new, v in zip(s.targets, targets, values, strict=True) if t not in cells
        ]
        entries = [
            (None if c is None else self.seen(c, cpu, origin), entry)
            for c, entry in self.stores.entries(s)
        ]
        put = self.buffers.put_in(cpu, entries, into, others, self.bound, origin)
        if inside:
            return put
        return core.Atomic(body=core.Block(statements=(put,)), origin=origin)

    def target(self, t: core.Cell | core.Local, cpu: Elem, origin: int) -> core.Cell | core.Local:
        if isinstance(t, core.Local):
            return t
        return core.Cell(t.family, tuple(self.seen(i, cpu, origin) for i in t.index))
