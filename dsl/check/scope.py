"""Where a statement stands: the names it sees, the thread it belongs to."""

from __future__ import annotations

from typing import Any

from attrs import define, field, fields

from mmscn.check.core import Call, Local
from mmscn.check.terms import Dynamic, Term
from mmscn.check.values import Elem
from mmscn.syntax import tree as t


@define(eq=False, repr=False)
class Frame:
    """One inlined call: where `return` goes, and what came back.

    name: of the procedure. labels: of its text. returned: the variable for the
    value, made at the first `return`.
    """

    name: str
    end: int
    labels: dict[str, int] = field(factory=dict)
    returned: Term | None = None
    returns: int = 0


@define(eq=False, repr=False)
class Scope:
    """names: locals and params in view. mutable: those that may be assigned. cells: the params
    that stand for a cell.

    thread: its number, -1 in an agent, init or property. path: the calls from
    the thread's body down to here, as they are shown. loop: where `break` and
    `continue` go. exit: the end of the thread. hardware: its statements are what that does.
    """

    thread: int = -1
    thread_elem: Elem | None = None
    cpu: Elem | None = None
    mm: Elem | None = None
    names: dict[str, Term] = field(factory=dict)
    mutable: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    frame: Frame | None = None
    callers: tuple[str, ...] = ()
    path: tuple[Call, ...] = ()
    loop: tuple[int, int] | None = None
    exit: int | None = None
    atomic: bool = False
    hardware: bool = False
    spin_depth: Term | None = None

    def inner(self, **changes: Any) -> Scope:
        """A block inside: it sees these names, its own do not leak."""
        values = {name: getattr(self, name) for name in FIELDS}
        values["names"] = dict(self.names)
        values.update(changes)
        return Scope(**values)

    def bind(self, name: str, term: Term, *, mutable: bool = False) -> None:
        self.names[name] = term
        self.mutable = self.mutable | {name} if mutable else self.mutable - {name}
        self.cells -= {name}


FIELDS = tuple(attribute.name for attribute in fields(Scope))
"""Asking attrs takes longer than making a scope."""


def result_of(frame: Frame) -> int | None:
    """The local that a call has returned."""
    match frame.returned:
        case Dynamic(Local(number=number)):
            return number
    return None


def labels_of(block: t.Block) -> list[t.LabelMark]:
    """The labels that stand directly in a block."""
    return [s for s in block.statements if isinstance(s, t.LabelMark)]
