"""A space over several parts: what one process finds, whoever dies on the way."""

from __future__ import annotations

import random
from typing import Any

import pytest
from support.command import SCENARIOS
from support.native.native_programs import counters, random_program, ring
from support.native.numbers import numbers

from mmscn import load, loads
from mmscn.runtime.bytecode import Check, CheckKind, Op, Program
from mmscn.runtime.explore.elsewhere import using
from mmscn.runtime.explore.partitioned import Told, TooManyDied
from mmscn.runtime.result import Limit, Limits, Result, Stop, Verdict

native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")

from support.parts import Near, Together, search  # noqa: E402

from mmscn.runtime.native import part  # noqa: E402 (there with the extension only)
from mmscn.runtime.native.encode import encode  # noqa: E402
from mmscn.runtime.native.part import Plan  # noqa: E402

NO_LIMITS = Limits(states=None, memory_mb=None)
BITS = 6


@pytest.fixture(autouse=True)
def many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a level takes several, in small programs, too."""
    monkeypatch.setattr(part, "CHUNKS", 1)


def known() -> list[tuple[Program, Result]]:
    """Programs, some with contents, symmetries, halts and deadlocks, and what one process finds."""
    programs = [
        counters(4, 3),
        ring(words=3, bits=5),
        *(random_program(seed) for seed in range(60)),
    ]
    limits = Limits(states=200_000)
    found = [(program, native.search(program, limits=limits)) for program in programs]
    return [(program, result) for program, result in found if result.limit is None]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_counts_and_verdicts_are_those_of_one_process(count: int) -> None:
    for program, alone in known():
        assert numbers(search(program, Together(program, count))) == numbers(alone)


def test_who_owns_what_changes_nothing() -> None:
    """Less is handed on where a sample says who owns what."""
    handed = []
    for sampled in (True, False):
        program = counters(4, 3)
        parts = Together(program, 2, sampled=sampled)
        assert numbers(search(program, parts)) == numbers(native.search(program, limits=NO_LIMITS))
        handed.append(parts.handed)
    assert 0 < handed[0] < 0.8 * handed[1]


def test_a_level_of_many_steps_is_whole() -> None:
    program = counters(BITS, 3)
    parts = Together(program, 2)
    assert numbers(search(program, parts)) == numbers(native.search(program, limits=NO_LIMITS))
    levels = BITS * 7 + 1
    assert parts.calls > 2 * 3 * levels


def test_a_level_is_one_call_of_each_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is small enough; two more are to take in the initial states, and to end those."""
    monkeypatch.setattr(part, "CHUNKS", 1024)
    for count in (1, 3):
        parts = Together(counters(BITS, 3), count)
        found = search(counters(BITS, 3), parts)
        assert parts.calls == (found.depth + 1 + 2) * count


def test_all_make_room_in_the_same_round() -> None:
    """For as many states as the part with the most of them comes to, but where levels are small."""
    program = counters(BITS, 3)
    parts = Together(program, 3)
    told: list[int] = []
    came: list[int] = []
    begin, end = parts.begin, parts.end

    def heard(part: int, work: str, *given: Any) -> Any:
        if work == "level":
            told.append(given[0].states)
        return begin(part, work, *given)

    def said(begun: Any) -> Any:
        answer = end(begun)
        if begun[1] == "level":
            came.append(answer[0].ended.states)
        return answer

    parts.begin, parts.end = heard, said  # type: ignore[method-assign]
    assert numbers(search(program, parts)) == numbers(native.search(program, limits=NO_LIMITS))
    rounds = [(told[at : at + 3], max(came[at : at + 3])) for at in range(0, len(told), 3)]
    assert all(len({*room}) == 1 for room, _ in rounds)
    assert all(room[0] >= most for room, most in rounds[8:])


def test_a_part_makes_room_when_it_is_told() -> None:
    program = counters(4, 3)
    peaks = []
    for states in (0, 100_000):
        one = part.Part(Plan(encode(program), 1, b"\0" * 8 * program.words), 0, 1 << 30)
        one.start()
        begun, *_ = one.level(Told(tuple((-1, 0) for _ in program.checks), states))
        peaks.append(begun.ended.peak_bytes)
    assert peaks[1] > 5 * 100_000 > peaks[0]


def test_what_is_not_its_own_is_with_nobody_else() -> None:
    program = counters(4, 3)
    parts = Together(program, 3)
    search(program, parts)
    owned = [made.end()[0].states for made in parts.parts if made is not None]
    assert sum(owned) == 8**4
    assert min(owned) > 8**4 // 3 - 300


