"""Threads, daemons and agents: who begins when, and who is at rest."""

from __future__ import annotations

import pytest
from support.check.expected import diagnostics_of
from support.check.walked import HOLDS, VACUOUS, walked


def test_ordered_parts_begin_when_those_before_have_ended() -> None:
    found = walked("""
        var a: 0..3
        ordered {
          thread t on cpu 0 { a = 1; a = 2 }
          concurrent {
            thread u on cpu 0 { assert a >= 2 "after t" }
            thread v on cpu 1 { a = 3 }
          }
          thread w on cpu 1 { assert a == 3 "after v" }
        }
    """)
    assert found.broken() == set()


def test_nothing_of_a_later_thread_happens_before_its_time() -> None:
    found = walked("""
        var a: 0..2
        ordered {
          thread t { a = 1; a = 2 }
          thread u { mark late; await true }
        }
        property p { always a == 2 }
        check p after late
    """)
    assert found.verdicts["p"] is HOLDS


def test_nothing_of_a_later_daemon_happens_before_its_time() -> None:
    found = walked("""
        var a: 0..2
        ordered {
          thread t { a = 1; a = 2 }
          daemon thread d { mark late; await a == 2; a = 1 }
        }
        property p { always a != 0 }
        check p after late
    """)
    assert found.verdicts["p"] is HOLDS


def test_the_cpu_of_a_thread_may_be_a_sum() -> None:
    found = walked("""
        param W = 2
        machine x86 { cpus W + 2 }
        var at[cpu]: bool
        thread t on cpu W + 1 { at[this_cpu] = true }
        finally at[cpu 3] and not at[cpu 2]
    """)
    assert found.broken() == set()


def test_a_daemon_need_not_end() -> None:
    found = walked("""
        var a: bool
        daemon thread d { await a; a = false }
        thread t { a = true }
    """, "a")
    assert found.broken() == set()
    assert found.finals == {(False,), (True,)}, "at its head it is at rest, even if it may go"


def test_a_daemon_in_the_middle_is_not_at_rest() -> None:
    found = walked("""
        var a: 0..2
        daemon thread d { await a == 1; a = 2; a = 0 }
        thread t { a = 1 }
        finally "not in between" a != 2
    """)
    assert found.broken() == set()


def test_a_daemon_has_a_head_for_each_way_to_its_first_step() -> None:
    found = walked("""
        var a: 0..2
        daemon thread d {
          var n: 0..2 = 0
          if n == 0 { await a == 1 } else { await a == 2 }
          n = 1
        }
        thread t { a = 1 }
    """, "a")
    assert found.finals == {(1,)}


def test_ordered_parts_do_not_wait_for_daemons() -> None:
    found = walked("""
        var a: bool
        ordered {
          daemon thread d on cpu 0 { await a; a = false }
          thread t on cpu 1 { a = true }
          thread u on cpu 1 { await not a }
        }
    """)
    assert found.broken() == set()


def test_exit_ends_the_thread_from_within_procedures() -> None:
    found = walked("""
        var a: 0..2
        proc f() { a = 1; exit }
        thread t { call f(); a = 2 }
    """, "a")
    assert found.finals == {(1,)}


def test_return_ends_the_procedure_or_the_thread() -> None:
    found = walked("""
        var a: 0..3
        proc f() { if a == 0 { return }; a = 3 }
        thread t { call f(); a = 1; if a == 1 { return }; a = 2 }
    """, "a")
    assert found.finals == {(1,)}


def test_exit_ends_the_turn_of_a_daemon() -> None:
    found = walked("""
        var a: 0..2
        daemon thread d { await a == 1; a = 0; exit; a = 2 }
        thread t { a = 1 }
        always "never" a != 2
    """)
    assert found.broken() == set()


def test_replicas_are_threads_of_their_own() -> None:
    found = walked("""
        var a: 0..2
        thread t[c in cpu] on cpu c { a += 1; assert this_cpu == c "its own" }
    """, "a")
    assert found.finals == {(2,)}
    assert found.broken() == set()


def test_an_agent_may_act_whenever_it_can() -> None:
    found = walked("""
        agent dev { var n: 0..2 = 0; step up when n < 2 { n += 1 } }
        thread t { await true }
    """)
    assert (found.states, found.transitions) == (6, 7)


def test_a_step_of_an_agent_has_variables_of_its_own() -> None:
    found = walked("""
        var a: 0..2
        agent dev { step up when a < 2 { var n: 0..2 = a; n += 1; a = n } }
        thread t { await a == 2 }
    """, "a")
    assert found.finals == {(2,)}
    assert found.states == 4


def test_an_agent_meets_assertions() -> None:
    found = walked("""
        var a: bool
        agent dev { step look { assert not a "agent" }; step no when false { assert a "never" } }
        thread t { a = true }
    """)
    assert found.broken() == {"agent"}
    assert "never" not in found.verdicts


