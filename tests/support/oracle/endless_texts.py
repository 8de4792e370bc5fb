"""Small scenarios that go round: loops, daemons, hardware, locks of each kind, a `goto again`.

Of the part that SPIN judges (`spin`) are those without hardware, and with bitlocks alone: there
who waits for a lock is treated as who awaits a condition.
"""

from __future__ import annotations

import random

NAMES = {"b0": "bool", "b1": "bool", "n0": "0..2"}
KINDS = ("spinlock", "mutex", "bitlock")


def endless_text(seed: int, *, spin: bool = False) -> str:
    """The text of the scenario of a seed."""
    return Writer(random.Random(f"{seed} {spin}"), spin).text(f"endless_{seed}")


class Writer:
    def __init__(self, rng: random.Random, spin: bool) -> None:
        self.rng = rng
        self.spin = spin
        self.count = 0

    def text(self, name: str) -> str:
        rng = self.rng
        lines = [f"scenario {name}", "machine x86 { cpus 3 }"]
        lines += [f"var {n}: {type_}" for n, type_ in NAMES.items()]
        kinds = ["bitlock" if self.spin else rng.choice(KINDS) for _ in range(2)]
        lines += [f"{kind} l{n}" for n, kind in enumerate(kinds)]
        lines.append("concurrent {")
        for n in range(rng.choice([2, 2, 2, 3])):
            daemon = "daemon " if n and rng.random() < 0.35 else ""
            lines += [f"  {daemon}thread t{n} on cpu {n} {{", *self.block(2, ("l0", "l1")), "  }"]
        lines.append("}")
        if not self.spin and rng.random() < 0.5:
            lines.append("agent hw {")
            for n in range(rng.randint(1, 2)):
                word = "may " if rng.random() < 0.3 else ""
                lines.append(f"  {word}step s{n} when {self.condition(1)} {{ {self.assign()} }}")
            lines.append("}")
        lines.append("check no_livelock")
        lines.append(f'eventually "e" {self.condition(1)}')
        lines.append(f'always "l" {self.condition(1)} leads to {self.condition(1)}')
        return "\n".join(lines) + "\n"

    def block(self, depth: int, free: tuple[str, ...]) -> list[str]:
        """A few statements; the first is a step."""
        lines = [self.assign()]
        if self.rng.random() < 0.6:
            lines = self.statement(depth, free)
        for _ in range(self.rng.randint(0, 2)):
            lines += self.statement(depth, free)
        return lines

    def statement(self, depth: int, free: tuple[str, ...]) -> list[str]:
        kind = self.rng.randint(0, 10) if depth else 0
        self.count += 1
        label = f"again{self.count}"
        match kind:
            case 3 | 4:
                return [f"await {self.condition(1)}"]
            case 5:
                return [f"while {self.condition(1)} {{", self.assign(), "}"]
            case 6:
                return [f"{label}:", *self.block(depth - 1, free),
                        f"if {self.condition(1)} {{ goto {label} }}"]  # fmt: skip
            case 7:
                return ["choose {", *self.block(depth - 1, free), "} or {", self.assign(), "}"]
            case 8:
                return [f"if {self.condition(1)} {{", *self.block(depth - 1, free), "}"]
            case 9 if free:
                lock = self.rng.choice(free)
                rest = tuple(name for name in free if name != lock)
                return [f"lock {lock} {{", *self.block(depth - 1, rest), "}"]
            case 10 if free and not self.spin:
                lock = self.rng.choice(free)
                return [f"{label}:", f"let got{self.count} = trylock {lock}",
                        f"if not got{self.count} {{ goto {label} }}", self.assign(),
                        f"unlock {lock}"]  # fmt: skip
        return [self.assign()]

    def assign(self) -> str:
        name = self.rng.choice(list(NAMES))
        if NAMES[name] == "bool":
            other = "b0" if name == "b1" else "b1"
            return f"{name} = {self.rng.choice(['true', 'false', f'not {name}', other])}"
        return f"n0 = {self.rng.choice(['0', '1', '2', 'if n0 < 2 then n0 + 1 else 0'])}"

    def condition(self, depth: int) -> str:
        if depth and self.rng.random() < 0.3:
            op = self.rng.choice(["and", "or"])
            return f"({self.condition(depth - 1)} {op} {self.condition(depth - 1)})"
        if self.rng.random() < 0.6:
            return self.rng.choice(["b0", "b1", "not b0", "not b1"])
        return f"n0 {self.rng.choice(['==', '!=', '<'])} {self.rng.randint(0, 2)}"
