"""Who is said to store without end, and who is not since something sets an end to it."""

from __future__ import annotations

import pytest

from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.judge.shipped import finder
from mmscn.lower.compile import compile
from mmscn.lower.passes import endless
from mmscn.runtime.explore.bfs import search
from mmscn.runtime.result import Limits
from mmscn.source import Source

DECLARED = """scenario s
machine x86 { cpus 4 }
var x: version
var y: version
var k: 0..100
var lo: 0..3
var hi: 0..3
var go: bool
"""

ENDLESS = {
    "a daemon": "daemon thread w { x = fresh }",
    "a thread that may go on": "thread w { while not go { x = fresh } }\nthread r { go = true }",
    "a number that comes back": "daemon thread w { k = 0; k = 1; x = fresh }",
    "digits that come round": """daemon thread w {
      atomic { if lo < 3 { lo += 1 } else { lo = 0; if hi < 3 { hi += 1 } else { hi = 0 } } }
      x = fresh }""",
    "a content that is put back": "daemon thread w { if x == 0 { x = fresh } else { x = 0 } }",
    "one gives it back to the other": """daemon thread w { await go; go = false; x = fresh }
      daemon thread r { await not go; go = true }""",
    "what it sets is not looked at": "daemon thread w { x = fresh; go = true }",
    "what another does once": "daemon thread w { await go; x = fresh }\nthread r { go = true }",
    "what another has to do first": """thread r { lo = 1; lo = 2; go = true }
      daemon thread w { await go and lo == 2; x = fresh }""",
    "three hand it round": """daemon thread w { await lo == 0; x = fresh; lo = 1 }
      daemon thread r { await lo == 1; lo = 2 }
      daemon thread s { await lo == 2; lo = 0 }""",
    "hardware gives it back": """agent tick {
        step back when go { go = false }
      } @
      daemon thread w { await not go; go = true; x = fresh }""",
}
BOUNDED = {
    "a script": "thread w { x = fresh; x = fresh }",
    "few values": "thread w { while lo < 3 { atomic { x = fresh; lo += 1 } } }",
    "many values": "thread w { while k < 100 { atomic { x = fresh; k += 1 } } }",
    "two digits": """thread w {
      while hi < 3 { atomic { if lo < 3 { lo += 1 } else { lo = 0; hi += 1 }; x = fresh } } }""",
    "two locals": """thread w { var a: 0..2 = 0; var b: 0..2 = 0
      while b < 2 { if a < 2 { a += 1 } else { a = 0; b += 1 }; x = fresh } }""",
    "two threads count": """thread w { while k < 90 { atomic { x = fresh; k += 1 } } }
      thread r { k += 1 }""",
    "a content that never comes back": "daemon thread w { if x == 0 { x = fresh } }",
    "a content that two replace": """daemon thread w { atomic { await x == 0; x = fresh } }
      daemon thread r { atomic { await x == 0; x = 1 } }""",
    "the other gives it three times": """
      daemon thread w { atomic { await go; go = false }; x = fresh }
      thread r { while lo < 3 { atomic { await not go; go = true; lo += 1 } } }""",
    "another changes once what it waits for both ways": """
      daemon thread w { await not go; x = fresh; await go }
      thread r { go = true }""",
    "another opens and shuts": """daemon thread w { await go; x = fresh; await not go }
      thread r { go = true; go = false }""",
    "another hands out tokens one by one": """
      daemon thread w { await go; go = false; x = fresh }
      thread r { go = true; await not go; go = true; await not go; go = true }""",
    "another hands out tokens, and asks back": """
      daemon thread w { await lo == 1; x = fresh; lo = 2 }
      thread r { repeat 3 { lo = 1; await lo == 2 } }""",
    "two of them go through the values together": """
      daemon thread w { atomic { await lo == 0 and not go; lo = 1 }; x = fresh
        atomic { await lo == 1 and go; lo = 0 } }
      daemon thread r { atomic { await lo == 1 and not go; go = true }
        atomic { await lo == 1 and hi == 3; go = false } }""",
    "a number that two take turns at": """
      daemon thread w { atomic { await lo < 3 and not go; lo += 1; go = true }; x = fresh }
      daemon thread r { await go; go = false }""",
    "it waits for what never is": "daemon thread w { await hi > 2; x = fresh }\n"
    "thread r { hi = 1; hi = 2 }",
    "a flag that stays": "daemon thread w { await not go; x = fresh; go = true }",
}


def storing(threads: str) -> str | None:
    """Whom the note names. What stands before an @ is no thread."""
    hardware, _, threads = threads.rpartition("@")
    text = f"{DECLARED}{hardware}\nconcurrent {{\n{threads}\n}}\nreachable y == x"
    unit = gather(Source("text", text), finder(None))
    reduction = compile(elaborate(unit, matrix(unit)[0])).reduction
    assert search(reduction.program, limits=Limits(states=50_000)).limit is None
    return reduction.notes[0].split(" by ")[-1] if reduction.notes else None


@pytest.mark.parametrize("what", ENDLESS)
def test_stores_without_end_are_noted(what: str) -> None:
    assert storing(ENDLESS[what]) == "w"


@pytest.mark.parametrize("what", BOUNDED)
def test_stores_that_something_ends_are_not(what: str) -> None:
    assert storing(BOUNDED[what]) is None


def test_what_is_too_large_to_look_at_is_not_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endless, "STATES_MAX", 2)
    assert storing(ENDLESS["one gives it back to the other"]) is None


@pytest.mark.parametrize("most", [2, 70])
def test_the_bench_counts_its_stores(most: int) -> None:
    source = finder(None)("bench.tlb")
    assert source is not None
    params = {"NW": 2, "NP": 1, "K": most, "Z": 1, "VAR": 2}
    found = compile(elaborate(gather(source, finder(None)), params))
    assert found.reduction.notes == ()
    assert found.uncounted is not None
    assert found.uncounted.notes[1:] == (
        "contents are told apart, not counted: no bound on the number of stores by "
        "writer[0], writer[1]",
    )
