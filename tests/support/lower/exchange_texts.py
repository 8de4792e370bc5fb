"""Small scenarios of threads from one declaration, each from a seed, some of them told apart.

What stands in each thread is what defeats an exchange where it is not renamed with it: contents,
owners, sets and rows of CPUs, numbers, locks, interrupts. Half of the texts have one thing more
that one thread alone does, or that a check or the beginning knows of one thread alone.
"""

from __future__ import annotations

import random

STEPS = (
    "page = fresh",
    "page = mine",
    "disk = page",
    "cached[this_cpu] = page",
    "cached[this_cpu] = mine",
    "page = cached[this_cpu]",
    "owner = this_cpu",
    "if owner == this_cpu { owner = none }",
    "who = current",
    "if who == current { who = none }",
    "mask[this_cpu] = true",
    "mask[this_cpu] = false",
    "atomic { for d in cpu { if d != this_cpu { asked[d] = true } } }",
    "asked[this_cpu] = false",
    "if asked[this_cpu] { x = 1 }",
    "last = i",
    "if last == i { last = 3 }",
    "x = 1",
    "x = 0",
    "if page == mine { x = 1 }",
    "if page == disk { x = 0 }",
    'assert page != mine or x == 0 "a{n}"',
    'assert owner != this_cpu or who != current "b{n}"',
    "lock s { x = 1; disk = page; x = 0 }",
    "lock s { page = mine; mask[this_cpu] = true }",
    "choose { page = mine } or { owner = this_cpu }",
    "atomic { await not bit; bit = true }; x = 1; bit = false",
)

TOLD = (
    ("body", "if i == 1 { x = 1 }"),
    ("body", "if i == 0 { page = fresh }"),
    ("body", "page = i"),
    ("body", 'if i == 1 { assert x == 0 "only one" }'),
    ("body", "if i == 0 { cached[this_cpu] = 1 }"),
    ("body", "if owner == cpu 0 { x = 1 }"),
    ("other", "thread other { page = 1; disk = page }"),
    ("other", "thread other { mask[cpu 0] = true; owner = cpu 1 }"),
    ("other", "thread other { if asked[cpu 1] { x = 1 } }"),
    ("init", "page = 1"),
    ("init", "cached[cpu 0] = 2"),
    ("init", "owner = cpu 0"),
    ("check", "always page != 1 or x == 0"),
    ("check", "finally cached[cpu 0] != 2"),
    ("check", "reachable cached[cpu 0] == 1"),
    ("check", "finally not mask[cpu 0]"),
    ("check", "reachable disk == 2"),
    ("check", "always owner != cpu 1 or not asked[cpu 0]"),
    ("check", "reachable mask[cpu 1] and not mask[cpu 0]"),
    ("check", "always mask[cpu 1] or not mask[cpu 0]"),
    ("check", "reachable owner == cpu 1 and x == 0"),
    ("check", "always owner != cpu 1 or x == 0"),
    ("check", "always last != 1 or x == 0"),
    ("check", "reachable asked[cpu 1] and not asked[cpu 0]"),
)

CHECKS = (
    "always x == 0 or page != disk",
    "finally page == disk",
    "finally owner == none",
    "reachable all d in cpu: d.number > 1 or mask[d]",
    "finally all d in cpu: cached[d] != page or not asked[d]",
    "reachable who == none and last < 3",
)


def text(seed: int) -> str:
    """The scenario of a seed."""
    rng = random.Random(seed)
    where, more = rng.choice(TOLD) if rng.random() < 0.5 else ("", "")
    many = rng.choice((2, 2, 2, 3))
    steps = [rng.choice(STEPS).replace("{n}", str(n)) for n in range(rng.randint(2, 4))]
    if where == "body":
        steps.insert(rng.randint(0, len(steps)), more)
    before = ["let mine = fresh"] if rng.random() < 0.8 else ["let mine = page"]
    lines = ["scenario generated", "machine x86 { cpus 4 }"]
    lines += ["var page: version", "var disk: version", "var cached[cpu]: version"]
    lines += ["var owner: cpu", "var who: thread", "var mask: set of cpu", "var asked[cpu]: bool"]
    lines += ["var last: 0..3 = 3", "var x: 0..1", "var bit: bool", "spinlock s"]
    if where == "init":
        lines.append(f"init {{ {more} }}")
    lines.append("concurrent {")
    lines.append(f"  thread w[i in 0..{many - 1}] on cpu i {{")
    lines += [f"    {step}" for step in before + steps]
    lines.append("  }")
    if where == "other":
        lines.append(f"  {more}")
    elif rng.random() < 0.4:
        lines.append("  thread z { disk = page; page = fresh; x = 0 }")
    lines.append("}")
    lines.append(rng.choice(CHECKS))
    if where == "check":
        lines.append(more)
    return "\n".join(lines) + "\n"
