"""`eventually`, `leads to` and `no_livelock`: what is fair, what is broken, what is vacuous.

Each text has behind its checks what they come to. The oracle for these (`support.oracle.endless`)
says the same, and each way to run them: reductions, executors.
"""

from __future__ import annotations

import re

import pytest
from support.agreement.agreement import programs_of
from support.agreement.endless_agreement import differing, through_the_facade
from support.oracle.endless import Endless

from mmscn.diagnostics import Rejected
from mmscn.judge.api import Limits, loads
from mmscn.runtime.result import Verdict
from mmscn.source import Source

TEXTS = {
    "a thread that can go on does": """
        var x: bool
        thread t { x = true }
        eventually "e" x                                  // holds
        check no_livelock                                 // holds
    """,
    "a daemon that can go on does, at its head too": """
        var x: bool
        var y: bool
        thread t { x = true }
        daemon thread d { await x; y = true; x = false }
        always "l" x leads to y                           // holds
        eventually "e" y                                  // holds
    """,
    "hardware takes a step that it can take at any time": """
        var x: bool
        var y: bool
        thread t { x = true; await y }
        agent device { step irq when x { y = true } }
        eventually "e" y                                  // holds
        check no_livelock                                 // holds
    """,
    "a `may step` need not be taken": """
        var x: bool
        var y: bool
        thread t { x = true; await y }
        agent device { may step irq when x { y = true } }
        eventually "e" y                                  // violated
        check no_livelock                                 // violated
    """,
    "each step of hardware is owed by itself": """
        var x: bool
        var y: bool
        thread t { await y }
        agent device { step toggle { x = not x }; step other { y = true } }
        eventually "e" y                                  // holds
        check no_livelock                                 // holds
    """,
    "hardware may do one thing for each value": """
        var x[0..1]: bool
        thread t { await x[1] }
        agent device { step s[i in 0..1] when not x[1] { x[i] = not x[i] } }
        check no_livelock                                 // holds
    """,
    "a branch of a choose need never be taken": """
        var x: bool
        thread t { again:; choose { x = true } or { x = false; goto again } }
        eventually "e" x                                  // violated
        check no_livelock                                 // violated
    """,
    "a condition that comes and goes may be looked at when it is gone": """
        var x: bool
        thread t { await x }
        daemon thread d { x = not x }
        check no_livelock                                 // violated
        eventually "e" x                                  // holds
    """,
    "a condition that stays is seen": """
        var x: bool
        var y: bool
        thread t { await x; y = true }
        daemon thread d { x = true }
        check no_livelock                                 // holds
        always "l" x leads to y                           // holds
    """,
    "a loop without a step of its own way out": """
        var x: bool
        thread t { while not x { x = false } }
        check no_livelock                                 // violated
        eventually "e" x                                  // violated
    """,
    "a retry loop that ends when the other has gone on is no livelock": """
        var generation: 0..2
        var done: bool
        thread reader {
          again:
          let before = generation
          let after = generation
          if before != after { goto again }
          done = true
        }
        thread writer { generation += 1; generation += 1 }
        check no_livelock                                 // holds
        eventually "e" done                               // holds
    """,
    "the same against a writer without end is one": """
        var generation: 0..1
        thread reader {
          again:
          let before = generation
          let after = generation
          if before != after { goto again }
        }
        daemon thread writer { generation = if generation == 0 then 1 else 0 }
        check no_livelock                                 // violated
    """,
    "a deadlock is no livelock": """
        spinlock a
        spinlock b
        thread one on cpu 0 { lock a { lock b { } } }
        thread two on cpu 1 { lock b { lock a { } } }
        check no_livelock                                 // holds
    """,
    "but what has to come does not come in a deadlock": """
        var x: bool
        mutex a
        thread one { lock a; lock a; x = true; unlock a }
        eventually "e" x                                  // violated
        always "l" a.held leads to x                      // violated
    """,
    "who spins on a lock in one step stands still: that is a deadlock": """
        mutex a
        var x: bool
        thread holder { lock a { await x } }
        thread spinner { again:; if not trylock a { goto again }; unlock a; x = true }
        check no_livelock                                 // holds
    """,
    "who spins in two is a livelock": """
        mutex a
        var x: bool
        thread holder { lock a { await x } }
        thread spinner { again:; x = false; if not trylock a { goto again }; unlock a; x = true }
        check no_livelock                                 // violated
    """,
    "where all has come to rest nothing happens any more": """
        var x: 0..2
        thread t { x = 1 }
        always "l" x == 1 leads to x == 2                 // violated
        eventually "e" x == 2                             // violated
        check no_livelock                                 // holds
    """,
    "what leads and what has to come may hold at once": """
        var x: bool
        thread t { x = true }
        always "l" x leads to x                           // holds
    """,
    "what came once is owed again": """
        var x: 0..2
        var y: bool
        thread t { x = 1; y = true; x = 2; y = false }
        always "l" x == 2 leads to y                      // violated
        always "m" x == 1 leads to y                      // holds
    """,
    "what never leads is vacuous": """
        var x: 0..2
        thread t { x = 1 }
        always "l" x == 2 leads to x == 0                 // vacuous
    """,
    "what holds from the beginning is vacuous": """
        var x: bool
        thread t { x = true }
        eventually "e" not x                              // vacuous
    """,
    "where no thread has to end": """
        var x: bool
        daemon thread d { x = not x }
        check no_livelock                                 // vacuous
    """,
    "what has no value does not hold": """
        machine x86 { cpus 2; frames 2 }
        each frame { var count: 0..1 }
        var w: frame
        thread a { w = frame 1 }
        eventually "e" w.count == 1                       // violated
        eventually "f" w.count == 0                       // holds
    """,
    "an execution that the machine stops in is not gone on with": """
        var x: bool
        thread t { BUG "b" }
        thread u { await x }
        eventually "e" x                                  // holds
        check no_livelock                                 // holds
    """,
    "behind a mark": """
        var x: bool
        var y: bool
        thread t { x = true; mark over; y = true; x = false }
        property gone { eventually not x }
        check gone after over                             // holds
    """,
    "never behind a mark": """
        var x: bool
        thread t { if x { mark over } }
        property set_ { eventually x }
        check set_ after over                             // vacuous
    """,
    "threads in an order": """
        var x: bool
        ordered { thread first { x = true }; thread second { x = false } }
        always "l" x leads to not x                       // holds
        check no_livelock                                 // holds
    """,
    "a daemon that exchanges contents goes round": """
        var a: version = 1
        var b: version = 2
        var x: bool
        thread t { await x }
        daemon thread d { let c = a; a = b; b = c; x = true; x = false }
        check no_livelock                                 // violated
        eventually "e" x                                  // holds
    """,
    "and one that stores without end comes back to what it was": """
        var a: version
        var x: bool
        thread t { await x }
        daemon thread d { a = fresh; a = fresh }
        daemon thread e on cpu 0 { x = true; x = false }
        check no_livelock                                 // violated
        eventually "e" x                                  // holds
        eventually "f" a != 0                             // holds
    """,
    "who has the CPU and never gives it back": """
        spinlock s
        var x: bool
        var y: bool
        thread spinner on cpu 0 { lock s { while not x { y = not y } } }
        thread helper on cpu 0 { x = true }
        check no_livelock                                 // violated
    """,
    "that on another CPU comes by": """
        spinlock s
        var x: bool
        var y: bool
        thread spinner on cpu 0 { lock s { while not x { y = not y } } }
        thread helper on cpu 1 { x = true }
        check no_livelock                                 // holds
    """,
    "a store waits in its buffer, and not for ever": """
        import hw.memory
        param memory = tso
        var x: bool
        thread t on cpu 0 { x = true }
        thread u on cpu 1 { await x }
        check no_livelock                                 // holds
        eventually "e" x                                  // holds
    """,
    "a lock under tso goes to who waits all the same": """
        import hw.memory
        param memory = tso
        mutex m
        var x: bool
        daemon thread d on cpu 0 { lock m { x = true } }
        thread u on cpu 1 { lock m { x = false } }
        check no_livelock                                 // holds
    """,
    "behind a `may`, in a name": """
        var may: bool
        var leads: bool
        thread t { may = true; leads = true }
        always "l" may leads to leads                     // holds
    """,
}


