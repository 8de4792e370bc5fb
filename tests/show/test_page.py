"""`mmscn html`: one file that needs no other, in which everything stands as text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support.command import Command

from mmscn.show.page import BYTES_MAX

WRITTEN = """
scenario counted "{title}"
param how = two_steps | one_step
machine x86 {{ cpus 2 }}
var counter: 0..2
var done: 0..2
concurrent {{
  thread first on cpu 0 {{ call count() }}
  thread second on cpu 1 {{ call count() }}
}}
proc count() when how == two_steps {{ let seen = counter; counter = seen + 1 }}
proc count() when how == one_step {{ atomic {{ counter += 1 }} }}
property both {{ finally counter == 2 }}
check both
expect violated both when how == two_steps
expect holds otherwise
"""
NASTY = "</script><script>alert(1)</script>&amp;<!--'\\u202e"


class Tags(HTMLParser):
    """The elements of a page, each with its attributes, and what is wrong with their nesting."""

    VOID = ("meta", "input", "br", "link", "img")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.wrong: list[str] = []
        self.open: list[str] = []
        self.within: dict[str, str] = {}
        self.feed(text)
        self.close()
        self.wrong += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        name = self.open[-1] if self.open else ""
        self.within[name] = self.within.get(name, "") + data


def page_of(text: str, folder: Path, mmscn: Command, *args: str) -> str:
    path, out = folder / "own.mmscn", folder / "page.html"
    path.write_text(text)
    ended = mmscn("html", str(path), "-o", str(out), *args)
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    return out.read_text()


@pytest.fixture
def page(tmp_path: Path, mmscn: Command) -> str:
    return page_of(WRITTEN.format(title="Counted"), tmp_path, mmscn)


def test_elements_are_nested_and_ids_are_there_once(page: str) -> None:
    tags = Tags(page)
    assert tags.wrong == []
    ids = [a["id"] for _, a in tags.found if "id" in a]
    assert len(ids) == len({*ids})
    named = [a[k] for _, a in tags.found for k in ("for", "aria-labelledby") if k in a]
    assert {*named} <= {*ids}


def test_nothing_is_loaded(page: str) -> None:
    tags = Tags(page)
    loading = [a for _, a in tags.found if {"src", "srcset", "data"} & {*a}]
    links = [a["href"] for tag, a in tags.found if "href" in a]
    assert loading == []
    assert all(link and link.startswith("#") for link in links)
    assert "http" not in re.sub(r"http-equiv", "", page)
    assert "default-src 'none'" in page
    assert [a for _, a in tags.found if "style" in a or any(k.startswith("on") for k in a)] == []


def test_the_page_without_a_script_has_the_table_and_the_diagram(
    page: str, tmp_path: Path, mmscn: Command
) -> None:
    printed = mmscn("run", str(tmp_path / "own.mmscn")).out
    shown = Tags(page).within["pre"]
    table, _, rest = printed.partition("\nVIOLATED")
    diagram = rest.partition("\n\n")[2].partition("\ntoken ")[0]
    assert table.strip() in shown
    assert diagram.strip() in shown
    assert "noscript" in {tag for tag, _ in Tags(page).found}


def test_what_a_text_says_stays_text(tmp_path: Path, mmscn: Command) -> None:
    title = NASTY.replace("\\u202e", "\u202e")
    text = WRITTEN.format(title=title) + "// </script><img src=x onerror=alert(2)>\n"
    page = page_of(text, tmp_path, mmscn)
    tags = Tags(page)
    assert tags.wrong == []
    assert [tag for tag, _ in tags.found].count("script") == 2
    assert "img" not in [tag for tag, _ in tags.found]
    assert "\u202e" not in page
    data = json.loads(re.findall(r'id="data">(.*?)</script>', page)[0])
    assert "<img src=x onerror=alert(2)>" in data["files"][0]["text"]


def test_the_script_has_an_execution_step_by_step(page: str) -> None:
    data = json.loads(re.findall(r'id="data">(.*?)</script>', page)[0])
    (trace,) = data["traces"]
    assert trace["columns"] == ["CPU0: first", "CPU1: second"]
    assert len(trace["states"]) == len(trace["steps"]) + 1
    lines = data["files"][0]["text"].split("\n")
    file, line, end = trace["steps"][0]["where"]
    assert (file, line) == (0, end)
    assert "let seen = counter" in lines[line - 1]
    assert [e["actor"] for e in trace["states"][0]["enabled"]] == ["first", "second"]
    assert data["runs"][0]["explained"] == ""
    assert "nothing that is asked is broken" in data["runs"][1]["explained"]


@pytest.mark.parametrize("name", ["either_or", pytest.param("racewrite", marks=pytest.mark.slow)])
def test_a_page_of_the_thread_s_race_is_small(name: str, tmp_path: Path, mmscn: Command) -> None:
    out = tmp_path / f"{name}.html"
    assert mmscn("html", name, "-o", str(out)).code == 0
    assert len(out.read_bytes()) <= BYTES_MAX


def test_a_page_is_the_same_each_time_and_only_its_file_is_written(
    tmp_path: Path, mmscn: Command
) -> None:
    first = page_of(WRITTEN.format(title="x"), tmp_path, mmscn)
    assert page_of(WRITTEN.format(title="x"), tmp_path, mmscn) == first
    assert {p.name for p in tmp_path.iterdir()} == {"own.mmscn", "page.html"}
    printed = mmscn("html", str(tmp_path / "own.mmscn")).out
    assert printed == first


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path, mmscn: Command) -> None:
    (tmp_path / "own.mmscn").write_text(WRITTEN.format(title="x"))
    ended = mmscn("html", str(tmp_path / "own.mmscn"), "-o", str(tmp_path / "none" / "p.html"))
    assert ended.code == 2
    assert "cannot be written" in ended.err


def test_a_page_ends_as_its_run(tmp_path: Path, mmscn: Command) -> None:
    path = tmp_path / "own.mmscn"
    path.write_text(WRITTEN.format(title="x").replace("expect violated", "expect holds //"))
    assert mmscn("html", str(path), "-o", str(tmp_path / "p.html")).code == 1
    assert "NOT AS EXPECTED" in (tmp_path / "p.html").read_text()
    path.write_text("scenario broken\nmachine x86 { cpus")
    assert mmscn("html", str(path)).code == 2
