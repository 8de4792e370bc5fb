"""Litmus tests with instructions that are stored to: their fetch, and the caches in front of it."""

from __future__ import annotations

import pytest

from mmscn.diagnostics import Rejected
from mmscn.litmus.answer import answer, block, litmus_of
from mmscn.litmus.code import code_of
from mmscn.litmus.modelled import orders
from mmscn.litmus.scenario import scenario
from mmscn.source import Source
from mmscn.syntax.format import formatted

CLEAN, INVALIDATE, DSB = "DC CVAU,X1", "IC IVAU,X1", "DSB ISH"
MAINTAINED = (CLEAN, DSB, INVALIDATE, DSB)
OLD = "0:X9=0"
"""The branch is found, and goes by what would tell."""


def own(*between: str, keys: str = "", new: str = 'instr:"NOP"') -> str:
    """A thread stores over a branch of its own, and comes there."""
    code = ["STR W0,[X1]", *between, "here: B over", "MOV W9,#1", "over:"]
    column = "".join(f" {line} ;\n" for line in ("P0", *code))
    return f"AArch64 own\n{keys}\n{{ 0:X0={new}; 0:X1=P0:here; }}\n{column}exists ({OLD})\n"


def other(writer: tuple[str, ...], reader: tuple[str, ...], keys: str = "") -> str:
    """A thread stores over a branch of another, and tells it by a flag."""
    left = ["P0", "STR W0,[X1]", *writer, "STR W2,[X3]"]
    right = ["P1", "LDR W2,[X3]", *reader, "here: B over", "MOV W9,#1", "over:"]
    rows = max(len(left), len(right))
    left, right = (column + [""] * (rows - len(column)) for column in (left, right))
    table = "".join(f" {a} | {b} ;\n" for a, b in zip(left, right, strict=True))
    begin = "0:X0=NOP; 0:X1=P1:here; 1:X1=P1:here; 0:X2=1; 0:X3=flag; 1:X3=flag;"
    asked = "exists (1:X2=1 /\\ 1:X9=0)\n"
    return f"AArch64 other\n{keys}\n{{ {begin} }}\n{table}{asked}"


DIC, IDC = "CacheType=DIC", "CacheType=IDC"
CTRL_ISB = ("CBNZ W2,L", "L: ISB")
TESTS = {
    "nothing": (own(), True),
    "maintained, and fetched before": (own(*MAINTAINED), True),
    "maintained, and fetched behind": (own(*MAINTAINED, "ISB"), False),
    "not cleaned": (own(INVALIDATE, DSB, "ISB"), True),
    "not invalidated": (own(CLEAN, DSB, "ISB"), True),
    "cleaned behind it": (own(INVALIDATE, DSB, CLEAN, DSB, "ISB"), True),
    "not complete": (own(CLEAN, DSB, INVALIDATE, "ISB"), True),
    "idc, not cleaned": (own(DSB, INVALIDATE, DSB, "ISB", keys=IDC), False),
    "idc, not invalidated": (own(DSB, "ISB", keys=IDC), True),
    "dic, fetched before": (own(DSB, keys=DIC), True),
    "dic, fetched behind": (own(DSB, "ISB", keys=DIC), False),
    "dic, not complete": (own("DMB ISH", "ISB", keys=DIC), True),
    "other, no isb": (other(MAINTAINED, ()), True),
    "other, dependency": (other(MAINTAINED, ("CBNZ W2,L", "L:")), True),
    "other, ctrl isb": (other(MAINTAINED, CTRL_ISB), False),
    "other, not maintained": (other(("DMB ST",), CTRL_ISB), True),
    "other, dic": (other(("DMB ST",), CTRL_ISB, DIC), False),
    "other, cleans by a full barrier": (
        other((CLEAN, "DMB ISH"), (DSB, INVALIDATE, DSB, "ISB")),
        False,
    ),
    "other, cleans by a barrier of stores": (
        other((CLEAN, "DMB ST"), (DSB, INVALIDATE, DSB, "ISB")),
        True,
    ),
    "other, invalidates behind a branch": (
        other((CLEAN, DSB), ("CBNZ W2,L", f"L: {INVALIDATE}", DSB, "ISB")),
        False,
    ),
}


FEW = (
    "maintained, and fetched before",
    "maintained, and fetched behind",
    "not cleaned",
    "not invalidated",
    "dic, fetched behind",
    "other, ctrl isb",
)
CASES = [n if n in FEW else pytest.param(n, marks=pytest.mark.slow) for n in TESTS]


def verdict(text: str) -> str:
    return answer(litmus_of(Source("a.litmus", text), "a"), "arm").verdict


@pytest.mark.parametrize("name", CASES)
def test_a_changed_instruction_is_fetched_as_the_architecture_says(name: str) -> None:
    text, allowed = TESTS[name]
    assert (verdict(text) == "Allowed") is allowed


