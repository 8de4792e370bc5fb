"""What is wrong with a litmus test is said, with its place in the test, and never a traceback."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.litmus.texts import AARCH64, COATCHECK, ISLA, X86, C

from mmscn.diagnostics import Rejected
from mmscn.litmus.answer import litmus_of
from mmscn.litmus.code import code_of
from mmscn.litmus.scenario import scenario
from mmscn.source import Source

Command = Callable[..., Any]

GOOD = """X86 good
{ x=0; 0:EBX=2; }
 P0          | P1          ;
 MOV [x],$1  | MOV EAX,[x] ;
 MOV EAX,EBX |             ;
exists (0:EAX=1 /\\ 1:EAX=0)
"""


def said(text: str) -> tuple[str, str, str | None, str]:
    """The code, the place, the hint and the sentence of the first diagnostic."""
    with pytest.raises(Rejected) as caught:
        scenario(code_of(litmus_of(Source("t", text), "t")), ("sc",), "sc")
    first = caught.value.diagnostics[0]
    line, column = first.span.source.position(first.span.start)
    assert first.span.source.name == "t"
    return first.code, f"{line}:{column}", first.hint, first.message


def test_the_good_one_is_good() -> None:
    scenario(code_of(litmus_of(Source("t", GOOD), "t")), ("sc",), "sc")


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "hint"),
    [
        ("X86 good", "X87 good", "MM801", "1:1", "it begins with an architecture"),
        ("X86 good", "PPC good", "MM804", "1:1", "there are X86, X86_64, AArch64, C"),
        ("{ x=0;", "{ x==0;", "MM802", "2:5", "expected"),
        ("0:EBX=2; }", "0:EBX=2;", "MM803", "2:1", "expected `}`"),
        ("{ x=0", "{ (* x=0", "MM803", "2:3", None),
        ("0:EBX", "0:EBY", "MM806", "2:8", None),
        ("0:EBX", "7:EBX", "MM806", "2:8", None),
        ("MOV [x],$1", "MOV [x] $1", "MM802", "4:10", "expected"),
        ("MOV [x],$1", "MOV [x],$", "MM803", "4:10", "expected"),
        ("MOV [x],$1", "MOV [x],", "MM803", "4:9", None),
        ("MOV [x],$1", "MOV [x]", "MM802", "4:2", None),
        ("MOV [x],$1", "FENCE   ", "MM804", "4:2", None),
        ("MOV [x],$1", "MOV EQX,$1", "MM806", "4:6", None),
        ("P0  ", "Q0  ", "MM802", "3:2", "the program's first line has the threads"),
        ("P1  ", "P0  ", "MM802", "3:2", "each thread has one column"),
        ("MOV EAX,EBX |             ;", "MOV EAX,EBX | | MFENCE ;", "MM802", "5:17", "2 threads"),
        ("1:EAX=0", "2:EAX=0", "MM806", "6:20", None),
        ("1:EAX=0", "1:EAX 0", "MM802", "6:26", "expected"),
        ("1:EAX=0)", "1:EAX=0", "MM803", "6:26", "expected"),
        ("/\\", "&&", "MM802", "6:17", "expected"),
        ("x=0;", "x=1" + "0" * 30 + ";", "MM805", "2:5", None),
        ("x=0;", "x=5000;", "MM804", "2:5", None),
        ("(0:EAX", "(" * 70 + "0:EAX", "MM805", "6:1", None),
    ],
)
def test_a_mistake_is_said_where_it_stands(
    old: str, new: str, code: str, place: str, hint: str | None
) -> None:
    assert old in GOOD
    found = said(GOOD.replace(old, new, 1))
    assert found[:2] == (code, place), found
    assert (found[2] is None) if hint is None else hint in (found[2] or "")


PAGED = """AArch64 paged
Variant=vmsa
{[PTE(x)]=(oa:PA(x),valid:0); 0:X0=(oa:PA(x),valid:1); 0:X1=PTE(x); 0:X2=x; 0:X5=NOP; 0:X6=P0:here;}
 P0           | P0.F           ;
 STR X0,[X1]  | ADR X8,L0      ;
 STR W5,[X6]  | MSR ELR_EL1,X8 ;
 here: B on   | ERET           ;
 on: SVC #0   |                ;
 L0:          |                ;
 LDR W3,[X2]  |                ;
