"""Small scenarios, each from a seed, in which somebody stands still or seems to.

Daemons that exchange contents, store fresh ones for ever, count, or write what nobody
reads, beside threads that wait for what may never come.
"""

from __future__ import annotations

import random

CONTENTS = ("x", "y", "z")


def standing_text(seed: int) -> str:
    """The scenario of a seed."""
    return _Writer(random.Random(seed)).scenario()


class _Writer:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.locals = 0
        self.cells = CONTENTS

    def scenario(self) -> str:
        rng = self.rng
        lines = ["scenario standing", "machine x86 { cpus 5 }"]
        lines += [f"var {x}: version{rng.choice(('', '', ' = 1'))}" for x in CONTENTS]
        lines += ["var never: bool", "var go: bool", "var dead: bool", "var n: 0..2"]
        lines += ["ghost var seen: version", "ghost var told: 0..1", "spinlock s"]
        lines.append("concurrent {")
        quiet = rng.random() < 0.5
        if quiet:
            self.cells = CONTENTS[: rng.choice((2, 2, 3))]
        for t in range(rng.choice((1, 1, 2))):
            body = [self.store() if quiet else self.step() for _ in range(rng.randint(0, 4))]
            wait = "await never" if quiet else self.wait()
            lines.append(f"  thread t{t} {{ {'; '.join([*body, wait])} }}")
        for d in range(rng.choice((0, 1, 1, 1, 2)) if not quiet else 1):
            body = [self.step() for _ in range(rng.choice((1, 1, 1, 1, 2, 3)))]
            if quiet:
                body = [self.exchange()]
            lines.append(f"  daemon thread d{d} {{ {'; '.join(body)} }}")
        lines.append("}")
        if rng.random() < 0.5:
            lines.append(f"agent device {{ {self.device()} }}")
        for _ in range(rng.randint(0, 2)):
            kind = rng.choice(("always", "finally", "reachable"))
            lines.append(f"{kind} {self.asked()}")
        return "\n".join(lines) + "\n"

    def contents(self) -> tuple[str, str]:
        one, other = self.rng.sample(self.cells, 2)
        return one, other

    def store(self) -> str:
        """A step that may leave a content behind where nobody looks."""
        x, y = self.contents()
        self.locals += 1
        m = f"m{self.locals}"
        return self.rng.choice(
            (f"{x} = fresh", f"{x} = fresh", f"{x} = fresh", f"let {m} = {x}", f"let {m} = {x}",
             f"seen = {x}", f"{x} = {y}", f"atomic {{ let {m} = fresh; {x} = {m}; {y} = {m} }}")
        )  # fmt: skip

    def exchange(self) -> str:
        """A step that changes contents alone."""
        x, y = self.contents()
        self.locals += 1
        m = f"m{self.locals}"
        return self.rng.choice(
            (f"atomic {{ let {m} = {x}; {x} = {y}; {y} = {m} }}", f"{x} = fresh", f"{x} = {y}",
             f"atomic {{ let {m} = {x}; {x} = {y}; {y} = {m} }}", f"let {m} = {x}",
             f"atomic {{ let {m} = x; x = y; y = z; z = {m} }}", "seen = fresh")
        )  # fmt: skip

    def step(self) -> str:
        x, y = self.contents()
        self.locals += 1
        m = f"m{self.locals}"
        return self.rng.choice(
            (
                f"{x} = fresh",
                f"{x} = {y}",
                f"{x} = {self.rng.choice((0, 1))}",
                f"let {m} = {x}",
                f"let {m} = {x}; {y} = {m}",
                f"atomic {{ let {m} = {x}; {x} = {y}; {y} = {m} }}",
                f"atomic {{ let {m} = fresh; {x} = {m}; {y} = {m} }}",
                f"atomic {{ let {m} = x; x = y; y = z; z = {m} }}",
                f"{x} = fresh; seen = {x}",
                f"{x} = {y}; told = 1 - told",
                "dead = not dead",
                "dead = true",
                f"let {m} = dead",
                f"if {x} == {y} {{ go = true }}",
                "go = not go",
                "await go",
                f"await {x} != {y}",
                "atomic { if n < 2 { n += 1 } else { n = 0 } }",
                "atomic { await n < 2; n += 1 }",
                "lock s { }",
                f"lock s {{ {x} = {y} }}",
                f"choose {{ {x} = {y} }} or {{ {y} = {x} }}",
            )
        )

    def wait(self) -> str:
        x, y = self.contents()
        return self.rng.choice(
            ("await never", "await never", "await go", f"await {x} == {y}", "await n == 2",
             f"while {x} != {y} {{ }}", f"while not go {{ {x} = {y} }}", "lock s",
             f"while true {{ {x} = fresh }}", "while true { dead = not dead }")
        )  # fmt: skip

    def device(self) -> str:
        x, y = self.contents()
        when = self.rng.choice(("", f" when {x} != {y}", " when n == 1", " when not go"))
        what = self.rng.choice(
            (f"{x} = {y}", f"{x} = fresh", "dead = not dead", "go = true",
             f"let w = {x}; {x} = {y}; {y} = w")
        )  # fmt: skip
        return f"step work{when} {{ {what} }}"

    def asked(self) -> str:
        x, y = self.contents()
        return self.rng.choice(
            (f"{x} == {y}", f"{x} != {y}", f"{x} == 0", "not go", "n != 2", f"seen == {x}")
        )
