"""What people write who come from C, Promela, PlusCal or herd, and how it is said here.

Each slip is a pattern and a hint. A pattern is looked for in the statement that has the error, with
strings and comments blanked; its group `at`, or all of it, gets the caret.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Slip(NamedTuple):
    """start, end: where the caret goes, as offsets of the text. hint: how it is written here."""

    start: int
    end: int
    hint: str


NUMBERS = (
    r"int|long|char|short|unsigned|signed|size_t|[us](?:8|16|32|64)|u?int(?:8|16|32|64)_t|byte"
)
C_TYPE = rf"(?:(?:static|const|volatile|extern|struct)\s+)*(?:{NUMBERS}|void|bool|_Bool)"


def rows(text: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The patterns of a table, each with the hint that stands indented below it.

    A pattern of several lines is one without the line ends. `<C_TYPE>` stands for C_TYPE.
    """
    found: list[tuple[str, str]] = []
    pattern = hint = ""
    for line in [*text.strip("\n").split("\n"), ""]:
        if line.startswith("    "):
            hint = f"{hint} {line.strip()}".strip()
            continue
        if hint:
            found.append((pattern, hint))
            pattern = hint = ""
        pattern += line
    return tuple((re.compile(p.replace("<C_TYPE>", C_TYPE)), hint) for p, hint in found)


