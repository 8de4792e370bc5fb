"""The grammar for tree-sitter, from grammar/mmscn.lark and grammar/vocabulary.py.

Each rule of the one is a rule of the other. What lark tells by looking ahead, and where a line
ends a statement, tree-sitter/src/scanner.c tells; both have the same names for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mmscn.grammar.vocabulary import CATEGORIES, words_of

LARK = Path(__file__).resolve().parents[1] / "grammar" / "mmscn.lark"

EXTERNAL = {
    "_NL": "_newline",
    "FIELD_COMMA": "_field_comma",
    "ACCESS": "access",
    "CALL_VALUE": "call_word",
    "LOAD": "load_word",
    "TRYLOCK": "trylock_word",
}
"""Lark's terminals that the scanner finds, in its order, and what they are called."""
TOKENS = {
    "NAME": ("identifier", "/[A-Za-z_][A-Za-z0-9_]*/"),
    "INT": ("integer", "/[0-9]+/"),
    "STRING": ("string", r'/"(\\.|[^"\\\n])*"/'),
}
"""Lark's terminals that are nodes: what they are called, and what they match."""
WRITTEN_OUT = {
    "LOCK_KIND": "choice('spinlock', 'mutex', 'rwsem', 'bitlock')",
    "ORDER": "choice('acquire', 'release')",
    "LOCK_MODE": "seq('for', choice('read', 'write'))",
    "WHEN_CHECKED": "choice('always', 'finally', 'eventually', "
    "seq('reachable', optional('finally')))",
    "LEADS_TO": "seq('leads', 'to')",
    "QUANTIFIER": "choice('all', 'any', 'count')",
}
"""Terminals of several words, or of one of several."""
SCANNED = {
    "access": "operation",
    "load_word": "operation",
    "trylock_word": "operation",
    "call_word": "statement",
}
"""Nodes of the scanner's that are words, and their categories."""
CAPTURES = {
    "header": "keyword.directive",
    "variation": "keyword.modifier",
    "declaration": "keyword",
    "type": "type.builtin",
    "composition": "keyword.function",
    "statement": "keyword.control",
    "operation": "function.builtin",
    "check": "keyword",
    "operator": "keyword.operator",
    "constant": "constant.builtin",
    "name": "variable.builtin",
}
"""Tree-sitter's names of the categories of words."""
PART = re.compile(r'\s*("(?:[^"\\]|\\.)*"|->|[A-Za-z_]\w*|[()\[\]|*+?])')


def lark_rules() -> tuple[dict[str, str], dict[str, str]]:
    """The bodies of lark's rules (`?` in front of those without a node) and of its terminals."""
    lines = [line for line in LARK.read_text("utf-8").split("\n") if not line.startswith("//")]
    rules: dict[str, str] = {}
    terminals: dict[str, str] = {}
    into, name = rules, ""
    for line in lines:
        begun = re.match(r"(\??[A-Za-z_]\w*)(?:\.\d+)?: ?(.*)$", line)
        if begun:
            name = begun[1]
            into = terminals if name.isupper() else rules
            into[name] = begun[2]
        elif line.strip() and not line.startswith("%"):
            into[name] += " " + line.strip()
    return rules, terminals


class Body:
    """Reads the body of a rule; what is called otherwise (`-> name`) becomes a rule of its own."""

    def __init__(self, rule: str, text: str, known: dict[str, str]) -> None:
        self.rule = rule.strip("?_")
        self.inlines = rule.startswith("?")
        self.parts = PART.findall(text)
        self.at = 0
        self.known = known
        self.own: dict[str, str] = {}

    def peek(self) -> str:
        return self.parts[self.at] if self.at < len(self.parts) else ""

    def take(self) -> str:
        self.at += 1
        return str(self.parts[self.at - 1])

    def choice(self) -> str:
        found = [self.sequence()]
        while self.peek() == "|":
            self.take()
            found.append(self.sequence())
        return found[0] if len(found) == 1 else f"choice({', '.join(found)})"

    def sequence(self) -> str:
        found = []
        while self.peek() not in ("", "|", ")", "]", "->"):
            found.append(self.repeated())
        text = found[0] if len(found) == 1 else f"seq({', '.join(found)})"
        if self.peek() != "->":
            return self.inlined(found) if self.inlines and len(found) == 2 else text
        self.take()
        return self.called(text, self.take())

    def inlined(self, found: list[str]) -> str:
        """`a [b]` and `a b*` of a rule that is a node only where there is a `b`."""
        first, rest = found
        more = re.fullmatch(r"optional\((.*)\)|repeat(\(.*\))", rest)
        if more is None:
            return f"seq({first}, {rest})"
        text = f"seq({first}, {more[1] or 'repeat1' + more[2]})"
        return f"choice({first}, {self.called(text, self.rule)})"

    def called(self, text: str, name: str) -> str:
        inner = f"_{self.rule}_{len(self.own) + 1}"
        self.own[inner] = text
        return f"alias($.{inner}, $.{name})"

    def repeated(self) -> str:
        text = self.atom()
        wraps = {"*": "repeat", "+": "repeat1", "?": "optional"}
        while self.peek() in wraps:
            text = f"{wraps[self.take()]}({text})"
        return text

    def atom(self) -> str:
        part = self.take()
        if part in ("(", "["):
            inner = self.choice()
            self.take()
            return f"optional({inner})" if part == "[" else inner
        if part.startswith('"'):
            return f"'{part[1:-1]}'"
        return self.known[part]


