"""Straight-line programs under memory orders, and their texts as scenarios.

Each thread loads, stores, exchanges, fences, locks, and branches on what it has read. What each
load has read is told at the end, and what is in memory.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from attrs import field, frozen

PLACES = ("x", "y", "z")
SHAPES = ((2, 2), (2, 2), (2, 3), (3, 3), (4, 2), (3, 4), (2, 2, 2), (1, 2, 3), (1, 1, 2, 2))
FEATURES = ("fences", "locks", "swaps", "orders", "dependencies", "branches")
OTHER, ONE = 0.7, 0.85
"""How often an access is of another place than the last, and a store stores what is not there."""
VALUES = 2
"""Places and registers hold 0 and 1; so a register may be an index."""


@frozen
class Value:
    """A constant, or 0 or 1 out of a register. same: `1 + r - r`, which only depends on it."""

    constant: int = 1
    register: str | None = None
    same: bool = True

    def text(self) -> str:
        if self.register is None:
            return str(self.constant)
        r = self.register
        return f"{self.constant} + {r} - {r}" if self.same else r

    def of(self, registers: dict[str, int]) -> int:
        read = self.register is not None and not self.same
        return registers[self.register or ""] if read else self.constant


FIRST = Value(0)
"""The index of the first cell of a place."""


@frozen
class Access:
    """kind: `load`, `store`, `swap`. index: of the place, which is 0 or a register's. order: empty,
    `acquire` and so on; of a swap also `relaxed`, and `full` where the language has no fence in it.
    """

    kind: str
    place: str
    index: Value
    order: str = ""
    value: Value | None = None
    register: str | None = None


@frozen
class Fence:
    kind: str


@frozen
class Locked:
    """A critical section, of a spinlock."""

    name: str
    inside: tuple[Op, ...]


@frozen
class Branch:
    """What is done where a register is something."""

    register: str
    value: int
    inside: tuple[Op, ...]


Op = Access | Fence | Locked | Branch


@frozen
class Program:
    """threads: each a column of operations. sizes: of each place, how many cells it has."""

    threads: tuple[tuple[Op, ...], ...]
    sizes: dict[str, int] = field(eq=False)

    def registers(self, thread: int) -> list[str]:
        return [op.register for op in flat(self.threads[thread]) if op.register]

    def says_orders(self) -> bool:
        """Whether an access says in which order it is."""
        return any(op.order not in ("", "full") for thread in self.threads for op in flat(thread))

    def outcomes(self) -> list[str]:
        """What is listed, in this order."""
        registers = (f"g{n}_{r}" for n in range(len(self.threads)) for r in self.registers(n))
        return [*registers, *(f"{p}[{i}]" for p, size in self.sizes.items() for i in range(size))]

    def text(self, orders: tuple[str, ...]) -> str:
        lines = [
            'scenario straight "A straight-line program"',
            f"param memory = {' | '.join(orders)}",
        ]
        lines += [f"machine x86 {{ cpus {len(self.threads)} }}", "spinlock l", "spinlock m"]
        lines += [f"var {p}[0..{size - 1}]: 0..{VALUES - 1}" for p, size in self.sizes.items()]
        for n in range(len(self.threads)):
            lines += [f"ghost var g{n}_{r}: 0..{VALUES - 1}" for r in self.registers(n)]
        lines.append("concurrent {")
        for n, thread in enumerate(self.threads):
            lines.append(f"  thread t{n} on cpu {n} {{")
            lines += [f"    {line}" for op in thread for line in written(op, n)]
            lines.append("  }")
        return "\n".join([*lines, "}", f"outcomes {', '.join(self.outcomes())}", ""])


def flat(ops: tuple[Op, ...]) -> Iterator[Access]:
    for op in ops:
        match op:
            case Access():
                yield op
            case Locked(inside=inside) | Branch(inside=inside):
                yield from flat(inside)


def written(op: Op, thread: int) -> list[str]:
    match op:
        case Fence(kind=kind):
            return [f"fence {kind}"]
        case Locked(name=name, inside=inside):
            lines = (line for o in inside for line in written(o, thread))
            return [f"lock {name}", *lines, f"unlock {name}"]
        case Branch(register=r, value=v, inside=inside):
            lines = (line for o in inside for line in written(o, thread))
            return [f"if {r} == {v} {{", *lines, "}"]
    place = f"{op.place}[{op.index.text()}]"
    given = op.value.text() if op.value is not None else ""
    word = f"{op.kind} {op.order} " if op.order else ""
    if op.kind == "store":
        return [f"{word}{place} = {given}"]
    tell = f"g{thread}_{op.register} = {op.register}"
    if op.kind == "load":
        return [f"let {op.register} = {word}{place}", tell]
    if op.order == "full":
        return [f"let {op.register} = xchg {place}, {given}", tell]
    step = f"fence {op.order}; {op.register} = {place}; {place} = {given}"
    return [f"var {op.register}: 0..{VALUES - 1} = 0", f"atomic {{ {step} }}", tell]


# ---- made by a seed -----------------------------------------------------------------------


def program(seed: int) -> Program:
    return Maker(random.Random(f"{seed} straight")).program()


class Maker:
    """often: how often there is each of what keeps an order. last: the place of the last access."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        few = rng.sample(FEATURES, rng.choice((0, 1, 1, 2, 3)))
        self.often = {name: rng.choice((0.2, 0.4)) if name in few else 0.0 for name in FEATURES}
        self.last = ""
        places = PLACES[: rng.choice((2, 2, 3))]
        self.sizes = {p: rng.choice((1, 1, 1, 2)) for p in places}

    def program(self) -> Program:
        rng = self.rng
        sizes = rng.choice(SHAPES)
        return Program(tuple(self.thread(size) for size in sizes), self.sizes)

    def thread(self, size: int) -> tuple[Op, ...]:
        self.known: list[str] = []
        self.made = 0
        ops: list[Op] = []
        while size > 0:
            if ops and self.rng.random() < self.often["fences"]:
                ops.append(Fence(self.rng.choice(("full", "loads", "stores", "instructions"))))
            if self.rng.random() < self.often["locks"]:
                inside = self.some(self.rng.randint(1, 2), plain=False)
                ops.append(Locked(self.rng.choice("lm"), inside))
                size -= len(inside)
            elif self.known and self.rng.random() < self.often["branches"]:
                known = list(self.known)
                register, value = self.rng.choice(known), self.rng.randrange(VALUES)
                inside = self.some(self.rng.randint(1, 2), plain=True)
                ops.append(Branch(register, value, inside))
                self.known = known
                size -= len(inside)
            else:
                ops += self.some(1, plain=False)
                size -= 1
        return tuple(ops)

    def some(self, number: int, *, plain: bool) -> tuple[Op, ...]:
        return tuple(self.access(plain) for _ in range(number))

    def access(self, plain: bool) -> Access:
        """plain: not one that says its order."""
        rng = self.rng
        others = [p for p in self.sizes if p != self.last]
        place = rng.choice(others if rng.random() < OTHER else tuple(self.sizes))
        self.last = place
        index = self.value(0, own=self.sizes[place] > 1)
        if index.register is None and self.sizes[place] > 1:
            index = Value(rng.randrange(self.sizes[place]))
        said = not plain and rng.random() < self.often["orders"]
        kind = (
            "swap"
            if not plain and rng.random() < self.often["swaps"]
            else rng.choice(("load", "store"))
        )
        stored = 1 if rng.random() < ONE else 0
        if kind == "store":
            value = self.value(stored, own=True)
            return Access(kind, place, index, "release" if said else "", value)
        value = self.value(stored, own=True) if kind == "swap" else None
        register = f"r{self.made}"
        self.made += 1
        self.known.append(register)
        if kind == "load":
            return Access(kind, place, index, "acquire" if said else "", None, register)
        order = rng.choice(("relaxed", "acquire", "release", "acquire_release"))
        return Access(kind, place, index, order if said else "full", value, register)

    def value(self, constant: int, *, own: bool) -> Value:
        """own: whether it may be what is in a register."""
        if self.known and self.rng.random() < self.often["dependencies"]:
            same = not own or self.rng.random() < 0.5
            return Value(constant, self.rng.choice(self.known), same)
        return Value(constant)
