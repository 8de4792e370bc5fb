"""What is printed: nothing of it moves the cursor, turns the direction, or forges a line."""

from __future__ import annotations

import os
import pty
from pathlib import Path

import pytest
from support.command import Command

from mmscn.plain_text import first_columns, last_columns, left, printable, right, width

NASTY = "\x1b[2J\x1b]0;pwn\x07 \x9b31m \u202e rtl \u2066 \ufeff \r"
FORGED = "a\\n9 runs: 9 as expected"
"""As it is written in a string of a scenario, where it stands for a line end."""
TEXT = f"""\
scenario nasty "title {NASTY[:-1]} {FORGED}"
source "source {NASTY[:-1]}"
claim "claim {NASTY[:-1]}"
param p = 0 | 1 "param {NASTY[:-1]}"
var x: bool  // comment {NASTY[:-1]}
concurrent {{
  thread t on cpu 0 {{ x = true; assert not x "assertion {NASTY[:-1]} {FORGED}"  }}
}}
always "property {NASTY[:-1]} {FORGED}" not x
finally "end {NASTY[:-1]} {FORGED}" not x
reachable "never {NASTY[:-1]} {FORGED}" x and not x
expect violated "end {NASTY[:-1]} {FORGED}" when p == 0
"""
BROKEN = TEXT + f'finally "{NASTY[:-1]}" y == 1  // {NASTY[:-1]}\n'


def is_plain(text: str) -> bool:
    return all(c == "\n" or c.isprintable() for c in text)


def file_of(folder: Path, text: str) -> Path:
    file = folder / "nasty.mmscn"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    "args",
    [
        ["run"],
        ["run", "--diagrams", "all"],
        ["run", "--diagrams", "all", "--steps", "-D", "p=0"],
        ["run", "--quiet"],
        ["run", "--verbose"],
        ["run", "--json"],
        ["check"],
        ["dis"],
        ["dis", "--passes"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("text", [TEXT, BROKEN], ids=["runs", "rejected"])
def test_a_command_prints_no_control_characters(
    args: list[str], text: str, mmscn: Command, tmp_path: Path
) -> None:
    ended = mmscn(*args, str(file_of(tmp_path, text)))
    assert ended.code in (0, 1, 2)
    assert is_plain(ended.out + ended.err)
    assert not any(line.startswith("9 runs:") for line in ended.out.splitlines())


def test_the_names_are_shown_with_escapes(mmscn: Command, tmp_path: Path) -> None:
    ended = mmscn("run", str(file_of(tmp_path, TEXT)), "--diagrams", "all")
    escaped = r"\x1b[2J\x1b]0;pwn\x07 \x9b31m \u202e rtl \u2066 \ufeff "
    for name in ("title", "source", "claim", "property", "assertion", "end"):
        assert f"{name} {escaped}" in " ".join(ended.out.split())
    assert r"\n9 runs: 9 as expected" in ended.out


@pytest.mark.parametrize("args", [["run"], ["check"], ["fmt"], ["docs", "test"], ["dis"]])
def test_the_name_of_a_file_is_escaped(args: list[str], mmscn: Command, tmp_path: Path) -> None:
    for name in ("there \x1b[2J \n forged.mmscn", "missing \x1b[2J \n forged.mmscn"):
        path = tmp_path / name
        if name.startswith("there"):
            path.write_text("scenario x\n var = 3", encoding="utf-8")
        ended = mmscn(*args, str(path))
        assert ended.code == 2 or args[0] == "docs"
        assert is_plain(ended.out + ended.err)
        assert not any(line.startswith(" forged") for line in ended.err.splitlines())


def on_a_terminal(*args: str, folder: Path) -> str:
    """What a command writes where its stdout is a terminal."""
    import subprocess
    import sys

    leader, follower = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "mmscn", *args], stdout=follower, cwd=folder, timeout=60, check=False
    )
    os.close(follower)
    written = b""
    while True:
        try:
            part = os.read(leader, 4096)
        except OSError:
            break
        if not part:
            break
        written += part
    os.close(leader)
    return written.decode("utf-8").replace("\r\n", "\n")


def test_a_diff_is_safe_on_a_terminal_and_exact_in_a_pipe(mmscn: Command, tmp_path: Path) -> None:
    text = "scenario   x\nvar a: bool // \x1b[2J \u202e\n"
    file = file_of(tmp_path, text)
    seen = on_a_terminal("fmt", "--diff", "--color", "never", str(file), folder=tmp_path)
    assert "+scenario x" in seen
    assert is_plain(seen)
    assert r"\x1b[2J \u202e" in seen
    assert "\x1b[2J \u202e" in mmscn("fmt", "--diff", str(file)).out


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("abc", 3),
        ("日本語", 6),
        ("ｱ", 1),
        ("e\u0301", 1),
        ("क्\u200dष", 2),
        ("❤\ufe0f", 1),
        ("\u1112\u1161\u11ab", 2),
    ],
)
def test_width_counts_the_columns_of_a_terminal(text: str, columns: int) -> None:
    assert width(text) == columns


def test_a_text_is_cut_and_filled_by_columns() -> None:
    assert left("日本", 5) == "日本 "
    assert right("日本", 5) == " 日本"
    assert first_columns("日本語", 5) == "日本"
    assert last_columns("日本語", 5) == "本語"
    assert first_columns("abc", 2) == "ab"
    assert last_columns("abc", 0) == ""
    assert first_columns("abc", 9) == "abc"


def test_a_tab_and_an_odd_blank_are_no_part_of_a_line() -> None:
    assert printable("a\tb\u2028c\u00a0d\udc80") == r"a\tb\u2028c\xa0d\udc80"
    assert printable("ä 日本 é") == "ä 日本 é"