@pytest.mark.parametrize("name", ["nothing", "other, dic"])
def test_an_imported_test_is_laid_out(name: str) -> None:
    litmus = litmus_of(Source("a.litmus", TESTS[name][0]), name)
    text = scenario(code_of(litmus), orders(), "arm").text
    assert formatted(Source("s", text)) == text


def test_what_stands_behind_a_fetch_waits_for_it() -> None:
    text = """AArch64 behind
{ 0:X0=NOP; 0:X1=P1:here; 0:X3=x; 1:X3=x; }
 P0          | P1           ;
 LDR W2,[X3] | here: B over ;
 DMB ISH     | MOV W9,#1    ;
 STR W0,[X1] | over:        ;
             | MOV W2,#1    ;
             | STR W2,[X3]  ;
exists (0:X2=1 /\\ 1:X9=1)
"""
    assert verdict(text) == "Forbidden"


def test_fetches_are_done_in_the_order_of_the_code() -> None:
    text = """AArch64 two
CacheType=DIC
{ 0:X0=NOP; 0:X1=P1:second; 0:X2=P1:first; }
 P0          | P1             ;
 STR W0,[X1] | first: B one   ;
 DMB ST      | MOV W9,#1      ;
 STR W0,[X2] | one:           ;
             | second: B over ;
             | MOV W10,#1     ;
             | over:          ;
exists (1:X9=1 /\\ 1:X10=0)
"""
    assert verdict(text) == "Forbidden"
    assert verdict(text.replace("CacheType=DIC", "")) == "Allowed"


def test_an_undefined_instruction_goes_to_the_handler() -> None:
    text = """AArch64 undefined
{ 0:X0=0; 0:X1=P0:here; 0:X2=0; }
 P0           | P0.F           ;
 STR W0,[X1]  | MOV W2,#7      ;
 DC CVAU,X1   | ADR X9,over    ;
 DSB ISH      | MSR ELR_EL1,X9 ;
 IC IVAU,X1   | ERET           ;
 DSB ISH      |                ;
 ISB          |                ;
 here: B over |                ;
 over:        |                ;
exists (0:X2=0)
"""
    assert verdict(text) == "Forbidden"
    asked = "exists (fault(P0:here,UndefinedInstruction))"
    assert verdict(text.replace("exists (0:X2=0)", asked)) == "Allowed"


def test_what_is_read_of_an_instruction_is_shown_as_one() -> None:
    text = """AArch64 read
{ 0:X0=NOP; 0:X1=P1:here; 1:X1=P1:here; }
 P0          | P1           ;
 STR W0,[X1] | LDR W2,[X1]  ;
             | here: B over ;
             | over:        ;
exists (1:X2=NOP)
"""
    found = block(answer(litmus_of(Source("a.litmus", text), "read"), "arm")).splitlines()
    assert found[2:4] == ['1:X2=instr:"B over";', "1:X2=NOP;"]
    assert found[-2] == "Condition exists (1:X2=NOP)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (own(new='instr:"MOV W9,#2"'), "the instruction MOV where others are is not supported"),
        (own(new='instr:"B .+8"'), "the instruction B where others are is not supported"),
        (own(new="7"), "an instruction that is computed is not supported"),
        (own("BR X2"), "a call of what is computed is not supported"),
        (own("SWP W2,W3,[X1]"), "the instruction SWP, of an instruction is not supported"),
        (own("DC CVAC,X1"), "the maintenance of caches is not supported"),
        (own("LDR W2,[X1]", "ADD W3,W2,#1"), "an instruction as a number is not supported"),
        (own().replace("here;", "there;"), "there is no label `P0:there`"),
        (own().replace(OLD, "0:X0=1"), "an instruction as a number is not supported"),
        (own().replace("here: B over", "here: LDR W9,[X2]"), "the instruction LDR where others"),
    ],
)
def test_what_cannot_be_said_is_told_at_its_place(text: str, message: str) -> None:
    with pytest.raises(Rejected) as rejected:
        code_of(litmus_of(Source("a.litmus", text), "a"))
    (found,) = rejected.value.diagnostics
    assert found.message.startswith(message)
    assert found.span.start < len(text.rstrip())


def tagged(tag: str, *, variant: str = "memtag,fatal") -> str:
    return f"""AArch64 tagged
Variant={variant}
{{ 0:X1=x:{tag}; 0:X2=y; 1:X1=x; 1:X2=y; }}
 P0              | P1          ;
 here: STR W0,[X1] | LDR W3,[X2] ;
 MOV W4,#1       |             ;
 STR W4,[X2]     |             ;
exists (fault(P0:here,x,TagCheck) \\/ 1:X3=1)
"""


