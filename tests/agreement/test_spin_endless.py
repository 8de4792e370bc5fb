"""SPIN judges what goes on for ever in a sample of generated scenarios as mmscn does.

Skipped where it is not installed. Source of the flags: SPIN 6.5, `pan --`: -a looks for acceptance
cycles, -f demands weak fairness of the processes, -N chooses a formula; -A leaves out assertions;
-DNFAIR is how many words it has for more processes; -m and -w are what it reserves for depth and
states. `python tests/agreement/test_spin_endless.py FIRST LAST` takes any seeds; CC=tcc is faster.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from support.oracle.endless_texts import endless_text
from support.oracle.promela_endless import ENDS, promela_endless
from support.spin import run

from mmscn.judge.api import loads
from mmscn.runtime.result import Verdict
from mmscn.source import Source
from mmscn.syntax.parse import parse

COMPILER = os.environ.get("CC", "cc")
SPIN, CC = shutil.which("spin"), shutil.which(COMPILER)
needs_spin = pytest.mark.skipif(not (SPIN and CC), reason="spin or a C compiler is not installed")
QUICK, SLOW = range(3), range(10, 60)
DEPTHS = (100_000, 1_000_000)
TOO_SMALL = "max search depth too small"


def spin_breaks(model: str, formulas: list[str], folder: Path) -> dict[str, bool]:
    """Of each formula, whether SPIN finds a fair execution that breaks it."""
    (folder / "model.pml").write_text(model, encoding="utf-8")
    run("spin", "-a", "model.pml", folder=folder)
    run(COMPILER, "-O0", "-w", "-DNOREDUCE", "-DNFAIR=4", "-o", "pan", "pan.c", folder=folder)
    found = {}
    for name in formulas:
        for depth in DEPTHS:
            said = run("./pan", "-a", "-f", "-A", "-w18", f"-m{depth}", "-N", name, folder=folder)
            if TOO_SMALL not in said:
                break
        assert TOO_SMALL not in said
        assert "errors: " in said
        found[name] = "errors: 0" not in said
    return found


def ours(text: str) -> dict[str, bool]:
    """Of each formula, whether mmscn finds it broken."""
    (report,) = loads(text).check().runs
    broken = {p.name for p in report.properties if p.verdict is Verdict.VIOLATED}
    decided = {p.name for p in report.properties if p.verdict is not Verdict.UNDECIDED}
    assert {"no_livelock", "no_deadlock", "e", "l"} <= decided
    ends = bool(broken & {"no_livelock", "no_deadlock"})
    return {ENDS: ends, "e": "e" in broken, "l": "l" in broken}


def agrees(seed: int, folder: Path) -> dict[str, bool]:
    text = endless_text(seed, spin=True)
    tree, found = parse(Source("endless", text))
    assert not found
    model, formulas = promela_endless(tree)
    theirs = spin_breaks(model, formulas, folder)
    mine = ours(text)
    assert mine == theirs, f"seed {seed}: mmscn {mine}, SPIN {theirs}\n{text}"
    return mine


@needs_spin
@pytest.mark.parametrize("seed", QUICK)
def test_spin_judges_what_goes_on_for_ever_alike(seed: int, tmp_path: Path) -> None:
    agrees(seed, tmp_path)


@needs_spin
@pytest.mark.slow
@pytest.mark.parametrize("seed", SLOW)
def test_spin_judges_more_of_what_goes_on_for_ever_alike(seed: int, tmp_path: Path) -> None:
    agrees(seed, tmp_path)


def test_the_part_that_spin_judges_breaks_and_holds() -> None:
    """Without SPIN, too: of each formula the sample has both."""
    kinds = {item for seed in SLOW for item in ours(endless_text(seed, spin=True)).items()}
    assert kinds == {(name, broken) for name in (ENDS, "e", "l") for broken in (True, False)}


def main(first: int, last: int) -> int:
    counts: Counter[object] = Counter()
    for seed in range(first, last):
        with tempfile.TemporaryDirectory() as folder:
            try:
                counts.update(agrees(seed, Path(folder)).items())
            except subprocess.TimeoutExpired:
                counts["not in time"] += 1
            except AssertionError as problem:
                counts["differ"] += 1
                print(problem, flush=True)
        if (seed + 1) % 50 == 0:
            print(f"# up to {seed}: {dict(counts)}", flush=True)
    print(f"# seeds {first} to {last - 1}: {dict(counts)}")
    return 1 if counts["differ"] else 0


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:3])))
