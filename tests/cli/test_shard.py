"""`run --shard I/N` and `mmscn merge`: the parts put together are the result of one run of all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.command import Command

from mmscn.cli.sharding import own_places
from mmscn.judge.shipped import shipped_scenarios
from mmscn.show import kept_report

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "dsl/show/result.schema.json").read_text(encoding="utf-8"))
LISTING = """scenario listing
param last = 1 | 2 | 3
var x: 0..3
concurrent {
  thread a { x = last }
  thread b { x = 0 }
}
outcomes x
always "never two" x != 2
"""


def documents(mmscn: Command, folder: Path, of: int, *words: str) -> list[str]:
    """The files of the parts, the last one first."""
    files = []
    for number in range(of, 0, -1):
        file = folder / f"{number}.json"
        file.write_text(mmscn("run", *words, "--shard", f"{number}/{of}", "--json").out)
        Draft202012Validator(SCHEMA).validate(json.loads(file.read_text()))
        files.append(str(file))
    return files


def timeless(text: str) -> Any:
    document = json.loads(text)
    for scenario in document["scenarios"]:
        for run in scenario["runs"]:
            run["stats"].pop("seconds")
    return document


SLOW = pytest.mark.slow


@pytest.mark.parametrize("of", [2, pytest.param(1, marks=SLOW), pytest.param(5, marks=SLOW)])
def test_the_parts_of_a_folder_are_its_result(
    of: int, tmp_path: Path, alone: None, mmscn: Command
) -> None:
    """It has what is not as expected, vacuous, rejected, and lists outcomes."""
    files = documents(mmscn, tmp_path, of, ".")
    together = mmscn("merge", *files, "--json")
    whole = mmscn("run", ".", "--json")
    assert timeless(together.out) == timeless(whole.out)
    assert list(timeless(together.out)) == list(timeless(whole.out))
    plain, merged = mmscn("run", ".", "--diagrams", "none"), mmscn("merge", *files)
    assert merged.out == plain.out
    assert merged.code == plain.code == together.code


@pytest.mark.parametrize(
    "words",
    [
        ("who_starves",),
        pytest.param(("racewrite", "-D", "zap=rc2|delayed_rmap"), marks=SLOW),
        pytest.param(("full_gather",), marks=SLOW),
    ],
)
def test_the_parts_of_shipped_scenarios_are_their_result(
    words: tuple[str, ...], tmp_path: Path, mmscn: Command
) -> None:
    files = documents(mmscn, tmp_path, 2, *words, "--stop", "first")
    together = mmscn("merge", *files, "--json")
    assert timeless(together.out) == timeless(mmscn("run", *words, "--stop", "first", "--json").out)


def test_lists_and_limits_are_told_again(tmp_path: Path, mmscn: Command) -> None:
    text = tmp_path / "listing.mmscn"
    text.write_text(LISTING)
    for more in ([], ["--states", "4"]):
        files = documents(mmscn, tmp_path, 3, str(text), *more)
        plain = mmscn("run", str(text), "--diagrams", "none", *more)
        merged = mmscn("merge", *files)
        assert merged.out == plain.out
        assert merged.code == plain.code


def test_each_combination_is_in_one_part() -> None:
    for of in (1, 2, 3, 7):
        for name in (s.name for s in shipped_scenarios()):
            every = [n for part in range(of) for n in own_places(name, 11, part + 1, of)]
            assert sorted(every) == list(range(11))
            sizes = {len(own_places(name, 11, part + 1, of)) for part in range(of)}
            assert max(sizes) - min(sizes) <= 1


def test_a_part_prints_its_own_combinations_alone(tmp_path: Path, mmscn: Command) -> None:
    text = tmp_path / "listing.mmscn"
    text.write_text(LISTING)
    tables = [mmscn("run", str(text), "--shard", f"{n}/3").out for n in (1, 2, 3)]
    for value in (1, 2, 3):
        assert sum(f"last={value}" in table for table in tables) == 1


def test_what_are_not_the_parts_of_one_result_is_refused(tmp_path: Path, mmscn: Command) -> None:
    text = tmp_path / "listing.mmscn"
    text.write_text(LISTING)
    one, two = documents(mmscn, tmp_path, 2, str(text))
    whole = tmp_path / "whole.json"
    whole.write_text(mmscn("run", str(text), "--json").out)
    text.write_text(LISTING.replace("x != 2", "x != 1"))
    other = tmp_path / "other.json"
    other.write_text(mmscn("run", str(text), "--shard", "1/2", "--json").out)
    third = tmp_path / "third.json"
    third.write_text(mmscn("run", str(text), "--shard", "1/3", "--json").out)
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(mmscn("run", "matrix.mmscn", "--shard", "1/2", "--json").out)
    older = tmp_path / "older.json"
    older.write_text(Path(two).read_text().replace('"version": "', '"version": "0.0.'))
    refused = {
        "different versions of mmscn": [one, str(older)],
        "missing: 1/2": [one],
        "one is there twice": [one, two, two],
        "--shard was not said": [one, str(whole)],
        "the text of listing is not the same": [one, str(other)],
        "another number of parts": [one, str(third)],
        "they are of different scenarios": [one, str(elsewhere)],
        "is no JSON": [one, str(text)],
        "cannot read": [one, str(tmp_path / "none")],
    }
    for said, files in refused.items():
        ended = mmscn("merge", *files)
        assert ended.code == 2
        assert said in ended.err
        assert ended.out == ""


@pytest.mark.parametrize("word", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2"])
def test_what_is_no_part_is_refused(word: str, mmscn: Command) -> None:
    ended = mmscn("run", "matrix.mmscn", "--shard", word)
    assert ended.code == 2
    assert "is no part" in ended.err


@pytest.mark.parametrize("more", [["--simulate", "3"], ["--all-traces"]])
def test_what_is_about_all_combinations_has_no_parts(more: list[str], mmscn: Command) -> None:
    ended = mmscn("run", "matrix.mmscn", "--shard", "1/2", *more)
    assert ended.code == 2
    assert "is about all combinations together" in ended.err


def test_an_interrupted_part_makes_an_interrupted_whole(tmp_path: Path, mmscn: Command) -> None:
    text = tmp_path / "listing.mmscn"
    text.write_text(LISTING)
    files = documents(mmscn, tmp_path, 2, str(text))
    parts = [json.loads(Path(file).read_text()) for file in files]
    (longer,) = [p for p in parts if len(p["scenarios"][0]["runs"]) == 2]
    longer["scenarios"][0]["runs"].pop()
    document, (report,) = kept_report.merged(parts)
    assert report.interrupted
    assert document["scenarios"][0]["interrupted"]
