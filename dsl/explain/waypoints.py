"""A checked program in which waypoints stand: checks that a run covers by coming along.

Before:  if old.dirty { set_page_dirty(page) }
After:   if old.dirty { waypoint 0; set_page_dirty(page); waypoint 1 } else { waypoint 2 }

A waypoint is an assertion that cannot fail, so it takes no time, and what covers it is kept by
every pass and reduction, as what covers an assertion is: the reduced program says of each
whether some execution comes by. `Checked.waypoints` names them, for the beginning of a thread is
not put off for one as it is for an assertion. What the hardware does has none; a call of an
instruction is reached where something in it is. Of agents, those of the scenario's own text have
one for each step: one in a module keeps what nothing else looks at, as entries that a CPU without
accesses loads, and with it twice the states.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, assert_never

from attrs import evolve

from mmscn.check import core
from mmscn.draw.steps import opened
from mmscn.source import Source, Span

DONE, YES, NO, BRANCH = "done", "yes", "no", "branch"
"""A statement was done, a condition held, it did not hold, a branch of a `choose` was taken."""

ASKING = ("if", "while")


class Waypoint(NamedTuple):
    """A place in the text and what an execution does there. branch: of a `choose`, from 0."""

    span: Span
    what: str
    branch: int = 0


def with_waypoints(checked: core.Checked, own: Source) -> tuple[core.Checked, tuple[Waypoint, ...]]:
    """The same program, and what its further checks are covered by, in their order.

    own: the scenario's text.
    """
    marker = Marker(checked)
    threads = tuple(evolve(t, body=marker.block(t.body)) for t in checked.threads)
    agents = tuple(
        evolve(a, body=marker.block(a.body)) if checked.origins[a.origin].span.source == own else a
        for a in checked.agents
    )
    first = len(checked.checks)
    found = tuple(marker.found.values())
    infos = tuple(core.CheckInfo(name="", kind="assert", span=w.span) for w in found)
    return evolve(
        checked,
        threads=threads,
        agents=agents,
        checks=(*checked.checks, *infos),
        waypoints=frozenset(range(first, first + len(infos))),
    ), found


class Marker:
    """found: the waypoints so far, by the place and what happens there."""

    def __init__(self, checked: core.Checked) -> None:
        self.checked = checked
        self.found: dict[tuple[str, int, int, str, int], Waypoint] = {}
        self.number: dict[tuple[str, int, int, str, int], int] = {}

    def block(self, b: core.Block, first: Sequence[core.Stmt] = ()) -> core.Block:
        out = list(first)
        for s in b.statements:
            out += self.statement(s)
        return core.Block(statements=tuple(out))

    def statement(self, s: core.Stmt) -> list[core.Stmt]:
        match s:
            case core.Block():
                return [self.block(s)]
            case core.Assign() | core.Await():
                return [s, *self.done(s.origin)]
            case core.Assert(check=check):
                own = self.checked.checks[check].kind == "assert"
                return [s, *(self.done(s.origin) if own else ())]
            case core.Bug():
                return [*self.done(s.origin), s]
            case core.If(then=then, otherwise=otherwise, origin=origin):
                asks = self.checked.origins[origin].kind in ASKING
                yes = self.at(origin, YES) if asks else []
                no = self.at(origin, NO) if asks else []
                then, otherwise = self.block(then, yes), self.block(otherwise, no)
                return [evolve(s, then=then, otherwise=otherwise)]
            case core.Choose(branches=branches, origin=origin):
                marked = (self.block(b, self.at(origin, BRANCH, n)) for n, b in enumerate(branches))
                return [evolve(s, branches=tuple(marked))]
            case core.Atomic(body=body, origin=origin):
                return [evolve(s, body=self.block(body, self.done(origin)))]
            case core.Label() | core.Goto():
                return [s]
            case _:
                assert_never(s)

    def done(self, origin: int) -> list[core.Stmt]:
        """The waypoints of a statement, and of the calls around it."""
        o = self.checked.origins[origin]
        around = [self.waypoint(Waypoint(c.span, DONE), origin) for c in calls_told(o)]
        return [*self.at(origin, DONE), *around]

    def at(self, origin: int, what: str, branch: int = 0) -> list[core.Stmt]:
        """None where the hardware does it."""
        o = self.checked.origins[origin]
        if o.hardware or opened(o.path, o.span)[1] is not None:
            return []
        return [self.waypoint(Waypoint(o.span, what, branch), origin)]

    def waypoint(self, w: Waypoint, origin: int) -> core.Assert:
        key = (w.span.source.name, w.span.start, w.span.end, w.what, w.branch)
        number = self.number.setdefault(key, len(self.checked.checks) + len(self.found))
        self.found.setdefault(key, w)
        return core.Assert(check=number, condition=core.Const(True), origin=origin)


def calls_told(o: core.Origin) -> Iterator[core.Call]:
    """The calls around a statement that a text says: those of an instruction too, but none that
    it makes in its own module."""
    for n, call in enumerate(o.path):
        if opened(o.path[:n], call.span)[1] is None:
            yield call
