"""Caches that hardware fills and empties when it likes: where they are full, and where not."""

from __future__ import annotations

import pytest
from support.agreement.agreement import NOTHING
from support.agreement.walked_agreement import Asked, TooLarge, disagreements
from support.lower.cache_programs import cached_ir_of, looking_ir_of
from support.lower.caching_texts import caching_text
from support.lower.reduction_mutants import REQUEST_MUTANTS
from support.lower.reductions import differences, pair_of
from support.lower.small import compiled, verdicts

from mmscn.lower.compile import REDUCTIONS
from mmscn.lower.passes import caches as module
from mmscn.lower.passes.caches import caches
from mmscn.runtime.explore.bfs import search
from mmscn.runtime.interpreter import possible_parts, replay
from mmscn.runtime.result import Limits, Verdict

ALONE = frozenset(REDUCTIONS) - {"caches", "relive"}

READER = """
var entry: 0..2 = 1
var cached: 0..2
var got: 0..2
agent walker {
  may step fill when cached == 0 and entry > 0 { cached = entry }
  may step drop when cached > 0 { cached = 0 }
}
concurrent {
  thread reader {
    repeat 2 as i {
      atomic { if cached > 0 { got = cached } else { got = entry } }
    }
  }
  thread writer { entry = 2; entry = 0 }
}
finally "what is got was there" got <= 2
finally "nothing is got" got == 0
"""


def states(text: str, *without: str) -> int:
    return search(compiled(text, *without).reduced, limits=Limits()).states


def test_generated_programs_agree() -> None:
    full = 0
    for seed in range(60):
        ir = cached_ir_of(seed)
        assert not differences(pair_of(ir), final=seed % 4 == 0), seed
        full += caches(ir) is not ir
    assert full > 8


def test_generated_programs_agree_with_nothing_else() -> None:
    for seed in range(300, 330):
        assert not differences(pair_of(cached_ir_of(seed), without=ALONE)), seed


def test_a_step_that_looks_where_others_are_is_not_done_elsewhere() -> None:
    for seed in range(90, 150):
        assert not differences(pair_of(looking_ir_of(seed), without=ALONE)), seed


@pytest.mark.slow
def test_many_steps_that_look_where_others_are_agree() -> None:
    for seed in range(150, 1_500):
        off = ALONE if seed % 2 else frozenset[str]()
        assert not differences(pair_of(looking_ir_of(seed), without=off)), seed


@pytest.mark.slow
def test_many_generated_programs_agree() -> None:
    for seed in range(1_000, 5_000):
        off = ALONE if seed % 2 else frozenset[str]()
        assert not differences(pair_of(cached_ir_of(seed), without=off)), seed


def said_of(seed: int) -> list[str]:
    """What the walker of its tree says otherwise of a text, shortest counterexamples too."""
    every = frozenset(REDUCTIONS)
    facades = (every, every - {"versions"}, every - {"fuse", "joint"}, frozenset(("caches",)))
    asked = Asked(
        3_000,
        without=(NOTHING, ALONE),
        checked_too=seed % 8 == 0,
        python=seed % 3 == 1,
        facade=facades[seed % len(facades)],
    )
    return list(disagreements(caching_text(seed), asked))


def test_texts_with_entries_are_judged_as_they_say() -> None:
    for seed in range(8):
        assert not said_of(seed), caching_text(seed)


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(4))
def test_many_texts_with_entries_are_judged_as_they_say(lot: int) -> None:
    large = 0
    for seed in range(1_000 + lot, 4_000, 4):
        try:
            assert not said_of(seed), caching_text(seed)
        except TooLarge:
            large += 1
    assert large < 20


ASKING = """
var entry: 0..2 = 1
var cached: 0..2
var asked: bool
var gone: bool
var seen: bool
var stale: bool
agent walker {
  may step fill when cached == 0 and entry > 0 { cached = entry }
  may step drop when cached > 0 { cached = 0 }
}
agent ipi { step flush when asked { cached = 0; asked = false } }
concurrent {
  thread reader { atomic { if cached == 1 and gone { stale = true } } }
  thread other { atomic { if asked { seen = true } } }
  thread writer { entry = 0; asked = true; await not asked; gone = true }
}
always "nothing stale is used" not stale
reachable "a request is seen" seen
"""

