"""The shipped scenarios meet their expectations, and their programs are as large as they were."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import pytest
from support.scenarios import found

import mmscn
from mmscn.judge.report import Run
from mmscn.judge.shipped import shipped_scenarios

NAMES = [s.name for s in shipped_scenarios() if not s.benchmark]
COUNTS = "scenarios/counts.txt"
CLAIM = re.compile(r"A-[RFHSKWCX]\d+[a-z]?|B\d\d[a-z]?")
SAMPLE = 2
"""How many combinations of a scenario are run where those that are slow are not."""
COUNTED_MAX = 100_000
"""The most states that are counted there."""

Found = dict[str, list[tuple[str, list[str]]]]


def known_lines() -> dict[tuple[str, str], str]:
    """The lines of the golden file, by scenario and combination."""
    path = Path(__file__).parents[1] / "golden" / COUNTS
    known = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        if line.startswith("  "):
            known[name, line.split("  ")[1]] = line
        else:
            name = line
    return known


KNOWN = known_lines()


def is_counted(name: str, run: Run) -> bool:
    states = re.search(r"(\d+) states", KNOWN.get((name, found.params(run)), ""))
    return states is None or int(states[1]) <= COUNTED_MAX


def as_known(name: str, line: str) -> str:
    """A line, with the size that is known where it was not counted."""
    short = line.removesuffix(found.UNCOUNTED)
    old = KNOWN.get((name, line.split("  ")[1]), "")
    return old if line != short and old.startswith(short) else line


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_is_what_it_was_and_meets_its_expectations(
    name: str, request: pytest.FixtureRequest
) -> None:
    """In as many of its combinations, first and last and evenly between, as SAMPLE says."""
    scenario = mmscn.load(name)
    chosen = sample(scenario.combinations())
    runs = [(run, is_counted(name, run)) for run in scenario.runs(chosen)]
    ours = [found.of_run(run, counted=counted) for run, counted in runs]
    assert list(chain.from_iterable(f.unmet for f in ours)) == []
    lines = [as_known(name, f.line) for f in ours]
    known = [KNOWN.get((name, found.params(run))) for run, _ in runs]
    assert lines == known or request.config.getoption("--update-golden")


def sample(all_: list[dict[str, mmscn.Value]]) -> list[dict[str, mmscn.Value]]:
    if len(all_) <= SAMPLE:
        return all_
    return [all_[n * (len(all_) - 1) // (SAMPLE - 1)] for n in range(SAMPLE)]


def test_the_golden_file_has_every_combination(
    golden: Callable[[str, str], None], request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--update-golden"):
        compare_all(golden)
        return
    count = {name: len(mmscn.load(name).combinations()) for name in NAMES}
    known = [name for name, _ in KNOWN]
    assert {name: known.count(name) for name in dict.fromkeys(known)} == count


@pytest.mark.slow
def test_all_programs_have_the_sizes_of_the_golden_file(golden: Callable[[str, str], None]) -> None:
    compare_all(golden)


def compare_all(golden: Callable[[str, str], None]) -> None:
    """All combinations. Without the native executor the larger ones are taken as they were."""
    command = [sys.executable, found.__file__]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    everything: Found = json.loads(done.stdout)
    lines = []
    for name, about in everything.items():
        lines += [name, *(as_known(name, line) for line, _ in about)]
    golden(COUNTS, "\n".join(lines) + "\n")
    assert [text for about in everything.values() for _, unmet in about for text in unmet] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_says_where_it_comes_from(name: str) -> None:
    scenario = mmscn.load(name)
    assert scenario.title
    assert scenario.sources
    assert [claim for claim in scenario.claims if not CLAIM.fullmatch(claim)] == []
