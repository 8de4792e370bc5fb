"""Reports in hand: text, HTML, short reprs; cells of notebooks; pages of MkDocs."""

from __future__ import annotations

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import mmscn
from mmscn import loads
from mmscn.documents import notebook
from mmscn.documents.mkdocs import fence

TEXT = """scenario lost "Two threads </pre><script>alert(1)</script>"
param how = two_steps | one_step
var counter: 0..2
concurrent {
  thread a on cpu 0 {
    if how == two_steps { let seen = counter; counter = seen + 1 } else { counter += 1 }
  }
  thread b on cpu 1 { counter += 1 }
}
finally "both are counted" counter == 2
"""
EXPECT = 'expect violated "both are counted" when how == two_steps\n'
HOLDS = "scenario holds\nvar x: bool\nthread t on cpu 0 { x = true }\nfinally x\n"


class Tags(HTMLParser):
    """The tags of a page, and all texts in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts += data


def test_a_report_tells_itself() -> None:
    report = loads(TEXT + EXPECT).check()
    assert report.table().splitlines()[-1].startswith("  bounds: 2 cpus")
    assert report.text().startswith(report.table())
    assert report.diagram() in report.text()
    assert report.diagram("both are counted").startswith('VIOLATED "both are counted"')
    assert report.diagram("nothing of that name") == ""
    assert loads(HOLDS).check().diagram() == ""


def test_reprs_are_short() -> None:
    scenario = loads(TEXT)
    report = scenario.check()
    broken, holding = report.runs
    example = broken.counterexample("both are counted")
    assert [repr(x) for x in (scenario, report, broken, holding, example)] == [
        "<Scenario lost>",
        "<Report lost: VIOLATED, not as expected, 2 runs>",
        "<Run how=two_steps: VIOLATED>",
        "<Run how=one_step: HOLDS>",
        "<Counterexample of 3 steps>",
    ]


def test_a_report_as_html_has_all_and_runs_nothing() -> None:
    report = loads(TEXT + EXPECT).check()
    found = Tags(report._repr_html_())
    assert set(found.tags) == {"p", "strong", "pre", "details", "summary"}
    assert "</pre><script>alert(1)</script>" in found.texts
    assert report.table().rstrip() in found.texts
    assert "<--- VIOLATED" in found.texts
    assert "token mm1:lost:how=two_steps:" in found.texts


def test_dir_shows_what_there_is() -> None:
    assert {"load", "loads", "Report", "Verdict", "Limits"} <= {*dir(mmscn)}
    assert not [name for name in dir(mmscn) if name in ("annotations", "TYPE_CHECKING")]


@pytest.mark.parametrize(
    ("line", "said"),
    [("-D", "NAME=VALUE"), ("--what", "`--what` is not understood"), ("--time x", "float")],
)
def test_a_line_that_is_not_understood_is_told(
    line: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert notebook.cell(line, HOLDS) is None
    assert said in capsys.readouterr().err


def test_a_cell_that_is_rejected_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert notebook.cell("", "scenario s\nthread t { y = 1 }\n") is None
    assert "  --> <cell>:2:12" in capsys.readouterr().err


SESSION = f"""
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.run_line_magic("load_ext", "mmscn")
report = shell.run_cell_magic("mmscn", "-D how=two_steps --time 30", {TEXT!r})
print(report)
print(shell.display_formatter.format(report)[0]["text/html"][:40])
"""


def test_ipython_runs_a_cell(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SESSION],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=True,
        env={"IPYTHONDIR": str(tmp_path), "HOME": str(tmp_path), "PATH": ""},
    )
    first, second = done.stdout.splitlines()[-2:]
    assert first == "<Report lost: VIOLATED, not as expected, 1 run>"
    assert second.startswith("<p><strong style=")


# ---- MkDocs -------------------------------------------------------------------

CONFIG = """site_name: t
plugins: []
markdown_extensions:
  - mmscn.documents.mkdocs
  - pymdownx.superfences:
      custom_fences:
        - name: mmscn
          class: mmscn
          format: !!python/name:mmscn.documents.mkdocs.fence
          validator: !!python/name:mmscn.documents.mkdocs.validate
        - name: mmscn-output
          class: mmscn
          format: !!python/name:mmscn.documents.mkdocs.fence
          validator: !!python/name:mmscn.documents.mkdocs.validate
"""
PARTS = """
```mmscn name=world
scenario parts
param how = one | two
var x: 0..2
```

What comes below builds on it.

```mmscn name=whole continues=world
thread t on cpu 0 { x = if how == one then 1 else 2 }
finally "x is one" x == 1
expect violated "x is one" when how == two
```

```mmscn-output of=whole show=verdict
"""
SLOW = pytest.mark.slow
VERDICT = 'how=one  HOLDS\nhow=two  VIOLATED "x is one"\n```\n'


@pytest.mark.parametrize(
    ("fenced", "code", "said"),
    [
        (f"```mmscn show=source,verdict\n{HOLDS}```", 0, "HOLDS"),
        (f"``` {{.mmscn show=verdict}}\n{HOLDS}```", 0, "HOLDS"),
        (f"```mmscn\n{TEXT}```", 1, "no `expect` says so"),
        ("```mmscn\nscenario s\nthread t { y = 1 }\n```", 1, "MM207"),
        (f"```mmscn shows=source\n{HOLDS}```", 1, "shows"),
        (PARTS + VERDICT, 0, "how=two  VIOLATED"),
        pytest.param(PARTS + "HOLDS\n```\n", 1, "is not what is written", marks=SLOW),
        pytest.param(f"```mmscn continues=nowhere\n{HOLDS}```", 1, "nowhere", marks=SLOW),
        pytest.param("```mmscn-output of=nowhere\n```", 1, "nowhere", marks=SLOW),
    ],
    ids=["holds", "class", "not expected", "rejected", "unknown key", "parts", "other output",
         "continues nothing", "output of nothing"],
)
def test_a_strict_build_fails_with_its_scenarios(
    fenced: str, code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# Page\n\n{fenced}\n")
    (tmp_path / "mkdocs.yml").write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    page = tmp_path / "site" / "index.html"
    assert bool(done.returncode) is bool(code), done.stderr
    assert said in (done.stderr if code else page.read_text())


def test_what_a_text_says_stays_text_in_a_page() -> None:
    found = Tags(fence(TEXT + EXPECT, "mmscn", "mmscn", {"show": "source,table"}, None))
    assert set(found.tags) == {"pre", "code"}
    assert found.texts.count("</pre><script>alert(1)</script>") == 2


def test_fences_in_the_form_of_attribute_lists_are_run(tmp_path: Path) -> None:
    from mmscn.documents.document import parsed

    document = parsed(f"```{{.mmscn name=one}}\n{HOLDS}```\n", "page.md", tmp_path)
    assert [block.name for block in document.blocks] == ["one"]
    assert document.problems == ()
    other = parsed(f"``` {{ .mmscn-other }}\n{HOLDS}```\n", "page.md", tmp_path)
    assert [p.message for p in other.problems] == ["there are no `mmscn-other` blocks"]
