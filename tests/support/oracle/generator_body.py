"""Random statements and blocks."""

from __future__ import annotations

from random import Random

from support.oracle.generator_forms import Forms
from support.oracle.generator_terms import (
    AGGREGATES,
    BIT,
    BOOL,
    COLOUR,
    CPU,
    FRAME,
    NUMBERS,
    PAIR,
    SCALARS,
    SETS,
    THREAD,
    TRIT,
    VERSION,
    InSight,
)

Lines = list[str]
LOCKS = ("spinlock", "mutex", "rwsem", "bitlock")


class Bodies(Forms):
    """Writes statements. budget: how many are left for the body that is being written."""

    budget = 0
    marks: list[str]
    procs: dict[str, tuple[tuple[str, ...], str | None]]
    hooks: dict[str, tuple[str, ...]]
    ghosts: dict[str, str]
    extra: Random  # decides what seeds that have no such thing are not moved by

    def block(self, known: InSight, depth: int) -> Lines:
        """The statements of a block; names that it makes are its own."""
        inner = known.inner()
        lines: Lines = []
        outermost = [3, 4, 5] if self.has("large") else [2, 3, 4]
        for _ in range(self.rng.choice([1, 1, 2, 2, 3] if depth else outermost)):
            if self.budget <= 0:
                break
            self.budget -= 1
            lines += self.statement(inner, depth)
        return lines

    def statement(self, known: InSight, depth: int) -> Lines:
        plain = [
            (self.assign, 6), (self.update, 2), (self.let, 3), (self.local, 1),
            (self.assertion, 2), (self.await_, 2), (self.ghost, 1),
        ]  # fmt: skip
        if self.has("exchange"):
            plain += [(self.operation, 3)]
        if self.has("forms"):
            plain += [(self.form, 8)]
        if self.has("versions"):
            plain += [(self.store, 3), (self.swap, 3 if self.has("swaps") else 1)]
        if self.has("counting"):
            plain += [(self.counting, 6)]
        if self.has("procs"):
            plain += [(self.calling, 4)]
        if self.has("marks"):
            plain += [(self.mark, 2)]
        if self.has("bugs"):
            plain += [(self.bug, 1)]
        if self.has("aggregates"):
            plain += [(self.snapshot, 8 if self.has("snapshots") else 3), (self.entry, 3)]
        if depth < 3:
            plain += [(self.if_, 2), (self.atomic, 2)]
            if self.has("crowded"):
                plain += [(self.decisions, 10)]
            if self.locks:
                plain += [(self.locked, 4), (self.locking, 3)]
            if self.has("choose"):
                plain += [(self.choose, 5)]
            if self.has("loops"):
                plain += [(self.repeat, 1), (self.for_, 2), (self.while_, 2), (self.leave, 3)]
            if self.has("jumps"):
                plain += [(self.retry, 3), (self.skipping, 3), (self.leave, 4)]
        makers, weights = zip(*plain, strict=True)
        for _ in range(4):
            lines: Lines = self.rng.choices(makers, weights)[0](known, depth)
            if lines:
                return lines
        return self.assign(known, depth)

    def indented(self, lines: Lines) -> Lines:
        return ["  " + line for line in lines]

    def braced(self, head: str, lines: Lines) -> Lines:
        return [f"{head} {{", *self.indented(lines), "}"]

    # ---- values move ---------------------------------------------------------

    def target(self, type_: str, known: InSight) -> str | None:
        roots = {n: known.types[n] for n in known.mutable}
        only = InSight(shared=known.shared, types=roots)
        places = [p for p in self.places(type_, only) if not p.startswith(("this_", "none"))]
        return self.one(places) if places else None

    def assign(self, known: InSight, depth: int) -> Lines:
        for _ in range(5):
            type_ = self.one([*SCALARS, BOOL, *NUMBERS])
            target = self.target(type_, known)
            if target is not None:
                return [f"{target} = {self.expression(type_, known, 2)}"]
        return []

    def update(self, known: InSight, depth: int) -> Lines:
        target = self.target(self.one(NUMBERS), known)
        if target is None:
            return []
        if self.chance(0.85 if self.has("large") else 0.5):
            return [f"if {target} < 1 {{ {target} += 1 }}"]
        return [f"{target} {self.one(['+=', '-='])} 1"]

    def ghost(self, known: InSight, depth: int) -> Lines:
        if not self.ghosts:
            return []
        name = self.one(self.ghosts)
        type_ = self.ghosts[name]
        if type_ in NUMBERS and self.chance(0.5):
            return [f"{name} {self.one(['+=', '+=', '-='])} 1"]
        return [f"{name} = {self.expression(type_, known, 1)}"]

    def let(self, known: InSight, depth: int) -> Lines:
        choices = [*SCALARS, BOOL, *NUMBERS]
        choices += [PAIR] * bool(known.of(PAIR))
        type_ = self.one(choices)
        value = self.expression(type_, known, 2)
        if type_ == PAIR and value == "none":
            return []
        if type_ == THREAD and value in ("none", "current"):
            return []
        name = self.name("x")
        known.types[name] = type_
        return [f"let {name} = {value}"]

    def local(self, known: InSight, depth: int) -> Lines:
        type_ = self.one([BOOL, *NUMBERS, COLOUR, *([VERSION] if self.has("versions") else [])])
        value = self.expression(type_, known, 1)
        name = self.name("y")
        known.types[name] = type_
        known.mutable.append(name)
        return [f"var {name}: {type_} = {value}"]

    def snapshot(self, known: InSight, depth: int) -> Lines:
        """A copy of a set or an array, or one assigned to another."""
        names = known.of(*AGGREGATES)
        if not names or not self.has("values"):
            return []
        name = self.one(names)
        type_ = {**known.shared, **known.types}[name]
        same = [n for n, t in known.shared.items() if t == type_ and n != name]
        if same and self.chance(0.3):
            return [f"{self.one(same)} = {name}"]
        copy = self.name("copy")
        known.types[copy] = type_
        return [f"let {copy} = {name}"]

    def entry(self, known: InSight, depth: int) -> Lines:
        """An entry of a set or an array is changed, or a copy is looked at."""
        names = known.of(*AGGREGATES)
        if not names:
            return []
        name = self.one(names)
        index, of = AGGREGATES[{**known.shared, **known.types}[name]]
        place = f"{name}[{self.index(index, known, 0)}]"
        if name in known.shared and self.chance(0.6):
            return [f"{place} = {self.expression(of, known, 1)}"]
        other = self.expression(of, known, 0)
        claim = f"{place} == {other}" if other.isalnum() else f"{place} == ({other})"
        return [f'assert {claim} "{self.name("claim ")}"']

    def counting(self, known: InSight, depth: int) -> Lines:
        """A number that bounds something: waited for, then added to."""
        names = [n for n in known.of(TRIT) if n in known.shared]
        if not names or known.agent:
            return []
        name = self.one(names)
        if self.chance(0.5):
            return [f"await {name} < 2", f"{name} += 1"]
        return ["atomic {", f"  await {name} < 2", f"  {name} += 1", "}"]

    def operation(self, known: InSight, depth: int) -> Lines:
        type_ = self.one([BOOL, *NUMBERS, COLOUR, FRAME, VERSION, PAIR])
        cells = self.places(type_, InSight(shared=known.shared))
        if not cells:
            return []
        cell, name = self.one(cells), self.name("x")
        new = self.expression(type_, known, 1)
        if self.chance(0.5):
            made = f"xchg {cell}, {new}"
        else:
            made = f"cmpxchg {cell}, {self.expression(type_, known, 0)}, {new}"
        if type_ != PAIR and self.extra.random() < 0.4:
            return self.inside(f"({made})", type_, known, depth)
        known.types[name] = type_
        return [f"let {name} = {made}"]

    def inside(self, made: str, type_: str, known: InSight, depth: int) -> Lines:
        """An operation somewhere in an expression."""
        test = f"{made} {self.one(['==', '!='])} ({self.expression(type_, known, 0)})"
        way = self.extra.randint(0, 5)
        if way == 0:
            name = self.name("x")
            known.types[name] = BOOL
            return [f"let {name} = {test}"]
        if way > 1:
            left = self.condition(known, 1)
            test = f"({left}) {self.one(['and', 'or', 'implies'])} {test}"
        if way == 5:
            return [f'assert {test} "{self.name("claim ")}"']
        return self.braced(f"if {test}", self.assign(known, depth))

    def store(self, known: InSight, depth: int) -> Lines:
        target = self.target(VERSION, known)
        if target is None:
            return []
        return [f"{target} = fresh"]

    def swap(self, known: InSight, depth: int) -> Lines:
        cells = self.places(VERSION, InSight(shared=known.shared))
        if len(cells) < 2:
            return []
        one, two = self.rng.sample(cells, 2)
        name = self.name("x")
        return ["atomic {", f"  let {name} = {one}", f"  {one} = {two}", f"  {two} = {name}", "}"]

    # ---- what is said of a state ----------------------------------------------

    def assertion(self, known: InSight, depth: int) -> Lines:
        return [f'assert {self.condition(known, 2)} "{self.name("claim ")}"']

    def bug(self, known: InSight, depth: int) -> Lines:
        return [f'if {self.condition(known, 1)} {{ BUG "{self.name("bug ")}" }}']

    def mark(self, known: InSight, depth: int) -> Lines:
        if known.proc:
            return []
        name = f"m{self.rng.randint(0, 1)}"
        if name not in self.marks:
            self.marks.append(name)
        return [f"mark {name}"]

    # ---- waiting and choosing --------------------------------------------------

    def await_(self, known: InSight, depth: int) -> Lines:
        if known.agent or (self.has("large") and self.chance(0.6)):
            return []
        return [f"await {self.condition(known, 1)}"]

    def atomic(self, known: InSight, depth: int) -> Lines:
        body = self.block(known.inner(atomic=True), depth + 1)
        if self.chance(0.35) and not known.agent:
            body = [f"await {self.condition(known, 1)}", *body]
        return self.braced("atomic", body)

    def decisions(self, known: InSight, depth: int) -> Lines:
        """An atomic that decides several things, most of them apart from each other."""
        inner = known.inner(atomic=True)
        lines: Lines = []
        for _ in range(self.rng.choice([2, 3, 3, 4])):
            kind = self.rng.randint(0, 9)
            if kind == 0:
                lines += self.if_(inner, depth + 1)
            elif kind == 1:
                lines += self.branch(inner, depth + 1)
            elif kind <= 3:
                lines += self.assign(inner, depth)
            else:
                one, other = self.assign(inner, depth), self.assign(inner, depth)
                head = f"if {self.condition(inner, 1)}"
                if self.chance(0.2) and one:
                    one = self.braced(f"if {self.condition(inner, 1)}", one)
                lines += self.braced(head, one)
                if self.chance(0.6):
                    lines[-1:] = self.braced("} else", other)
        return self.braced("atomic", lines)

    def choose(self, known: InSight, depth: int) -> Lines:
        lines = ["choose {"]
        for n in range(self.rng.choice([2, 2, 3])):
            lines += ([] if n == 0 else ["} or {"]) + self.indented(self.branch(known, depth))
        return [*lines, "}"]

    def branch(self, known: InSight, depth: int) -> Lines:
        """One branch; some have no step of their own."""
        kind = self.rng.randint(0, 9)
        inner = known.inner()
        if kind == 0:
            return []
        if kind == 1:
            return self.let(inner, depth) or []
        if kind == 2 and not known.agent:
            return self.await_(inner, depth)
        if kind == 3:
            return self.leave(known, depth + 1)[:1]
        return self.block(known, depth + 1)

    def if_(self, known: InSight, depth: int) -> Lines:
        lines = self.braced(f"if {self.condition(known, 2)}", self.block(known, depth + 1))
        if self.chance(0.5):
            lines[-1:] = self.braced("} else", self.block(known, depth + 1))
        return lines

    # ---- loops and jumps -------------------------------------------------------

    def while_(self, known: InSight, depth: int) -> Lines:
        body = self.block(known.inner(loop=True), depth + 1)
        return self.braced(f"while {self.condition(known, 1)}", body)

    def repeat(self, known: InSight, depth: int) -> Lines:
        inner = known.inner(loop=True)
        name = self.name("i")
        inner.types[name] = BIT
        return self.braced(f"repeat 2 as {name}", self.block(inner, depth + 1))

    def for_(self, known: InSight, depth: int) -> Lines:
        inner = known.inner(loop=True)
        name = self.name("i")
        overs = {"0..1": BIT, "cpu": CPU, "Colour": COLOUR}
        if self.has("elements"):
            overs |= {"frame": FRAME}
            overs |= {n: FRAME for n, t in known.types.items() if t == FRAME and "x" in n}
        over = self.one(overs)
        inner.types[name] = overs[over]
        return self.braced(f"for {name} in {over}", self.block(inner, depth + 1))

    def leave(self, known: InSight, depth: int) -> Lines:
        ways = []
        if known.loop:
            ways += ["break", "continue"]
        if known.labels:
            ways += [f"goto {self.one(known.labels)}"]
        if not known.agent and not known.held and self.chance(0.4):
            ways += ["exit"]
        if not known.proc and not known.held and self.chance(0.3):
            ways += ["return"]
        if not ways:
            return []
        way = self.one(ways)
        return [f"if {self.condition(known, 1)} {{ {way} }}"] if self.chance(0.8) else [way]

    def retry(self, known: InSight, depth: int) -> Lines:
        label = self.name("again")
        inner = known.inner()
        inner.labels.append(label)
        body = self.block(inner, depth + 1)
        if depth:
            return []
        return [f"{label}:", *body, f"if {self.condition(known, 1)} {{ goto {label} }}"]

    def skipping(self, known: InSight, depth: int) -> Lines:
        label = self.name("done")
        inner = known.inner()
        inner.labels.append(label)
        return [*self.block(inner, depth + 1), f"{label}:"]

    # ---- locks -----------------------------------------------------------------

    def mode(self, lock: str) -> str:
        if self.locks[lock] != "rwsem":
            return ""
        return self.one([" for read", " for read", " for write", ""])

    def locked(self, known: InSight, depth: int) -> Lines:
        free = [lock for lock in self.locks if lock not in known.held]
        if not free or known.agent:
            return []
        lock = self.one(free)
        inner = known.inner(loop=False, held=(*known.held, lock))
        inner.labels = []
        return self.braced(f"lock {lock}{self.mode(lock)}", self.block(inner, depth + 1))

    def locking(self, known: InSight, depth: int) -> Lines:
        if not self.locks or known.agent:
            return []
        lock = self.one(self.locks)
        inner = self.assign(known, depth)
        choice = self.rng.random()
        if choice < 0.5:
            return [f"lock {lock}{self.mode(lock)}", *inner, f"unlock {lock}"]
        if choice < 0.9:
            got = self.name("got")
            if self.extra.random() < 0.4:
                head = f"if trylock {lock}{self.mode(lock)}"
                return self.braced(head, [*inner, f"unlock {lock}"])
            then = self.braced(f"if {got}", [*inner, f"unlock {lock}"])
            return [f"let {got} = trylock {lock}{self.mode(lock)}", *then]
        return [self.one([f"lock {lock}{self.mode(lock)}", f"unlock {lock}"])]

    # ---- calls -----------------------------------------------------------------

    def calling(self, known: InSight, depth: int) -> Lines:
        if self.hooks and self.chance(0.3):
            name = self.one(self.hooks)
            args = [self.expression(t, known, 1) for t in self.hooks[name]]
            return [f"call {name}({', '.join(args)})"]
        names = [n for n in self.procs if n not in self.pure]
        if not names:
            return []
        name = self.one(names)
        params, returns = self.procs[name]
        given = [self.argument(t, known) for t in params]
        if None in given:
            return []
        args_ = ", ".join(str(a) for a in given)
        if returns in (*SCALARS, BOOL, *NUMBERS) and self.extra.random() < 0.4:
            word = self.extra.choice(["call ", ""])
            return self.inside(f"{word}{name}({args_})", str(returns), known, depth)
        if returns is not None and self.chance(0.75):
            result = self.name("x")
            known.types[result] = returns
            return [f"let {result} = call {name}({args_})"]
        return [f"call {name}({args_})"]

    def argument(self, type_: str, known: InSight) -> str | None:
        if type_ in LOCKS:
            locks = [lock for lock, kind in self.locks.items() if kind == type_]
            return self.one(locks) if locks else None
        if type_ in AGGREGATES:
            names = known.of(type_)
            return self.one(names) if names and self.has("values") else None
        value = self.expression(type_, known, 1)
        return None if value == "none" and type_ != FRAME else value


__all__ = ["BIT", "SETS", "TRIT", "Bodies", "Lines"]
