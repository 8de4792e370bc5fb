"""What `mmscn ablate` says of the shipped library is what the mutation test and its page say."""

from __future__ import annotations

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import mmscn
from mmscn.explain import ablation
from mmscn.explain.mutants import mutants

HERE = Path(__file__).resolve()
PAGE = HERE.parents[2] / "docs" / "redundant.md"
SAMPLE = (
    "accessed_bit",
    "batched_unmap",
    "dontneed_misses_huge_page",
    "goto_again",
    "huge_fault_against_zap",
    "iova_flush_queue",
    "kvm_yield",
    "madv_free_dio",
    "one_cpu",
    "page_lock_serialises",
    "pin_against_cow",
    "pinned_accounting",
    "two_dirtiers",
    "walk_of_a_refault",
)
NEEDED = (ablation.BREAKS, ablation.VACUOUS, ablation.REJECTED)


@cache
def mutations() -> ModuleType:
    """tests/scenarios/mutations.py, which is on no path."""
    path = HERE.parents[1] / "scenarios" / "mutations.py"
    spec = importlib.util.spec_from_file_location("mutations_compared", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutations_compared"] = module
    spec.loader.exec_module(module)
    return module


def page() -> tuple[set[str], dict[str, str]]:
    """What docs/redundant.md has as redundant, and what notices the others."""
    text = PAGE.read_text(encoding="utf-8")
    redundant = set(re.findall(r"^- `(.+?)` \(\d+ run\)", text, re.MULTILINE))
    rows = re.findall(r"^\| `(.+)` \| `([^`]+)` \|$", text, re.MULTILINE)
    return redundant, {name.replace("\\|", "|"): case for name, case in rows}


def compared(name: str, cases_max: int) -> dict[str, bool]:
    """Whether each mutant is needed; in every combination both say the same."""
    other = mutations()
    scenario = mmscn.load(name)
    again = set(other.rechecks(scenario.unit))
    redundant, noticed_by = page()
    holding = [case for case, _ in other.cases_of(name) if case.holds]
    told = [case for case in holding if str(case) in noticed_by.values()]
    found: dict[str, bool] = {}
    for case in dict.fromkeys([*told, *holding[:cases_max]]):
        bounds = ablation.Bounds(other.LIMITS, 1)
        intact = list(ablation.intact(scenario, [dict(case.params)], bounds.limits))
        for work in ablation.work_of(scenario, intact, other.KINDS):
            mutant = work.mutant
            if other.counted(mutant, again):
                row = ablation.ablated(scenario, work, bounds)
                needed = row.ends in NEEDED
                why = other.unmet(case, mutant)
                assert needed == bool(why), (str(case), row, why)
                if noticed_by.get(mutant.name) == str(case):
                    assert needed, row
                found[mutant.name] = found.get(mutant.name, False) or needed
    assert not redundant & {mutant for mutant, needed in found.items() if needed}
    return found


def test_what_a_scenario_needs_is_what_it_notices() -> None:
    assert compared("free_before_flush", 1) == {
        "free_before_flush thread kernel: flush A on all (#2)": True
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLE)
def test_what_a_larger_scenario_needs_is_what_it_notices(name: str) -> None:
    assert compared(name, 1)


HANDED = """scenario s
spinlock m
var x: 0..4
proc take() { lock m; x = 0 }
proc leave() { x = 0; unlock m }
proc both() { call take(); unlock m }
proc tries() { if trylock m { x = 1; unlock m } }
proc block() { lock m { x = 2 }; call tries() }
thread a on cpu 0 { call take(); call leave(); lock m; unlock m }
thread b on cpu 1 { call both(); call block() }
always x < 4
"""


def test_a_lock_that_is_handed_from_one_procedure_to_another_is_taken_out_of_all() -> None:
    scenario = mmscn.loads(HANDED)
    locks = [m for m in mutants(scenario.unit) if m.kind == "lock"]
    found = {m.name: sorted(place for _, place in m.places) for m in locks}
    places = {
        word: [match.start() for match in re.finditer(rf"\b{word} m\b(?! \{{)", HANDED)]
        for word in ("lock", "unlock")
    }
    tried = HANDED.index("trylock m")
    inner = HANDED.index("unlock m", tried)
    handed = sorted({*places["lock"], *places["unlock"]} - {inner})
    assert found == {
        "<text> take(): lock m": handed,
        "<text> tries(): lock m": [tried, inner],
        "<text> block(): lock m": [HANDED.index("lock m { x = 2")],
    }
    ended = [
        ablation.ablated(scenario, work, ablation.Bounds(mutations().LIMITS, 1)).ends
        for work in ablation.work_of(
            scenario,
            list(ablation.intact(scenario, scenario.combinations(), mutations().LIMITS)),
            ("lock",),
        )
    ]
    assert ended == [ablation.HOLDS] * 3


def test_what_is_never_put_to_the_test_any_more_is_told() -> None:
    scenario = mmscn.loads("""scenario s
struct object { refs: 0..2 }
var o: object
var freed: bool
thread a on cpu 0 {
  o.refs = 1
  o.refs -= 1
  if o.refs == 0 { freed = true; assert o.refs == 0 }
}
""")
    limits = mutations().LIMITS
    cases = list(ablation.intact(scenario, scenario.combinations(), limits))
    (work,) = ablation.work_of(scenario, cases, ("reference",))
    row = ablation.ablated(scenario, work, ablation.Bounds(limits, 1))
    assert (row.ends, row.title) == (ablation.VACUOUS, '"o.refs == 0"')
