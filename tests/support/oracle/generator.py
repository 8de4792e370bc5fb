"""Random scenarios, as text: each is about a few parts of the language, with a small world.

The text is made from a seed and is the same in every run, so that a seed is all that a
report has to say.
"""

from __future__ import annotations

import random

from support.oracle.generator_body import Bodies, Lines
from support.oracle.generator_forms import PROCS
from support.oracle.generator_terms import (
    AGGREGATES,
    ARRAYS,
    BIT,
    BOOL,
    COLOUR,
    COLOURS,
    CPU,
    FRAME,
    PAIR,
    SETS,
    THREAD,
    TRIT,
    VERSION,
    InSight,
)

FEATURES = (
    "versions", "elements", "locks", "aggregates", "structs", "procs", "agents", "daemons",
    "choose", "loops", "jumps", "exchange", "marks", "bugs", "replicas", "ordered", "params",
    "ghosts", "hooks", "outcomes", "init",
)  # fmt: skip
"""What a scenario may be about."""

THEMES = (
    ("versions", "daemons", "swaps"), ("versions", "daemons", "aggregates", "swaps"),
    ("aggregates", "snapshots"), ("aggregates", "procs", "snapshots"), ("aggregates", "versions"),
    ("elements", "structs"), ("elements", "procs", "marks"), ("choose", "jumps"),
    ("choose", "loops", "bugs"), ("locks", "replicas", "versions"), ("locks", "choose"),
    ("agents", "ghosts", "daemons"), ("procs", "hooks", "params"), ("counting", "daemons"),
    ("counting", "locks"), ("private", "locks"), ("private", "loops"),
)  # fmt: skip
"""Parts of the language that are worth to meet; half of the scenarios begin with one of these."""

LARGE = 1_000
"""From this seed on there are more statements, and fewer of them wait."""

CROWDED = 400_000
"""From this seed on there are atomics with an `if` for each of several places."""

FORMS = 600_000
"""From this seed on there are parameters that are cells, several results, any member of a list, and
structs that are written out.
"""

VALUES = True
"""Whether sets and arrays are values: copied by `let`, as arguments, and by assignment."""


def scenario_text(seed: int, *, values: bool = VALUES) -> str:
    """The text of the random scenario of a seed."""
    rng = random.Random(seed)
    features = set(rng.sample(FEATURES, rng.randint(2, 6)))
    if seed % 2:
        features = {*rng.choice(THEMES), *rng.sample(FEATURES, rng.randint(0, 3))}
    if values:
        features.add("values")
    if seed >= LARGE:
        features.add("large")
    if seed >= CROWDED:
        features.add("crowded")
    if seed >= FORMS:
        features |= {"forms", "structs"}
    scenario = Scenario(rng, frozenset(features))
    scenario.extra = random.Random(f"{seed} inside")
    return scenario.text(f"seed_{seed}")


