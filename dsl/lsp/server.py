"""The server: what the protocol asks for, answered from readings of the texts that are open."""

from __future__ import annotations

import asyncio
import gc
import re
from collections.abc import Iterator
from pathlib import Path

from attrs import define
from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer

from mmscn import __version__
from mmscn.diagnostics import Diagnostic, hint_of
from mmscn.judge.shipped import scenario_files
from mmscn.lsp import places, running
from mmscn.lsp.reading import Reading, find_beside
from mmscn.lsp.symbols import Symbol
from mmscn.source import Source, Span

IDLE_S = 0.3
"""After so long without a change, what readings have left behind is collected."""
READINGS_MAX = 20
"""At the latest, it is collected after so many."""
OBJECTS_MAX = 1_000_000
"""After so many that are kept, it is collected wherever that is."""
FILES_MAX = 200
"""Of a workspace that are read for the uses of a name."""
SEVERITY = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
}


@define
class Open:
    """A text that is open. reading: of it as it stands. last_good: the last in which names meant
    something. verdict: what came of running it, None where it was changed since.
    """

    uri: str
    reading: Reading
    last_good: Reading | None = None
    verdict: running.Verdict | None = None
    later: asyncio.Task[None] | None = None
    run: asyncio.Task[None] | None = None

    @property
    def source(self) -> Source:
        return self.reading.source


class Server(LanguageServer):
    """open: the texts by their URIs."""

    def __init__(self) -> None:
        super().__init__("mmscn", __version__)
        self.open: dict[str, Open] = {}
        self.readings_left = READINGS_MAX
        self.tidying: asyncio.Task[None] | None = None

    def folder(self, uri: str) -> Path:
        """The nearest folder around a file that there is."""
        path = places.path_in(uri)
        around = [] if path is None else [folder for folder in path.parents if folder.is_dir()]
        return around[0] if around else Path.cwd()

    def open_text(self, path: Path) -> str | None:
        """The text of a file as it stands in the editor."""
        found = self.open.get(path.absolute().as_uri())
        return None if found is None else found.source.text

    # ---- reading ----------------------------------------------------------------------

    def read(self, uri: str) -> None:
        """A text has changed: it is read, under one combination now and the others later."""
        text = self.workspace.get_text_document(uri).source
        path = places.path_in(uri)
        source = Source(str(path) if path is not None else uri, text)
        reading = Reading(source, find_beside(path, self.open_text))
        before = self.open.get(uri)
        now = Open(uri, reading, before.last_good if before else None)
        if before is not None:
            for task in (before.later, before.run):
                if task is not None:
                    task.cancel()
        self.open[uri] = now
        if reading.unit is not None:
            now.last_good = reading
        reading.look_at(0)
        self.publish(now)
        if len(reading.values) > 1:
            now.later = asyncio.get_running_loop().create_task(self.look_at_others(now))
        self.tidy_later()

    def tidy_later(self) -> None:
        """Collecting takes as long as a reading or two, so it waits until nobody does."""
        if self.tidying is not None:
            self.tidying.cancel()
        self.readings_left -= 1
        self.tidying = asyncio.get_running_loop().create_task(
            self.tidy(IDLE_S if self.readings_left > 0 else 0.0)
        )

    async def tidy(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        self.readings_left = READINGS_MAX
        gc.collect()

    async def look_at_others(self, text: Open) -> None:
        for number in range(1, len(text.reading.values)):
            await asyncio.sleep(0.01)
            if text.reading.look_at(number):
                self.publish(text)

    def publish(self, text: Open) -> None:
        found = [diagnostic(d, text.source) for d in text.reading.problems]
        if text.reading.limit is not None:
            found.append(at_first(f"undecided: {text.reading.limit}"))
        if text.verdict is not None:
            found += [unexpected(text.source, line, said) for line, said in text.verdict.unexpected]
        self.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=text.uri, diagnostics=found)
        )

    # ---- running ----------------------------------------------------------------------

    def begin_run(self, uri: str) -> None:
        text = self.open.get(uri)
        if text is None or not text.reading.is_scenario or text.run is not None:
            return
        text.run = asyncio.get_running_loop().create_task(self.run_text(text))

    async def run_text(self, text: Open) -> None:
        text.verdict = await running.verdicts(text.source.text, self.folder(text.uri))
        self.publish(text)
        capabilities = self.client_capabilities.workspace
        lenses = capabilities.code_lens if capabilities is not None else None
        if lenses is not None and lenses.refresh_support:
            await self.workspace_code_lens_refresh_async(None)

    # ---- names ------------------------------------------------------------------------

    def symbol_at(self, uri: str, at: lsp.Position) -> tuple[Open, Span, Symbol] | None:
        text = self.open.get(uri)
        if text is None or text.last_good is None:
            return None
        use = text.last_good.index.at(text.last_good.source, places.offset(text.source, at))
        return None if use is None else (text, use.span, use.symbol)

    def readings(self, name: str) -> Iterator[Reading]:
        """Those of open texts, and of scenarios of the workspace in which a name stands."""
        seen = set()
        for text in self.open.values():
            if text.last_good is not None:
                seen.add(Path(text.source.name))
                yield text.last_good
        word = re.compile(rf"\b{re.escape(name)}\b")
        for folder in list((self.workspace.folders or {}).values()):
            path = places.path_in(folder.uri)
            if path is None or not path.is_dir():
                continue
            for file in scenario_files(path)[:FILES_MAX]:
                content = file.read_text("utf-8", "replace")
                if file not in seen and word.search(content):
                    reading = Reading(Source(str(file), content), find_beside(file, self.open_text))
                    if reading.unit is not None:
                        yield reading

    def places_of(self, symbol: Symbol) -> list[Span]:
        """All places that mean a symbol, in every text that is known."""
        found: dict[tuple[str, int], Span] = {}
        for reading in self.readings(symbol.name):
            for span in reading.index.of(symbol):
                found[places.uri_of(span.source), span.start] = span
        return [found[key] for key in sorted(found)]


