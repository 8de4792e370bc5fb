"""Programs in which an order can be told, as diy makes them: around a cycle of places.

Each thread has an access of one place and then one of the next, with something between that may
keep them in order; the threads meet in places, and who reads there reads what another stores.
"""

from __future__ import annotations

import random

from attrs import evolve
from support.straight.programs import (
    FIRST,
    PLACES,
    Access,
    Branch,
    Fence,
    Locked,
    Op,
    Program,
    Value,
)

BETWEEN = (
    "nothing", "nothing", "nothing", "full", "loads", "stores", "address", "value", "branch",
    "branch and isb", "acquire", "release", "acquire and release", "swap", "lock", "locks",
    "own store", "register", "branch in front", "address in front", "read twice", "read twice",
    "own exchange",
)  # fmt: skip
THREADS, EXTRA = (2, 2, 2, 3), 0.3
"""How many threads there are, and how often one has an access more."""


def cycle(seed: int) -> Program:
    return Cycle(random.Random(f"{seed} cycle")).program()


class Cycle:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng

    def program(self) -> Program:
        rng, n = self.rng, self.rng.choice(THREADS)
        places = PLACES[:n]
        kinds = [[rng.choice(("load", "store")) for _ in range(2)] for _ in range(n)]
        for thread in range(n):
            meets = kinds[(thread + 1) % n]
            if kinds[thread][1] == meets[0] == "load":
                if rng.random() < 1 / 2:
                    meets[0] = "store"
                else:
                    kinds[thread][1] = "store"
        threads = []
        for thread, (first, second) in enumerate(kinds):
            self.made = 0
            ops = self.thread(
                self.access(first, places[thread]), self.access(second, places[(thread + 1) % n])
            )
            if rng.random() < EXTRA:
                more = self.access(rng.choice(("load", "store")), rng.choice(places))
                ops.insert(rng.randint(0, len(ops)), more)
            threads.append(tuple(ops))
        return Program(tuple(threads), dict.fromkeys(PLACES, 1))

    def access(self, kind: str, place: str) -> Access:
        if kind == "store":
            return Access(kind, place, FIRST, "", Value(1))
        self.made += 1
        return Access(kind, place, FIRST, "", None, f"r{self.made}")

    def thread(self, one: Access, two: Access) -> list[Op]:
        between = self.rng.choice(BETWEEN)
        read = one.register
        match between:
            case "full" | "loads" | "stores":
                return [one, Fence(between), two]
            case "address" if read:
                return [one, evolve(two, index=Value(0, read))]
            case "value" | "register" if read and two.kind == "store":
                return [one, evolve(two, value=Value(1, read, between == "value"))]
            case "branch" if read:
                return [one, Branch(read, self.rng.choice((0, 1)), (two,))]
            case "branch and isb" if read:
                inside = (Fence("instructions"), two)
                return [one, Branch(read, self.rng.choice((0, 1)), inside)]
            case "branch in front" if read:
                other = self.access(self.rng.choice(("load", "store")), PLACES[-1])
                return [one, Branch(read, self.rng.choice((0, 1)), (other,)), two]
            case "address in front" if read:
                other = self.access(self.rng.choice(("load", "store")), PLACES[-1])
                return [one, evolve(other, index=Value(0, read)), two]
            case "own exchange" if one.kind == "store":
                order = self.rng.choice(("relaxed", "release"))
                own = evolve(self.swap(), place=one.place, order=order)
                again = self.access("load", one.place)
                return [own, again, evolve(two, index=Value(0, again.register))]
            case "read twice" if read:
                # Of the place that is read twice, somebody may be the writer.
                first, again = (self.access("load", self.rng.choice(PLACES)) for _ in range(2))
                first = evolve(first, place=again.place, index=Value(0, read))
                return [one, first, again, evolve(two, index=Value(0, again.register))]
            case "acquire" | "release" | "acquire and release":
                return [said(one, between), said(two, between)]
            case "swap":
                return [one, self.swap(), two]
            case "lock":
                return self.rng.choice(([Locked("l", (one,)), two], [one, Locked("l", (two,))]))
            case "locks":
                name = self.rng.choice("lm")
                return [Locked("l", (one,)), Locked(name, (two,))]
            case "own store" if two.kind == "load":
                own = Access("store", two.place, FIRST, "", Value(1))
                value = Value(1, read, self.rng.random() < 1 / 2) if read else Value(1)
                return [one, evolve(own, value=value), two]
        return [one, two]

    def swap(self) -> Access:
        order = self.rng.choice(("full", "relaxed", "acquire", "release", "acquire_release"))
        self.made += 1
        return Access("swap", PLACES[-1], FIRST, order, Value(1), f"r{self.made}")


def said(access: Access, between: str) -> Access:
    """An access that says its order, where it may be that."""
    wanted = "acquire" if access.kind == "load" else "release"
    return evolve(access, order=wanted) if wanted in between else access
