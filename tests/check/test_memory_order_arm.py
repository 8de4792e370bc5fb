"""Small tests under `memory = arm`, with the outcomes that the architecture has: the classic ones.

Their names are those of the literature: MP message passing, SB store buffering, LB load buffering;
dependencies (addr, data, ctrl), fences and rfi (a read of an own store) behind a plus.
"""

from __future__ import annotations

import re

import pytest
from support.check.walked import walked
from support.oracle.generator_order import ordered_text
from support.oracle.oracle import explore
from support.oracle.states import Unbounded

import mmscn
from mmscn.check import core
from mmscn.check.elaborate import elaborate
from mmscn.check.variation import matrix
from mmscn.diagnostics import Rejected
from mmscn.draw.diagram import draw
from mmscn.judge.prepare import unit_of
from mmscn.judge.shipped import finder
from mmscn.source import Source

TESTS: dict[str, tuple[str, str, bool]] = {
    # name: threads, the outcome, and whether there is one; sc has none but of those that add.
    "SB": ("x = 1; r0 = y | y = 1; r1 = x", "r0 == 0 and r1 == 0", True),
    "SB+dmbs": (
        "x = 1; fence full; r0 = y | y = 1; fence full; r1 = x",
        "r0 == 0 and r1 == 0",
        False,
    ),
    "SB+dmb+po": ("x = 1; fence full; r0 = y | y = 1; r1 = x", "r0 == 0 and r1 == 0", True),
    "SB+rel+acq": (
        "store release x = 1; r0 = load acquire y | store release y = 1; r1 = load acquire x",
        "r0 == 0 and r1 == 0",
        False,
    ),
    "MP": ("x = 1; y = 1 | r0 = y; r1 = x", "r0 == 1 and r1 == 0", True),
    "MP+dmb+po": ("x = 1; fence full; y = 1 | r0 = y; r1 = x", "r0 == 1 and r1 == 0", True),
    "MP+po+dmb": ("x = 1; y = 1 | r0 = y; fence full; r1 = x", "r0 == 1 and r1 == 0", True),
    "MP+dmbs": (
        "x = 1; fence full; y = 1 | r0 = y; fence full; r1 = x",
        "r0 == 1 and r1 == 0",
        False,
    ),
    "MP+dmb.st+dmb.ld": (
        "x = 1; fence stores; y = 1 | r0 = y; fence loads; r1 = x",
        "r0 == 1 and r1 == 0",
        False,
    ),
    "MP+dmb.ld+dmb.ld": (
        "x = 1; fence loads; y = 1 | r0 = y; fence loads; r1 = x",
        "r0 == 1 and r1 == 0",
        True,
    ),
    "MP+dmb.st+dmb.st": (
        "x = 1; fence stores; y = 1 | r0 = y; fence stores; r1 = x",
        "r0 == 1 and r1 == 0",
        True,
    ),
    "MP+rel+acq": (
        "x = 1; store release y = 1 | r0 = load acquire y; r1 = x",
        "r0 == 1 and r1 == 0",
        False,
    ),
    "MP+rel+po": ("x = 1; store release y = 1 | r0 = y; r1 = x", "r0 == 1 and r1 == 0", True),
    "MP+dmb+addr": (
        "A[0] = 1; fence full; y = 1 | r0 = y; r1 = A[r0-r0]",
        "r0 == 1 and r1 == 0",
        False,
    ),
    "MP+dmb+ctrl": (
        "x = 1; fence full; y = 1 | r0 = y; if r0 == 1 {r1 = x}",
        "r0 == 1 and r1 == 0",
        True,
    ),
    "MP+dmb+ctrlisb": (
        "x = 1; fence full; y = 1 | r0 = y; if r0 == 1 {fence instructions; r1 = x}",
        "r0 == 1 and r1 == 0",
        False,
    ),
    "LB": ("r0 = x; y = 1 | r1 = y; x = 1", "r0 == 1 and r1 == 1", True),
    "LB+datas": ("r0 = x; y = r0 | r1 = y; x = r1", "r0 == 1 and r1 == 1", False),
    "LB+data+po": ("r0 = x; y = r0 | r1 = y; x = 1", "r0 == 1 and r1 == 1", True),
    "LB+addr+po": ("r0 = A[0]; B[r0-r0] = 1 | r1 = B[0]; A[0] = 1", "r0 == 1 and r1 == 1", True),
    "LB+addrs": ("r0 = A[0]; B[r0-r0] = 1 | r1 = B[0]; A[r1-r1] = 1", "r0 == 1 and r1 == 1", False),
    "LB+ctrls": (
        "r0 = x; if r0 == 1 {y = 1} | r1 = y; if r1 == 1 {x = 1}",
        "r0 == 1 and r1 == 1",
        False,
    ),
    "LB+ctrl before the join+data": (
        "r0 = x; if r0 == 1 {r2 = 1}; y = 1 | r1 = y; x = r1",
        "r0 == 1 and r1 == 1",
        False,
    ),
    "LB+dmbs": (
        "r0 = x; fence full; y = 1 | r1 = y; fence full; x = 1",
        "r0 == 1 and r1 == 1",
        False,
    ),
    "LB+acqs": (
        "r0 = load acquire x; y = 1 | r1 = load acquire y; x = 1",
        "r0 == 1 and r1 == 1",
        False,
    ),
    "LB+rels": (
        "r0 = x; store release y = 1 | r1 = y; store release x = 1",
        "r0 == 1 and r1 == 1",
        False,
    ),
    "S": ("x = 2; y = 1 | r0 = y; x = 1", "r0 == 1 and x == 2", True),
    "S+dmb+data": ("x = 2; fence full; y = 1 | r0 = y; x = r0", "r0 == 1 and x == 2", False),
    "S+dmb+ctrl": (
        "x = 2; fence full; y = 1 | r0 = y; if r0 == 1 {x = 1}",
        "r0 == 1 and x == 2",
        False,
    ),
    "S+po+data": ("x = 2; y = 1 | r0 = y; x = r0", "r0 == 1 and x == 2", True),
    "R": ("x = 1; y = 1 | y = 2; r0 = x", "y == 2 and r0 == 0", True),
    "R+dmbs": ("x = 1; fence full; y = 1 | y = 2; fence full; r0 = x", "y == 2 and r0 == 0", False),
    "R+dmb.st+dmb": (
        "x = 1; fence stores; y = 1 | y = 2; fence full; r0 = x",
        "y == 2 and r0 == 0",
        False,
    ),
    "R+dmb+dmb.st": (
        "x = 1; fence full; y = 1 | y = 2; fence stores; r0 = x",
        "y == 2 and r0 == 0",
        True,
    ),
    "2+2W": ("x = 1; y = 2 | y = 1; x = 2", "x == 1 and y == 1", True),
    "2+2W+dmb.sts": (
        "x = 1; fence stores; y = 2 | y = 1; fence stores; x = 2",
        "x == 1 and y == 1",
        False,
    ),
    "2+2W+rels": (
        "x = 1; store release y = 2 | y = 1; store release x = 2",
        "x == 1 and y == 1",
        False,
    ),
    "WRC": ("x = 1 | r0 = x; y = 1 | r1 = y; r2 = x", "r0 == 1 and r1 == 1 and r2 == 0", True),
    "WRC+data+addr": (
        "A[0] = 1 | r0 = A[0]; y = r0 | r1 = y; r2 = A[r1-r1]",
        "r0 == 1 and r1 == 1 and r2 == 0",
        False,
    ),
    "WRC+po+addr": (
        "A[0] = 1 | r0 = A[0]; y = 1 | r1 = y; r2 = A[r1-r1]",
        "r0 == 1 and r1 == 1 and r2 == 0",
        True,
    ),
    "IRIW": (
        "x = 1 | y = 1 | r0 = x; r1 = y | r2 = y; r3 = x",
        "r0 == 1 and r1 == 0 and r2 == 1 and r3 == 0",
        True,
    ),
    "IRIW+addrs": (
        "A[0] = 1 | B[0] = 1 | r0 = A[0]; r1 = B[r0-r0] | r2 = B[0]; r3 = A[r2-r2]",
        "r0 == 1 and r1 == 0 and r2 == 1 and r3 == 0",
        False,
    ),
    "IRIW+acqs": (
        "x = 1 | y = 1 | r0 = load acquire x; r1 = y | r2 = load acquire y; r3 = x",
        "r0 == 1 and r1 == 0 and r2 == 1 and r3 == 0",
        False,
    ),
    "ISA2+dmb+data+addr": (
        "A[0] = 1; fence full; y = 1 | r0 = y; z = r0 | r1 = z; r2 = A[r1-r1]",
        "r0 == 1 and r1 == 1 and r2 == 0",
        False,
    ),
    "CoRR": ("x = 1 | r0 = x; r1 = x", "r0 == 1 and r1 == 0", False),
    "CoWW": ("x = 1; x = 2", "x == 1", False),
    "CoRW1": ("r0 = x; x = 1", "r0 == 1", False),
    "CoWR": ("x = 1; r0 = x | x = 2", "r0 == 2 and x == 1", False),
    "CoWR0": ("x = 1; r0 = x", "r0 == 0", False),
    "SB+rfi-addrs": (
        "A[0] = 1; r0 = A[0]; r1 = B[r0-r0] | B[0] = 1; r2 = B[0]; r3 = A[r2-r2]",
        "r0 == 1 and r1 == 0 and r2 == 1 and r3 == 0",
        True,
    ),
    "MP+dmb+rfi-addr": (
        "A[0] = 1; fence full; y = 1 | r0 = y; z = r0; r2 = z; r1 = A[r2-r2]",
        "r0 == 1 and r1 == 0",
        False,
    ),
    "PPOCA": (
        "A[0] = 1; fence full; y = 1 | r0 = y; if r0 == 1 {z = 1; r2 = z; r1 = A[r2-r2]}",
        "r0 == 1 and r2 == 1 and r1 == 0",
        True,
    ),
    "PPOAA": (
        "A[0] = 1; fence full; y = 1 | r0 = y; Z[r0-r0] = 1; r2 = Z[0]; r1 = A[r2-r2]",
        "r0 == 1 and r2 == 1 and r1 == 0",
        False,
    ),
    "MP+rel+acq-lock": (
        "x = 1; lock l {y = 1} | lock l {r0 = y}; r1 = x",
        "r0 == 1 and r1 == 0",
        False,
    ),
    "SB+locks": ("lock l {x = 1}; r0 = y | lock k {y = 1}; r1 = x", "r0 == 0 and r1 == 0", True),
    "SB same lock": (
        "lock l {x = 1; r0 = y} | lock l {y = 1; r1 = x}",
        "r0 == 0 and r1 == 0",
        False,
    ),
    "SB+xchg": (
        "let a = xchg x, 1; r0 = y | let a = xchg y, 1; r1 = x",
        "r0 == 0 and r1 == 0",
        False,
    ),
    "SB+atomic": (
        "x = 1; atomic { z = 1 }; r0 = y | y = 1; atomic { z = 1 }; r1 = x",
        "r0 == 0 and r1 == 0",
        False,
    ),
    "MP+await": (
        "x = 1; fence stores; y = 1 | await y == 1; r1 = x; r0 = 1",
        "r0 == 1 and r1 == 0",
        True,
    ),
    "MP+await+ld": (
        "x = 1; fence stores; y = 1 | await y == 1; fence loads; r1 = x; r0 = 1",
        "r0 == 1 and r1 == 0",
        False,
    ),
    "LB+await+po": ("await x == 1; y = 1 | r1 = y; x = 1", "r1 == 1", True),
    "inc": ("x += 1 | x += 1", "x == 1", True),
    "inc atomic": ("atomic {x += 1} | atomic {x += 1}", "x == 1", False),
    "lock inc": ("lock l {x += 1} | lock l {x += 1}", "x == 1", False),
}


