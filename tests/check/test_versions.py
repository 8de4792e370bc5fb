"""Versions: copied, made fresh and compared."""

from __future__ import annotations

from support.check.walked import walked


def test_a_fresh_version_is_none_of_those_that_there_are() -> None:
    found = walked("""
        var a: version
        var b: version = 1
        thread t { a = fresh; assert a != b and a != 0 and a != 1 and a != 2 "new" }
    """)
    assert found.broken() == set()


def test_a_constant_that_is_only_compared_with_is_no_fresh_version() -> None:
    found = walked("""
        var a: version
        thread t { repeat 3 { a = fresh } }
        always "never" a != 2
    """)
    assert found.broken() == set()


def test_copies_of_a_fresh_version_are_equal_in_the_same_step() -> None:
    found = walked("""
        var a: version
        var b: version
        thread t { atomic { a = fresh; b = a; assert a == b "copied" } }
    """)
    assert found.broken() == set()


def test_a_second_fresh_version_begins_a_step_of_its_own() -> None:
    found = walked("""
        var a: version
        var b: version
        thread t { a = fresh; let v = fresh; b = v; assert a != b "two" }
    """)
    assert found.broken() == set()
    assert found.states == 5


def test_fresh_versions_before_time_begins_are_different() -> None:
    found = walked("""
        var a: version
        var b: version
        thread t { let v = fresh; let w = fresh; a = v; b = w; assert a != b "two" }
    """)
    assert found.broken() == set()


def test_a_version_that_nobody_holds_any_more_may_come_again() -> None:
    found = walked("""
        var a: version
        daemon thread d { a = fresh; a = 0 }
        always "one at a time" a == a
    """)
    assert found.states == 2


def test_comparing_versions_gives_a_truth_value_like_any_other() -> None:
    found = walked("""
        var a: version
        var b: version
        var same: bool
        var row[bool]: 0..1
        thread t {
          same = a == b
          assert same "at first"
          a = fresh
          row[a == b] = 1
          let different = a != b
          assert different == (same and row[false] == 1) "then"
        }
    """)
    assert found.broken() == set()


def test_versions_in_structs_are_compared_with_them() -> None:
    found = walked("""
        struct S { seen: version; n: 0..1 }
        var a: S
        var b: S
        thread t { a.seen = fresh; assert a != b "changed"; b = a; assert a == b "copied"
                   a = none; assert a == none and a.seen == 0 "cleared" }
    """)
    assert found.broken() == set()


def test_a_version_may_be_one_of_several_constants() -> None:
    found = walked("""
        var a: version
        var b: bool
        thread t { a = if b then 1 else 2; assert a == 2 "two"; a = fresh; assert a != 2 "new" }
    """)
    assert found.broken() == set()


def test_a_ghost_may_be_a_version() -> None:
    found = walked("""
        var a: version
        ghost var last: version
        thread t { let v = fresh; a = v; last = v; a = 0 }
        always "the last or none" a == last or a == 0
    """)
    assert found.broken() == set()