exists (fault(P0:L0,MMU:Translation) /\\ 0:X5=NOP)
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "place", "message"),
    [
        ("(oa:PA(x),valid:0)", "(oa:PA(x),valid:2)", "MM804", "3:11", "the field valid"),
        ("(oa:PA(x),valid:0)", "(oa:PA(x),valid:0", "MM802", "3:28", "`;` cannot stand"),
        ("[PTE(x)]", "[PTF(x)]", "MM804", "3:2", "PTF( )"),
        ("0:X1=PTE(x)", "0:X1=PTE(x", "MM802", "3:66", "`;` cannot stand"),
        ("0:X5=NOP", '0:X5=instr:"MUL X1"', "MM804", "3:82", "the instruction MUL"),
        ("0:X5=NOP", '0:X5=instr:"NOP', "MM802", "3:88", "cannot stand"),
        ("P0:here;", "P0:there;", "MM806", "3:92", "no label `P0:there`"),
        ("P0:here;", "P7:here;", "MM806", "3:92", "no label `P7:here`"),
        ("P0:here;", "x:red;", "MM804", "3:92", "a value of this kind"),
        ("P0           |", "             |", "MM802", "3:100", "no thread above"),
        ("| P0.F ", "|      ", "MM802", "4:15", "no thread above this column"),
        ("P0.F", "P1.F", "MM802", "4:17", "`P1.F` cannot stand here"),
        ("ADR X8,L0", "ADR X8,L9", "MM806", "7:17", "no label `L9`"),
        ("ERET ", "ERES ", "MM804", "7:17", "the instruction ERES"),
        ("B on ", "B off", "MM806", "7:2", "no label `off`"),
        ("STR W5,[X6]", "STR W3,[X6]", "MM804", "6:6", "an instruction that is computed"),
        ("STR W5,[X6]", "STR W5,[X2]", "MM804", "6:6", "an instruction that is stored"),
        ("SVC #0", "SVC", "", "", ""),
        ("L0:  ", "on:  ", "MM802", "8:2", "stands twice"),
        ("L0:          | ", "             | on:", "MM802", "8:2", "stands twice"),
        ("MMU:Translation", "MMU:Nothing", "MM804", "11:9", "a fault of the kind Nothing"),
        ("fault(P0:L0", "fault(Q0:L0", "MM802", "11:9", "`Q0` is no thread"),
        ("0:X5=NOP)", "0:X5=instr:)", "MM802", "11:52", "cannot stand"),
        ("exists (", "exits (", "MM802", "11:13", "cannot stand"),
    ],
)
def test_a_mistake_about_pages_and_instructions(
    old: str, new: str, code: str, place: str, message: str
) -> None:
    assert old in PAGED
    text = PAGED.replace(old, new, 1)
    if not code:
        scenario(code_of(litmus_of(Source("t", text), "t")), ("sc", "arm"), "arm")
        return
    found = said(text)
    assert found[:2] == (code, place), found
    assert message in found[3]


def test_a_label_of_a_handler_is_none_of_its_thread() -> None:
    text = PAGED.replace("on: SVC", "SVC").replace("ADR X8,L0      ", "on: ADR X8,L0  ")
    assert said(text)[::3] == ("MM806", "there is no label `on`")


def test_an_empty_text_is_no_litmus_test() -> None:
    assert said("")[:2] == ("MM801", "1:1")


def test_any_name_may_be_a_test_s() -> None:
    code = code_of(litmus_of(Source("t", GOOD.replace("good", "l\u00e9ger")), "t"))
    assert "scenario l_ger" in scenario(code, ("sc",), "sc").text


