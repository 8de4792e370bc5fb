"""What changes a text or runs it: layout, quick fixes, verdicts."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from lsprotocol import types as lsp

from mmscn.diagnostics import Rejected
from mmscn.lsp import fixing, places, running
from mmscn.lsp.server import Server, diagnostic
from mmscn.source import Span
from mmscn.syntax.format import formatted


def answer(server: Server) -> None:
    editing(server)
    verdicts(server)


def editing(server: Server) -> None:
    """The layout of a text, and what its messages say to write."""

    @server.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def formatting(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        text = server.open.get(params.text_document.uri)
        if text is None:
            return []
        try:
            after = formatted(text.source)
        except Rejected:
            return []  # what is wrong is shown already
        if after == text.source.text:
            return []
        whole = Span(text.source, 0, len(text.source.text))
        return [lsp.TextEdit(places.range_of(whole), after)]

    @server.feature(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix]),
    )
    def quick_fixes(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        text = server.open.get(params.text_document.uri)
        if text is None:
            return []
        found = []
        for d in text.reading.problems:
            shown = diagnostic(d, text.source)
            if d.span.source.name != text.source.name or not meet(shown.range, params.range):
                continue
            for title, edit in fixing.fixes(d, text.source):
                found.append(
                    lsp.CodeAction(
                        title=title,
                        kind=lsp.CodeActionKind.QuickFix,
                        diagnostics=[shown],
                        edit=lsp.WorkspaceEdit(changes={text.uri: [edit]}),
                    )
                )
        return found


def verdicts(server: Server) -> None:
    """What a text comes to, and the page that steps through it."""

    @server.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    def lenses(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        text = server.open.get(params.text_document.uri)
        head = None
        if text is not None and text.reading.is_scenario:
            head = re.search(r"(?m)^[ \t]*scenario\b", text.source.text)
        if text is None or head is None:
            return []
        at = places.range_of(Span(text.source, head.start(), head.end()))
        said = "run" if text.verdict is None else f"run: {text.verdict.said}"
        return [
            lsp.CodeLens(at, lsp.Command(said, "mmscn.run", arguments=[text.uri])),
            lsp.CodeLens(at, lsp.Command("step through it", "mmscn.page", arguments=[text.uri])),
        ]

    @server.command("mmscn.run")
    async def run(uri: str) -> str:
        text = server.open.get(uri)
        if text is None:
            return "the text is not open"
        if text.run is not None and text.verdict is not None:
            text.run = None
        server.begin_run(uri)
        if text.run is not None:
            await text.run
        return "" if text.verdict is None else text.verdict.said

    @server.command("mmscn.page")
    async def page(uri: str) -> str:
        text = server.open.get(uri)
        if text is None:
            return ""
        stem = re.sub(r"\W", "_", Path(text.source.name).stem)
        file = Path(tempfile.mkdtemp(prefix="mmscn-"), f"{stem}.html")
        problem = await running.page(text.source.text, server.folder(uri), file)
        if problem is not None:
            server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Error, problem))
            return ""
        await server.window_show_document_async(
            lsp.ShowDocumentParams(uri=file.as_uri(), external=True)
        )
        return file.as_uri()


def meet(one: lsp.Range, other: lsp.Range) -> bool:
    """Whether two ranges touch."""
    return (one.start.line, one.start.character) <= (other.end.line, other.end.character) and (
        other.start.line, other.start.character
    ) <= (one.end.line, one.end.character)  # fmt: skip
