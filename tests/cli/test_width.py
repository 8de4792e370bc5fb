"""How wide what `mmscn run` prints is: as --width or the terminal has it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from support.command import Command

WIDE = """\
scenario a_name_of_a_scenario "A title that is longer than the narrowest of all terminals is wide"
source "a source that is named"
param first_of_the_params = a_long_value | another_long_value
param second_of_the_params = 1 | 2
param third = yes | no
var x: 0..3
thread t on cpu 0 {
  x = second_of_the_params
  if first_of_the_params == a_long_value and third == yes { x = 1 }
}
finally "a property with a title that goes on for some forty characters or more" x == 1
expect violated "a property with a title that goes on for some forty characters or more"
  when second_of_the_params == 2 and (first_of_the_params != a_long_value or third == no)
expect holds otherwise
"""

FOLDED = """\
  first_of_the_params  second_of_the_params
  -------------------  --------------------
    third  verdict   a  states
    -----  --------  -  ------
  a_long_value         1
    yes    HOLDS     .       3  as expected
  a_long_value         1
    no     HOLDS     .       2  as expected
"""


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "wide.mmscn"
    path.write_text(WIDE, "utf-8")
    return str(path)


@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_line_is_wider_than_it_may_be(mmscn: Command, file: str, width: int) -> None:
    found = mmscn("run", file, "--verbose", "--width", str(width), "--diagrams", "none")
    assert max(map(len, found.out.splitlines())) <= width
    assert "".join(WIDE.splitlines()[0].split('"')[1].split()) in "".join(found.out.split())


def test_a_row_without_room_goes_on_below(mmscn: Command, file: str) -> None:
    found = mmscn("run", file, "--width", "44", "--diagrams", "none")
    assert FOLDED in found.out


def test_without_a_terminal_a_row_is_one_line(mmscn: Command, file: str) -> None:
    found = mmscn("run", file, "--diagrams", "none")
    rows = [line for line in found.out.splitlines() if line.startswith("  a_long_value")]
    assert len(rows) == 4
    assert all(row.endswith("as expected") for row in rows)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="the system has no terminals to open")
def test_what_a_terminal_shows_is_as_wide_as_it_is(file: str) -> None:
    import fcntl
    import struct
    import subprocess
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 50, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "FORCE_COLOR")}
    with subprocess.Popen(
        [sys.executable, "-m", "mmscn", "run", file, "--color", "never"],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={**environment, "TERM": "xterm"},
    ) as running:
        os.close(theirs)
        said = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            said += piece
        running.wait()
    os.close(ours)
    lines = said.decode().splitlines()
    assert any("first_of_the_params" in line for line in lines)
    assert max(len(line) for line in lines if not line.startswith("token ")) <= 50


@pytest.mark.parametrize("width", [40, 72, 100])
def test_the_list_is_as_narrow_as_it_is_to_be(mmscn: Command, width: int) -> None:
    wide, narrow = mmscn("list").out, mmscn("list", "--width", str(width)).out
    names = [line.split("  ")[0] for line in wide.splitlines()[2:]]
    firsts = [line for line in narrow.splitlines() if not line.startswith(" ")]
    assert [line.split("  ")[0] for line in firsts] == names
    assert max(map(len, narrow.splitlines())) <= width
    assert sorted(" ".join(wide.splitlines()[2:]).split()) == sorted(narrow.split())


MANY = """\
scenario many "As many as there are"
param writers = 2
var x: 0..1
thread writer[c in 0..writers - 1] { x = 1 }
always "a property with a title that goes on for some forty characters or more" x <= 1
"""


def test_a_proof_is_as_narrow_as_it_is_to_be(
    mmscn: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("many.mmscn").write_text(MANY)
    wide, narrow = (mmscn("prove", "many.mmscn", *o).out for o in ([], ["--width", "44"]))
    assert max(map(len, narrow.splitlines())) <= 44 < max(map(len, wide.splitlines()))
    head = ("property", "verdict")
    left = [w for w in wide.split() if w.strip("-") and w not in head]
    assert left == [w for w in narrow.split() if w not in head]
