"""What is said of a name: its declaration, the comment in front of it, where it is from."""

from __future__ import annotations

from mmscn.check.modules import Unit
from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.lsp.symbols import Symbol
from mmscn.plain_text import counted
from mmscn.source import Source, Span
from mmscn.syntax import tree as t

HEAD_LINES_MAX, HEAD_CHARS_MAX = 4, 400


def fenced(text: str) -> str:
    """As a block of code in Markdown, whatever is in it."""
    marks = "```"
    while marks in text:
        marks += "`"
    return f"{marks}mmscn\n{text}\n{marks}"


def of_symbol(symbol: Symbol, unit: Unit | None) -> str:
    """In Markdown."""
    said = [fenced(head(symbol))]
    note = comment_above(symbol.whole)
    if note:
        said.append(note)
    if unit is not None:
        said += more(symbol, unit)
    if symbol.seen is None and symbol.kind != "module":
        said.append(f"*{symbol.kind}, {symbol.span.source.name}:{symbol.span.line}*")
    return "\n\n".join(said)


def more(symbol: Symbol, unit: Unit) -> list[str]:
    """What else there is of a name: variants, and sources that are named."""
    found = []
    if symbol.kind == "procedure":
        variants = unit.procs.get(symbol.name, [])
        if len(variants) > 1:
            places = ", ".join(f"{p.span.source.name}:{p.span.line}" for p in variants)
            found.append(f"{counted(len(variants), 'variant')}: {places}")
        for p in variants:
            if p.span == symbol.whole:
                notes = [s.text for s in p.body.statements if isinstance(s, t.SourceNote)]
                found += [f"Source: {note}" for note in notes]
    return found


def head(symbol: Symbol) -> str:
    """The declaration up to the block that it has, in one or a few lines."""
    text = symbol.whole.text
    if symbol.kind in ("procedure", "hook", "agent", "step", "thread", "property", "mm", "file"):
        text = text.partition("{")[0]
    lines = [line.strip() for line in text.strip().splitlines()[:HEAD_LINES_MAX]]
    return "\n".join(lines)[:HEAD_CHARS_MAX] or symbol.name


def comment_above(span: Span) -> str:
    """The lines of comment directly in front of a declaration, or the one behind it."""
    source = span.source
    number = span.line
    found: list[str] = []
    for n in range(number - 1, 0, -1):
        line = source.line(n).strip()
        if not line.startswith("//"):
            break
        found.insert(0, line[2:].strip())
    if not found:
        _, mark, behind = source.line(number).partition("//")
        found = [behind.strip()] if mark else []
    return "\n".join(found)


def of_word(source: Source, at: int) -> tuple[Span, str] | None:
    """What the vocabulary says of the word at a place, None where it is none of its words."""
    span = word_at(source, at)
    if span is None or span.text not in VOCABULARY:
        return None
    about = VOCABULARY[span.text]
    return span, f"{fenced(span.text)}\n\n{about.meaning}\n\n*{about.category}*"


def word_at(source: Source, at: int) -> Span | None:
    """The name or word that a place is in, or behind."""
    text = source.text
    start = end = at
    while start > 0 and is_part(text[start - 1]):
        start -= 1
    while end < len(text) and is_part(text[end]):
        end += 1
    return Span(source, start, end) if start < end else None


def is_part(c: str) -> bool:
    return c == "_" or (c.isascii() and c.isalnum())
