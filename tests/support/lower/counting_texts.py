"""Small scenarios of daemons that count their rounds, as texts, each from a seed.

Some counters are no mere counters: something else looks at them or sets them,
or they leave their range.
"""

from __future__ import annotations

import random

ODD = (
    "if n[{i}] == 1 { x = 1 }",
    "x = n[{i}]",
    "n[{i}] = 0",
    "atomic { await n[{i}] > 0; n[{i}] -= 1 }",
    "n[{i}] += 1",
    "total += 1",
    "row[total] = 1",
    'assert n[{i}] < 2 "few rounds"',
    "await n[{i}] == total",
    "await n[{i}] < K or f",
    "atomic { n[{i}] += 1; await n[{i}] < K }",
    "while n[{i}] < 1 { f = not f; n[{i}] += 1 }",
)
"""What no counter is used for, or not in every place."""

PLAIN = (
    "x = 1",
    "x = 0",
    "f = true",
    "f = false",
    "g = f",
    "y = x",
    "row[{i}] = x",
    "atomic { await not bit; bit = true }",
    "bit = false",
    "page = fresh",
    "disk = page",
    "if g { y = 2 }",
    "choose { x = 1 } or { y = 0 }",
    "await f or g",
    "await x == 0",
    'assert not (f and g) "apart"',
    'assert x == y "alike"',
)

CONDITIONS = ("not f", "x == y", "f implies g", "page == disk", "x != 2", "row[0] == 0", "not bit")


def counting_text(seed: int) -> str:
    """The scenario of a seed; its param K bounds the counters, whose range goes beyond it."""
    rng = random.Random(seed)
    lines = ["scenario counting", "param K = 1", "machine x86 { cpus 3 }"]
    lines += [f"var n[0..1]: 0..{rng.choice(('K', 'K', 'K + 1'))}", "var total: 0..2"]
    lines += ["var x: 0..2", "var y: 0..2", "var f: bool", "var g: bool", "var bit: bool"]
    lines += ["var row[0..2]: 0..2", "var page: version", "var disk: version", "concurrent {"]
    if rng.random() < 0.5:
        lines += ["  daemon thread twin[i in 0..1] {", *body(rng, "i"), "  }"]
    else:
        for i in "01":
            lines += [f"  daemon thread t{i} {{", *body(rng, i), "  }"]
    lines.append("}")
    if rng.random() < 0.5:
        bounded = rng.choice(("total < 2 and ", "total < 1 and ", ""))
        lines.append(f"agent device {{ step go when {bounded}not f {{ g = not g; total += 1 }} }}")
    for _ in range(rng.randint(0, 2)):
        kind = rng.choice(("always", "finally", "reachable"))
        asked = "total < 2" if rng.random() < 0.05 else rng.choice(CONDITIONS)
        lines.append(f"{kind} {asked}")
    return "\n".join(lines) + "\n"


def body(rng: random.Random, i: str) -> list[str]:
    lines = [rng.choice(("await n[{i}] < K", "atomic { await n[{i}] < K and not f; x = 0 }"))]
    lines += rng.choices(PLAIN, k=rng.randint(1, 3))
    if rng.random() < 0.3:
        lines.append(rng.choice(ODD))
    lines.append(rng.choice(("n[{i}] += 1", "atomic { page = fresh; n[{i}] += 1 }")))
    return ["    " + line.replace("{i}", i) for line in lines]
