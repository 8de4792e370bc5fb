"""Random scenarios, as text: small worlds in which everything of the language meets everything.

The text is made from a seed and is the same in every run. Most of it makes
sense to the checker; what does not is rejected with a diagnostic, which is
fine too. What is generated is kept small, so that the oracle can walk it.
"""

from __future__ import annotations

import random

from support.strategies_body import Bodies
from support.strategies_terms import (
    BOOL,
    COLOURS,
    ENTRY,
    ENUM,
    FRAME,
    LOCKS,
    NARROW,
    NUMBERS,
    PAIR,
    VERSION,
    WIDE,
    Names,
)


def scenario_text(seed: int) -> str:
    """The text of one random scenario."""
    return Scenario(random.Random(seed)).text(f"generated_{seed}")


class Scenario(Bodies):
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
            made.append([f"{daemon}thread t{n} on cpu {n % 2} {{", *self.indented(body), "}"])
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
