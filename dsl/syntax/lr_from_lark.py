"""What lark makes of the grammar, as plain tables.

Source: lark 1.3, parsers/lalr_analysis.py, parse_tree_builder.py and lexer.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any

from mmscn.syntax.lr_tables import Child, Reduction, Tables

if TYPE_CHECKING:
    from lark import Lark
    from lark.grammar import Rule
    from lark.lexer import TerminalDef


def tables_of(parser: Lark) -> Tables:
    """What lark has made of a grammar; the same in each process."""
    names, words = words_among(parser.terminals)
    kinds = sorted((t for t in parser.terminals if t.name not in words.values()), key=first)
    urgent = [t for t in kinds if t.priority > names.priority]
    states, end = states_of(parser)
    return Tables(
        states=states,
        rules=[tuple(reduction(rule)) for rule in parser.rules],
        end=end,
        words=dict(sorted(words.items())),
        everything=pattern(kinds),
        urgent=[(t.name, t.pattern.to_regexp()) for t in urgent],
        common=pattern([t for t in kinds if t not in urgent]),
        ignored=list(parser.lexer_conf.ignore),
    )


def states_of(parser: Lark) -> tuple[list[dict[str, int]], int]:
    """The states, and which is the last. Lark's numbers differ from process to process; here they
    are as one comes to them from the first, by symbols in order.
    """
    from lark.parsers.lalr_analysis import Shift

    table: Any = parser.parser.parser._parse_table
    rules: dict[Rule, int] = {rule: n for n, rule in enumerate(parser.rules)}
    order = [table.start_states["start"]]
    numbers = {order[0]: 0}
    states: list[dict[str, int]] = []
    for state in order:
        row: dict[str, int] = {}
        for symbol, (action, to) in sorted(table.states[state].items()):
            if action is not Shift:
                row[str(symbol)] = ~rules[to]
                continue
            if to not in numbers:
                numbers[to] = len(order)
                order.append(to)
            row[str(symbol)] = numbers[to]
        states.append(row)
    return states, numbers[table.end_states["start"]]


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
