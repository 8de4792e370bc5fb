"""Values: what fits, what is a model error, and where `none` is allowed."""

from __future__ import annotations

import pickle

from support.check.walked import HOLDS, walked
from support.processes import told_under_seeds

from mmscn.check.values import Elem


def test_a_value_outside_its_range_stops_the_machine() -> None:
    found = walked('var a: 0..2\nthread t { repeat 3 { a += 1 }; a = 0 }\nreachable "two" a == 2')
    assert found.broken() == {"in_range"}
    assert found.lengths["in_range"] == 3
    assert found.states == 3


def test_a_ghost_counter_stops_at_its_bound() -> None:
    found = walked("""
        var a: bool
        ghost var g: 0..2
        thread t { repeat 4 { a = not a; g += 1 }; a = false; g -= 1; a = true; g -= 2 }
    """, "g")
    assert found.broken() == set()
    assert found.finals == {(0,)}


def test_none_has_no_state() -> None:
    found = walked("each frame { var n: 0..1 }\nvar f: frame\nthread t { f.n = 1 }")
    assert found.broken() == {"in_range"}


def test_an_index_outside_the_array_stops_the_machine() -> None:
    found = walked("var a[0..1]: bool\nvar i: 0..2 = 2\nthread t { a[i] = true }")
    assert found.broken() == {"in_range"}


def test_the_second_operand_counts_only_where_the_first_does_not_decide() -> None:
    found = walked("""
        each frame { var n: 0..1 }
        var f: frame
        thread t {
          assert f != none implies f.n == 0 "implies"
          assert f == none or f.n == 1 "or"
          assert not (f != none and f.n == 0) "and"
          assert (if f == none then 1 else f.n) == 1 "if"
        }
    """)
    assert found.broken() == set()


def test_a_loop_over_what_the_state_knows_asks_again_in_every_round() -> None:
    found = walked("""
        machine x86 { cpus 1; frames 2 }
        each frame { var n: 0..1 }
        var f: frame = frame 0
        thread t { for p in f { p.n = 1; f = frame 1 } }
        finally "both" all p in frame: p.n == 1
    """)
    assert found.broken() == set()


def test_structs_are_copied_exchanged_and_compared_member_by_member() -> None:
    found = walked("""
        struct S { on: bool; n: 0..2; at: frame }
        var s: S
        thread t {
          s.on = true
          s.at = frame 0
          let old = xchg s, none
          assert old.on and old.at == frame 0 and s == none "exchanged"
          let was = cmpxchg s, none, old
          assert was == none and s == old and s != none "compared and exchanged"
        }
    """)
    assert found.broken() == set()


def test_a_failed_compare_and_exchange_changes_nothing() -> None:
    found = walked("""
        var a: 0..2
        thread t { let was = cmpxchg a, 1, 2; assert was == 0 and a == 0 "unchanged" }
    """)
    assert found.broken() == set()


def test_the_index_of_an_assignment_is_that_of_the_state_before() -> None:
    found = walked("""
        var a[0..1]: 0..1
        var i: 0..1
        thread t { atomic { a[i] = 1; i = 1 }; a[i] = i }
        finally "both" a[0] == 1 and a[1] == 1
    """)
    assert found.broken() == set()


def test_the_same_assignment_on_the_spot_may_be_undone() -> None:
    found = walked("""
        var a: bool
        var n: 0..3
        thread t { atomic { a = not a; a = not a; n += 2; n -= 1; n += 0 } }
    """, "a", "n")
    assert found.finals == {(False, 1)}


def test_enums_and_elements_are_values() -> None:
    found = walked("""
        enum Colour { RED; GREEN }
        machine x86 { cpus 2; frames 2 }
        var c: Colour = GREEN
        var at: cpu
        thread t on cpu 1 { at = this_cpu; if c in [GREEN] { c = RED } }
    """, "c", "at")
    assert found.finals == {("RED", "cpu 1")}


def test_count_counts() -> None:
    found = walked("""
        var a[0..3]: bool
        thread t { a[1] = true; a[3] = true; assert (count i in 0..3: a[i]) == 2 "two" }
    """)
    assert found.verdicts["two"] is HOLDS


def test_init_blocks_run_before_everything() -> None:
    found = walked("""
        var a[0..2]: 0..3
        init { for i in 0..2 { if i != 1 { a[i] = i + 1 } } }
        thread t { assert a[0] == 1 and a[1] == 0 and a[2] == 3 "initial" }
    """)
    assert found.broken() == set()


def test_zeros_in_front_of_a_number_mean_nothing() -> None:
    found = walked("""
        var x: 0..000000000000000000003
        thread t { x = 000000000000000000002 }
        finally "two" x == 2
    """)
    assert found.broken() == set()


def test_an_element_is_found_again_by_another_process() -> None:
    """Hashes of text differ between processes, and elements are kept and travel."""
    made = pickle.dumps({Elem("frame", 1, "p1"): "kept"})
    code = "import pickle, sys; from mmscn.check.values import Elem; " \
        "print(pickle.load(sys.stdin.buffer)[Elem('frame', 1, 'other name')])"  # fmt: skip
    assert told_under_seeds(code, made) == {"kept\n"}
