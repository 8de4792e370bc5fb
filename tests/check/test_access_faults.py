"""`hw.access_faults`: which fault an access meets, by what its entry has and who sets the rest."""

from __future__ import annotations

import pytest

from mmscn import loads
from mmscn.diagnostics import Rejected
from mmscn.judge.report import Run

TEXT = """
scenario faults "One access"
import hw.access_faults
machine arm64 { cpus 1; spec_fill = off; evict = off; KNOBS }
map A -> frame 0
ghost var faults: 0..2
ghost var last: fault_kind
init { ENTRY }
on access_refused(v, write, kind) {
  last = kind
  faults += 1
  current.refused = true
}
concurrent { thread user on cpu 0 { ACCESS } }
finally "met" ASKED
expect holds
"""
BOTH, FLAG, NEITHER = "hw_a = on", "hw_a = on; hw_d = off", "hw_a = off; hw_d = off"
LOAD, STORE = "let seen = load A", "store A = 1"
OLD, CLEAN, READ_ONLY = "A.pte.young = false", "A.pte.dirty = false", "A.pte.write = false"
GONE = "A.pte = none"
DONE = "faults == 0"


def runs(text: str) -> list[Run]:
    scenario = loads(text)
    return list(scenario.runs(scenario.combinations()))


def fault(kind: str) -> str:
    return f"faults == 1 and last == {kind}_fault"


@pytest.mark.parametrize(
    ("knobs", "entry", "access", "asked"),
    [
        (BOTH, OLD, LOAD, f"{DONE} and A.pte.young"),
        (BOTH, f"{OLD}; {CLEAN}", STORE, f"{DONE} and A.pte.young and A.pte.dirty"),
        (FLAG, OLD, LOAD, f"{DONE} and A.pte.young"),
        (FLAG, CLEAN, LOAD, DONE),
        (FLAG, CLEAN, STORE, f"{fault('permission')} and not A.pte.dirty"),
        (FLAG, "A.pte.dirty = true", STORE, DONE),
        (NEITHER, OLD, LOAD, f"{fault('access_flag')} and not A.pte.young"),
        (NEITHER, f"{OLD}; {CLEAN}", STORE, fault("access_flag")),
        (NEITHER, CLEAN, STORE, fault("permission")),
        (NEITHER, CLEAN, LOAD, DONE),
        (BOTH, READ_ONLY, STORE, fault("permission")),
        (BOTH, GONE, STORE, fault("translation")),
        (NEITHER, GONE, LOAD, fault("translation")),
    ],
)
def test_an_access_meets_the_first_fault_of_a_walk(
    knobs: str, entry: str, access: str, asked: str
) -> None:
    text = TEXT.replace("KNOBS", knobs).replace("ENTRY", entry)
    (run,) = runs(text.replace("ACCESS", access).replace("ASKED", asked))
    assert run.met


@pytest.mark.parametrize(
    "knobs", ["hw_a = off", "ad = blind_or", "hw_a = off; hw_d = off; accessed = on"]
)
def test_what_is_no_such_walker_is_rejected(knobs: str) -> None:
    text = TEXT.replace("KNOBS", knobs).replace("ENTRY", CLEAN)
    with pytest.raises(Rejected):
        runs(text.replace("ACCESS", LOAD).replace("ASKED", DONE))


def test_an_old_entry_is_in_no_tlb() -> None:
    text = TEXT.replace("spec_fill = off; ", "").replace("KNOBS", NEITHER).replace("ENTRY", OLD)
    text = text.replace("ACCESS", LOAD).replace("ASKED", fault("access_flag"))
    (run,) = runs(text)
    assert run.met