ANYWHERE = rows(r"""
(?P<at><C_TYPE>)\b[\s*]*\w+\s*\(
    this is C; a procedure is `proc f(x) { }`, and its parameters have no types
(?P<at>fn|func|function|def|inline|macro)\s+\w+\s*\(
    a procedure is `proc f(x) { }`
(?P<at>proctype|process|active|inline)\b
    a thread is `thread a { }`, a procedure `proc f(x) { }`
(?P<at>[Pp]\d+)\s*\(.*\)\s*\{
    a thread is `thread a on cpu 0 { }`
(?P<at>(?:raw_)?spinlock_t|struct\s+(?:mutex|rw_semaphore))\b
    a lock is declared with `spinlock x`, `mutex x`, `rwsem x` or `bitlock x`
(?P<at>const|constant|CONSTANT|define|final|static)\s+\w+
    a constant is `const N = 3`, without a type
(?P<at>#\s*define)\b
    a constant is `const N = 3`
(?P<at>#\s*include)\b
    a module is imported by its name: `import linux.zap`
import (?P<at>\s+$|<)
    the name of a module has no quotes: `import linux.zap`
import\s+[\w.]+\s*(?P<at>/)
    the parts of a module's name have dots between: `import a.b`
proc\s+\w+\s*\(\s*(?:\w+\s*,\s*)*\w+\s*(?P<at>:)
    the parameters of a procedure have no types: `proc f(x) { }`
proc\s+\w+\s*\([^)]*?(?P<at>[*&])\s*\w+
    a parameter that stands for a cell is `var c`: `proc set_bit(var c) { c = true }`
proc\s+\w+\s*\([^)]*?\b(?P<at>ref|inout|out|mut|ptr)\s+\w+
    a parameter that stands for a cell is `var c`: `proc set_bit(var c) { c = true }`
(?:hook|on|property)\s+\w+\s*\([^)]*?(?P<at>var)\s+\w+
    only the parameters of a `proc` may be cells
thread\s*(?P<at>\{)
    a thread has a name: `thread a { }`
thread\s+\w+\s+on\s+(?P<at>(?!cpu\b)cpu\d+|\d+)
    a thread is `on cpu 0`
(?:thread|process)\s+\w+\s*(?P<at>\()
    a thread has no parameters: `thread a[i in 0..1] on cpu i { }` is several of it
var\s+\w+\s*(?P<at>,)
    each variable has a declaration of its own: `var x: bool; var y: bool`
""")
"""Beginnings of statements and declarations."""
OUTSIDE = rows(r"""
(?P<at><C_TYPE>)\b[\s*]*\w+
    this is C; a variable is `var x: 0..7` or `var x: bool`, a type being the values that it
    has
(?P<at>struct)\s+\w+\s+\w+
    a variable is `var x: name_of_the_struct`
(?P<at>lock)\s+\w+
    a lock is declared with `spinlock x`, `mutex x`, `rwsem x` or `bitlock x`
(?P<at>ghost|quiet|let|shared|global|int|variable|variables)\s+\w+
    state is declared with `var x: 0..3`, ghosts with `ghost var x: 0..3`
(?P<at>exists|forall|~exists)\b
    what must be possible in the end is `reachable finally condition`, what must hold in the
    end `finally condition`
(?P<at>invariant|INVARIANT|never|ltl|safety|require|ensure|assume)\b
    what must hold in every state is `always condition`, in the end `finally condition`
(?:always|finally|eventually|reachable)\s*(?P<at>[{:])
    the condition follows without a sign between: `always x == 1`
always\s+finally\b
    `finally condition` is asked where all has come to rest
var\s+\w+\s*\[\s*(?P<at>\d+)\s*\]
    an array is indexed by a type: `var x[0..3]: bool`, or `var x[cpu]: bool`
var\s+\w+\s*:\s*(?P<at>\[|\{)
    a type is `bool`, a range `0..3` or the name of an enum or struct
var\s+\w+(?:\s*\[[^\]]*\])?\s*:\s*none\s*(?P<at>\|)
    what may be `none` is an element of a sort, or a struct: `var x: thread`, `var x: cpu`
var\s+\w+(?:\s*\[[^\]]*\])?\s*:[^\n|]*(?P<at>\|)\s*none\b
    what may be `none` is an element of a sort, or a struct: `var x: thread`, `var x: cpu`
var\s+\w+\s*:\s*\d+\s*(?P<at>-|\.\.\.|to\b|,)
    a range is written `0..3`, both ends included
var\s+\w+\s*(?P<at>=)
    a variable has a type: `var x: 0..3 = 0`
param\s+\w+\s*(?P<at>:|in\b)
    a param lists its values: `param order = early | late`
param\s+\w+\s*=\s*\w+\s*(?P<at>,)
    the values of a param have `|` between: `early | late`
(?P<at>parameter|variant|option|config|choice)\s+\w+\s*=
    what varies is a param: `param order = early | late`
expect\s+(?P<at>pass\w*|ok|success|true|safe)\b
    write `expect holds`
expect\s+(?P<at>fail\w*|violation|bug|false|broken|deadlock|race)\b
    write `expect violated` and the name, or the text in quotes, of what is broken
expect\s+violated\s+\w+\s*(?P<at>[=!<>]=?|[.[])
    `expect violated` takes the name of a property, or the text in quotes that the assertion
    has
expect\s+outcomes\s+(?P<at>[^\s{])
    the outcomes stand in `{ }`, each on its line
map\s+\w+\s*=\s*(?P<at>frame)\b
    a page is mapped to a frame with `->`: `map A -> frame 0`
machine\s+\w+\s*(?P<at>\()
    its settings stand in braces: `machine x86 { cpus 2 }`
machine\s*(?P<at>\{)
    a machine has a name: `machine x86 { cpus 2 }`
file\s+\w+\s*(?P<at>\{|$)
    a file says of what file system it is: `file data on ext4`
(?P<at>return|assert|await|if|while|for)\b
    statements stand in a block, as in `thread a { }`; what must hold in every state is
    `always condition`
""")
"""Where no block is around it."""
MEMBERS = rows(r"""
(?P<at><C_TYPE>)\b[\s*]*\w+
    this is C; a member is `x: bool` or `x: 0..7`
(?P<at>var|let)\s+\w+
    a member is `x: bool` or `x: 0..7`
""")
"""In a `struct`."""
INSIDE = rows(r"""
[\w.\[\]\s]*(?:=|\breturn)\s*(?P<at>\{)
    a struct is written out with its name: `pair(on = true)`
[\w.\[\]\s]*(?:=|\breturn)\s*\w+\s*(?P<at>\{)
    a struct is written out in brackets: `pair(on = true)`
call\s+\w+\s*\([^()]*\w\s*(?P<at>=)(?!=)
    arguments have no names: `call f(1)`
let\s*(?P<at>\()
    several results are named without brackets: `let x, y = f()`
(?:let\s+\w+\s*=\s*|var\s+\w+\s*:.*=\s*|\w+\s*=\s*)?(?P<at>any|one_of|some|pick|random|nondet|CHOOSE)\s*\(
    any one of a list is `choose x in 0..3`, for the rest of the block, or `choose x in 0..3 { }`
choose\s+(?P<at>\d+|\w+(?!\w|\s*in\b))
    any one of a list is `choose x in 0..3`, for the rest of the block, or `choose x in 0..3 { }`
(?P<at><C_TYPE>)\b[\s*]*\w+
    this is C; a local is `let x = value`, or where it changes `var x: 0..3 = value`
(?P<at>for)\s*\(
    this is C; a loop is `for i in 0..3 { }`, `repeat 3 { }` or `while condition { }`
(?P<at>do|loop|forever)\s*\{
    a loop without end is `while true { }`, one with a bound `repeat 3 { }`
(?P<at>do)\s*::
    this is Promela; a loop is `while true { choose { } or { } }`
(?P<at>if)\s*::
    this is Promela; write `choose { await condition; ... } or { }`
(?P<at>switch|case|match)\b
    write `if ... { } else if ... { }`
\}?\s*(?P<at>elif|elseif|elsif|elsf)\b
    write `else if`
\}?\s*else\s+(?P<at>(?!if\b)\w)
    a branch stands in braces: `else { }`
(?:if|while)\b[^{]*?\s(?P<at>then|do)\b
    the block follows the condition: `if condition { }`
(?:if|while|for)\b[^{]*?(?P<at>:)\s
    the block stands in braces: `if condition { }`
(?P<at>skip|pass|nop|noop)\s*(?:[;}]|$)
    nothing is written for it: an empty block is `{ }`
(?P<at>fence|barrier|smp_[rw]?mb|mb|mfence|dmb|membar)\s*?(?:\(\s*\)|[;}\n]|$)
    a fence says of what: `fence full`, `fence loads` or `fence stores`
(?P<at>break|continue|return|exit)\s*\(
    write it without brackets
(?P<at>printf|print|printk|pr_\w+|log|trace)\b
    nothing is printed; the counterexample shows each step and what it changes
[^\n;]*?\b(?P<at>cmpxchg|xchg)\s*\(
    what it takes stands without brackets: `let old = xchg x, new`, `let old = cmpxchg x, 0, 1`
(?P<at>WRITE_ONCE|atomic_set|atomic_write|smp_store_\w+|rcu_assign_pointer)\s*\(
    an assignment is one step: `x = 1`; with an order it is `store release x = 1`
(?P<at>(?:mutex|spin|down|raw_spin)_(?:lock|read|write)\w*|\w+\.lock|lock_page|folio_lock)\s*\(
    a lock is taken with `lock x`, or `lock x { }`, which releases it at the end
(?P<at>(?:mutex|spin|up|raw_spin)_(?:unlock|read|write)\w*|\w+\.unlock|unlock_page
|folio_unlock)\s*\(
    a lock is released with `unlock x`
(?P<at>atomic_(?:inc|add)\w*)\s*\(
    an update is one step: `x += 1`
(?P<at>atomic_(?:dec|sub)\w*)\s*\(
    an update is one step: `x -= 1`
(?P<at>flush_tlb\w*|tlb_flush\w*|invlpg\w*|__flush_tlb\w*)\s*\(
    a flush is `flush A`, `flush A on all`, `flush A on others` or `flush A on cpu 1`
flush\s+(?P<at>tlb|TLB|all|page)\s+\w
    a flush names pages and CPUs: `flush A on all`
(?P<at>wait|wait_event|wait_for|when|until|block|sleep)\b
    waiting is `await condition`
(?P<at>with|synchronized|acquire|take|grab)\s*\(?\s*\w+\s*\)?\s*(?:\{|;|\}|$)
    a lock is taken with `lock x`, or `lock x { }`, which releases it at the end
(?P<at>release|drop|free)\s*\(?\s*\w+\s*\)?\s*(?:;|\}|$)
    a lock is released with `unlock x`
(?P<at>either|choice|fork|spawn|par|parallel)\s*\{
    of several branches one is taken with `choose { } or { }`; threads are declared outside
(?P<at>var)\s+\w+\s*:\s*[\w.]+\s*(?:;|\}|$)
    a local begins with a value: `var x: 0..3 = 0`
let\s+\w+\s*(?P<at>==)
    `let x = value` names a value
(?P<at>load|xchg|cmpxchg)\s+\w
    what is read has a name: `let x = load A`
let\s+\w+\s*(?P<at>:(?!=))
    `let` has no type; what changes is `var x: 0..3 = value`
(?P<at>\+\+|--)\s*\w+
    write `x += 1` or `x -= 1`
\w+\s*:\s*(?P<at>if|for|while|lock|await|goto|atomic|let|set|call|\w+\s*=)
    a label stands on its own line, or has a `;` behind it
(?P<at>\*)\s*\w+
    there are no pointers; a variable of a sort is followed with a dot: `p.refcount`
(?P<at>try|throw|raise|yield|schedule|cond_resched|preempt_\w+|msleep|cpu_relax)\b
    the scheduler may go elsewhere between any two steps; nothing is written for it
(?P<at>require|expect|check|ensure|always|finally|verify|BUG_ON|WARN_ON\w*|VM_BUG_ON\w*)\b
    in a thread write `assert condition "text"`, or `BUG "text"`
(?P<at>thread|proc|agent|mutex|spinlock|rwsem|bitlock|param|property|import|struct|enum)\s+\w+
    this is declared outside of all blocks of statements
""")
"""In a block of statements."""
SIGNS = rows(r"""
:=
    a statement assigns with `=`
==>|=>|<=>
    write `implies`; `==` says that two conditions are equal
->
    a member stands behind a dot: `p.refcount`; a condition that follows is `implies`
<>|/=|=/=|~=
    for unequal write `!=`
===
    to compare, write `==`
=<
    write `<=`
/\\|&&
    write `and`
\\/|\|\|
    write `or`
~|\u00ac
    write `not`
<<|>>|\^|(?<![|&])(?<!none\s)[|](?![|&])(?=\s*\d)
    numbers are added and subtracted, no more; bits are members of a struct
\.\.\.
    a range is written `0..3`, both ends included
\bxor\b
    write `!=` between two conditions
(?<=[(=,\s])&(?=\w)
    there are no addresses: write the variable itself
\+\+|--
    write `x += 1` or `x -= 1`
\b0[xXbB]\w*
    numbers are decimal
\b\d+[uUlL]+\b
    numbers have no suffix
\((?:struct\s+)?\w+\s*\*?\)(?=\s*\w)
    there are no casts
\bcall\s+(?P<at>\w+)\b(?!\s*\()
    a procedure is called with brackets: `call f()`
\bunless\b
    write `if not condition { }`
(?<=[<>=]\s)[^<>=]*?(?P<at><=|<|>=|>)
    write two comparisons with `and` between: `0 <= n and n <= 3`
""")
"""Anywhere in a statement, where the error is in the sign or right behind it."""

