"""Litmus tests are judged, and answered as herd7 answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from support.litmus.arm_texts import SHAPES, Shape
from support.litmus.texts import AARCH64, COATCHECK, FILTERED, ISLA, NAMES, X86, C, Known

from mmscn.diagnostics import Rejected
from mmscn.litmus.answer import answer, block, litmus_of
from mmscn.litmus.code import code_of
from mmscn.litmus.modelled import orders
from mmscn.litmus.scenario import scenario
from mmscn.source import Source
from mmscn.syntax.format import formatted

Command = Callable[..., Any]


EVERY = (*X86, *C, *AARCH64, *COATCHECK, ISLA, *FILTERED, *NAMES)


@pytest.mark.parametrize("known", EVERY, ids=lambda known: known.name)
@pytest.mark.parametrize("order", ["sc", "tso"])
def test_a_test_has_its_verdict(known: Known, order: str) -> None:
    found = answer(litmus_of(Source(known.name, known.text), known.name), order)
    assert found.verdict == known.verdicts[order]


@pytest.mark.parametrize("known", [*X86, *C, *AARCH64], ids=lambda known: known.name)
def test_an_imported_test_is_laid_out(known: Known) -> None:
    code = code_of(litmus_of(Source(known.name, known.text), known.name))
    for order in known.verdicts:
        text = scenario(code, orders(), order).text
        assert formatted(Source("s", text)) == text


def test_the_answer_is_in_the_form_of_herd(mmscn: Command, tmp_path: Path) -> None:
    path = tmp_path / "R.litmus"
    path.write_text(
        """X86 R "a comment"
{ y=1; int z=7; }
 P0         | P1          ;
 MOV [x],$1 | MOV [y],$2  ;
 MOV [y],$3 | MOV EAX,[x] ;
