"""The language server over stdin and stdout, asked what an editor asks."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from support.editor import Editor, Session, place

from mmscn.lsp import running
from mmscn.lsp.server import READINGS_MAX, Server

MODULE = """module own.refs "References"

each frame { var pins: 0..3 }

// Takes a reference.
proc pin(p) {
  source "mm/gup.c: try_grab_page() @ v6.1"
  p.pins += 1
}
"""
TEXT = """scenario pinned "\U0001f512 A pin that is taken twice"
import own.refs
param order = once | twice
machine x86 { cpus 2; frames 2 }
var slot: frame
mutex m
init { slot = frame 1 }
concurrent {
  thread a on cpu 0 {
    let page = slot
    call pin(page)
    if order == twice { call pin(page) }
  }
  thread b on cpu 1 {
    lock m { slot = frame 1 }
  }
}
finally "one pin" (frame 1).pins == 1
expect violated "one pin" when order == twice
expect holds otherwise
"""


@pytest.fixture(scope="module")
def in_editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("project")
    (folder / "own").mkdir()
    (folder / "own" / "refs.mmscn").write_text(MODULE)
    (folder / "pinned.mmscn").write_text(TEXT)
    session = Session(folder)
    yield session
    session.end()


def test_mistakes_are_told_where_they_are(in_editor: Session) -> None:
    async def work(editor: Editor) -> None:
        assert await editor.open("pinned.mmscn", TEXT) == []
        wrong = TEXT.replace("let page = slot", "let page = slott")
        (found,) = await editor.change("pinned.mmscn", wrong)
        assert found.code == "MM207"
        assert found.range.start == place(wrong, "slott")
        assert "did you mean `slot`?" in found.message
        assert await editor.change("pinned.mmscn", TEXT) == []
        found, *_ = await editor.change("pinned.mmscn", TEXT.replace("lock m {", "lock m }"))
        assert found.severity == lsp.DiagnosticSeverity.Error
        assert await editor.change("pinned.mmscn", TEXT) == []

    in_editor(work)


def test_what_is_wrong_under_another_combination_comes_later(in_editor: Session) -> None:
    text = TEXT.replace("if order == twice {", "if order == twice { assert slot.nothing\n")

    async def work(editor: Editor) -> None:
        await editor.open("pinned.mmscn", text)
        await editor.until(lambda: bool(editor.shown.get(editor.uri("pinned.mmscn"))))
        (found,) = editor.shown[editor.uri("pinned.mmscn")]
        assert found.code == "MM208"

    in_editor(work)


def test_names(in_editor: Session) -> None:
    async def work(editor: Editor) -> None:
        await editor.open("pinned.mmscn", TEXT)
        document = editor.document("pinned.mmscn")

        async def hover(mark: str, nth: int = 0) -> str:
            at = place(TEXT, mark, nth=nth)
            found = await editor.client.text_document_hover_async(lsp.HoverParams(document, at))
            assert found is not None, mark
            assert isinstance(found.contents, lsp.MarkupContent)
            return found.contents.value

        said = await hover("pin(page)")
        assert "proc pin(p)" in said
        assert "Takes a reference." in said
        assert "mm/gup.c: try_grab_page() @ v6.1" in said
        assert "param order = once | twice" in await hover("order", 1)
        assert "var pins: 0..3" in await hover("pins")
        assert "makes the declarations of a module known" in await hover("import")
        assert "let page = slot" in await hover("page", 1)

        where = await editor.client.text_document_definition_async(
            lsp.DefinitionParams(document, place(TEXT, "pin(page)"))
        )
        assert isinstance(where, list)
        (target,) = where
        assert isinstance(target, lsp.Location)
        assert target.uri == editor.uri("own/refs.mmscn")
        assert target.range.start == place(MODULE, "pin(p)")

        used = await editor.client.text_document_references_async(
            lsp.ReferenceParams(lsp.ReferenceContext(True), document, place(TEXT, "slot"))
        )
        assert [found.range.start for found in used or ()] == [
            place(TEXT, "slot", nth=n) for n in range(4)
        ]

    in_editor(work)


def test_a_name_is_changed_wherever_it_is_meant(in_editor: Session) -> None:
    async def work(editor: Editor) -> None:
        await editor.open("pinned.mmscn", TEXT)
        document = editor.document("pinned.mmscn")
        edit = await editor.client.text_document_rename_async(
            lsp.RenameParams(document, place(TEXT, "pins"), "pin_count")
        )
        assert edit is not None
        assert edit.changes is not None
        changed = {uri: [e.range.start for e in edits] for uri, edits in edit.changes.items()}
        assert changed == {
            editor.uri("pinned.mmscn"): [place(TEXT, "pins")],
            editor.uri("own/refs.mmscn"): [place(MODULE, "pins"), place(MODULE, "pins", nth=1)],
        }
        for mark, name, why in [
            ("x86", "arm", "is not yours to rename"),
            ("slot", "thread", "is no name"),
            ("cpus", "other", "there is no name here"),
        ]:
            with pytest.raises(Exception, match=why):
                await editor.client.text_document_rename_async(
                    lsp.RenameParams(document, place(TEXT, mark), name)
                )

    in_editor(work)


COMPLETED = {
    # the text in front of the place, what is among the words, what is not
    "  call p": ({"pin"}, {"slot", "let"}),
    "  lock ": ({"m"}, {"slot"}),
    "  if order == ": ({"once", "twice"}, set()),
    "  page.": ({"pins", "number"}, {"let"}),
    "  l": ({"let", "page", "slot"}, set()),
    "  // call ": (set(), {"pin", "let"}),
    '  assert true "l': (set(), {"let"}),
}


def test_completion(in_editor: Session) -> None:
    async def work(editor: Editor) -> None:
        await editor.open("pinned.mmscn", TEXT)
        behind = place(TEXT, "    call pin(page)")
        for line, (among, absent) in COMPLETED.items():
            lines = TEXT.split("\n")
            lines.insert(behind.line, line)
            await editor.change("pinned.mmscn", "\n".join(lines))
            found = await editor.client.text_document_completion_async(
                lsp.CompletionParams(
                    editor.document("pinned.mmscn"), lsp.Position(behind.line, len(line))
                )
            )
            assert isinstance(found, list)
            labels = {item.label for item in found}
            assert among <= labels, line
            assert not absent & labels, line
        found = await editor.client.text_document_completion_async(
            lsp.CompletionParams(editor.document("pinned.mmscn"), lsp.Position(1, 7))
        )
        assert isinstance(found, list)
        assert {"own.refs", "linux.zap"} <= {item.label for item in found}

    in_editor(work)


def test_a_whole_text(in_editor: Session) -> None:
    async def work(editor: Editor) -> None:
        await editor.open("pinned.mmscn", TEXT)
        document = editor.document("pinned.mmscn")
        symbols = await editor.client.text_document_document_symbol_async(
            lsp.DocumentSymbolParams(document)
        )
        assert [s.name for s in symbols or ()] == ["pinned", "order", "slot", "m", "a", "b"]
        folds = await editor.client.text_document_folding_range_async(
            lsp.FoldingRangeParams(document)
        )
        assert (7, 16) in {(f.start_line, f.end_line) for f in folds or ()}
        tokens = await editor.client.text_document_semantic_tokens_full_async(
            lsp.SemanticTokensParams(document)
        )
        assert tokens is not None
        assert coloured(TEXT, list(tokens.data))["pin"] == "function"
        assert coloured(TEXT, list(tokens.data))["twice"] == "enumMember"
        assert coloured(TEXT, list(tokens.data))["let"] == "keyword"
        whole = lsp.Range(lsp.Position(0, 0), lsp.Position(30, 0))
        hints = await editor.client.text_document_inlay_hint_async(
            lsp.InlayHintParams(document, whole)
        )
        marked = {(h.position.line, h.label) for h in hints or ()}
        assert (place(TEXT, "let page").line, "\u250a") in marked
        assert (place(TEXT, "call pin").line, "\u250a") in marked
        assert not [line for line, _ in marked if line < 8]
        messy = TEXT.replace("  thread b", "       thread   b")
        await editor.change("pinned.mmscn", messy)
        edits = await editor.client.text_document_formatting_async(
            lsp.DocumentFormattingParams(document, lsp.FormattingOptions(2, True))
        )
        assert [e.new_text for e in edits or ()] == [TEXT]

    in_editor(work)


def coloured(text: str, data: list[int]) -> dict[str, str]:
    """The kind of each word that has a colour, the last one's."""
    from mmscn.lsp.colouring import TYPES

    lines, line, column, found = text.split("\n"), 0, 0, {}
    for n in range(0, len(data), 5):
        down, right, length, kind, _ = data[n : n + 5]
        line, column = line + down, right if down else column + right
        units = lines[line].encode("utf-16-le")
        word = units[2 * column : 2 * (column + length)].decode("utf-16-le")
        found[word] = TYPES[kind]
    return found


