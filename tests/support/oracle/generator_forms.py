"""Random uses of cells as parameters, several results, any member, and structs written out."""

from __future__ import annotations

from support.oracle.generator_terms import BIT, BOOL, COLOUR, FRAME, NUMBERS, PAIR, InSight, Terms

Lines = list[str]
PROCS = [
    "proc flip(var u) { u = not u; let was = xchg u, not u; return was }",
    "proc raise(var u) { if u < 1 { u += 1 }; return u }",
    "proc both(u, var w) { if u == 1 { return w, true }; w = 0; return u, w == 1 }",
]
"""What a scenario with these forms has. `var` of a bool, and twice of a number."""


class Forms(Terms):
    """Writes one statement of each."""

    def form(self, known: InSight, depth: int) -> Lines:
        ways = [self.flipped, self.raised, self.results, self.choice, self.entry_of]
        return self.rng.choice(ways)(known)

    def cell(self, type_: str, known: InSight) -> str | None:
        """A shared place, or a local that may be assigned."""
        only = InSight(shared=known.shared, types={n: known.types[n] for n in known.mutable})
        places = [p for p in self.places(type_, only) if not p.startswith(("this_", "none"))]
        return self.one(places) if places else None

    def flipped(self, known: InSight) -> Lines:
        cell = self.cell(BOOL, known)
        return self.named(f"flip({cell})", BOOL, known) if cell else []

    def raised(self, known: InSight) -> Lines:
        type_ = self.one(NUMBERS)
        cell = self.cell(type_, known)
        return self.named(f"raise({cell})", type_, known) if cell else []

    def named(self, call: str, type_: str, known: InSight) -> Lines:
        if self.chance(0.4):
            return [f"call {call}"]
        name = self.name("x")
        known.types[name] = type_
        return [f"let {name} = {call}"]

    def results(self, known: InSight) -> Lines:
        cell = self.cell(BIT, known)
        if cell is None:
            return []
        one, two = self.name("x"), self.name("x")
        argument = self.expression(BIT, known, 1)
        known.types |= {one: BIT, two: BOOL}
        return [f"let {one}, {two} = both({argument}, {cell})"]

    def choice(self, known: InSight) -> Lines:
        overs = {"0..1": BIT, "Colour": COLOUR} | ({"frame": FRAME} if self.has("elements") else {})
        over = self.one(overs)
        name = self.name("i")
        inner = known.inner()
        inner.types[name] = overs[over]
        if self.chance(0.5):
            known.types[name] = overs[over]
            return [f"choose {name} in {over}"]
        place = self.cell(overs[over], known)
        claim = f'assert {self.condition(inner, 1)} "{self.name("claim ")}"'
        body = f"{place} = {name}" if place else claim
        return [f"choose {name} in {over} {{ {body} }}"]

    def entry_of(self, known: InSight) -> Lines:
        places = [n for n in known.of(PAIR) if n in known.shared]
        if not places:
            return []
        members = self.members()
        names = self.rng.sample(list(members), self.rng.randint(1, len(members) - 1))
        values = ", ".join(f"{n} = ({self.expression(members[n], known, 1)})" for n in names)
        base = self.one(known.of(PAIR))
        made = f"Pair({values})" if self.chance(0.5) else f"{base} with {values}"
        return [f"{self.one(places)} = {made}"]
