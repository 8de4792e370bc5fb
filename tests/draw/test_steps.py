"""A trace as a list of steps and as JSON."""

from __future__ import annotations

import json

import pytest

from mmscn.draw.step_list import list_steps
from mmscn.draw.steps import steps
from mmscn.show.trace_json import trace_json

SCENARIOS = ("racewrite", "deadlock", "three_cpus", "four_cpus", "gpu", "one_cpu")


def test_step_list(violation, golden) -> None:
    compiled, trace = violation("racewrite", "read back what was written")
    golden("draw/racewrite-steps.txt", list_steps(compiled, trace))


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("seed", range(12))
def test_a_value_is_what_the_last_change_made_it(scenario, seed, walk) -> None:
    compiled, trace = walk(scenario, seed)
    values: dict[str, str] = {}
    for step in steps(compiled, trace):
        for change in step.changes:
            if change.cells:
                assert values.get(change.what, change.before) == change.before
                values[change.what] = change.after


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_json_has_every_step(scenario, walk) -> None:
    compiled, trace = walk(scenario, 1)
    found = json.loads(json.dumps(trace_json(compiled, trace)))
    assert [s["n"] for s in found["steps"]] == list(range(1, len(trace.rules) + 1))
    assert found["shortest"] is False
    assert all(s["where"]["line"] > 0 for s in found["steps"])


def test_versions_keep_their_names_when_states_are_renumbered(violation_in) -> None:
    text = """
    scenario versions
    machine x86 { cpus 1 }
    var a: version
    var b: version
    concurrent { thread one on cpu 0 { a = fresh; b = fresh; a = b; a = fresh } }
    property never { finally a == b }
    check never
    """
    compiled, trace = violation_in(text, "never")
    changes = [str(c) for s in steps(compiled, trace) for c in s.changes]
    assert changes == ["a: v0 -> v1", "b: v0 -> v2", "a: v1 -> v2", "a: v2 -> v3"]


def test_a_translation_is_written_as_in_a_page_table_dump(violation) -> None:
    compiled, trace = violation("racewrite", "read back what was written")
    first = steps(compiled, trace)[0]
    assert [str(c) for c in first.notes] == [
        "PTE buf: p0 RW -> p0 RW D",
        "TLB0 buf: none -> p0 RW D",
        "p0: v0 -> v1",
    ]


def test_a_store_that_hits_a_stale_entry_has_a_remark(violation) -> None:
    compiled, trace = violation("racewrite", "read back what was written")
    stores = [s for s in steps(compiled, trace) if s.text.startswith("store")]
    assert [s.remark for s in stores] == [None, "through the stale TLB0 entry"]


def test_instructions_stand_for_their_steps(violation) -> None:
    compiled, trace = violation("three_cpus", "no_stale")
    texts = {s.text for s in steps(compiled, trace) if not s.hardware}
    assert texts == {"store A = 2", "pte(A) = none", "flush A", "flush A on cpu 1"}
