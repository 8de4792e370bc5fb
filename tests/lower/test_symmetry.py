"""Threads that are alike are found, kept alike by fusion, and proved; and who is told apart."""

from __future__ import annotations

import pytest
from support.agreement.agreement import programs_of
from support.lower.small import compiled

from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled
from mmscn.runtime.explore.engine import explore
from mmscn.runtime.result import Limits, Verdict
from mmscn.source import Source

ALIKE: dict[str, tuple[str, int]] = {
    "contents made before time begins": (
        """
        var x: version
        var y: version
        concurrent {
          thread w[c in 0..2] { let a = fresh; let b = fresh; x = a; y = b; y = x }
        }
        finally x == y
        """,
        6,
    ),
    "the CPU that owns": (
        """
        var owner: cpu
        concurrent {
          thread w[c in 0..1] on cpu c {
            await owner == none; owner = this_cpu; assert owner == this_cpu "mine"; owner = none
          }
        }
        finally owner == none
        """,
        2,
    ),
    "the thread that owns": (
        """
        var owner: thread
        concurrent { thread w[c in 0..2] { owner = current; if owner == current { owner = none } } }
        finally owner == none
        """,
        6,
    ),
    "the owner of a lock": (
        """
        spinlock s
        var n: 0..3
        concurrent { thread w[c in 0..2] { lock s { n += 1 } } }
        finally n == 3
        """,
        6,
    ),
    "a set of CPUs": (
        """
        var mask: set of cpu
        concurrent {
          thread w[c in 0..2] on cpu c {
            mask[this_cpu] = true; await mask[this_cpu]; mask[this_cpu] = false
          }
        }
        finally all c in cpu: not mask[c]
        """,
        6,
    ),
    "a CPU mask as an array": (
        """
        var mask[cpu]: bool
        concurrent {
          thread w[c in 0..2] on cpu c {
            mask[this_cpu] = true; await any d in cpu: d != this_cpu and mask[d]
          }
        }
        finally all d in cpu: mask[d] or d == cpu 3
        """,
        6,
    ),
    "interrupts to all others in one step": (
        """
        var asked[cpu]: bool
        concurrent {
          thread w[c in 0..1] on cpu c {
            atomic { for d in cpu { if d != this_cpu { asked[d] = true } } }
            await all d in cpu: d == this_cpu or not asked[d]
          }
        }
        agent answer[c in cpu] { step now when asked[c] { asked[c] = false } }
        finally all d in cpu: not asked[d]
        """,
        2,
    ),
    "a loop over CPUs that takes one step": (
        """
        var asked[cpu]: bool
        var g: 0..1
        concurrent {
          thread w[c in 0..2] on cpu c { await asked[this_cpu]; asked[this_cpu] = false; g = 1 }
          thread z { for c in cpu { asked[c] = true } }
        }
        finally g == 1
        """,
        6,
    ),
    "TLBs of one's own": (
        """
        import hw.mmu
        map A -> frame 0
        concurrent { thread w[c in 0..2] on cpu c { store A = fresh; let x = load A } }
        """,
        6,
    ),
    "flushes of the others' TLBs": (
        """
        import hw.mmu
        map A -> frame 0
        concurrent {
          thread w[c in 0..1] on cpu c { store A = fresh; set pte(A) = none; flush A on others }
        }
        """,
        2,
    ),
    "a number that says which thread": (
        """
        var last: 0..3 = 3
        concurrent { thread w[c in 0..1] { last = c; if last == c { last = 3 } } }
        finally last == 3 or last < 2
        """,
        2,
    ),
    "two declarations of as many threads": (
        """
        var a[0..1]: bool
        var b[0..1]: bool
        concurrent {
          thread w[c in 0..1] { a[c] = true; await b[c] }
          thread u[c in 0..1] { b[c] = true; await a[c] }
        }
        finally a[0] and a[1]
        """,
        2,
    ),
    "pages of one's own": (
        """
        file data on ext4 { pages 2 }
        mm racer { map buf = data[0..1] shared rw populated }
        import linux.fault
        concurrent {
          thread w[c in 0..1] on cpu c in racer { store buf[c] = fresh; let x = load buf[c] }
        }
        """,
        2,
    ),
}


@pytest.mark.parametrize("name", ALIKE)
def test_what_threads_that_are_alike_say_of_themselves_is_exchanged_with_them(name: str) -> None:
    text, size = ALIKE[name]
    assert len(compiled(text).reduced.symmetry) + 1 == size