def test_a_thread_without_statements_has_ended() -> None:
    found = walked("thread t { }\nthread u { let n = 1 }")
    assert (found.states, found.transitions) == (1, 0)
    assert found.finals == {()}


def test_a_scenario_without_threads_is_at_rest() -> None:
    found = walked('var a: bool\nagent dev { step flip { a = not a } }\nfinally "rest" not a')
    assert found.broken() == {"rest"}


def test_hooks_call_every_handler_and_else_the_default() -> None:
    text = """
        var a: 0..3
        var b: 0..3
        hook h(n) { a = 3 }
        HANDLERS
        thread t { call h(2) }
    """
    none = walked(text.replace("HANDLERS", ""), "a", "b")
    two = walked(text.replace("HANDLERS", "on h(n) { a = n }\non h(m) { b = m }"), "a", "b")
    assert none.finals == {(3, 0)}
    assert two.finals == {(2, 2)}


def test_the_variant_whose_condition_holds_is_called() -> None:
    text = """
        param P = one | two | three
        var a: 0..3
        proc f() when P == one { a = 1 }
        proc f() when P == two { a = 2 }
        proc f() { a = 3 }
        thread t { call f() }
    """
    assert [walked(text, "a", params=n).finals for n in range(3)] == [{(1,)}, {(2,)}, {(3,)}]


def test_a_procedure_sees_its_parameters_and_the_state_and_no_names_of_its_caller() -> None:
    found = walked("""
        var a: 0..3
        proc f(b) { let c = b; a = c }
        thread t { let b = 1; let c = 2; call f(c); assert b == 1 and c == 2 "its own" }
    """, "a")
    assert found.finals == {(2,)}
    assert found.broken() == set()


def test_what_a_procedure_returns_does_not_change_with_the_state() -> None:
    found = walked("""
        var a: 0..3
        proc f() { return a }
        proc g() { if a == 0 { return 0 } else { return a } }
        thread t {
          let x = call f()
          let y = call g()
          a = 1
          let z = call g()
          assert x == 0 and y == 0 and z == 1 "kept"
        }
    """)
    assert found.broken() == set()


def test_a_label_that_is_declared_later_is_found() -> None:
    found = walked("""
        var a: 0..2
        thread t {
          if a == 0 { goto done }
          a = 1
          done:
        }
    """, "a")
    assert found.finals == {(0,)}


def test_a_mark_that_is_never_reached_leaves_nothing_to_judge() -> None:
    found = walked("""
        var a: bool
        property p { always not a }
        thread t { await false; mark never }
        check p after never
    """)
    assert found.verdicts["p"] is VACUOUS


def test_a_thread_is_named_in_conditions_and_statements() -> None:
    found = walked(
        """
        mutex m
        var last: thread
        concurrent {
          thread reader[n in 0..1] on cpu 0 { lock m { last = current } }
          thread writer on cpu 1 {
            lock m { assert m.owner == writer "mine"; if last != reader[0] { last = writer } }
          }
        }
        finally "the first reader or another" last in [reader[0], reader[1], writer]
        finally "not the first reader" last != reader[0]
        finally "not the second" last != reader[1]
        always "the writer after nobody" m.owner == writer implies last == none
    """,
        "last",
    )
    assert found.broken() == {
        "not the first reader", "not the second", "the writer after nobody"
    }  # fmt: skip
    assert found.finals == {("reader[0]",), ("reader[1]",), ("writer",)}


def test_what_else_has_the_name_of_a_thread_is_meant() -> None:
    found = walked("""
        param mode = zap | keep
        var seen: 0..1
        var flag: bool
        concurrent {
          thread zap on cpu 0 { if mode == zap { seen = 1 } }
          thread flag on cpu 1 { let zap = 1; if zap == 1 { flag = true } }
        }
        finally "both" flag and seen == 1
    """)
    assert found.broken() == set()


@pytest.mark.parametrize(
    ("who", "code", "said"),
    [
        ("w[2]", "MM303", "there is no thread `w[2]`"),
        ("w[n]", "MM303", "the index of a thread is fixed before the run"),
        ("w", "MM207", "there are several threads `w`"),
        ("t[0]", "MM305", "a thread has no index"),
    ],
)
def test_a_thread_that_there_is_not_is_no_value(who: str, code: str, said: str) -> None:
    text = f"""scenario s
    machine x86 {{ cpus 3 }}
    var last: thread
    var n: 0..1
    concurrent {{
      thread w[i in 0..1] {{ if last != none {{ n = 1 }} }}
      thread t {{ last = {who} }}
    }}
    """
    assert [(hit.code, message) for hit, message in diagnostics_of(text)] == [(code, said)]
