"""Lark's tables of the grammar as plain data, kept between runs, for parsing without lark.

Loading lark, making its objects and compiling a pattern for each of its states takes as long as
all else that is done for a small text. `lr_parse` needs none of that.
"""

from __future__ import annotations

import functools
import marshal
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from mmscn import cache

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef

Child = tuple[int, bool, int]
"""One that a node gets: its place in the rule, whether it is a list whose members are meant, and
how many things that are left out stand in front of it."""


class Reduction(NamedTuple):
    """What is done where a rule is complete.

    origin: what it is a rule of. size: its symbols. method: the builder's; None where the children
    go to the node above. children, left_out: what the node gets, and how many things that are
    left out stand behind that. alone: the child that stands for itself, None where a node is made.
    """

    origin: str
    size: int
    method: str | None
    children: tuple[Child, ...]
    left_out: int
    alone: int | None


class Tables(NamedTuple):
    """states: of each, where a symbol leads: to a state, or, as ~n, to the end of rule n.

    words: the kinds of those that are names by their form. everything: a pattern of all kinds, the
    first that matches is meant. urgent: those that come before what they would be otherwise,
    where they are accepted, each by itself; common: all others. ignored: what is passed over.
    """

    states: list[dict[str, int]]
    rules: list[tuple[Any, ...]]
    start: int
    end: int
    words: dict[str, str]
    everything: str
    urgent: list[tuple[str, str]]
    common: str
    ignored: list[str]


@functools.cache
def tables() -> Tables:
    """Those of the grammar; made by lark where they are not known."""
    name = f"tables-{cache.key(cache.made_by())}"
    data = cache.read(name)
    if data is not None:
        try:
            return Tables(*marshal.loads(data))
        except (ValueError, EOFError, TypeError):
            pass
    from mmscn.syntax.parse import parser

    found = tables_of(parser())
    cache.write(name, marshal.dumps(tuple(found)))
    return found


def tables_of(parser: Lark) -> Tables:
    """What lark has made of a grammar."""
    from lark.parsers.lalr_analysis import Shift

    known: dict[Rule, int] = {rule: n for n, rule in enumerate(parser.rules)}
    table: Any = parser.parser.parser._parse_table
    states: list[dict[str, int]] = [{} for _ in table.states]
    for state, row in table.states.items():
        for symbol, (action, to) in row.items():
            states[state][str(symbol)] = to if action is Shift else ~known[to]
    names, words = words_among(parser.terminals)
    kinds = sorted((t for t in parser.terminals if t.name not in words.values()), key=first)
    urgent = [t for t in kinds if t.priority > names.priority]
    return Tables(
        states=states,
        rules=[tuple(reduction(rule)) for rule in parser.rules],
        start=table.start_states["start"],
        end=table.end_states["start"],
        words=words,
        everything=pattern(kinds),
        urgent=[(t.name, t.pattern.to_regexp()) for t in urgent],
        common=pattern([t for t in kinds if t not in urgent]),
        ignored=list(parser.lexer_conf.ignore),
    )


def first(t: TerminalDef) -> tuple[int, int, int, str]:
    """Lark's order: what comes first is meant where several match."""
    return -t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name


def pattern(kinds: list[TerminalDef]) -> str:
    return "|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in kinds)


def words_among(terminals: Collection[TerminalDef]) -> tuple[TerminalDef, dict[str, str]]:
    """The terminal of names, and the kinds of words that would be names."""
    (names,) = (t for t in terminals if t.name == "NAME")
    form = re.compile(names.pattern.to_regexp())
    plain = [t for t in terminals if t.pattern.type == "str" and t.priority == names.priority]
    return names, {t.pattern.value: t.name for t in plain if form.fullmatch(t.pattern.value)}


def reduction(rule: Rule) -> Reduction:
    """What lark's tree has for a rule, as `lark.parse_tree_builder` shapes it."""
    size = len(rule.expansion)
    origin = str(rule.origin.name)
    *children, behind = children_of(rule)
    kept = [child for child in children if child is not None]
    assert behind is not None
    alone = None
    if rule.options.expand1 and not rule.alias and len(kept) == 1 and not behind[2]:
        place, is_list, left_out = kept[0]
        assert not is_list
        alone = None if left_out else place
    method = None if origin.startswith("_") else str(rule.alias or origin)
    return Reduction(origin, size, method, tuple(kept), behind[2], alone)


def children_of(rule: Rule) -> Iterator[Child | None]:
    """Of each symbol the child that it makes, None for a sign; and one behind them all."""
    empty = rule.options.empty_indices or [False] * len(rule.expansion)
    gaps = [len(ones) for ones in "".join(str(int(e)) for e in empty).split("0")]
    left_out = 0
    for n, symbol in enumerate(rule.expansion):
        left_out += gaps[n]
        if not rule.options.keep_all_tokens and getattr(symbol, "filter_out", False):
            yield None
        else:
            yield n, not symbol.is_term and symbol.name.startswith("_"), left_out
            left_out = 0
    yield len(rule.expansion), False, left_out + gaps[-1]