CALLS = {
    "xchg": "in an expression it stands in brackets: `if (xchg x, new) == 1`",
    "cmpxchg": "in an expression it stands in brackets: `if (cmpxchg x, 0, 1) == 0`",
}
CALL_IN_EXPRESSION = re.compile(rf"\b({'|'.join(CALLS)})\s*$")
NAME = re.compile(r"[A-Za-z_]\w*")

LOOKED_AT_MAX = 400
"""Characters of a statement."""


def slip(text: str, start: int, at: int, end: int, *, within: str) -> Slip | None:
    """What a statement has that is known from elsewhere; None where it is nothing of that kind.

    text: without its strings and comments. start: of the statement. at, end: what cannot stand
    there. within: what stands before the brace that is open around it, nothing where none is.
    """
    while start < at and text[start].isspace():
        start += 1
    line = text.find("\n", max(at, start))
    stop = min(len(text) if line < 0 else line, start + LOOKED_AT_MAX)
    head = CALL_IN_EXPRESSION.search(text, start, at)
    if head is not None and head.start() > start and NAME.match(text, at):
        return Slip(*head.span(1), CALLS[head[1]])
    for pattern, hint in SIGNS:
        for match in pattern.finditer(text[start:stop]):
            found = spanned(match, start, hint)
            if found.start <= at <= found.end + 1 and at < stop:
                return found
    rest = OUTSIDE if not within else MEMBERS if within.startswith("struct") else INSIDE
    for pattern, hint in (*ANYWHERE, *rest):
        begins = pattern.match(text[start:stop])
        if begins is not None:
            found = spanned(begins, start, hint)
            if found.start <= end:
                return found
    return None


def spanned(match: re.Match[str], start: int, hint: str) -> Slip:
    group = "at" if "at" in match.re.groupindex else 0
    return Slip(start + match.start(group), start + match.end(group), hint)
