"""`mmscn docs test`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from mmscn.cli.documents import command

pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
pytest.importorskip("docutils", reason="docutils is not installed")

SCENARIO = """\
scenario one
var a: 0..1
concurrent { thread t on cpu 0 { a = 1 } }
finally "set" a == 1
"""
Run = Callable[..., int]


@pytest.fixture
def docs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run `mmscn docs` in an empty folder; gives the exit code."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI", raising=False)

    def run(*args: str) -> int:
        try:
            code = command.main(args=list(args), prog_name="mmscn docs", standalone_mode=False)
        except click.ClickException as problem:
            problem.show()
            return 2
        assert isinstance(code, int)
        return code

    return run


def page(path: str, output: str, *, end: str = "\n", fence: str = "```") -> Path:
    text = (
        f"# x\n\n{fence}mmscn name=a\n{SCENARIO}{fence}\n\ntext\n\n"
        f"{fence}mmscn-output of=a\n{output}{fence}\n\nlast line"
    )
    file = Path(path)
    file.write_bytes(text.replace("\n", end).encode())
    return file


def test_a_document_that_is_right_exits_0(docs: Run, capsys: pytest.CaptureFixture[str]) -> None:
    page("a.md", "HOLDS\n")
    assert docs("test", "a.md") == 0
    assert capsys.readouterr().out == (
        "1 block of 1 document: 1 as expected; 1 output as written\n"
    )


def test_another_output_is_shown_as_a_diff_and_exits_1(
    docs: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    page("a.md", "VIOLATED\n")
    assert docs("test", "a.md") == 1
    error = capsys.readouterr().err
    assert "--> a.md:12\n" in error
    assert "-VIOLATED\n+HOLDS\n" in error


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("output", ["", "wrong\n", "several\nlines\n"])
@pytest.mark.parametrize("fence", ["```", "~~~~"])
def test_update_changes_nothing_but_the_output(
    docs: Run, end: str, output: str, fence: str
) -> None:
    file = page("a.md", output, end=end, fence=fence)
    assert docs("test", "--update") == 0
    written = file.read_bytes()
    assert written == page("b.md", "HOLDS\n", end=end, fence=fence).read_bytes()
    assert docs("test", "a.md") == 0
    before = file.stat().st_mtime_ns
    assert docs("test", "--update", "a.md") == 0
    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("> ```mmscn-output of=a\n> ```\n", "> ```mmscn-output of=a\n> HOLDS\n> ```\n"),
        ("- ```mmscn-output of=a\n  ```\n", "- ```mmscn-output of=a\n  HOLDS\n  ```\n"),
        (
            "1. x\n\n   ```{mmscn-output}\n   :of: a\n   no\n   no\n   ```\n",
            "1. x\n\n   ```{mmscn-output}\n   :of: a\n   HOLDS\n   ```\n",
        ),
        (
            "````{note}\n```mmscn-output of=a\n```\n````\n",
            "````{note}\n```mmscn-output of=a\nHOLDS\n```\n````\n",
        ),
        (
            "```{eval-rst}\n.. mmscn-output:: of=a\n\n   no\n```\n",
            "```{eval-rst}\n.. mmscn-output:: of=a\n\n   HOLDS\n```\n",
        ),
    ],
)
def test_update_finds_the_place_in_whatever_the_output_stands(
    docs: Run, before: str, after: str
) -> None:
    head = f"```mmscn name=a\n{SCENARIO}```\n\n"
    Path("a.md").write_text(head + before)
    assert docs("test", "--update", "a.md") == 0
    assert Path("a.md").read_text() == head + after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (".. mmscn-output:: of=a\n", ".. mmscn-output:: of=a\n\n   HOLDS\n"),
        (
            ".. mmscn-output::\n   :of: a\n\ntext\n",
            ".. mmscn-output::\n   :of: a\n\n   HOLDS\n\ntext\n",
        ),
        (
            "- x\n\n  .. mmscn-output::\n     :of: a\n\n     no\n     no\n\ntext\n",
            "- x\n\n  .. mmscn-output::\n     :of: a\n\n     HOLDS\n\ntext\n",
        ),
    ],
)
def test_update_writes_rst(docs: Run, before: str, after: str) -> None:
    indented = "".join(f"   {line}\n" for line in SCENARIO.splitlines())
    head = f".. mmscn:: name=a\n\n{indented}\n"
    Path("a.rst").write_text(head + before)
    assert docs("test", "--update", "a.rst") == 0
    assert Path("a.rst").read_text() == head + after
    assert docs("test", "a.rst") == 0


def test_an_output_that_cannot_be_written_in_its_place_is_left(
    docs: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"```mmscn name=a\n{SCENARIO}```\n\n```mmscn-output of=a\n"  # no end
    Path("a.md").write_text(text)
    assert docs("test", "--update", "a.md") == 2
    assert Path("a.md").read_text() == text
    assert "edit it by hand" in capsys.readouterr().err


def test_check_prints_a_diff_and_changes_nothing(
    docs: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    file = page("a.md", "VIOLATED\n")
    before = file.read_bytes()
    assert docs("test", "--check", "a.md") == 1
    assert file.read_bytes() == before
    assert capsys.readouterr().out.startswith("--- a/a.md\n+++ b/a.md\n@@ ")


def test_check_is_silent_where_all_is_written(
    docs: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    page("a.md", "HOLDS\n")
    assert docs("test", "--check") == 0
    assert capsys.readouterr().out == ""


def test_update_is_refused_in_ci_unless_forced(docs: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    file = page("a.md", "")
    before = file.read_bytes()
    monkeypatch.setenv("CI", "true")
    assert docs("test", "--update", "a.md") == 2
    assert file.read_bytes() == before
    assert docs("test", "--update", "--force", "a.md") == 0
    assert file.read_bytes() != before


def test_update_keeps_the_mode_of_the_file_and_leaves_no_other(docs: Run, tmp_path: Path) -> None:
    file = page("a.md", "")
    file.chmod(0o640)
    assert docs("test", "--update") == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.md"]


def test_update_writes_through_a_symbolic_link(docs: Run) -> None:
    Path("real").mkdir()
    file = page("real/a.md", "")
    Path("link.md").symlink_to(file)
    assert docs("test", "--update", "link.md") == 0
    assert Path("link.md").is_symlink()
    assert "HOLDS" in file.read_text()


def test_an_elided_output_that_matches_is_left_alone(docs: Run) -> None:
    file = page("a.md", "HO[..]\n")
    before = file.read_bytes()
    assert docs("test", "--update") == 0
    assert file.read_bytes() == before


def test_a_block_that_is_broken_exits_2_and_the_rest_is_run(
    docs: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    page("a.md", "HOLDS\n")
    Path("b.md").write_text("```mmscn name=b\nscenario = 1\n```\n\n```mmscn hiden\n```\n")
    assert docs("test") == 2
    captured = capsys.readouterr()
    assert "b.md:2:10" in captured.err
    assert "there is no key `hiden`" in captured.err
    assert captured.out == "3 blocks of 2 documents: 1 as expected, 2 not; 1 output as written\n"


def test_a_skipped_block_says_why(docs: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.md").write_text('```mmscn name=a skip="much too large"\nscenario\n```\n')
    assert docs("test", "-v") == 0
    assert "a.md:1: a skipped: much too large\n" in capsys.readouterr().out


def test_nothing_to_run_exits_4(docs: Run) -> None:
    Path("a.md").write_text("# nothing\n")
    assert docs("test") == 4


def test_wrong_usage_exits_2(docs: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.txt").write_text("")
    assert docs("test", "none.md") == 2
    assert docs("test", "a.txt") == 2
    assert docs("test", "--update", "--check") == 2
    assert "there is no file `none.md`" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "file", "package"),
    [("markdown_it", "a.md", "markdown-it-py"), ("docutils", "a.rst", "docutils")],
)
def test_a_missing_extra_is_one_line_with_what_to_do(
    tmp_path: Path, module: str, file: str, package: str
) -> None:
    (tmp_path / file).write_text("mmscn")
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "import click\n"
        "from mmscn.cli.documents import command\n"
        f"try: command.main(['test', {file!r}], standalone_mode=False)\n"
        "except click.UsageError as e: print(e.message); sys.exit(2)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    hint = f"{file} is read with {package}: pip install 'mmscn[docs]'\n"
    assert (done.returncode, done.stdout) == (2, hint)


UNUSED = """\
scenario idle
var nobody: 0..1
var a: 0..1
concurrent { thread t on cpu 0 { a = 1 } }
finally "set" a == 1
"""


def test_what_nothing_uses_is_told_at_its_line_and_counted(
    docs: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.md").write_text(f"# x\n\n```mmscn name=a\n{UNUSED}```\n")
    assert docs("test", "a.md") == 0
    printed = capsys.readouterr()
    assert "warning MM601: nothing reads `nobody`\n  --> a.md:5:1\n" in printed.err
    assert printed.out == "1 block of 1 document: 1 as expected, 1 warning\n"


def test_what_nothing_uses_is_an_error_under_strict(
    docs: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.md").write_text(f"# x\n\n```mmscn name=a\n{UNUSED}```\n")
    assert docs("test", "--strict", "a.md") == 2
    assert "error MM601: nothing reads `nobody`\n  --> a.md:5:1\n" in capsys.readouterr().err


def test_what_a_setup_declares_is_for_all_blocks_below_it(
    docs: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    head, _, rest = UNUSED.partition("var a")
    Path("a.md").write_text(
        f"# x\n\n```mmscn name=s\n{head}```\n\n```mmscn name=a setup=s\n"
        f"var b: bool\nvar a{rest}```\n"
    )
    assert docs("test", "a.md") == 0
    said = capsys.readouterr().err
    assert [line for line in said.splitlines() if "-->" in line] == ["  --> a.md:9:1"]
