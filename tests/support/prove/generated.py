"""Programs of threads that are alike, made from numbers: for proofs to be compared with searches.

They have what a proof has to be careful with: owners of locks, rows that others write to and
wait for, contents that are handed on, names of threads in shared variables, counts, loops over
all threads, agents.
"""

from __future__ import annotations

from random import Random

HEAD = """scenario generated
param N = 1 | 2
machine x86 { cpus N + 1 }
var x: 0..2
var flag: bool
var who: thread
var content: version
var kept: version
spinlock l
mutex m
var row[0..N - 1]: 0..2
var asked[0..N - 1]: bool
"""

MINE = (
    "x = 1",
    "x = 0",
    "flag = true",
    "flag = false",
    "row[c] = 1",
    "row[c] = x",
    "row[c] = 0",
    "asked[c] = false",
    "await flag",
    "await not asked[c]",
    "who = current",
    "who = none",
    "await who == none",
    "atomic { await who == none; who = current }",
    "content = fresh",
    "kept = content",
    "let seen{n} = content; kept = seen{n}",
    "let made{n} = fresh; await flag; content = made{n}",
    "let made{n} = fresh; choose { content = made{n} } or { kept = made{n}; x = 1 }",
    "let made{n} = fresh; kept = made{n}; content = made{n}",
    "if who == current { flag = not flag }",
    "if row[c] == 1 { x = 2 }",
    "lock l { x = 0; flag = true }",
    "lock m { row[c] = 2; x = 1 }",
    "atomic { await x < 2; x += 1 }",
    "atomic { await x > 0; x -= 1 }",
    "await all d in 0..N - 1: not asked[d]",
    "await any d in 0..N - 1: row[d] == 2",
    "if any d in 0..N - 1: d != c and row[d] == 1 { flag = true }",
    "choose { x = 1 } or { flag = false }",
    'assert kept == content "kept"',
    'assert x < 2 "small"',
    'assert not flag "no flag"',
    'assert who == current or who == none "mine"',
    'assert who == current "mine"',
)
THEIRS = (
    "x = 0",
    "x = 2",
    "flag = true",
    "await flag",
    "who = none",
    "content = fresh",
    "kept = content",
    "atomic { for d in 0..N - 1 { asked[d] = true } }",
    "atomic { for d in 0..N - 1 { if row[d] == 1 { row[d] = 0 } } }",
    "await all d in 0..N - 1: row[d] == 0",
    "await any d in 0..N - 1: asked[d]",
    "await (count d in 0..N - 1: row[d] == 1) >= 2",
    "if all d in 0..N - 1: row[d] == 1 { flag = false }",
    "atomic { for d in 0..N - 1 { if row[d] == 2 { x = 1 } } }",
    "lock l { kept = content; x = 1 }",
    "lock m { await not flag }",
    'assert any d in 0..N - 1: row[d] == 0 "somebody"',
    'assert x == 0 or flag "either"',
)
ALWAYS = (
    "x < 2",
    "all d in 0..N - 1: row[d] < 2",
    "all d in 0..N - 1: all e in 0..N - 1: d == e or not (row[d] == 1 and row[e] == 1)",
    "not flag or x == 1",
    "who == none or flag",
    "(count d in 0..N - 1: row[d] == 2) <= 3",
)
AGENT = """agent irq[c in 0..N - 1] {
  step take when asked[c] { asked[c] = false; %s }
}
"""


def program(seed: int) -> str:
    """The text of a program; the thread `many` may be many."""
    random = Random(seed)
    kind = random.choice(("daemon ", ""))
    mine = body(random, MINE, random.randint(1, 4))
    theirs = body(random, THEIRS, random.randint(0, 3))
    text = HEAD
    text += "concurrent {\n"
    text += f"  {kind}thread many[c in 0..N - 1] on cpu c {{\n{mine}  }}\n"
    if theirs:
        text += f"  thread other on cpu N {{\n{theirs}  }}\n"
    text += "}\n"
    if random.random() < 0.4:
        text += AGENT % random.choice(("row[c] = 0", "row[c] = 1", "flag = true"))
    if random.random() < 0.8:
        text += f'always "state" {random.choice(ALWAYS)}\n'
    if random.random() < 0.4:
        text += f'finally "end" {random.choice(ALWAYS)}\n'
    return text


def body(random: Random, choices: tuple[str, ...], many: int) -> str:
    chosen = [random.choice(choices).replace("{n}", str(n)) for n in range(many)]
    return "".join(f"    {statement}\n" for statement in chosen)