def announced(text: str) -> dict[str, str]:
    """The name of each check, and what stands behind it."""
    found = {}
    for line in text.splitlines():
        behind = re.search(r"// (holds|violated|vacuous)$", line)
        if behind:
            name = re.search(r'"(\w+)"', line) or re.search(r"check (\w+)", line)
            assert name is not None, line
            found[name[1]] = behind[1]
    return found


@pytest.mark.parametrize("claim", TEXTS)
def test_what_goes_on_for_ever(claim: str) -> None:
    text = "scenario s\n" + TEXTS[claim]
    wanted = announced(text)
    assert wanted
    _, checked = programs_of(Source("text", text))[0]
    assert Endless(checked, states_max=2_000).verdicts == wanted
    assert list(differing(text)) == []
    words = {"holds": "holds if fair", "violated": "violated for ever", "vacuous": "vacuous"}
    (run,) = loads(text).check().runs
    assert {n: run.property(n).word for n in wanted} == {n: words[v] for n, v in wanted.items()}
    assert list(through_the_facade(text)) == []


KINDS = {"spinlock": True, "mutex": True, "rwsem": True, "bitlock": False}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("goes_to", [None, "waiters", "anybody"])
def test_who_waits_for_a_lock_gets_it_where_its_kind_or_a_knob_says_so(
    kind: str, goes_to: str | None
) -> None:
    knob = f"import hw.locks\nparam {kind}_goes_to = {goes_to}" if goes_to else ""
    text = f"""scenario s
{knob}
{kind} l
var x: 0..1
daemon thread greedy on cpu 0 {{ lock l {{ x = 1 }} }}
thread victim on cpu 1 {{ lock l {{ x = 0 }} }}
check no_livelock
"""
    fair = KINDS[kind] if goes_to is None else goes_to == "waiters"
    assert list(differing(text)) == []
    (run,) = loads(text).check().runs
    assert run.verdict is (Verdict.HOLDS if fair else Verdict.VIOLATED)
    said = " ".join(run.notes)
    assert f"who waits for a {kind} {'gets it in the end' if fair else 'may wait for ever'}" in said


