"""Between offsets of a text and the protocol's positions, which count UTF-16 units."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types as lsp

from mmscn.judge.shipped import is_shipped, shipped_file
from mmscn.source import Source, Span


def units(text: str) -> int:
    """How many UTF-16 units a text has."""
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF)


def position(source: Source, offset: int) -> lsp.Position:
    """Of an offset; of one behind the text, the text's end."""
    offset = max(0, min(offset, len(source.text)))
    line, column = source.position(offset)
    start = offset - (column - 1)
    return lsp.Position(line - 1, units(source.text[start:offset]))


def offset(source: Source, at: lsp.Position) -> int:
    """Of a position; of one behind the end of its line, that end."""
    if at.line >= len(source.line_starts):
        return len(source.text)
    left = at.character
    start = source.line_starts[at.line]
    for n, c in enumerate(source.line(at.line + 1)):
        if left <= 0:
            return start + n
        left -= units(c)
    return start + len(source.line(at.line + 1))


def range_of(span: Span) -> lsp.Range:
    return lsp.Range(position(span.source, span.start), position(span.source, span.end))


def path_of(source: Source) -> Path:
    """The file of a text: a shipped module is named by its dotted name."""
    return shipped_file(source.name) if is_shipped(source.name) else Path(source.name).absolute()


def uri_of(source: Source) -> str:
    return path_of(source).as_uri()


def path_in(uri: str) -> Path | None:
    """The file of a URI, None for what is no file."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    text = unquote(parts.path)
    drive = len(text) > 2 and text[0] == "/" and text[2] == ":"  # /C:/race.mmscn
    return Path(text[1:] if drive else text)


def location(span: Span) -> lsp.Location:
    return lsp.Location(uri_of(span.source), range_of(span))
