"""Instructions of the tree walker: a statement each, in one list for each thread."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field
from support.oracle.tree_made import const
from support.oracle.tree_order import Through
from support.oracle.tree_types import Meaning, Place, Term, Value


@define(eq=False)
class Label:
    at: int = -1


@define(eq=False)
class Instr:
    """kind: `do`, `if`, `jump`, `choose`, `atomic`, `await`, `assert` or `bug`.

    step: whether it takes time. term: of a condition. do: changes the variables.
    pairs: what a `do` assigns. through: the buffer that it reads and writes memory through.
    to: where an `if` goes when the condition is false, a `jump` always, where an `atomic`
    ends; branches: of a `choose`.
    """

    kind: str
    step: bool = False
    term: Term = field(factory=lambda: const(True))
    do: Callable[[list[Value]], None] | None = None
    to: Label = field(factory=Label)
    branches: list[Label] = field(factory=list)
    check: int = -1
    fresh: bool = False
    pairs: list[tuple[Place, Term]] = field(factory=list)
    through: Through | None = None

    def value(self, values: list[Value]) -> Value:
        """What its term is, as its thread reads memory."""
        return self.term.get(values if self.through is None else self.through.seen(values))


@define(eq=False)
class Called:
    """A call that is written out (or a thread's body). end: where `return` goes."""

    end: Label
    returns: int = 0
    result: Meaning | None = None


@define(eq=False)
class Slot:
    """A variable: of all (thread None), of a thread, or of an agent's step (-1)."""

    name: str
    first: Value
    thread: int | None


@define(eq=False)
class Asked:
    """One thing that is judged, as in `core.CheckInfo`; start: where it is written."""

    name: str
    kind: str
    start: int | None
    condition: Term | None = None
    covered: Term | None = None
