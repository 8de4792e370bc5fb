"""Parses a text that has nothing wrong, by lark's tables and without lark.

An LALR(1) parser with a lexer that knows what the parser's state accepts, as lark's contextual
lexer does. It gives up where lark might see something else, and where anything is wrong; then
lark is asked (`parse`), and says what.

Source: lark 1.3, parsers/lalr_parser_state.py, ParserState.feed_token; lexer.py, ContextualLexer,
BasicLexer.next_token, _create_unless; parse_tree_builder.py, PropagatePositions, ChildFilterLALR.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mmscn.diagnostics import Diagnostic
from mmscn.source import TEXT_CHARS_MAX, Source
from mmscn.syntax.empty_lines import empty_region
from mmscn.syntax.lr_tables import Reduction, Tables, tables
from mmscn.syntax.newlines import StatementEnds, TooDeep, Word, WordsJoined
from mmscn.syntax.tree import Text
from mmscn.syntax.tree_builder import TreeBuilder

NAME = "NAME"
LINE_END = "_NL"
"""What the lexer finds in every state: StatementEnds asks for it."""


def parse_plain(source: Source) -> tuple[Text, tuple[Diagnostic, ...]] | None:
    """The tree of a text, and what is wrong with words in it; None where lark is to be asked."""
    if len(source.text) > TEXT_CHARS_MAX or empty_region(source.text) is not None:
        return None
    builder = TreeBuilder(source)
    try:
        text = Parser(driver(), builder).parse(source.text)
    except (GivesUp, TooDeep, WordsJoined):
        return None
    assert isinstance(text, Text)
    return text, tuple(builder.found)


class GivesUp(Exception):
    """The text is not one that lark would surely see as it is seen here."""


class Extent(NamedTuple):
    """Where a node stands, as lark says it."""

    start_pos: int
    end_pos: int

    @property
    def empty(self) -> bool:
        return self.start_pos < 0


NOWHERE = Extent(-1, -1)
"""Of a node with no token in it."""


class Driver(NamedTuple):
    """Tables, ready to be used."""

    tables: Tables
    rules: list[Reduction]
    everything: re.Pattern[str]
    ignored: frozenset[str]
    urgent: frozenset[str]


@functools.cache
def driver() -> Driver:
    found = tables()
    return Driver(
        tables=found,
        rules=[Reduction(*rule) for rule in found.rules],
        everything=re.compile(found.everything),
        ignored=frozenset(found.ignored),
        urgent=frozenset(name for name, _ in found.urgent),
    )


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that is asked for rarely."""
    return re.compile(pattern)


class Parser:
    """One text's. states: those that the parser is in; values, extents: of each but the first.

    An extent takes in the brackets around what stands for itself; `tokens` are those among values.
    """

    def __init__(self, use: Driver, builder: TreeBuilder) -> None:
        self.use = use
        self.builder = builder
        self.states = [0]
        self.values: list[Any] = []
        self.extents: list[Extent] = []

    def parse(self, text: str) -> object:
        """What the builder makes of a text. Raises GivesUp, TooDeep and WordsJoined."""
        table, states = self.use.tables.states, self.states
        for token in StatementEnds().process(self.words(text)):
            to = table[states[-1]].get(token.type)
            while to is not None and to < 0:
                self.reduce(self.use.rules[~to])
                to = table[states[-1]].get(token.type)
            if to is None:
                raise GivesUp
            states.append(to)
            self.values.append(token)
            self.extents.append(Extent(token.start_pos, token.end_pos))
        while states[-1] != self.use.tables.end:
            to = table[states[-1]].get("$END")
            if to is None or to >= 0:
                raise GivesUp
            self.reduce(self.use.rules[~to])
        return self.values[-1]

    # ---- the words ------------------------------------------------------------

    def words(self, text: str) -> Iterator[Word]:
        """The tokens of a text, each as the parser's state asks for it when it is its turn."""
        use, states, table = self.use, self.states, self.use.tables.states
        match, ignored, keywords = use.everything.match, use.ignored, use.tables.words
        at, end = 0, len(text)
        while at < end:
            found = match(text, at)
            if found is None or found.lastgroup is None:
                raise GivesUp
            kind = found.lastgroup
            if kind in ignored:
                at = found.end()
                continue
            accepted = table[states[-1]]
            if kind in use.urgent and kind not in accepted and kind != LINE_END:
                found = self.otherwise(text, at, accepted)
                kind = found.lastgroup or ""
            if kind == NAME:
                word = keywords.get(found[0])
                kind = word if word in accepted else NAME
            if kind not in accepted and kind != LINE_END:
                raise GivesUp
            token = Word(found[0])
            token.type, token.start_pos, token.end_pos = kind, at, found.end()
            at = token.end_pos
            yield token

    def otherwise(self, text: str, at: int, accepted: dict[str, int]) -> re.Match[str]:
        """What stands somewhere if it is not the word that it is elsewhere."""
        for name, pattern in self.use.tables.urgent:
            if name in accepted and compiled(pattern).match(text, at):
                raise GivesUp  # two such words begin alike
        found = compiled(self.use.tables.common).match(text, at)
        if found is None:
            raise GivesUp
        return found

    # ---- the tree -------------------------------------------------------------

    def reduce(self, rule: Reduction) -> None:
        """Put what a rule makes in place of its symbols."""
        states, values, extents = self.states, self.values, self.extents
        first = len(values) - rule.size
        extent = around(extents, first)
        if rule.alone is not None:
            value = values[first + rule.alone]
            if type(value) is Word:
                extent = extents[first + rule.alone]
        else:
            value = self.children(rule, first)
            if rule.method is not None:
                value = getattr(self.builder, rule.method)(extent, value)
        if rule.size:
            del states[-rule.size :], values[first:], extents[first:]
        values.append(value)
        extents.append(extent)
        states.append(self.use.tables.states[states[-1]][rule.origin])

    def children(self, rule: Reduction, first: int) -> list[Any]:
        found: list[Any] = []
        for place, is_list, left_out in rule.children:
            if left_out:
                found += [None] * left_out
            value = self.values[first + place]
            if not is_list:
                found.append(value)
            elif found:
                found += value
            else:
                found = value  # a list that grows is not copied for each member
        if rule.left_out:
            found += [None] * rule.left_out
        return found


def around(extents: list[Extent], first: int) -> Extent:
    """From where the first of some begins to where the last ends; some may be nowhere."""
    begin = next((e.start_pos for e in extents[first:] if e.start_pos >= 0), -1)
    if begin < 0:
        return NOWHERE
    end = next(e.end_pos for e in reversed(extents[first:]) if e.start_pos >= 0)
    return Extent(begin, end)