locations [z; 1:EAX;]
exists (y=2 /\\ 1:EAX=0 \\/ not (z=7))
"""
    )
    ended = mmscn("run", str(path), "-D", "memory=sc")
    assert ended.code == 0
    head, _, picture = ended.out.partition("\n\n")
    assert head.splitlines() == [
        "Test R Allowed",
        "States 3",
        "1:EAX=0; [y]=3; [z]=7;",
        "1:EAX=1; [y]=2; [z]=7;",
        "1:EAX=1; [y]=3; [z]=7;",
        "No",
        "Witnesses",
        "Positive: 0 Negative: 3",
        "Condition exists ([y]=2 /\\ 1:EAX=0 \\/ not ([z]=7))",
        "Observation R Never 0 3",
    ]
    assert picture == ""


def given(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """A text on the standard input."""
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(text.encode())))


def test_stdin_is_a_litmus_test_if_it_begins_as_one(
    mmscn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, X86[0].text)
    ended = mmscn("run", "-", "-D", "memory=sc")
    assert ended.code == 0
    assert ended.out.startswith(f"Test {X86[0].name} ")


def test_a_scenario_on_stdin_is_run_as_before(
    mmscn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "scenario s\nvar x: 0..1\nthread t { x = 1 }\nfinally x == 1\n"
    given(monkeypatch, text)
    ended = mmscn("run", "-")
    assert ended.code == 0
    assert ended.out.startswith("s\n")


def test_an_imported_test_is_a_scenario_that_runs(mmscn: Command, tmp_path: Path) -> None:
    test, made = tmp_path / "t.litmus", tmp_path / "t.mmscn"
    test.write_text(X86[0].text)
    assert mmscn("litmus", "import", str(test), "-o", str(made), "--memory", "sc").code == 0
    run = json.loads(mmscn("run", str(made), "--json").out)["scenarios"][0]["runs"][0]
    found = answer(litmus_of(Source("t", X86[0].text), "t"), "sc")
    assert len(run["final_states"]["states"]) == len(found.states)


def test_a_witness_is_drawn_behind_the_answer(told: str, mmscn: Command) -> None:
    ended = mmscn("run", told, "-D", "memory=sc")
    assert "Observation heard Sometimes 1 1\n\nREACHED heard" in ended.out
    bare = mmscn("run", told, "-D", "memory=sc", "--diagrams", "none")
    assert bare.out.endswith("Observation heard Sometimes 1 1\n")


TOLD = "X86 heard\n{ }\n P0 | P1 ;\n MOV [x],$1 | MOV EAX,[x] ;\nexists (1:EAX=1)\n"


@pytest.fixture
def told(tmp_path: Path) -> str:
    path = tmp_path / "heard.litmus"
    path.write_text(TOLD)
    return str(path)


def token_in(text: str) -> str:
    (token,) = re.findall(r"^token (\S+)$", text, re.MULTILINE)
    return str(token)


@pytest.mark.parametrize("settings", [[], ["-D", "memory=sc"]])
def test_a_witness_is_replayed_from_its_token(
    settings: list[str], told: str, mmscn: Command, tmp_path: Path
) -> None:
    ran = mmscn("run", told, *settings)
    token = token_in(ran.out)
    again = mmscn("replay", token, told)
    assert again.code == 0
    drawn = ran.out[ran.out.index("  CPU0: ") : ran.out.index("\ntoken")]
    assert drawn in again.out
    made = tmp_path / "heard.mmscn"
    order = ["--memory", "sc"] if settings else []
    assert mmscn("litmus", "import", told, *order, "-o", str(made)).code == 0
    assert token_in(mmscn("replay", token, str(made)).out) == token


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["html"], "<title>heard: HOLDS</title>"),
        (["mail"], "Subject: heard: REACHED heard\n"),
        (["explain"], "heard  heard\n\n  Asked:\n    heard"),
        (["replay", "--watch", "x"], "REACHED heard  heard memory=tso\n"),
        (["dis"], "store_buffer.length[cpu0]"),
        (["diff", "-D", "memory=sc", "-D", "memory=tso"], "memory=sc  memory=tso"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_what_takes_a_scenario_takes_a_litmus_test(
    args: list[str], said: str, told: str, mmscn: Command
) -> None:
    ended = mmscn(args[0], told, *args[1:])
    assert (ended.code, ended.err) == (0, "")
    assert said in ended.out


def test_what_a_mail_of_a_litmus_test_claims_stands(
    told: str, mmscn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, mmscn("mail", told).out)
    ended = mmscn("verify")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-3:] == ["  it reaches heard", "", "2 claims: 2 stand"]


def test_more_stores_than_a_buffer_has_places_are_not_decided(
    mmscn: Command, tmp_path: Path
) -> None:
    stores = "".join(f" MOV [v{n}],$1 | ;\n" for n in range(9))
    path = tmp_path / "t.litmus"
    path.write_text(f"X86 t\n{{ }}\n P0 | P1 ;\n | MOV EAX,[v0] ;\n{stores}exists (1:EAX=2)\n")
    ended = mmscn("run", str(path))
    assert ended.code == 3
    assert "\nObservation t Undecided 0 2\n" in ended.out
    assert ended.out.endswith("Undecided: undecided beyond store buffers of 8\n")
    assert mmscn("run", str(path), "-D", "memory=sc").code == 0


def test_as_json_it_is_a_scenario_s_result(mmscn: Command, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.litmus", tmp_path / "bad.litmus"
    good.write_text(X86[4].text)
    bad.write_text("X86 bad\n{ }\n P0 ;\n RDTSC ;\nexists (x=1)\n")
    ended = mmscn("run", str(good), str(bad), "-D", "memory=sc", "--json")
    document = json.loads(ended.out)
    assert ended.code == 2
    assert ended.err == ""
    (scenario_,) = document["scenarios"]
    assert scenario_["name"] == "message"
    assert len(scenario_["runs"][0]["final_states"]["states"]) == 3
    assert [(r["path"], r["diagnostics"][0]["code"]) for r in document["rejected"]] == [
        (str(bad), "MM804")
    ]


def test_a_limit_in_front_of_the_search_leaves_it_undecided(mmscn: Command, tmp_path: Path) -> None:
    path = tmp_path / "t.litmus"
    path.write_text(X86[4].text)
    ended = mmscn("run", str(path), "-D", "memory=sc", "--time", "0.001")
    assert ended.code in (0, 3)
    assert "Test message Allowed\n" in ended.out


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
@pytest.mark.parametrize("order", ["sc", "arm"])
def test_a_shape_has_its_verdict(shape: Shape, order: str) -> None:
    """What the shapes ask for is in no order of the accesses: `sc` forbids all of it."""
    found = answer(litmus_of(Source(shape.name, shape.text()), shape.name), order)
    if found.witness is not None:
        assert found.witness.steps  # what is drawn goes the way of the trace
    allowed = shape.allowed and order != "sc"
    assert found.verdict == ("Allowed" if allowed else "Forbidden")


def test_check_looks_at_a_test_without_a_search(mmscn: Command, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.litmus", tmp_path / "bad.litmus"
    good.write_text(X86[0].text)
    bad.write_text("X86 bad\n{ }\n P0 ;\n RDTSC ;\nexists (x=1)\n")
    ended = mmscn("check", str(good), str(bad))
    assert ended.code == 2
    assert ended.out == f"{good}: no errors\n"
    assert f"--> {bad}:4:2" in ended.err


def test_a_loop_is_judged(mmscn: Command) -> None:
    text = """X86 wait
{ }
 P0          | P1            ;
 MOV [x],$1  | L0:           ;
 MOV [f],$1  | MOV EAX,[f]   ;
             | CMP EAX,$1    ;
             | JNE L0        ;
             | MOV EBX,[x]   ;
forall (1:EBX=1)
"""
    found = answer(litmus_of(Source("wait", text), "wait"), "sc")
    assert found.verdict == "Required"
    assert "Observation wait Always 1 0\n" in block(found)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("rdtsc", "the instruction RDTSC is not supported"),
        ("large", "a number beyond 1000 is not supported"),
        ("computed", "an address that is computed is not supported"),
        ("fault", "a fault is not supported"),
    ],
)
def test_what_cannot_be_said_has_no_verdict(name: str, cause: str) -> None:
    texts = {
        "rdtsc": "X86 t\n{ }\n P0 ;\n RDTSC ;\nexists (x=1)\n",
        "large": "X86 t\n{ x=70000; }\n P0 ;\n MOV [x],$1 ;\nexists (x=1)\n",
        "computed": "X86_64 t\n{ }\n P0 ;\n movl $1,(%rax) ;\nexists (x=1)\n",
        "fault": "X86 t\n{ }\n P0 ;\n MOV [x],$1 ;\nexists (fault(P0,x))\n",
    }
    with pytest.raises(Rejected) as caught:
        answer(litmus_of(Source(name, texts[name]), name), "sc")
    (wrong,) = caught.value.diagnostics
    assert (wrong.code, wrong.message) == ("MM804", cause)
    assert wrong.span.source.text == texts[name]
