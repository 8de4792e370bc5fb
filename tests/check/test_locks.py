"""Locks: who waits for whom, and which rules are broken."""

from __future__ import annotations

import pytest
from support.check.walked import HOLDS, walked

KINDS = ("spinlock", "mutex", "rwsem", "bitlock")


@pytest.mark.parametrize("kind", KINDS)
def test_a_lock_excludes(kind: str) -> None:
    found = walked(f"""
        {kind} l
        var inside: 0..2
        thread t {{ lock l {{ inside += 1; inside -= 1 }} }}
        thread u {{ lock l {{ inside += 1; inside -= 1 }} }}
        always "alone" inside < 2
    """)
    assert found.broken() == set()
    assert (found.states, found.transitions) == (16, 16), "25 less the 9 with both inside"


def test_readers_of_an_rwsem_share_it_and_exclude_the_writer() -> None:
    found = walked("""
        rwsem l
        var readers: 0..2
        var writing: bool
        thread t on cpu 0 { lock l for read { readers += 1; readers -= 1 } }
        thread u on cpu 0 { lock l for read { readers += 1; readers -= 1 } }
        thread w on cpu 1 { lock l for write { writing = true; writing = false } }
        reachable "two readers" readers == 2
        always "no reader while writing" not (writing and readers > 0)
    """)
    assert found.broken() == set()


@pytest.mark.parametrize("kind", KINDS)
def test_taking_a_lock_twice_is_a_deadlock(kind: str) -> None:
    assert walked(f"{kind} l\nthread t {{ lock l; lock l }}").broken() == {"no_deadlock"}


def test_a_reader_that_wants_to_write_waits_for_itself() -> None:
    text = "rwsem l\nthread t { lock l for read; lock l for write }"
    assert walked(text).broken() == {"no_deadlock"}


def test_locks_in_opposite_orders_are_a_deadlock() -> None:
    found = walked("""
        mutex l
        mutex m
        var a: bool
        thread t { lock l { lock m { a = true } } }
        thread u { lock m { lock l { a = true } } }
    """)
    assert found.broken() == {"no_deadlock"}
    assert found.lengths["no_deadlock"] == 2


@pytest.mark.parametrize("kind", ["mutex", "rwsem", "bitlock"])
def test_waiting_for_a_lock_that_sleeps_under_a_spinlock_breaks_the_rules(kind: str) -> None:
    found = walked(f"{kind} l\nspinlock s\nthread t {{ lock s {{ lock l {{ await true }} }} }}")
    assert found.broken() == {"lock_rules"}


def test_a_spinlock_under_a_spinlock_breaks_no_rule() -> None:
    found = walked("spinlock l\nspinlock s\nthread t { lock s { lock l { await true } } }")
    assert found.broken() == set()


def test_a_trylock_does_not_sleep() -> None:
    found = walked("""
        mutex l
        spinlock s
        thread t { lock s; let got = trylock l; if got { unlock l }; unlock s }
    """)
    assert found.broken() == set()


def test_after_a_trylock_of_a_spinlock_sleeping_breaks_the_rules() -> None:
    found = walked("""
        mutex l
        spinlock s
        thread t { let got = trylock s; lock l; unlock l; if got { unlock s } }
    """)
    assert found.broken() == {"lock_rules"}


def test_a_trylock_says_whether_it_got_the_lock() -> None:
    found = walked("""
        mutex l
        var got: 0..2
        thread t { let mine = trylock l; if mine { got += 1 } }
        thread u { let mine = trylock l; if mine { got += 1 } }
    """, "got")
    assert found.finals == {(1,)}
    assert found.broken() == {"lock_rules"}, "it is held at the end"


def test_a_trylock_for_write_fails_under_a_reader_of_its_own() -> None:
    found = walked("""
        rwsem l
        var got: bool
        thread t { lock l for read; let mine = trylock l for write; got = mine; unlock l }
    """, "got")
    assert found.finals == {(False,)}


def test_releasing_what_another_thread_holds_stops_the_machine() -> None:
    found = walked("mutex l\nthread t { lock l; await false }\nthread u { await l.held; unlock l }")
    assert "lock_rules" in found.broken()
    assert found.lengths["lock_rules"] == 3


def test_releasing_twice_breaks_the_rules() -> None:
    assert walked("mutex l\nthread t { lock l; unlock l; unlock l }").broken() == {"lock_rules"}


