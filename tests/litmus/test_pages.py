"""Litmus tests with page tables: walks, invalidations, faults, and what the hardware writes."""

from __future__ import annotations

import pytest
from support.litmus.page_texts import PAGE_TESTS, UNMAPPED, PageTest

from mmscn.diagnostics import Rejected
from mmscn.litmus.answer import answer, block, litmus_of
from mmscn.litmus.code import code_of
from mmscn.litmus.modelled import orders
from mmscn.litmus.scenario import scenario
from mmscn.source import Source
from mmscn.syntax.format import formatted

FEW = (
    "map+dsb",
    "map+dsb-isb",
    "dirty+dsb.st",
    "a bit that is set stays set",
    *(t.name for t in PAGE_TESTS if t.name.startswith(("an old entry", "three accesses"))),
)
CASES = [
    pytest.param(
        known, ets, id=f"{known.name}-{ets}", marks=[] if known.name in FEW else pytest.mark.slow
    )
    for known in PAGE_TESTS
    for ets in (0, 2)
]


def litmus(text: str) -> Source:
    return Source("a.litmus", text)


@pytest.mark.parametrize(("known", "ets"), CASES)
def test_a_test_with_a_page_table_has_its_verdict(known: PageTest, ets: int) -> None:
    found = answer(litmus_of(litmus(known.text()), known.name), "arm", ets=ets)
    assert (found.verdict == "Allowed") is (known.allowed_ets2 if ets else known.allowed)


@pytest.mark.parametrize("known", PAGE_TESTS[::4], ids=lambda known: known.name)
def test_an_imported_test_is_laid_out(known: PageTest) -> None:
    text = scenario(code_of(litmus_of(litmus(known.text()), known.name)), orders(), "arm").text
    assert formatted(Source("s", text)) == text


@pytest.mark.parametrize("known", PAGE_TESTS[::4], ids=lambda known: known.name)
def test_what_an_invalidated_walk_does_is_said_where_there_may_be_one(known: PageTest) -> None:
    text = scenario(code_of(litmus_of(litmus(known.text()), known.name)), orders(), "arm").text
    assert ("`no_deadlock` tells of it" in text) is ("TLBI" in known.text())


def test_faults_and_entries_are_shown_as_herd_shows_them() -> None:
    text = f"""AArch64 shown
{{ {UNMAPPED} 0:X2=PTE(x); 0:X3=x; }}
 P0              ;
 LDR X4,[X2]     ;
 L0: LDR W5,[X3] ;
locations [0:X4; PTE(x);]
exists (0:X4=(oa:PA(x),valid:0) /\\ fault(P0:L0,x))
"""
    lines = block(answer(litmus_of(litmus(text), "shown"), "arm")).splitlines()
    entry = "(oa:PA(x), valid:0)"
    assert lines[1:3] == [
        "States 1",
        f"0:X4={entry}; [PTE(x)]={entry}; Fault(P0:L0,x,D-MMU:Translation);",
    ]
    assert lines[-2] == "Condition exists (0:X4=(oa:PA(x),valid:0) /\\ fault(P0:L0,x))"


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ("[PTE(x)]=(attrs:0)", "the field attrs of a page-table entry is not supported"),
        ("[PTE(x)]=1", "a page-table entry of this kind is not supported"),
        ("0:X1=(valid:0)", "a page-table entry of no page is not supported"),
    ],
)
def test_what_cannot_be_said_is_told_at_its_place(part: str, message: str) -> None:
    text = f"AArch64 bad\n{{ {part}; 0:X3=x; }}\n P0 ;\n LDR W4,[X3] ;\nexists (0:X4=1)\n"
    with pytest.raises(Rejected) as problem:
        code_of(litmus_of(litmus(text), "bad"))
    (found,) = problem.value.diagnostics
    assert found.message == message
    assert found.span.text in part


MAPPED = """arch = "AArch64"
name = "mapped"
page_table_setup = '''
    physical one;
    x |-> invalid;
    x ?-> one;
    y |-> one;
    *one = 1;
'''
[thread.0]
code = '''
    STR X0,[X1]
    BETWEEN
    LDR X2,[X3]
'''
[thread.0.reset]
R0 = "desc3(y, page_table_base)"
R1 = "pte3(x, page_table_base)"
R3 = "x"
[section.thread0_el1_handler]
code = '''
    MOV X5,#1
    MRS X20,ELR_EL1
    ADD X20,X20,#4
    MSR ELR_EL1,X20
    ERET
'''
[final]
assertion = "0:X5 = 1"
"""