@pytest.mark.parametrize("losing", [False, True], ids=["processes", "machines"])
def test_who_dies_in_any_call_changes_nothing(losing: bool) -> None:
    died: set[str] = set()
    for n, (program, alone) in enumerate(known()):
        some = random.Random(n)
        dying = {some.randrange(1, 60) for _ in range(5)}
        lost = {some.randrange(1, 60)} if losing else set()
        parts = Together(program, 2 + n % 2, dying, lost)
        assert numbers(search(program, parts)) == numbers(alone)
        died |= {*parts.died}
    assert died >= {"start", "level", "step"}


def test_who_dies_again_and_again_is_a_fault() -> None:
    program = counters(4, 3)
    with pytest.raises(TooManyDied, match="21 workers died over one search: it was killed"):
        search(program, Together(program, 2, range(1, 10_000)))


def watched(kind: CheckKind) -> Program:
    """A counter that reaches three in the third level."""
    check = Check(kind=kind, bad=(((Op.MATCH, 0, 7, 3),),))
    return counters(4, 3)._replace(checks=(check,))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_limits_end_it_behind_a_level(count: int) -> None:
    program = watched(CheckKind.ALWAYS)
    alone = native.search(program, limits=Limits(depth=4))
    for limits in (Limits(depth=4), Limits(states=alone.states - 1)):
        found = search(program, Together(program, count), limits)
        limit = Limit.STATES if limits.depth is None else Limit.DEPTH
        assert numbers(found) == numbers(alone._replace(limit=limit))
    assert alone.checks[0].verdict is Verdict.VIOLATED
    whole = search(program, Together(program, count), Limits(states=8**4))
    assert (whole.limit, whole.states) == (None, 8**4)
    assert search(program, Together(program, count), Limits(time_s=0.0)).limit is Limit.TIME


def test_each_part_has_its_own_memory() -> None:
    program = counters(7, 3)
    one = search(program, Together(program, 1, memory_bytes=1 << 22))
    assert one.limit is Limit.MEMORY
    assert one.states > 100_000
    assert search(program, Together(program, 8, memory_bytes=1 << 22)).limit is None


@pytest.mark.parametrize(
    ("kind", "limit"), [(CheckKind.ALWAYS, Limit.STOP), (CheckKind.REACHABLE, None)]
)
def test_it_stops_behind_the_level_with_enough_that_is_violated(
    kind: CheckKind, limit: Limit | None
) -> None:
    program = watched(kind)
    stop = Stop((0,))
    alone = native.search(program, limits=NO_LIMITS, stop=stop)
    found = search(program, Together(program, 2), stop=stop)
    assert numbers(found) == numbers(alone)
    assert found.limit is limit


@pytest.mark.parametrize("reduce", [True, False], ids=["reduced", "as it is"])
@pytest.mark.parametrize("name", ["matrix", "outcomes", "refuted", "partly_vacuous"])
def test_a_scenario_is_judged_as_ever(name: str, reduce: bool) -> None:
    scenario = load(SCENARIOS / f"{name}.mmscn")
    alone = scenario.check(reduce=reduce)
    near = Near(3, {5, 9})
    with using(near):
        found = scenario.check(reduce=reduce)
        assert found.text() == alone.text()
    assert near.searches >= len(found.runs) > 0
    assert near.traces > 0 or name not in ("matrix", "partly_vacuous")
    for one, other in zip(found.runs, alone.runs, strict=True):
        assert numbers(one.result) == numbers(other.result)


def test_what_goes_on_for_ever_is_searched_here_and_that_is_said() -> None:
    text = 'scenario s\nvar x: 0..1\nthread t { x = 1 }\neventually "up" x == 1\n'
    with using(Near(2)):
        (run,) = loads(text).check().runs
    assert run.property("up").verdict is Verdict.HOLDS
    assert any("by several workers; what goes on for ever is" in note for note in run.notes)


def test_progress_is_told_and_an_interrupt_ends_it() -> None:
    seen: list[tuple[int, int, int, int]] = []

    def progress(*told: int) -> None:
        seen.append((told[0], told[1], told[2], told[3]))
        if len(seen) == 9:
            raise KeyboardInterrupt

    program = counters(4, 3)
    result = search(program, Together(program, 2), progress=progress)
    assert result.limit is Limit.INTERRUPT
    assert [s for s, *_ in seen] == sorted(s for s, *_ in seen)
    assert result.states > 1