def test_an_access_by_an_address_of_another_tag_faults_and_no_other_does() -> None:
    only = tagged("red").replace(r" \/ 1:X3=1", "").replace("exists", "forall")
    assert verdict(only) == "Required"
    assert verdict(only.replace("x:red", "x:green")) == "Forbidden"
    behind = tagged("red").replace(r"fault(P0:here,x,TagCheck) \/ ", "")
    assert verdict(behind) == "Forbidden"
    assert verdict(behind.replace("x:red", "x:green")) == "Allowed"


@pytest.mark.parametrize("variant", ["memtag,async", "memtag,handled", "fatal"])
def test_tags_are_checked_at_once_and_once_or_not_at_all(variant: str) -> None:
    with pytest.raises(Rejected):
        code_of(litmus_of(Source("a.litmus", tagged("red", variant=variant)), "a"))


ROUTINE = ("here: B over", "MOV W9,#1", "over: RET")
ROUTINE_TO_END = (*ROUTINE[:2], "over: NOP")


def calling(call: str, *synced: str, routine: tuple[str, ...] = ROUTINE) -> str:
    """A thread changes a routine, and tells another, which calls it."""
    left = ["P0", "STR W0,[X1]", *MAINTAINED, "STR W2,[X3]", "B end", *routine, "end:"]
    right = ["P1", "LDR W2,[X3]", *synced, call, "MOV W8,#1"]
    rows = max(len(left), len(right))
    left, right = (column + [""] * (rows - len(column)) for column in (left, right))
    table = "".join(f" {a} | {b} ;\n" for a, b in zip(left, right, strict=True))
    begin = "0:X0=NOP; 0:X1=P0:here; 1:X1=P0:here; 0:X2=1; 0:X3=flag; 1:X3=flag;"
    return f"AArch64 calling\n{{ {begin} }}\n{table}exists (1:X2=1 /\\ 1:X9=0 ASKED)\n"


@pytest.mark.parametrize(
    ("text", "asked", "allowed"),
    [
        (calling("BLR X1"), "", True),
        (calling("BLR X1", *CTRL_ISB), "", False),
        (calling("BLR X1"), "/\\ 1:X8=0", False),
        (calling("BR X1", routine=ROUTINE_TO_END), "/\\ 1:X8=0", True),
        (calling("BR X1", routine=ROUTINE_TO_END), "/\\ 1:X8=1", False),
    ],
)
def test_what_is_called_is_fetched_where_it_is_called(text: str, asked: str, allowed: bool) -> None:
    found = answer(litmus_of(Source("a", text.replace("ASKED", asked)), "a"), "arm")
    assert (found.verdict == "Allowed") is allowed


CALLED = """AArch64 called
{{ 0:X1=P0:here; 0:X0=NOP; }}
 P0          ;
 {first}     ;
 MOV W7,W9   ;
 {second}    ;
 B end       ;
 here: B old ;
 MOV W9,#1   ;
 RET         ;
 old: {old}  ;
 RET         ;
 end:        ;
forall ({asked})
"""


@pytest.mark.parametrize(
    ("first", "second", "old", "asked", "verdict"),
    [
        ("BL here", "BL here", "MOV W9,#2", "0:X7=2 /\\ 0:X9=2", "Required"),
        ("BL here", "STR W0,[X1]", "MOV W9,#2", "0:X7=2", "Required"),
        ("STR W0,[X1]", "BLR X1", "MOV W9,#2", "0:X9=1", "Allowed"),
        ("NOP", "BL here", "BL twice; RET; twice: MOV W9,#3", "0:X9=3", "Required"),
    ],
)
def test_a_call_comes_back(first: str, second: str, old: str, asked: str, verdict: str) -> None:
    text = CALLED.format(
        first=first, second=second, old=" ; \n ".join(old.split("; ")), asked=asked
    )
    assert answer(litmus_of(Source("a", text), "a"), "arm").verdict == verdict


@pytest.mark.parametrize(
    ("first", "second", "cause"),
    [
        ("RET", "NOP", "the instruction RET, of no call"),
        ("BL nowhere", "NOP", "a call of no label"),
        ("MOV X1,X0", "BLR X1", "a call of what is computed"),
        ("BL here", "MOV X3,X30", "the link register"),
    ],
)
def test_a_call_that_cannot_be_said_is_rejected(first: str, second: str, cause: str) -> None:
    text = CALLED.format(first=first, second=second, old="NOP", asked="0:X9=0")
    with pytest.raises(Rejected) as found:
        answer(litmus_of(Source("a", text), "a"), "arm")
    assert found.value.diagnostics[0].message == f"{cause} is not supported"


@pytest.mark.parametrize("times", [1, 40])
def test_a_routine_that_calls_itself_is_rejected(times: int) -> None:
    old = " ;\n".join(["BL here"] * times)
    text = CALLED.format(first="BL here", second="NOP", old=old, asked="0:X9=0")
    with pytest.raises(Rejected) as found:
        answer(litmus_of(Source("a", text), "a"), "arm")
    assert found.value.diagnostics[0].code == "MM804"
