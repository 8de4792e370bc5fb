"""A drawing says what happened, and nothing else: small scenarios with their drawings."""

from __future__ import annotations

from textwrap import dedent

import pytest

import mmscn
from mmscn.draw.diagram import draw
from mmscn.draw.diagram_columns import broken
from mmscn.draw.step_list import list_steps
from mmscn.draw.steps import steps
from mmscn.judge.shipped import shipped_scenario
from mmscn.plain_text import width
from mmscn.show.trace_json import trace_json

SHAPES: dict[str, tuple[str, str, str]] = {
    "an atomic ends before the statement behind it": (
        """
        var n: 0..2
        mutex l
        concurrent {
          thread a on cpu 0 { atomic { n += 1 }; lock l { n += 1 } }
          thread b on cpu 1 { assert n < 2 "small" }
        }
        """,
        "small",
        """\
          CPU0: a                             CPU1: b
          -------                             -------
          atomic { n += 1 }
            [n: 0 -> 1]
          lock l
          n += 1
            [n: 1 -> 2]
                                              assert n < 2   <--- VIOLATED small
                                                [n: 2]
        """,
    ),
    "what a step writes in front of where it stops the machine": (
        """
        var x: 0..2
        var n: 0..2
        thread t on cpu 0 { atomic { await x < 1; n = x + 2; x = 1 }; BUG "stop" }
        always "small" x < 2
        always "even" n != 1
        """,
        "stop",
        """\
          CPU0: t
          -------
          atomic { await x < 1; n = x + 2; x = 1 }
            [x: 0 -> 1]
            [n: 0 -> 2]
          BUG "stop"                                               <--- VIOLATED
        """,
    ),
    "an atomic shows what it waits for and what it reads": (
        """
        var n: 0..2
        var m: 0..2
        concurrent {
          thread a on cpu 0 {
            atomic { await n == 1; let seen = n; if seen == 1 { m = seen } }
            assert m == 0 "zero"
          }
          thread b on cpu 1 { n = 1 }
        }
        """,
        "zero",
        """\
          CPU0: a                             CPU1: b
          -------                             -------
                                              n = 1
                                                [n: 0 -> 1]
          atomic { await n == 1; let seen = n; m = seen }
            [m: 0 -> 1]
          assert m == 0                                       <--- VIOLATED zero
            [m: 1]
        """,
    ),
    "an atomic that only asks shows what": (
        """
        var n: 0..2
        proc peek() { atomic { if n == 1 { n = 2 } } }
        concurrent {
          thread a on cpu 0 { atomic { if n == 1 { n = 2 } }; assert n == 1 "one" }
        }
        """,
        "one",
        """\
          CPU0: a
          -------
          atomic { if n == 1: no }
          assert n == 1                                        <--- VIOLATED one
            [n: 0]
        """,
    ),
    "a present entry is not nothing": (
        """
        machine x86 { cpus 2 }
        map A -> frame 0 ro
        concurrent {
          thread k on cpu 0 { pte(A).present = false }
          thread u on cpu 1 { let p = pte(A).present; assert p "present" }
        }
        """,
        "present",
        """\
          CPU0: k                             CPU1: u
          -------                             -------
          pte(A).present = false
            [PTE A: p0 RO -> not present p0]
                                              let p = pte(A).present
                                                [PTE A: not present p0]
                                              assert p     <--- VIOLATED present
                                                [p = 0]
        """,
    ),
    "a mark stands before what it comes before, and a ghost that is asked for is shown": (
        """
        var n: 0..1
        ghost var g: 0..3
        ordered {
          thread a on cpu 0 { n = 1; mark late; g += 2 }
          thread b on cpu 1 { mark early; n = 0 }
        }
        check p after early
        check q after late
        property p { always n == 0 }
        property q { always n == 1 }
        finally "ghost" g == 1
        """,
        "ghost",
        """\
          CPU0: a                             CPU1: b
          -------                             -------
          n = 1
            [n: 0 -> 1]
            [g: 0 -> 2]
          mark late
                                              mark early
                                              n = 0
                                                [n: 1 -> 0]

          in the end [g: 2]                                  <--- VIOLATED ghost
        """,
    ),
    "an end that nothing has changed is shown": (
        """
        var page: version
        var n: 0..1
        concurrent { thread a on cpu 0 { n = 1; page = 0 } }
        finally "right" page == 7
        """,
        "right",
        """\
          CPU0: a
          -------
          n = 1
          page = 0
            [page: still v0]

          in the end [page: v0]                              <--- VIOLATED right
        """,
    ),
    "what is known before the run is left out or stays as it is written": (
        """
        param p = x | y
        var n: 0..2
        var a: bool
        concurrent {
          thread one on cpu 0 {
            let seen = true
            await n == 0 or p == y
            await not (p == x and (n > 0 or p == y))
            n = 1
            assert seen == a "same"
          }
          thread two on cpu 1 { a = true; a = false }
        }
        """,
        "same",
        """\
          CPU0: one
          ---------
          await n == 0
          await not n > 0
          n = 1
            [n: 0 -> 1]
          assert seen == a                                    <--- VIOLATED same
            [a: 0]
        """,
    ),
    "a local that is one of two elements keeps its name": (
        """
        machine x86 { cpus 2; frames 2 }
        var gone: bool
        concurrent {
          thread killer on cpu 0 { gone = true }
          thread reader on cpu 1 {
            let got = if gone then none else frame 1
            assert got == frame 1 "found"
          }
        }
        """,
        "found",
        """\
          CPU0: killer                  CPU1: reader
          ------------                  ------------
          gone = true
            [gone: 0 -> 1]
                                        let got = if gone then none else frame 1
                                          [gone: 1]
                                        assert got == frame 1
                                                             <--- VIOLATED found
                                          [got = none]
        """,
    ),
    "a result has the name that it is put under": (
        """
        machine x86 { cpus 2; frames 1 }
        var gone: bool
        proc lookup(p) {
          if gone { return none }
          return p
        }
        concurrent {
          thread killer on cpu 0 { gone = true }
          thread reader on cpu 1 {
            let got = call lookup(frame 0)
            assert got == frame 0 "found"
          }
        }
        """,
        "found",
        """\
          CPU0: killer                        CPU1: reader
          ------------                        ------------
          gone = true
            [gone: 0 -> 1]
                                              lookup(p0)
                                                if gone: yes
                                              assert got == frame 0
                                                             <--- VIOLATED found
                                                [got = none]
        """,
    ),
    "a lock behind a local is the step": (
        """
        rwsem m
        var a: bool = true
        concurrent {
          thread reader on cpu 0 {
            var seen: bool = false
            lock m for read { seen = a }
            assert seen == a "still so"
          }
          thread writer on cpu 1 { lock m for write { a = false } }
        }
        """,
        "still so",
        """\
          CPU0: reader                        CPU1: writer
          ------------                        ------------
          lock m for read
          seen = a
            [a: 1]
          unlock m
                                              lock m for write
                                              a = false
                                                [a: 1 -> 0]
          assert seen == a                              <--- VIOLATED "still so"
            [a: 0]
            [seen = 1]
        """,
    ),
    "the branch of a choose is named": (
        """
        var x: 0..3
        concurrent { thread t on cpu 0 { choose { x = 1 } or { x = 2 } or { x = 3 } } }
        finally "small" x < 2
        """,
        "small",
        """\
          CPU0: t
          -------
          x = 2   branch 2 of 3
            [x: 0 -> 2]

          in the end [x: 2]                                  <--- VIOLATED small
        """,
    ),
    "the branch of a choose within an atomic is named": (
        """
        var x: 0..3
        concurrent { thread t on cpu 0 { atomic { choose { x = 1 } or { x = 2 } } } }
        finally "small" x < 2
        """,
        "small",
        """\
          CPU0: t
          -------
          atomic { branch 2 of 2; x = 2 }
            [x: 0 -> 2]

          in the end [x: 2]                                  <--- VIOLATED small
        """,
    ),
    "an empty branch is a step": (
        """
        var x: bool
        concurrent { thread t on cpu 0 { choose { } or { x = true } } }
        finally "set" x
        """,
        "set",
        """\
          CPU0: t
          -------
          choose: branch 1 of 2

          in the end [x: 0]                                    <--- VIOLATED set
        """,
    ),
    "a branch with nothing but a local is a step": (
        """
        var x: bool
        concurrent { thread t on cpu 0 { choose { let l = 1 } or { x = true } } }
        finally "set" x
        """,
        "set",
        """\
          CPU0: t
          -------
          choose: branch 1 of 2

          in the end [x: 0]                                    <--- VIOLATED set
        """,
    ),
    "an empty branch is decided by the step behind it": (
        """
        var x: bool
        concurrent { thread t on cpu 0 { let l = x; choose { } or { x = true }; assert x "set" } }
        """,
        "set",
        """\
          CPU0: t
          -------
          let l = x
            [x: 0]
          assert x   branch 1 of 2                             <--- VIOLATED set
            [x: 0]
        """,
    ),
    "a mark behind an empty branch": (
        """
        var x: bool
        concurrent { thread t on cpu 0 { choose { x = true } or { }; mark done } }
        property p { always x }
        check p after done
        """,
        "p",
        """\
          CPU0: t
          -------
          choose: branch 2 of 2
          mark done                                              <--- VIOLATED p
        """,
    ),
    "a branch that leaves": (
        """
        var x: bool
        concurrent {
          thread t on cpu 0 { choose { if not x { exit } } or { exit } }
          thread u on cpu 1 { x = true }
        }
        finally "never" x == false
        """,
        "never",
        """\
          CPU0: t                             CPU1: u
          -------                             -------
          if not x: yes   branch 1 of 2
                                              x = true
                                                [x: 0 -> 1]

          in the end [x: 1]                                  <--- VIOLATED never
        """,
    ),
    "an atomic with nothing in it": (
        """
        var x: bool
        concurrent { thread t on cpu 0 { atomic { }; mark done } }
        property p { always x }
        check p after done
        """,
        "p",
        """\
          CPU0: t
          -------
          atomic
          mark done                                              <--- VIOLATED p
        """,
    ),
    "a thread that begins late and does nothing": (
        """
        var x: bool
        ordered { thread a on cpu 0 { x = true }; thread b on cpu 1 { } }
        finally "never" not x
        """,
        "never",
        """\
          CPU0: a                             CPU1: b
          -------                             -------
          x = true
            [x: 0 -> 1]
                                              (ends)

          in the end [x: 1]                                  <--- VIOLATED never
        """,
    ),
    "a value out of range behind the first statement of a step": (
        """
        var n: 0..1 = 1
        concurrent { thread t on cpu 0 { let a = n; var m: 0..1 = 0; m = a + 1 } }
        """,
        "in_range",
        """\
          CPU0: t
          -------
          let a = n
            [n: 1]
          m = a + 1                                       <--- VIOLATED in_range
            m: 2 is above 0..1
        """,
    ),
    "what comes to nothing is counted": (
        """
        var users: 0..3
        var dirty: bool
        proc work() { users += 1; dirty = true; users -= 1 }
        proc look() { users += 1; users -= 1 }
        concurrent {
          thread one on cpu 0 { call work() }
          thread two on cpu 1 { call look() }
        }
        finally "clean" not dirty or users == 1
        """,
        "clean",
        """\
          CPU0: one                           CPU1: two
          ---------                           ---------
          work()
            ... (1 step)
            [dirty: 0 -> 1]
            ... (1 step)
                                              look()
                                                ... (2 steps)

          in the end [users: 0] [dirty: 1]                   <--- VIOLATED clean
        """,
    ),
    "a deadlock in the first state": (
        """
        var n: 0..2
        concurrent { thread a on cpu 0 { await n == 1 } }
        """,
        "no_deadlock",
        """\
          no thread can go on:                         <--- VIOLATED no_deadlock
            CPU0: a waits at await n == 1
        """,
    ),
    "a deadlock in front of threads that come after": (
        """
        var n: 0..2
        ordered { thread a on cpu 0 { await n == 1 }; thread b on cpu 1 { n = 1 } }
        """,
        "no_deadlock",
        """\
          no thread can go on:                         <--- VIOLATED no_deadlock
            CPU0: a waits at await n == 1
            CPU1: b begins after a
        """,
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_drawing_is(name, violation_in) -> None:
    text, check, drawing = SHAPES[name]
    found = violation_in(f"scenario test\n{dedent(text)}", check)
    assert draw(*found) == "".join(f"{line[8:]}\n" for line in drawing.splitlines()[:-1])


def test_an_element_that_is_one_of_several_stands_in_a_call(violation_in) -> None:
    text = """
    scenario test
    machine x86 { cpus 1; frames 2 }
    var at: frame = frame 1
    each frame { var used: 0..2 }
    proc put(p) { p.used = 1 }
    concurrent { thread a on cpu 0 { let p = at; call put(p) } }
    finally "never" (frame 1).used == 0
    """
    assert "  put(p1)\n" in draw(*violation_in(text, "never"))


def test_what_is_left_out_has_its_lock_and_its_unlock_or_neither(violation_in) -> None:
    text = """
    scenario test
    rwsem m
    var a: bool
    proc look() {
      var seen: bool = false
      lock m for read { seen = a }
      return seen
    }
    concurrent {
      thread reader on cpu 0 { let seen = call look(); assert seen "seen" }
      thread writer on cpu 1 { lock m for write { a = true } }
    }
    """
    for full in (False, True):
        drawing = draw(*violation_in(text, "seen"), full=full)
        assert ("lock m for read" in drawing) == ("unlock m" in drawing)


@pytest.mark.parametrize("columns", [40, 72])
def test_wide_characters_take_two_columns(columns, violation_in) -> None:
    text = """
    scenario test
    var a: bool
    concurrent { thread reader on cpu 0 { assert a "文字は二つの桁を取る、だから行が長くなる" } }
    finally "行が長くなる行が長くなる行が長くなる行が長くなる" a
    """
    for check in ("文字は二つの桁を取る、だから行が長くなる", "行が長くなる" * 4):
        drawing = draw(*violation_in(text, check), width=columns)
        assert max(map(width, drawing.splitlines())) <= columns


def test_a_call_that_is_too_long_is_broken_before_its_arguments() -> None:
    assert broken("==> page_remove_rmap_of_a_file(p0, buf)", 4, 8, 34) == [
        "    ==> page_remove_rmap_of_a_file",
        "        (p0, buf)",
    ]


def test_another_machine_has_its_stale_entries_told(violation_in) -> None:
    text = """
    scenario test
    machine x86 { cpus 2 }
    struct leaf { present: bool; page: frame }
    each va { var entry: leaf }
    each cpu { var shadow[va]: leaf }
    each frame { var word: 0..2 }
    stale c.shadow[v] of v.entry for c in cpu, v in va {
      store when c.shadow[v].present and c.shadow[v].page != v.entry.page
    }
    map A -> frame 0
    init {
      A.entry.present = true
      A.entry.page = frame 0
      (cpu 0).shadow[A].present = true
      (cpu 0).shadow[A].page = frame 0
    }
    concurrent {
      thread user on cpu 0 {
        await not A.entry.present
        atomic { if (cpu 0).shadow[A].present { let p = (cpu 0).shadow[A].page; p.word = 1 } }
      }
      thread kernel on cpu 1 { A.entry = none; assert (frame 0).word == 0 "gone" }
    }
    reachable "seen" (frame 0).word == 1 and A.entry == none
    """
    remarks = [s.remark for s in steps(*violation_in(text, "seen"))]
    assert remarks[-1] == "through the stale shadow0 entry"


def test_who_waits_stands_in_the_list_of_steps_and_in_the_json(violation_in) -> None:
    text = """
    scenario test
    spinlock l
    var n: 0..2
    concurrent {
      thread a on cpu 0 { lock l; await n == 1; unlock l }
      thread b on cpu 1 { lock l { n = 1 } }
    }
    """
    found = violation_in(text, "no_deadlock")
    assert list_steps(*found).splitlines()[-3:] == [
        "no thread can go on:",
        "  CPU0: a waits at await n == 1",
        "  CPU1: b waits at lock l, held by a",
    ]
    assert trace_json(*found)["waits"] == [
        {"cpu": 0, "thread": "a", "text": "await n == 1", "held_by": []},
        {"cpu": 1, "thread": "b", "text": "lock l", "held_by": ["a"]},
    ]


def test_who_is_kept_off_its_cpu_by_a_spinlock_does_not_wait_for_it(violation_in) -> None:
    text = """
    scenario test
    each frame { spinlock l }
    var n: 0..2
    concurrent {
      thread a on cpu 0 { lock (frame 0).l; await n == 1; unlock (frame 0).l }
      thread b on cpu 0 { n = 1 }
    }
    """
    found = violation_in(text, "no_deadlock")
    assert list_steps(*found).splitlines()[-3:] == [
        "no thread can go on:",
        "  CPU0: a waits at await n == 1",
        "  CPU0: b cannot run: a holds p0.l and is not preempted",
    ]
    assert trace_json(*found)["waits"] == [
        {"cpu": 0, "thread": "a", "text": "await n == 1", "held_by": []},
        {"cpu": 0, "thread": "b", "text": "n = 1", "held_by": ["a"]},
    ]


def test_a_local_of_an_inlined_call_is_told_apart(violation_in) -> None:
    text = """
    scenario test
    var n: 0..2
    proc twice(v) { let two = v + v; n = two }
    concurrent { thread a on cpu 0 { let two = n + 1; call twice(two) } }
    finally "never" n == 1
    """
    first, *_ = steps(*violation_in(text, "never"))
    assert [c.what for c in first.changes] == ["two", "twice() two"]


def test_what_hardware_answers_stands_before_the_answer() -> None:
    """A flush is two steps, and others come in between: the interrupt is drawn where it is sent."""
    shipped = shipped_scenario("zap_against_cleaner")
    assert shipped is not None
    chosen = {"zap": "flush_under_ptl", "mapped_exit": "lockfree"}
    (run,) = mmscn.load(shipped.path).check(chosen).runs
    example = run.counterexample("no_lost_write")
    lines = [line.strip() for line in draw(example.compiled, example.trace).splitlines()]
    sent = lines.index("(flush buf on all goes on)")
    assert lines[sent + 1] == "(mmu: ipi)"
    assert "through the stale TLB1 entry" in lines[sent - 2]


def test_a_content_that_a_step_makes_and_drops_is_none_that_has_a_name(violation_in) -> None:
    """The machine stops in that step, so its number is nowhere: it was 2, as the text's own."""
    text = """
    scenario test
    var v: version = 1
    thread t on cpu 0 { atomic { v = fresh; if v != 2 { BUG "no name" } } }
    finally v != 3
    """
    (only,) = steps(*violation_in(text, "no name"))
    assert only.violates == ("no name",)


def test_a_new_content_is_none_that_the_text_names(violation_in) -> None:
    """Nor one that the program does without: that what is new is not 1 is known before the run."""
    text = """
    scenario test
    var v: version
    concurrent {
      thread a on cpu 0 { atomic { v = fresh; await v != 1 } }
      thread b on cpu 1 { assert v == 0 "old" }
    }
    finally v == 0
    """
    first, _ = steps(*violation_in(text, "old"))
    assert [(c.what, c.after) for c in first.changes] == [("v", "v2")]
