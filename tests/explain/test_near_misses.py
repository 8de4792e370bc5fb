"""Near misses of shipped scenarios: each replays, from its token, in the text as it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.command import Command
from support.schemas import printed

import mmscn as library
from mmscn.explain.near_miss import near_miss
from mmscn.judge.token import path_of, read
from mmscn.runtime.result import Limits, Verdict

MANY = (
    "accessed_bit",
    "anon_vma_reused",
    "asid_without_mask",
    "batched_unmap",
    "buffers_written_early",
    "collapse_and_lazy_cpu",
    "flush_before_clear",
    "full_gather",
    "goto_again",
    "gup_fast_against_collapse",
    "hash_batch",
    "iova_flush_queue",
    "kvm_yield",
    "lazyfree_barriers",
    "madv_free_dio",
    "mkclean_flushes",
    "pin_against_fork",
    "second_mapping",
    "shootdown_under_lock",
    "switch_against_flush",
    "table_freed_before_flush",
    "tlbie_before_store",
    "two_faults",
    "use_mm_flush",
    "wrprotect_loses_dirty",
)

FAR = {
    "collapse_and_lazy_cpu",
    "goto_again",
    "gup_fast_against_collapse",
    "iova_flush_queue",
    "table_freed_before_flush",
    "tlbie_before_store",
}
"""What they need is no operation that can be taken out: the order of steps, or a knob's value."""


def near_misses(name: str) -> Iterator[bool]:
    """Of each combination that holds, whether it has one; each is replayed."""
    scenario = library.load(name)
    for run in scenario.runs(scenario.combinations(), limits=Limits()):
        if run.verdict is not Verdict.HOLDS:
            continue
        near = near_miss(scenario, run, Limits())
        if near is not None:
            assert near.token is not None
            trace, _ = path_of(read(str(near.token)), run.case.compiled)
            assert trace.rules == near.found.trace.rules
            assert trace.states == near.found.trace.states
            assert near.found.wanted or near.found.own, "something saves it"
        yield near is not None


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_each_near_miss_replays(name: str) -> None:
    assert any(near_misses(name)) is (name not in FAR)


def test_near_misses_are_in_the_json_and_replay(mmscn: Command) -> None:
    ended = mmscn("explain", "--json", "--near-miss", "free_before_flush")
    (found,) = printed("explain", ended.out)["scenarios"]
    nears = [c["near_miss"] for c in found["combinations"] if c["verdict"] == "holds"]
    assert nears
    assert all("near_miss" in c for c in found["combinations"])
    for near in nears:
        assert near["without"]["kind"] in ("flush", "lock", "check", "atomic", "exchange")
        assert near["followed"] <= near["of"]
        assert mmscn("replay", near["token"]).code == 0
