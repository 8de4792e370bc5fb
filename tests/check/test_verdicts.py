"""HOLDS, VIOLATED and VACUOUS: what had a chance to fail."""

from __future__ import annotations

import pytest
from support.check.walked import HOLDS, VACUOUS, walked


def test_an_assertion_that_is_never_reached_is_vacuous() -> None:
    found = walked('var a: bool\nthread t { if a { assert true "never" }; assert true "reached" }')
    assert found.verdicts["never"] is VACUOUS
    assert found.verdicts["reached"] is HOLDS


def test_an_implication_whose_condition_never_comes_is_vacuous() -> None:
    found = walked("""
        var a: 0..2
        thread t { a = 1 }
        always "never" a == 2 implies a == 0
        always "once" a == 1 implies a != 0
    """)
    assert found.verdicts["never"] is VACUOUS
    assert found.verdicts["once"] is HOLDS


def test_a_quantified_implication_needs_one_element_that_has_a_chance() -> None:
    found = walked("""
        var a[0..1]: bool
        thread t { a[1] = true }
        always "one" all i in 0..1: a[i] implies i == 1
        always "none" all i in 0..1: a[i] and i == 0 implies false
    """)
    assert found.verdicts["one"] is HOLDS
    assert found.verdicts["none"] is VACUOUS


def test_a_property_after_a_mark_that_is_never_reached_is_vacuous() -> None:
    found = walked("""
        var a: bool
        thread t { if a { mark then } }
        property p { always true }
        check p after then
    """)
    assert found.verdicts["p"] is VACUOUS


def test_a_property_holds_after_a_mark_if_not_before() -> None:
    found = walked("""
        var a: bool = true
        thread t { a = false; mark then; await true }
        property p { always not a }
        check p after then
        always "before, too" not a
    """)
    assert found.verdicts["p"] is HOLDS
    assert found.broken() == {"before, too"}
    assert found.lengths["before, too"] == 0


def test_a_scenario_that_never_comes_to_rest_has_nothing_final() -> None:
    found = walked('var a: bool\nthread t { await a }\nfinally "end" true')
    assert found.verdicts["end"] is VACUOUS
    assert found.finals == set()


def test_hardware_that_is_busy_is_not_at_rest() -> None:
    found = walked("""
        var a: 0..2
        agent dev { step work when a == 1 { a = 2 }; busy when a == 1 }
        thread t { a = 1 }
        finally "done" a == 2
    """, "a")
    assert found.finals == {(2,)}
    assert found.broken() == set()


@pytest.mark.parametrize(
    ("outcomes", "broken"),
    [
        ("w == none; w.count == 1", set()),
        ("w.count == 1; w == none", set()),
        ("w.count == 0; w.count == 1; w == none", {"outcome w.count == 0"}),
        ("w.count == 1", {"outcomes"}),
        ("w.count == 0 or w == none", {"outcomes", "outcome w.count == 0 or w == none"}),
        ("not (w.count == 0); w == none", set()),
    ],
)
def test_outcomes_are_judged_each_by_itself(outcomes: str, broken: set[str]) -> None:
    """One that has no value in a state does not hide those behind it."""
    found = walked(f"""
        each frame {{ var count: 0..1 }}
        var w: frame
        concurrent {{
          thread a on cpu 0 {{ atomic {{ w = frame 0; w.count = 1 }} }}
          thread b on cpu 1 {{ w = none }}
        }}
        expect outcomes {{ {outcomes} }}
    """)
    assert found.broken() == broken


def test_outcomes_are_all_that_there_are_and_each_of_them_is() -> None:
    text = """
        var a: 0..2
        thread t { choose { a = 1 } or { a = 2 } }
        expect outcomes { a == 1; a == 2 }
    """
    assert walked(text).broken() == set()
    more = walked(text.replace("a == 2 }", "a == 0 }"))
    assert more.broken() == {"outcome a == 0", "outcomes"}


def test_a_condition_without_a_value_does_not_hold() -> None:
    found = walked("""
        each frame { var d: bool }
        var f: frame
        thread t { f = frame 0 }
        always "unguarded" not f.d
        always "guarded" f != none implies not f.d
        reachable "somewhere" not f.d
    """)
    assert found.broken() == {"unguarded"}
    assert found.lengths == found.lengths | {"unguarded": 0, "somewhere": 1}


def test_checks_of_one_name_are_several() -> None:
    found = walked('thread t { assert true "same"; assert false "same" }')
    assert found.broken() == {"same"}


def test_a_check_that_its_condition_switches_off_is_not_there() -> None:
    text = """
        param P = 0 | 1
        var a: bool
        thread t { a = true }
        property p { always not a }
        check p when P == 1
    """
    assert walked(text).broken() == set()
    assert walked(text, params=1).broken() == {"p"}


def test_an_assertion_without_a_value_was_reached() -> None:
    found = walked("""
        var a[0..1]: 0..2
        var i: 0..3 = 3
        thread t { assert a[i] >= 0 "reached" }
    """)
    assert found.verdicts["reached"] is HOLDS
    assert found.broken() == {"in_range"}
