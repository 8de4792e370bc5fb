"""A run that is made again when one of its files changes, driven as a person does: from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest
from support.command import Command

from mmscn.cli import watching
from mmscn.cli.run import Options

OWN = 'scenario own\nimport mine.word\nthread t on cpu 0 { x = VALUE }\nfinally "x" x == 1\n'
MODULE = "module mine.word\nconst VALUE = {}\nvar x: 0..3\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mine").mkdir()
    (tmp_path / "own.mmscn").write_text(OWN, "utf-8")
    (tmp_path / "mine" / "word.mmscn").write_text(MODULE.format(1), "utf-8")
    return tmp_path


def interruptible() -> None:
    """As from a terminal: what a shell begins in the background ignores Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_file_and_a_module_that_change_are_run_again(folder: Path) -> None:
    command = [sys.executable, "-m", "mmscn", "run", "own.mmscn", "--watch", "--diagrams", "none"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        preexec_fn=interruptible,
    ) as running:
        end = Timer(60, running.kill)
        end.start()
        assert running.stdout is not None

        def until(what: str) -> str:
            said = ""
            for line in running.stdout or ():
                said += line
                if what in line:
                    return said
            pytest.fail(f"no `{what}` in {said}")

        assert "1 as expected" in until("watching")
        (folder / "mine" / "word.mmscn").write_text(MODULE.format(2), "utf-8")
        assert "1 not" in until("watching")
        (folder / "own.mmscn").write_text(OWN.replace("== 1", "== "), "utf-8")
        assert "own.mmscn" in until("MM")
        until("watching")
        (folder / "own.mmscn").unlink()
        assert "there is no file" in until("watching")
        (folder / "own.mmscn").write_text(OWN.replace("== 1", "== 2"), "utf-8")
        assert "1 as expected" in until("watching")
        running.send_signal(signal.SIGINT)
        assert running.wait() == 130
        end.cancel()


def test_a_module_that_is_not_there_yet_is_looked_for(folder: Path) -> None:
    (folder / "mine" / "word.mmscn").unlink()
    (folder / "mine").rmdir()
    options = Options((str(folder / "own.mmscn"),))
    before = watching.stamps(options)
    assert folder in watching.folders(options)
    (folder / "mine").mkdir()
    assert folder / "mine" in watching.folders(options)
    (folder / "mine" / "word.mmscn").write_text(MODULE.format(1), "utf-8")
    assert watching.stamps(options).keys() - before.keys() == {folder / "mine" / "word.mmscn"}


def test_what_is_new_in_a_folder_is_seen(folder: Path) -> None:
    options = Options((str(folder),))
    before = watching.stamps(options)
    assert {folder, folder / "mine"} <= {*watching.folders(options)}
    (folder / "more.mmscn").write_text("scenario more\n", "utf-8")
    assert watching.stamps(options).keys() - before.keys() == {folder / "more.mmscn"}


@pytest.mark.parametrize("words", [["-"], ["holds.mmscn", "--checkpoint", "f"]])
def test_what_cannot_be_watched_is_said(mmscn: Command, words: list[str]) -> None:
    found = mmscn("run", "--watch", *words)
    assert found.code == 2
    assert "--watch is of files, and begins each run anew" in found.err


def test_how_to_get_the_extra_is_said() -> None:
    code = (
        "import sys; sys.modules['watchfiles'] = None\n"
        "from mmscn.cli.cli import main; sys.exit(main(['run', 'racewrite', '--watch']))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}
    )
    assert found.returncode == 2
    assert found.stderr == "mmscn: --watch needs watchfiles: pip install 'mmscn[watch]'\n"


@pytest.mark.parametrize(
    ("options", "stop"),
    [
        (Options(("own.mmscn",)), "unexpected"),
        (Options(("own.mmscn",), stop="never"), "never"),
        (Options(("own.mmscn",), stop="2"), "2"),
        (Options(("own.mmscn",), all_traces=True), None),
        (Options(("own.mmscn",), simulate=5), None),
        (Options(("own.mmscn", "one.litmus")), None),
    ],
)
def test_a_search_ends_at_what_nobody_announces(options: Options, stop: str | None) -> None:
    """Unless something is asked for that needs more of it."""
    assert watching.soon(options).stop == stop
