"""Random expressions: of a type, from the names that are in view."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from attrs import define, field

BOOL, BIT, TRIT, COLOUR, VERSION, PAIR = "bool", "0..1", "0..2", "Colour", "version", "Pair"
FRAME, CPU, THREAD = "frame", "cpu", "thread"
NUMBERS = (BIT, TRIT)
ELEMENTS = (FRAME, CPU, THREAD)
SCALARS = (BOOL, BIT, TRIT, COLOUR, VERSION, FRAME, CPU, THREAD)
COLOURS = ("RED", "GREEN", "BLUE")
SETS = {"set of cpu": CPU, "set of frame": FRAME, "set of Colour": COLOUR}
ARRAYS = {"[0..1]: bool": (BIT, BOOL), "[0..1]: 0..2": (BIT, TRIT), "[0..2]: 0..1": (TRIT, BIT),
          "[0..1]: version": (BIT, VERSION), "[Colour]: bool": (COLOUR, BOOL),
          "[frame]: 0..1": (FRAME, BIT)}  # fmt: skip
AGGREGATES = {name: (index, BOOL) for name, index in SETS.items()} | ARRAYS


@define
class InSight:
    """What a statement sees. types: by how a name is written; mutable: locals to assign to.

    held: the locks around. loop, proc, atomic, agent, daemon: what stands around.
    """

    shared: dict[str, str] = field(factory=dict)
    types: dict[str, str] = field(factory=dict)
    mutable: list[str] = field(factory=list)
    labels: list[str] = field(factory=list)
    held: tuple[str, ...] = ()
    loop: bool = False
    proc: bool = False
    atomic: bool = False
    agent: bool = False

    def inner(self, **changes: Any) -> InSight:
        new = InSight(
            self.shared, dict(self.types), list(self.mutable), list(self.labels), self.held,
            self.loop, self.proc, self.atomic, self.agent,
        )  # fmt: skip
        for name, value in changes.items():
            setattr(new, name, value)
        return new

    def of(self, *types: str) -> list[str]:
        both = {**self.shared, **self.types}
        return [n for n, t in both.items() if t in types]


class Terms:
    """Writes expressions. features: which parts of the language this scenario is about."""

    def __init__(self, rng: random.Random, features: frozenset[str]) -> None:
        self.rng = rng
        self.features = features
        self.locks: dict[str, str] = {}
        self.attributes: dict[str, dict[str, str]] = {}
        self.pure: dict[str, tuple[tuple[str, ...], str]] = {}
        self.param = "P"
        self.count = 0

    def has(self, feature: str) -> bool:
        return feature in self.features

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def one(self, choices: Iterable[str]) -> str:
        return self.rng.choice(list(choices))

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    # ---- what can be read or assigned ----------------------------------------

    def places(self, type_: str, known: InSight, depth: int = 1) -> list[str]:
        """What holds a value of the type: names, members, entries and attributes."""
        found = list(known.of(type_))
        for name in known.of(PAIR):
            found += [f"{name}.{m}" for m, t in self.members().items() if t == type_]
        for kind, (index, of) in AGGREGATES.items():
            if of == type_:
                found += [f"{n}[{self.index(index, known, depth)}]" for n in known.of(kind)]
        for sort, attributes in self.attributes.items():
            names = [a for a, t in attributes.items() if t == type_]
            if names:
                base = self.element(sort, known, depth)
                if base != "none":
                    found += [f"({base}).{a}" if " " in base else f"{base}.{a}" for a in names]
        return found

    def members(self) -> dict[str, str]:
        found = {"on": BOOL, "level": TRIT}
        if self.has("versions"):
            found["seen"] = VERSION
        if self.has("elements"):
            found["at"] = FRAME
        return found

    def index(self, type_: str, known: InSight, depth: int) -> str:
        """An index, now and then one that is none of the array's."""
        if type_ in NUMBERS:
            wide = known.of(TRIT, BIT) if self.chance(0.3) else known.of(type_)
            if type_ == TRIT:
                wide += known.of(BIT)
            if wide and self.chance(0.6):
                return self.one(wide)
            if wide and depth > 0 and self.chance(0.1):
                return f"{self.one(wide)} {self.one('+-')} 1"
            return str(self.rng.randint(0, int(type_[-1])))
        if type_ == COLOUR:
            names = known.of(COLOUR)
            return self.one(names) if names and self.chance(0.5) else self.one(COLOURS)
        return self.element(type_, known, depth, unset=False)

    def element(self, sort: str, known: InSight, depth: int, *, unset: bool = True) -> str:
        names = known.of(sort)
        if names and self.chance(0.6):
            return self.one(names)
        if sort == THREAD:
            own = [] if known.agent or known.proc else ["current"]
            return self.one([*own, "none"] if unset or not own else own)
        if sort == CPU and not known.agent and not known.proc and self.chance(0.3):
            return "this_cpu"
        written = [f"{sort} 0", f"{sort} 1"]
        return self.one([*written, "none"] if unset and depth > 0 else written)

    # ---- expressions ---------------------------------------------------------

    def expression(self, type_: str, known: InSight, depth: int) -> str:
        """Any expression of the type; depth bounds how it nests."""
        if type_ in AGGREGATES or type_ == PAIR:
            names = known.of(type_)
            return self.one(names) if names else "none"
        places = self.places(type_, known, depth)
        if places and self.chance(0.55 if depth > 0 else 0.8):
            return self.one(places)
        if depth > 0 and self.chance(0.12):
            condition = self.condition(known, depth - 1)
            then = self.expression(type_, known, depth - 1)
            otherwise = self.expression(type_, known, depth - 1)
            if type_ != VERSION or (then in places and otherwise in places):
                return f"(if {condition} then {then} else {otherwise})"
        pure = [n for n, (_, returns) in self.pure.items() if returns == type_]
        if pure and depth > 0 and self.chance(0.3):
            name = self.one(pure)
            args = [self.expression(t, known, 0) for t in self.pure[name][0]]
            if "none" not in args:
                return f"{name}({', '.join(args)})"
        if type_ == BOOL:
            return self.condition(known, depth)
        if type_ in NUMBERS:
            return self.number(type_, known, depth)
        if type_ == COLOUR:
            return self.one(COLOURS)
        if type_ == VERSION:
            return self.one(["0", "1", "2"])
        return self.element(type_, known, depth)

    def number(self, type_: str, known: InSight, depth: int) -> str:
        if depth > 0 and self.chance(0.4):
            counted = self.quantified("count", known, depth)
            if self.chance(0.3):
                return counted
            if self.has("elements") and self.chance(0.2) and (names := known.of(FRAME, CPU)):
                return f"{self.one(names)}.number"
            left = self.one(known.of(*NUMBERS) or [counted])
            return f"({left} {self.one('+-')} {self.expression(BIT, known, 0)})"
        return str(self.rng.randint(0, int(type_[-1])))

    def quantified(self, kind: str, known: InSight, depth: int) -> str:
        inner = known.inner()
        name = self.name("q")
        overs = {"0..1": BIT, "Colour": COLOUR, "cpu": CPU}
        if self.has("elements"):
            overs |= {"frame": FRAME} | {n: FRAME for n in known.of(FRAME) if "(" not in n}
        over = self.one(overs)
        inner.types[name] = overs[over]
        return f"({kind} {name} in {over}: {self.condition(inner, depth - 1)})"

    def condition(self, known: InSight, depth: int) -> str:
        """A condition; comparisons lie at the ends of a type's range, too."""
        if depth <= 0:
            return self.simple(known)
        kind = self.rng.randint(0, 11)
        if kind <= 2:
            op = self.one(["and", "or", "implies"])
            return f"({self.condition(known, depth - 1)} {op} {self.condition(known, depth - 1)})"
        if kind == 3:
            return f"not {self.expression(BOOL, known, depth - 1)}"
        if kind == 4 and self.locks and not known.agent:
            lock = self.one(self.locks)
            if self.chance(0.3) and not known.proc:
                return f"{lock}.owner == {self.one(['current', 'none'])}"
            return f"{lock}.held"
        if kind == 5:
            return self.quantified(self.one(["all", "any"]), known, depth)
        if kind == 6 and self.has("elements") and (names := known.of(FRAME)):
            name = self.one(names)
            inside = self.simple(known)
            for attribute, type_ in self.attributes.get(FRAME, {}).items():
                if type_ == BOOL:
                    inside = f"{name}.{attribute}"
            return f"({name} != none and {inside})" if self.chance(0.7) else inside
        if kind == 7 and (names := known.of(PAIR)):
            other = self.one([*names, "none"])
            return f"{self.one(names)} {self.one(['==', '!='])} {other}"
        return self.compared(known, depth)

    def simple(self, known: InSight) -> str:
        places = self.places(BOOL, known, 0)
        if places and self.chance(0.7):
            return self.one(places)
        if self.chance(0.15):
            return self.one(["true", "false", f"{self.param} == 1", f"{self.param} != 0"])
        return self.compared(known, 0)

    def compared(self, known: InSight, depth: int) -> str:
        types = [t for t in (*NUMBERS, *NUMBERS, COLOUR, VERSION, FRAME, CPU, THREAD)
                 if self.places(t, known, 0)]  # fmt: skip
        if not types:
            return self.one([*known.of(BOOL), "true", f"{self.param} == 1"])
        type_ = self.one(types)
        left = self.one(self.places(type_, known, 0))
        right = self.expression(type_, known, depth - 1)
        if right == left and self.chance(0.8):
            right = self.expression(type_, known, depth)
        if type_ in NUMBERS:
            if right == left and self.chance(0.8):
                right = self.one(["0", "1"])
            return f"{left} {self.one(['==', '!=', '<', '<=', '>', '>='])} {right}"
        if type_ in (COLOUR, FRAME) and self.chance(0.2):
            listed = {COLOUR: "RED, BLUE", FRAME: "frame 0, none"}[type_]
            return f"{left} {self.one(['in', 'not in'])} [{listed}]"
        return f"{left} {self.one(['==', '!='])} {right}"
