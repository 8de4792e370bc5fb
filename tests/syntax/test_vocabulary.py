"""The vocabulary table against the grammar."""

from __future__ import annotations

import re

from mmscn.grammar.vocabulary import CATEGORIES, VOCABULARY
from mmscn.syntax.parse import parser

OUTSIDE = {"this_cpu", "this_mm", "current", "anon"}
"""Names that the grammar leaves to the check."""


def keywords() -> set[str]:
    """The words in the patterns of the grammar's terminals."""
    found: set[str] = set()
    for terminal in parser().terminals:
        pattern = terminal.pattern.value
        if terminal.name in ("NAME", "INT", "STRING", "COMMENT", "SPACE", "_NL", "JOIN"):
            continue
        plain = re.sub(r"\[[^]]*\]|\\[a-z]", "", pattern)  # without [ \t], \b
        found |= set(re.findall(r"[A-Za-z]+", plain))
    return found


def test_the_words_of_the_grammar_are_in_the_vocabulary() -> None:
    assert keywords() == set(VOCABULARY) - OUTSIDE


def test_every_word_has_a_category_and_a_meaning_of_one_line() -> None:
    for word, about in VOCABULARY.items():
        assert about.category in CATEGORIES, word
        assert about.meaning, word
        assert not about.meaning.endswith("."), word
        assert len(about.meaning) < 80, word
