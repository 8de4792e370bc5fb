"""What of a text no execution does, by line: the tree walked with what is known of its places.

What follows from something else is not said again: of an `if` whose condition is never true, the
condition is named and not what stands in it, and of statements in a row, the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from mmscn.check.blocks import inside
from mmscn.check.modules import Unit
from mmscn.explain.coverage import Coverage, Place
from mmscn.explain.waypoints import BRANCH, DONE, NO, YES
from mmscn.source import Span
from mmscn.syntax import tree as t
from mmscn.syntax.unparse import expression, statement

UNREACHED = "is never done"
NEVER_TRUE = "is never true"
NEVER_FALSE = "is never false"
NEVER_TAKEN = "is never taken"
NEVER_CALLED = "is never called"
NOWHERE = "applies in no combination"


class Silent(NamedTuple):
    """One thing that no execution does. last: the line that it ends on. what: its text."""

    span: Span
    last: int
    what: str
    why: str


class Known(NamedTuple):
    """What some coverages say together of each place."""

    present: frozenset[object]
    fired: frozenset[object]
    places: frozenset[Place]
    lively: frozenset[Place]


def together(coverages: Iterable[Coverage]) -> Known:
    present: set[object] = set()
    fired: set[object] = set()
    places: set[Place] = set()
    lively: set[Place] = set()
    for c in coverages:
        present |= c.present
        fired |= c.fired
        places |= {where for where, _, _ in c.present}
        lively |= {where for where, _, _ in c.fired}
    return Known(frozenset(present), frozenset(fired), frozenset(places), frozenset(lively))


def silent(unit: Unit, known: Known, *, variants: bool = False) -> list[Silent]:
    """What never fires, the scenario's own text first. variants: also which procedures of a
    name that is called apply nowhere, which one combination cannot tell.
    """
    walk = Walk(known)
    found: list[Silent] = []
    for body in bodies(unit):
        found += walk.block(body)
    found += walk.steps(unit.agents)
    for procs in unit.procs.values():
        some = any(walk.any_of(p.body, known.places) for p in procs)
        for p in procs:
            if p.hardware:
                continue
            here = walk.any_of(p.body, known.places)
            name = f"{p.name}()" + (f" when {expression(p.when)}" if p.when is not None else "")
            if here and not walk.any_of(p.body, known.lively):
                found.append(Silent(p.span, p.span.line, name, NEVER_CALLED))
            elif here:
                found += walk.block(p.body)
            elif variants and some and p.when is not None and p.body.statements:
                found.append(Silent(p.span, p.span.line, name, NOWHERE))
    own = unit.source.name
    return sorted(dict.fromkeys(found), key=lambda s: order(s, own))


def tellable(unit: Unit) -> frozenset[Place]:
    """The statements of which `silent` can say that they are never done."""
    found: set[Place] = set()
    todo = list(bodies(unit))
    todo += [p.body for procs in unit.procs.values() for p in procs if not p.hardware]
    while todo:
        for s in todo.pop().statements:
            found.add(place(s))
            todo += inside(s)
    return frozenset(found)


def order(s: Silent, own: str) -> tuple[bool, str, int]:
    return s.span.source.name != own, s.span.source.name, s.span.start


def bodies(unit: Unit) -> Iterator[t.Block]:
    """The code that is no procedure's."""
    parts: list[t.Composable] = list(unit.compositions)
    while parts:
        part = parts.pop(0)
        if isinstance(part, t.Composition):
            parts[:0] = part.parts
        else:
            yield part.body
    for handlers in unit.handlers.values():
        yield from (h.body for h in handlers)
    for agent in unit.agents:
        yield from (member.body for member in agent.members if isinstance(member, t.Step))


class Walk:
    def __init__(self, known: Known) -> None:
        self.known = known

    def any_of(self, b: t.Block, places: frozenset[Place]) -> bool:
        """Whether some statement of a block is at one of these places."""
        return any(
            place(s) in places or any(self.any_of(i, places) for i in inside(s))
            for s in b.statements
        )

    def steps(self, agents: Iterable[t.Agent]) -> Iterator[Silent]:
        """The steps of agents that none takes."""
        for agent in agents:
            for s in agent.members:
                if isinstance(s, t.Step) and self.never(s, DONE):
                    yield Silent(s.span, s.span.line, f"step {s.name}", UNREACHED)

    def block(self, b: t.Block) -> list[Silent]:
        found: list[Silent] = []
        dead: t.Stmt | None = None
        for s in b.statements:
            if not self.here(s):
                continue
            if self.dead(s):
                if dead is None:
                    found.append(Silent(s.span, last_line(s), statement(s), UNREACHED))
                else:
                    found[-1] = found[-1]._replace(last=last_line(s))
                dead = s
            else:
                dead = None
                found += self.within(s)
        return found

    def here(self, s: t.Stmt) -> bool:
        """Whether anything is known of a statement, or of one in it."""
        return place(s) in self.known.places or any(
            self.any_of(b, self.known.places) for b in inside(s)
        )

    def dead(self, s: t.Stmt) -> bool:
        lively = self.known.lively
        return place(s) not in lively and not any(self.any_of(b, lively) for b in inside(s))

    def within(self, s: t.Stmt) -> list[Silent]:
        """Of a statement that is done."""
        match s:
            case t.If(condition=condition) | t.While(condition=condition):
                text, at = expression(condition), condition.span
                if self.never(s, YES):
                    rest = s.otherwise if isinstance(s, t.If) else None
                    first = Silent(at, at.line, text, NEVER_TRUE)
                    return [first, *(self.block(rest) if rest is not None else [])]
                if self.never(s, NO):
                    first = Silent(at, at.line, text, NEVER_FALSE)
                    return [first, *self.block(s.then if isinstance(s, t.If) else s.body)]
            case t.Choose(branches=branches):
                found = []
                for n, branch in enumerate(branches):
                    if self.never(s, BRANCH, n):
                        what = f"branch {n + 1} of {len(branches)}"
                        found.append(Silent(branch.span, branch.span.line, what, NEVER_TAKEN))
                    else:
                        found += self.block(branch)
                return found
        return [one for b in inside(s) for one in self.block(b)]

    def never(self, s: t.Stmt | t.Step, what: str, branch: int = 0) -> bool:
        deed = (place(s), what, branch)
        return deed in self.known.present and deed not in self.known.fired


def place(s: t.Stmt | t.Step) -> Place:
    return s.span.source.name, s.span.start, s.span.end


def last_line(s: t.Stmt) -> int:
    source = s.span.source
    return source.position(max(s.span.start, s.span.end - 1))[0]


__all__ = ["DONE", "Known", "Silent", "silent", "together"]