EMPTIED = "atomic { entry = 0; cached = 0 };"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("somebody needs a request", ASKING.replace("entry = 0;", EMPTIED)),
        ("any cache is empty", ASKING.replace("if asked {", "if gone {")),
    ],
)
def test_requests_without_one_of_their_conditions_are_caught(
    name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def agree() -> bool:
        found = compiled(text, *ALONE)
        both = (search(p, limits=Limits()) for p in (found.program, found.reduced))
        one, other = (verdicts(found, result) for result in both)
        return one == other

    assert agree()
    monkeypatch.setattr(*REQUEST_MUTANTS[name])
    assert not agree()


def test_in_many_of_the_texts_an_entry_is_a_cache() -> None:
    assert sum(map(is_taken, range(20))) > 7


def is_taken(seed: int) -> bool:
    _, _, text = caching_text(seed).split("\n", 2)
    with_it, without = (compiled(text, *off).reduction.places for off in ((), ("caches",)))
    return len(with_it) < len(without)


def test_a_cache_may_be_filled_with_what_is_always_the_same() -> None:
    text = READER.replace("entry > 0 { cached = entry }", "entry > 0 { cached = 1 }")
    always = text.replace(" and entry > 0", "")
    assert states(text) < states(text, "caches")
    assert states(always) < states(always, "caches")


def test_a_cache_is_full_and_its_hardware_gone() -> None:
    found = compiled(READER, *ALONE)
    agents = [r for r in found.reduced.rules if found.reduced.processes[r.process].pc is None]
    assert len(agents) < 3
    assert states(READER) < states(READER, "caches")
    result = search(found.reduced, limits=Limits())
    assert verdicts(found, result)["nothing is got"] is Verdict.VIOLATED


def test_a_cache_that_a_check_sees_is_left_alone() -> None:
    text = READER + "always cached != 2\n"
    assert states(text) == states(text, "caches")


def test_a_cache_whose_final_value_is_listed_is_left_alone() -> None:
    text = READER + "outcomes cached\n"
    assert states(text) == states(text, "caches")


def test_a_cache_that_somebody_waits_for_is_left_alone() -> None:
    waiting = READER.replace("thread reader {", "thread reader { await cached == 1")
    found = compiled(waiting)
    assert verdicts(found, search(found.reduced, limits=Limits()))["no_deadlock"] is (
        Verdict.VIOLATED
    )
    assert states(waiting) == states(waiting, "caches")


def test_a_cache_that_is_not_always_emptied_is_left_alone() -> None:
    text = READER.replace("when cached > 0 {", "when cached == 1 {")
    assert states(text) == states(text, "caches")


def test_parts_of_hardware_that_cannot_happen_are_left_out_of_a_replay() -> None:
    found = compiled(READER, *ALONE)
    longest = max(found.reduced.rules, key=lambda rule: len(rule.parts))
    assert len(longest.parts) > 1
    taken = possible_parts(found.program, longest.parts)
    assert len(taken) < len(longest.parts)
    replay(found.program, taken)


@pytest.mark.parametrize("alone", [True, False])
def test_a_cache_that_is_of_no_use_any_more_is_empty(
    alone: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind its last look, what the reader goes on with is not multiplied by what is cached."""
    text = READER.replace("    }\n  }\n  thread", "    }\n    x = 1; x = 2; x = 3\n  }\n  thread")
    if not alone:
        text = text.replace("thread writer", "thread other { x = cached }\n  thread writer")
    text = f"var x: 0..3\n{text}always x < 4\nreachable x == 3\n"
    fewer = states(text)
    monkeypatch.setattr(module, "use_of", lambda *_: None)
    assert (fewer < states(text)) is alone


LIBRARY = """
import props.translation
file data on ext4 { pages 1 }
mm m { map buf = data[0..0] shared rw populated }
concurrent {
  thread one on cpu 0 in m { store buf = fresh }
  thread other on cpu 1 in m { call zap(buf) }
}
proc zap(v) { atomic { v.pte = none }; call flush_all(v) }
check no_use_after_free
"""


def test_the_translations_of_the_library_are_caches() -> None:
    found = compiled(LIBRARY)
    fewer = search(found.reduced, limits=Limits())
    other = compiled(LIBRARY, "caches")
    assert fewer.states < search(other.reduced, limits=Limits()).states
    assert verdicts(found, fewer) == verdicts(found, search(found.program, limits=Limits()))


@pytest.mark.parametrize(
    ("text", "told"), [(ASKING, True), (ASKING.replace("if asked", "if gone"), False)]
)
def test_a_request_that_nobody_needs_is_answered_at_once(text: str, told: bool) -> None:
    places = compiled(text, *ALONE).reduction.places
    assert ("asked" in {place.family for place in places}) is told
