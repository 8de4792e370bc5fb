"""Quick fixes: hints that say what to write, as edits."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types as lsp

from mmscn.diagnostics import Diagnostic, hint_of
from mmscn.lsp.places import position, range_of
from mmscn.source import Source, Span

MEANT = re.compile(r"did you mean `([^`]+)`\?")
IMPORT = re.compile(r"`import ([\w.]+)`")
WRITE = re.compile(r"^write `([^`]+)`$")
UNUSED = "MM601"
HEAD = re.compile(r"(?m)^[ \t]*(?:scenario|module)\b[^\n]*\n")
IMPORTS = re.compile(r"(?m)^[ \t]*import[ \t][^\n]*\n?")


def fixes(found: Diagnostic, source: Source) -> Iterator[tuple[str, lsp.TextEdit]]:
    """A title and an edit of the text for each thing that a diagnostic's hint says to do."""
    hint = hint_of(found) or ""
    span = found.span
    meant = MEANT.search(hint)
    if meant is not None:
        named = re.search(r"`([^`]+)`", found.message)
        wrong = narrowed(span, named[1]) if named else span
        yield f"Write `{meant[1]}`", lsp.TextEdit(range_of(wrong), meant[1])
    write = WRITE.match(hint)
    if write is not None and "\n" not in span.text and "..." not in write[1]:
        yield f"Write `{write[1]}`", lsp.TextEdit(range_of(span), write[1])
    module = IMPORT.search(hint)
    if module is not None:
        yield f"Import `{module[1]}`", import_of(module[1], source)
    if found.code == UNUSED and found.severity == "warning":
        lines = lsp.Range(
            lsp.Position(position(source, span.start).line, 0),
            lsp.Position(position(source, max(span.start, span.end - 1)).line + 1, 0),
        )
        if alone(span):
            yield "Remove it", lsp.TextEdit(lines, "")


def narrowed(span: Span, name: str) -> Span:
    """The name in a span, where it stands there."""
    place = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", span.text)
    if place is None:
        return span
    return Span(span.source, span.start + place.start(), span.start + place.end())


def alone(span: Span) -> bool:
    """Whether nothing else stands on the lines of a span but a comment."""
    text = span.source.text
    before = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    end = text.find("\n", span.end)
    behind = text[span.end : end if end >= 0 else len(text)].strip()
    return not before.strip() and (not behind or behind.startswith("//"))


def import_of(module: str, source: Source) -> lsp.TextEdit:
    """A line behind the last import, or behind the line that names the text."""
    imports = list(IMPORTS.finditer(source.text))
    head = imports[-1] if imports else HEAD.search(source.text)
    at = head.end() if head else 0
    lead = "" if at == 0 or source.text[at - 1] == "\n" else "\n"
    place = position(source, at)
    return lsp.TextEdit(lsp.Range(place, place), f"{lead}import {module}\n")
