"""The Pygments lexers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pygments.token import Comment, Error, Generic, Keyword, Name, String

from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.judge.shipped import shipped
from mmscn.show.lexer import MmscnLexer, MmscnTraceLexer

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize("text", [s.file.read_text("utf-8") for s in shipped()], ids=lambda t: None)
def test_every_character_of_a_shipped_text_is_known(text: str) -> None:
    tokens = list(MmscnLexer(stripnl=False, ensurenl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    assert not [value for kind, value in tokens if kind is Error]


@pytest.mark.parametrize("word", VOCABULARY)
def test_every_word_of_the_language_has_a_kind(word: str) -> None:
    ((kind, value), *_) = MmscnLexer().get_tokens(f"{word} ")
    assert value == word
    assert kind is not Name


def test_kinds_of_tokens() -> None:
    kinds = dict((v, k) for k, v in MmscnLexer().get_tokens('call f("a") // b\nproc g() { x = 1 }'))
    assert kinds["call"] in Keyword
    assert kinds["f"] in Name.Function
    assert kinds['"a"'] in String
    assert kinds["// b"] in Comment
    assert kinds["g"] in Name.Function
    assert kinds["x"] in Name


@pytest.mark.parametrize(
    "path", sorted(GOLDEN.joinpath("cli").glob("*.txt")), ids=lambda p: p.stem
)
def test_a_trace_is_coloured_and_not_changed(path: Path) -> None:
    text = path.read_text("utf-8")
    tokens = list(MmscnTraceLexer(stripnl=False, ensurenl=False).get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    for kind, value in tokens:
        if value == "VIOLATED":
            assert kind in Generic.Error


def test_importing_the_lexers_loads_neither_lark_nor_attrs() -> None:
    code = (
        "import sys, mmscn.show.lexer; print(sorted({'lark', 'attr', 'attrs'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
