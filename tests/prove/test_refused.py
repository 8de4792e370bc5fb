"""Side conditions: what is refused, with which reason, and what is proved beside it.

Each refused program would be wrong to prove from what three threads do: the comment says with how
many it breaks. Each has a neighbour that is proved.
"""

from __future__ import annotations

import typing

import pytest
from support.prove.told import told

from mmscn.syntax import tree as t

PROVED = "proved"
BROKEN = "not proved"

HEAD = """scenario s
param N = 1 | 2
machine x86 { cpus N + 1 }
var x: 0..7
var flag: bool
var row[0..N - 1]: 0..1
var who: thread
spinlock l
"""


def scenario(many: str, rest: str = "") -> str:
    threads = f"daemon thread many[c in 0..N - 1] on cpu c {{ {many} }}"
    return f"{HEAD}concurrent {{ {threads} }}\n{rest}"


FLAGS = "concurrent { daemon thread boss on cpu N { flag = true; flag = false } }\n"
ONE = "row[c] = 1; row[c] = 0"

CASES = {
    "a turn of the name of a number is a number like others": (  # breaks with three
        scenario("atomic { for d in 0..N - 1 { repeat 2 as c { if d == c { row[d] = 1 } } } }"),
        "`d` is used for more than to say which one",
    ),
    "a mutex excludes": (
        scenario("lock l { x = 1; assert x == 1; x = 0 }"),
        PROVED,
    ),
    "no lock excludes nobody": (
        scenario("x = 1; assert x == 1; x = 0"),
        BROKEN,
    ),
    "five are counted": (  # breaks with five
        scenario(ONE, "always (count c in 0..N - 1: row[c] == 1) < 5"),
        "a value depends on many of them",
    ),
    "six are counted by a loop": (  # breaks with six
        scenario(
            ONE + '; atomic { var n: 0..7 = 0; for d in 0..N - 1 { if row[d] == 1 { n += 1 } }; '
            'assert n < 6 "few" }',
        ),
        "a step looks at too many of them",
    ),
    "six are counted in a shared variable": (  # breaks with six
        scenario(
            ONE + "; atomic { x = 0; for d in 0..N - 1 { if row[d] == 1 { x += 1 } }; "
            'assert x < 6 "few"; x = 0 }',
        ),
        "a step looks at too many of them",
    ),
    "six leave a range": (  # breaks with eight
        scenario(
            ONE + "; atomic { x = 0; for d in 0..N - 1 { if row[d] == 1 { x += 1 } }; x = 0 }"
        ),
        "a step looks at too many of them",
    ),
    "what nobody looks at may count": (
        scenario(
            ONE + '; atomic { flag = false; for d in 0..N - 1 { told += 1 } }; '
            'assert not flag "no flag"',
            "ghost var told: 0..3",
        ),
        PROVED,
    ),
    "five are counted one by one": (  # breaks with five, and is seen to
        scenario("row[c] = 1; atomic { await x < 7; x += 1 }; row[c] = 0", "always x < 5"),
        BROKEN,
    ),
    "a number decides": (  # breaks with seven
        scenario(ONE + "; if N == 7 { flag = true }", "always not flag"),
        "`N` decides more here than how many there are",
    ),
    "one of them is another": (  # breaks with seven
        scenario(ONE + "; if c == 6 { flag = true }", "always not flag"),
        "`c` is used for more than to say which one",
    ),
    "one of them is another, in a procedure": (  # breaks with seven
        scenario(
            ONE + "; call last(c)", "proc last(d) { if d > 5 { flag = true } }\nalways not flag"
        ),
        "`d` is used for more than to say which one",
    ),
    "the CPU of one of them": (
        scenario(ONE + "; if this_cpu == cpu 6 { flag = true }", "always not flag"),
        "`cpu 6` is one of them, or none, by number",
    ),
    "the number of a CPU": (
        scenario(ONE + "; if this_cpu.number == 6 { flag = true }", "always not flag"),
        "the number of an element is looked at",
    ),
    "as many as there are": (  # breaks with six
        scenario("repeat N { atomic { await x < 7; x += 1 } }", "always x < 6"),
        "`N` decides more here than how many there are",
    ),
    "one of them is another, by choice": (  # breaks with seven
        scenario(ONE + "; choose d in 0..N - 1 { if d == 6 { flag = true } }", "always not flag"),
        "`d` is used for more than to say which one",
    ),
    "one of them is another, by choice for the rest": (  # breaks with seven
        scenario(ONE + "; choose d in 0..N - 1; if d == 6 { flag = true }", "always not flag"),
        "`d` is used for more than to say which one",
    ),
    "any one of them is chosen": (
        scenario(ONE + "; choose d in 0..N - 1 { assert row[d] < 2 }", "always not flag"),
        PROVED,
    ),
    "a constant is as many as there are": (  # breaks with seven
        scenario(ONE + "; if LAST == 6 { flag = true }", "const LAST = N - 1\nalways not flag"),
        "`N` decides more here than how many there are",
    ),
    "a constant is a list of them": (  # breaks with seven
        scenario(
            ONE + "; for d in ALL { if d == 6 { flag = true } }",
            "const ALL = 0..N - 1\nalways not flag",
        ),
        "`ALL` is a list of them under another name",
    ),
    "a number means two things": (
        scenario(
            ONE + "; let c, d = both(); x = 0",
            "proc both() { return 1, 2 }\nalways not flag",
        ),
        "`c` means two things here",
    ),
    "an order among them": (
        scenario("if all d in 0..N - 1: d <= c { flag = true }", "always not flag"),
        "`d` is used for more than to say which one",
    ),
    "a table of two of them": (
        scenario(
            "atomic { for d in 0..N - 1 { told[c, d] = true } }; "
            "await all d in 0..N - 1: told[d, c]",
            "var told[0..N - 1, 0..N - 1]: bool",
        ),
        "is of two of them",
    ),
    "somebody else's name is not one name": (  # breaks with four
        scenario(
            "who = current; let seen = who; let again = who; "
            'assert seen == again or seen == current or again == current "same"',
        ),
        BROKEN,
    ),
    "a reference is counted": (  # holds, but what is counted is more than two tell
        scenario(
            "choose { atomic { await flag and x < 7; x += 1 }; assert flag; x -= 1 } "
            "or { atomic { await x == 0; flag = not flag } }"
        ),
        BROKEN,
    ),
    "a reference is somebody's": (
        scenario(
            "choose { atomic { await flag; row[c] = 1 }; assert flag; row[c] = 0 } "
            "or { atomic { await all d in 0..N - 1: row[d] == 0; flag = not flag } }"
        ),
        PROVED,
    ),
    "who is not looked at may be on its way": (  # holds, but for what a fourth one may have
        scenario(
            "choose { await flag; x = 1 } or "
            "{ atomic { await not flag; flag = true }; flag = false }",
            'finally "in the end" not flag',
        ),
        BROKEN,
    ),
    "one lock, any owner": (
        scenario("lock l { who = current; assert who == current; who = none }"),
        PROVED,
    ),
    "at most one is in": (
        scenario(
            "lock l { row[c] = 1; row[c] = 0 }",
            "always all c in 0..N - 1: all d in 0..N - 1: c == d or row[c] == 0 or row[d] == 0",
        ),
        PROVED,
    ),
    "all are told, and waited for": (
        scenario(
            "await row[c] == 1; row[c] = 0",
            "concurrent { daemon thread boss on cpu N { "
            "atomic { for d in 0..N - 1 { row[d] = 1 } }; await all d in 0..N - 1: row[d] == 0; "
            'flag = true; assert all d in 0..N - 1: row[d] == 0 "all"; flag = false } }',
        ),
        PROVED,
    ),
    "who has a lock is not at rest": (
        scenario("lock l { x = 1; await flag; x = 0 }", FLAGS + 'finally "end" x == 0').replace(
            "daemon thread many", "thread many"
        ),
        PROVED,
    ),
    "who has a lock leaves it so": (
        scenario("lock l { x = 1 }", FLAGS + 'finally "end" x == 0').replace(
            "daemon thread many", "thread many"
        ),
        BROKEN,
    ),
    "who has a lock is among those that are looked at": (
        scenario(
            "lock l { row[c] = 1; await flag; x = 1; await flag; x = 0; await flag; row[c] = 0 }",
            f"{FLAGS}always (all c in 0..N - 1: row[c] == 0) implies x == 0",
        ),
        PROVED,
    ),
    "who has a lock breaks it": (
        scenario(
            "lock l { row[c] = 1; x = 1; await flag; row[c] = 0; x = 0 }",
            f"{FLAGS}always (all c in 0..N - 1: row[c] == 0) implies x == 0",
        ),
        BROKEN,
    ),
    "what comes back from a procedure is looked at once": (
        scenario(
            "row[c] = 1; row[c] = 0",
            "concurrent { daemon thread boss on cpu N { atomic { let q = call quiet(); "
            "if q { x = 1 } }; x = 0 } } proc quiet() { return all d in 0..N - 1: row[d] == 0 }",
        ).replace(" proc", "\nproc"),
        PROVED,
    ),
    "what is looked at again and again": (
        scenario(
            "row[c] = 1",
            "concurrent { daemon thread boss on cpu N { atomic { "
            "while any d in 0..N - 1: row[d] == x { x = if x < 2 then x + 1 else x } } } }",
        ),
        "looks at too many",
    ),
    "one that is in is enough": (
        scenario(
            "await not flag; row[c] = 1; row[c] = 0",
            "concurrent { daemon thread boss on cpu N { "
            'await any d in 0..N - 1: row[d] == 1; assert x == 0 "none"; flag = true; '
            "flag = false } }",
        ),
        PROVED,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_refused_has_its_reason(name: str) -> None:
    text, wanted = CASES[name]
    ends = told(text)
    if wanted in (PROVED, BROKEN):
        assert ends == wanted
    else:
        assert wanted in ends


BINDING = {"Let", "LetSeveral", "LocalVar", "For", "Repeat", "ChooseOne"}
OTHERS = {
    "Assign", "Update", "CallStmt", "If", "While", "Choose", "Await", "Atomic", "Goto", "LabelMark",
    "Return", "Break", "Continue", "Exit", "Assert", "Bug", "Mark", "Store", "Fence", "Flush",
    "Lock", "Unlock", "SourceNote",
}  # fmt: skip


def test_every_statement_was_looked_at() -> None:
    """One that gives a name to what it goes over is a way around the conditions of `uniform`."""
    assert {kind.__name__ for kind in typing.get_args(t.Stmt)} == BINDING | OTHERS
