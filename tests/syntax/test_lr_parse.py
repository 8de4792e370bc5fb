"""Parsing without lark sees what lark sees, and gives up on nothing that is fine."""

from __future__ import annotations

import marshal
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.house import ROOT

from mmscn import cache
from mmscn.source import Source
from mmscn.syntax.code_builder import PASSED_ON
from mmscn.syntax.lr_parse import Extent, driver, is_passed_on, parse_plain
from mmscn.syntax.lr_tables import made, tables
from mmscn.syntax.parse import parse, parser
from mmscn.syntax.tree_builder import TreeBuilder
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


def test_a_rule_that_is_passed_on_makes_of_its_only_child_what_that_is() -> None:
    builder = TreeBuilder(Source("text", "x"))
    where = Extent(0, 1)
    child = builder.name(where, ["x"])
    rules = {rule.method: rule for rule in driver().rules if is_passed_on(rule) and rule.method}
    made = {
        name: getattr(builder, name)(where, [child, *[None] * rule.left_out])
        for name, rule in rules.items()
        if rule.alone is None
    }
    assert made == dict.fromkeys(PASSED_ON, child)


def test_blanks_are_passed_over_and_begin_no_token() -> None:
    everything = re.compile(tables().everything)
    for blank in " \t":
        found = everything.match(blank)
        assert found is not None
        assert found.lastgroup in driver().ignored


@pytest.mark.parametrize(
    "text", ["", " ", "\t", "\n ", "var x: bool ", "var x: bool\n\t", "// x\n "]
)
def test_blanks_may_stand_at_the_end(text: str) -> None:
    source = Source("text", text)
    plain = parse_plain(source)
    assert plain is not None
    assert dump(plain[0]) == dump(parse(source)[0])


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
