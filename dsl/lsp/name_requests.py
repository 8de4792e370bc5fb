"""What is asked about one name: what it is, where it is declared and used, another name for it."""

from __future__ import annotations

import re

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams

from mmscn.grammar.vocabulary import VOCABULARY
from mmscn.judge.shipped import is_shipped
from mmscn.lsp import places, telling
from mmscn.lsp.server import Open, Server
from mmscn.lsp.symbols import Symbol
from mmscn.source import Span

NAME = re.compile(r"[A-Za-z_]\w*$")


def answer(server: Server) -> None:
    hovering(server)
    navigating(server)
    renaming(server)


def hovering(server: Server) -> None:
    """What is said of the name or word at a place."""

    @server.feature(lsp.TEXT_DOCUMENT_HOVER)
    def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        found = server.symbol_at(params.text_document.uri, params.position)
        if found is not None:
            text, span, symbol = found
            assert text.last_good is not None
            said = telling.of_symbol(symbol, text.last_good.unit)
        else:
            open_ = server.open.get(params.text_document.uri)
            word = None
            if open_ is not None:
                at = places.offset(open_.source, params.position)
                word = telling.of_word(open_.source, at)
            if word is None:
                return None
            span, said = word
        markdown = lsp.MarkupContent(lsp.MarkupKind.Markdown, said)
        return lsp.Hover(markdown, places.range_of(span))


def navigating(server: Server) -> None:
    """Where a name is declared, and where it is used."""

    @server.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        found = server.symbol_at(params.text_document.uri, params.position)
        if found is None:
            return []
        text, _, symbol = found
        assert text.last_good is not None
        unit = text.last_good.unit
        if symbol.kind == "procedure" and unit is not None:
            variants = unit.procs.get(symbol.name, [])
            bodies = [p.span for p in variants]
            symbols = [s for s in text.last_good.index.symbols if s.whole in bodies]
            return [places.location(s.span) for s in symbols if s.kind == "procedure"]
        return [places.location(symbol.span)]

    @server.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    def references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        found = server.symbol_at(params.text_document.uri, params.position)
        if found is None:
            return []
        declared = params.context.include_declaration
        symbol = found[2]
        return [
            places.location(span)
            for span in server.places_of(symbol)
            if declared or (span.source.name, span.start) != symbol.key
        ]

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlight(params: lsp.DocumentHighlightParams) -> list[lsp.DocumentHighlight]:
        found = server.symbol_at(params.text_document.uri, params.position)
        if found is None:
            return []
        text, _, symbol = found
        assert text.last_good is not None
        spans = text.last_good.index.of(symbol)
        own = [span for span in spans if span.source is text.last_good.source]
        return [lsp.DocumentHighlight(places.range_of(span)) for span in own]


def renaming(server: Server) -> None:
    """Another name, in every text that means the same by it."""

    @server.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare_rename(params: lsp.PrepareRenameParams) -> lsp.Range:
        return places.range_of(renamable(server, params.text_document.uri, params.position)[1])

    @server.feature(lsp.TEXT_DOCUMENT_RENAME, lsp.RenameOptions(prepare_provider=True))
    def rename(params: lsp.RenameParams) -> lsp.WorkspaceEdit:
        _, _, symbol = renamable(server, params.text_document.uri, params.position)
        if not NAME.match(params.new_name) or params.new_name in VOCABULARY:
            raise JsonRpcInvalidParams(f"`{params.new_name}` is no name")
        edits: dict[str, list[lsp.TextEdit]] = {}
        for span in server.places_of(symbol):
            edit = lsp.TextEdit(places.range_of(span), params.new_name)
            edits.setdefault(places.uri_of(span.source), []).append(edit)
        return lsp.WorkspaceEdit(changes=edits)


def renamable(server: Server, uri: str, at: lsp.Position) -> tuple[Open, Span, Symbol]:
    found = server.symbol_at(uri, at)
    if found is None:
        raise JsonRpcInvalidParams("there is no name here")
    text, _, symbol = found
    if symbol.kind == "module" or is_shipped(symbol.span.source.name):
        raise JsonRpcInvalidParams(f"`{symbol.name}` is not yours to rename")
    if text.last_good is not text.reading:
        raise JsonRpcInvalidParams("the text has errors; mend them first")
    return found
