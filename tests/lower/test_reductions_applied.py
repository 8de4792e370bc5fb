"""Where each reduction applies, and where it must not."""

from __future__ import annotations

import pytest
from support.lower.small import chains, compiled, verdicts

from mmscn.lower.passes import joint
from mmscn.runtime.explore.bfs import search
from mmscn.runtime.result import Limits, Verdict

SECTION = """
spinlock s
var x: 0..3
concurrent {
  thread a { lock s { x = 1; x = 2 } }
  thread b { lock s { x = 3; x = 0 } }
}
finally x == 0
"""


def test_a_section_under_a_lock_is_one_step() -> None:
    found = compiled(SECTION)
    assert chains(found) == {4}
    assert search(found.reduced, limits=Limits()).states == 5


def test_an_atomic_bit_is_as_good_a_lock() -> None:
    section = SECTION.replace("spinlock s", "var s: bool").replace(" } }", "; s = false }")
    found = compiled(section.replace("lock s {", "atomic { await not s; s = true };"))
    assert chains(found) == {4}


def test_a_section_that_a_third_thread_looks_into_is_not_one_step() -> None:
    found = compiled(SECTION.replace("  thread b", "  thread c { await x == 3 }\n  thread b"))
    sections = [len(rule.parts) for rule in found.reduced.rules if rule.process == 2]
    assert max(sections) < 4


def test_a_step_that_a_check_sees_is_not_hidden() -> None:
    found = compiled(SECTION + "always x != 1\n")
    result = search(found.reduced, limits=Limits())
    assert [len(rule.parts) for rule in found.reduced.rules if rule.process == 0] == [2, 2]
    assert [len(rule.parts) for rule in found.reduced.rules if rule.process == 1] == [4]
    assert verdicts(found, result)["x != 1"] is Verdict.VIOLATED


def test_two_locks_in_two_orders_still_deadlock() -> None:
    found = compiled(
        """
        spinlock a
        spinlock b
        concurrent {
          thread one { lock a { lock b { } } }
          thread two { lock b { lock a { } } }
        }
        """
    )
    assert (
        verdicts(found, search(found.reduced, limits=Limits()))["no_deadlock"] is Verdict.VIOLATED
    )


def test_a_chain_that_may_block_is_kept_where_it_blocks() -> None:
    found = compiled(
        """
        spinlock s
        var go: bool
        var x: 0..2
        concurrent {
          thread a { lock s { await go; x = 1 } }
          thread b { go = true; lock s { x = 2 } }
        }
        """
    )
    starts = [rule for rule in found.reduced.rules if rule.process == 0]
    assert {len(rule.parts) for rule in starts} >= {1, 3} or max(chains(found)) >= 3
    base = search(found.program, limits=Limits())
    reduced = search(found.reduced, limits=Limits())
    assert reduced.states < base.states
    assert verdicts(found, reduced) == verdicts(found, base)


def test_a_wait_that_another_thread_can_undo_is_not_passed_by() -> None:
    """`f = true` and `await f` look like one step, until the other thread is in between."""
    found = compiled(
        """
        var f: bool
        spinlock m
        concurrent {
          thread a { f = true; lock m { await f } }
          thread b { f = false }
        }
        """
    )
    assert (
        verdicts(found, search(found.reduced, limits=Limits()))["no_deadlock"] is Verdict.VIOLATED
    )


def test_a_machine_that_stops_does_not_stop_earlier() -> None:
    """BUG is no left mover: behind it nothing else can happen."""
    found = compiled(
        """
        var x: 0..1
        var y: 0..1
        concurrent {
          thread a { x = 1; await x == 1; BUG "stop" }
          thread b { await x == 1; y = 1 }
        }
        reachable y == 1
        """
    )
    result = search(found.reduced, limits=Limits())
    assert verdicts(found, result)["y == 1"] is Verdict.HOLDS


def test_fusion_ends() -> None:
    """A loop of steps that no one sees keeps one place to stop at, and is one step from there."""
    found = compiled("var i: 0..2\nconcurrent { daemon thread a { while i < 2 { i = 1 - i } } }")
    assert search(found.program, limits=Limits()).states == 2
    result = search(found.reduced, limits=Limits())
    assert (result.states, result.transitions) == (1, 1)
    assert chains(found) == {2}


def test_two_stores_are_not_one_step() -> None:
    found = compiled(
        """
        var a: version
        var b: version
        concurrent { thread t { a = fresh; b = fresh } }
        finally a != b
        """
    )
    assert chains(found) == {1}
    result = search(found.reduced, limits=Limits())
    assert Verdict.VIOLATED not in verdicts(found, result).values()


def test_a_shared_variable_of_one_thread_costs_no_states_when_it_is_dead() -> None:
    text = """
    var mine: 0..3
    var x: 0..3
    concurrent {
      thread a { mine = x; x = mine; x = 0 }
      thread b { x = 2 }
    }
    finally x == 0
    """
    with_ = search(compiled(text).reduced, limits=Limits())
    without = search(compiled(text, "private").reduced, limits=Limits())
    assert (with_.states, without.states) == (10, 13)


ROWS = """
spinlock gate[0..1]
var x[0..1]: 0..2
concurrent {
  thread t[i in 0..1] {
    let row = if x[i] == 0 then 0 else 1
    lock gate[row] { x[row] = 1; x[row] = 2 }
  }
}
"""


def test_a_lock_that_a_local_chooses_is_known_when_the_local_is_split() -> None:
    assert max(chains(compiled(ROWS))) > max(chains(compiled(ROWS, "split")))


