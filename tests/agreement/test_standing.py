"""Who stands still does so for the oracle, both executors, and whatever reduction is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module

import pytest
from support.agreement.agreement import (
    EVERYTHING,
    NOTHING,
    ONE_OFF,
    Without,
    is_unreduced,
    programs_of,
)
from support.agreement.standing_texts import standing_text
from support.oracle.oracle import NEVER_VACUOUS, OracleResult, explore
from support.oracle.states import Unbounded

from mmscn.check.core import DEADLOCK, Checked
from mmscn.diagnostics import Rejected
from mmscn.lower.compile import compile
from mmscn.lower.compiled import Compiled
from mmscn.lower.ir import Ir
from mmscn.lower.passes import dead, live, still
from mmscn.runtime.bytecode import CheckId, Program
from mmscn.runtime.explore import bfs, packed
from mmscn.runtime.explore.trace import counterexample
from mmscn.runtime.result import Limit, Limits, Result, Verdict
from mmscn.source import Source

STATES_MAX = 500


def test_who_stands_still_does_so_with_and_without_reductions() -> None:
    compared = sum(agrees_as_it_is(seed) for seed in range(70, 86))
    assert compared > 10


@pytest.mark.parametrize("left_out", ONE_OFF, ids=lambda names: next(iter(names)))
def test_who_stands_still_does_so_without_one_reduction(left_out: frozenset[str]) -> None:
    for seed in range(200, 203):
        agrees(seed, (left_out,))


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(20))
def test_in_many_scenarios_who_stands_still_does_so(lot: int) -> None:
    for seed in (*range(100 + lot, 145, 20), *range(10_000 + lot, 12_000, 20)):
        agrees(seed, (NOTHING, EVERYTHING, ONE_OFF[seed // 20 % len(ONE_OFF)]))


def test_the_texts_have_deadlocks_and_others() -> None:
    found = []
    for seed in range(40):
        ((_, checked),) = programs_of(Source("standing", standing_text(seed)))
        try:
            found.append(explore(checked, states_max=STATES_MAX).verdicts[DEADLOCK])
        except (Unbounded, Rejected):
            continue
    assert min(found.count(Verdict.VIOLATED), found.count(Verdict.HOLDS)) > 10


@cache
def agrees_as_it_is(seed: int) -> bool:
    """The same, nothing changed: of a seed that several tests compare."""
    return agrees(seed, (NOTHING, EVERYTHING))


def agrees(seed: int, without: Without) -> bool:
    """Fails where somebody disagrees with the oracle; whether that was asked."""
    text = standing_text(seed)
    ((_, checked),) = programs_of(Source("standing", text))
    try:
        truth = explore(checked, states_max=STATES_MAX)
        found = list(differences(checked, truth, without))
    except (Unbounded, Rejected):
        return False
    assert not found, "\n".join([*found, f"seed {seed}", text])
    return True


def differences(checked: Checked, truth: OracleResult, without: Without) -> Iterator[str]:
    for left_out in without:
        name = "without " + (" ".join(sorted(left_out)) or "nothing")
        compiled = compile(checked, without=left_out)
        programs = [(compiled.program, True), (compiled.reduced, False)]
        for program, exact in programs[: 1 if is_unreduced(compiled) else 2]:
            for result in results(program):
                shown = f"{name}, {result.executor}, {'base' if exact else 'reduced'}"
                if result.limit is Limit.VERSIONS and not exact and "versions" not in left_out:
                    yield f"{shown}: no versions are left"
                for what in compare(truth, compiled, result, exact=exact):
                    yield f"{shown}: {what}"
        yield from (f"{name}: {what}" for what in traced(truth, compiled))


def results(program: Program) -> list[Result]:
    native = import_module("mmscn.runtime.native")
    limits = Limits(states=5_000)
    return [bfs.search(program, limits=limits), native.search(program, limits=limits)]


def compare(
    truth: OracleResult, compiled: Compiled, result: Result, *, exact: bool
) -> Iterator[str]:
    """What a search says otherwise; one that ran out of versions may leave questions open."""
    if result.limit not in (None, Limit.VERSIONS):
        return
    for check in result.checks:
        n = compiled.checks[check.check]
        info = compiled.checked.checks[n]
        verdict = check.verdict
        if verdict is Verdict.UNDECIDED and result.limit is not None:
            continue
        if verdict is Verdict.VACUOUS and info.kind in NEVER_VACUOUS:
            verdict = Verdict.HOLDS
        if verdict is not truth.verdicts[n]:
            yield f"{info.name} {verdict.value}, by the oracle {truth.verdicts[n].value}"
        elif exact and check.depth != truth.lengths[n]:
            yield f"{info.name} at {check.depth}, by the oracle at {truth.lengths[n]}"


def traced(truth: OracleResult, compiled: Compiled) -> Iterator[str]:
    """Counterexamples to deadlock, which the reference interpreter has judged."""
    for c, n in enumerate(compiled.checks):
        if n == DEADLOCK and truth.lengths[n] is not None:
            trace = counterexample(compiled.program, CheckId(c), limits=Limits())
            length = None if trace is None else len(trace.rules)
            if length != truth.lengths[n]:
                yield f"a trace of {length} steps, by the oracle of {truth.lengths[n]}"


EXCHANGE = "atomic { let t = x; x = y; y = t }"


def beside(*lines: str, stores: str = "x = fresh; y = fresh") -> str:
    """A thread that stores and waits for ever, beside something else."""
    return "\n".join(
        ("scenario s", "machine x86 { cpus 4 }", "var x: version", "var y: version",
         "var never: bool", "var dead: bool", "var n[0..1]: 0..12", "concurrent {",
         f"thread waiter {{ {stores}; await never }}", *lines)
    )  # fmt: skip


def daemon(body: str) -> str:
    return f"daemon thread d {{ {body} }} }}"


ALONE = {
    "two contents exchanged": (beside(daemon(EXCHANGE)), Verdict.VIOLATED),
    "one of them has a name": (
        beside(daemon(EXCHANGE), stores="x = fresh; y = 1"),
        Verdict.HOLDS,
    ),
    "fresh over what nothing else holds": (beside(daemon("x = fresh")), Verdict.VIOLATED),
    "fresh, and the old one goes to another": (
        beside(daemon("atomic { y = x; x = fresh }")),
        Verdict.VIOLATED,
    ),
    "an exchange of two steps": (
        beside(daemon("let t = x; atomic { x = y; y = t }")),
        Verdict.HOLDS,
    ),
    "an agent exchanges": (
        beside(f"}}\nagent device {{ step go {{ {EXCHANGE[9:-2]} }} }}"),
        Verdict.VIOLATED,
    ),
    "what nobody reads changes": (beside(daemon("dead = not dead")), Verdict.HOLDS),
    "what nobody reads is written": (beside(daemon("dead = true")), Verdict.VIOLATED),
    "three places, two contents": (
        beside(daemon("atomic { let t = x; x = y; y = z; z = t }"), stores="x = fresh; z = fresh")
        .replace("var dead", "var z: version\nvar dead"),
        Verdict.HOLDS,
    ),
}


@pytest.mark.parametrize("what", ALONE)
def test_moving_on_is_what_the_definition_says(what: str) -> None:
    text, wanted = ALONE[what]
    ((_, checked),) = programs_of(Source("text", text))
    truth = explore(checked, states_max=STATES_MAX)
    assert truth.verdicts[DEADLOCK] is wanted
    assert not list(differences(checked, truth, (NOTHING, EVERYTHING, *ONE_OFF)))


@pytest.mark.parametrize("body", [EXCHANGE, "x = fresh"], ids=["exchange", "store"])
def test_a_large_scenario_with_reductions_says_what_it_says_without(body: str) -> None:
    """Or nothing, where numbers for contents run out."""
    noise = "thread a[i in 0..1] { while n[i] < 12 { n[i] += 1 } }"
    ((_, checked),) = programs_of(Source("text", beside(noise, daemon(body))))
    for left_out in (NOTHING, *ONE_OFF):
        compiled = compile(checked, without=left_out)
        for program in (compiled.program, compiled.reduced):
            (_, result) = results(program)
            cut_off = program is compiled.program or "versions" in left_out
            assert result.limit is None or cut_off
            wanted = Verdict.VIOLATED if result.limit is None else Verdict.UNDECIDED
            assert result.checks[0].verdict in (Verdict.VIOLATED, wanted)


def nothing(*_: object) -> set[int]:
    return set()


def never(*_: object) -> bool:
    return False


def always(*_: object) -> bool:
    return True


def strangers(ir: Ir) -> dict[int, int]:
    return {v: v for v, var in enumerate(ir.vars) if var.version}


def equal(_: object, one: int, other: int) -> bool:
    return one == other


MUTANTS: dict[str, tuple[object, str, Callable[..., object], tuple[int, ...]]] = {
    "conditions read no locals": (live, "conditions_of", nothing, (13, 15, 25)),
    "values read no locals": (live, "variables", nothing, (106, 139)),
    "dead locals may make a step stand still": (live, "stays", never, (44, 57, 81)),
    "dead cells may make a step stand still": (dead, "stays", never, (44, 57, 81)),
    "dead contents are equal to none": (dead, "compared", nothing, (77, 90)),
    "dead contents of locals are equal to none": (live, "compared", nothing, (77, 136)),
    "contents are not copied": (still, "kin", strangers, (77, 90)),
    "a step that stays moves on": (still, "changes", always, (77, 90)),
    "another number is another state": (packed.Pattern, "same", equal, (84, 85)),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_pass_without_one_of_its_conditions_is_caught(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, what, instead, seeds = MUTANTS[name]
    assert all([agrees_as_it_is(seed) for seed in seeds])
    monkeypatch.setattr(where, what, instead)
    with pytest.raises(AssertionError, match="by the oracle"):
        any([agrees(seed, (NOTHING, EVERYTHING)) for seed in seeds])
