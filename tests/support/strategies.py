"""Random scenarios, as text: small worlds in which everything of the language meets everything.

The text is made from a seed and is the same in every run. Most of it makes
sense to the checker; what does not is rejected with a diagnostic, which is
fine too. What is generated is kept small, so that the oracle can walk it.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from attrs import define, field

BOOL, VERSION, FRAME = "bool", "version", "frame"
ENUM, PAIR, ENTRY = "Colour", "Pair", "translation"
NARROW, WIDE = "0..1", "0..2"
NUMBERS = (NARROW, WIDE)
SCALARS = (BOOL, NARROW, WIDE, ENUM, FRAME, VERSION)
LOCKS = ("spinlock", "mutex", "rwsem", "bitlock")
COLOURS = ("RED", "GREEN", "BLUE")


def scenario_text(seed: int) -> str:
    """The text of one random scenario."""
    return Scenario(random.Random(seed)).text(f"generated_{seed}")


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


class Scenario:
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

    # ---- the whole ----------------------------------------------------------

    def text(self, name: str) -> str:
        rng = self.rng
        self.maps = rng.random() < 0.3
        lines = [f"scenario {name}"]
        lines += self.param()
        lines += self.machine()
        lines += self.declarations()
        lines += self.proc_items()
        lines += self.agents()
        threads = self.threads()
        lines += threads
        lines += self.checks([m for m in self.marks if any(f"mark {m}" in t for t in threads)])
        return "\n".join(lines) + "\n"

    def param(self) -> list[str]:
        if self.rng.random() < 0.8:
            return ["param P = 1"]
        return ["param P = 0 | 1"]

    def machine(self) -> list[str]:
        rng = self.rng
        lines = ["machine x86 {", "  cpus 2", "  frames 2"]
        if self.maps:
            lines.append(f"  spec_fill = {rng.choice(['on', 'off', 'off'])}")
            lines.append(f"  evict = {rng.choice(['on', 'off', 'off'])}")
            lines.append(f"  flush_kind = {rng.choice(['ipi', 'broadcast', 'coherent'])}")
            lines.append(f"  stores = {rng.choice(['whole', 'split'])}")
            ad = ["recheck", "blind_or", "writeback_or", "frame_key", "recheck_nonatomic"]
            lines.append(f"  ad = {rng.choice(ad)}")
        lines.append("}")
        if self.maps:
            lines.append(f"map A -> frame 0 {rng.choice(['rw', 'ro', 'rw dirty'])}")
        return lines

    def declarations(self) -> list[str]:
        rng = self.rng
        lines = [
            f"enum Colour {{ {', '.join(COLOURS)} }}",
            "struct Pair { on: bool; level: 0..2; seen: version; at: frame }",
        ]
        pool = [
            ("b0", BOOL, ""), ("b1", BOOL, " = true"), ("n0", WIDE, ""), ("n1", NARROW, " = 1"),
            ("n2", WIDE, " = 1"), ("c0", ENUM, ""), ("c1", ENUM, " = BLUE"), ("f0", FRAME, ""),
            ("f1", FRAME, " = frame 1"), ("v0", VERSION, ""), ("v1", VERSION, ""),
            ("v2", VERSION, " = 1"), ("s0", PAIR, ""), ("s1", PAIR, ""), ("t0", ENTRY, ""),
        ]  # fmt: skip
        for name, type_, first in rng.sample(pool, rng.randint(3, 6)):
            self.shared[name] = type_
            lines.append(f"var {name}: {type_}{first}")
        if rng.random() < 0.4:
            index = rng.choice([NARROW, ENUM, "cpu"])
            type_ = rng.choice([BOOL, NARROW, VERSION])
            lines.append(f"var row[{index}]: {type_}")
            for i in {NARROW: ("0", "1"), ENUM: COLOURS, "cpu": ("cpu 0", "cpu 1")}[index]:
                self.shared[f"row[{i}]"] = type_
            if index == NARROW:
                for n in [n for n, t in self.shared.items() if t in NUMBERS and "[" not in n][:1]:
                    self.shared[f"row[{n}]"] = type_
            if index == ENUM:
                for n in [n for n, t in self.shared.items() if t == ENUM][:1]:
                    self.shared[f"row[{n}]"] = type_
        if rng.random() < 0.4:
            lines += ["each frame {", "  var flag: bool", "  var used: 0..2", "  var data: version"]
            if rng.random() < 0.5:
                lines.append("  spinlock plock")
                self.locks["(frame 1).plock"] = "spinlock"
            lines.append("}")
            base = [n for n, t in self.shared.items() if t == FRAME][:1]
            for p in ["frame 0", *base]:
                at = f"({p})" if " " in p else p
                self.shared[f"{at}.flag"] = BOOL
                self.shared[f"{at}.used"] = WIDE
                self.shared[f"{at}.data"] = VERSION
        for name, type_ in [(n, t) for n, t in self.shared.items() if t in (PAIR, ENTRY)]:
            members = {
                PAIR: {"on": BOOL, "level": WIDE, "seen": VERSION, "at": FRAME},
                ENTRY: {"present": BOOL, "page": FRAME, "dirty": BOOL},
            }[type_]
            for member, kind in members.items():
                self.shared[f"{name}.{member}"] = kind
        for n in range(rng.choice([0, 1, 1, 2])):
            kind = rng.choice(LOCKS)
            self.locks[f"l{n}"] = kind
            lines.append(f"{kind} l{n}")
        for n in range(rng.choice([0, 0, 1, 2])):
            type_ = rng.choice([BOOL, WIDE, VERSION])
            self.ghosts[f"g{n}"] = type_
            lines.append(f"ghost var g{n}: {type_}")
        if rng.random() < 0.2:
            lines += ["init {", *self.indented(self.simple_init()), "}"]
        return lines

    def simple_init(self) -> list[str]:
        names = Names(shared={n: t for n, t in self.shared.items() if n in ("b0", "n0", "c0")})
        names.pure = True
        return [f"{n} = {self.expression(t, names, 1)}" for n, t in names.shared.items()]

    def proc_items(self) -> list[str]:
        lines: list[str] = []
        for n in range(self.rng.choice([0, 1, 1, 2])):
            count = self.rng.randint(0, 2)
            params = tuple(self.rng.choice([BOOL, WIDE, FRAME]) for _ in range(count))
            returns = self.rng.choice([None, BOOL, WIDE, VERSION])
            names = self.names()
            names.proc = True
            names.locals = {f"a{i}": t for i, t in enumerate(params)}
            self.budget = self.rng.randint(1, 3)
            body = self.block(names, 1)
            if returns is not None and self.rng.random() < 0.3:
                condition = self.expression(BOOL, names, 1)
                body.append(f"if {condition} {{ return {self.expression(returns, names, 1)} }}")
            if returns is not None:
                body.append(f"return {self.expression(returns, names, 1)}")
            shown = ", ".join(f"a{i}" for i in range(len(params)))
            lines += [f"proc q{n}({shown}) {{", *self.indented(body), "}"]
            self.procs[f"q{n}"] = (params, returns)
        return lines

    def agents(self) -> list[str]:
        lines: list[str] = []
        if self.rng.random() < 0.3:
            names = self.names()
            names.shared = {**names.shared, "st": NARROW}
            names.agent = names.atomic = True
            lines += ["agent dev {", "  var st: 0..1 = 0"]
            for n in range(self.rng.randint(1, 2)):
                self.budget = 2
                when = self.expression(BOOL, names, 1)
                body = self.block(names.inner(), 1)
                lines += [f"  step s{n} when {when} {{", *self.indented(self.indented(body)), "  }"]
            if self.rng.random() < 0.4:
                lines.append(f"  busy when {self.expression(BOOL, names, 1)}")
            lines.append("}")
        return lines

    def threads(self) -> list[str]:
        rng = self.rng
        count = rng.choice([2, 2, 2, 3])
        made = []
        for n in range(count):
            daemon = "daemon " if n and rng.random() < 0.2 else ""
            names = self.names()
            self.budget = rng.randint(2, 4) if count == 2 else rng.randint(1, 3)
            body = self.block(names, 0)
            if daemon:
                body = [f"await {self.expression(BOOL, names, 1)}", *body]
            made.append(
                [f"{daemon}thread t{n} on cpu {n % 2} {{", *self.indented(body), "}"]
            )
        if rng.random() < 0.25:
            rest = self.indented([line for part in made[1:] for line in part])
            inner = ["concurrent {", *rest, "}"]
            return ["ordered {", *self.indented([*made[0], *inner]), "}"]
        return ["concurrent {", *self.indented([line for part in made for line in part]), "}"]

    def checks(self, marks: list[str]) -> list[str]:
        rng = self.rng
        names = Names(shared={**self.shared, **self.ghosts})
        names.pure = True
        lines = []
        for n in range(rng.randint(1, 3)):
            kind = rng.choice(["always", "always", "finally", "reachable"])
            lines.append(f'{kind} "p{n}" {self.expression(BOOL, names, 2)}')
        if marks and rng.random() < 0.5:
            lines.append(f"property later {{ always {self.expression(BOOL, names, 2)} }}")
            lines.append(f"check later after {marks[0]}")
        if rng.random() < 0.1:
            conditions = [self.expression(BOOL, names, 1) for _ in range(2)]
            lines += ["expect outcomes {", *self.indented(conditions), "}"]
        return lines

    # ---- statements ---------------------------------------------------------

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

    def name(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

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

    # ---- expressions --------------------------------------------------------

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
