"""The shipped scenarios meet their expectations, and their programs are as large as they were."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.scenarios import found

import mmscn
from mmscn.check.values import Value
from mmscn.judge.shipped import shipped_scenarios

NAMES = [s.name for s in shipped_scenarios() if not s.benchmark]
COUNTS = "scenarios/counts.txt"
CLAIM = re.compile(r"A-[RFHSKWCX]\d+[a-z]?|B\d\d[a-z]?")
SMALL_MAX = 20_000
"""The most states that a combination has which is run where those that are slow are not."""
REDUCED = ("writable_means_dirty", "timestamp")
"""Of these one is run that has more, so that it is reduced."""

Params = tuple[tuple[str, Value], ...]
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


def known_states(name: str, params: Params) -> int | None:
    """None where they are not counted, or not yet."""
    states = re.search(r"(\d+) states", KNOWN.get((name, found.params(params)), ""))
    return None if states is None else int(states[1])


def as_known(name: str, line: str) -> str:
    """A line, with the size that is known where it was not counted."""
    short = line.removesuffix(found.UNCOUNTED)
    old = KNOWN.get((name, line.split("  ")[1]), "")
    return old if line != short and old.startswith(short) else line


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_is_what_it_was_and_meets_its_expectations(
    name: str, request: pytest.FixtureRequest
) -> None:
    """In one of its combinations; the slow test below has all."""
    scenario = mmscn.load(name)
    chosen = example(name, scenario.combinations())
    (run,) = scenario.runs([chosen])
    ours = found.of_run(run, counted=name not in REDUCED)
    assert ours.unmet == []
    known = KNOWN.get((name, found.params(run.params)))
    assert as_known(name, ours.line) == known or request.config.getoption("--update-golden")


def example(name: str, every: list[dict[str, Value]]) -> dict[str, Value]:
    """The first or the last of those that are small, by turns: what is mended and what is broken.

    The smallest where none is; for REDUCED, the largest that was counted.
    """
    states = {n: known_states(name, tuple(c.items())) or 0 for n, c in enumerate(every)}
    if name in REDUCED:
        return every[max(states, key=states.__getitem__)]
    small = [n for n, count in states.items() if 0 < count <= SMALL_MAX]
    if not small:
        return every[min(states, key=lambda n: states[n] or sys.maxsize)]
    return every[small[-(NAMES.index(name) % 2)]]


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
