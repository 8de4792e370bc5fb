"""`flush A on c`, `flush A on a set`, and `v.pte` where `pte` is a procedure."""

from __future__ import annotations

import pytest
from support.check.forms import same
from support.check.walked import HOLDS, VIOLATED, walked

from mmscn.runtime.result import Verdict

RACE = """
machine x86 { cpus 2; KIND; spec_fill = off }
map A -> frame 0
STATE
thread kernel on cpu 0 { set pte(A) = none; BODY; mark unmapped }
thread user on cpu 1 { let seen = load A; store A = 1 }
check no_stale_translation(A) after unmapped
"""
SETS = """
var mask: set of cpu
var who: cpu
init { mask[cpu 1] = true; who = cpu 1 }
"""


def verdict(body: str, kind: str) -> Verdict:
    text = RACE.replace("BODY", body).replace("KIND", f"flush_kind = {kind}").replace("STATE", SETS)
    return walked(text).verdicts["no_stale_translation"]


REACHED = [
    "flush A on cpu 1",
    "let c = cpu 1; flush A on c",
    "flush A on who",
    "let seen = mask; mask = none; flush A on seen",
    "flush A on A.cpus",
]
MISSED = ["let c = cpu 0; flush A on c", "mask[cpu 1] = false; flush A on mask"]


@pytest.mark.parametrize("kind", ["ipi", "broadcast"])
@pytest.mark.parametrize("body", REACHED)
def test_a_flush_reaches_the_cpus_that_it_names(body: str, kind: str) -> None:
    assert verdict(body, kind) is HOLDS


@pytest.mark.parametrize("kind", ["ipi", "broadcast"])
@pytest.mark.parametrize("body", MISSED)
def test_a_flush_reaches_no_other_cpus(body: str, kind: str) -> None:
    assert verdict(body, kind) is VIOLATED


STATE = """
machine x86 { cpus 2; frames 2 }
each frame { var entry: 0..3 }
var f: frame
var x: 0..3
proc half(p) { return p.entry }
proc taken(p) { x += 1; return p.entry }
proc plus(p) { return half(p) + 1 }
"""
SAME = [
    ("x = frame 0.half", "x = frame 0.entry"),
    ("f = frame 1; f.half = 2; x = f.half", "f = frame 1; f.entry = 2; x = f.entry"),
    ("let old = xchg frame 1.half, 3; x = frame 1.plus - 1",
     "let old = xchg frame 1.entry, 3; x = frame 1.entry"),
    ("if frame 0.taken == 0 { frame 0.half += 1 }",
     "let r = taken(frame 0); if r == 0 { frame 0.entry += 1 }"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), SAME)
def test_an_attribute_may_be_a_procedure(one: str, two: str) -> None:
    other = "thread u on cpu 1 { frame 0.entry = 1 }\nalways x <= 3\nfinally frame 0.entry >= 1\n"
    texts = []
    for body in (one, two):
        used = [n for n in ("half", "taken", "plus") if n in body]
        used += ["half"] if "plus" in body else []
        lines = STATE.splitlines()
        lines = [x for x in lines if not x.startswith("proc") or x[5:].split("(")[0] in used]
        texts.append("\n".join(lines) + f"\nthread t on cpu 0 {{ {body} }}\n" + other)
    left, right = same(*texts, "x", "f")
    assert left.finals == right.finals
    assert left.verdicts == right.verdicts
