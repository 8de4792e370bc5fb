"""The codes of diagnostics of parameters that are cells, literals, results, queues, extensions
and tokens.

`codes.py` says what a code has.
"""

from __future__ import annotations

FORMS: dict[str, tuple[str, str, str]] = {
    "MM222": (
        "a token of another execution",
        '`expect violated x by "token"` names the execution that is shown, by the token that '
        "`mmscn run` prints below it. It is one of this scenario, under params that there are and "
        "that the expectation is for.",
        """scenario s
var x: bool
thread a { x = true }
finally "x stays" not x
expect violated "x stays" by "mm1:other::c11570:AVJw"
""",
    ),
    "MM315": (
        "a constant that is not known before the run",
        "`const` names a number, a word, an element or a list, made of params, knobs and other "
        "constants. State changes, and has no constant value; nor has what is made of itself.",
        """scenario s
var x: 0..3
const N = x + 1
thread a { x = N }
""",
    ),
    "MM316": (
        "a struct in which nothing stays as it was",
        "`old with dirty = true` is `old` but for the members that are named. Where all of them "
        "are, it does not depend on `old`, and the struct is written out: `flags(dirty = true)`.",
        """scenario s
struct flags { dirty: bool; young: bool }
var x: flags
thread a { x = x with dirty = true, young = false }
""",
    ),
    "MM410": (
        "a value where a cell is wanted",
        "A parameter `var c` stands for a cell, which the procedure reads and writes. A constant, "
        "what is computed, and a name that is bound once by `let`, by a loop or as an argument are "
        "values. Which element of a local array is meant must be known at such a call.",
        """scenario s
proc set_bit(var c) { c = true }
thread a { call set_bit(true) }
""",
    ),
    "MM411": (
        "not as many values as are returned",
        "`return a, b` gives back several values, and `let x, y = f()` binds as many names. Every "
        "`return` of a procedure gives back as many; an expression takes one.",
        """scenario s
var x: 0..3
proc f() { return x, true }
thread a { let old = f() }
""",
    ),
    "MM412": (
        "nothing to choose from",
        "`choose x in list` takes any member of the list, and this list has none.",
        """scenario s
thread a { choose i in 1..0 { } }
""",
    ),
}