WRITERS = """
scenario writers "Writers that are alike, and one that zaps what they write"
import linux.apps.racewrite
import props.writes
param zap = delayed_rmap
param mapped_exit = lockfree
machine x86 {{ cpus {many} + 1 }}
file data on ext4 {{ pages 1 }}
mm racer {{ map buf = data[0..0] shared rw populated dirty }}
concurrent {{
  thread writer[c in 0..{many} - 1] on cpu c in racer {{
    store buf[0] = fresh
    call fadvise_dontneed(data, 0)
  }}
  thread zapper on cpu {many} in racer {{ call madvise_dontneed(buf) }}
}}
check no_lost_write, dirty_has_buffers, no_use_after_free
"""


def writers(many: int, *without: str) -> Compiled:
    ((_, checked),) = programs_of(Source("writers", WRITERS.format(many=many)))
    return compile(checked, without=frozenset(without))


def states(found: Compiled) -> int:
    """Of the reduced program; everything is to hold."""
    result = explore(found.reduced, limits=Limits(states=None, memory_mb=None))
    assert {check.verdict for check in result.checks} <= {Verdict.HOLDS, Verdict.VACUOUS}
    assert result.limit is None
    return result.states


def test_two_writers_of_library_code_halve_the_states() -> None:
    whole, half = states(writers(2, "symmetry")), states(writers(2))
    assert whole > 30_000
    assert 0.5 <= half / whole < 0.51


@pytest.mark.slow
def test_three_writers_of_library_code_leave_a_sixth_of_the_states() -> None:
    whole, sixth = states(writers(3, "symmetry")), states(writers(3))
    assert whole > 1_000_000
    # Of three writers that have ended, or stand at one place, exchanges lead to the same state.
    assert 1 / 6 <= sixth / whole < 0.18


CACHED = """
var page: version
var disk: version
var cached[cpu]: version
var valid[cpu]: bool
var waiting: set of cpu
spinlock ptl
concurrent {{
  thread writer[c in 0..{last}] on cpu c {{
    let mine = fresh
    cached[this_cpu] = mine
    valid[this_cpu] = true
    lock ptl {{
      if valid[this_cpu] {{ page = cached[this_cpu] }}
      atomic {{ for d in cpu {{ if d != this_cpu {{ valid[d] = false }} }} }}
    }}
    waiting[this_cpu] = true
    await waiting[this_cpu]
    disk = page
  }}
}}
finally not ptl.held
"""


@pytest.mark.parametrize(("many", "reduced", "whole"), [(2, 8, 13), (3, 18, 66)])
def test_threads_with_contents_and_caches_of_their_own_have_exactly_these_states(
    many: int, reduced: int, whole: int
) -> None:
    text = CACHED.format(last=many - 1)
    assert states(compiled(text)) == reduced
    assert states(compiled(text, "symmetry")) == whole


REFUSED: dict[str, tuple[str, str]] = {
    "a step of its own": (
        "var x: 0..3\nconcurrent { thread t[i in 0..2] {\n x = 1\n x = 2\n"
        " if i == 1 { x = 3 }\n} }\nfinally x != 1",
        "no step of the other is like `x = 3` (text:7) of `t[1]`",
    ),
    "a content that has a name": (
        "var x: version\nconcurrent { thread t[i in 0..1] {\n x = fresh\n"
        " x = i + 1\n} }\nfinally x == 1",
        "no step of the other is like `x = i + 1` (text:6) of `t[0]`",
    ),
    "a check": (
        "var x[0..1]: 0..2\nvar sum: 0..2\nconcurrent { thread t[i in 0..1] {\n x[i] = 1\n"
        " sum = x[1 - i]\n x[i] = 2\n} }\nalways x[1] != 2 or sum != 1",
        "where their steps lead, the first state or a check tells them apart",
    ),
    "a check that names one of them": (
        "var last: thread\nconcurrent { thread t[i in 0..1] {\n last = current } }\n"
        "always last != t[1]",
        "where their steps lead, the first state or a check tells them apart",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_threads_of_one_declaration_that_are_told_apart_are_said(name: str) -> None:
    text, said = REFUSED[name]
    assert compiled(text).reduction.refused == (
        f"`t[0]` and `t[1]` are not interchangeable: {said}",
    )


@pytest.mark.parametrize("name", ALIKE)
def test_nothing_is_said_of_threads_that_are_alike(name: str) -> None:
    assert compiled(ALIKE[name][0]).reduction.refused == ()