@pytest.mark.parametrize(
    ("between", "verdict"), [("DSB SY", "Allowed"), ("DSB SY\n    ISB", "Forbidden")]
)
def test_a_test_in_the_form_of_isla_has_entries_and_handlers(between: str, verdict: str) -> None:
    text = MAPPED.replace("BETWEEN", between)
    assert answer(litmus_of(litmus(text), "mapped"), "arm").verdict == verdict


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("MOV X7,#1; LSL X7,X7,#6; STSET X7,[X2]", "other bits of page-table entries"),
        ("LDR X7,[X2]; STSET X7,[X2]", "bits that are computed"),
        ("MOV X7,#1; STSET X7,[X3]", "the instruction STSET, but of a page-table entry"),
        ("MOV X7,#1; LSL X7,X7,#3; STR X7,[X3]", "a shifted number as a value"),
        ("MOV X5,#1; LSL X5,X5,#3", "a shifted number as a value"),
    ],
)
def test_what_is_known_of_bits_is_no_more_than_which_they_are(code: str, message: str) -> None:
    lines = "".join(f" {line} ;\n" for line in code.split("; "))
    text = f"AArch64 bits\n{{ 0:X2=PTE(x); 0:X3=x; }}\n P0 ;\n{lines}exists (0:X5=1)\n"
    with pytest.raises(Rejected) as problem:
        code_of(litmus_of(litmus(text), "bits"))
    (found,) = problem.value.diagnostics
    assert found.message == f"{message} is not supported"


def test_an_invalidation_where_no_entry_changes_changes_nothing() -> None:
    text = """AArch64 nothing
{ 0:X3=x; 1:X3=x; }
 P0              | P1           ;
 LSR X9,X3,#12   | MOV W1,#1    ;
 TLBI VAAE1IS,X9 | STR W1,[X3]  ;
 DSB ISH         |              ;
 LDR W4,[X3]     |              ;
locations [0:X4;]
exists (0:X4=1)
"""
    assert block(answer(litmus_of(litmus(text), "nothing"), "arm")).splitlines()[1] == "States 2"


EL0 = """AArch64 user
EL0=P0
{ INIT 0:X2=PTE(x); 0:X3=x; 1:X2=PTE(x); 1:X3=x; }
 P0              | P1              ;
 L0: LDR W4,[X3] | L0: LDR W4,[X3] ;
 L1: LDR X5,[X2] | L1: LDR X5,[X2] ;
ASKED
"""
PERMISSION = "MMU:Permission"


@pytest.mark.parametrize(
    ("init", "asked", "required"),
    [
        ("int x=1; [PTE(x)]=(el0:0);", f"fault(P0:L0,x,{PERMISSION})", True),
        ("int x=1; [PTE(x)]=(el0:0);", "fault(P1:L0,x)", False),
        ("int x=1; [PTE(x)]=(el0:0); pteval_t 1:X5;", "1:X5=(oa:PA(x),el0:0)", True),
        ("int x=1; [PTE(x)]=(el0:0,valid:0);", "fault(P0:L0,x,MMU:Translation)", True),
        ("int x=1; [PTE(x)]=(el0:0,af:0);", "fault(P0:L0,x,MMU:AccessFlag)", True),
        ("int x=1; [PTE(x)]=(el0:1);", "0:X4=1 /\\ 1:X4=1", True),
        ("int x=1; [PTE(x)]=(el0:1);", f"fault(P0:L1,PTE(x),{PERMISSION})", True),
        ("int x=1; [PTE(x)]=(el0:1);", "fault(P1:L1,PTE(x))", False),
    ],
)
def test_user_code_is_refused_what_is_not_for_it(init: str, asked: str, required: bool) -> None:
    text = EL0.replace("INIT", init).replace("ASKED", f"forall ({asked})")
    assert (answer(litmus_of(litmus(text), "user"), "arm").verdict == "Required") is required


@pytest.mark.parametrize(
    ("key", "init", "handler"),
    [
        ("", "[PTE(x)]=(valid:0);", "SVC #0"),
        ("EL0=P0\n", "0:X5=PTE(x); [PTE(x)]=(valid:0);", "LDR X6,[X5]"),
        ("EL0=P0\nTTHM=HA\n", "[PTE(x)]=(el0:0);", "ERET"),
    ],
)
def test_what_is_not_modelled_of_user_code_and_handlers_is_rejected(
    key: str, init: str, handler: str
) -> None:
    text = f"AArch64 a\n{key}{{ 0:X3=x; {init} }}\n P0 | P0.F ;\n LDR W4,[X3] | {handler} ;\n"
    with pytest.raises(Rejected) as found:
        answer(litmus_of(litmus(f"{text}exists (0:X4=1)\n"), "a"), "arm")
    assert [d.code for d in found.value.diagnostics] == ["MM804"]


@pytest.mark.parametrize("added", ["X6,W5,SXTW", "X6,X5", "X6,#0", "X6,X7"])
def test_an_address_to_which_nothing_is_added_is_that_address(added: str) -> None:
    text = f"""AArch64 added
{{ int x=1; [PTE(x)]=(el0:1); 0:X3=x; 0:X6=x; 0:X8=y; }}
 P0            ;
 LDR W4,[X8]   ;
 EOR X5,X4,X4  ;
 ADD X6,{added};
 LDR W9,[X6]   ;
forall (0:X9=1)
"""
    assert answer(litmus_of(litmus(text), "added"), "arm").verdict == "Required"
