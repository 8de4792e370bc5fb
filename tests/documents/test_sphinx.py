"""The Sphinx extension: what a build shows, runs, keeps and fails for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
pytest.importorskip("sphinx", reason="Sphinx is not installed")

SCENARIO = """\
scenario counting "Two threads count"
claim "X-1"
param how = plain | atomic_op
var counter: 0..2
concurrent {
  thread a on cpu 0 { if how == plain { let n = counter; counter = n + 1 } else { counter += 1 } }
  thread b on cpu 1 { counter += 1 }
}
finally "all are counted" counter == 2
expect violated "all are counted" when how == plain
expect holds otherwise
"""


def indented(text: str) -> str:
    return "".join(f"   {line}\n" for line in text.splitlines())


class Site:
    """A site in a folder, built by the command that people use."""

    def __init__(self, folder: Path, *, myst: bool) -> None:
        self.source = folder / "docs"
        self.out = folder / "out"
        self.source.mkdir()
        extensions = ["mmscn.documents.sphinx", *(["myst_parser"] if myst else [])]
        self.write("conf.py", f"extensions = {extensions}\nhtml_theme = 'basic'\n")

    def write(self, name: str, text: str) -> None:
        (self.source / name).write_text(text)

    def build(self, *options: str) -> tuple[int, str]:
        """The exit code, and all that is printed."""
        command = [sys.executable, "-m", "sphinx", "-v", "-v", "--color", *options]
        done = subprocess.run(
            [*command, self.source, self.out],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)

    def html(self, page: str) -> str:
        return (self.out / f"{page}.html").read_text()

    def text(self, page: str) -> str:
        bare = re.sub(r"<[^>]*>", "", self.html(page))
        return bare.replace("&gt;", ">").replace("&lt;", "<").replace("&quot;", '"')


def pages_run(printed: str) -> list[str]:
    return re.findall(r"\[mmscn\] (\S+) run", printed)


def pages_not_run_again(printed: str) -> list[str]:
    return re.findall(r"\[mmscn\] (\S+) kept", printed)


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, myst=False)


PAGE = f"""\
Page
====

.. mmscn:: name=count show=source,diagram

{indented(SCENARIO)}
.. mmscn-output:: of=count show=verdict

   how=plain      VIOLATED "all are counted"
   how=atomic_op  HOLDS

.. mmscn-matrix::
   :of: count

