"""The codes of diagnostics of parameters that are cells, literals, results, queues, extensions
and tokens.

`codes.py` says what a code has.
"""

from __future__ import annotations

FORMS: dict[str, tuple[str, str, str]] = {
    "MM222": (
        "a token of another execution",
        "`expect violated x by \"token\"` names the execution that is shown, by the token that "
        "`mmscn run` prints below it. It is one of this scenario, under params that there are and "
        "that the expectation is for.",
        """scenario s
var x: bool
thread a { x = true }
finally "x stays" not x
expect violated "x stays" by "mm1:other::c11570:AVJw"
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
}
