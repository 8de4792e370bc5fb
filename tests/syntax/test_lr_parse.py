"""Parsing without lark sees what lark sees, and gives up on nothing that is fine."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.house import ROOT

from mmscn import cache
from mmscn.source import Source
from mmscn.syntax.lr_parse import driver, parse_plain
from mmscn.syntax.lr_tables import made, tables
from mmscn.syntax.parse import parse, parser
from mmscn.syntax.tree_bytes import dump

FOLDERS = ("exercises", "scenarios", "tests")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.mmscn"))

WORDS_WITH_TWO_MEANINGS = """scenario words "call, load, all and count as names"
var count: 0..3
var all: bool
var load, call: 0..1
proc release(spinlock) { spinlock += 1; finally = (count, -1)[0] }
concurrent {
  thread t {
    call release(count)
    let x = load count + (call f(all)) * 2
    if trylock l { } else { load = call }
    goto any
    any:
  }
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("MMSCN_CACHE", str(tmp_path))
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    for kept in (parser, tables, driver):
        kept.cache_clear()


def test_there_are_texts() -> None:
    assert len(FILES) > 100


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_text_is_read_as_lark_reads_it(path: Path) -> None:
    try:
        source = Source(path.name, path.read_text("utf-8"))
    except UnicodeDecodeError:
        return
    tree, found = parse(source)
    plain = parse_plain(source)
    if plain is None:
        assert found != ()
    else:
        assert (dump(plain[0]), plain[1]) == (dump(tree), found)


@pytest.mark.parametrize("line", WORDS_WITH_TWO_MEANINGS.splitlines(), ids=str.strip)
def test_words_with_two_meanings_have_the_one_that_lark_gives_them(line: str) -> None:
    for text in (line, f"thread t {{ {line.strip()} }}", f"thread t {{\n{line}\n}}\n"):
        source = Source("words", text)
        tree, found = parse(source)
        plain = parse_plain(source)
        assert plain is not None or found != ()
        if plain is not None:
            assert (dump(plain[0]), plain[1]) == (dump(tree), found)


def test_tables_that_are_kept_are_those_of_the_grammar(folder: Path) -> None:
    first = tables()
    assert first == made()
    forget()
    assert tables() == first


@pytest.mark.parametrize("data", [b"no marshal", marshal.dumps((1, 2)), marshal.dumps(3)])
def test_tables_that_are_damaged_are_made_again(folder: Path, data: bytes) -> None:
    first = tables()
    (kept,) = folder.glob("tables-*")
    cache.write(kept.name, data)
    forget()
    assert tables() == first
