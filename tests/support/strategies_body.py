"""What the threads of a random text do: statements, in blocks that end."""

from __future__ import annotations

from collections.abc import Callable

from support.strategies_terms import (
    BOOL,
    ENUM,
    FRAME,
    NARROW,
    NUMBERS,
    PAIR,
    SCALARS,
    VERSION,
    WIDE,
    Names,
    Terms,
)


class Bodies(Terms):
    def names(self) -> Names:
        return Names(shared={**self.shared, **self.ghosts})

    def block(self, names: Names, depth: int) -> list[str]:
        """At least one statement, and as many as the budget allows."""
        names = names.inner()
        lines: list[str] = []
        for _ in range(self.rng.choice([1, 2, 2, 3] if depth else [2, 3, 4])):
            self.budget -= 1
            lines += self.statement(names, depth)
            if self.budget <= 0:
                break
        return lines

    def statement(self, names: Names, depth: int) -> list[str]:
        simple: list[tuple[int, Callable[[Names, int], list[str]]]] = [
            (8, self.assign), (3, self.update), (4, self.let), (2, self.local), (3, self.assertion),
            (1, self.bug), (2, self.mark), (2, self.await_), (3, self.locking), (2, self.calling),
            (3, self.leave), (3, self.machine_op), (2, self.operation),
        ]  # fmt: skip
        nested: list[tuple[int, Callable[[Names, int], list[str]]]] = [
            (4, self.if_), (2, self.while_), (3, self.choose), (2, self.repeat), (2, self.for_),
            (3, self.atomic), (1, self.retry), (1, self.skipping), (2, self.locked),
        ]  # fmt: skip
        kinds = simple if depth >= 3 or self.budget <= 0 else simple + nested
        weights = [w for w, _ in kinds]
        for _ in range(20):
            (_, make) = self.rng.choices(kinds, weights)[0]
            lines = make(names, depth)
            if lines:
                return lines
        return self.assign(names, depth) or ["await true"]

    def assign(self, names: Names, depth: int) -> list[str]:
        targets = [n for n in names.shared] + sorted(names.mutable)
        if not targets:
            return []
        target = self.rng.choice(targets)
        type_ = {**names.shared, **names.locals}[target]
        if type_ == VERSION and self.rng.random() < 0.4:
            return [f"{target} = fresh"]
        return [f"{target} = {self.expression(type_, names, 2)}"]

    def update(self, names: Names, depth: int) -> list[str]:
        both = {**names.shared, **names.locals}
        targets = [n for n in [*names.shared, *sorted(names.mutable)] if both[n] in NUMBERS]
        if not targets:
            return []
        target = self.rng.choice(targets)
        guard = f"{target} < 1" if self.rng.random() < 0.7 else None
        if guard is None:
            return [f"{target} {self.rng.choice(['+=', '-='])} 1"]
        return ["atomic {", f"  if {guard} {{ {target} += 1 }} else {{ {target} = 0 }}", "}"]

    def let(self, names: Names, depth: int) -> list[str]:
        type_ = self.rng.choice([*SCALARS, PAIR])
        value = self.expression(type_, names, 2)
        name = self.name("x")
        if type_ == VERSION and self.rng.random() < 0.2:
            value = "fresh"
        names.locals[name] = type_
        if type_ == PAIR:
            if value == "none":
                del names.locals[name]
                return []
            names.locals |= {f"{name}.on": BOOL, f"{name}.seen": VERSION}
        return [f"let {name} = {value}"]

    def local(self, names: Names, depth: int) -> list[str]:
        type_ = self.rng.choice([*SCALARS, PAIR])
        value = self.expression(type_, names, 1)
        name = self.name("y")
        names.locals[name] = type_
        names.mutable.add(name)
        if type_ == PAIR:
            names.locals |= {f"{name}.on": BOOL, f"{name}.level": WIDE}
            names.mutable |= {f"{name}.on", f"{name}.level"}
        return [f"var {name}: {type_} = {value}"]

    def operation(self, names: Names, depth: int) -> list[str]:
        if not names.shared:
            return []
        cell = self.rng.choice(list(names.shared))
        type_ = names.shared[cell]
        name = self.name("x")
        new = self.expression(type_, names, 1)
        if self.rng.random() < 0.5:
            lines = [f"let {name} = xchg {cell}, {new}"]
        else:
            expected = self.expression(type_, names, 1)
            lines = [f"let {name} = cmpxchg {cell}, {expected}, {new}"]
        names.locals[name] = type_
        return lines

    def calling(self, names: Names, depth: int) -> list[str]:
        if not self.procs or (names.agent and self.rng.random() < 0.5):
            return []
        proc = self.rng.choice(list(self.procs))
        params, returns = self.procs[proc]
        args = ", ".join(self.expression(t, names, 1) for t in params)
        if returns is not None and self.rng.random() < 0.7:
            name = self.name("x")
            names.locals[name] = returns
            return [f"let {name} = call {proc}({args})"]
        return [f"call {proc}({args})"]

    def assertion(self, names: Names, depth: int) -> list[str]:
        return [f'assert {self.expression(BOOL, names, 2)} "{self.name("claim ")}"']

    def bug(self, names: Names, depth: int) -> list[str]:
        return [f'if {self.expression(BOOL, names, 1)} {{ BUG "{self.name("bug ")}" }}']

    def mark(self, names: Names, depth: int) -> list[str]:
        name = f"m{self.rng.randint(0, 1)}"
        if name not in self.marks:
            self.marks.append(name)
        return [f"mark {name}"]

    def await_(self, names: Names, depth: int) -> list[str]:
        if names.agent or self.rng.random() < 0.4:
            return []
        return [f"await {self.expression(BOOL, names, 1)}"]

    def locking(self, names: Names, depth: int) -> list[str]:
        if not self.locks or names.agent:
            return []
        lock = self.rng.choice(list(self.locks))
        mode = self.mode(lock)
        inner = self.assign(names, depth)
        choice = self.rng.random()
        if choice < 0.5:
            return [f"lock {lock}{mode}", *inner, f"unlock {lock}"]
        if choice < 0.9:
            got = self.name("x")
            then = ["  " + line for line in [*inner, f"unlock {lock}"]]
            return [f"let {got} = trylock {lock}{mode}", f"if {got} {{", *then, "}"]
        return [self.rng.choice([f"lock {lock}{mode}", f"unlock {lock}"])]

    def mode(self, lock: str) -> str:
        if self.locks[lock] != "rwsem":
            return ""
        return self.rng.choice([" for read", " for read", " for write", ""])

    def locked(self, names: Names, depth: int) -> list[str]:
        free = [lock for lock in self.locks if lock not in names.held]
        if not free or names.agent:
            return []
        lock = self.rng.choice(free)
        inner = names.inner(loop=False, proc=False)
        inner.labels = []
        inner.held.add(lock)
        body = self.block(inner, depth + 1)
        return [f"lock {lock}{self.mode(lock)} {{", *self.indented(body), "}"]

    def leave(self, names: Names, depth: int) -> list[str]:
        if depth == 0:
            return []
        ways = []
        if names.loop:
            ways += ["break", "continue"]
        if names.labels:
            ways += [f"goto {self.rng.choice(names.labels)}"]
        if not names.agent and not names.held and self.rng.random() < 0.3:
            ways += ["exit"]
        if not names.proc and not names.held and self.rng.random() < 0.3:
            ways += ["return"]
        if not ways:
            return []
        return [f"if {self.expression(BOOL, names, 1)} {{ {self.rng.choice(ways)} }}"]

    def machine_op(self, names: Names, depth: int) -> list[str]:
        if not self.maps or names.agent or names.atomic:
            return []
        choice = self.rng.randint(0, 4)
        if choice == 0:
            value = self.rng.choice(["fresh", "1", *names.of(VERSION)])
            return [f"store A = {value}"]
        if choice == 1:
            name = self.name("x")
            names.locals[name] = VERSION
            return [f"let {name} = load A"]
        if choice == 2:
            return [f"flush A{self.rng.choice(['', ' on all', ' on others'])}"]
        if choice == 3:
            cleared = ("pte(A) = none", "pte(A).dirty = false", "pte(A).write = false")
            return [self.rng.choice(cleared)]
        return [f"let {self.name('x')} = xchg pte(A), none"]

    def if_(self, names: Names, depth: int) -> list[str]:
        condition = self.expression(BOOL, names, 2)
        lines = [f"if {condition} {{", *self.indented(self.block(names, depth + 1)), "}"]
        if self.rng.random() < 0.5:
            lines[-1] = "} else {"
            lines += [*self.indented(self.block(names, depth + 1)), "}"]
        return lines

    def while_(self, names: Names, depth: int) -> list[str]:
        body = self.block(names.inner(loop=True), depth + 1)
        condition = self.expression(BOOL, names, 1)
        return [f"while {condition} {{", *self.indented(body), "}"]

    def choose(self, names: Names, depth: int) -> list[str]:
        branches = [self.block(names, depth + 1) for _ in range(self.rng.choice([2, 2, 3]))]
        if self.rng.random() < 0.2:
            branches[-1] = []
        lines = ["choose {"]
        for n, branch in enumerate(branches):
            lines += ([] if n == 0 else ["} or {"]) + self.indented(branch)
        return [*lines, "}"]

    def repeat(self, names: Names, depth: int) -> list[str]:
        inner = names.inner(loop=True)
        name = self.name("i")
        inner.locals[name] = NARROW
        return [f"repeat 2 as {name} {{", *self.indented(self.block(inner, depth + 1)), "}"]

    def for_(self, names: Names, depth: int) -> list[str]:
        inner = names.inner(loop=True)
        name = self.name("i")
        over, type_ = self.rng.choice([("frame", FRAME), ("0..1", NARROW), ("Colour", ENUM)])
        frames = names.of(FRAME)
        if type_ == FRAME and frames and self.rng.random() < 0.4:
            over = self.rng.choice(frames)
        inner.locals[name] = type_
        return [f"for {name} in {over} {{", *self.indented(self.block(inner, depth + 1)), "}"]

    def atomic(self, names: Names, depth: int) -> list[str]:
        body = self.block(names.inner(atomic=True), depth + 1)
        if self.rng.random() < 0.3 and not names.agent:
            body = [f"await {self.expression(BOOL, names, 1)}", *body]
        return ["atomic {", *self.indented(body), "}"]

    def retry(self, names: Names, depth: int) -> list[str]:
        label = self.name("again")
        inner = names.inner()
        inner.labels.append(label)
        body = self.block(inner, depth + 1)
        leave = f"if {self.expression(BOOL, names, 1)} {{ goto {label} }}"
        return [f"{label}:", *body, leave] if depth == 0 else []

    def skipping(self, names: Names, depth: int) -> list[str]:
        label = self.name("done")
        inner = names.inner()
        inner.labels.append(label)
        body = self.block(inner, depth + 1)
        return [*body, f"{label}:"]

    def indented(self, lines: list[str]) -> list[str]:
        return ["  " + line for line in lines]
