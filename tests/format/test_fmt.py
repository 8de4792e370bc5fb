"""`mmscn fmt`: what it writes where, and how it ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mmscn.cli.fmt import command

UGLY = "scenario   x\nvar a:bool // c\n"
NICE = "scenario x\nvar a: bool  // c\n"
BROKEN = "scenario x\nvar = 3\n"

Fmt = Callable[..., Result]


@pytest.fixture
def fmt() -> Fmt:
    def run(*args: object, stdin: str | bytes | None = None) -> Result:
        words = [str(a) for a in args]
        return CliRunner().invoke(command, words, input=stdin, standalone_mode=False)

    return run


def test_it_formats_in_place(fmt: Fmt, tmp_path: Path) -> None:
    file = tmp_path / "a.mmscn"
    file.write_text(UGLY)
    result = fmt(file)
    assert (result.return_value, result.stdout) == (0, f"{file}: formatted\n")
    assert file.read_text() == NICE


def test_a_formatted_file_is_not_touched(fmt: Fmt, tmp_path: Path) -> None:
    file = tmp_path / "a.mmscn"
    file.write_text(NICE)
    before = file.stat()
    result = fmt(file)
    assert (result.return_value, result.output) == (0, "")
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_check_lists_and_writes_nothing(fmt: Fmt, tmp_path: Path) -> None:
    ugly, nice = tmp_path / "a.mmscn", tmp_path / "b.mmscn"
    ugly.write_text(UGLY)
    nice.write_text(NICE)
    result = fmt("--check", tmp_path)
    assert (result.return_value, result.stdout) == (1, f"{ugly}\n")
    assert ugly.read_text() == UGLY
    assert fmt("--check", nice).return_value == 0


def test_diff_shows_and_writes_nothing(fmt: Fmt, tmp_path: Path) -> None:
    file = tmp_path / "a.mmscn"
    file.write_text(UGLY)
    result = fmt("--diff", file)
    assert result.return_value == 0
    assert result.stdout == (
        f"--- {file}\n+++ {file}\n@@ -1,2 +1,2 @@\n"
        "-scenario   x\n-var a:bool // c\n+scenario x\n+var a: bool  // c\n"
    )
    assert file.read_text() == UGLY
    assert fmt("--diff", "--check", file).return_value == 1


def test_a_diff_says_where_a_line_end_is_missing(fmt: Fmt) -> None:
    result = fmt("--diff", "-", stdin="scenario x")
    assert "-scenario x\n\\ No newline at end of file\n+scenario x\n" in result.stdout


def test_stdin_goes_to_stdout(fmt: Fmt) -> None:
    result = fmt("-", stdin=UGLY)
    assert (result.return_value, result.stdout) == (0, NICE)


def test_a_broken_text_is_left_alone(fmt: Fmt, tmp_path: Path) -> None:
    broken, ugly = tmp_path / "a.mmscn", tmp_path / "b.mmscn"
    broken.write_text(BROKEN)
    ugly.write_text(UGLY)
    result = fmt(tmp_path)
    assert result.return_value == 2
    assert "MM101" in result.stderr
    assert f"{broken}:2:5" in result.stderr
    assert broken.read_text() == BROKEN
    assert ugly.read_text() == NICE


def test_a_document_is_told_from_a_scenario_and_left_alone(fmt: Fmt, tmp_path: Path) -> None:
    page = tmp_path / "README.md"
    page.write_text(f"# Races\n\n```mmscn\n{UGLY}```\n")
    result = fmt(page)
    assert result.return_value == 2
    assert "MM201: this is a document, not a scenario" in result.stderr
    assert "hint: only files with one scenario or module are laid out" in result.stderr
    assert result.stderr.count("error") == 1
    assert page.read_text() == f"# Races\n\n```mmscn\n{UGLY}```\n"


def test_broken_stdin_gives_no_output(fmt: Fmt) -> None:
    result = fmt("-", stdin=BROKEN)
    assert (result.return_value, result.stdout) == (2, "")


def test_bytes_that_are_no_text_are_left_alone(fmt: Fmt, tmp_path: Path) -> None:
    file = tmp_path / "a.mmscn"
    file.write_bytes(b"scenario \xff")
    result = fmt(file)
    assert result.return_value == 2
    assert "MM106" in result.stderr


def test_line_ends_become_lf_and_a_byte_order_mark_goes(fmt: Fmt, tmp_path: Path) -> None:
    file = tmp_path / "a.mmscn"
    file.write_bytes(b"\xef\xbb\xbf" + NICE.replace("\n", "\r\n").encode())
    assert fmt("--check", file).return_value == 1
    assert fmt(file).return_value == 0
    assert file.read_bytes() == NICE.encode()


def test_mode_and_symbolic_links_stay(fmt: Fmt, tmp_path: Path) -> None:
    file, link = tmp_path / "real.txt", tmp_path / "link.mmscn"
    file.write_text(UGLY)
    file.chmod(0o640)
    link.symlink_to(file)
    fmt(link)
    assert link.is_symlink()
    assert file.read_text() == NICE
    assert file.stat().st_mode & 0o7777 == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.mmscn", "real.txt"]


def test_hidden_folders_are_left_out(fmt: Fmt, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "a.mmscn").write_text(UGLY)
    result = fmt(tmp_path)
    assert result.return_value == 4
    assert "nothing to format" in result.stderr


def test_a_missing_file_is_wrong_usage(fmt: Fmt, tmp_path: Path) -> None:
    assert "there is no file" in str(fmt(tmp_path / "none.mmscn").exception)


def test_importing_the_command_loads_no_parser() -> None:
    code = "import sys, mmscn.cli.fmt; sys.exit('lark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