:mmscn:scenario:`counting` and :mmscn:claim:`X-1`
"""


def test_a_page_shows_the_source_the_race_the_matrix_and_the_index(site: Site) -> None:
    site.write("index.rst", PAGE)
    code, printed = site.build("-W")
    assert code == 0, printed
    text, html = site.text("index"), site.html("index")
    assert "CPU0: a                             CPU1: b" in text
    assert '<span class="kn">scenario</span>' in html
    assert "highlight-mmscn-trace" in html
    assert '<td class="mmscn-violated">' in html
    assert html.count('href="#mmscn-scenario-counting"') == 2
    assert "counting" in site.text("mmscn-scenarios")
    assert "X-1" in site.text("mmscn-claims")


@pytest.mark.parametrize(
    ("was", "wanted"),
    [
        ("expect holds otherwise", "expect violated no_deadlock otherwise"),
        ("how=atomic_op  HOLDS", "how=atomic_op  VIOLATED"),
        ("name=count", "nmae=count"),
        ("var counter", "var = counter"),
    ],
)
def test_a_failure_fails_the_build_and_is_in_the_page(site: Site, was: str, wanted: str) -> None:
    site.write("index.rst", PAGE.replace(was, wanted))
    code, printed = site.build()
    assert code == 1
    assert re.search(r"index\.rst:\d+: ERROR: ", printed)
    assert "mmscn-failed" in site.html("index")


def test_nothing_runs_again_that_did_not_change(site: Site) -> None:
    site.write("index.rst", PAGE)
    assert pages_run(site.build()[1]) == ["index:count"]
    assert pages_run(site.build()[1]) == []
    site.write("index.rst", PAGE + "\nMore text.\n")
    code, printed = site.build()
    assert (code, pages_run(printed), pages_not_run_again(printed)) == (0, [], ["index:count"])
    site.write("index.rst", PAGE.replace("counter == 2", "counter  ==  2"))
    assert pages_run(site.build()[1]) == ["index:count"]


def test_a_module_that_changes_makes_its_page_run_again(site: Site) -> None:
    module = "module lib\nvar a: 0..1\nproc go() { a = 1 }\n"
    scenario = (
        "scenario uses\nimport lib\nconcurrent { thread t on cpu 0 { call go() } }\n"
        'finally "it is set" a == 1\n'
    )
    site.write("lib.mmscn", module)
    site.write("index.rst", f"Page\n====\n\n.. mmscn:: name=a\n\n{indented(scenario)}")
    assert pages_run(site.build()[1]) == ["index:a"]
    assert pages_run(site.build()[1]) == []
    site.write("lib.mmscn", module.replace("{ a = 1 }", "{ a = 0 }"))
    code, printed = site.build()
    assert (code, pages_run(printed)) == (1, ["index:a"])


def test_what_nothing_uses_is_a_warning_of_the_build_and_can_be_suppressed(site: Site) -> None:
    unused = PAGE.replace("var counter", "var idle: bool\n   var counter")
    site.write("index.rst", unused)
    line = unused.split("\n").index("   var idle: bool") + 1
    warning = f"index.rst:{line}: WARNING: MM601: nothing reads `idle`"
    code, printed = site.build()
    assert (code, warning in printed) == (0, True), printed
    site.write("index.rst", f"Above\n-----\n\n{unused}")
    code, printed = site.build("-W")
    assert (code, pages_not_run_again(printed)) == (1, ["index:count"])
    assert warning.replace(f":{line}:", f":{line + 3}:") in printed
    code, printed = site.build("-W", "-E", "-D", "suppress_warnings=mmscn.unused")
    assert code == 0, printed


def test_a_failure_is_never_kept(site: Site) -> None:
    site.write("other.rst", ":orphan:\n\n" + PAGE.replace("counting", "other").split(":mmscn")[0])
    site.write("index.rst", PAGE.replace("HOLDS", "NOTHING"))
    for _ in range(3):
        code, printed = site.build()
        assert code == 1
        assert "how=atomic_op  NOTHING" in printed
    assert "other" not in printed.replace("other.rst", "").split("reading sources")[1][:80]
    site.write("index.rst", PAGE)
    assert site.build()[0] == 0
    assert site.build()[0] == 0


def test_it_works_with_parallel_reading(site: Site) -> None:
    names = [f"page{i}" for i in range(8)]
    for name in names:
        page = PAGE.replace("counting", name).replace("X-1", f"X-{name}")
        site.write(f"{name}.rst", page)
    site.write("page3.rst", PAGE.replace("counting", "page3").replace("HOLDS", "NOTHING"))
    contents = "\n".join(f"   {name}" for name in names)
    site.write("index.rst", f"Pages\n=====\n\n.. toctree::\n\n{contents}\n")
    code, _ = site.build("-j", "2")
    assert code == 1
    assert all(name in site.text("mmscn-scenarios") for name in names)


def test_hidden_and_none_show_nothing_and_skip_says_why(site: Site) -> None:
    body = indented(SCENARIO)
    site.write(
        "index.rst",
        f"Page\n====\n\n.. mmscn:: name=a hidden\n\n{body}\n.. mmscn:: show=none\n\n{body}\n"
        f'.. mmscn:: skip="it takes a week"\n\n{body.replace("counting", "weekly")}',
    )
    code, printed = site.build("-W")
    assert code == 0, printed
    text = site.text("index")
    assert "scenario counting" not in text
    assert "scenario weekly" in text
    assert "Not run: it takes a week." in text


def test_myst_pages_read_fences_and_braces(tmp_path: Path) -> None:
    pytest.importorskip("myst_parser", reason="MyST is not installed")
    site = Site(tmp_path, myst=True)
    head, *_ = SCENARIO.split("concurrent")
    rest = SCENARIO.removeprefix(head)
    site.write(
        "index.md",
        f"# Page\n\n```mmscn name=head\n{head}```\n\n"
        f"> ```{{mmscn}}\n> :name: count\n> :continues: head\n> :show: source,table\n>\n"
        + "".join(f"> {line}\n" for line in rest.splitlines())
        + "> ```\n\n```mmscn-output of=count show=verdict\n[..]plain  [..]\n...\n```\n\n"
        "```{mmscn-matrix} of=count\n```\n\n{mmscn:scenario}`counting`\n",
    )
    code, printed = site.build("-W")
    assert code == 0, printed
    text = site.text("index")
    assert "as expected" in text
    assert 'href="#mmscn-scenario-counting"' in site.html("index")
    site.write("index.md", "# Page\n\ntext\n\n```mmscn\nscenario x\nvar a = = 1\n```\n")
    code, printed = site.build()
    assert code == 1
    assert "index.md:7:7" in printed


def test_the_library_is_described_from_its_comments(site: Site) -> None:
    site.write("index.rst", "Page\n====\n\n.. mmscn-library:: hw\n\n:mmscn:module:`hw.mmu`\n")
    code, printed = site.build("-W")
    assert code == 0, printed
    text = site.text("index")
    assert "how the hardware records" in text or "How the walker records" in text
    assert "linux.zap" not in text