def test_ending_with_a_lock_breaks_the_rules() -> None:
    found = walked("mutex l\nthread t { lock l }")
    assert found.broken() == {"lock_rules"}
    assert found.lengths["lock_rules"] == 1


def test_an_unlock_releases_what_is_held_for_writing_or_reading() -> None:
    found = walked("""
        rwsem l
        thread t { lock l for read; unlock l; lock l; unlock l }
        finally "free" not l.held
    """)
    assert found.broken() == set()


def test_a_lock_knows_its_owner() -> None:
    found = walked("""
        mutex l
        thread t { lock l { assert l.owner == current "mine" } }
        thread u { await l.owner == none; await not l.held }
    """)
    assert found.verdicts["mine"] is HOLDS
    assert found.broken() == set()


def test_each_element_has_a_lock_of_its_own() -> None:
    found = walked("""
        machine x86 { cpus 2; frames 2 }
        each frame { spinlock plock }
        var a: bool
        thread t { lock (frame 0).plock { await a } }
        thread u { lock (frame 1).plock { a = true } }
    """)
    assert found.broken() == set()


def test_a_lock_of_an_element_that_the_state_knows_is_found_when_it_is_taken() -> None:
    found = walked("""
        machine x86 { cpus 2; frames 2 }
        each frame { spinlock plock }
        var f: frame = frame 1
        thread t { let p = f; lock p.plock { assert (frame 1).plock.held "that one" } }
    """)
    assert found.verdicts["that one"] is HOLDS
    assert found.broken() == set()


PREEMPTED = """
    {kind} l
    var inside: bool
    var seen: bool
    thread t on cpu 0 {{ lock l {{ inside = true; inside = false }} }}
    thread u on cpu {cpu} {{ if inside {{ seen = true }} }}
    reachable "seen" seen
"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_thread_is_preempted_unless_it_holds_a_spinlock(kind: str) -> None:
    broken = walked(PREEMPTED.format(kind=kind, cpu=0)).broken()
    assert broken == ({"seen"} if kind == "spinlock" else set())


@pytest.mark.parametrize("kind", KINDS)
def test_a_spinlock_keeps_no_thread_of_another_cpu_out(kind: str) -> None:
    assert walked(PREEMPTED.format(kind=kind, cpu=1)).broken() == set()


def test_an_interrupt_comes_while_a_spinlock_is_held() -> None:
    found = walked("""
        spinlock l
        var inside: bool
        var seen: bool
        concurrent {
          thread t on cpu 0 { lock l { inside = true; await seen; inside = false } }
          thread u on cpu 0 { lock l { seen = true } }
        }
        agent interrupt[c in cpu] { step come when inside and not seen { seen = true } }
    """)
    assert found.broken() == set()


def test_who_holds_a_spinlock_waits_in_vain_for_a_thread_of_its_cpu() -> None:
    text = """
        spinlock l
        var go: bool
        thread t on cpu 0 {{ lock l {{ await go }} }}
        thread u on cpu {cpu} {{ go = true }}
    """
    assert walked(text.format(cpu=0)).broken() == {"no_deadlock"}
    assert walked(text.format(cpu=1)).broken() == set()


def test_a_trylock_that_takes_a_spinlock_keeps_its_cpu() -> None:
    text = """
        spinlock l
        var inside: bool
        var seen: bool
        thread t on cpu 0 {{
          let got = trylock l
          if got {{ inside = true; inside = false; unlock l }}
        }}
        {daemon}thread u on cpu 0 {{ await not seen; if inside {{ seen = true }} }}
        reachable "seen" seen
    """
    assert walked(text.format(daemon="")).broken() == {"seen"}
    assert walked(text.format(daemon="daemon ")).broken() == {"seen"}


def test_a_spinlock_keeps_out_a_thread_that_comes_after_another() -> None:
    found = walked("""
        spinlock l
        var inside: bool
        var seen: bool
        concurrent {
          thread t on cpu 0 { lock l { inside = true; inside = false } }
          ordered {
            thread first on cpu 1 { await true }
            thread second on cpu 0 { if inside { seen = true } }
          }
        }
        reachable "seen" seen
    """)
    assert found.broken() == {"seen"}


def test_an_order_keeps_threads_apart_whatever_the_first_has_left_locked() -> None:
    found = walked("""
        spinlock l
        var done: bool
        ordered {
          thread first on cpu 0 { lock l }
          thread second on cpu 1 { await true }
          thread third on cpu 0 { done = true }
        }
        reachable "done" done
    """)
    assert found.broken() == {"lock_rules"}
