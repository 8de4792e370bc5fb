"""Parses a text that has nothing wrong, by lark's tables and without lark.

An LALR(1) parser with a lexer that knows what the parser's state accepts, as lark's contextual
lexer does. It gives up where lark might see something else, and where anything is wrong; then
lark is asked (`parse`), and says what.

Source: lark 1.3, parsers/lalr_parser_state.py, ParserState.feed_token; lexer.py, ContextualLexer,
BasicLexer.next_token, _create_unless; parse_tree_builder.py, PropagatePositions, ChildFilterLALR.
"""

import functools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mmscn.diagnostics import Diagnostic
from mmscn.source import TEXT_CHARS_MAX, Source
from mmscn.syntax.code_builder import PASSED_ON
from mmscn.syntax.empty_lines import empty_region
from mmscn.syntax.lr_tables import Reduction, Tables, tables
from mmscn.syntax.newlines import StatementEnds, TooDeep, Word, WordsJoined
from mmscn.syntax.tree import Text
from mmscn.syntax.tree_builder import TreeBuilder

NAME = "NAME"
BLANKS = "[ \t]*"
"""What is passed over in front of a token; where nothing follows, it is a token that is ignored."""
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


NOWHERE = (-1, -1)
"""Of a node with no token in it."""


class Driver(NamedTuple):
    """Tables, ready to be used. chains: what `chained` said so far."""

    tables: Tables
    rules: list[Reduction]
    everything: re.Pattern[str]
    ignored: frozenset[str]
    urgent: frozenset[str]
    chains: dict[tuple[int, int, str], int]

    def chained(self, below: int, state: int, kind: str) -> int:
        """The state that one comes to by all rules in a row that leave the only value as it is.

        kind: of the token that stands next. Half of all rules are such: a name is an operand, which
        is a sum, which is a comparison.
        """
        states = self.tables.states
        to = states[state].get(kind, 0)
        while to < 0 and is_passed_on(self.rules[~to]):
            state = states[below][self.rules[~to].origin]
            to = states[state].get(kind, 0)
        return state


def is_passed_on(rule: Reduction) -> bool:
    """Whether a rule has one symbol, and what it makes is that symbol's value."""
    return rule.size == 1 and (
        rule.alone is not None or (rule.method in PASSED_ON and rule.children == ((0, False, 0),))
    )


@functools.cache
def driver() -> Driver:
    found = tables()
    return Driver(
        tables=found,
        rules=[Reduction(*rule) for rule in found.rules],
        everything=re.compile(f"{BLANKS}(?:{found.everything})"),
        ignored=frozenset(found.ignored),
        urgent=frozenset(name for name, _ in found.urgent),
        chains={},
    )


@functools.cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that is asked for rarely."""
    return re.compile(pattern)


class Parser:
    """One text's.

    states: those that the parser is in, the first twice. values, starts, ends: of each behind it;
    where a value starts and ends takes in the brackets around what stands for itself, and it starts
    at -1 where no token is in it.
    """

    def __init__(self, use: Driver, builder: TreeBuilder) -> None:
        self.use = use
        self.builder = builder
        self.states = [0, 0]
        self.values: list[Any] = []
        self.starts: list[int] = []
        self.ends: list[int] = []

    def parse(self, text: str) -> object:
        """What the builder makes of a text. Raises GivesUp, TooDeep and WordsJoined."""
        states, values, starts, ends = self.states, self.values, self.starts, self.ends
        table, rules, chains = self.use.tables.states, self.use.rules, self.use.chains
        for token in StatementEnds().process(self.words(text)):
            kind = token.type
            while True:
                state = states[-1]
                to = table[state].get(kind)
                if to is None:
                    raise GivesUp
                if to >= 0:
                    break
                chain = states[-2], state, kind
                behind = chains.get(chain)
                if behind is None:
                    behind = chains[chain] = self.use.chained(*chain)
                if behind != state:
                    states[-1] = behind
                else:
                    self.reduce(rules[~to])
            states.append(to)
            values.append(token)
            starts.append(token.start_pos)
            ends.append(token.end_pos)
        while states[-1] != self.use.tables.end:
            to = table[states[-1]].get("$END", 0)
            if to >= 0:
                raise GivesUp
            self.reduce(rules[~to])
        return values[-1]

    # ---- the words ------------------------------------------------------------

    def words(self, text: str) -> Iterator[Word]:
        """The tokens of a text, each as the parser's state asks for it when it is its turn."""
        use, states, table = self.use, self.states, self.use.tables.states
        match, ignored, urgent = use.everything.match, use.ignored, use.urgent
        keywords = use.tables.words
        at, behind = 0, len(text)
        while at < behind:
            found = match(text, at)
            if found is None or found.lastgroup is None:
                raise GivesUp
            kind = found.lastgroup
            if kind in ignored:
                at = found.end()
                continue
            start, at = found.span(kind)
            accepted = table[states[-1]]
            if kind in urgent and kind not in accepted and kind != LINE_END:
                found = self.otherwise(text, start, accepted)
                kind, at = found.lastgroup or "", found.end()
            said = found[kind]
            if kind == NAME:
                keyword = keywords.get(said)
                kind = keyword if keyword in accepted else NAME
            word = Word(said)
            word.type, word.start_pos, word.end_pos = kind, start, at
            yield word

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
        origin, size, method, _, _, alone = rule
        states, values, starts, ends = self.states, self.values, self.starts, self.ends
        first = len(values) - size
        if size and starts[first] >= 0 and starts[-1] >= 0:
            start, end = starts[first], ends[-1]
        else:
            start, end = self.around(first)
        if alone is not None:
            value = values[first + alone]
            if type(value) is Word:
                start, end = starts[first + alone], ends[first + alone]
        else:
            value = self.children(rule, first)
            if method is not None:
                value = getattr(self.builder, method)(Extent(start, end), value)
        if size:
            del states[-size:], values[first:], starts[first:], ends[first:]
        values.append(value)
        starts.append(start)
        ends.append(end)
        states.append(self.use.tables.states[states[-1]][origin])

    def around(self, first: int) -> tuple[int, int]:
        """From where the first of some begins to where the last ends; some may be nowhere."""
        starts = self.starts
        at, behind = first, len(starts)
        while at < behind and starts[at] < 0:
            at += 1
        if at == behind:
            return NOWHERE
        while starts[behind - 1] < 0:
            behind -= 1
        return starts[at], self.ends[behind - 1]

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
