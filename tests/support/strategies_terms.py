"""What a random text computes: the names that are seen where it stands, and expressions of them."""

from __future__ import annotations

import random

from attrs import define, field

BOOL, VERSION, FRAME = "bool", "version", "frame"
ENUM, PAIR, ENTRY = "Colour", "Pair", "translation"
NARROW, WIDE = "0..1", "0..2"
NUMBERS = (NARROW, WIDE)
SCALARS = (BOOL, NARROW, WIDE, ENUM, FRAME, VERSION)
LOCKS = ("spinlock", "mutex", "rwsem", "bitlock")
COLOURS = ("RED", "GREEN", "BLUE")


@define
class Names:
    """What a statement sees. shared, locals: type by name; mutable: locals to assign to."""

    shared: dict[str, str] = field(factory=dict)
    locals: dict[str, str] = field(factory=dict)
    mutable: set[str] = field(factory=set)
    labels: list[str] = field(factory=list)
    held: set[str] = field(factory=set)
    loop: bool = False
    proc: bool = False
    atomic: bool = False
    agent: bool = False
    pure: bool = False

    def inner(self, **changes: bool) -> Names:
        new = Names(
            self.shared, dict(self.locals), set(self.mutable), list(self.labels), set(self.held),
            self.loop, self.proc, self.atomic, self.agent, self.pure,
        )  # fmt: skip
        for name, value in changes.items():
            setattr(new, name, value)
        return new

    def of(self, type_: str) -> list[str]:
        both = {**self.shared, **self.locals}
        return [n for n, t in both.items() if t == type_]


class Terms:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.shared: dict[str, str] = {}
        self.ghosts: dict[str, str] = {}
        self.locks: dict[str, str] = {}
        self.marks: list[str] = []
        self.procs: dict[str, tuple[tuple[str, ...], str | None]] = {}
        self.count = 0
        self.maps = False
        self.budget = 0

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def expression(self, type_: str, names: Names, depth: int) -> str:
        rng = self.rng
        known = names.of(type_)
        if type_ == NARROW and rng.random() < 0.2:
            known += names.of(WIDE)
        if type_ == WIDE:
            known += names.of(NARROW)
        if known and rng.random() < (0.5 if depth else 0.8):
            return rng.choice(known)
        if depth > 0 and rng.random() < 0.15 and type_ not in (PAIR, ENTRY):
            condition = self.expression(BOOL, names, depth - 1)
            then = self.expression(type_, names, depth - 1)
            otherwise = self.expression(type_, names, depth - 1)
            return f"(if {condition} then {then} else {otherwise})"
        match type_:
            case "bool":
                return self.condition(names, depth)
            case "0..1" | "0..2":
                if depth > 0 and rng.random() < 0.4:
                    left = self.expression(type_, names, depth - 1)
                    if rng.random() < 0.3:
                        return f"(count p in frame: {self.condition(names, 0)})"
                    return f"({left} {rng.choice('+-')} {self.expression(NARROW, names, 0)})"
                return str(rng.randint(0, int(type_[-1])))
            case "Colour":
                return rng.choice(COLOURS)
            case "frame":
                return rng.choice(["frame 0", "frame 1", "none"])
            case "version":
                return rng.choice(["0", "1", "2"])
        return "none"

    def condition(self, names: Names, depth: int) -> str:
        rng = self.rng
        if depth <= 0:
            return rng.choice(["true", "false", "P == 1", *names.of(BOOL)])
        less = depth - 1
        kind = rng.randint(0, 10)
        if kind <= 1:
            op = rng.choice(["and", "or", "implies", "and"])
            return f"({self.condition(names, less)} {op} {self.condition(names, less)})"
        if kind == 2:
            return f"not {self.expression(BOOL, names, less)}"
        if kind == 3 and self.locks and not names.agent:
            return f"{rng.choice(list(self.locks))}.held"
        if kind == 4:
            quantifier = rng.choice(["all", "any"])
            frames = [n for n in names.of(FRAME) if "(" not in n]
            inner = names.inner()
            inner.locals["p"] = FRAME
            over = rng.choice(["frame", *frames])
            return f"({quantifier} p in {over}: {self.condition(inner, less)})"
        if kind == 5 and names.of(FRAME):
            page = rng.choice(names.of(FRAME))
            if "(frame 0).flag" in self.shared:
                guard = f"{page} != none and " if rng.random() < 0.7 else ""
                return f"({guard}{page}.flag)"
            return f"{page} == none"
        type_ = rng.choice([*SCALARS[1:], PAIR])
        known = names.of(type_)
        if not known:
            return rng.choice(["true", "P == 1", *names.of(BOOL), *names.of(BOOL)])
        left = rng.choice(known)
        if type_ in NUMBERS:
            op = rng.choice(["==", "!=", "<", "<=", ">", ">="])
            return f"{left} {op} {self.expression(type_, names, less)}"
        if type_ in (ENUM, FRAME) and rng.random() < 0.3:
            members = {ENUM: "RED, BLUE", FRAME: "frame 0, none"}[type_]
            return f"{left} {rng.choice(['in', 'not in'])} [{members}]"
        return f"{left} {rng.choice(['==', '!='])} {self.expression(type_, names, less)}"