def test_a_register_may_begin_with_an_entry_whose_bits_are_changed() -> None:
    text = """AArch64 bits
TTHM=HA HD
{ [PTE(x)]=(valid:0); 0:X0=(oa:PA(x),dbm:1); 0:X1=PTE(x); }
 P0               ;
 MOV X6,#1        ;
 LSL X6,X6,#7     ;
 SWP X0,X2,[X1]   ;
 LDSET X6,X3,[X1] ;
exists (0:X3=(oa:PA(x),dbm:1))
"""
    code = code_of(litmus_of(Source("t", text), "t"))
    found = scenario(code, ("sc", "arm"), "arm").text
    assert "to_x_db0_dbm1 then" not in found.split("const to_x_db0_dbm1 =")[0]
    assert "const to_x_db0_dbm1 =" in found


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("(Data 1)", "(Data one)", "MM802", "2:1"),
        ("Permitted", "Perhaps", "MM802", "8:1"),
        ("Permitted\n", "", "MM803", "7:26"),
        ("Alternative\n", "", "MM801", "1:1"),
        ("(PA 0 0) (Data 1)", "(PA 1 0) (Data 1)", "MM804", "2:1"),
        ("(Data 1)", "(Data 123456)", "MM805", "2:1"),
        ("po 2 0 -> 3 0", "po 1 0 -> 0 0", "MM802", "2:1"),
    ],
)
def test_a_mistake_in_the_form_of_coatcheck(old: str, new: str, code: str, place: str) -> None:
    text = COATCHECK[0].text
    assert old in text
    assert said(text.replace(old, new, 1))[:2] == (code, place)


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ('"AArch64"', '"RISC-V"', "MM804", "1:1"),
        ("symbolic = ", "symbolic ", "MM802", "3:10"),
        ("x |-> one", "x ~> one", "MM802", "7:5"),
        ("z |-> two", "z |-> two at level 2", "MM804", "9:5"),
        ("*one = 0", "s1table other 0x1000 { }", "MM804", "10:5"),
        ("DMB SY", "DMB SU", "MM802", "16:5"),
        ("LDR X2,[X3]", "LDR X2,(X3", "MM803", "17:14"),
        ('R3 = "z"', 'R3 = "ttbr(z)"', "MM804", "23:6"),
        ("1:X2 = 0", "1:Q2 = 0", "MM806", "39:14"),
        ("1:X2 = 0", "1:X2 = x", "MM804", "39:14"),
        ("assertion", "claim", "MM803", "1:1"),
    ],
)
def test_a_mistake_in_the_form_of_isla(old: str, new: str, code: str, place: str) -> None:
    assert old in ISLA.text
    assert said(ISLA.text.replace(old, new, 1))[:2] == (code, place)


C_TEXT = """C good
{ }
P0(int *x) { int r0; r0 = READ_ONCE(*x); WRITE_ONCE(*x, r0 + 1); }
exists (x=1)
"""


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ("P0(", "Q0(", "MM802", "3:1"),
        ("READ_ONCE(*x)", "READ_ONCE(x)", "MM802", "3:27"),
        ("READ_ONCE(*x)", "READ_ONCE(*x, 1)", "MM802", "3:27"),
        ("READ_ONCE(*x)", "READ_TWICE(*x)", "MM804", "3:27"),
        ("READ_ONCE(*x)", "x", "MM804", "3:27"),
        ("r0 + 1);", "r0 + 1;", "MM802", "3:63"),
        ("r0 + 1); }", "r0 + 1);", "MM803", "3:64"),
        ("r0 + 1)", "r0 * 2)", "MM802", "3:60"),
        ("{ int", "{ /* int", "MM802", "3:14"),
        ("{ int", "{ while (1); int", "MM804", "3:14"),
        ("{ int r0;", "{ int r0; " + "if (r0) " * 200 + ";", "MM805", "2:4"),
        ("{ int r0;", "{ int r0; r0 = " + "!" * 99 + "r0;", "MM805", "2:4"),
    ],
)
def test_a_mistake_in_c(old: str, new: str, code: str, place: str) -> None:
    assert old in C_TEXT
    assert said(C_TEXT.replace(old, new, 1))[:2] == (code, place)


def test_several_mistakes_are_said_at_once() -> None:
    text = GOOD.replace("x=0", "x==0").replace("EAX,EBX", "EAX,,EBX").replace("/\\", "and")
    with pytest.raises(Rejected) as caught:
        litmus_of(Source("t", text), "t")
    assert [d.span.line for d in caught.value.diagnostics] == [2, 5, 6]


def test_the_caret_is_below_the_mistake(mmscn: Command, tmp_path: Path) -> None:
    path = tmp_path / "t.litmus"
    path.write_text(GOOD.replace("$1", "$"))
    ended = mmscn("run", str(path))
    assert ended.code == 2
    assert ended.out == ""
    assert f"--> {path}:4:10" in ended.err
    assert "\n  |          ^\n" in ended.err


PIECES = (*'{}()[];|:,=~$%#*\n"/\\ x0!é\0', "(*", "*)", "P2", "exists", "if (")


@pytest.mark.parametrize("seed", range(500))
def test_whatever_is_written_is_read_or_rejected(seed: int) -> None:
    rng = random.Random(seed)
    text = rng.choice([*X86, *C, *AARCH64, *COATCHECK, ISLA, ISLA]).text
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(text) + 1)
        piece = rng.choice(PIECES)
        text = text[:at] + piece + text[at + rng.randrange(3) :]
    try:
        scenario(code_of(litmus_of(Source("t", text), "t")), ("sc", "tso"), "tso")
    except Rejected as problem:
        for d in problem.diagnostics:
            assert d.code.startswith("MM80")
            assert 0 <= d.span.start <= d.span.end <= len(text)
            assert d.span.source.text == text
