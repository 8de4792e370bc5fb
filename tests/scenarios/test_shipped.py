"""The shipped scenarios meet their expectations, and their programs are as large as they were."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import mmscn
from mmscn.judge.shipped import shipped_scenarios

NAMES = [s.name for s in shipped_scenarios() if not s.benchmark]
COUNTS = "scenarios/counts.txt"
UNCOUNTED = "not counted"
CLAIM = re.compile(r"A-[RFHSKWCX]\d+[a-z]?|B\d\d[a-z]?")

Findings = dict[str, list[tuple[str, list[str]]]]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_meets_its_expectations(name: str, findings: Findings) -> None:
    assert [text for _, unmet in findings[name] for text in unmet] == []


def test_the_programs_have_the_sizes_of_the_golden_file(
    findings: Findings, golden: Callable[[str, str], None]
) -> None:
    """Without the native executor the larger ones are not counted, and taken as they were."""
    known = dict(known_lines(Path(__file__).parents[1] / "golden" / COUNTS))
    lines = []
    for name, found in findings.items():
        lines.append(name)
        for line, _ in found:
            counted = line.removesuffix(UNCOUNTED)
            old = known.get((name, params_of(line)), "")
            lines.append(old if line != counted and old.startswith(counted) else line)
    golden(COUNTS, "\n".join(lines) + "\n")


def known_lines(path: Path) -> Iterator[tuple[tuple[str, str], str]]:
    """The lines of the golden file, by scenario and combination."""
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        if line.startswith("  "):
            yield (name, params_of(line)), line
        else:
            name = line


def params_of(line: str) -> str:
    return line.split("  ")[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_scenario_says_where_it_comes_from(name: str) -> None:
    scenario = mmscn.load(name)
    assert scenario.title
    assert scenario.sources
    assert [claim for claim in scenario.claims if not CLAIM.fullmatch(claim)] == []
