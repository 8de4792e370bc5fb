"""The tables about the syntax say what the grammar says: a keyword that one forgets fails here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import get_args

import pytest
from lark.grammar import Symbol, Terminal

from mmscn.grammar import grammar_text
from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.syntax import format_words
from mmscn.syntax import tree as t
from mmscn.syntax.code_builder import CodeBuilder
from mmscn.syntax.expected import NAMES
from mmscn.syntax.newlines import BRANCHES, CLOSERS, CONTINUES, ENDERS, OPENERS, OPERATORS
from mmscn.syntax.parse import parser
from mmscn.syntax.tree_builder import TreeBuilder

RULES = [(rule.origin, tuple(rule.expansion)) for rule in parser().rules]
LABEL = "COLON"
"""A label ends with a colon, and so does nothing else; newlines.py counts its words instead."""


def ends(parts: Callable[[tuple[Symbol, ...]], Iterable[Symbol]]) -> dict[Symbol, set[str]]:
    """For each symbol the terminals at one end of it; `parts`: what may stand there in a rule."""
    found: dict[Symbol, set[str]] = {}
    before = None
    while before != found:
        before = {symbol: set(those) for symbol, those in found.items()}
        for origin, expansion in RULES:
            for symbol in parts(expansion):
                found.setdefault(origin, set()).update(found.get(symbol, set()) | terminal(symbol))
    return found


def terminal(symbol: Symbol) -> set[str]:
    return {symbol.name} if isinstance(symbol, Terminal) else set()


EMPTY = {origin for origin, expansion in RULES if not expansion}


def from_the_left(expansion: tuple[Symbol, ...]) -> Iterable[Symbol]:
    for symbol in expansion:
        yield symbol
        if symbol not in EMPTY:
            return


def from_the_right(expansion: tuple[Symbol, ...]) -> Iterable[Symbol]:
    return from_the_left(expansion[::-1])


FIRST = ends(from_the_left)
LAST = ends(from_the_right)


def around_line_ends() -> tuple[set[str], set[str]]:
    """The terminals that may stand before and behind a line end that ends a statement."""
    before: set[str] = set()
    behind: set[str] = set()
    for _, expansion in RULES:
        for one, other in pairwise(expansion):
            if "_NL" in FIRST.get(other, terminal(other)):
                before |= LAST.get(one, terminal(one))
            if "_NL" in LAST.get(one, terminal(one)):
                behind |= FIRST.get(other, terminal(other))
    return before - {"_NL"}, behind - {"_NL"}


BEFORE, BEHIND = around_line_ends()


def test_a_line_end_counts_behind_every_word_that_a_statement_may_end_with() -> None:
    assert BEFORE - {"LBRACE", LABEL} == ENDERS


def test_no_statement_begins_with_what_goes_on_from_the_line_before() -> None:
    words = re.findall("[a-z]+", CONTINUES.pattern.replace(r"\t", "").partition(")")[0])
    assert set(words) < set(VOCABULARY)
    assert {w.upper() for w in words} & BEHIND == set()
    assert {"VBAR", "RPAR", "RSQB", "STRING", "LBRACE"} & BEHIND == set()


def test_the_grammar_and_the_table_go_on_with_the_same_words() -> None:
    (in_grammar,) = re.findall(r"\*\+\((.*)\)\)/", grammar_text())
    assert in_grammar == CONTINUES.pattern


@pytest.mark.parametrize(
    "table",
    [
        ENDERS,
        CLOSERS,
        OPENERS,
        OPERATORS,
        BRANCHES,
        NAMES.keys() - {"$END"},
        format_words.CLAUSES,
        format_words.LEADING,
        format_words.TRAILING,
        format_words.OPERANDS,
        format_words.SETTINGS,
        format_words.REGIONS,
    ],
)
def test_a_table_names_terminals_of_the_grammar(table: Iterable[str]) -> None:
    assert set(table) - {terminal.name for terminal in parser().terminals} == set()


def test_what_the_builder_has_is_what_the_grammar_has() -> None:
    made = {rule.alias or rule.origin.name for rule in parser().rules}
    made = {name for name in made if not name.startswith("_")}
    inlined = {rule.origin.name for rule in parser().rules if rule.options.expand1}
    helpers = {"span", "whole", "fields", "binary", "element", "transform"}
    ours = {*vars(TreeBuilder), *vars(CodeBuilder)}
    methods = {name for name in ours if not name.startswith("_")} - helpers
    assert made - methods <= inlined
    assert methods <= made


def test_every_node_of_the_tree_is_of_one_kind() -> None:
    kinds = {t.ExprNode: t.Expr, t.StmtNode: t.Stmt, t.ItemNode: t.Item}
    for base, union in kinds.items():
        concrete = {
            kind
            for kind in vars(t).values()
            if isinstance(kind, type) and issubclass(kind, base) and kind is not base
        }
        assert concrete == set(get_args(union)), base
