"""Straight-line programs under each order: what they come to is what an oracle says, which does
loads and stores early by the rules of docs/memory.md and has nothing of the project's code. What
that has under `arm` is what the axioms of Armv8 allow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from support.straight.axioms import allowed, candidates, is_exact
from support.straight.compared import disagreements, program_of, several
from support.straight.mutants import MUTANTS
from support.straight.outcomes import outcomes
from support.straight.programs import FIRST, Access, Fence, Op, Program, Value

QUICK, SLOW = range(9), range(20_000, 20_900)
CANDIDATES_MAX = 20_000
TELLING = {
    "acquiring loads are loads": 10,
    "releasing stores are stores": 10,
    "a load passes a store to its place": 7,
    "loads of one place pass each other": 3,
    "a load waits for the places of loads": 517,
    "no load reads what an exchange is to store": 18,
    "an early load stays whatever it has read": 18,
    "a place need not be known": 238,
    "a fence keeps nothing": 65,
    "a branch keeps no store": 42,
    "nothing waits for a lock": 10,
    "own stores are read in memory": 7,
}
"""Of each rule, a program that comes to something else without it."""


def test_a_few_programs_come_to_what_the_oracle_says() -> None:
    agrees(QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(9))
def test_programs_come_to_what_the_oracle_says(lot: int) -> None:
    counts = agrees(SLOW[lot::9])
    assert counts["arm has more than sc"] > 10, counts


def test_the_oracle_has_what_the_axioms_of_armv8_allow() -> None:
    allows([517, *QUICK])


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(9))
def test_the_oracle_has_what_the_axioms_of_armv8_allow_of_more(lot: int) -> None:
    allows(SLOW[lot::9])


def allows(seeds: Iterable[int]) -> None:
    exact = 0
    for seed in seeds:
        made = program_of(seed)
        if candidates(made) > CANDIDATES_MAX:
            continue
        found, wanted = outcomes(made, "arm"), allowed(made)
        assert found <= wanted, made.text(("arm",))
        if is_exact(made):
            exact += 1
            assert found == wanted, made.text(("arm",))
    assert exact > 5


def agrees(seeds: range) -> Counter[str]:
    counts, said = several(seeds)
    assert not said, "\n".join(said[:3])
    assert counts["compared"] == len(seeds), f"some are rejected: {counts}"
    return counts


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
def test_a_rule_that_is_left_out_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = TELLING[name]
    assert disagreements(seed, Counter()) == []
    monkeypatch.setattr(*MUTANTS[name])
    assert disagreements(seed, Counter())


# ---- the oracle itself --------------------------------------------------------------------


def store(place: str, order: str = "") -> Access:
    return Access("store", place, FIRST, order, Value(1))


def load(place: str, register: str, order: str = "", behind: str | None = None) -> Access:
    return Access("load", place, Value(0, behind), order, None, register)


def swap(place: str, register: str, order: str) -> Access:
    return Access("swap", place, FIRST, order, Value(1), register)


X, Y, Z, FULL = "x", "y", "z", Fence("full")
READ_BOTH = load(X, "r0"), load(Y, "r1")
KNOWN: dict[str, tuple[tuple[tuple[Op, ...], ...], tuple[int, ...], frozenset[str]]] = {
    "store buffering": (
        ((store(X), load(Y, "r0")), (store(Y), load(X, "r0"))),
        (0, 0),
        frozenset({"tso", "arm"}),
    ),
    "store buffering, fences": (
        ((store(X), FULL, load(Y, "r0")), (store(Y), FULL, load(X, "r0"))),
        (0, 0),
        frozenset(),
    ),
    "message passing": (
        ((store(X), store(Y)), (load(Y, "r0"), load(X, "r1"))),
        (1, 0),
        frozenset({"arm"}),
    ),
    "message passing, release and acquire": (
        ((store(X), store(Y, "release")), (load(Y, "r0", "acquire"), load(X, "r1"))),
        (1, 0),
        frozenset(),
    ),
    "message passing, fence and address": (
        ((store(X), Fence("stores"), store(Y)), (load(Y, "r0"), load(X, "r1", "", "r0"))),
        (1, 0),
        frozenset(),
    ),
    "message passing, read twice": (
        (
            (store(X), FULL, store(Y)),
            (load(Y, "r0"), load(Z, "r1", "", "r0"), load(Z, "r2"), load(X, "r3", "", "r2")),
        ),
        (1, 0, 0, 0),
        frozenset({"arm"}),
    ),
    "message passing, read twice, of two stores": (
        (
            (store(X), store(Z, "release"), FULL, store(Y)),
            (load(Y, "r0"), load(Z, "r1", "", "r0"), load(Z, "r2"), load(X, "r3", "", "r2")),
        ),
        (1, 1, 0, 0),
        frozenset(),
    ),
    "an own exchange read early": (
        (
            (swap(X, "r0", "relaxed"), load(X, "r1"), load(Y, "r2", "", "r1")),
            (store(Y), FULL, load(X, "r0")),
        ),
        (0, 1, 0, 0),
        frozenset({"arm"}),
    ),
    "an own exchange read by an acquiring load": (
        (
            (swap(X, "r0", "relaxed"), load(X, "r1", "acquire"), load(Y, "r2")),
            (store(Y), FULL, load(X, "r0")),
        ),
        (0, 1, 0, 0),
        frozenset(),
    ),
    "load buffering": (
        ((load(X, "r0"), store(Y)), (load(Y, "r0"), store(X))),
        (1, 1),
        frozenset({"arm"}),
    ),
    "four CPUs": (
        ((store(X),), (store(Y),), READ_BOTH, (load(Y, "r0"), load(X, "r1"))),
        (1, 0, 1, 0),
        frozenset({"arm"}),
    ),
}
"""Of each program: registers that are to be told apart, and the orders that come to them."""


@pytest.mark.parametrize("name", KNOWN)
def test_the_oracle_has_what_is_known_of_each_order(name: str) -> None:
    threads, registers, orders = KNOWN[name]
    program = Program(threads, {X: 1, Y: 1, Z: 1})
    there = {
        order
        for order in ("sc", "tso", "arm")
        if any(found[: len(registers)] == registers for found in outcomes(program, order))
    }
    assert there == orders
