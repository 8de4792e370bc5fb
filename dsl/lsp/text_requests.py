"""What is asked about a whole text: its outline, colours, steps, and what may be written in it."""

from __future__ import annotations

from lsprotocol import types as lsp

from mmscn.lsp import colouring, completing, outline, places, stepping
from mmscn.lsp.server import Server
from mmscn.syntax.parse import parse


def answer(server: Server) -> None:
    @server.feature(
        lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=[".", " "])
    )
    def completion(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        text = server.open.get(params.text_document.uri)
        if text is None:
            return []
        at = places.offset(text.source, params.position)
        return completing.completions(text.source, at, text.last_good)

    @server.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def symbols(params: lsp.DocumentSymbolParams) -> list[lsp.DocumentSymbol]:
        text = server.open.get(params.text_document.uri)
        return [] if text is None else outline.outline(parse(text.source)[0])

    @server.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    def folding(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        text = server.open.get(params.text_document.uri)
        return [] if text is None else outline.folds(parse(text.source)[0], text.source)

    @server.feature(
        lsp.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL,
        lsp.SemanticTokensLegend(list(colouring.TYPES), list(colouring.MODIFIERS)),
    )
    def tokens(params: lsp.SemanticTokensParams) -> lsp.SemanticTokens:
        text = server.open.get(params.text_document.uri)
        if text is None:
            return lsp.SemanticTokens(data=[])
        return lsp.SemanticTokens(data=colouring.tokens(text.source, text.reading.index))

    @server.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def hints(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        text = server.open.get(params.text_document.uri)
        if text is None or text.reading.first is None:
            return []
        return [
            hint
            for hint in stepping.hints(text.reading.first, text.source)
            if params.range.start.line <= hint.position.line <= params.range.end.line
        ]
