"""Where the scheduler may cut: exact states and transitions of tiny scenarios."""

from __future__ import annotations

from support.check.walked import HOLDS, VIOLATED, walked


def test_two_threads_of_two_statements_make_a_grid_of_nine_states() -> None:
    found = walked("""
        var a: bool
        var b: bool
        thread t { a = true; a = false }
        thread u { b = true; b = false }
    """)
    assert (found.states, found.transitions) == (9, 12)


def test_locals_take_no_time() -> None:
    found = walked("""
        var a: 0..3
        thread t { var n: 0..3 = 1; n += 1; a = n; n = 0; let m = n }
    """)
    assert (found.states, found.transitions) == (2, 1)


def test_a_let_that_reads_shared_state_is_a_step() -> None:
    found = walked("var a: 0..3\nthread t { let n = a; let m = n }")
    assert (found.states, found.transitions) == (2, 1)


def test_an_increment_is_one_step_and_a_read_and_a_write_are_two() -> None:
    whole = walked("var a: 0..2\nthread t { a += 1 }\nthread u { a += 1 }", "a")
    torn = walked("""
        var a: 0..2
        thread t { let n = a; a = n + 1 }
        thread u { let n = a; a = n + 1 }
    """, "a")
    assert whole.finals == {(2,)}
    assert torn.finals == {(1,), (2,)}
    assert whole.states == 4


def test_the_condition_of_an_if_is_a_step_of_its_own() -> None:
    found = walked("""
        var a: bool
        thread t { if not a { assert not a "still" } }
        thread u { a = true }
    """)
    assert found.broken() == {"still"}
    assert found.lengths["still"] == 3


def test_a_condition_on_locals_is_none() -> None:
    found = walked("var a: bool\nthread t { let n = a; if n { a = false } else { a = true } }")
    assert (found.states, found.transitions) == (3, 2)


def test_a_ghost_is_changed_in_the_step_before() -> None:
    found = walked("""
        var a: 0..2
        ghost var g: 0..2
        thread t { a = 1; g = 1; a = 2; g = 2 }
        always "in step" a == g
    """)
    assert found.broken() == set()
    assert found.states == 3


def test_what_comes_before_the_first_step_is_done_before_time_begins() -> None:
    found = walked("""
        var a: bool
        thread t { mark begun; let n = 1; a = true }
        property p { always not a or n_is_one }
        always "a" not a
        var n_is_one: bool = true
        check p after begun
    """)
    assert found.states == 2
    assert found.verdicts["p"] is HOLDS


def test_an_assertion_before_the_first_step_is_met_with_that_step() -> None:
    found = walked('var a: bool\nthread t { assert 1 == 2 "no"; a = true }')
    assert found.broken() == {"no"}
    assert found.lengths["no"] == 1
    assert found.states == 2


def test_a_thread_that_only_asserts_has_one_step() -> None:
    assert walked('thread t { assert true "yes" }').verdicts["yes"] is HOLDS
    assert walked('thread t { BUG "no" }').broken() == {"no"}


def test_an_await_is_a_step_even_where_it_never_waits() -> None:
    found = walked("thread t { await true; await 1 == 1 }")
    assert (found.states, found.transitions) == (3, 2)


def test_a_choice_is_made_with_the_first_step_of_the_branch() -> None:
    found = walked("""
        var a: 0..3
        thread t { choose { a = 1 } or { a = 2; a = 3 } or { await false; a = 0 } }
    """, "a")
    assert found.finals == {(1,), (3,)}
    assert (found.states, found.transitions) == (4, 3)


def test_an_empty_branch_goes_on_behind_the_choice() -> None:
    found = walked("""
        var a: 0..3
        thread t { choose { } or { a = 1 }; a = 2 }
    """, "a")
    assert (found.states, found.transitions) == (3, 3)


def test_a_branch_to_the_end_is_a_step() -> None:
    found = walked("var a: bool\nthread t { choose { } or { a = true } }", "a")
    assert found.finals == {(False,), (True,)}
    assert (found.states, found.transitions) == (3, 2)


def test_choices_in_a_choice_are_made_together() -> None:
    found = walked("""
        var a: 0..3
        thread t { choose { choose { a = 1 } or { a = 2 } } or { a = 3 } }
    """, "a")
    assert (found.states, found.transitions) == (4, 3)


def test_a_branch_may_be_left_to_another_round_of_a_loop() -> None:
    found = walked("""
        var a: 0..2
        thread t {
          while a < 2 { choose { await a == 0; a = 1 } or { await a == 1; a = 2 } }
        }
    """, "a")
    assert found.finals == {(2,)}


def test_goto_and_loops_take_no_time() -> None:
    found = walked("""
        var a: 0..3
        thread t {
          var n: 0..3 = 0
          again:
          n += 1
          if n < 3 { goto again }
          repeat 2 { if n == 3 { continue }; a = 0 }
          a = n
        }
    """, "a")
    assert found.finals == {(3,)}
    assert found.states == 2


def test_break_continue_and_goto_leave_the_right_loop() -> None:
    found = walked("""
        var a: 0..9
        thread t {
          for i in 0..2 {
            for j in 0..2 {
              if j == 1 { continue }
              if i == 1 { break }
              a += 1
            }
            if i == 2 { goto out }
          }
          a = 9
          out:
        }
    """, "a")
    assert found.finals == {(4,)}


def test_a_bug_stops_the_machine_before_the_step_that_meets_it_is_seen() -> None:
    found = walked("""
        var a: bool
        thread t { a = true; BUG "stop" }
        thread u { await true }
        always "never" not a
    """)
    assert found.broken() == {"stop"}
    assert found.states == 2


def test_a_broken_assertion_does_not_stop_the_machine() -> None:
    found = walked('var a: 0..2\nthread t { assert a == 1 "one"; a = 2 }', "a")
    assert found.broken() == {"one"}
    assert found.finals == {(2,)}


def test_arguments_are_evaluated_once_before_the_call() -> None:
    found = walked("""
        var a: 0..3
        var b: 0..3
        proc f(x) { a = 2; b = x }
        thread t { call f(a) }
    """, "a", "b")
    assert found.finals == {(2, 0)}
    assert found.states == 4


def test_an_argument_that_never_changes_again_costs_no_step() -> None:
    found = walked("""
        var b: 0..3
        proc f(x) { b = x }
        thread t { let n = 1; call f(n); call f(2) }
    """, "b")
    assert found.finals == {(2,)}
    assert found.states == 3


def test_the_order_of_threads_on_one_cpu_is_free() -> None:
    found = walked("""
        var a: 0..2
        thread t on cpu 0 { a = 1 }
        thread u on cpu 0 { a = 2 }
    """, "a")
    assert found.finals == {(1,), (2,)}


def test_a_step_that_changes_nothing_is_a_transition() -> None:
    found = walked("var a: bool\ndaemon thread d { a = false }")
    assert (found.states, found.transitions) == (1, 1)


def test_reachable_is_the_shortest_way_there() -> None:
    found = walked("""
        var a: 0..3
        thread t { repeat 3 { a += 1 } }
        reachable "two" a == 2
        reachable "never" a == 2 and a == 3
    """)
    assert found.verdicts["two"] is HOLDS
    assert found.lengths["two"] == 2
    assert found.verdicts["never"] is VIOLATED
