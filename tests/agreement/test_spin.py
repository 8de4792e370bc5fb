"""SPIN judges a sample of generated scenarios as mmscn does; skipped where it is not installed.

Source of the flags: SPIN 6.5, `spin --` and `pan --`: -DSAFETY compiles no search for
cycles, -DNOREDUCE leaves out partial order reduction; -E leaves out invalid end states,
-A assertions.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.oracle.promela import checks_of, promela, small_text
from support.oracle.tree_program import program_of
from support.oracle.tree_walker import walk
from support.spin import run

from mmscn.judge.api import loads
from mmscn.runtime.result import Verdict
from mmscn.source import Source
from mmscn.syntax.parse import parse

SPIN, CC = shutil.which("spin"), shutil.which("cc")
needs_spin = pytest.mark.skipif(not (SPIN and CC), reason="spin or a C compiler is not installed")
QUICK, SLOW = range(3), range(10, 50)


def spin_breaks(model: str, checks: list[str], folder: Path) -> list[bool]:
    """Of each check, whether SPIN finds an error of that kind."""
    (folder / "model.pml").write_text(model, encoding="utf-8")
    run("spin", "-a", "model.pml", folder=folder)
    run("cc", "-O0", "-w", "-DSAFETY", "-DNOREDUCE", "-o", "pan", "pan.c", folder=folder)
    found = []
    for n, name in enumerate(checks):
        said = run("./pan", "-A" if name == "no_deadlock" else "-E", folder=folder, asked=n)
        assert "max search depth too small" not in said
        assert "errors: " in said
        found.append("errors: 0" not in said)
    return found


def agrees(seed: int, folder: Path) -> None:
    text = small_text(seed)
    tree, found = parse(Source("small", text))
    assert not found
    (run_,) = loads(text).check().runs
    walked = walk(program_of(tree, {}), states_max=200_000)
    verdicts = zip(walked.checks, walked.verdicts, strict=True)
    broken = {check.name for check, verdict in verdicts if verdict == "violated"}
    checks = checks_of(tree)
    for asked, spin in zip(checks, spin_breaks(promela(tree), checks, folder), strict=True):
        ours = run_.property(asked).verdict is Verdict.VIOLATED
        assert ours is spin, f"`{asked}`: mmscn {ours}, SPIN {spin}\n{text}"
        assert (asked in broken) is spin, f"`{asked}`: the walker {asked in broken}\n{text}"


@needs_spin
@pytest.mark.parametrize("seed", QUICK)
def test_spin_judges_generated_scenarios_alike(seed: int, tmp_path: Path) -> None:
    agrees(seed, tmp_path)


@needs_spin
@pytest.mark.slow
@pytest.mark.parametrize("seed", SLOW)
def test_spin_judges_more_generated_scenarios_alike(seed: int, tmp_path: Path) -> None:
    agrees(seed, tmp_path)


def test_the_part_that_spin_judges_is_walked_and_breaks_and_holds() -> None:
    """Without SPIN, too: the sample has deadlocks, broken assertions, and neither."""
    kinds = set()
    for seed in SLOW:
        tree, found = parse(Source("small", small_text(seed)))
        assert not found
        assert promela(tree).count("active proctype") in (4, 5)
        walked = walk(program_of(tree, {}), states_max=200_000)
        kinds |= {(c.kind, v) for c, v in zip(walked.checks, walked.verdicts, strict=True)}
    for kind in ("deadlock", "assert", "always", "finally"):
        assert {(kind, "violated"), (kind, "holds")} <= kinds, kind