def test_a_limit_leaves_what_goes_on_for_ever_undecided_and_says_so() -> None:
    text = """scenario s
var x: 0..200
thread a { while x < 200 { x += 1 } }
thread b { await x == 200 }
check no_livelock
always "a" x <= 200
"""
    (run,) = loads(text).check(limits=Limits(depth=50)).runs
    assert run.property("no_livelock").verdict is Verdict.UNDECIDED
    (run,) = loads(text).check().runs
    assert run.property("no_livelock").word == "holds if fair"
    assert run.word == "holds if fair"


def test_what_is_found_before_a_limit_is_violated_all_the_same() -> None:
    from mmscn.runtime.explore.liveness import search

    text = """scenario s
var x: bool
var n: 0..200
thread a { while not x { x = false } }
daemon thread b { n = if n < 200 then n + 1 else 0 }
check no_livelock
"""
    (run,) = loads(text).check().runs
    found = search(run.case.program, limits=Limits(states=150))
    assert found.limit is not None
    assert [r.verdict for r in found.results.values()] == [Verdict.UNDECIDED]
    assert run.property("no_livelock").verdict is Verdict.VIOLATED


def test_it_is_not_judged_unless_it_is_asked_for() -> None:
    text = "scenario s\nvar x: bool\nthread t { while not x { x = false } }\nalways not x\n"
    (run,) = loads(text).check().runs
    assert run.word == "holds"
    assert all(p.name != "no_livelock" for p in run.properties)
    assert run.notes == ()


def test_nothing_of_ones_own_is_called_no_livelock() -> None:
    text = 'scenario s\nvar x: bool\nthread t { x = true }\nalways "no_livelock" x or not x\n'
    with pytest.raises(Rejected, match="MM221"):
        loads(text)


def test_what_is_expected_of_it_has_to_be_asked_for() -> None:
    text = "scenario s\nvar x: bool\nthread t { x = true }\nexpect violated no_livelock\n"
    with pytest.raises(Rejected, match="MM214") as problem:
        loads(text).check()
    assert problem.value.diagnostics[0].hint == "write `check no_livelock`"
