"""Whatever a file or a command line contains, the author is told what is the matter with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.command import Command

GOOD = """scenario good
param p = a | b
param k = 1..2
var n: 0..1
thread t on cpu 0 { if p == a { n = 1 } else { n = 1 } }
finally n == 1 or k == 3
"""
DOCUMENT = "# Races\n\n```mmscn name=x\nscenario x\nvar n: 0..1\n```\n"

FILES: dict[str, tuple[bytes, int, str]] = {
    # what is in the file, the exit status, and what is said
    "empty.mmscn": (b"", 2, "error MM201: the text names neither a scenario nor a module"),
    "blank.mmscn": (b"\n \n\t\n", 2, "error MM201"),
    "comment.mmscn": (b"// nothing", 2, "error MM201"),
    "words.mmscn": (b"hello world\n", 2, "error MM101: `hello` cannot stand here"),
    "binary.mmscn": (bytes(range(256)) * 20, 2, "is it a binary file?"),
    "latin.mmscn": ('scenario s "é"\n'.encode("latin-1"), 2, "the byte 0xe9 is not UTF-8 text"),
    "utf16.mmscn": (GOOD.encode("utf-16"), 2, "error MM106"),
    "nul.mmscn": (b"scenario s\nvar n\0: 0..1\n", 2, r"error MM103: the character '\x00'"),
    "mark.mmscn": (b"\xef\xbb\xbf" + GOOD.encode(), 0, "4 runs: 4 as expected"),
    "crlf.mmscn": (GOOD.replace("\n", "\r\n").encode(), 0, "4 runs: 4 as expected"),
    "cr.mmscn": (GOOD.replace("\n", "\r").encode(), 2, "error MM101"),
    "open_comment.mmscn": (b"scenario s /* no end", 2, "error MM"),
    "open_text.mmscn": (b'scenario s "no end', 2, "error MM"),
    "open_body.mmscn": (b"scenario s\nthread t on cpu 0 { ", 2, "error MM"),
    "long.mmscn": (GOOD.encode() + b"// " + b"x" * 1_000_000, 2, "error MM105"),
    "huge.mmscn": (b"x" * 5_000_000, 2, "error MM105"),
    "long_line.mmscn": (
        b"scenario s\nvar n: 0..1\nthread t on cpu 0 { " + b"n = 1; " * 5000 + b"n == }",
        2,
        "...",
    ),
    "deep.mmscn": (b"scenario s\nalways " + b"(" * 5000 + b"true" + b")" * 5000, 2, "error MM"),
    "good.txt": (GOOD.encode(), 0, "4 runs: 4 as expected"),
    "scenario.md": (b"// a scenario\n" + GOOD.encode(), 0, "4 runs: 4 as expected"),
    "README.md": (DOCUMENT.encode(), 2, "hint: `mmscn docs test` runs the scenarios in it"),
    "page.RST": (b"Races\n=====\n", 2, "hint: `mmscn docs test` runs the scenarios in it"),
}


@pytest.mark.parametrize("command", ["run", "check"])
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_run_or_a_message_says_why_not(
    command: str, name: str, mmscn: Command, tmp_path: Path
) -> None:
    data, code, said = FILES[name]
    path = tmp_path / name
    path.write_bytes(data)
    ended = mmscn(command, str(path))
    assert ended.code == code
    if code or command == "run":
        assert said in ended.out + ended.err
    assert all(len(line) < 300 for line in ended.err.splitlines())


@pytest.mark.parametrize("command", ["run", "check", "dis"])
def test_a_folder_without_scenarios_is_named(
    command: str, mmscn: Command, tmp_path: Path
) -> None:
    folder = tmp_path / "folder.mmscn"
    folder.mkdir()
    ended = mmscn(command, str(folder))
    assert ended.code == (2 if command == "dis" else 4)
    assert "there is no scenario below `" in " ".join(ended.err.split())


def test_what_cannot_be_read_is_named(mmscn: Command, tmp_path: Path) -> None:
    loop = tmp_path / "loop.mmscn"
    loop.symlink_to(loop)
    for path in ("/proc/self/mem", str(loop), str(tmp_path / "none.mmscn")):
        ended = mmscn("run", path)
        assert ended.code == 2
        assert path in ended.err


@pytest.mark.parametrize(
    ("define", "said"),
    [
        ("", "-D wants NAME=VALUE"),
        ("=", "-D wants NAME=VALUE"),
        ("p", "-D wants NAME=VALUE"),
        ("p=", "-D wants NAME=VALUE"),
        ("=a", "-D wants NAME=VALUE"),
        ("p==a", "`p` has no value `=a`"),
        ("p=a=b", "`p` has no value `a=b`"),
        ("p=a|c", "`p` has no value `c`"),
        ("p=a|", "`p` has no value ``"),
        ("p=A", "`p` has no value `A`"),
        ("p=a,b", "`p` has no value `a,b`"),
        ("p=\x1b[31m", r"`p` has no value `\x1b[31m`"),
        ("p=" + "a" * 100_000, "a...`"),
        ("k=1000000000", "`k` has no value `1000000000`"),
        ("k=" + "9" * 5000, "9...`"),
        ("k=-1", "`k` has no value `-1`"),
        ("k=1..2", "`k` has no value `1..2`"),
        ("k=٣", "`k` has no value `٣`"),
        ("n=1", "there is no param or knob `n`"),
        ("q=a", "the params are p, k"),
        ("q" * 100_000 + "=a", "q...`"),
        ("é=a", "there is no param or knob `é`"),
        ("\udcff=a", "there is no param or knob"),
    ],
)
def test_a_choice_that_there_is_not_is_named(
    define: str, said: str, mmscn: Command, tmp_path: Path
) -> None:
    path = tmp_path / "good.mmscn"
    path.write_text(GOOD, encoding="utf-8")
    ended = mmscn("run", str(path), "-D", define)
    assert ended.code == 2
    assert said in ended.err
    assert len(ended.err) < 500


@pytest.mark.parametrize(
    ("define", "runs"),
    [
        (["p=a"], 2),
        ([" p = a "], 2),
        (["p=a|a"], 2),
        (["p=a|b|a"], 4),
        (["p=a", "p=a"], 2),
        (["p=a", "p=b"], 4),
        (["k=3"], 2),
        (["k=2", "p=b"], 1),
    ],
)
def test_a_choice_narrows(define: list[str], runs: int, mmscn: Command, tmp_path: Path) -> None:
    path = tmp_path / "good.mmscn"
    path.write_text(GOOD, encoding="utf-8")
    ended = mmscn("run", str(path), *(word for d in define for word in ("-D", d)))
    assert (ended.code, ended.err) == (0, "")
    assert f"{runs} run{'s' * (runs > 1)}: {runs} as expected" in ended.out


@pytest.mark.parametrize("time", ["nan", "-nan", "0", "-1", "x"])
def test_a_time_that_is_none_is_refused(time: str, mmscn: Command, tmp_path: Path) -> None:
    path = tmp_path / "good.mmscn"
    path.write_text(GOOD, encoding="utf-8")
    assert mmscn("run", str(path), f"--time={time}").code == 2


@pytest.mark.parametrize(
    ("words", "redirected", "code", "said"),
    [
        ("run good.mmscn", ">&-", 2, "mmscn: the output is closed"),
        ("--help", ">&-", 2, "mmscn: the output is closed"),
        ("run good.mmscn", ">&- 2>&-", 2, ""),
        ("run good.mmscn", "2>&-", 0, ""),
        ("run words.mmscn", "2>&-", 2, ""),
        ("run -", "<&-", 2, "mmscn: cannot read -: the input is closed"),
        ("--version", ">/dev/full", 2, "mmscn: No space left on device"),
        ("run good.mmscn", ">/dev/full", 2, "mmscn: No space left on device"),
    ],
)
def test_streams_that_are_closed_or_full(
    words: str, redirected: str, code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "good.mmscn").write_text(GOOD, encoding="utf-8")
    (tmp_path / "words.mmscn").write_text("hello\n", encoding="utf-8")
    line = f"'{sys.executable}' -m mmscn {words} {redirected}"
    ended = subprocess.run(["/bin/sh", "-c", line], cwd=tmp_path, capture_output=True, check=False)
    assert ended.returncode == code
    assert said in ended.stderr.decode()
    assert b"Traceback" not in ended.stderr
