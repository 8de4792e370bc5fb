"""`queue[n] of T`, and the procedures of data.queue, against the same written out by hand."""

from __future__ import annotations

from importlib.resources import files

import pytest
from support.agreement.seeds import EVERYTHING, NOTHING
from support.agreement.walked_agreement import Asked, disagreements
from support.check.walked import walked

from mmscn import loads

MODULE = files("mmscn.scenarios").joinpath("library/data/queue.mmscn").read_text()
PROCS = MODULE[MODULE.index("proc push") :]
STATE = """
machine x86 { cpus 3; frames 2 }
struct pair { page: frame; n: 0..2 }
var q: queue[2] of 0..2
var length: 0..2
var slot[0..1]: 0..2
var one: queue[1] of pair
var full: 0..1
var held: pair
each frame { var waiting: queue[2] of frame }
var x: 0..3
var y: 0..3
var p: pair
var b: bool
"""
BY_HAND = """
proc put(v) { atomic { await length < 2; slot[length] = v; length += 1 } }
proc get() {
  atomic {
    await length > 0
    let first = slot[0]
    slot[0] = slot[1]; slot[1] = 0; length -= 1
    return first
  }
}
proc try_put(v) {
  atomic { let room = length < 2; if room { slot[length] = v; length += 1 }; return room }
}
proc put_one(v) { atomic { await full == 0; held = v; full = 1 } }
proc get_one() { atomic { await full == 1; let v = held; held = none; full = 0; return v } }
"""
SAME = [
    ("call push(q, 1); x = pop(q)", "call put(1); x = get()"),
    ("call push(q, 1); call push(q, 2); x = pop(q); y = pop(q)",
     "call put(1); call put(2); x = get(); y = get()"),
    ("call push(q, x); x = q.length", "call put(x); x = length"),
    ("call push(one, pair(n = 1)); let v = pop(one); x = v.n",
     "call put_one(pair(n = 1)); let v = get_one(); x = v.n"),
    ("let room = try_push(q, 1); if room { x = q.slot[0] }",
     "let room = try_put(1); if room { x = slot[0] }"),
]  # fmt: skip
TEXTS: dict[str, tuple[str, set[str]]] = {
    "what is put in first comes out first, and no other thread comes in between": (
        """
        concurrent {
          thread a { call push(q, 1); call push(q, 2) }
          thread c { x = pop(q); y = pop(q) }
        }
        finally "in order" x == 1 and y == 2 and q == none
        reachable "both wait" q.length == q.size
        """,
        set(),
    ),
    "two consumers may get them in either order": (
        """
        concurrent {
          thread a { call push(q, 1); call push(q, 2) }
          thread b { x = pop(q) }
          thread c { y = pop(q) }
        }
        finally "a thread each" x == 1
        """,
        {"a thread each"},
    ),
    "who waits for room that nobody makes waits for ever": (
        "thread a { call push(q, 1); call push(q, 1); call push(q, 1) }",
        {"no_deadlock"},
    ),
    "who does not wait is told": (
        """
        thread a {
          let first = try_push(one, none)
          let second = try_push(one, none)
          assert first and not second "told"
        }
        """,
        set(),
    ),
    "equal queues are those in which the same waits": (
        """
        var r: queue[2] of 0..2
        thread a {
          call push(q, 2); x = pop(q); call push(q, 1); call push(r, 1)
          assert q == r and is_queued(q, 1) and not is_queued(q, 2) "the same"
          r = none
          assert q != r "other"
        }
        """,
        set(),
    ),
    "a copy does not change with the queue": (
        """
        concurrent {
          thread a {
            call push(q, 1); let seen = q; x = pop(q); assert seen.length == 1 "as it was"
          }
          thread b { call push(q, 2) }
        }
        """,
        {"as it was"},
    ),
    "each element has a queue of its own": (
        """
        thread a {
          call push(frame 1.waiting, frame 0)
          assert frame 0.waiting == none and is_queued(frame 1.waiting, frame 0) "its own"
        }
        """,
        set(),
    ),
    "behind the last there is nothing to look at": (
        "thread a { x = q.slot[q.length + 2] }",
        {"in_range"},
    ),
}


def text_of(code: str) -> str:
    return f"{STATE}{PROCS}{BY_HAND}{code}"


@pytest.mark.parametrize(("one", "two"), SAME)
def test_a_queue_is_what_one_would_write_by_hand(one: str, two: str) -> None:
    other = "thread u on cpu 1 { b = true; await b; b = false }"
    left, right = (
        walked(text_of(f"concurrent {{ thread t on cpu 0 {{ {body} }}\n{other} }}"), "x", "y")
        for body in (one, two)
    )
    assert left.finals == right.finals
    assert (left.states, left.transitions) == (right.states, right.transitions)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_with_queues_means_what_it_says(name: str) -> None:
    text, broken = TEXTS[name]
    assert walked(text_of(text)).broken() == broken


@pytest.mark.parametrize("name", TEXTS)
def test_the_walker_of_the_text_says_the_same(name: str) -> None:
    asked = Asked(5_000, (NOTHING, EVERYTHING), facade=True)
    assert list(disagreements("scenario s\n" + text_of(TEXTS[name][0]), asked)) == []


def test_a_queue_is_drawn_as_what_waits_in_it() -> None:
    text = text_of("""
    thread t {
      call push(q, 1); call push(q, 2); x = pop(q)
      call push(one, pair(page = frame 1, n = 2))
      BUG "stop"
    }
    """)
    drawn = loads("scenario s\n" + text).check().diagram("stop")
    for note in ("[q: none -> (1)]", "[q: (1) -> (1, 2)]", "[q: (1, 2) -> (2)]"):
        assert note in drawn
    assert "[one: none -> ({page=p1 n=2})]" in drawn


def test_a_struct_that_is_put_in_is_drawn_with_what_is_known_of_it() -> None:
    text = text_of("""
    proc send(v) { call push(one, pair(page = v, n = 2)) }
    thread t { call send(frame 1); BUG "stop" }
    """)
    drawn = loads("scenario s\n" + text).check().diagram("stop")
    assert "push(one, pair(page = p1, n = 2))" in drawn
