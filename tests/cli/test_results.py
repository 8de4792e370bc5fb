"""`run --results DIR`: a result is found again for the very same content, and for nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from support.command import Command

from mmscn.cli import kept_results
from mmscn.judge import api

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "dsl/show/result.schema.json").read_text(encoding="utf-8"))
TEXT = """scenario sums
import own.step
param last = 1 | 2
var x: 0..7
concurrent {
  thread a { x += 1; call step_of() }
  thread b { x = last }
}
always "small" x < 3
expect violated "small" when last == 2
"""
KEPT = "the same texts, options and version was kept"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "step.mmscn").write_text("module own.step\nproc step_of() { }\n")
    file = tmp_path / "sums.mmscn"
    file.write_text(TEXT)
    return file


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.json"))


def test_what_is_kept_is_what_was_found_and_says_so(
    text: Path, tmp_path: Path, mmscn: Command
) -> None:
    folder = tmp_path / "results"
    words = ["run", str(text), "--results", str(folder)]
    plain, first, again = mmscn("run", str(text)), mmscn(*words), mmscn(*words)
    assert first == plain
    assert KEPT not in first.out
    assert again.code == first.code
    assert KEPT in again.out
    table, _, summary = first.out.rpartition("\n\n")
    assert again.out.startswith(table)
    assert again.out.endswith(summary)
    assert len(kept(folder)) == 1


def test_the_json_is_the_same_and_says_so(text: Path, tmp_path: Path, mmscn: Command) -> None:
    words = ["run", str(text), "--json", "--results", str(tmp_path / "results")]
    first, again = json.loads(mmscn(*words).out), json.loads(mmscn(*words).out)
    Draft202012Validator(SCHEMA).validate(again)
    assert again["scenarios"][0].pop("kept") is True
    assert again == first


def test_nothing_is_searched_again(
    text: Path, tmp_path: Path, mmscn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["run", str(text), "--results", str(tmp_path / "results")]
    mmscn(*words)

    def searched(*_: object, **__: object) -> Any:
        raise AssertionError("it is searched")

    monkeypatch.setattr(api.Scenario, "runs", searched)
    assert KEPT in mmscn(*words).out


@pytest.mark.parametrize(
    "more",
    [
        ["-D", "last=1"],
        ["--states", "100"],
        ["--stop", "first"],
        ["--no-reduce"],
        ["--diagrams", "none"],
        ["--width", "60"],
        ["--executor", "python"],
        ["--verbose"],
        ["--simulate", "5"],
        ["--shard", "1/2"],
    ],
)
def test_other_options_are_another_result(
    more: list[str], text: Path, tmp_path: Path, mmscn: Command
) -> None:
    words = ["run", str(text), "--results", str(tmp_path / "results")]
    mmscn(*words)
    assert KEPT not in mmscn(*words, *more).out
    assert KEPT in mmscn(*words, *more).out


def test_a_changed_text_module_or_version_is_another_result(
    text: Path, tmp_path: Path, mmscn: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "results"
    words = ["run", str(text), "--results", str(folder)]
    changes = [
        lambda: text.write_text(text.read_text() + "// more\n"),
        lambda: (tmp_path / "own" / "step.mmscn").write_text(
            "module own.step\nproc step_of() { x += 1 }\n"
        ),
        lambda: monkeypatch.setattr(kept_results, "made_by", lambda: "other files"),
    ]
    mmscn(*words)
    for number, change in enumerate(changes):
        change()
        assert KEPT not in mmscn(*words).out
        assert KEPT in mmscn(*words).out
        assert len(kept(folder)) == number + 2


def test_what_is_damaged_is_searched_again(text: Path, tmp_path: Path, mmscn: Command) -> None:
    folder = tmp_path / "results"
    words = ["run", str(text), "--results", str(folder)]
    first = mmscn(*words)
    (file,) = kept(folder)
    whole = file.read_bytes()
    for damaged in (b"", whole[:-9], whole.replace(b"VIOLATED", b"HOLDS   "), b"{}"):
        file.write_bytes(damaged)
        assert mmscn(*words) == first
        assert file.read_bytes() != damaged


def test_what_a_clock_ended_is_not_kept(text: Path, tmp_path: Path, mmscn: Command) -> None:
    folder = tmp_path / "results"
    mmscn("run", str(text), "--time", "0.001", "--results", str(folder))
    assert kept(folder) == []
    mmscn("run", str(text), "--states", "3", "--results", str(folder))
    assert len(kept(folder)) == 1


def test_a_file_of_mmscn_that_differs_is_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine's, too: it decides what is found."""
    (tmp_path / "engine.so").write_bytes(b"one")
    (tmp_path / "note.md").write_bytes(b"one")
    monkeypatch.setattr(kept_results.store, "folder_of", lambda package: str(tmp_path))
    made_by = kept_results.made_by.__wrapped__
    first = made_by()
    (tmp_path / "note.md").write_bytes(b"two")
    assert made_by() == first
    (tmp_path / "engine.so").write_bytes(b"two")
    assert made_by() != first


def test_what_does_not_go_together_is_refused(text: Path, tmp_path: Path, mmscn: Command) -> None:
    folder = str(tmp_path / "results")
    ended = mmscn("run", str(text), "--results", folder, "--checkpoint", str(tmp_path / "kept"))
    assert ended.code == 2
    assert "say one of them" in ended.err
    ended = mmscn("run", str(text), "--results", str(text))
    assert ended.code == 2
    assert "the results:" in ended.err
