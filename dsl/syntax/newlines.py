"""Which line ends end a statement: a rule on the token before, as in Go.

A line ends a statement when its last token could be the last of one and no
parenthesis or bracket is open; the name of what is asked, `finally "name"`, is
not. (The other half of the rule, a next line that begins with `else` or `or`,
is in the grammar's _NL.) Nesting and the length of a statement are bounded
here, before anything recurses over them; and words are told apart, which the
lexer by itself reads out of longer ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from mmscn.budget import poll

if TYPE_CHECKING:
    from lark.lexer import Token

NESTING_MAX = 60
STATEMENT_TOKENS_MAX = 400
OPERATORS_MAX = 120

ENDERS = frozenset(
    [
        "NAME",
        "INT",
        "STRING",
        "RPAR",
        "RSQB",
        "RBRACE",
        "TRUE",
        "FALSE",
        "NONE",
        "FRESH",
        "CPU",
        "FRAME",
        "RETURN",
        "BREAK",
        "CONTINUE",
        "EXIT",
        "BUG",
        "HOLDS",
        "VACUOUS",
        "OTHERWISE",
        "ALL",
        "OTHERS",
        "LOCK_MODE",
        "BOOL",
        "VERSION",
    ]
)
"""Kinds that the last word of a statement may have (tests/syntax/test_one_table.py)."""
CONTINUES = re.compile(r'(else|or|and|implies|then|when|otherwise|after|leads[ \t]+to)\b|[|)\]"{]')
"""A line that begins so goes on from the line before; grammar/mmscn.lark has it in _NL."""
OPENERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
OPERATORS = frozenset(["NOT", "QUANTIFIER", "IMPLIES", "THEN", "AND", "OR", "SIGN", "DOT"])
BRANCHES = frozenset({"ELSE", "OR"})
CLOSERS = frozenset(OPENERS.values())


class Word(str):
    """A token of one's own: its text, its kind, and where it stands."""

    __slots__ = ("end_pos", "start_pos", "type")
    type: str
    start_pos: int
    end_pos: int


T = TypeVar("T", "Token", Word)


class TooDeep(Exception):
    """Brackets nest deeper than NESTING_MAX, or a statement has too many tokens."""

    def __init__(self, token: Token | Word, what: str) -> None:
        super().__init__(what)
        self.token = token
        self.what = what


class WordsJoined(Exception):
    """Two words with nothing between them: `onn`, read as `on` and `n`; `0x1`."""

    def __init__(self, first: Token | Word, second: Token | Word) -> None:
        super().__init__(f"{first}{second}")
        self.first = first
        self.second = second


class StatementEnds:
    """Lark's post-lexer: drops the line ends that end nothing."""

    always_accept = ("_NL",)

    def process(self, stream: Iterator[T]) -> Iterator[T]:
        open_: list[str] = []
        branches = [0]  # `else` and `or` after a block, by open bracket: each nests in the tree
        before: str | None = None
        first: str | None = None  # of the statement
        length = operators = 0
        last: T | None = None
        for token in stream:
            kind = token.type
            if last is not None and last.end_pos == token.start_pos and joined(last, token):
                raise WordsJoined(last, token)
            last = token
            if kind == "_NL":
                poll()
                label = before == "COLON" and length == 2
                named = before == "STRING" and first == "WHEN_CHECKED" and length == 2
                ends = (before in ENDERS and not named) or label
                if ends and not (open_ and open_[-1] != "LBRACE"):
                    before, length, operators, branches[-1] = None, 0, 0, 0
                    yield token
                continue
            if kind in OPENERS:
                open_.append(kind)
                branches.append(0)
                if len(open_) > NESTING_MAX:
                    raise TooDeep(token, f"more than {NESTING_MAX} brackets are open here")
            elif kind in CLOSERS and open_:
                open_.pop()
                branches.pop()
            elif kind in BRANCHES and before == "RBRACE":
                branches[-1] += 1
                if len(open_) + sum(branches) > NESTING_MAX:
                    raise TooDeep(token, f"more than {NESTING_MAX} branches and blocks nest here")
            length = 0 if kind == "LBRACE" else length + 1
            first = kind if length == 1 else first
            operators = 0 if kind == "LBRACE" else operators + (kind in OPERATORS)
            if operators > OPERATORS_MAX:
                raise TooDeep(token, f"this statement has more than {OPERATORS_MAX} operators")
            if length > STATEMENT_TOKENS_MAX:
                raise TooDeep(token, f"this statement has more than {STATEMENT_TOKENS_MAX} words")
            before = kind
            yield token


def joined(first: str, second: str) -> bool:
    """Whether two tokens would be one word to a reader."""
    return (first[-1].isalnum() or first[-1] == "_") and (second[0].isalnum() or second[0] == "_")
