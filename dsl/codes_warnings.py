"""The codes of warnings: what nothing uses, and what is not as it looks.

`codes.py` says what a code has.
"""

from __future__ import annotations

WARNINGS: dict[str, tuple[str, str, str]] = {
    "MM601": (
        "nothing reads this",
        "A warning. The param, knob, variable, lock, enum or struct is declared, and no text "
        "reads it; storing in it does not count. A param that is to choose the values of a "
        "module's knob has just its name.",
        """scenario s
param flush_kinds = ipi | broadcast
""",
    ),
    "MM602": (
        "nothing calls this",
        "A warning. Nothing that runs leads to this procedure or hook, in any combination of "
        "the params; a handler waits for a hook that nothing calls. Mostly a name is misspelt, "
        "or `override` is meant.",
        """scenario s
proc try_to_unmap_onee(page) { }
""",
    ),
    "MM603": (
        "nothing asks for this",
        "A warning. A property is judged where `check` names it, and a mark matters where a "
        "`check ... after` or a condition names it.",
        """scenario s
property quiet { always true }
""",
    ),
    "MM604": (
        "an import without use",
        "A warning. Nothing that this module declares is named here, and none of its agents, "
        "`init` or handlers has anything to do.",
        """scenario s
import linux.fs
""",
    ),
    "MM605": (
        "a value that is never met",
        "A warning. The word is compared with a param, a knob, or a variable or attribute of an "
        "enum, that never has it, or the number with a variable of other numbers, so the "
        "comparison always comes out the same.",
        """scenario s
param order = first | last
param kind = small | large
var x: bool
thread t { if order == small { x = true } }
always kind == large implies not x
""",
    ),
    "MM606": (
        "a condition that is never met",
        "A warning. The `when` of this procedure, check or expectation holds in no combination "
        "of the params.",
        """scenario s
param order = first | last
var x: bool
thread t { x = true }
always x or not x
expect holds when order == first and order == last
""",
    ),
    "MM607": (
        "a param beside a knob",
        "A param of a knob's name goes through values of the knob. This one has none of them, so "
        "it is the scenario's own, and the knob stays as it is. Where it is meant, say its values.",
        """scenario s
param evict = slow | fast
var late: bool
thread t { if evict == slow { late = true }; assert late implies evict == slow }
""",
    ),
    "MM608": (
        "a source that cannot be read",
        "A warning. What a `source` note says of code is a file of a kernel's tree, functions "
        "in it, and behind `@` the kernel that they were read in: a version, or a commit. Then "
        "`mmscn drift` can look at them again, and `mmscn touched` finds what a patch is about. "
        "Remarks stand in parentheses at the end, and `;` between one source and the next. A "
        "mail, a commit's title or a paper is said in any words.",
        """scenario s
source "LKML 2014-04-24 (MSG 44); mm/memory.c: zap_pte_range() @ 1cf35d47712d (as merged)"
source "mm/memory.c: zap_pte_range(), Linux 3.15"
""",
    ),
    "MM609": (
        "an agent without a step",
        "A warning. An agent does what its steps say; one without any never does anything. "
        "`busy when` only says when the others have to wait for it.",
        """scenario s
agent device { var queued: bool }
""",
    ),
    "MM610": (
        "a property that reads nothing",
        "A warning. No variable, member or mark stands in it, only what is known before the run; "
        "so every state agrees with it, or none does, whatever the threads do.",
        """scenario s
param rounds = 1 | 2
always rounds < 3
""",
    ),
}
