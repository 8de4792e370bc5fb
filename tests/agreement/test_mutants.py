"""Mutants of the shipped scenarios: whatever they decide, all executors decide it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.agreement.agreement import EVERYTHING, NOTHING, UNBOUNDED, Without, differences
from support.agreement.mutants import mutants
from support.oracle.states import Unbounded

from mmscn.check.core import Checked
from mmscn.check.elaborate import elaborate
from mmscn.check.modules import gather
from mmscn.check.variation import matrix
from mmscn.diagnostics import Rejected
from mmscn.judge.shipped import finder, shipped_scenarios
from mmscn.lower.compile import compile
from mmscn.runtime.result import Limits, Verdict
from mmscn.source import Source

SHIPPED = {s.name: s for s in shipped_scenarios()}
FINE = ("MM408", "MM504", "MM505")
"""What a mutant may be rejected for when it is lowered."""

QUICK = ("flush_before_clear", "dirty_while_clearing", "split_store", "stray_bits")


@pytest.mark.parametrize("name", QUICK)
def test_mutants_of_small_scenarios_mean_what_they_mean_to_the_oracle(name: str) -> None:
    compared = 0
    for what, checked in list(mutants_of(name, combinations=1))[:4]:
        compared += agrees(what, checked, states_max=300, without=(NOTHING, EVERYTHING))
    assert compared >= 3


@pytest.mark.slow
@pytest.mark.parametrize("name", QUICK)
def test_more_mutants_of_small_scenarios_do(name: str) -> None:
    for what, checked in list(mutants_of(name, combinations=1))[4:8]:
        agrees(what, checked, states_max=300, without=(NOTHING, EVERYTHING))


@pytest.mark.slow
@pytest.mark.parametrize("name", SHIPPED)
def test_mutants_mean_what_they_mean_to_the_oracle(name: str) -> None:
    for what, checked in mutants_of(name, combinations=1, most=SOME):
        agrees(what, checked, states_max=300, without=(NOTHING, EVERYTHING))


SOME = 2
"""Mutants of one scenario in the long form, spread over all."""


def mutants_of(
    name: str, *, combinations: int, most: int | None = None
) -> Iterator[tuple[str, Checked]]:
    """The mutants that are scenarios, under the first few combinations of the params.

    most: how many mutants to look at, some of all.
    """
    shipped = SHIPPED[name]
    source = Source(shipped.path, shipped.file.read_text(encoding="utf-8"))
    unit = gather(source, finder(None))
    every = list(mutants(unit))
    for what, mutant in every[:: max(1, len(every) // (most or len(every)))][:most]:
        for params in matrix(mutant)[:combinations]:
            shown = " ".join(f"{n}={v}" for n, v in params.items())
            try:
                yield f"{name} {shown}: {what}", elaborate(mutant, params)
            except Rejected:
                continue


def agrees(what: str, checked: Checked, *, states_max: int, without: Without) -> bool:
    """Fails where there is a difference; whether the oracle was asked."""
    try:
        found = differences(checked, states_max=states_max, without=without, traces=False)
        compared = True
    except Unbounded:
        reduction_agrees(what, checked)
        return False
    except Rejected as rejected:
        compared = False
        found = [f"{d.span}: {d.code}" for d in rejected.diagnostics if d.code not in FINE]
    assert not found, "\n".join([what, *found])
    return compared


def reduction_agrees(what: str, checked: Checked) -> None:
    """Where the oracle takes too long: the program and the reduced one, on the native executor."""
    native = pytest.importorskip("mmscn.runtime.native", reason="the extension is not built")
    compiled = compile(checked)
    whole = native.search(compiled.program, limits=Limits(states=500_000))
    if whole.limit is not None:
        return
    reduced = native.search(compiled.reduced, limits=UNBOUNDED)
    names = [checked.checks[n].name for n in compiled.checks]
    ours: list[tuple[str, Verdict]] = [
        (n, c.verdict) for n, c in zip(names, whole.checks, strict=True)
    ]
    theirs = [(n, c.verdict) for n, c in zip(names, reduced.checks, strict=True)]
    assert ours == theirs, what


def test_every_kind_of_mutant_is_made() -> None:
    source = SHIPPED["racewrite"]
    unit = gather(Source(source.path, source.file.read_text(encoding="utf-8")), finder(None))
    made = [what for what, _ in mutants(unit)]
    for kind in ("without `lock", "without the lock of", "exchanged", "without `flush"):
        assert any(kind in what for what in made), kind


