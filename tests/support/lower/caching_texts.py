"""Small scenarios with entries that agents fill and drop at any time, as texts, each from a seed.

Of some, threads, checks or other agents do what is no cache's: they wait for an entry, ask what is
in it, or there is a value that is never dropped.
"""

from __future__ import annotations

import random

USES = (
    "atomic { if {t} > 0 { got = {t} } else { got = table } }",
    "atomic { if {t} > 0 { got = {t} } else { got = table } }",
    "atomic { if {t} == 0 and table > 0 { {t} = table }; got = {t} }",
    "atomic { if {t} == 0 and table > 0 { {t} = table }; if {t} == 2 { x = 1 } }",
    "atomic { if {t} > 0 { if {t} == 1 { page = fresh } else { disk = page } } else { x = 0 } }",
    'atomic { if {t} == 2 { assert table != 1 "what is used is there"; x = 2 } else { x = 1 } }',
    "atomic { if {t} == 0 { if table > 0 { {t} = table; dirty = true } } else { dirty = true } }",
    "atomic { await {t} == 0 or table == {t}; got = table }",
    "if {t} > 0 { got = {t} } else { got = table }",
    "got = {t}",
)
"""What looks into an entry."""

OTHERS = (
    "table = 0",
    "table = 1",
    "table = 2",
    "atomic { got = table; table = 0 }",
    "{t} = 0",
    "{t} = 0",
    "atomic { a = 0; b = 0 }",
    "asked = true",
    "await not asked",
    "if asked { x = 2 }",
    "page = fresh",
    "disk = page",
    "dirty = false",
    'assert not (dirty and table == 0) "what is dirty is there"',
    "choose { x = 1 } or { table = 0 }",
    "x = 0",
)

QUIET = tuple(line for line in OTHERS if not line.startswith("if asked"))

ODD = (
    "await {t} == 0",
    "await {t} == 1",
    "await {t} > 0",
    "await {t} > 0 or asked",
    "if {t} == 1 { x = 2 }",
    "while {t} == 2 { x = 1 }",
    'assert {t} != 2 "never the second"',
    "atomic { await {t} == 2; {t} = 0; x = 2 }",
    "atomic { await table > 0; {t} = table; x = table }",
    "{t} = 2",
    "atomic { if {t} == 0 { {t} = table } }",
    "while true { {t} = 0 }",
    "repeat 2 as i { choose { {t} = 0 } or { x = 1 } }",
)
"""What is not done to a cache, or shows what it holds."""

CONDITIONS = (
    "got <= table",
    "got == table",
    "got != 2",
    "x != 2",
    "not dirty",
    "dirty implies table > 0",
    "page == disk",
    "x == got",
    "table == 0 implies got == 0",
)

HARDWARE = (
    "may step drop when {t} > 0 { {t} = 0 }",
    "may step drop when {t} != 0 { {t} = 0 }",
    "may step drop { {t} = 0 }",
    "step drop when {t} > 0 { {t} = 0 }",
)
SOME_ONLY = "may step drop when {t} == 1 { {t} = 0 }"


def caching_text(seed: int) -> str:
    """The scenario of a seed: one or two entries, `a` and `b`, of one table."""
    rng = random.Random(seed)
    lines = ["scenario caching", "machine x86 { cpus 3 }"]
    lines += [f"var table: 0..2 = {rng.choice('0112')}", f"var a: 0..2 = {rng.choice('0001')}"]
    lines += ["var b: 0..2", "var got: 0..2", "var x: 0..2", "var asked: bool", "var dirty: bool"]
    lines += ["var page: version", "var disk: version"]
    entries = rng.choice(("a", "a", "ab"))
    for t in entries:
        lines += agent(rng, t)
    asking = rng.random() < 0.4
    if asking or rng.random() < 0.5:
        flushed = "; ".join(f"{t} = 0" for t in rng.choice((entries, entries, entries[0])))
        lines += ["agent ipi {", f"  step flush when asked {{ {flushed}; asked = false }}", "}"]
    if rng.random() < 0.15:
        seen = rng.choice(("a == 1", "a == 0", "a > 0 and table == 0"))
        lines += [f"agent other {{ may step look when {seen} and x < 2 {{ x = 2 }} }}"]
    lines.append("concurrent {")
    strange = rng.random() < 0.35
    changed = "    table = " + rng.choice("012")
    if asking:
        asks = rng.choice(("asked = true; await not asked", "asked = true"))
        changed = f"    {asks}\n{changed}"
    twins = rng.random() < 0.2
    for n in range(1 if twins else 2):
        kind = "daemon thread" if rng.random() < 0.2 else "thread"
        name = "twin[n in 0..1]" if twins else f"t{n}"
        lines += [f"  {kind} {name} {{", *body(rng, entries, strange, asking), changed, "  }"]
    lines.append("}")
    for _ in range(rng.randint(1, 3)):
        kind = rng.choice(("always", "finally", "finally", "reachable"))
        odd = rng.random() < 0.04
        lines.append(f"{kind} {'a != 2' if odd else rng.choice(CONDITIONS)}")
    if rng.random() < 0.3:
        lines.append(f"outcomes got, {rng.choice(('x', 'x', 'table', 'a'))}")
    return "\n".join(lines) + "\n"


def agent(rng: random.Random, t: str) -> list[str]:
    lines = [f"agent mmu_{t} {{"]
    what = rng.random()
    if what < 0.75:
        lines.append("may step fill when {t} == 0 and table > 0 { {t} = table }")
    elif what < 0.9:
        lines.append("may step fill when {t} == 0 and dirty and table > 0 { {t} = table }")
        lines.append("may step fill_more when {t} == 0 and table == 1 { {t} = 2 }")
    lines.append(rng.choice(HARDWARE) if rng.random() < 0.92 else SOME_ONLY)
    if rng.random() < 0.05:
        lines.append("busy when {t} == 2")
    return [line.replace("{t}", t) for line in [*lines, "}"]]


def body(rng: random.Random, entries: str, strange: bool, asking: bool) -> list[str]:
    """asking: mostly without what would find out that nobody has answered yet."""
    lines = []
    for _ in range(rng.randint(1 if asking else 2, 3 if asking else 4)):
        kind = rng.random()
        others = OTHERS if not asking or rng.random() < 0.1 else QUIET
        some = ODD if strange and kind < 0.3 else USES if kind < 0.6 else others
        lines.append(rng.choice(some).replace("{t}", rng.choice(entries)))
    return ["    " + line for line in lines]
