"""What a condition asks of page-table entries and faults, in numbers.

An entry is the number of its descriptor. What an operation is refused for is a number of its own,
and whether there was a fault asks it of each operation that is meant.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from mmscn.litmus import tree as t
from mmscn.litmus.ops import Fetch, Label, Load, Op, Raise, Store, Update, every, unsupported
from mmscn.litmus.pages import Pages, place_of

KINDS = (
    "Translation", "AccessFlag", "Permission",
    "SupervisorCall", "UndefinedInstruction", "TagCheck",
)  # fmt: skip
"""What a fault is called that a condition asks for."""
NUMBERS = {kind: n for n, kind in enumerate(KINDS, 1)}
RAISED = {"SVC": "SupervisorCall", "UDF": "UndefinedInstruction", "TagCheck": "TagCheck",
          "Permission": "Permission"}  # fmt: skip
OF_PAGES = ("Translation", "AccessFlag", "Permission")


class Refusals:
    """What is asked in numbers. tracked: the operations whose refusals somebody asks for."""

    def __init__(
        self, pages: Pages, threads: Mapping[int, tuple[Op, ...]], walked: frozenset[str]
    ) -> None:
        self.pages = pages
        self.threads = threads
        self.walked = walked
        self.tracked: dict[tuple[int, int], t.Refused] = {}

    def condition(self, e: t.Condition) -> t.Condition:
        match e:
            case t.Equal(place=t.Of(what="PTE" | "TTD", name=page), value=t.Entry() as entry):
                return evolve(e, value=self.coded(entry, page))
            case t.Equal(value=t.Entry() as entry):
                return evolve(e, value=self.coded(entry, None))
            case t.Not(part=part):
                return t.Not(self.condition(part))
            case t.Both(parts=parts):
                return evolve(e, parts=tuple(map(self.condition, parts)))
            case t.Fault():
                return t.Means(e, self.fault(e))
        return e

    def coded(self, entry: t.Entry, page: str | None) -> t.Number:
        return t.Number(self.pages.number(entry, page), entry.span)

    def fault(self, asked: t.Fault) -> t.Condition:
        """That one of the operations that are meant was refused."""
        kinds = [k for k in asked.kinds if k in NUMBERS]
        strange = [k for k in asked.kinds if k not in NUMBERS and k not in ("MMU", "D-MMU")]
        if strange:
            raise unsupported(f"a fault of the kind {strange[0]}", asked.span)
        found: list[t.Condition] = []
        for n, op, label in labelled(self.threads.get(asked.thread, ())):
            if not self.meant(asked, op, label):
                continue
            where = f"P{asked.thread}{f':{label}' if label else ''}"
            if isinstance(op, Load | Store | Update | Raise) and op.place:
                where += f",{op.place}"
            place = t.Refused(
                asked.thread,
                n,
                where,
                tuple(f"{'D-MMU:' if k in OF_PAGES else ''}{k}" for k in KINDS)
                if not asked.kinds
                else tuple(":".join(asked.kinds) for _ in KINDS),
                asked.span,
            )
            self.tracked.setdefault((asked.thread, n), place)
            zero = t.Number(0, asked.span)
            some = [t.Equal(place, t.Number(NUMBERS[k], asked.span), True) for k in kinds]
            any_ = t.Equal(place, zero, False)
            found += some or [any_]
        if not found:
            return t.Truth(False)
        return t.Both("\\/", tuple(found)) if len(found) > 1 else found[0]

    def meant(self, asked: t.Fault, op: Op, label: str | None) -> bool:
        if asked.label is not None and asked.label != label:
            return False
        if not isinstance(op, Load | Store | Update | Raise):
            return False
        if not isinstance(op, Raise) and op.place not in self.walked:
            return False
        match asked.place:
            case None:
                return True
            case t.Of() as entry:
                return op.place == place_of(entry)
            case t.Location(name=name):
                return op.place == name


def labelled(ops: tuple[Op, ...]) -> list[tuple[int, Op, str | None]]:
    """The operations of a thread, by number, and the label in front of each."""
    found: list[tuple[int, Op, str | None]] = []
    label = None
    for n, op in enumerate(ops):
        if isinstance(op, Label):
            label = op.name
            continue
        if isinstance(op, Fetch):
            found += [(n, inner, label) for inner in every((op,)) if isinstance(inner, Raise)]
        found.append((n, op, label))
        label = None
    return found