FIXES = {
    # what is written wrong: what is there instead, and what a quick fix makes of it
    "let page = slot": ("let page = slott", "Write `slot`", "let page = slot"),
    "machine x86 {": (
        "var nobody: bool\nmachine x86 {", "Remove it", "machine x86 {",
    ),
    "thread b on cpu 1 {": (
        "thread b on cpu 1 {\n    call madvise_dontneed(slot)",
        "Import `linux.vma`",
        "import own.refs\nimport linux.vma\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("right", FIXES)
def test_a_quick_fix_does_what_the_hint_says(in_editor: Session, right: str) -> None:
    wrong, title, wanted = FIXES[right]
    text = TEXT.replace(right, wrong)

    async def work(editor: Editor) -> None:
        found = await editor.open("pinned.mmscn", text)
        assert found
        actions = await editor.client.text_document_code_action_async(
            lsp.CodeActionParams(
                editor.document("pinned.mmscn"), found[0].range, lsp.CodeActionContext(found)
            )
        )
        (action,) = [a for a in actions or () if a.title == title]
        assert isinstance(action, lsp.CodeAction)
        assert action.edit is not None
        assert action.edit.changes is not None
        (edit,) = action.edit.changes[editor.uri("pinned.mmscn")]
        assert wanted in applied(text, edit)

    in_editor(work)


def applied(text: str, edit: lsp.TextEdit | Any) -> str:
    lines = text.split("\n")

    def at(position: lsp.Position) -> int:
        return sum(len(line) + 1 for line in lines[: position.line]) + position.character

    return text[: at(edit.range.start)] + edit.new_text + text[at(edit.range.end) :]


def test_the_lens_says_what_a_text_comes_to(in_editor: Session) -> None:
    async def work(editor: Editor) -> None:
        await editor.open("pinned.mmscn", TEXT)
        uri = editor.uri("pinned.mmscn")
        run = lsp.ExecuteCommandParams("mmscn.run", [uri])
        said = await editor.client.workspace_execute_command_async(run)
        assert said == "2 of 2 as expected: HOLDS 1, VIOLATED 1"
        lenses = await editor.client.text_document_code_lens_async(
            lsp.CodeLensParams(editor.document("pinned.mmscn"))
        )
        titles = [lens.command.title for lens in lenses or () if lens.command is not None]
        assert titles == [f"run: {said}", "step through it"]
        page = lsp.ExecuteCommandParams("mmscn.page", [uri])
        await editor.client.workspace_execute_command_async(page)
        (shown,) = editor.pages
        assert "pinned" in Path(shown.removeprefix("file://")).read_text()

        unexpected = TEXT.replace('expect violated "one pin" when order == twice\n', "")
        await editor.change("pinned.mmscn", unexpected)
        await editor.client.workspace_execute_command_async(run)
        (found,) = editor.shown[uri]
        assert found.message == "VIOLATED one pin with order=twice"
        assert found.range.start.line == place(unexpected, "finally").line

    in_editor(work)


def test_a_file_in_a_folder_that_there_is_not_is_run_all_the_same(in_editor: Session) -> None:
    async def work(editor: Editor) -> None:
        await editor.open("not/there/yet.mmscn", TEXT)
        run = lsp.ExecuteCommandParams("mmscn.run", [editor.uri("not/there/yet.mmscn")])
        said = await editor.client.workspace_execute_command_async(run)
        assert said == "2 of 2 as expected: HOLDS 1, VIOLATED 1"

    in_editor(work)


def test_a_run_that_takes_too_long_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SECONDS_MAX", 0.05)
    found = asyncio.run(running.verdicts(TEXT, tmp_path))
    assert found.said == running.TOO_LONG


def test_a_text_of_anything_is_answered(in_editor: Session) -> None:
    texts = ["", "\x00", "scenario", "}{", '"', "module own.refs\n", "scenario s\nimport nowhere\n"]

    async def work(editor: Editor) -> None:
        await editor.open("pinned.mmscn", TEXT)
        document = editor.document("pinned.mmscn")
        for text in texts:
            await editor.change("pinned.mmscn", text)
            at = lsp.Position(0, 3)
            await editor.client.text_document_hover_async(lsp.HoverParams(document, at))
            await editor.client.text_document_completion_async(lsp.CompletionParams(document, at))
            await editor.client.text_document_document_symbol_async(
                lsp.DocumentSymbolParams(document)
            )
            await editor.client.text_document_folding_range_async(lsp.FoldingRangeParams(document))
            await editor.client.text_document_semantic_tokens_full_async(
                lsp.SemanticTokensParams(document)
            )
            await editor.client.text_document_code_lens_async(lsp.CodeLensParams(document))
            await editor.client.text_document_formatting_async(
                lsp.DocumentFormattingParams(document, lsp.FormattingOptions(2, True))
            )

    in_editor(work)


def test_without_its_extra_the_command_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['pygls'] = None; sys.argv = ['mmscn', 'lsp'];"
        "from mmscn.cli.cli import main; sys.exit(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install 'mmscn[lsp]'" in done.stderr


def test_the_server_ends_when_the_editor_says_so() -> None:
    messages = [
        {"id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}},
        {"id": 2, "method": "shutdown"},
        {"method": "exit"},
    ]
    bodies = (json.dumps({"jsonrpc": "2.0", **m}).encode() for m in messages)
    said = b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)
    command = [sys.executable, "-m", "mmscn", "lsp"]
    found = subprocess.run(command, input=said, capture_output=True, timeout=60)
    assert (found.returncode, found.stderr) == (0, b"")


def test_what_readings_leave_behind_is_collected_when_nobody_waits() -> None:
    class Left:
        """Something that refers to itself."""

    async def tidied() -> bool:
        server = Server()
        server.readings_left = 1
        left = Left()
        vars(left)["own"] = left
        gone = weakref.ref(left)
        del left
        server.tidy_later()
        assert gone() is not None
        assert server.tidying is not None
        await server.tidying
        return gone() is None and server.readings_left == READINGS_MAX

    gc.disable()
    gc.freeze()  # what other tests left is not looked at
    try:
        assert asyncio.run(tidied())
    finally:
        gc.enable()
