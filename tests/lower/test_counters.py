"""What is a counter, and what the program without counters says of the one with them."""

from __future__ import annotations

import pytest
from support.lower.counting_texts import counting_text

from mmscn.check.core import MODEL_ERROR
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.judge.shipped import finder
from mmscn.lower import compile as lowering
from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled
from mmscn.lower.passes import counters
from mmscn.runtime.explore.bfs import search
from mmscn.runtime.explore.verdicts import proved
from mmscn.runtime.result import Limits, Result, Verdict
from mmscn.source import Source

LIMITS = Limits(states=20_000)


def compiled(text: str, *without: str, **params: int) -> Compiled:
    unit = gather(Source("text", text), finder(None))
    return compile(elaborate(unit, params or matrix(unit)[0]), without=frozenset(without))


def small(text: str, *without: str) -> Compiled:
    return compiled(f"scenario small\nmachine x86 {{ cpus 4 }}\n{text}", *without)


def dropped(found: Compiled) -> str | None:
    """The counters that the note names."""
    return found.uncounted.notes[0].split(" on ")[-1] if found.uncounted else None


ROUNDS = """
var n[0..1]: 0..2
var r: 0..2
var row[0..2]: bool
var x: 0..2
concurrent {
  daemon thread a[i in 0..1] { await n[i] < 2 and x == 0; x = 1; x = 0; n[i] += 1 }
  daemon thread b { atomic { await r <= 1; x = 0; r += 1 } }
}
agent device { step go when 2 > r and x == 1 { x = 0; r += 1 } }
always x != 2
"""


def test_what_only_bounds_rounds_is_a_counter() -> None:
    found = small(ROUNDS, "caches")
    assert dropped(found) == "n, r"
    assert found.uncounted is not None
    names = {p.family for p in found.uncounted.places if p.field is not None and p.family}
    assert names == {"x"}
    wider = search(found.uncounted.program, limits=LIMITS)
    assert wider.states < search(found.reduced, limits=LIMITS).states
    assert wider.checks[-1].verdict is Verdict.HOLDS


@pytest.mark.parametrize(
    ("change", "left"),
    [
        (("always x != 2", "always n[0] < 2 or x == 0"), "r"),
        (("always x != 2", "finally n[0] != 1"), "r"),
        (("always x != 2", "reachable n[0] == 1"), "r"),
        (("x = 1;", "x = n[i];"), "r"),
        (("x = 1;", "row[n[i]] = true;"), "r"),
        (("x = 1;", "if n[i] == 1 { x = 1 };"), "r"),
        (("x = 1;", 'assert n[i] < 2 "few";'), "r"),
        (("x = 1;", 'assert n[i] < 5 "beyond its range";'), "r"),
        (("x = 1;", "await n[i] < 2 or x == 1;"), "r"),
        (("x = 1;", "await n[i] != 2;"), "r"),
        (("x = 1;", "if x < 2 { await n[x] < 2 };"), "r"),
        (("n[i] += 1", "n[i] += 1; n[i] = 0"), "r"),
        (("n[i] += 1", "n[i] += 1; atomic { await n[i] > 0; n[i] -= 1 }"), "r"),
        (("n[i] += 1", "n[i] += 1; n[i] += 1; n[i] += 1"), "r"),
        (("n[i] < 2 and x == 0", "x == 0"), "r"),
        (("agent device {", "agent device { busy when n[0] == 1\n"), "r"),
        (("r <= 1; x = 0; r += 1", "r <= 1; x = 0; r += 2"), "n"),
        (("step go when 2 > r and", "step go when"), "n"),
        (("daemon thread b", "thread b"), None),
    ],
)
def test_what_anything_else_looks_at_is_no_counter(
    change: tuple[str, str], left: str | None
) -> None:
    assert change[0] in ROUNDS
    assert dropped(small(ROUNDS.replace(*change))) == left


def test_what_may_leave_its_range_is_no_counter() -> None:
    """Without the counter, nothing would break `in_range`."""
    text = """
    var n: 0..1
    var x: bool
    concurrent {
      daemon thread a { await n < 1; x = true; n += 1 }
      daemon thread b { x = false }
    }
    """
    assert dropped(small(text)) == "n"
    both = small(text.replace("x = false", "x = false; n += 1"))
    assert dropped(both) is None
    result = search(both.program, limits=LIMITS)
    assert result.checks[MODEL_ERROR].verdict is Verdict.VIOLATED


def test_without_the_passes_that_show_its_range_less_is_a_counter() -> None:
    assert dropped(small(ROUNDS, "private")) == "r"
    assert dropped(small(ROUNDS, "counters")) is None


def test_the_bench_counts_stores_and_zaps() -> None:
    source = finder(None)("bench.tlb")
    assert source is not None
    found = compiled(source.text, NW=2, NP=1, K=2, Z=1, VAR=2)
    assert dropped(found) == "k, r"
    assert found.uncounted is not None
    assert search(found.uncounted.program, limits=LIMITS).states == 1439


# ---- over generated texts ----------------------------------------------------


def beyond(exact: Result, wider: Result) -> list[str]:
    """What a program does and the one without its counters does not."""
    return [
        f"check {one.check}"
        for one, other in zip(exact.checks, wider.checks, strict=True)
        if (one.covered and not other.covered) or (one.depth is not None and other.depth is None)
    ]


def differences(seed: int) -> list[str]:
    """What the program without counters is wrong about, under the bounds 1 to 3."""
    text = counting_text(seed)
    found = compiled(text, K=1)
    if found.uncounted is None:
        return []
    wider = search(found.uncounted.program, limits=LIMITS)
    exact = search(found.program, limits=LIMITS)
    if exact.limit is not None or wider.limit is not None:
        return []
    names = str(dropped(found)).split(", ")
    proof = proved(exact.checks, wider)
    wrong = []
    for bound in (1, 2, 3) if "n" in names else (1,):
        higher = exact
        if bound > 1:
            again = compiled(text.replace("param K = 1", f"param K = {bound}"), K=bound)
            higher = search(again.reduced, limits=LIMITS)
        wrong += [f"K = {bound}, {what}" for what in beyond(higher, wider)]
        if proof is not None and [c.verdict for c in proof.checks] != [
            c.verdict for c in higher.checks
        ]:
            wrong.append(f"K = {bound}: other verdicts")
    return wrong


def test_generated_programs_do_nothing_that_they_would_not_do_without_counters() -> None:
    for seed in range(20):
        assert not differences(seed), seed


@pytest.mark.slow
def test_many_generated_programs_do_nothing_that_they_would_not_do_without_counters() -> None:
    for seed in (*range(20, 40), *range(1_000, 1_600)):
        assert not differences(seed), seed


def test_generated_texts_have_counters_and_others() -> None:
    found = [dropped(compiled(counting_text(seed), K=1)) for seed in range(30)]
    assert 5 < found.count(None) < 15
    assert {"n", "total", "n, total"} <= set(found)


def ignored(*_: object) -> None:
    return None


def in_range(*_: object) -> set[str]:
    return set()


MUTANTS = {
    "nothing else is looked at": (counters.Uses, "read", ignored, (5, 13, 14)),
    "everything stays in range": (lowering, "out_of_range", in_range, (20, 50, 61)),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_counters_without_one_of_their_conditions_are_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what, instead, seeds = MUTANTS[name]
    assert not any(differences(seed) for seed in seeds)
    monkeypatch.setattr(where, what, instead)
    assert any(differences(seed) for seed in seeds)
