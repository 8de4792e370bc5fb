"""One way through a step: what it assumes of the state before, and what it does."""

from __future__ import annotations

from attrs import define, field

from mmscn.check.values import Value
from mmscn.lower.ir import Condition, Literals, Term, VarId


@define(eq=False, repr=False)
class Path:
    """guard, literals: what the step assumes. values: what it has assigned.

    fresh: how many versions it has made. first: before time begins, the number
    of the next version; None in a step, which makes one at most. granted: that it takes a lock
    that goes to who waits for it. stands: that the step is over.
    """

    guard: dict[VarId, frozenset[Value]] = field(factory=dict)
    literals: Literals = field(factory=dict)
    values: dict[VarId, Term] = field(factory=dict)
    violates: set[int] = field(factory=set)
    covers: set[int] = field(factory=set)
    origins: list[int] = field(factory=list)
    halts: bool = False
    fresh: int = 0
    first: int | None = None
    granted: bool = False
    stands: bool = False

    def content(self) -> object:
        """What decides how it goes on, and to what effect."""
        return (
            frozenset(self.narrowed().items()),
            frozenset(self.literals.items()),
            frozenset(self.values.items()),
            frozenset(self.violates),
            frozenset(self.covers),
            (self.halts, self.fresh, self.granted, self.stands),
        )

    def narrowed(self) -> dict[VarId, frozenset[Value]]:
        """What of the guard may be another one on another way through the step."""
        return self.guard

    def copy(self) -> Path:
        return Path(
            dict(self.guard),
            dict(self.literals),
            dict(self.values),
            set(self.violates),
            set(self.covers),
            list(self.origins),
            self.halts,
            self.fresh,
            self.first,
            self.granted,
        )

    def condition(self) -> Condition:
        return Condition(guard=self.guard, literals=self.literals)


class SecondVersion(Exception):
    """A step makes a second version; the argument is the origin of the statement."""


class TooManyWays(Exception):
    """A step or condition depends on more values than can be written out.

    The argument is the term that does, None where it is all of them together.
    """


class TooMuchWork(TooManyWays):
    """All steps and conditions of a program together take too long to write out."""
