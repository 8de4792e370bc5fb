"""A client of the language server, over its stdin and stdout, as an editor is one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from threading import Thread
from typing import Any

from lsprotocol import types as lsp
from pygls.lsp.client import LanguageClient

SECONDS_MAX = 60


class Editor:
    """One that has a folder open. shown: the diagnostics of each file, as they come."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.client = LanguageClient("editor", "1")
        self.shown: dict[str, list[lsp.Diagnostic]] = {}
        self.pages: list[str] = []
        self.versions: dict[str, int] = {}
        self.news = asyncio.Event()

        @self.client.feature(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: lsp.PublishDiagnosticsParams) -> None:
            self.shown[params.uri] = list(params.diagnostics)
            self.news.set()

        @self.client.feature(lsp.WORKSPACE_CODE_LENS_REFRESH)
        def refresh(_: None) -> None:
            self.news.set()

        @self.client.feature(lsp.WINDOW_SHOW_DOCUMENT)
        def show(params: lsp.ShowDocumentParams) -> lsp.ShowDocumentResult:
            self.pages.append(params.uri)
            return lsp.ShowDocumentResult(success=True)

    async def start(self) -> lsp.InitializeResult:
        await self.client.start_io(sys.executable, "-m", "mmscn", "lsp")
        uri = self.folder.as_uri()
        code_lens = lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True)
        result = await self.client.initialize_async(
            lsp.InitializeParams(
                capabilities=lsp.ClientCapabilities(
                    workspace=lsp.WorkspaceClientCapabilities(code_lens=code_lens)
                ),
                workspace_folders=[lsp.WorkspaceFolder(uri, "folder")],
            )
        )
        self.client.initialized(lsp.InitializedParams())
        return result

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    async def open(self, name: str, text: str) -> list[lsp.Diagnostic]:
        """Opens a file with a text; gives the diagnostics that come of it."""
        self.versions[name] = 1
        item = lsp.TextDocumentItem(self.uri(name), "mmscn", 1, text)
        self.shown.pop(self.uri(name), None)
        self.client.text_document_did_open(lsp.DidOpenTextDocumentParams(item))
        return await self.diagnostics(name)

    async def change(self, name: str, text: str) -> list[lsp.Diagnostic]:
        """Replaces the whole text of a file that is open."""
        self.versions[name] += 1
        self.shown.pop(self.uri(name), None)
        self.client.text_document_did_change(
            lsp.DidChangeTextDocumentParams(
                lsp.VersionedTextDocumentIdentifier(self.versions[name], self.uri(name)),
                [lsp.TextDocumentContentChangeWholeDocument(text)],
            )
        )
        return await self.diagnostics(name)

    async def close_all(self) -> None:
        for name in self.versions:
            self.shown.pop(self.uri(name), None)
            self.client.text_document_did_close(lsp.DidCloseTextDocumentParams(self.document(name)))
            await self.diagnostics(name)
        self.versions.clear()
        self.pages.clear()

    async def diagnostics(self, name: str) -> list[lsp.Diagnostic]:
        await self.until(lambda: self.uri(name) in self.shown)
        return self.shown[self.uri(name)]

    async def until(self, condition: Callable[[], bool]) -> None:
        async def waiting() -> None:
            while not condition():
                self.news.clear()
                await self.news.wait()

        await asyncio.wait_for(waiting(), SECONDS_MAX)

    def document(self, name: str) -> lsp.TextDocumentIdentifier:
        return lsp.TextDocumentIdentifier(self.uri(name))


class Session:
    """An editor in a thread of its own, so that many tests ask one server."""

    def __init__(self, folder: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.editor = Editor(folder)
        self.wait(self.editor.start())

    def wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(2 * SECONDS_MAX)

    def __call__(self, work: Callable[[Editor], Coroutine[Any, Any, Any]]) -> Any:
        """What some work with the editor gives; the files that it opened are closed behind it."""
        try:
            return self.wait(work(self.editor))
        finally:
            self.wait(self.editor.close_all())

    def end(self) -> None:
        self.wait(self.editor.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


def place(text: str, mark: str, *, nth: int = 0) -> lsp.Position:
    """Where a piece of a text begins, its n-th occurrence from 0."""
    at = -1
    for _ in range(nth + 1):
        at = text.index(mark, at + 1)
    line = text.count("\n", 0, at)
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return lsp.Position(line, len(before.encode("utf-16-le")) // 2)
