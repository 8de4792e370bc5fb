"""What a run of the mutations keeps is what the next one goes on from, and what is a re-check."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import mmscn


@pytest.fixture
def mutations() -> ModuleType:
    """tests/scenarios/mutations.py, which is on no path."""
    path = Path(__file__).with_name("mutations.py")
    spec = importlib.util.spec_from_file_location("mutations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutations"] = module
    spec.loader.exec_module(module)
    return module


def test_what_was_kept_is_found_again_but_for_a_line_that_was_cut(
    mutations: ModuleType, tmp_path: Path
) -> None:
    places = frozenset({("linux.page", 12), ("linux.page", 40)})
    case = mutations.Case("references", (("other", "fsync"),), True)
    noticed = mutations.Noticed(mutations.Mutant("a: lock m", "lock", places), case, "why", 3, 9)
    unnoticed = mutations.Noticed(mutations.Mutant("b: flush v", "flush", places), None, "", 9, 9)
    file = tmp_path / "kept"
    assert mutations.read_results(file) == {}
    mutations.add_result(file, noticed)
    mutations.add_result(file, unnoticed)
    with file.open("a", encoding="utf-8") as cut:
        cut.write('["c: lock m", "lo')
    found = mutations.read_results(file)
    assert list(found) == ["a: lock m", "b: flush v"]
    assert found["b: flush v"] == unnoticed
    assert found["a: lock m"].mutant == noticed.mutant
    assert str(found["a: lock m"].case) == str(case)


AGAIN = """\
scenario again "re-checks"
spinlock a
spinlock b
var x: 0..3
var y: 0..3
var seen: 0..3
concurrent {
  thread t {
    if x == 1 { y = 1 }  // first look
    if x == 2 { y = 1 }  // again
    if y == 2 { x = 1 }  // first look
    let old = x
    if old == 3 { y = 2 }  // again
  }
  thread u {
    lock a { if x == 1 { y = 0 } }  // again
    lock b {
      let now = y
      if seen == 1 { x = 0 }  // first look
      if now == 1 { x = 0 }  // again
      if x == 1 { y = 0 } else { y = 1 }  // with else
    }
  }
}
always x != 3
"""


def test_a_recheck_reads_what_was_read_before_or_reads_first_under_a_lock(
    mutations: ModuleType,
) -> None:
    unit = mmscn.loads(AGAIN).unit
    found = [AGAIN[start:].partition("\n")[0] for _, start in mutations.rechecks(unit)]
    marked = [line for line in AGAIN.splitlines() if line.endswith("// again")]
    assert found == [line[line.index("if ") :] for line in marked]


def test_that_something_breaks_at_another_operation_is_not_noticed(mutations: ModuleType) -> None:
    (mutant,) = (
        m
        for m in mutations.whole(["batched_unmap"])
        if m.name == "linux.unmap_batch mprotect_read_only(): lock v.mm.mmap_sem for write"
    )
    cases = [case for case, _ in mutations.cases_of("batched_unmap")]
    assert [mutations.unmet(case, mutant) for case in cases] == ["", ""]
