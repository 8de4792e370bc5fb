"""`atomic` and `await`: one step, enabled when some way through it is."""

from __future__ import annotations

from support.check.walked import HOLDS, walked


def test_an_atomic_is_one_step() -> None:
    found = walked("""
        var a: 0..2
        thread t { atomic { a = 1; a = 2 } }
        always "never one" a != 1
    """, "a")
    assert (found.states, found.transitions) == (2, 1)
    assert found.broken() == set()


def test_an_atomic_waits_for_an_await_in_its_middle() -> None:
    found = walked("""
        var a: bool
        var b: bool
        thread t { atomic { a = true; await b } }
        thread u { b = true }
        always "together" a implies b
    """)
    assert found.broken() == set()
    assert found.states == 3


def test_an_assertion_in_an_atomic_that_cannot_be_passed_is_never_reached() -> None:
    found = walked("""
        var a: bool
        thread t { atomic { assert a "never"; await a } }
    """)
    assert found.broken() == {"no_deadlock"}


def test_an_atomic_takes_every_way_that_can_be_gone() -> None:
    found = walked("""
        var a: 0..3
        thread t { atomic { choose { await false } or { a = 1 } or { a = 2; a += 1 } } }
    """, "a")
    assert found.finals == {(1,), (3,)}
    assert (found.states, found.transitions) == (3, 2)


def test_an_atomic_in_an_atomic_is_nothing_of_its_own() -> None:
    found = walked("var a: 0..2\nthread t { atomic { atomic { a = 1 }; a = 2 } }", "a")
    assert (found.states, found.transitions) == (2, 1)


def test_a_loop_in_an_atomic_is_part_of_the_step() -> None:
    found = walked("""
        var a: 0..3
        thread t { atomic { while a < 3 { a += 1 } } }
    """, "a")
    assert found.finals == {(3,)}
    assert found.states == 2


def test_a_jump_leaves_an_atomic_and_ends_the_step() -> None:
    found = walked("""
        var a: 0..3
        thread t {
          again:
          atomic { a += 1; if a < 3 { goto again } }
        }
    """, "a")
    assert found.finals == {(3,)}
    assert found.states == 4


def test_a_return_leaves_an_atomic() -> None:
    found = walked("""
        var a: 0..3
        proc f() { atomic { a = 1; if a == 1 { return 2 } }; return 3 }
        thread t { let n = call f(); a = n }
    """, "a")
    assert found.finals == {(2,)}


def test_a_lock_in_an_atomic_is_never_seen_held() -> None:
    found = walked("""
        mutex m
        var a: bool
        thread t { atomic { lock m { a = true } } }
        always "free" not m.held
    """)
    assert found.broken() == set()


def test_an_await_looks_at_the_state_that_the_atomic_has_made() -> None:
    found = walked("var a: 0..2\nthread t { atomic { a = 1; await a == 1 } }", "a")
    assert found.finals == {(1,)}


def test_an_await_that_never_comes_true_is_a_deadlock() -> None:
    found = walked("var a: bool\nthread t { await a }")
    assert found.broken() == {"no_deadlock"}
    assert found.lengths["no_deadlock"] == 0


def test_a_thread_that_turns_on_the_spot_is_a_deadlock_and_one_in_circles_is_not() -> None:
    still = walked("var a: bool\nthread t { while not a { } }")
    local = walked("var a: bool\nvar b: 0..1\nthread t { while not a { let n = b } }")
    circle = walked("var a: bool\nvar b: bool\nthread t { while not a { b = not b } }")
    assert still.broken() == {"no_deadlock"}
    assert local.broken() == set()
    assert circle.broken() == set()


def test_hardware_that_may_help_is_no_deadlock() -> None:
    found = walked("""
        var a: bool
        agent dev { step raise when not a { a = true } }
        thread t { await a }
    """)
    assert found.verdicts["no_deadlock"] is HOLDS


def test_hardware_that_cannot_help_hides_no_deadlock() -> None:
    found = walked("""
        var a: bool
        var b: bool
        agent dev { step blink { b = not b } }
        thread t { await a }
    """)
    assert found.broken() == {"no_deadlock"}
