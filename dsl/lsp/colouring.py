"""Semantic tokens: words by the vocabulary, names by what they stand for."""

from __future__ import annotations

from collections.abc import Iterator

from pygments.token import Comment, Keyword, Name, Number, Operator, String

from mmscn.lsp.places import position, units
from mmscn.lsp.symbols import Index, Kind
from mmscn.show.lexer import MmscnLexer
from mmscn.source import Source

TYPES = (
    "keyword", "comment", "string", "number", "namespace", "type", "struct", "enumMember",
    "parameter", "variable", "property", "function", "event", "class", "label", "operator",
)  # fmt: skip
MODIFIERS = ("declaration",)
OF_KIND: dict[Kind, str] = {
    "scenario": "namespace",
    "module": "namespace",
    "param": "parameter",
    "knob": "parameter",
    "word": "enumMember",
    "constant": "enumMember",
    "profile": "class",
    "enum": "type",
    "struct": "struct",
    "member": "property",
    "variable": "variable",
    "lock": "variable",
    "attribute": "property",
    "procedure": "function",
    "hook": "event",
    "agent": "class",
    "step": "function",
    "thread": "class",
    "property": "class",
    "mark": "label",
    "label": "label",
    "file": "variable",
    "mm": "namespace",
    "mapping": "variable",
    "local": "variable",
    "argument": "parameter",
}
OF_TOKEN = (
    (Comment, "comment"),
    (String, "string"),
    (Number, "number"),
    (Operator.Word, "operator"),
    (Keyword, "keyword"),
    (Name.Builtin, "keyword"),
)


def tokens(source: Source, index: Index) -> list[int]:
    """The protocol's five numbers for each word that has a colour."""
    named = {
        use.span.start: (OF_KIND[use.symbol.kind], use.span == use.symbol.span)
        for use in index.uses
        if use.span.source.text == source.text and use.span.source.name == source.name
    }
    found: list[int] = []
    line = column = 0
    for start, text, kind, declared in words(source, named):
        at = position(source, start)
        same = at.line == line
        found += [at.line - line, at.character - column if same else at.character]
        found += [units(text), TYPES.index(kind), 1 if declared else 0]
        line, column = at.line, at.character
    return found


def words(
    source: Source, named: dict[int, tuple[str, bool]]
) -> Iterator[tuple[int, str, str, bool]]:
    """Start, text, kind and whether it is a declaration; what spans lines comes line by line."""
    for start, token, text in MmscnLexer(stripnl=False, ensurenl=False).get_tokens_unprocessed(
        source.text
    ):
        if start in named:
            yield start, text, *named[start]
            continue
        kind = next((kind for above, kind in OF_TOKEN if token[: len(above)] == above), None)
        if kind is None:
            continue
        at = start
        for part in text.split("\n"):
            if part.strip():
                yield at, part, kind, False
            at += len(part) + 1