def javascript() -> str:
    """grammar.js."""
    rules, terminals = lark_rules()
    known = {name: f"$.{hidden(name)}" for name in rules}
    known |= {name.lstrip("?"): text for name, text in known.items()}
    known |= {name: f"$.{external(name)}" for name in EXTERNAL}
    known |= {name: f"$.{node}" for name, (node, _) in TOKENS.items()} | WRITTEN_OUT
    for name, text in terminals.items():
        words = re.fullmatch(r'"[^"]*"( \| "[^"]*")*', text)
        if name not in known and words:
            found = [f"'{word[1:-1]}'" for word in text.split(" | ")]
            known[name] = found[0] if len(found) == 1 else f"choice({', '.join(found)})"
    made: dict[str, str] = {}
    for name, text in rules.items():
        body = Body(name, text, known)
        made[hidden(name)] = body.choice()
        made |= body.own
    lines = [f"    {name}: $ => {right(name, text)}," for name, text in made.items()]
    lines += [f"    {node}: _ => {pattern}," for node, pattern in TOKENS.values()]
    lines += [r"    comment: _ => token(choice(/\/\/[^\n]*/, /\/\*[^*]*\*+([^\/*][^*]*\*+)*\//)),"]
    return "\n".join(
        [
            "// Written by editors/generate.py from grammar/mmscn.lark; not edited by hand.",
            "module.exports = grammar({",
            "  name: 'mmscn',",
            "  word: $ => $.identifier,",
            "  extras: $ => [/\\s/, $.comment],",
            f"  externals: $ => [{', '.join(f'$.{external(n)}' for n in EXTERNAL)}],",
            "  rules: {",
            *lines,
            "  },",
            "});",
            "",
        ]
    )


def hidden(name: str) -> str:
    """What a rule of lark's is called: those without a node begin with `_`."""
    plain = "source_file" if name == "start" else name.lstrip("?").rstrip("_")
    return f"_{plain.lstrip('_')}" if name[0] in "?_" else plain


def external(name: str) -> str:
    return EXTERNAL[name]


def right(name: str, text: str) -> str:
    """Where both could be, a token goes on with what is open, as in lark's tables."""
    return text if name == "source_file" else f"prec.right({text})"


def highlights() -> str:
    """queries/highlights.scm: each word of the vocabulary that is one of the grammar's."""
    known = {*words_in(javascript())}
    lines = ["; Written by editors/generate.py from grammar/vocabulary.py; not edited by hand.", ""]
    lines += ["(comment) @comment", "(string) @string", "(integer) @number"]
    lines += [f"({node}) @{CAPTURES[category]}" for node, category in SCANNED.items()] + [""]
    for category in CATEGORIES:
        words = [word for word in words_of(category) if word in known]
        names = [word for word in words_of(category) if word not in {*known, "load", "trylock"}]
        if words:
            lines.append(f"[{' '.join(quoted(word) for word in words)}] @{CAPTURES[category]}")
        if names:
            lines.append("((identifier) @" + CAPTURES[category])
            lines.append(f' (#any-of? @{CAPTURES[category]} {" ".join(map(quoted, names))}))')
    for rule in ("proc", "hook", "on_hook", "call", "agent", "step"):
        lines.append(f"({rule} . (identifier) @function)")
    for rule in ("scenario", "thread", "struct", "enum", "property", "profile"):
        lines.append(f"({rule} . (identifier) @type)")
    lines.append("(called (call_word) . (identifier) @function)")
    lines += ["(module (dotted (identifier) @type))", "(label (identifier) @label)"]
    return "\n".join(lines) + "\n"


def words_in(text: str) -> Iterator[str]:
    """The words that a grammar has as tokens; those of the scanner, too."""
    yield from re.findall(r"'([A-Za-z]+)'", text)


def quoted(word: str) -> str:
    return f'"{word}"'

