"""What threads see of each other's stores under `memory = tso`; nothing of it under `sc`."""

from __future__ import annotations

import pytest
from support.check.walked import Walked, walked

import mmscn
from mmscn.judge.report import Run
from mmscn.runtime.result import Verdict

TESTS: dict[str, tuple[str, bool]] = {
    # name: threads, the outcome, and whether tso has it; sc has none of them.
    "store buffering": ("x = 1; r0 = y | y = 1; r1 = x | r0 == 0 and r1 == 0", True),
    "store buffering, fences": (
        "x = 1; fence full; r0 = y | y = 1; fence full; r1 = x | r0 == 0 and r1 == 0",
        False,
    ),
    "store buffering, one fence": (
        "x = 1; fence full; r0 = y | y = 1; r1 = x | r0 == 0 and r1 == 0",
        True,
    ),
    "store buffering, fences for loads and stores": (
        "x = 1; fence stores; fence loads; r0 = y | y = 1; fence full; r1 = x "
        "| r0 == 0 and r1 == 0",
        True,
    ),
    "store buffering, release and acquire": (
        "store release x = 1; r0 = load acquire y | store release y = 1; r1 = load acquire x "
        "| r0 == 0 and r1 == 0",
        True,
    ),
    "store buffering, exchanges": (
        "let a = xchg x, 1; r0 = y | let b = xchg y, 1; r1 = x | r0 == 0 and r1 == 0",
        False,
    ),
    "store buffering, atomics": (
        "atomic { x = 1 }; r0 = y | atomic { y = 1 }; r1 = x | r0 == 0 and r1 == 0",
        False,
    ),
    "store buffering, an atomic behind each store": (
        "x = 1; atomic { }; r0 = y | y = 1; atomic { }; r1 = x | r0 == 0 and r1 == 0",
        False,
    ),
    "store buffering, critical sections of spinlocks": (
        "lock a { x = 1 }; r0 = y | lock b { y = 1 }; r1 = x | r0 == 0 and r1 == 0",
        True,
    ),
    "store buffering, critical sections of mutexes": (
        "lock m { x = 1 }; r0 = y | lock n { y = 1 }; r1 = x | r0 == 0 and r1 == 0",
        False,
    ),
    "message passing": ("x = 1; y = 1 | r0 = y; r1 = x | r0 == 1 and r1 == 0", False),
    "load buffering": ("r0 = x; y = 1 | r1 = y; x = 1 | r0 == 1 and r1 == 1", False),
    "store, then a store of the other": (
        "x = 2; y = 1 | r0 = y; x = 1 | r0 == 1 and x == 2",
        False,
    ),
    "two stores each": ("x = 1; y = 2 | y = 1; x = 2 | x == 1 and y == 1", False),
    "a store against a store and a load": (
        "x = 1; y = 1 | y = 2; r0 = x | y == 2 and r0 == 0",
        True,
    ),
    "own stores are read early": (
        "x = 1; r2 = x; r0 = y | y = 1; r3 = y; r1 = x "
        "| r0 == 0 and r1 == 0 and r2 == 1 and r3 == 1",
        True,
    ),
    "own stores are not missed": ("x = 1; r0 = x | x = 2 | r0 == 0", False),
    "the newest of two own stores": ("x = 1; x = 2; r0 = x | r1 = x | r0 == 1", False),
    "independent reads": (
        "x = 1 | y = 1 | r0 = x; r1 = y | r2 = y; r3 = x "
        "| r0 == 1 and r1 == 0 and r2 == 1 and r3 == 0",
        False,
    ),
    "both stores on one CPU": ("x = 1; r0 = y @ y = 1; r1 = x | r0 == 0 and r1 == 0", False),
    "a counter": ("x += 1 | x += 1 | x == 1", True),
    "a counter in an atomic": ("atomic { x += 1 } | atomic { x += 1 } | x == 1", False),
}


def scenario(what: str, order: str) -> str:
    """Threads, with `@` between those of a CPU, and behind the last `|` the outcome."""
    *cpus, outcome = what.split("|")
    threads = [
        f"thread t{n}_{m} on cpu {n} {{ {body} }}"
        for n, bodies in enumerate(cpus)
        for m, body in enumerate(bodies.split("@"))
    ]
    return (
        f"machine x86 {{ cpus 4; memory = {order} }}\n"
        "var x: 0..2\nvar y: 0..2\nspinlock a\nspinlock b\nmutex m\nmutex n\n"
        + "".join(f"hardware var r{n}: 0..2\n" for n in range(4))
        + f"concurrent {{\n{chr(10).join(threads)}\n}}\n"
        f'finally "out" not ({outcome})\n'
    )


@pytest.mark.parametrize("name", TESTS)
def test_a_small_test_has_the_outcomes_of_its_order(name: str) -> None:
    what, allowed = TESTS[name]
    broken = {order: "out" in walked(scenario(what, order)).broken() for order in ("sc", "tso")}
    assert broken == {"sc": False, "tso": allowed}


def under_tso(text: str, *cells: str) -> Walked:
    return walked("machine x86 { cpus 2; frames 2; memory = tso }\n" + text, *cells)


