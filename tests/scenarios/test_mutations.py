"""What a run of the mutations keeps is what the next one goes on from."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


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