def scenario(threads: str, outcome: str, order: str) -> str:
    """Threads that use registers r0 to r3; the outcome is of registers and variables."""
    lines = [f"machine arm64 {{ cpus 4; memory = {order} }}", "spinlock l", "spinlock k"]
    lines += [f"var {v}: 0..2" for v in "xyz"]
    lines += [f"var {v}[0..1]: 0..2" for v in "ABZ"]
    lines += [f"ghost var r{n}: 0..2" for n in range(4)]
    lines.append("concurrent {")
    for n, body in enumerate(threads.split("|")):
        used = sorted(set(re.findall(r"\br(\d)\b", body)))
        text = [f"var q{r}: 0..2 = 0" for r in used]
        text += [re.sub(r"\br(\d)\b", r"q\1", body)]
        text += [f"r{r} = q{r}" for r in used]
        lines.append(f"thread t{n} on cpu {n} {{ {'; '.join(text)} }}")
    return "\n".join([*lines, "}", f'finally "out" not ({outcome})', ""])


@pytest.mark.parametrize("name", TESTS)
def test_a_classic_test_has_the_outcomes_of_the_architecture(name: str) -> None:
    threads, outcome, allowed = TESTS[name]
    run = mmscn.loads("scenario s\n" + scenario(threads, outcome, "arm")).check().runs[0]
    verdicts = {p.name: p.verdict.name for p in run.properties}
    assert verdicts["out"] == ("VIOLATED" if allowed else "HOLDS")
    assert verdicts["no_deadlock"] == "HOLDS"
    if allowed:
        found = run.counterexample("out")
        assert found is not None
        assert "VIOLATED" in "".join(draw(found.compiled, found.trace)), "it is traced and drawn"