def test_equal_buffers_are_equal_states() -> None:
    """Nothing is left of what was written: each state is where the thread stands and what waits."""
    found = under_tso("var x: bool\nthread t { x = true; x = false }")
    assert found.states == 6


def test_nothing_is_quiescent_before_all_is_written() -> None:
    found = under_tso("var x: 0..1\nthread t { x = 1 }", "x")
    assert found.finals == {(1,)}


def test_who_comes_after_a_thread_sees_all_its_stores() -> None:
    found = under_tso("""
        var x: 0..1
        ordered {
          thread t on cpu 0 { x = 1 }
          thread u on cpu 1 { assert x == 1 "written" }
        }
    """)
    assert found.broken() == set()


def test_a_struct_is_stored_at_once() -> None:
    found = under_tso("""
        struct pair { a: bool; b: bool }
        var s: pair
        var other: pair
        init { other.a = true; other.b = true }
        thread t on cpu 0 { s = other }
        always "together" s.a == s.b
    """)
    assert found.broken() == set()


def test_an_index_that_the_state_knows_is_the_one_of_the_store() -> None:
    found = under_tso("""
        each frame { var used: 0..1 }
        var which: frame = frame 0
        thread t on cpu 0 { which.used = 1; which = frame 1; which.used = 1 }
        finally (frame 0).used == 1 and (frame 1).used == 1
    """)
    assert found.broken() == set()


def test_contents_wait_in_buffers() -> None:
    found = under_tso("""
        var v: version
        var w: version
        thread t on cpu 0 { v = fresh; w = v; assert v == w "its own" }
        finally v == w and v != 0
    """)
    assert found.broken() == set()


def test_a_spinlock_that_waits_to_be_let_go_is_not_held_at_the_end() -> None:
    found = under_tso("""
        spinlock l
        var x: 0..2
        thread t on cpu 0 { lock l { x += 1 } }
        thread u on cpu 1 { lock l { x += 1 } }
        finally "both" x == 2
    """)
    assert found.broken() == set()


def test_hardware_reads_memory_itself() -> None:
    found = under_tso("""
        var x: 0..1
        ghost var walked: 0..1
        hardware proc walk() { let entry = x; walked = entry }
        thread t on cpu 0 { x = 1; assert x == 1 "its own store"; call walk() }
        finally "the walker has seen it" walked == 1
    """)
    assert found.broken() == {"the walker has seen it"}


def test_a_ghost_reads_as_its_thread_does() -> None:
    found = under_tso("""
        var x: 0..1
        ghost var g: 0..1
        thread t on cpu 0 { x = 1; g = x }
        finally "what was stored" g == 1
    """)
    assert found.broken() == set()


def test_what_the_hardware_calls_is_not_hardware() -> None:
    found = under_tso("""
        var x: 0..1
        proc look() { assert x == 1 "its own store" }
        hardware proc walk() { atomic { call look() } }
        thread t on cpu 0 { x = 1; call walk() }
    """)
    assert found.broken() == set()


def test_hardware_state_does_not_wait() -> None:
    found = under_tso("""
        hardware var x: 0..1
        hardware var y: 0..1
        hardware var r0: 0..1
        hardware var r1: 0..1
        thread t on cpu 0 { x = 1; r0 = y }
        thread u on cpu 1 { y = 1; r1 = x }
        finally "out" not (r0 == 0 and r1 == 0)
    """)
    assert found.broken() == set()


def test_an_interrupt_is_taken_when_the_buffer_is_empty() -> None:
    found = under_tso("""
        map A -> frame 0
        var x: 0..1
        hardware var seen: bool
        thread target on cpu 1 { x = 1; seen = true; let a = load A }
        thread sender on cpu 0 { await seen; flush A on cpu 1; assert x == 1 "written before" }
    """)
    assert found.broken() == set()


def test_more_stores_than_places_are_undecided_and_what_was_seen_stays() -> None:
    def run(places: int, first: str = "false") -> Run:
        found = mmscn.loads(f"""scenario s
            machine x86 {{ cpus 2; memory = tso; store_buffer = {places} }}
            var x: 0..2
            var flag: bool
            ghost var bad: bool
            ghost var done: bool
            thread t on cpu 0 {{ bad = {first}; x = 1; x = 2; flag = true; done = true }}
            always "never" not bad
            reachable "flag" flag
            reachable "all in the buffer" done and x == 0
        """)
        return found.check().runs[0]

    few = run(2)
    assert few.verdict is Verdict.UNDECIDED
    verdicts = {p.name: p.verdict for p in few.properties}
    assert verdicts["flag"] is Verdict.HOLDS
    assert verdicts["all in the buffer"] is Verdict.UNDECIDED
    assert few.bounds.model == ("store buffers of 2",)
    assert any("store buffers of 2" in note for note in few.notes)
    enough = run(3)
    assert enough.verdict is Verdict.HOLDS
    assert enough.bounds.model == ()
    broken = run(2, "true")
    assert broken.verdict is Verdict.VIOLATED
