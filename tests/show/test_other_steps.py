"""What a page has of the steps that an execution does not take is what would follow."""

from __future__ import annotations

import pytest

from mmscn import loads
from mmscn.draw.notes import value_text
from mmscn.draw.traced import traced
from mmscn.judge.evidence import Counterexample
from mmscn.runtime.interpreter import enabled
from mmscn.show.other_steps import Telling, TooMuch, others, ways_from
from mmscn.show.trace_json import known_of

LOST = """
scenario lost "Two threads count"
var counter: 0..2
proc count() { let seen = counter; counter = seen + 1 }
concurrent {
  thread a on cpu 0 { call count() }
  thread b on cpu 1 { call count() }
}
finally "both" counter == 2
reachable "one by one" counter == 2
expect violated "both"
"""
CONTENTS = """
scenario contents "Two contents, made in either order"
var x: version
var y: version
concurrent {
  thread a on cpu 0 { x = fresh }
  thread b on cpu 1 { y = fresh }
}
finally "the same" x == y
expect violated "the same"
"""
MANY = "scenario many\nvar x: 0..300\nthread t { while x < 300 { x += 1 } }\nfinally x == 0\n"


def example_of(text: str) -> Counterexample:
    run = loads(text).check().runs[0]
    found = run.counterexample(run.violated()[0].name)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def lost() -> Counterexample:
    return example_of(LOST)


@pytest.mark.parametrize("text", [LOST, CONTENTS], ids=["numbers", "contents"])
def test_each_step_changes_what_is_told_of_it(text: str) -> None:
    """Along any way: what a state shows does not depend on how it was come to."""
    example = example_of(text)
    ways = ways_from(example.compiled, example.trace.states[0])
    telling = Telling(example.compiled, ways)
    told, _ = telling.told(example.trace)
    assert len(told["nodes"]) == len(ways.nodes) > 3
    for one in told["steps"]:
        shown = [*telling.values[one["before"]]]
        for change in one["step"]["changes"]:
            if change["variable"] is not None:
                assert shown[change["variable"]] == change["from"]
                shown[change["variable"]] = change["to"]
        assert shown == telling.values[one["after"]]


def test_a_state_that_is_told_in_two_ways_is_not_told(lost: Counterexample) -> None:
    telling = Telling(lost.compiled, ways_from(lost.compiled, lost.trace.states[0]))
    telling.values[1] = ["another history"]
    with pytest.raises(TooMuch):
        telling.told(lost.trace)


def test_all_steps_are_there_and_the_execution_is_among_them(lost: Counterexample) -> None:
    told = others(lost)
    assert told is not None
    found, sources = told
    ways = ways_from(lost.compiled, lost.trace.states[0])
    program = lost.compiled.program
    for n, (state, _) in enumerate(ways.nodes):
        after = [ways.nodes[s["after"]][0] for s in found["steps"] if s["before"] == n]
        assert after == [state_after for _, state_after in enabled(program, state)]
    places = [ways.nodes[n][0] for n in found["at"]]
    assert places == list(lost.trace.states)
    shown = traced(lost.compiled, lost.trace)
    last = [value_text(shown.checked, t, shown.last.cells) for t in known_of(shown).variables]
    assert "1" in last
    assert len(sources) == 1


def test_what_breaks_and_what_is_reached_is_said(lost: Counterexample) -> None:
    told = others(lost)
    assert told is not None
    ends = [(s["step"]["violates"], s["step"]["reaches"]) for s in told[0]["steps"]]
    assert any(broken for broken, _ in ends)
    assert any(reached for _, reached in ends)
    assert ([], []) in ends


def test_where_there_are_too_many_states_there_is_nothing_to_choose() -> None:
    example = example_of(MANY)
    with pytest.raises(TooMuch):
        ways_from(example.compiled, example.trace.states[0])
    assert others(example) is None