@pytest.mark.parametrize("name", ["MP", "SB+locks", "LB+data+po", "MP+dmb+ctrl", "CoWR"])
def test_the_walkers_and_the_programs_agree(name: str) -> None:
    threads, outcome, allowed = TESTS[name]
    assert ("out" in walked(scenario(threads, outcome, "arm")).broken()) is allowed


def test_generated_scenarios_come_to_what_they_come_to_under_sc() -> None:
    """The first of those that the slow test has to a larger size."""
    assert more_than_sc(range(20), states_max=300) > 0


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(6))
def test_larger_scenarios_come_to_what_they_come_to_under_sc(lot: int) -> None:
    more_than_sc(range(60)[lot::6])


@pytest.mark.slow
@pytest.mark.parametrize("lot", range(10))
def test_hundreds_of_scenarios_come_to_what_they_come_to_under_sc(lot: int) -> None:
    more_than_sc(range(30_000, 31_000)[lot::10])


def more_than_sc(seeds: range, *, states_max: int = 20_000) -> int:
    """How many of some scenarios end otherwise under arm than they can under sc.

    states_max: larger ones are passed over.
    """
    more = 0
    for seed in seeds:
        try:
            few, many = (programs(seed, order) for order in ("sc", "arm"))
        except Rejected:
            continue  # what arm does not model, and what a generated scenario is rejected for
        for sc, arm in zip(few, many, strict=True):
            try:
                less, all_ = explore(sc, states_max=1_000), explore(arm, states_max=states_max)
            except Unbounded:
                continue
            known = sorted(less.final[0]) if less.final else []
            ours = {tuple(final[key] for key in known) for final in less.final}
            theirs = {tuple(final[key] for key in known) for final in all_.final}
            assert not known or ours <= theirs, f"seed {seed} ends so under sc alone"
            more += ours != theirs
    return more


def programs(seed: int, order: str) -> list[core.Checked]:
    text = ordered_text(seed, order, hardware_too=False)
    unit = unit_of(Source("generated", text), finder(None))
    return [elaborate(unit, params) for params in matrix(unit)]
