"""`--checkpoint` and `--resume`: a search that is cut short goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mmscn.cli.cli import main

pytest.importorskip("mmscn.runtime.native", reason="checkpoints are the native executor's")

SIZE = ["-D", "NW=2", "-D", "K=2", "-D", "VAR=2", "--no-reduce", "--json"]


def json_of_run(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, object]:
    main(["run", "tlb", *SIZE, *words])
    (run,) = json.loads(capsys.readouterr().out)["scenarios"][0]["runs"]
    return {"verdict": run["verdict"], "states": run["stats"]["states"]}


def test_a_resumed_search_ends_like_one_that_was_not_cut(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = str(tmp_path / "kept")
    assert json_of_run(capsys, "--states", "5000", "--checkpoint", kept)["verdict"] == "undecided"
    assert json_of_run(capsys, "--resume", kept) == {"verdict": "holds", "states": 14292}


def test_counters_count_in_a_search_that_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file is of one program, whichever of several would have decided."""
    size = ["run", "tlb", "-D", "NW=3", "-D", "K=2", "-D", "Z=2", "-D", "VAR=2", "--json"]
    whole = []
    for more in (["--no-reduce=counters"], ["--checkpoint", str(tmp_path / "kept")], []):
        main([*size, *more])
        (run,) = json.loads(capsys.readouterr().out)["scenarios"][0]["runs"]
        whole.append((run["verdict"], run["stats"]["states"], len(run["notes"])))
    assert whole == [("holds", 30408, 0), ("holds", 30408, 0), ("holds", 4805, 2)]
    main([*size, "--states", "10000", "--checkpoint", str(tmp_path / "part")])
    assert '"verdict": "undecided"' in capsys.readouterr().out
    main([*size, "--resume", str(tmp_path / "part")])
    assert '"states": 30408' in capsys.readouterr().out


def test_a_checkpoint_of_another_program_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = str(tmp_path / "kept")
    json_of_run(capsys, "--states", "5000", "--checkpoint", kept)
    assert main(["run", "tlb", "-D", "NW=1", *SIZE[2:], "--resume", kept]) == 2
    assert "another program" in capsys.readouterr().err


def test_a_file_that_is_no_checkpoint_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kept").write_text("nothing")
    assert main(["run", "tlb", *SIZE, "--resume", str(tmp_path / "kept")]) == 2
    assert "not a checkpoint" in capsys.readouterr().err


def test_a_checkpoint_is_of_one_combination(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "tlb", "--checkpoint", "nowhere"]) == 2
    assert "one combination" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["nowhere/kept", "."])
def test_a_place_that_cannot_be_written_is_refused_before_the_search(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from mmscn.judge import api

    monkeypatch.setattr(api, "explore", None)
    assert main(["run", "tlb", *SIZE, "--checkpoint", str(tmp_path / place)]) == 2
    assert "cannot be written" in capsys.readouterr().err
