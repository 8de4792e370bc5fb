"""`extend struct` and `extend knob`: what one text adds to another's declarations."""

from __future__ import annotations

import pytest
from support.check.walked import HOLDS, VIOLATED, walked

ENTRY = """
extend struct translation { asid: 0..3 }
machine x86 { cpus 2; evict = off; spec_fill = off }
map A -> frame 0
thread user on cpu 0 { set pte(A) = pte(A) with asid = 2; let seen = load A; mark loaded }
always "copied" cpu 0.tlb[A] == none or cpu 0.tlb[A].asid == 2
reachable "cached" cpu 0.tlb[A].asid == 2
"""


def test_a_member_that_is_added_is_kept_and_copied_with_the_struct() -> None:
    found = walked(ENTRY.replace("; mark loaded", "").replace("cpu 0.tlb", "(cpu 0).tlb"))
    assert found.verdicts["copied"] is HOLDS
    assert found.verdicts["cached"] is HOLDS


KINDS = """
extend knob flush_kind | lazy
machine x86 { cpus 2; flush_kind = KIND; spec_fill = off }
map A -> frame 0
override proc flush_all(pages) when flush_kind == lazy { }
thread kernel on cpu 0 { set pte(A) = none; flush A on all; mark unmapped }
thread user on cpu 1 { let seen = load A }
check no_stale_translation(A) after unmapped
"""


@pytest.mark.parametrize(("kind", "verdict"), [("ipi", HOLDS), ("lazy", VIOLATED)])
def test_a_value_that_is_added_is_one_of_the_knob(kind: str, verdict: object) -> None:
    found = walked(KINDS.replace("KIND", kind))
    assert found.verdicts["no_stale_translation"] is verdict
