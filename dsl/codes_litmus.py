"""The codes of diagnostics of litmus tests; `codes.py` says what a code has."""

from __future__ import annotations

from typing import NamedTuple


class Example(NamedTuple):
    """As `codes.Code`: a title, an explanation, and a litmus test that has it."""

    title: str
    explanation: str
    example: str


LITMUS: dict[str, Example] = {
    "MM801": Example(
        "this is no litmus test",
        "A litmus test begins with its architecture and its name, or, in the form of coatcheck, "
        "with `Alternative`.",
        """SPARC message_passing
{ }
 P0 ;
exists (x=1)
""",
    ),
    "MM802": Example(
        "this cannot stand here, in a litmus test",
        "The test is read up to here, and none of the forms of its part goes on with it: of the "
        "initial state, of an instruction, of what is asked. The hint lists what could stand here "
        "where that is a short list.",
        """X86 store
{ x=0; }
 P0         ;
 MOV [x] $1 ;
exists (x=1)
""",
    ),
    "MM803": Example(
        "a litmus test ends too early",
        "A brace, a comment or the condition is not closed, or a part is missing.",
        """X86 store
{ x=0;
 P0         ;
 MOV [x],$1 ;
exists (x=1)
""",
    ),
    "MM804": Example(
        "a litmus test wants what is not supported",
        "The test is well written, as far as that is known, and says something that a scenario "
        "cannot say: a second stage of translation, tags of memory, numbers that are large, an "
        "instruction that is not known. Such a test has no verdict here, and is counted apart.",
        """X86 timestamp
{ }
 P0    ;
 RDTSC ;
exists (0:EAX=1)
""",
    ),
    "MM805": Example(
        "a litmus test is too large",
        "A test has 200000 characters, 4000 cells, 200 operations of a thread, and brackets 60 "
        "deep, at most.",
        """X86 store
{ x=123456789012345678901234567890; }
 P0         ;
 MOV [x],$1 ;
exists (x=1)
""",
    ),
    "MM806": Example(
        "a litmus test names what it has not",
        "A thread of that number, a register of that name or a label is not there.",
        """X86 store
{ }
 P0         ;
 MOV [x],$1 ;
exists (2:EAX=1)
""",
    ),
    "MM807": Example(
        "a scenario says what a litmus test cannot",
        "`mmscn litmus export` writes scenarios whose threads load, store, exchange, add and "
        "fence, one after the other, and that ask for final values. Loops, conditions, locks, "
        "procedures and the memory management unit have no words in the tests that it writes.",
        """scenario waits
var x: 0..1
thread t { await x == 1 }
finally x == 1
""",
    ),
}
