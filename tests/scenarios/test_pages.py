"""The pages that are made from the library say what it finds."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from functools import cache
from itertools import product
from pathlib import Path
from types import ModuleType

import pytest

from mmscn.judge.shipped import read, shipped_scenarios
from mmscn.syntax.tree import Claim
from mmscn.syntax.tree_cache import parse_cached

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("thread", "relatives", "known", "matrix", "mutations", "commands")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_what_its_generator_writes(page: str) -> None:
    """For the mutations: whatever a repair can do without, there is a reason for it."""
    command = [sys.executable, str(DOCS / "_generate" / f"{page}.py"), "--check"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


@cache
def claims() -> tuple[str, ...]:
    """Of all shipped scenarios."""
    shipped = (parse_cached(read(s.file))[0] for s in shipped_scenarios() if not s.benchmark)
    items = (item for tree in shipped for item in tree.items)
    return tuple(row for item in items if isinstance(item, Claim) for row in item.rows)


def test_every_claim_of_the_thread_has_a_scenario() -> None:
    known = tomllib.loads((DOCS / "_generate" / "claims.toml").read_text(encoding="utf-8"))
    rows = {claim["id"] for claim in known["claim"] if "no_race" not in claim}
    decided = {row for row in claims() if row.startswith("A-")}
    assert decided == rows


def test_every_claim_of_the_thread_is_told() -> None:
    text = (DOCS / "thread.md").read_text(encoding="utf-8")
    told = re.findall(r"^### (A-\w+)$", text, re.MULTILINE)
    known = tomllib.loads((DOCS / "_generate" / "claims.toml").read_text(encoding="utf-8"))
    assert told == [claim["id"] for claim in known["claim"]]


def test_every_relative_is_told() -> None:
    text = (DOCS / "relatives.md").read_text(encoding="utf-8")
    told = re.findall(r"^### (B\w+)$", text, re.MULTILINE)
    decided = {row for row in claims() if row.startswith("B")}
    assert sorted(told) == sorted(decided)


@pytest.mark.parametrize("page", ["thread.md", "relatives.md", "matrix.md"])
def test_a_page_names_only_scenarios_that_there_are(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    paths = set(re.findall(r"`(scenarios/library/\S+\.mmscn)`", text))
    assert paths
    assert [path for path in paths if not (DOCS.parent / path).is_file()] == []


@pytest.fixture
def page_tables() -> ModuleType:
    """docs/_generate/library_outcomes.py, which is on no path."""
    path = DOCS / "_generate" / "library_outcomes.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def test_the_rows_of_a_table_say_of_each_combination_what_was_found(
    page_tables: ModuleType,
) -> None:
    combinations = [(("a", a), ("b", b)) for a, b in product("xy", "123")]
    for answers in product("+-", repeat=len(combinations)):
        found = dict(zip(combinations, answers, strict=True))
        outcomes = [
            page_tables.Outcome(params, (found[params],), "", ()) for params in combinations
        ]
        table = page_tables.rows(outcomes, lambda outcome: outcome.broken)
        for params in combinations:
            fitting = [
                what
                for row, what in table
                if all(dict(params)[name] in values for name, values in row.items())
            ]
            assert fitting == [(found[params],)]