REFERENCES = """
var refs: 0..3 = 2
var maps: 0..2 = 1
var freed: bool
concurrent {
  thread zap { maps -= 1; refs -= 1 }
  thread fault { atomic { await maps < 2 and refs < 3; maps += 1; refs += 1 } }
}
agent reclaim { step drop when maps == 0 and refs == 1 and not freed { freed = true } }
finally not freed
"""


def test_a_step_that_no_one_can_come_before_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever has dropped its mapping has a reference left: reclaim is not possible there."""
    monkeypatch.setattr(joint, "SAMPLE_STATES", 0)
    assert max(chains(compiled(REFERENCES))) == 2
    assert chains(compiled(REFERENCES, "joint")) == {1}


def test_a_step_that_someone_can_come_before_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With one reference from the start, reclaim is possible between the two."""
    monkeypatch.setattr(joint, "SAMPLE_STATES", 0)
    early = REFERENCES.replace("3 = 2", "3 = 1")
    assert chains(compiled(early)) == {1}


def test_a_program_of_few_states_is_not_looked_into() -> None:
    assert chains(compiled(REFERENCES)) == {1}


@pytest.mark.parametrize(("left", "halting"), [(0, False), (3, True)])
def test_what_others_make_of_a_value_is_known(left: int, halting: bool) -> None:
    """Behind `entry = 2` it is that, or what the agent makes of it."""
    found = compiled(
        f"""
        var entry: 0..3
        var go: bool
        concurrent {{
          thread t {{ entry = 3; entry = 2; if entry == 3 {{ BUG "stop" }} }}
          thread u {{ go = true }}
        }}
        agent flush {{ step drop when go and entry == 2 {{ entry = {left} }} }}
        """
    )
    assert any(rule.halts for rule in found.reduced.rules) is halting


TWINS = """
var x[0..2]: 0..2
var sum: 0..3
concurrent {
  thread t[i in 0..2] { x[i] = 1; sum = x[i]; x[i] = 2 }
}
finally (all i in 0..2: x[i] == 2) and sum == 1
"""


def test_threads_from_one_declaration_are_interchangeable() -> None:
    assert len(compiled(TWINS).reduced.symmetry) == 5


@pytest.mark.parametrize(
    "change",
    [
        ("x[i] = 2 }", "x[i] = 2; if i == 1 { sum = 0 } }"),
        ("concurrent {", "concurrent {\n  thread other { x[1] = 0 }\n "),
        ("var sum: 0..3", "var sum: 0..3\ninit { x[1] = 2 }"),
    ],
)
def test_an_exchange_that_the_program_can_tell_is_refused(change: tuple[str, str]) -> None:
    """With thread 1 set apart, only 0 and 2 are alike."""
    found = compiled(TWINS.replace(*change)).reduced
    (swap,) = found.symmetry
    pcs = [p.pc for p in found.processes]
    exchanged = {pcs.index(f) for f, _, _ in swap.moves if f in pcs}
    assert len(exchanged) == 2
    assert len(pcs) - 2 not in exchanged


def test_an_exchange_that_a_check_can_tell_is_refused() -> None:
    one = compiled(TWINS + "always x[1] != 2 or sum != 1\n", "fuse")
    assert len(one.reduced.symmetry) == 1
    whole = compiled(TWINS + "always all i in 0..2: x[i] != 2 or sum != 1\n", "fuse")
    assert len(whole.reduced.symmetry) == 5


def test_the_owner_of_a_lock_is_exchanged_with_its_thread() -> None:
    section = "lock s { x = 1; await x == 1 }"
    text = f"spinlock s\nvar x: 0..3\nconcurrent {{ thread t[i in 0..1] {{ {section} }} }}"
    found = compiled(text, "fuse")
    (swap,) = found.reduced.symmetry
    assert any(table >= 0 for _, _, table in swap.moves)


def test_frames_are_interchangeable_where_nothing_tells_them_apart() -> None:
    text = """
    each frame { var used: 0..2 }
    concurrent {
      thread a { choose { frame 0.used = 1 } or { frame 1.used = 1 } }
      thread b { choose { frame 0.used = 2 } or { frame 1.used = 2 } }
    }
    finally all p in frame: p.used != 1 or p.used != 2
    """
    assert len(compiled(text).reduced.symmetry) == 1
    told = text.replace("finally", "finally frame 0.used != 1 or frame 1.used != 1\nfinally")
    assert len(compiled(told).reduced.symmetry) == 1
    told = text.replace("finally", "finally frame 0.used != 1\nfinally")
    assert compiled(told).reduced.symmetry == ()


def test_program_counters_are_numbered_without_gaps() -> None:
    found = compiled(SECTION)
    assert [len(p.dispatch) for p in found.reduced.processes] == [2, 2]


def test_every_reduction_has_its_switch() -> None:
    found = compiled(TWINS, "private", "split", "fuse", "jumps", "versions", "symmetry")
    assert found.reduced.symmetry == ()
    assert chains(found) == {1}
    states = search(found.program, limits=Limits()).states
    assert search(found.reduced, limits=Limits()).states == states
    with pytest.raises(KeyError):
        compiled(TWINS, "no such reduction")


def test_parts_are_rules_of_the_program() -> None:
    found = compiled(SECTION)
    for rule in found.reduced.rules:
        assert rule.parts
        assert all(found.program.rules[p].process == rule.process for p in rule.parts)
