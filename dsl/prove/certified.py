"""Whether a certificate is right: its views are closed, and nothing bad is among them.

It shares nothing with the prover but the interpreter that defines what a rule does. A certificate
is a program of three threads among any number, which of its fields are each one's own, and views:
what is shared and the rows of two threads, with names -1 and -2 for these and SOMEBODY for others.
The views of the first states have to be there; of every three threads all of whose pairs are
views, each step has to lead to views, and none may break what is said to be proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, permutations, product
from typing import Any

from mmscn.runtime import bytecode as b
from mmscn.runtime.interpreter import canonical_versions, enabled, matches_any, pack, read

PROVABLE = (b.CheckKind.STEP, b.CheckKind.ALWAYS, b.CheckKind.FINALLY)
SOMEBODY, PAIRS = -100, ((0, 1), (0, 2), (1, 2))
Vector = tuple[tuple[int, ...], ...]
"""What is shared, and the row of each thread."""


def faults(certificate: dict[str, Any]) -> list[str]:
    """What is wrong with a certificate, the first of it; nothing where it is right."""
    try:
        return list(islice(Checker(certificate).faults(), 1))
    except (KeyError, IndexError, TypeError, ValueError, ArithmeticError) as problem:
        return [f"it cannot be read: {type(problem).__name__} {problem}"]


class Checker:
    def __init__(self, certificate: dict[str, Any]) -> None:
        self.program = program_of(certificate["program"])
        self.lines = [certificate["shared"], *certificate["rows"]]
        self.names = {int(f): rows for f, rows in certificate["names"].items()}
        self.group = {f: g for g, vs in enumerate(self.program.versions) for f in vs.fields}
        self.proved = {c: self.program.checks[c] for c in certificate["proved"]}
        self.views = {tuple(map(tuple, view)) for view in certificate["views"]}

    def faults(self) -> Iterator[str]:
        if any(check.kind not in PROVABLE for check in self.proved.values()):
            yield "a check is said to be proved that cannot be"
        if any(self.least(view, (0, 1)) != view for view in self.views):
            yield "a view is not the least that means the same"
        if sorted(f for line in self.lines for f in line) != list(range(len(self.program.fields))):
            yield "not every field belongs to one of the threads, or to all"
        for state in self.program.initial:
            yield from self.unknown(canonical_versions(self.program, state), "a first state")
        for vector in dict.fromkeys(self.least(vector, (0, 1, 2)) for vector in self.threes()):
            state = self.state(vector)
            if self.is_bad(state):
                yield "a state of three threads breaks a check"
            for number, after in enabled(self.program, state):
                rule = self.program.rules[number]
                if self.proved.keys() & rule.violates or self.is_bad(after):
                    yield f"rule {number} breaks a check"
                if not rule.halts:
                    yield from self.unknown(after, f"a step by rule {number}")

    def unknown(self, state: b.State, where: str) -> Iterator[str]:
        if not self.views >= {self.least(self.vector(state), two) for two in PAIRS}:
            yield f"{where} leads to a view that is not there"

    def is_bad(self, state: b.State) -> bool:
        quiet = matches_any(self.program, self.program.quiescent, state)
        asked = (b.CheckKind.ALWAYS, b.CheckKind.FINALLY if quiet else b.CheckKind.ALWAYS)
        bad = [check.bad for check in self.proved.values() if check.kind in asked]
        return any(matches_any(self.program, tests, state) for tests in bad)

    def threes(self) -> Iterator[Vector]:
        """All vectors of three threads each two of which are a view, some of them often."""
        by_one: dict[Vector, set[Vector]] = {}
        for view, order in product(self.views, ((0, 1), (1, 0))):
            turned = self.part(view, order)
            by_one.setdefault(self.part(turned, (0,)), set()).add(turned)
        for pairs in by_one.values():
            for v, w in product(pairs, pairs):
                for x in self.together(v, w):
                    if self.part(x, (0, 1)) == v and self.part(x, (0, 2)) == w:
                        yield from [x] if self.least(x, (1, 2)) in self.views else []

    def together(self, v: Vector, w: Vector) -> Iterator[Vector]:
        """The threads of a view, and the second of another, in all ways that might be right."""
        third = tuple(-3 if code == -2 else code for code in w[2])
        known, common = self.contents(v), self.contents(w[:2])
        own = sorted(self.contents((w[0], third)) - common)
        top = 1 + max((c for _, c in known | set(own)), default=0)
        free = [[*((g, c) for g, c in known - common if g == group), (group, top + n)]
                for n, (group, _) in enumerate(own)]  # fmt: skip
        for chosen in product(*free):
            if len(set(chosen)) == len(own):
                new = dict(zip(own, chosen, strict=True))
                places = zip(self.lines[1], third, strict=True)
                row = [new.get((self.group.get(f, -1), x), (0, x))[1] for f, x in places]
                lines = zip((*v, row), (-3, -3, -3, -2), strict=True)
                yield from product(*(product(*((x, n) if x == SOMEBODY else (x,) for x in line))
                                     for line, n in lines))  # fmt: skip

    def contents(self, vector: Vector) -> set[tuple[int, int]]:
        """Groups and numbers of the contents without a name."""
        places = zip((self.lines[0], *[self.lines[1]] * 2), vector, strict=False)
        every = [(self.group.get(f, -1), x) for one in places for f, x in zip(*one, strict=True)]
        return {(g, x) for g, x in every if g >= 0 and x >= self.program.versions[g].named}

    def part(self, vector: Vector, keep: Iterable[int]) -> Vector:
        """What is shared and these rows: others are somebody, contents by first occurrence."""
        places = {-1 - old: -1 - new for new, old in enumerate(keep)}
        seen: dict[tuple[int, int], int] = {}
        found = []
        for line, codes in [(0, vector[0]), *((1, vector[1 + n]) for n in keep)]:
            new = []
            for f, code in zip(self.lines[line], codes, strict=True):
                g = self.group.get(f, -1)
                if g >= 0 and code >= (named := self.program.versions[g].named):
                    code = seen.setdefault((g, code), named + sum(k[0] == g for k in seen))
                new.append(places.get(code, SOMEBODY) if code < 0 else code)
            found.append(tuple(new))
        return tuple(found)

    def least(self, vector: Vector, keep: Iterable[int]) -> Vector:
        return min(self.part(vector, order) for order in permutations(keep))

    def vector(self, state: b.State) -> Vector:
        return tuple(tuple(self.coded(f, state) for f in line) for line in self.lines)

    def coded(self, f: int, state: b.State) -> int:
        number = read(self.program, state, b.FieldId(f))
        row = self.names[f][number] if f in self.names else -1
        return number if row < 0 else SOMEBODY if row == 3 else -1 - row

    def state(self, vector: Vector) -> b.State:
        values = [0] * len(self.program.fields)
        for line, codes in zip(self.lines, vector, strict=True):
            for f, x in zip(line, codes, strict=True):
                row = 3 if x == SOMEBODY else -1 - x
                values[f] = self.names[f].index(row) if x < 0 else x
        return canonical_versions(self.program, pack(self.program, values))


def program_of(found: Any) -> Any:
    """A program, or a part of one, from JSON: which it is say the names of its members."""
    if isinstance(found, list):
        return tuple(map(program_of, found))
    if not isinstance(found, dict):
        return found
    classes: list[Any] = [b.Program, b.Process, b.Rule, b.Check, b.VersionGroup, b.Field]
    (cls,) = [c for c in classes if set(c._fields) == set(found)]
    return cls(**{key: program_of(part) for key, part in found.items()})
