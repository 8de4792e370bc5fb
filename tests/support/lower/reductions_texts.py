"""Small scenarios as texts, each from a seed: threads, locks, flags, agents, checks.

What a text says has no meaning; it is there to be reduced in every way.
"""

from __future__ import annotations

import random


def text(seed: int) -> str:
    """The scenario of a seed."""
    return _Writer(random.Random(seed)).scenario()


class _Writer:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.asserts = 0
        self.locals = 0
        self.replicas = rng.random() < 0.4
        self.sized = rng.choice((2, 2, 3))

    def scenario(self) -> str:
        rng = self.rng
        lines = ["scenario generated", "machine x86 { cpus 5 }"]
        lines += ["var x: 0..2", "var y: 0..2", "var f: bool", "var g: bool", "var bit: bool"]
        lines += ["var row[0..2]: 0..2", "var own[0..2]: 0..2", "var flags[0..2]: bool"]
        lines += ["var page: version", "var disk: version", "ghost var seen: 0..3"]
        lines += ["spinlock s", "mutex m", "var gate[0..1]: bool"]
        lines.append("concurrent {")
        if self.replicas:
            count = rng.choice((2, 2, 2, 3))
            kind = rng.choice(("", "", "daemon "))
            lines.append(f"  {kind}thread worker[i in 0..{count - 1}] {{")
            lines += self.body("i", rng.randint(2, 4), kind != "")
            lines.append("  }")
        for n in range(rng.choice((1, 1, 2)) if self.replicas else rng.choice((2, 2, 3))):
            kind = rng.choice(("", "", "", "daemon "))
            lines.append(f"  {kind}thread t{n} {{")
            lines += self.body(str(n % 3), rng.randint(2, 5), kind != "")
            lines.append("  }")
        lines.append("}")
        if rng.random() < 0.5:
            lines += self.agent()
        for _ in range(rng.randint(0, 2)):
            kind = rng.choice(("always", "always", "finally", "reachable"))
            lines.append(f"{kind} {self.condition('0')}")
        return "\n".join(lines) + "\n"

    def agent(self) -> list[str]:
        rng = self.rng
        lines = ["agent device {"]
        for n in range(rng.randint(1, 2)):
            when = rng.choice(("f", "not f", "x == 1", "flags[0]", "bit and x > 0", "g != f"))
            what = rng.choice(("f = not f", "x = 0", "flags[0] = false", "disk = page", "g = f"))
            lines.append(f"  step s{n} when {when} {{ {what} }}")
        if rng.random() < 0.2:
            lines.append(f"  busy when {rng.choice(('f', 'flags[0]', 'x == 2'))}")
        lines.append("}")
        return lines

    def body(self, i: str, length: int, daemon: bool) -> list[str]:
        lines = []
        if daemon:
            lines.append(f"    await {self.condition(i)}")
        for _ in range(length):
            lines += ["    " + line for line in self.statement(i, 0)]
        return lines

    def statement(self, i: str, depth: int) -> list[str]:
        rng = self.rng
        kinds = ["assign"] * 6 + ["await", "assert", "page", "local", "atomic"]
        if depth < 2:
            kinds += [
                "lock",
                "lock",
                "lock",
                "bitlock",
                "gate",
                "if",
                "choose",
                "repeat",
                "try",
                "while",
            ]
        match rng.choice(kinds):
            case "assign":
                return [self.assign(i)]
            case "await":
                return [f"await {self.condition(i)}"]
            case "assert":
                self.asserts += 1
                return [f'assert {self.condition(i)} "a{self.asserts}"']
            case "page":
                return [rng.choice(("page = fresh", "disk = page", "page = disk", "page = 0"))]
            case "local":
                self.locals += 1
                name = f"l{self.locals}"
                use = rng.choice(
                    (f"x = {name}", f"row[{i}] = {name}", f"if {name} == 1 {{ y = 1 }}")
                )
                return [f"let {name} = {rng.choice(('x', 'y', f'row[{i}]'))}", use]
            case "atomic":
                inner = [self.assign(i) for _ in range(rng.randint(1, 2))]
                if rng.random() < 0.5:
                    inner.insert(0, f"await {self.condition(i)}")
                return ["atomic {", *("  " + s for s in inner), "}"]
            case "lock":
                return self.around(f"lock {rng.choice('sm')} {{", "}", i, depth)
            case "bitlock":
                return [
                    "atomic { await not bit; bit = true }",
                    *self.block(i, depth),
                    "bit = false",
                ]
            case "gate":
                self.locals += 1
                name = f"l{self.locals}"
                return [
                    f"let {name} = {rng.choice(('0', '1', 'if f then 0 else 1'))}",
                    f"atomic {{ await not gate[{name}]; gate[{name}] = true }}",
                    *self.block(i, depth),
                    f"gate[{name}] = false",
                ]
            case "try":
                self.locals += 1
                name = f"l{self.locals}"
                return [
                    f"let {name} = trylock s",
                    f"if {name} {{",
                    *("  " + line for line in self.block(i, depth)),
                    "  unlock s",
                    "}",
                ]
            case "if":
                return [
                    *self.around(f"if {self.condition(i)} {{", "} else {", i, depth),
                    *("  " + line for line in self.block(i, depth)),
                    "}",
                ]
            case "choose":
                return [
                    *self.around("choose {", "} or {", i, depth),
                    *("  " + line for line in self.block(i, depth)),
                    "}",
                ]
            case "while":
                return self.around(f"while {self.condition(i)} {{", "}", i, depth)
        return self.around("repeat 2 {", "}", i, depth)

    def around(self, first: str, last: str, i: str, depth: int) -> list[str]:
        return [first, *("  " + line for line in self.block(i, depth)), last]

    def block(self, i: str, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.rng.randint(1, 2)):
            lines += self.statement(i, depth + 1)
        return lines

    def assign(self, i: str) -> str:
        rng = self.rng
        own = f"own[{i}]"
        return rng.choice(
            (
                "x = 1",
                "x = 0",
                "x = y",
                "y = x",
                "y = 2",
                "f = true",
                "f = false",
                "g = not g",
                "g = f or g",
                f"flags[{i}] = true",
                f"flags[{i}] = false",
                f"row[{i}] = x",
                f"{own} = 1",
                f"{own} = if {own} == 1 then 2 else 0",
                "if x < 2 { x += 1 }" if rng.random() < 0.2 else "y = 0",
                "seen = 1",
                f"{own} = y",
                "x += 1" if rng.random() < 0.3 else "f = not f",
            )
        )

    def condition(self, i: str) -> str:
        return self.rng.choice(
            (
                "f",
                "not f",
                "x == 0",
                "x != 2",
                "x == y",
                "f or g",
                f"flags[{i}]",
                "flags[0] implies flags[1]",
                f"row[{i}] == 0",
                f"own[{i}] < 2",
                "not bit",
                "not s.held",
                "page == disk",
                "x + y < 4",
                "(all k in 0..1: not flags[k])",
            )
        )