class Scenario(Bodies):
    """One scenario that is being written."""

    def text(self, name: str) -> str:
        self.marks, self.procs, self.hooks, self.ghosts = [], {}, {}, {}
        self.own: dict[int, str] = {}
        self.shared: dict[str, str] = {}
        lines = [f"scenario {name}"]
        lines += ["param P = 0 | 1" if self.has("params") else "param P = 1"]
        lines += ["machine x86 { cpus 2; frames 2 }", f"enum Colour {{ {', '.join(COLOURS)} }}"]
        lines += self.declarations()
        lines += PROCS if self.has("forms") else []
        lines += self.declared_procs()
        lines += self.agents() if self.has("agents") else []
        threads = self.threads()
        lines += threads
        lines += self.checks(self.marks)
        return "\n".join(lines) + "\n"

    # ---- declarations ---------------------------------------------------------

    def declarations(self) -> Lines:
        lines = []
        if self.has("structs"):
            members = "; ".join(f"{n}: {t}" for n, t in self.members().items())
            lines.append(f"struct Pair {{ {members} }}")
        pool = [("b0", BOOL, ""), ("b1", BOOL, " = true"), ("n0", TRIT, ""), ("n1", BIT, " = 1"),
                ("n2", TRIT, " = 1"), ("c0", COLOUR, "")]  # fmt: skip
        if self.has("versions"):
            pool += [("v0", VERSION, ""), ("v1", VERSION, ""), ("v2", VERSION, " = 1")] * 2
        if self.has("elements"):
            pool += [("f0", FRAME, ""), ("f1", FRAME, " = frame 1"), ("k0", CPU, "")] * 2
        if self.has("elements") and self.chance(0.2):
            pool += [("o0", THREAD, "")]
        for name, type_, first in self.rng.sample(pool, self.rng.randint(2, 4)):
            if name not in self.shared:
                self.shared[name] = type_
                lines.append(f"var {name}: {type_}{first}")
        if self.has("structs"):
            for name in ("s0", "s1")[: self.rng.randint(1, 2)]:
                self.shared[name] = PAIR
                lines.append(f"var {name}: Pair")
        lines += self.aggregates() if self.has("aggregates") else []
        lines += self.each() if self.has("elements") else []
        lines += self.declared_locks() if self.has("locks") else []
        if self.has("ghosts"):
            for n in range(self.rng.randint(1, 2)):
                types = [BOOL, TRIT, BIT] + [VERSION] * self.has("versions")
                self.ghosts[f"g{n}"] = self.one(types)
                lines.append(f"ghost var g{n}: {self.ghosts[f'g{n}']}")
        if self.has("private"):
            for n in range(3):
                self.own[n] = f"w{n}"
                lines.append(f"var w{n}: 0..{self.rng.randint(1, 2)}")
        if self.rounds():
            lines.append("var rounds: 0..3")
        lines += self.initial() if self.has("init") else []
        return lines

    def rounds(self) -> bool:
        """Whether all threads are daemons whose rounds a number bounds, for `counters`."""
        return self.has("large") and self.has("counting") and self.has("daemons")

    def aggregates(self) -> Lines:
        lines = []
        for name in ("a0", "a1")[: self.rng.randint(1, 2)]:
            pool = [*SETS, *(a for a, (_, of) in ARRAYS.items() if of != VERSION)]
            kinds = [*pool, *(["[0..1]: version"] * 3 if self.has("versions") else [])]
            if name == "a1" and self.chance(0.6):
                kinds = [self.shared["a0"]]
            kind = self.one(kinds)
            self.shared[name] = kind
            lines.append(f"var {name}: {kind}" if kind in SETS else f"var {name}{kind}")
        return lines

    def each(self) -> Lines:
        attributes = {"flag": BOOL, "used": TRIT, "data": VERSION}
        if not self.has("versions"):
            del attributes["data"]
        chosen = {n: attributes[n] for n in attributes if self.chance(0.6)}
        lines = []
        if chosen:
            self.attributes[FRAME] = chosen
            lines += self.braced("each frame", [f"var {n}: {t}" for n, t in chosen.items()])
        if self.has("locks") and self.chance(0.4):
            kind = self.one(["spinlock", "bitlock"])
            lines += ["each frame {", f"  {kind} plock", "}"]
            self.locks["(frame 1).plock"] = kind
        if self.chance(0.3):
            self.attributes[CPU] = {"idle": BOOL}
            lines += ["each cpu { var idle: bool }"]
        return lines

    def declared_locks(self) -> Lines:
        lines = []
        for n in range(self.rng.choice([1, 1, 2])):
            kind = self.one(["spinlock", "mutex", "rwsem", "bitlock"])
            self.locks[f"l{n}"] = kind
            lines.append(f"{kind} l{n}")
        return lines

    def initial(self) -> Lines:
        known = InSight(shared=self.shared)
        lines = []
        for _ in range(self.rng.randint(1, 2)):
            type_ = self.one([BOOL, TRIT, BIT, COLOUR, FRAME])
            target = self.target(type_, known)
            if target is not None and "[" not in target and "." not in target:
                value = {BOOL: "true", TRIT: "2", BIT: "1", COLOUR: "GREEN", FRAME: "frame 0"}
                lines.append(f"{target} = {value[type_]}")
        for name, type_ in self.shared.items():
            if type_ in SETS and self.chance(0.5):
                index = {CPU: "cpu 1", FRAME: "frame 1"}.get(SETS[type_], "RED")
                lines.append(f"{name}[{index}] = true")
        return self.braced("init", lines) if lines else []

    # ---- procedures and agents --------------------------------------------------

    def in_sight(self, **more: bool) -> InSight:
        return InSight(shared=dict(self.shared)).inner(**more)

    def declared_procs(self) -> Lines:
        lines: Lines = []
        if self.has("hooks"):
            for head in self.rng.sample(["hook hk(h0)", "on hk(h1)", "on hk(h2)"], 3)[:3]:
                if head.startswith("hook") or self.chance(0.6):
                    known = self.in_sight(proc=True)
                    known.types[head[-3:-1]] = BIT
                    self.budget = 2
                    lines += self.braced(head, self.block(known, 2))
            if not any(line.startswith("hook") for line in lines):
                lines.append("hook hk(h0) { }")
            self.hooks["hk"] = (BIT,)
        if not self.has("procs"):
            return lines
        for n in range(self.rng.choice([1, 2, 2])):
            lines += self.proc(f"q{n}")
        if self.chance(0.4):
            lines += self.pure_proc()
        return lines

    def proc(self, name: str) -> Lines:
        kinds = [BOOL, TRIT, BIT, COLOUR] + [VERSION] * self.has("versions")
        kinds += [FRAME] * self.has("elements")
        kinds += [t for t in self.shared.values() if t in AGGREGATES] * self.has("values")
        kinds += [k for k in self.locks.values() if k != "rwsem"]
        params = tuple(self.one(kinds) for _ in range(self.rng.choice([0, 1, 1, 2])))
        returns = self.one([BOOL, BIT, COLOUR]) if self.chance(0.6) else None
        whens = [""]
        if self.chance(0.3):
            whens = self.rng.choice([[" when P == 0", " when P == 1"], ["", " when P == 1"]])
        lines: Lines = []
        for when in whens:
            known = self.in_sight(proc=True)
            names = []
            for n, type_ in enumerate(params):
                names.append(f"z{n}")
                if type_ in self.locks.values():
                    self.locks[f"z{n}"] = type_
                else:
                    known.types[f"z{n}"] = type_
            self.budget = self.rng.randint(1, 3)
            body = self.block(known, 1)
            if returns is not None:
                if self.chance(0.3):
                    early = f"return {self.expression(returns, known, 1)}"
                    body += [f"if {self.condition(known, 1)} {{ {early} }}"]
                body += [f"return {self.expression(returns, known, 1)}"]
            for n in range(len(params)):
                self.locks.pop(f"z{n}", None)
            lines += self.braced(f"proc {name}({', '.join(names)}){when}", body)
        self.procs[name] = params, returns
        return lines

    def pure_proc(self) -> Lines:
        type_ = self.one([BOOL, BIT])
        known = self.in_sight(proc=True)
        known.types["e0"] = type_
        value = self.expression(BOOL, known, 2)
        self.pure["ex"] = (type_,), BOOL
        return [f"proc ex(e0) {{ return {value} }}"]

    def agents(self) -> Lines:
        known = self.in_sight(agent=True, proc=True)
        lines: Lines = []
        own = self.chance(0.6)
        if own:
            lines.append("var st: 0..1")
            known.shared["st"] = BIT
        for n in range(self.rng.choice([1, 1, 2])):
            head = "prompt " * (self.budget % 2) + f"step s{n}"
            inner = known.inner()
            if self.chance(0.4):
                head += "[r in frame]" if self.has("elements") else "[r in cpu]"
                inner.types["r"] = FRAME if self.has("elements") else CPU
            if self.chance(0.8):
                head += f" when {self.condition(inner, 1)}"
            self.budget = 2
            lines += self.braced(head, self.block(inner, 2))
        if own and self.chance(0.6):
            lines.append("busy when st == 1")
        replica = "[w in cpu]" if self.has("replicas") and self.chance(0.5) else ""
        return self.braced(f"agent dev{replica}", lines)

    # ---- threads ----------------------------------------------------------------

    def threads(self) -> Lines:
        count = self.rng.choice([2, 2, 2, 3, 3, 4])
        budget = 16 // count + 2 if self.has("large") else 9 // count + 1
        bodies = [self.thread(n, budget) for n in range(count)]
        flat = [line for body in bodies for line in body]
        if not self.has("ordered"):
            return self.braced("concurrent", flat)
        if self.chance(0.5) or count == 2:
            return self.braced("ordered", flat)
        later = [line for body in bodies[1:] for line in body]
        return self.braced("ordered", [*bodies[0], *self.braced("concurrent", later)])

    def thread(self, n: int, budget: int) -> Lines:
        known = self.in_sight()
        daemon = "daemon " if self.has("daemons") and self.chance(0.45) else ""
        if self.rounds():
            daemon = "daemon "
        replica = ""
        if self.has("replicas") and n == 1 and self.chance(0.6):
            replica = "[w in 0..1]"
            known.types["w"] = BIT
            budget = 2
        if n in self.own:
            known.shared[self.own[n]] = BIT
        self.budget = self.rng.randint(2, budget + 1)
        body: Lines = []
        if daemon:
            self.budget = min(self.budget, 3)
            if self.chance(0.6):
                body = self.await_(known, 0)
        body += self.block(known, 0)
        if self.rounds():
            body = ["await rounds < 2", *body, "rounds += 1"]
        return self.braced(f"{daemon}thread t{n}{replica} on cpu {n % 2}", body)

    # ---- what is judged -----------------------------------------------------------

    def checks(self, marks: list[str]) -> Lines:
        known = InSight(shared={**self.shared, **self.ghosts}, proc=True)
        lines = []
        for n in range(self.rng.choice([1, 2, 3])):
            kind = self.one(["always", "finally", "reachable", "finally"])
            lines.append(f'{kind} "p{n}" {self.judged(known)}')
        if marks or self.chance(0.3):
            inner = known.inner()
            inner.types["j0"] = BIT
            kinds = self.rng.choices(["always", "finally", "reachable"], k=self.rng.randint(1, 2))
            predicates = [f"{kind} {self.judged(inner)}" for kind in kinds]
            lines += self.braced("property prop(j0)", predicates)
            after = f" after {self.one(marks)}" if marks else ""
            when = f" when P == {self.rng.randint(0, 1)}" if self.chance(0.2) else ""
            args = self.rng.sample(["0", "1", *known.of(BIT)], 2)[: self.rng.randint(1, 2)]
            lines += [f"check prop({arg}){after}{when}" for arg in args]
        if self.has("outcomes"):
            wanted = [self.condition(known, 1) for _ in range(self.rng.randint(1, 3))]
            lines += self.braced("expect outcomes", list(dict.fromkeys(wanted)))
        return lines

    def judged(self, known: InSight) -> str:
        """A condition; some have a left side that may never hold."""
        condition = self.condition(known, 2)
        if self.chance(0.3):
            return f"({self.condition(known, 1)} implies {condition})"
        return condition


__all__ = ["FEATURES", "scenario_text"]