def diagnostic(d: Diagnostic, own: Source) -> lsp.Diagnostic:
    """One of the text; of another text at the text's first line, with its place in it."""
    hint = hint_of(d)
    message = d.message if hint is None else f"{d.message}\n{hint}"
    related = [
        lsp.DiagnosticRelatedInformation(places.location(label.span), label.text)
        for label in d.labels
    ]
    span = d.span
    if span.source.name != own.name:
        related.append(lsp.DiagnosticRelatedInformation(places.location(span), d.message))
        message = f"{span}: {message}"
        span = Span(own, 0, 0)
    return lsp.Diagnostic(
        range=places.range_of(span),
        message=message,
        severity=SEVERITY[d.severity],
        code=d.code,
        source="mmscn",
        related_information=related or None,
    )


def at_first(message: str) -> lsp.Diagnostic:
    first = lsp.Range(lsp.Position(0, 0), lsp.Position(0, 1))
    return lsp.Diagnostic(
        range=first, message=message, severity=lsp.DiagnosticSeverity.Warning, source="mmscn"
    )


def unexpected(source: Source, line: int, said: str) -> lsp.Diagnostic:
    """At the line of what is violated, and is not expected to be."""
    start = source.line_starts[line - 1]
    text = source.line(line)
    span = Span(source, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))
    return lsp.Diagnostic(
        range=places.range_of(span),
        message=said,
        severity=lsp.DiagnosticSeverity.Information,
        source="mmscn run",
    )


def make() -> Server:
    """A server with all that it answers."""
    from mmscn.lsp import action_requests, name_requests, text_requests

    server = Server()
    gc.set_threshold(OBJECTS_MAX, 50, 50)

    @server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    async def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        server.read(params.text_document.uri)
        server.begin_run(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        server.read(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        server.begin_run(params.text_document.uri)

    @server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    async def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        text = server.open.pop(params.text_document.uri, None)
        for task in (text.later, text.run) if text is not None else ():
            if task is not None:
                task.cancel()
        server.text_document_publish_diagnostics(
            lsp.PublishDiagnosticsParams(uri=params.text_document.uri, diagnostics=[])
        )

    for requests in (name_requests, text_requests, action_requests):
        requests.answer(server)
    return server
